//! A business's number: given up, and taken back while it rests.

use crate::Request;
use crate::routes::start;
use crate::routes::starting::Starting;
use crate::routes::whose;
use api::works::{ask, shown};
use api::{Answer, Problem};
use domain::ids::{AssistantId, BusinessId, NumberId, OrganizationId};
use domain::number::{Number, State};
use domain::work::Ask;
use runtime::World;
use store::WorkRow;

/// Takes a number off its business. Nobody answers on it from then on, and after its rest it may be
/// given to another.
pub(crate) async fn release<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    let number = find(request, id).await?;
    match &number.state {
        State::Assigned { business, assistant, .. } => {
            own(request, &number, business).await?;
            let row = latest(request, *assistant).await?;
            if row.is_being_released() {
                return Ok(shown(request, &row));
            }
            must_not_be_frozen(request, number.id).await?;
            let quarantine_days = rest_of(request, &number.organization).await?;
            ask(request, &row, Ask::Release { quarantine_days }).await
        }
        // Asked for twice, it is released once.
        State::Quarantined { former: Some(business), assistant: Some(assistant), .. } => {
            own(request, &number, business).await?;
            let row = latest(request, *assistant).await?;
            Ok(shown(request, &row))
        }
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => Err(Problem::NoSuchNumber),
    }
}

/// Takes a number back for the assistant that had it, while it rests.
pub(crate) async fn undo<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let number = find(request, id).await?;
    let (business, assistant) = match &number.state {
        State::Quarantined { former: Some(business), assistant: Some(assistant), .. } => {
            (business, *assistant)
        }
        State::Assigned { business, assistant, .. } => (business, *assistant),
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => return Err(Problem::NotResting),
    };
    own(request, &number, business).await?;
    must_not_be_frozen(request, number.id).await?;
    let starting = Starting::reclaiming(request, &number, business.clone(), assistant)?;
    let row = starting.run().await?;
    let its_own = row.work.request.reclaim == Some(number.id)
        || row.work.phase.number().is_some_and(|has| has.id == number.id);
    if !its_own {
        return Err(Problem::HasAnotherNumber);
    }
    Ok(start::answered(request, &row))
}

/// What may be about to leave to another carrier is not handed on.
pub(crate) async fn must_not_be_frozen<W: World>(
    request: &Request<'_, W>,
    id: NumberId,
) -> Result<(), Problem> {
    let port_outs = request.deps.store.port_outs(&[id]).await?;
    if port_outs.is_empty() { Ok(()) } else { Err(Problem::NumberFrozen) }
}

/// The number of that id, if it is of the caller's organization or the caller is an operator.
async fn find<W: World>(request: &Request<'_, W>, id: &str) -> Result<Number, Problem> {
    let id = id.parse().map_err(|_no_id| Problem::NoSuchNumber)?;
    request.deps.store.number(id).await?.ok_or(Problem::NoSuchNumber)
}

/// Another business's number does not exist, whoever asks; operators may have any.
async fn own<W: World>(
    request: &Request<'_, W>,
    number: &Number,
    business: &BusinessId,
) -> Result<(), Problem> {
    if request.caller.operator {
        return Ok(());
    }
    let (own_organization, own_business) = whose(request, None, None).await?;
    let same = number.organization == own_organization && *business == own_business;
    if same { Ok(()) } else { Err(Problem::NoSuchNumber) }
}

/// The assistant's latest provisioning.
async fn latest<W: World>(
    request: &Request<'_, W>,
    assistant: AssistantId,
) -> Result<WorkRow, Problem> {
    let store = &request.deps.store;
    let assistant = store.assistant(assistant).await?.ok_or(Problem::NoSuchNumber)?;
    store.work(assistant.work).await?.ok_or(Problem::NoSuchNumber)
}

/// How long a number of the organization rests, in days.
pub(crate) async fn rest_of<W: World>(
    request: &Request<'_, W>,
    organization: &OrganizationId,
) -> Result<u16, Problem> {
    let row = request.deps.store.organization(organization).await?;
    let own = row.and_then(|row| row.organization.quarantine_days);
    Ok(own.unwrap_or(request.config.quarantine_days))
}
