//! Gives back the numbers that nobody has used for long, as many as the pool can spare.

use crate::Config;
use domain::figures::Counts;
use domain::ids::{DeploymentId, WorkId};
use domain::number::Number;
use domain::work::{Giving, give_back, is_surplus};
use runtime::telemetry::chain;
use runtime::{Deadline, Deps, Message, World};
use std::time::Duration;
use store::{Marks, Started, StoreError};

/// Numbers read at once.
const PAGE_NUMBERS: u16 = 100;
/// Pages of one sweep.
const PAGES_MAX: u16 = 200;
/// Numbers given back in one sweep: what a wrong setting costs until somebody sees it.
const GIVEN_BACK_MAX: u64 = 20;
/// What of the invocation must be left before another number is begun: the longest AWS call.
const NUMBER_NEEDS: Duration = Duration::from_secs(8);

/// Starts the works that give numbers back; how many were started. `counts` are of this sweep.
pub(crate) async fn give_back_surplus<W: World>(
    deps: &Deps<W>,
    config: &Config,
    counts: Counts,
    deadline: Deadline,
) -> Result<u64, ()> {
    let spare = counts.available.saturating_sub(config.pool_kept()).min(GIVEN_BACK_MAX);
    if spare == 0 {
        return Ok(0);
    }
    let given_back = given_back(deps, config, spare, deadline).await;
    given_back.map_err(|error| tracing::error!(error = %chain(&error), "surplus not given back"))
}

async fn given_back<W: World>(
    deps: &Deps<W>,
    config: &Config,
    mut spare: u64,
    deadline: Deadline,
) -> Result<u64, StoreError> {
    let marks = &deps.marks();
    let Some(deployment) = deps.store.deployment().await? else { return Ok(0) };
    let unused_since = deps.now().before(config.give_back_after);
    let (mut started, mut after) = (0, None);
    for _page in 0..PAGES_MAX {
        let (numbers, next) = deps.store.numbers_in("available", PAGE_NUMBERS, after).await?;
        for number in numbers.into_iter().filter(|number| is_surplus(number, unused_since)) {
            if spare == 0 || !deadline.allows(NUMBER_NEEDS, deps.now()) {
                return Ok(started);
            }
            // One that somebody else took meanwhile counts as well: the pool has it no more.
            spare = spare.saturating_sub(1);
            started += u64::from(one(deps, marks, number, &deployment).await?);
        }
        if next.is_none() {
            break;
        }
        after = next;
    }
    Ok(started)
}

/// Starts giving one back, if it is as it was seen.
async fn one<W: World>(
    deps: &Deps<W>,
    marks: &Marks,
    number: Number,
    deployment: &DeploymentId,
) -> Result<bool, StoreError> {
    let (id, now) = (WorkId::new(deps.fresh()), deps.now());
    let number_id = number.id;
    let giving: Giving = match give_back(number, id, deployment.clone(), now) {
        Ok(giving) => giving,
        Err(why) => {
            tracing::warn!(%why, "a number that nobody uses cannot be given back");
            return Ok(false);
        }
    };
    let started = deps.store.start_giving_back(&giving, marks).await? == Started::Started;
    if started {
        tracing::info!(number.id = %number_id, work.id = %id, "a number is given back");
        deps.send(&Message::work(id, now), Duration::ZERO).await;
    }
    Ok(started)
}
