//! Frees the numbers whose rest is over, page by page.

use domain::number::Number;
use domain::time::Timestamp;
use runtime::telemetry::chain;
use runtime::{Deadline, Deps, World};
use std::time::Duration;
use store::{Freed, Marks};

/// Numbers read at once.
const PAGE_NUMBERS: u16 = 100;
/// Pages of one sweep.
const PAGES_MAX: u16 = 200;
/// What of the invocation must be left before another number is begun: the longest AWS call.
const NUMBER_NEEDS: Duration = Duration::from_secs(8);

/// What became of the numbers that rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rested {
    pub(crate) resting: u64,
    pub(crate) freed: u64,
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
