//! Waiting for a work to end, while it is being worked on.

use crate::Request;
use crate::problem::Problem;
use domain::time::Timestamp;
use domain::work::Phase;
use runtime::{Clock as _, World};
use std::time::Duration;
use store::WorkRow;

/// The longest wait, in seconds.
const WAIT_SECONDS_MAX: u64 = 25;
/// What the answer itself may take of the invocation.
const ANSWER_TAKES: Duration = Duration::from_secs(2);
/// Time between two looks at a work that is being worked on.
const LOOK: Duration = Duration::from_millis(400);
/// Looks of one wait: far above what fits.
const LOOKS_MAX: u32 = 200;

/// The `wait` parameter, in seconds; none is zero.
///
/// # Errors
/// A problem when it is no number of seconds, or too many.
pub fn parameter<W: World, C>(request: &Request<'_, W, C>) -> Result<Duration, Problem> {
    parameter_or(request, Duration::ZERO)
}

/// The same with a default of the route's own.
///
/// # Errors
/// A problem when it is no number of seconds, or too many.
pub fn parameter_or<W: World, C>(
    request: &Request<'_, W, C>,
    default: Duration,
) -> Result<Duration, Problem> {
    let Some(text) = request.call.query.get("wait") else { return Ok(default) };
    let seconds: u64 =
        text.parse().ok().filter(|seconds| *seconds <= WAIT_SECONDS_MAX).ok_or_else(|| {
            Problem::field("wait", "a whole number of seconds, 0 to 25, is expected")
        })?;
    Ok(Duration::from_secs(seconds))
}

/// Looks at a work until it has ended, until nothing happens before the wait is over, or until the
/// wait is over.
///
/// # Errors
/// A problem when the table does not answer.
pub async fn until_settled<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    mut row: WorkRow,
    wait: Duration,
) -> Result<WorkRow, Problem> {
    let (clock, store) = (&request.deps.clock, &request.deps.store);
    let left = request.deadline.left(clock.now()).saturating_sub(ANSWER_TAKES);
    let end = clock.now().after(wait.min(left));
    for _look in 0..LOOKS_MAX {
        let now = clock.now();
        if now >= end || settled(&row) {
            break;
        }
        let watch = request.edge.digits_watch;
        let Some(news) = next_news(&row, now, watch) else { break };
        let next = news.max(now).after(LOOK);
        if next >= end {
            break;
        }
        clock.sleep(next.since(now)).await;
        row = store.work(row.work.id).await?.ok_or(Problem::NoSuchProvisioning)?;
    }
    Ok(row)
}

/// Whether there is an outcome to show. What a person did about it is news until the work heard it.
fn settled(row: &WorkRow) -> bool {
    let waits_for_person =
        matches!(row.work.phase, Phase::NeedsPerson(_)) && row.inbox.asks().is_empty();
    row.work.phase.is_ready() || row.work.phase.is_over() || waits_for_person
}

/// When there may be news of it; `None` when nothing happens by itself.
pub(crate) fn next_news(row: &WorkRow, now: Timestamp, watch: Duration) -> Option<Timestamp> {
    if row.leased_until.is_some_and(|until| until > now) {
        return Some(now.after(LOOK));
    }
    let due = row.due_at?;
    // The shared watch looks at the number long before the work itself is due.
    let watched = matches!(row.work.phase, Phase::AwaitingDigits(_));
    Some(if watched { due.min(now.after(watch)) } else { due })
}
