//! Invariant 10: a quarantined number goes to no other business early.

use super::{Checked, Violation};
use crate::mirror::Mirror;
use domain::number::State;

/// Numbers that have just left their rest.
pub fn check(mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.numbers {
        let (Some(State::Quarantined { former, until, .. }), Some(number)) =
            (before, mirror.numbers.get(id))
        else {
            continue;
        };
        let (early, whose) = match &number.state {
            State::Available { since } => (since < until, None),
            State::Reserved | State::Assigned { .. } => {
                let work = number.work.and_then(|work| mirror.works.get(&work));
                (true, work.map(|work| &work.business))
            }
            State::Acquiring
            | State::Quarantined { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted => (false, None),
        };
        if early && (whose.is_none() || whose != former.as_ref()) {
            return Err(Violation::of(10, format!("number {id} left its rest early")));
        }
    }
    Ok(())
}
