//! Sending a request to the table until its end is known, a bounded number of times.

use crate::keys;
use crate::mark::Mark;
use crate::table::{Item, Refused, Table, TableError, Value, Write};
use planted::planted;
use std::future::Future;

/// How often one request is sent before it is given up.
const TRIES: u32 = 8;

/// Waits between two tries of a request to the table: short, growing, jittered.
pub trait Backoff: Send + Sync {
    /// Waits before try number `attempt`, counted from 1.
    fn pause(&self, attempt: u32) -> impl Future<Output = ()> + Send;
}

impl<B: Backoff> Backoff for &B {
    fn pause(&self, attempt: u32) -> impl Future<Output = ()> + Send {
        (*self).pause(attempt)
    }
}

impl<B: Backoff> Backoff for std::sync::Arc<B> {
    fn pause(&self, attempt: u32) -> impl Future<Output = ()> + Send {
        self.as_ref().pause(attempt)
    }
}

/// How a write ended that is known to have ended.
#[derive(Debug)]
pub(crate) enum Settled {
    /// It is written; the item as it stands, for a single write.
    Written(Item),
    /// Conditions did not hold; nothing was written.
    Refused(Vec<Refused>),
}

/// Why a request to the store did not end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The table could not be reached or kept refusing; the write may have been applied.
    #[error("the table is unavailable")]
    Unavailable(#[source] TableError),
    /// An item is not what this version writes.
    #[error("the item {what} cannot be read: {why}")]
    Corrupt {
        /// Which kind of item.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

/// Whether the refused item carries the mark of the very write that was refused.
pub(crate) fn is_ours(old: Option<&Item>, mark: &Mark) -> bool {
    old.and_then(|item| item.get(keys::WRITTEN_BY))
        .is_some_and(|by| planted!(AnyMarkIsOurs) || *by == Value::Text(mark.as_str().to_owned()))
}

/// One write, until its end is known. The write itself sets `written_by` to the mark.
pub(crate) async fn write<T: Table, B: Backoff>(
    table: &T,
    backoff: &B,
    write: &Write,
    mark: &Mark,
) -> Result<Settled, StoreError> {
    let mut last = TableError::AnswerLost;
    for attempt in 1..=TRIES {
        if attempt > 1 {
            backoff.pause(attempt).await;
        }
        match table.write(write).await {
            Ok(item) => return Ok(Settled::Written(item)),
            Err(TableError::Refused(refused)) => {
                return Ok(match refused.into_iter().next() {
                    Some(Refused { old: Some(old), .. }) if is_ours(Some(&old), mark) => {
                        Settled::Written(old)
                    }
                    Some(refused) => Settled::Refused(vec![refused]),
                    None => Settled::Refused(Vec::new()),
                });
            }
            Err(rejected @ TableError::Rejected(_)) => {
                return Err(StoreError::Unavailable(rejected));
            }
            Err(
                error @ (TableError::Conflict | TableError::Throttled | TableError::AnswerLost),
            ) => last = error,
        }
    }
    Err(StoreError::Unavailable(last))
}

/// One transaction, until its end is known. The first write must be the one that carries the mark.
pub(crate) async fn transact<T: Table, B: Backoff>(
    table: &T,
    backoff: &B,
    writes: &[Write],
    mark: &Mark,
) -> Result<Settled, StoreError> {
    let mut last = TableError::AnswerLost;
    for attempt in 1..=TRIES {
        if attempt > 1 {
            backoff.pause(attempt).await;
        }
        match table.transact(writes, mark.as_str()).await {
            Ok(()) => return Ok(Settled::Written(Item::new())),
            Err(TableError::Refused(refused)) => {
                let ours = refused
                    .iter()
                    .any(|refused| refused.index == 0 && is_ours(refused.old.as_ref(), mark));
                return Ok(if ours {
                    Settled::Written(Item::new())
                } else {
                    Settled::Refused(refused)
                });
            }
            Err(rejected @ TableError::Rejected(_)) => {
                return Err(StoreError::Unavailable(rejected));
            }
            Err(
                error @ (TableError::Conflict | TableError::Throttled | TableError::AnswerLost),
            ) => last = error,
        }
    }
    Err(StoreError::Unavailable(last))
}
