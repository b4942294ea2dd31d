//! Invariant 10: a quarantined number goes to no other business early.

use super::{Checked, Violation};
use crate::mirror::Mirror;
use domain::number::State;

/// Numbers that have just left their rest.
pub fn check(mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.numbers {
        let (Some(State::Quarantined { former, .. }), Some(number)) =
            (before, mirror.numbers.get(id))
        else {
            continue;
        };
        if let State::Assigned { business, since, .. } = &number.state
            && former.as_ref() != Some(business)
            && matches!(before, Some(State::Quarantined { until, .. }) if since < until)
        {
            return Err(Violation::of(10, format!("number {id} went to another business early")));
        }
    }
    Ok(())
}
