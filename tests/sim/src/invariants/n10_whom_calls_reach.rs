//! Invariant 10, as a caller meets it: an assistant of ours that answers a number is of the business
//! that has it, or of the one whose work is at it. A former customer's callers reach nobody else's.

use super::{Checked, View, Violation, whose_assistant};
use crate::mirror::Mirror;
use domain::ids::BusinessId;
use domain::number::{Number, State};
use simulators::CallReport;

/// A call to a number.
pub fn check(view: &View<'_>, dialled: &str, call: &CallReport) -> Checked {
    let Some(assistant) = call.assistant_id.as_deref() else { return Ok(()) };
    // Somebody linked it to an assistant that nobody here made.
    let Some((place, work, _)) = whose_assistant(view, assistant) else { return Ok(()) };
    let mirror = &view.mirrors[place];
    let answers = mirror.works.get(&work).and_then(|work| work.business());
    let is_dialled =
        |number: &&Number| number.digits.as_ref().is_some_and(|own| own.reveal() == dialled);
    let mut rows = mirror.numbers.values().filter(is_dialled);
    if rows.any(|number| answers.is_some() && has(mirror, number) == answers) {
        return Ok(());
    }
    let what = format!("who calls {dialled} reaches assistant {assistant} of {answers:?}");
    Err(Violation::of(10, what))
}

/// The business that has a number, or whose work is at it.
fn has<'a>(mirror: &'a Mirror, number: &'a Number) -> Option<&'a BusinessId> {
    match &number.state {
        State::Assigned { business, .. } => Some(business),
        State::Acquiring | State::Reserved => {
            number.work.and_then(|work| mirror.works.get(&work)).and_then(|work| work.business())
        }
        State::Available { .. }
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => None,
    }
}
