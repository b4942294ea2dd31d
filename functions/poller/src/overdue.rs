//! Wakes overdue works, part by part of the due index.
//!
//! The parts are read side by side; within one, works go one after another, earliest first. Each
//! page goes on where the one before ended, so that neither a work that cannot be claimed nor an
//! index that is behind holds up what follows, and the reading ends.

use crate::config::Config;
use domain::ids::WorkId;
use domain::time::Timestamp;
use planted::planted;
use runtime::telemetry::chain;
use runtime::{Deadline, Deps, Message, Queue as _, World};
use std::time::Duration;
use store::Marks;
use store::keys::DUE_SHARDS;

/// Works read at once.
pub(crate) const PAGE_WORKS: u16 = 50;
/// Pages of one part a tick reads.
pub(crate) const PAGES_MAX: u16 = 20;
/// What of the invocation must be left before another work is begun: the longest AWS call.
const WORK_NEEDS: Duration = Duration::from_secs(8);

/// What became of a part of the due index, or of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Woken {
    pub(crate) found: u64,
    pub(crate) woken: u64,
    pub(crate) failed: u64,
    pub(crate) more: bool,
}

impl Woken {
    fn and(self, other: Self) -> Self {
        Self {
            found: self.found.saturating_add(other.found),
            woken: self.woken.saturating_add(other.woken),
            failed: self.failed.saturating_add(other.failed),
            more: self.more || other.more,
        }
    }
}

/// How waking one work ended.
enum Sent {
    Yes,
    /// It has moved already: its holder, or another tick, was quicker.
    Moved,
    No,
}

/// Wakes what is overdue, as far as the limits and the time allow.
pub(crate) async fn wake<W: World>(deps: &Deps<W>, config: &Config, deadline: Deadline) -> Woken {
    let marks = &deps.marks();
    let until = deps.now().before(config.overdue);
    let parts = (u8::from(planted!(PollerSkipsPart))..DUE_SHARDS)
        .map(|shard| part(deps, marks, shard, until, deadline));
    let ended = futures_util::future::join_all(parts).await;
    ended.into_iter().fold(Woken::default(), Woken::and)
}

async fn part<W: World>(
    deps: &Deps<W>,
    marks: &Marks,
    shard: u8,
    until: Timestamp,
    deadline: Deadline,
) -> Woken {
    let mut woken = Woken::default();
    let mut after = None;
    for _page in 0..PAGES_MAX {
        let (works, next) = match deps.store.due(shard, until, PAGE_WORKS, after).await {
            Ok(page) => page,
            Err(error) => {
                tracing::error!(shard, error = %chain(&error), "overdue works not read");
                woken.failed = woken.failed.saturating_add(1);
                return woken;
            }
        };
        woken.found = woken.found.saturating_add(u64::try_from(works.len()).unwrap_or(0));
        for (id, was) in works {
            if !deadline.allows(WORK_NEEDS, deps.now()) {
                woken.more = true;
                return woken;
            }
            match one(deps, marks, id, was).await {
                Sent::Yes => woken.woken = woken.woken.saturating_add(1),
                Sent::Moved => {}
                Sent::No => woken.failed = woken.failed.saturating_add(1),
            }
        }
        if next.is_none() {
            return woken;
        }
        after = next;
    }
    woken.more = true;
    woken
}

/// Moves the work, then sends for it. When the sending is lost, the work is overdue again after
/// the same time, and another tick finds it.
async fn one<W: World>(deps: &Deps<W>, marks: &Marks, id: WorkId, was: Timestamp) -> Sent {
    let due_at = deps.now();
    match deps.store.claim_due(id, was, due_at, marks).await {
        Ok(true) if planted!(OverdueNotSent) => return Sent::Yes,
        Ok(true) => {}
        Ok(false) => return Sent::Moved,
        Err(error) => {
            tracing::error!(work.id = %id, error = %chain(&error), "overdue work not claimed");
            return Sent::No;
        }
    }
    match deps.queue.send(&Message::work(id, due_at), Duration::ZERO).await {
        Ok(()) => {
            tracing::info!(work.id = %id, "overdue work woken");
            Sent::Yes
        }
        Err(error) => {
            tracing::error!(work.id = %id, %error, "overdue work not sent for");
            Sent::No
        }
    }
}
