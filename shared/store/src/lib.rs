//! The table: what is written, under which condition, and how it is read back.
//!
//! [`table::Table`] is the narrow port; DynamoDB ([`dynamo`]) and an in-memory twin
//! (`memory`, feature `fake`) implement it. [`Store`] is what the functions use: operations in the
//! words of the domain, each a bounded number of requests.
//!
//! Kept here: every write is conditional or harmless to repeat; only [`keys`] knows a key; a write
//! whose answer was lost is known by its [`mark`].

pub mod keys;
pub mod table;

mod adopt;
mod allowance;
mod assistant;
mod changes;
mod figures;
mod giving;
mod history;
mod mark;
mod named;
mod organization;
mod pool;
mod porting;
mod refill;
mod rows;
mod settle;
mod start;
mod stock;
mod sweep;
mod watch;
mod webhook;
mod work;

pub mod dynamo;
pub mod layout;
pub mod limits;
#[cfg(feature = "fake")]
pub mod memory;
#[cfg(feature = "fake")]
pub mod suite;

pub use adopt::{Adopted, Maker};
pub use allowance::FreeNumbers;
pub use assistant::{Becomes, Revised, Revision, Sheet};
pub use figures::{Counting, Figures};
pub use history::HistoryLine;
pub use mark::{Mark, Marks};
pub use named::Named;
pub use organization::{OrganizationRow, Put, Spent, Written};
pub use pool::Freed;
pub use porting::{PortOut, PortOutEnd, PortOutNews};
pub use refill::StartRefill;
pub use settle::{Backoff, StoreError};
pub use start::{IdempotencyKey, KnownRequest, KnownThing, Premises, Start, Started};
pub use stock::StartPurchase;
pub use sweep::{Place, Shown, Stage, Sweep, SweepRow};
pub use watch::Watched;
pub use webhook::{Answering, CallNews, EventId, Heard};
pub use work::{ASKS, Closing, Committed, Inbox, Lease, Release, Take, WorkRow};

use settle::Settled;
use table::{Item, Key, Page, Query, Table, TableError, Write};

/// How often a read is sent before it is given up.
const READ_TRIES: u32 = 5;

/// The table, in the words of the domain.
#[derive(Debug, Clone)]
pub struct Store<T, B> {
    table: T,
    backoff: B,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// A store over a table; `backoff` waits between tries.
    pub const fn new(table: T, backoff: B) -> Self {
        Self { table, backoff }
    }

    /// The table itself.
    pub const fn table(&self) -> &T {
        &self.table
    }

    async fn read(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, StoreError> {
        let mut last = TableError::AnswerLost;
        for attempt in 1..=READ_TRIES {
            if attempt > 1 {
                self.backoff.pause(attempt).await;
            }
            match self.table.get(keys).await {
                Ok(items) => return Ok(items),
                Err(rejected @ TableError::Rejected(_)) => {
                    return Err(StoreError::Unavailable(rejected));
                }
                Err(error) => last = error,
            }
        }
        Err(StoreError::Unavailable(last))
    }

    async fn read_one(&self, key: Key) -> Result<Option<Item>, StoreError> {
        Ok(self.read(&[key]).await?.into_iter().next().flatten())
    }

    async fn page(&self, query: &Query) -> Result<Page, StoreError> {
        let mut last = TableError::AnswerLost;
        for attempt in 1..=READ_TRIES {
            if attempt > 1 {
                self.backoff.pause(attempt).await;
            }
            match self.table.query(query).await {
                Ok(page) => return Ok(page),
                Err(rejected @ TableError::Rejected(_)) => {
                    return Err(StoreError::Unavailable(rejected));
                }
                Err(error) => last = error,
            }
        }
        Err(StoreError::Unavailable(last))
    }

    async fn settle(&self, write: &Write, mark: &Mark) -> Result<Settled, StoreError> {
        settle::write(&self.table, &self.backoff, write, mark).await
    }

    async fn settle_all(&self, writes: &[Write], mark: &Mark) -> Result<Settled, StoreError> {
        settle::transact(&self.table, &self.backoff, writes, mark).await
    }
}
