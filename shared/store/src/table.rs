//! The narrow port to the table: items, conditional writes, transactions, queries.
//!
//! Two things implement [`Table`]: DynamoDB, and an in-memory twin with the same conditions and
//! the same transactional behaviour. What is written, and under which condition, is built once in
//! this crate, so that the simulator checks the very conditions that run in production.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// The primary key of an item. Built and taken apart in [`crate::keys`] only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition key, attribute `pk`.
    pub pk: String,
    /// Sort key, attribute `sk`.
    pub sk: String,
}

/// The name of an attribute; a closed list in [`crate::keys`].
pub type Attribute = &'static str;

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// A document, JSON as text. Shared, so that the twin copies no text.
    Document(Arc<str>),
}

/// An item: its attributes by name, without `pk` and `sk`.
pub type Item = BTreeMap<Attribute, Value>;

/// An item with its key, as reads return it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: Key,
    /// Its attributes.
    pub item: Item,
}

/// What must hold of the item as it stands before a write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Nothing. Only for writes whose order does not matter.
    Always,
    /// There is no item at this key.
    Absent,
    /// There is an item at this key.
    Present,
    /// The attribute exists and equals the value.
    Equals(Attribute, Value),
    /// The attribute does not exist.
    Missing(Attribute),
    /// The attribute exists and is a number below or equal to this one.
    AtMost(Attribute, i64),
    /// Two attributes both exist and differ.
    Differ(Attribute, Attribute),
    /// All of these.
    All(Vec<Condition>),
    /// At least one of these.
    Any(Vec<Condition>),
}

/// One change of an item.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Write {
    /// Puts the whole item.
    Put {
        /// Where.
        key: Key,
        /// What.
        item: Item,
        /// Under which condition.
        condition: Condition,
    },
    /// Changes some attributes and leaves the others. Creates the item if it is not there, unless
    /// the condition says otherwise.
    Update {
        /// Where.
        key: Key,
        /// Attributes to set.
        set: Vec<(Attribute, Value)>,
        /// Numbers to add; an attribute that is not there counts as zero.
        add: Vec<(Attribute, i64)>,
        /// Attributes to remove.
        remove: Vec<Attribute>,
        /// Under which condition.
        condition: Condition,
    },
    /// Deletes the item.
    Delete {
        /// Where.
        key: Key,
        /// Under which condition.
        condition: Condition,
    },
    /// Changes nothing, and refuses the transaction it stands in unless the condition holds.
    Check {
        /// Where.
        key: Key,
        /// The condition.
        condition: Condition,
    },
}

impl Write {
    /// The key it is about.
    #[must_use]
    pub const fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. }
            | Self::Update { key, .. }
            | Self::Delete { key, .. }
            | Self::Check { key, .. } => key,
        }
    }
}

/// A write of a transaction whose condition did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place in the transaction, from 0; 0 for a single write.
    pub index: usize,
    /// The item as it stood, if there was one.
    pub old: Option<Item>,
}

/// Why a read or a write did not go through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A condition did not hold; nothing was written.
    #[error("a condition did not hold")]
    Refused(Vec<Refused>),
    /// Another transaction was at work on one of the items; nothing was written.
    #[error("another transaction was at work on the same item")]
    Conflict,
    /// Too many requests; nothing was written.
    #[error("the table is throttled")]
    Throttled,
    /// No answer: the write may have been applied.
    #[error("the table's answer was lost")]
    AnswerLost,
    /// The table rejects the request itself: a bug or a missing permission; nothing was written.
    #[error("the table rejected the request: {0}")]
    Rejected(String),
}

/// Which index a query reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// The base table: `pk`, `sk`; read consistently.
    Base,
    /// Due work: `due_pk`, `due_sk`; keys only, eventually consistent.
    Due,
    /// Lists for people: `list_pk`, `list_sk`; keys only, eventually consistent.
    Listing,
}

/// A query of one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The index.
    pub index: Index,
    /// The partition.
    pub partition: String,
    /// Sort keys from this one on, if given.
    pub from: Option<String>,
    /// Sort keys up to this one, inclusive, if given.
    pub to: Option<String>,
    /// Ascending order of the sort key; descending otherwise.
    pub ascending: bool,
    /// At most so many rows.
    pub limit: u16,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The key of the last row.
    pub key: Key,
    /// Its sort key in the index that was read; `None` for the base table.
    pub index_sort: Option<String>,
}

/// A page of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The rows, in the order of the sort key.
    pub rows: Vec<Row>,
    /// Where to go on, if there is more.
    pub next: Option<Cursor>,
}

/// The table.
pub trait Table: Send + Sync {
    /// Reads items by key, consistently, in one request; the answers are in the order of the keys.
    /// At most 100 keys.
    fn get(
        &self,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Option<Item>>, TableError>> + Send;

    /// Reads one page of a partition.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, TableError>> + Send;

    /// Writes one item and returns it as it then stands (empty after a delete).
    fn write(&self, write: &Write) -> impl Future<Output = Result<Item, TableError>> + Send;

    /// Writes all or nothing, at most 100 items, no two at the same key. The token (at most 36
    /// characters) makes an immediate repeat of the same transaction harmless.
    fn transact(
        &self,
        writes: &[Write],
        token: &str,
    ) -> impl Future<Output = Result<(), TableError>> + Send;
}

impl<T: Table> Table for Arc<T> {
    fn get(
        &self,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Option<Item>>, TableError>> + Send {
        self.as_ref().get(keys)
    }

    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, TableError>> + Send {
        self.as_ref().query(query)
    }

    fn write(&self, write: &Write) -> impl Future<Output = Result<Item, TableError>> + Send {
        self.as_ref().write(write)
    }

    fn transact(
        &self,
        writes: &[Write],
        token: &str,
    ) -> impl Future<Output = Result<(), TableError>> + Send {
        self.as_ref().transact(writes, token)
    }
}
