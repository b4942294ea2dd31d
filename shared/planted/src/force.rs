//! The one bug in force.

use crate::Bug;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// Stands for no bug.
const NONE: u8 = 0;

/// The number of the bug in force. Set once, before anything runs.
static IN_FORCE: AtomicU8 = AtomicU8::new(NONE);
/// How often its line was reached: a bug that no check catches may never have been met.
static REACHED: AtomicU64 = AtomicU64::new(0);

/// Puts a bug in force, or none.
pub fn plant(bug: Option<Bug>) {
    IN_FORCE.store(bug.map_or(NONE, Bug::number), Ordering::Relaxed);
}

/// Whether this bug is in force.
#[must_use]
pub fn in_force(bug: Bug) -> bool {
    let planted = IN_FORCE.load(Ordering::Relaxed) == bug.number();
    if planted {
        REACHED.fetch_add(1, Ordering::Relaxed);
    }
    planted
}

/// How often the line of the bug in force was reached.
#[must_use]
pub fn reached() -> u64 {
    REACHED.load(Ordering::Relaxed)
}
