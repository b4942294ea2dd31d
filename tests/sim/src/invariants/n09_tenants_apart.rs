//! Invariant 9: nothing of one organization is reachable by another.

use super::{Checked, Violation};
use crate::mirror::Mirror;
use domain::number::State;

/// A number stays with the organization and business whose work got it.
pub fn check(mirror: &Mirror) -> Checked {
    for (id, _) in &mirror.news.numbers {
        let Some(number) = mirror.numbers.get(id) else { continue };
        let Some(work) = number.work.and_then(|work| mirror.works.get(&work)) else { continue };
        let other_business = match &number.state {
            State::Assigned { business, .. } => Some(business) != work.business(),
            State::Acquiring
            | State::Available { .. }
            | State::Reserved
            | State::Quarantined { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted => false,
        };
        if number.organization != work.organization || other_business {
            let what = format!("number {id} is of another tenant than its work {}", work.id);
            return Err(Violation::of(9, what));
        }
    }
    Ok(())
}

/// Who asks about another tenant's work learns nothing, and nothing happens.
pub fn stranger(status: u16, asked: &str) -> Checked {
    if status == 404 || status >= 500 {
        return Ok(());
    }
    Err(Violation::of(9, format!("a stranger's {asked} was answered {status}")))
}
