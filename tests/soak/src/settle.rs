//! When kills and faults are over: everything must come to rest within a bounded time. What waits
//! for a person is tried again, as an operator would.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::ids::WorkId;
use domain::work::Phase;
use tokio::time::{Instant, sleep};

use crate::load::Town;
use crate::settings;
use crate::table::{Snapshot, WorkItem};

/// The pause between two looks at the table.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often an operator tries one work again.
const TRIES_MAX: u32 = 4;
/// The time between two tries of the same work.
const TRY_EVERY: Duration = Duration::from_secs(15);

/// Waits until all is at rest, or until the time for that is up, and gives the table as it is then.
pub(crate) async fn settle(
    town: &Town,
    client: &aws_sdk_dynamodb::Client,
    limit: Duration,
) -> anyhow::Result<Snapshot> {
    let begun = Instant::now();
    let mut tried: BTreeMap<WorkId, (u32, Instant)> = BTreeMap::new();
    loop {
        let snapshot = Snapshot::read(client, settings::TABLE).await?;
        let unfinished = snapshot.works.values().filter(|item| !item.is_at_rest()).count();
        let mut waiting = 0_usize;
        for item in snapshot.works.values().filter(|item| wants_a_person(item)) {
            let id = item.work.id;
            let (tries, last) = tried.get(&id).copied().unwrap_or((0, begun));
            if tries >= TRIES_MAX {
                continue;
            }
            waiting += 1;
            let is_time = tries == 0 || last.elapsed() >= TRY_EVERY;
            if is_time && item.is_at_rest() && town.try_again(&id.to_string()).await {
                tried.insert(id, (tries + 1, Instant::now()));
            }
        }
        // What was tried last may still be on its way.
        if unfinished + waiting == 0 || begun.elapsed() > limit {
            return Ok(snapshot);
        }
        sleep(LOOK_EVERY).await;
    }
}

fn wants_a_person(item: &WorkItem) -> bool {
    matches!(item.work.phase, Phase::NeedsPerson(_) | Phase::ReadyDegraded(_))
}
