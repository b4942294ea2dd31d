//! Lets the comparison with the providers begin, or go on: the steps carry it, run by run.

use runtime::telemetry::chain;
use runtime::{Deps, Message, World};
use std::time::Duration;
use store::{StoreError, Sweep};

/// A comparison that has not come to its end for so long is begun anew.
const LEFT_OFF_MAX: Duration = Duration::from_secs(6 * 3600);

pub(crate) async fn begin<W: World>(deps: &Deps<W>) -> Result<(), ()> {
    begun(deps).await.map_err(|error| {
        tracing::error!(error = %chain(&error), "the comparison cannot begin");
    })
}

async fn begun<W: World>(deps: &Deps<W>) -> Result<(), StoreError> {
    let (store, now) = (&deps.store, deps.now());
    let row = store.sweep().await?;
    let last = row.as_ref().map(|row| &row.sweep);
    let under_way = |sweep: &Sweep| sweep.goes_on() && now < sweep.begun_at.after(LEFT_OFF_MAX);
    if !last.is_some_and(under_way) {
        let next = Sweep::begin(last, now);
        // Of two that begin at once one does.
        store.keep_sweep(row.as_ref(), next, &[], now, &deps.marks()).await?;
    }
    deps.send(&Message::Sweep, Duration::ZERO).await;
    Ok(())
}
