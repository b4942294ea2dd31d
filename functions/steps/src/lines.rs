//! Reading a line back: VAPI, and the carrier where that is not VAPI.

use crate::effects::call;
use crate::{at_twilio, scout};
use domain::ids::{TelnyxNumberId, VapiNumberId};
use domain::outcome::{Missing, Outcome, Refusal};
use domain::telnyx::OwnedNumber;
use domain::work::{AtCarrier, CarrierReading, LineReading};
use runtime::providers::{CallPolicy, Telnyx};
use runtime::{Deps, World};

/// Reads a line back.
pub(crate) async fn read<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    id: &VapiNumberId,
    carrier: &AtCarrier,
) -> LineReading {
    let vapi = call!(deps.vapi_client(policy).await, read_number(id));
    let carrier = match carrier {
        AtCarrier::Nowhere => CarrierReading::Vapi,
        // What VAPI does not confirm is read again anyway: the carrier is not asked in vain.
        AtCarrier::Telnyx(_) | AtCarrier::Twilio(..) if !matches!(vapi, Outcome::Done(_)) => {
            UNREADABLE
        }
        AtCarrier::Telnyx(id) => at_telnyx(deps, policy, id).await,
        AtCarrier::Twilio(home, id) => at_twilio::read(deps, policy, home, id).await,
    };
    LineReading { vapi, carrier }
}

const UNREADABLE: CarrierReading = CarrierReading::Unreadable { retry_after: None };

async fn at_telnyx<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    id: &TelnyxNumberId,
) -> CarrierReading {
    let Ok(telnyx) = deps.telnyx_client(policy).await else { return UNREADABLE };
    match telnyx.read_owned(id).await {
        Outcome::Done(number) => routed(deps, policy, &telnyx, number).await,
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => CarrierReading::Missing,
        Outcome::Transient { retry_after } => CarrierReading::Unreadable { retry_after },
        Outcome::Refused(_) | Outcome::Unknown => UNREADABLE,
    }
}

/// Whether calls to the number reach VAPI and, if not, where it should be routed.
async fn routed<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    telnyx: &Telnyx<'_, W>,
    number: OwnedNumber,
) -> CarrierReading {
    let answers = match &number.connection {
        None => Outcome::Done(false),
        Some(connection) => deps.application_answers(telnyx, connection).await,
    };
    match answers {
        Outcome::Done(true) => CarrierReading::Telnyx { number, answers: true, target: None },
        Outcome::Done(false) => {
            let target = scout::application(deps, policy, telnyx).await;
            CarrierReading::Telnyx { number, answers: false, target }
        }
        Outcome::Transient { retry_after } => CarrierReading::Unreadable { retry_after },
        Outcome::Refused(_) | Outcome::Unknown => UNREADABLE,
    }
}
