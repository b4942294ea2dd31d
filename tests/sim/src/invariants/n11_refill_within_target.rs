//! Invariant 11, as far as numbers made ahead go: a refill has no more under way than the pool is to
//! have, however many sweeps there are at once, or one after another.

use super::{Checked, View, Violation};
use crate::mirror::Mirror;
use domain::work::{Kind, Work};

/// Works that refill the pool: an operator's numbers are asked for with a purchase, and a number that
/// is there is prepared by a work that begins with it.
pub fn check(view: &View<'_>, mirror: &Mirror) -> Checked {
    let Some(refill) = &mirror.refill else { return Ok(()) };
    // A row that was written over another's does not name what that one had under way.
    let of_refills = |work: &&Work| {
        matches!(work.kind, Kind::Stock)
            && !work.phase.is_over()
            && !mirror.purchased.contains(&work.id)
            && !mirror.prepare.contains(&work.id)
    };
    let under_way = mirror.works.values().filter(of_refills).count();
    if under_way <= usize::from(view.pool_target) {
        return Ok(());
    }
    let named = refill.works.len();
    let what = format!("{under_way} numbers are made of {}, {named} are named", view.pool_target);
    Err(Violation::of(11, what))
}
