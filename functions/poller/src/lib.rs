//! Schedule, every minute: makes up for messages that were lost, and for those never sent because
//! the queue cannot hold them back long enough.
//!
//! It wakes works that are overdue and restarts the digits watch. It takes nothing from its
//! trigger, writes nothing but a work's `due_at`, and repeats nothing within a tick: what fails or
//! does not fit is found again by the next one.

mod config;
mod overdue;
mod watch;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

pub use config::Config;

use runtime::metrics::Unit;
use runtime::{Deadline, Deps, World};
use serde_json::Value;

/// What a tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tick {
    /// Works found overdue.
    pub found: u64,
    /// Works a message was sent for.
    pub woken: u64,
    /// Whether the digits watch was restarted.
    pub watch_restarted: bool,
    /// Whether works were left to the next tick.
    pub more: bool,
}

/// Something of the tick failed; the next one tries it again. The rest was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{failed} of the tick's reads, writes and messages failed")]
pub struct TickError {
    /// How many.
    pub failed: u64,
}

/// Handles one tick.
///
/// # Errors
/// [`TickError`] when a part of it failed, so that the function's error alarm tells.
pub async fn handle<W: World>(
    deps: &Deps<W>,
    config: &Config,
    _event: Value,
    deadline: Deadline,
) -> Result<Tick, TickError> {
    // In boxes: their types nest deeper than the compiler follows.
    let overdue = Box::pin(overdue::wake(deps, config, deadline));
    let watch = Box::pin(watch::restart(deps, config));
    let (overdue, watch) = futures_util::future::join(overdue, watch).await;
    let tick = Tick {
        found: overdue.found,
        woken: overdue.woken,
        watch_restarted: matches!(watch, Ok(true)),
        more: overdue.more,
    };
    // Also when it is zero: a figure that stops says that the poller stopped.
    deps.metrics.put(deps.now(), "WorkOverdue", tick.found, Unit::Count, None);
    if tick.found > 0 || tick.watch_restarted {
        let Tick { found, woken, watch_restarted, more } = tick;
        tracing::info!(
            works.found = found,
            works.woken = woken,
            works.more = more,
            watch.restarted = watch_restarted,
            "something was overdue"
        );
    }
    match overdue.failed.saturating_add(u64::from(watch.is_err())) {
        0 => Ok(tick),
        failed => Err(TickError { failed }),
    }
}
