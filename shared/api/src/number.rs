//! A business's number: given up, and how long it rests then.

use crate::works::{ask, shown};
use crate::{Answer, Problem, Request};
use domain::ids::{AssistantId, NumberId, OrganizationId};
use domain::number::{Number, State};
use domain::work::Ask;
use runtime::World;
use store::WorkRow;

/// Takes a number off the assistant that has it, to rest as long as its organization wants. Asked for
/// twice, it is released once. `None`: it has changed hands since it was read, and is to be read again.
///
/// # Errors
/// A problem when it is frozen, or the table does not answer.
pub async fn release<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    number: &Number,
    assistant: AssistantId,
    default_days: u16,
) -> Result<Option<Answer>, Problem> {
    let row = latest(request, assistant).await?;
    // The assistant may have got another number meanwhile, which nobody asks for.
    if !has(&row, number.id) {
        return Ok(None);
    }
    if row.is_being_released() {
        return Ok(Some(shown(request, &row)));
    }
    request.must_not_be_frozen(number.id).await?;
    let quarantine_days = rest_of(request, &number.organization, default_days).await?;
    let release = Ask::Release { number: Some(number.id), quarantine_days };
    ask(request, &row, release).await.map(Some)
}

/// Whether this number is the assistant's by this provisioning, or is being taken off it.
fn has(row: &WorkRow, number: NumberId) -> bool {
    row.work.phase.number().is_some_and(|has| {
        let assigned = matches!(has.state, State::Assigned { .. });
        has.id == number && assigned
    })
}

/// The assistant's latest provisioning.
///
/// # Errors
/// [`Problem::NoSuchNumber`] when there is no such assistant any more, or the table does not answer.
pub async fn latest<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    assistant: AssistantId,
) -> Result<WorkRow, Problem> {
    let store = &request.deps.store;
    let assistant = store.assistant(assistant).await?.ok_or(Problem::NoSuchNumber)?;
    store.work(assistant.work).await?.ok_or(Problem::NoSuchNumber)
}

/// How long a number of the organization rests, in days.
///
/// # Errors
/// A problem when the table does not answer.
pub async fn rest_of<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    organization: &OrganizationId,
    default_days: u16,
) -> Result<u16, Problem> {
    let row = request.deps.store.organization(organization).await?;
    Ok(row.and_then(|row| row.organization.quarantine_days).unwrap_or(default_days))
}
