//! A business's number: given up, and taken back while it rests.

use crate::Request;
use crate::routes::start;
use crate::routes::whose;
use api::number::latest;
use api::starting::{RACES_MAX, Starting, pause};
use api::works::shown;
use api::{Answer, Problem, number};
use domain::ids::{BusinessId, OrganizationId};
use domain::number::{Number, State};
use runtime::World;

/// Takes a number off its business. Nobody answers on it from then on, and after its rest it may be
/// given to another.
pub(crate) async fn release<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    for race in 0..RACES_MAX {
        pause(request, race).await;
        let found = find(request, id).await?;
        if let Some(answer) = release_as(request, &found).await? {
            return Ok(answer);
        }
    }
    Err(Problem::Contended)
}

/// `None`: it has changed hands since it was read.
async fn release_as<W: World>(
    request: &Request<'_, W>,
    found: &Number,
) -> Result<Option<Answer>, Problem> {
    match &found.state {
        State::Assigned { business, assistant, .. } => {
            own(request, found, business).await?;
            let default_days = request.config.quarantine_days;
            number::release(request, found, *assistant, default_days).await
        }
        // Asked for twice, it is released once.
        State::Quarantined { former: Some(business), assistant: Some(assistant), .. } => {
            own(request, found, business).await?;
            let row = latest(request, *assistant).await?;
            Ok(Some(shown(request, &row)))
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
    request.must_not_be_frozen(number.id).await?;
    let defaults = request.config.defaults();
    let starting = Starting::reclaiming(request, defaults, &number, business.clone(), assistant)?;
    let row = starting.run().await?;
    if !row.work.brings(number.id) {
        return Err(Problem::HasAnotherNumber);
    }
    Ok(start::answered(request, &row))
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

/// How long a number of the organization rests, in days.
pub(crate) async fn rest_of<W: World>(
    request: &Request<'_, W>,
    organization: &OrganizationId,
) -> Result<u16, Problem> {
    number::rest_of(request, organization, request.config.quarantine_days).await
}
