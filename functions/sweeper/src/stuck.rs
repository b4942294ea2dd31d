//! What stands still: degraded lines whose checks are used up are looked at again, and numbers that
//! nobody brings forward are counted. And how much of the free allowance is used.

use crate::Config;
use domain::allowance::Use;
use domain::number::Number;
use domain::time::Timestamp;
use domain::work::Ask;
use runtime::metrics::Unit;
use runtime::telemetry::chain;
use runtime::{Deps, Message, World};
use std::time::Duration;
use store::StoreError;

/// Works or numbers looked at in each state.
const LOOKED_AT: u16 = 100;
/// What is being acquired for longer than this stands still.
const STUCK_AFTER: Duration = Duration::from_secs(24 * 3600);

pub(crate) async fn look<W: World>(deps: &Deps<W>, config: &Config) -> Result<(), ()> {
    looked(deps, config).await.map_err(|error| {
        tracing::error!(error = %chain(&error), "what stands still not looked at");
    })
}

async fn looked<W: World>(deps: &Deps<W>, config: &Config) -> Result<(), StoreError> {
    let (store, now, marks) = (&deps.store, deps.now(), deps.marks());
    let (degraded, _more) = store.works_in("ready_degraded", LOOKED_AT, None).await?;
    for row in degraded.iter().filter(|row| row.due_at.is_none()) {
        if store.ask(row.work.id, Some(Ask::Repair), now, &marks).await? {
            deps.send(&Message::work(row.work.id, now), Duration::ZERO).await;
        }
    }
    let (acquired, _more) = store.numbers_in("acquiring", LOOKED_AT, None).await?;
    let (corrupted, _more) = store.numbers_in("corrupted", LOOKED_AT, None).await?;
    let old = acquired.iter().filter(|number| since(number).after(STUCK_AFTER) < now).count();
    let stuck = u64::try_from(old.saturating_add(corrupted.len())).unwrap_or(u64::MAX);
    deps.metrics.put(now, "StuckNumbers", stuck, Unit::Count, None);
    let taken = store.allowance().await?.taken.len();
    let used = Use { used: u16::try_from(taken).unwrap_or(u16::MAX), limit: config.free_numbers };
    deps.metrics.put(now, "AllowanceUsedPercent", used.percent(), Unit::Percent, None);
    Ok(())
}

/// Since when a number is being acquired: its row, or the work that is at it, is no older.
fn since(number: &Number) -> Timestamp {
    let begun_ms = number.work.map_or(0, |work| work.ulid().timestamp_ms());
    let begun = Timestamp::from_millis(i64::try_from(begun_ms).unwrap_or(i64::MAX));
    number.created_at.max(begun)
}
