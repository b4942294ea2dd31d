//! Schedule, hourly: keeps the numbers that nobody uses in order.
//!
//! A number whose rest is over goes into the pool, or is first read back by a work that is started
//! for it; all numbers are counted, and what nobody has used
//! for long is given back to its carrier: a work is started that does it. Works are started as well
//! that make numbers where the pool has fewer than it is to have. The comparison with the providers
//! is begun; the steps carry it. The sweeper takes nothing
//! from its trigger and repeats nothing within a sweep: what fails or does not fit is found again by
//! the next one.

mod compare;
mod config;
mod figures;
mod refill;
mod rested;
mod stuck;
mod surplus;

pub use config::Config;

use domain::figures::Counts;
use rested::Rested;
use runtime::metrics::Unit;
use runtime::{Deadline, Deps, World};
use serde_json::Value;

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sweep {
    /// Numbers read that rest.
    pub resting: u64,
    /// Numbers that went into the pool.
    pub freed: u64,
    /// Numbers that rested and are being read back from now on.
    pub prepared: u64,
    /// Whether numbers were left to the next sweep.
    pub more: bool,
    /// How many numbers there are, if all of them were counted.
    pub counted: Option<u64>,
    /// Numbers that are being given back from now on.
    pub given_back: u64,
    /// Numbers that are being made for the pool from now on.
    pub made: u64,
}

/// Parts of a sweep failed; the next one makes up for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{failed} parts of the sweep failed")]
pub struct SweepError {
    /// How many.
    pub failed: u64,
}

/// Handles one sweep.
///
/// # Errors
/// [`SweepError`] when a part of it failed, so that the function's error alarm tells.
pub async fn handle<W: World>(
    deps: &Deps<W>,
    config: &Config,
    _event: Value,
    deadline: Deadline,
) -> Result<Sweep, SweepError> {
    let rested = Box::pin(rested::free(deps, deadline)).await;
    // Also when it is zero: a figure that stops says that the sweeper stopped.
    deps.metrics.put(deps.now(), "NumbersFreed", rested.freed, Unit::Count, None);
    let counted = Box::pin(figures::count(deps, deadline)).await;
    let mut failed = rested.failed.saturating_add(u64::from(counted.is_err()));
    let counts = counted.ok().flatten();
    let mut given_back = 0;
    // Without a count of now nobody knows what the pool can spare.
    if let Some(counts) = counts {
        let surplus = surplus::give_back_surplus(deps, config, counts, deadline);
        match Box::pin(surplus).await {
            Ok(started) => given_back = started,
            Err(()) => failed = failed.saturating_add(1),
        }
    }
    let made = Box::pin(refill::refill(deps, config, deadline)).await;
    failed = failed.saturating_add(u64::from(made.is_err()));
    let made = made.unwrap_or(0);
    let looked = Box::pin(stuck::look(deps, config)).await;
    failed = failed.saturating_add(u64::from(looked.is_err()));
    if config.compares {
        let begun = Box::pin(compare::begin(deps)).await;
        failed = failed.saturating_add(u64::from(begun.is_err()));
    }
    let counted = counts.map(Counts::total);
    let Rested { resting, freed, prepared, more, failed: _ } = rested;
    let sweep = Sweep { resting, freed, prepared, more, counted, given_back, made };
    tracing::info!(resting, freed, prepared, more, counted, given_back, made, "swept");
    match failed {
        0 => Ok(sweep),
        failed => Err(SweepError { failed }),
    }
}
