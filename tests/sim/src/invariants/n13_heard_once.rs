//! Invariant 13 of the architecture: a webhook is heard once.

use super::{Checked, Violation};
use store::memory::Changed;

/// The row that remembers an event.
pub fn check(changed: &Changed) -> Checked {
    if changed.key.pk.starts_with("EVENT#") && changed.old.is_some() && changed.new.is_some() {
        let what = format!("{} was heard a second time", changed.key.pk);
        return Err(Violation::of(13, what));
    }
    Ok(())
}
