//! Whose account a key names: some numbers that we have there are read by id. If none of them is
//! found, the key is another account's, and all that its lists show means nothing.
//!
//! Nobody is asked at Twilio: there each number names its account, and of one that was not read to
//! its end nothing is missing.

use super::Run;
use super::read::STATES;
use crate::effects::call;
use domain::number::{Carrier, Number};
use domain::outcome::{Missing, Outcome, Refusal};
use runtime::World;
use store::StoreError;

/// Numbers asked for at each provider.
const WITNESSES: usize = 3;
/// Rows among which they are sought.
const ROWS: u16 = 50;

/// Whose account the keys name.
pub(super) enum Named {
    /// The one our numbers are in, as far as there are any.
    Ours,
    /// Another one at this provider.
    Another(&'static str),
    /// A provider does not answer.
    Unreadable,
}

/// What the witnesses of one provider say.
enum Heard {
    Found,
    NotFound,
    Unreadable,
}

pub(super) async fn named<W: World>(run: &Run<'_, W>) -> Result<Named, StoreError> {
    let mut numbers = Vec::new();
    // Also where all numbers rest.
    for state in STATES {
        let (found, _next) = run.deps.store.newest_numbers_in(state, ROWS, None).await?;
        numbers.extend(found);
    }
    for (provider, heard) in
        [("vapi", at_vapi(run, &numbers).await), ("telnyx", at_telnyx(run, &numbers).await)]
    {
        match heard {
            Heard::Found => {}
            Heard::NotFound => return Ok(Named::Another(provider)),
            Heard::Unreadable => return Ok(Named::Unreadable),
        }
    }
    Ok(Named::Ours)
}

async fn at_vapi<W: World>(run: &Run<'_, W>, numbers: &[Number]) -> Heard {
    let mut heard = Heard::Found;
    for id in numbers.iter().filter_map(|number| number.vapi.as_ref()).take(WITNESSES) {
        match heard_of(call!(run.deps.vapi_client(run.policy).await, read_number(id))) {
            Heard::NotFound => heard = Heard::NotFound,
            said @ (Heard::Found | Heard::Unreadable) => return said,
        }
    }
    heard
}

async fn at_telnyx<W: World>(run: &Run<'_, W>, numbers: &[Number]) -> Heard {
    let ids = numbers.iter().filter_map(|number| match &number.carrier {
        Carrier::Telnyx { id, .. } => id.as_ref(),
        Carrier::Vapi { .. } | Carrier::Twilio { .. } | Carrier::Unknown => None,
    });
    let mut heard = Heard::Found;
    for id in ids.take(WITNESSES) {
        match heard_of(call!(run.deps.telnyx_client(run.policy).await, read_owned(id))) {
            Heard::NotFound => heard = Heard::NotFound,
            said @ (Heard::Found | Heard::Unreadable) => return said,
        }
    }
    heard
}

fn heard_of<T>(read: Outcome<T, Missing>) -> Heard {
    match read {
        Outcome::Done(_) => Heard::Found,
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => Heard::NotFound,
        // Numbers at a provider whose key was taken away: nothing can be said of them.
        Outcome::Refused(Refusal::NotConfigured | Refusal::Key | Refusal::Request(_))
        | Outcome::Transient { .. }
        | Outcome::Unknown => Heard::Unreadable,
    }
}
