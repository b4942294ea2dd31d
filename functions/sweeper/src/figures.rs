//! Counts all numbers, page by page; what one sweep cannot end the next one goes on with.

use domain::figures::Counts;
use domain::time::Timestamp;
use runtime::metrics::Unit;
use runtime::telemetry::chain;
use runtime::{Deadline, Deps, World};
use std::time::Duration;
use store::{Counting, Figures, StoreError};

/// Pages of one sweep, a hundred numbers each.
const PAGES_MAX: u16 = 2000;
/// What of the invocation must be left before another page is begun: two requests of up to eight
/// seconds, and the write of what was counted.
const PAGE_NEEDS: Duration = Duration::from_secs(24);
/// A counting that was left off longer ago than this is begun anew: a day.
const LEFT_OFF_MAX: Duration = Duration::from_secs(24 * 3600);

/// Counts on, and keeps what came of it; how many numbers there are, if all were counted.
pub(crate) async fn count<W: World>(
    deps: &Deps<W>,
    deadline: Deadline,
) -> Result<Option<Counts>, ()> {
    let counted = counted(deps, deadline).await.map_err(|error| {
        tracing::error!(error = %chain(&error), "numbers not counted");
    })?;
    let Some(figures) = counted else { return Ok(None) };
    let (now, counts) = (deps.now(), figures.tally.counts());
    let by = [
        ("available", counts.available),
        ("assigned", counts.assigned),
        ("suspended", counts.suspended),
    ];
    for (status, count) in by {
        deps.metrics.put(now, "Numbers", count, Unit::Count, Some(("Status", status)));
    }
    Ok(Some(counts))
}

async fn counted<W: World>(
    deps: &Deps<W>,
    deadline: Deadline,
) -> Result<Option<Figures>, StoreError> {
    let (store, marks) = (&deps.store, deps.marks());
    let (kept, left_off) = store.figures().await?;
    let mut counting = begun(left_off, deps.now());
    for _page in 0..PAGES_MAX {
        if counting.figures().is_some() || !deadline.allows(PAGE_NEEDS, deps.now()) {
            break;
        }
        counting = store.count_on(counting).await?;
    }
    match counting.figures() {
        Some(figures) => {
            store.keep_figures(Some(figures.clone()), None, &marks).await?;
            Ok(Some(figures))
        }
        None => {
            store.keep_figures(kept, Some(counting), &marks).await?;
            Ok(None)
        }
    }
}

fn begun(left_off: Option<Counting>, now: Timestamp) -> Counting {
    let recent = |counting: &Counting| now < counting.begun_at.after(LEFT_OFF_MAX);
    left_off.filter(recent).unwrap_or_else(|| Counting::begin(now))
}
