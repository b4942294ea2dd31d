//! Invariant 5: every work ends, or waits for a person, within a bounded time once faults stop.
//!
//! The bound is the engine's; what is checked here is that everything has come to rest.

use super::{Checked, Violation};
use crate::mirror::Mirror;
use domain::work::Work;

/// Every work is at rest.
pub fn check(mirror: &Mirror) -> Checked {
    match mirror.works.values().find(|work| !rests(work)) {
        Some(work) => {
            let what = format!("work {} is still {}", work.id, work.phase.name().as_str());
            Err(Violation::of(5, what))
        }
        None => Ok(()),
    }
}

/// Whether nothing more happens to a work by itself.
pub const fn rests(work: &Work) -> bool {
    it::city::rests(&work.phase)
}
