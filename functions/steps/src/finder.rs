//! Looking for a number that a person named: who carries it, and whether VAPI has it.

use crate::effects::read;
use crate::scout;
use domain::outcome::{NoReason, Outcome};
use domain::phone::E164;
use domain::source::Passed;
use domain::vapi::NumberProvider;
use domain::work::Found;
use exchange::reading::done;
use runtime::providers::{CallPolicy, NotReached};
use runtime::{Deps, World};

/// How a part of the look ends that ends it all.
type Ended = Outcome<Found, Passed>;

/// Looks who carries the number: Telnyx, or VAPI itself.
pub(crate) async fn find<W: World>(deps: &Deps<W>, policy: CallPolicy, digits: &E164) -> Ended {
    match look(deps, policy, digits).await {
        Ok(found) => Outcome::Done(found),
        Err(ended) => ended,
    }
}

async fn look<W: World>(deps: &Deps<W>, policy: CallPolicy, digits: &E164) -> Result<Found, Ended> {
    let vapi = deps.vapi_client(policy).await.map_err(NotReached::outcome)?;
    let record = done(vapi.find_number_by_digits(digits).await).map_err(plain)?;
    if let Some(record) = record.clone().filter(|one| one.provider == NumberProvider::Vapi) {
        let allowance = done(read(deps.store.allowance().await, "allowance")).map_err(plain)?;
        return Ok(Found::AtVapi { record, allowance });
    }
    let telnyx = match deps.telnyx_client(policy).await {
        Ok(telnyx) => telnyx,
        Err(NotReached::NotConfigured) => return Ok(Found::Nowhere),
        Err(unreadable @ NotReached::SecretUnreadable(_)) => return Err(unreadable.outcome()),
    };
    let Some(owned) = done(telnyx.find_owned(digits).await).map_err(plain)? else {
        return Ok(Found::Nowhere);
    };
    let (credential, connection) = scout::routing(deps, &vapi, &telnyx).await?;
    Ok(Found::AtTelnyx { owned, credential, connection, record })
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
