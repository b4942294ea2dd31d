//! Frees the numbers whose rest is over, page by page. For those that were not read back as answering
//! works are started that do it, and free them if they answer.

use domain::ids::WorkId;
use domain::number::Number;
use domain::time::Timestamp;
use domain::work::prepare;
use planted::planted;
use runtime::telemetry::chain;
use runtime::{Deadline, Deps, Message, World};
use std::time::Duration;
use store::{Freed, Marks, Started, StoreError};

/// Numbers read at once.
const PAGE_NUMBERS: u16 = 100;
/// Pages of one sweep.
const PAGES_MAX: u16 = 200;
/// Numbers of one sweep that works are started for.
const PREPARED_MAX: u64 = 20;
/// Days that a number rests that has rested already.
const RESTED: u16 = 0;
/// What of the invocation must be left before another number is begun: the longest AWS call.
const NUMBER_NEEDS: Duration = Duration::from_secs(8);
/// The same before a work is started for one: a read, a write, and a message.
const WORK_NEEDS: Duration = Duration::from_secs(24);

/// What became of the numbers that rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rested {
    pub(crate) resting: u64,
    pub(crate) freed: u64,
    pub(crate) prepared: u64,
    pub(crate) failed: u64,
    pub(crate) more: bool,
}

pub(crate) async fn free<W: World>(deps: &Deps<W>, deadline: Deadline) -> Rested {
    let marks = &deps.marks();
    let mut rested = Rested::default();
    let mut after = None;
    for _page in 0..PAGES_MAX {
        let (numbers, next) = match deps.store.numbers_in("quarantined", PAGE_NUMBERS, after).await
        {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(error = %chain(&error), "resting numbers not read");
                rested.failed = rested.failed.saturating_add(1);
                return rested;
            }
        };
        rested.resting = rested.resting.saturating_add(u64::try_from(numbers.len()).unwrap_or(0));
        for number in &numbers {
            if !deadline.allows(NUMBER_NEEDS, deps.now()) {
                rested.more = true;
                return rested;
            }
            if number.awaits_proof(deps.now()) && !planted!(UnprovenFreed) {
                let enough = rested.prepared == PREPARED_MAX;
                if enough || !deadline.allows(WORK_NEEDS, deps.now()) {
                    rested.more = true;
                    continue;
                }
                match prepared(deps, marks, number).await {
                    Ok(Started::Started) => rested.prepared = rested.prepared.saturating_add(1),
                    Ok(Started::Overtaken) => {}
                    Err(()) => rested.failed = rested.failed.saturating_add(1),
                }
                continue;
            }
            let Some(since) = number.rested_since(deps.now()) else { continue };
            match one(deps, marks, number, since).await {
                Ok(Freed::Freed) => rested.freed = rested.freed.saturating_add(1),
                Ok(Freed::Changed) => {}
                Err(()) => rested.failed = rested.failed.saturating_add(1),
            }
        }
        if next.is_none() {
            return rested;
        }
        after = next;
    }
    rested.more = true;
    rested
}

async fn one<W: World>(
    deps: &Deps<W>,
    marks: &Marks,
    number: &Number,
    since: Timestamp,
) -> Result<Freed, ()> {
    deps.store.free(number, since, marks).await.map_err(|error| {
        tracing::error!(number.id = %number.id, error = %chain(&error), "number not freed");
    })
}

/// Has a number read back.
async fn prepared<W: World>(deps: &Deps<W>, marks: &Marks, number: &Number) -> Result<Started, ()> {
    started(deps, marks, number).await.map_err(|error| {
        tracing::error!(number.id = %number.id, error = %chain(&error), "number not prepared");
    })
}

/// Starts the work that reads a number back, if it is as it was seen and nobody asks to take it away.
async fn started<W: World>(
    deps: &Deps<W>,
    marks: &Marks,
    number: &Number,
) -> Result<Started, StoreError> {
    let (store, now, id) = (&deps.store, deps.now(), WorkId::new(deps.fresh()));
    let Some(deployment) = store.deployment().await? else {
        return Ok(Started::Overtaken);
    };
    let Some(preparing) = prepare(number, id, deployment, RESTED, now) else {
        return Ok(Started::Overtaken);
    };
    let started = store.start_giving_back(&preparing.claiming(number.clone()), marks).await?;
    if started == Started::Started {
        tracing::info!(number.id = %number.id, work.id = %id, "a number is read back");
        deps.send(&Message::work(id, now), Duration::ZERO).await;
    }
    Ok(started)
}
