//! A table in which something else happens at the worst moment.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use store::table::{Item, Key, Page, Query, Table, TableError, Write};

/// What happens meanwhile.
pub(crate) type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A table in which others are quicker: what they do is done before the next read by key, one
/// after another.
pub(crate) struct Meddled<T> {
    table: Arc<T>,
    before_reads: Mutex<VecDeque<Meanwhile>>,
}

impl<T> Meddled<T> {
    pub(crate) fn new(table: &Arc<T>, before_reads: impl IntoIterator<Item = Meanwhile>) -> Self {
        let before_reads = Mutex::new(before_reads.into_iter().collect());
        Self { table: Arc::clone(table), before_reads }
    }

    /// How much has not happened yet.
    pub(crate) fn left(&self) -> usize {
        self.before_reads.lock().expect("no panic").len()
    }
}

impl<T: Table> Table for Meddled<T> {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        let meanwhile = self.before_reads.lock().expect("no panic").pop_front();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        self.table.get(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.table.query(query).await
    }

    async fn write(&self, write: &Write) -> Result<Item, TableError> {
        self.table.write(write).await
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TableError> {
        self.table.transact(writes, token).await
    }
}

/// A table that loses the answer to the first transaction.
pub(crate) struct Lossy<T> {
    table: Arc<T>,
    forgets: bool,
    sent: AtomicU32,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl<T> Lossy<T> {
    pub(crate) fn new(table: &Arc<T>) -> Self {
        let (sent, meanwhile) = (AtomicU32::new(0), Mutex::new(None));
        Self { table: Arc::clone(table), forgets: false, sent, meanwhile }
    }

    /// One that has forgotten the token when the transaction comes again, as DynamoDB has after
    /// ten minutes. In between something may happen.
    pub(crate) fn forgetful(table: &Arc<T>, meanwhile: Option<Meanwhile>) -> Self {
        Self { forgets: true, meanwhile: Mutex::new(meanwhile), ..Self::new(table) }
    }

    /// How often a transaction was sent.
    pub(crate) fn sent(&self) -> u32 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl<T: Table> Table for Lossy<T> {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        self.table.get(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        self.table.query(query).await
    }

    async fn write(&self, write: &Write) -> Result<Item, TableError> {
        self.table.write(write).await
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TableError> {
        let sent = self.sent.fetch_add(1, Ordering::Relaxed);
        let another = format!("{sent}{token}");
        let token = if self.forgets { &another } else { token };
        let answer = self.table.transact(writes, token).await;
        if sent > 0 {
            return answer;
        }
        assert_eq!(answer, Ok(()), "what is lost is the answer to what was done");
        let meanwhile = self.meanwhile.lock().expect("no panic").take();
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        Err(TableError::AnswerLost)
    }
}
