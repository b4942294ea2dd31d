//! Looking for a number that a person named: who carries it, and whether VAPI has it.

use crate::effects::read;
use crate::scout;
use domain::outcome::{NoReason, Outcome};
use domain::phone::E164;
use domain::source::Passed;
use domain::twilio::Owner;
use domain::vapi::NumberProvider;
use domain::work::Found;
use exchange::reading::done;
use runtime::providers::{CallPolicy, NotReached};
use runtime::{Deps, World};

/// How a part of the look ends that ends it all.
type Ended = Outcome<Found, Passed>;

/// Looks who carries the number: VAPI itself, Telnyx, or Twilio in the platform's account. One in an
/// organization's own account is that organization's to bring.
pub(crate) async fn find<W: World>(deps: &Deps<W>, policy: CallPolicy, digits: &E164) -> Ended {
    match look(deps, policy, digits).await {
        Ok(found) => Outcome::Done(found),
        Err(ended) => ended,
    }
}

async fn look<W: World>(deps: &Deps<W>, policy: CallPolicy, digits: &E164) -> Result<Found, Ended> {
    let vapi = deps.vapi_client(policy).await.map_err(NotReached::outcome)?;
    let record = match done(vapi.find_number_by_digits(digits).await).map_err(plain)? {
        // A list may lag: whose it is and who is linked is read by id.
        Some(listed) => done(vapi.read_if_there(&listed.id).await).map_err(plain)?,
        None => None,
    };
    if let Some(record) = record.clone().filter(|one| one.provider == NumberProvider::Vapi) {
        let allowance = done(read(deps.store.allowance().await, "allowance")).map_err(plain)?;
        return Ok(Found::AtVapi { record, allowance });
    }
    if let Some(telnyx) = there(deps.telnyx_client(policy).await).map_err(NotReached::outcome)?
        && let Some(owned) = done(telnyx.find_owned(digits).await).map_err(plain)?
    {
        let (credential, connection) = scout::routing(deps, &vapi, &telnyx).await?;
        return Ok(Found::AtTelnyx { owned, credential, connection, record });
    }
    if let Some(access) =
        there(deps.twilio_account(&Owner::Platform, policy).await).map_err(NotReached::outcome)?
        && let Some(owned) = done(access.client.find_owned(digits).await).map_err(plain)?
    {
        return Ok(Found::AtTwilio { home: access.home, owned: Box::new(owned), record });
    }
    Ok(Found::Nowhere)
}

/// A client, unless there is no key for it.
fn there<T>(client: Result<T, NotReached>) -> Result<Option<T>, NotReached> {
    match client {
        Ok(client) => Ok(Some(client)),
        Err(NotReached::NotConfigured) => Ok(None),
        Err(unreadable @ (NotReached::SecretUnreadable(_) | NotReached::SettingsUnreadable(_))) => {
            Err(unreadable)
        }
    }
}

/// The end of a call that knows no reason of its own, or was never answered.
fn plain(end: Outcome<Found, NoReason>) -> Ended {
    match end {
        Outcome::Refused(refusal) => {
            Outcome::Refused(scout::because(refusal, |never| match never {}))
        }
        Outcome::Transient { retry_after } => Outcome::Transient { retry_after },
        Outcome::Done(_) | Outcome::Unknown => Outcome::Unknown,
    }
}
