//! A table that counts what it is asked and what it answers, and can let readers line up.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use store::table::{Item, Key, Page, Query, Table, TableError, Write};
use tokio::sync::Barrier;

/// What a table was asked, and what it answered otherwise than "done".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Requests in all.
    pub requests: u64,
    /// Transactions among them.
    pub transactions: u64,
    /// Requests refused because a condition did not hold.
    pub refused: u64,
    /// Requests that met another transaction.
    pub conflicts: u64,
    /// Requests that got no answer, were throttled or rejected.
    pub failed: u64,
}

#[derive(Debug, Default)]
struct Counters {
    requests: AtomicU64,
    transactions: AtomicU64,
    refused: AtomicU64,
    conflicts: AtomicU64,
    failed: AtomicU64,
    line: Mutex<Line>,
}

/// Readers that wait for each other, and how many are still expected.
#[derive(Debug, Default)]
struct Line {
    expected: usize,
    barrier: Option<Arc<Barrier>>,
}

/// A table that counts. Clones count together.
#[derive(Debug, Clone)]
pub struct Counted<T> {
    table: T,
    counters: Arc<Counters>,
}

impl<T> Counted<T> {
    /// Counts what this table is asked.
    pub fn new(table: T) -> Self {
        Self { table, counters: Arc::default() }
    }

    /// The counts since the last time.
    pub fn take(&self) -> Counts {
        let Counters { requests, transactions, refused, conflicts, failed, .. } = &*self.counters;
        let take = |counter: &AtomicU64| counter.swap(0, Ordering::Relaxed);
        Counts {
            requests: take(requests),
            transactions: take(transactions),
            refused: take(refused),
            conflicts: take(conflicts),
            failed: take(failed),
        }
    }

    /// Keeps the answers of the next so many reads back until all of them are there: whoever read
    /// then writes upon what none of the others has changed yet.
    pub fn line_up(&self, readers: usize) {
        let line = Line { expected: readers, barrier: Some(Arc::new(Barrier::new(readers))) };
        *self.counters.line.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }

    async fn in_line(&self) {
        let barrier = {
            let mut line = self.counters.line.lock().unwrap_or_else(PoisonError::into_inner);
            line.expected = line.expected.saturating_sub(1);
            if line.expected == 0 { line.barrier.take() } else { line.barrier.clone() }
        };
        if let Some(barrier) = barrier {
            barrier.wait().await;
        }
    }

    fn counted<A>(&self, answer: Result<A, TableError>) -> Result<A, TableError> {
        let counters = &self.counters;
        counters.requests.fetch_add(1, Ordering::Relaxed);
        let special = match &answer {
            Ok(_) => return answer,
            Err(TableError::Refused(_)) => &counters.refused,
            Err(TableError::Conflict) => &counters.conflicts,
            Err(TableError::Throttled | TableError::AnswerLost | TableError::Rejected(_)) => {
                &counters.failed
            }
        };
        special.fetch_add(1, Ordering::Relaxed);
        answer
    }
}

impl<T: Table> Table for Counted<T> {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        let answer = self.counted(self.table.get(keys).await);
        self.in_line().await;
        answer
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        let answer = self.counted(self.table.query(query).await);
        self.in_line().await;
        answer
    }

    async fn write(&self, write: &Write) -> Result<Item, TableError> {
        self.counted(self.table.write(write).await)
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TableError> {
        self.counters.transactions.fetch_add(1, Ordering::Relaxed);
        self.counted(self.table.transact(writes, token).await)
    }
}
