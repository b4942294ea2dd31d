//! Invariant 1, where it begins: one holder at a time is at a work, so that one alone writes about
//! its number. A lease is taken only after the one before ran out, by the taker's own clock.

use super::{Checked, Violation, number};
use store::keys;
use store::memory::Changed;

/// How long a lease of the steps lasts, in milliseconds: their timeout and the margin.
const LEASE_MS: i64 = 90_000;

/// A lease that went from one holder to another.
pub fn check(changed: &Changed) -> Checked {
    let (Some(old), Some(new)) = (changed.old.as_deref(), changed.new.as_deref()) else {
        return Ok(());
    };
    let (before, after) = (old.get(keys::LEASE_HOLDER), new.get(keys::LEASE_HOLDER));
    let taken_over = before.is_some() && after.is_some() && before != after;
    let taken_ms = number(new, keys::LEASE_UNTIL) - LEASE_MS;
    if taken_over && number(old, keys::LEASE_UNTIL) > taken_ms {
        let what = format!("{} was taken from a holder whose lease runs", changed.key.pk);
        return Err(Violation::of(1, what));
    }
    Ok(())
}
