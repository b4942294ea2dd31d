//! SIGKILL at random moments: mostly the steps, mostly amid an invocation.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::dice::Dice;
use crate::figures::Counting;
use crate::lambda::{Lambda, Met, Name};

/// So many of a hundred kills are meant for a process that handles an event.
const BUSY_PERCENT: u64 = 85;
/// The mean wait before another look when no process is as wanted: the moment stays a random one.
const LOOK_AGAIN: Duration = Duration::from_millis(15);
/// So often it is looked for a busy process; then any will do.
const LOOKS_MAX: u32 = 60;

/// Kills so often, at this mean interval.
pub(crate) async fn run(
    lambda: Arc<Lambda>,
    mut dice: Dice,
    counting: Counting,
    kills: u64,
    every: Duration,
) {
    while counting.with(|figures| figures.killed()) < kills {
        sleep(dice.wait(every)).await;
        let name = match dice.roll(100) {
            0..=71 => Name::Steps,
            72..=82 => Name::Provision,
            83..=92 => Name::Webhooks,
            _ => Name::Poller,
        };
        let busy = dice.chance(BUSY_PERCENT);
        if let Some(met) = one(&lambda, &mut dice, name, busy).await {
            counting.with(|figures| {
                let kills = figures.kills.entry(name).or_default();
                match met {
                    Met::Amid => kills.amid += 1,
                    Met::Idle => kills.idle += 1,
                }
            });
        }
    }
}

/// Kills a process of a function, a busy one if that is wanted and there is one before long.
async fn one(lambda: &Lambda, dice: &mut Dice, name: Name, busy: bool) -> Option<Met> {
    for _look in 0..LOOKS_MAX {
        if !busy || lambda.is_busy(name) {
            break;
        }
        sleep(dice.wait(LOOK_AGAIN)).await;
    }
    lambda.kill(name, busy, dice).await
}
