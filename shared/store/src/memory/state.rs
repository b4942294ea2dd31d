//! What the twin holds, and how writes change it. Knows nothing of waiting.

use super::condition;
use super::index::SecondaryIndex;
use super::page::{self, Bounds};
use crate::layout;
use crate::limits;
use crate::table::{
    Condition, Cursor, Index, Item, Key, Page, Query, Refused, Row, TableError, Value, Write,
};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// So many transactions are remembered by their token. DynamoDB remembers ten minutes.
const TOKENS_MAX: usize = 1_000;

/// One item as it was and as it became, for checkers.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Where.
    pub key: Key,
    /// The item before, if there was one.
    pub old: Option<Arc<Item>>,
    /// The item after, unless it was deleted.
    pub new: Option<Arc<Item>>,
}

/// The table and all that belongs to it.
#[derive(Debug)]
pub(super) struct State {
    items: BTreeMap<Key, Arc<Item>>,
    due: SecondaryIndex,
    listing: SecondaryIndex,
    /// Keys that a transaction under way has taken.
    taken: BTreeSet<Key>,
    tokens: Tokens,
    /// What changed since somebody last asked; `None` while nobody does.
    journal: Option<Vec<Changed>>,
    /// Conditions that did not hold.
    refusals: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            items: BTreeMap::new(),
            due: SecondaryIndex::new(layout::DUE),
            listing: SecondaryIndex::new(layout::LISTING),
            taken: BTreeSet::new(),
            tokens: Tokens::default(),
            journal: None,
            refusals: 0,
        }
    }
}

impl State {
    pub(super) fn item(&self, key: &Key) -> Option<Item> {
        self.items.get(key).map(|item| Item::clone(item))
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = (&Key, &Item)> {
        self.items.iter().map(|(key, item)| (key, item.as_ref()))
    }

    pub(super) fn restore(&mut self, rows: &[Row]) {
        let keys: Vec<Key> = self.items.keys().cloned().collect();
        keys.iter().for_each(|key| self.store(key, None));
        rows.iter().for_each(|row| self.store(&row.key, Some(&Arc::new(row.item.clone()))));
    }

    pub(super) const fn refusals(&self) -> u64 {
        self.refusals
    }

    pub(super) fn keep_journal(&mut self) {
        self.journal.get_or_insert_default();
    }

    pub(super) fn take_journal(&mut self) -> Vec<Changed> {
        self.journal.as_mut().map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn set_index_lag(&mut self, changes: usize) {
        self.due.set_lag(changes);
        self.listing.set_lag(changes);
    }

    pub(super) fn page(&self, query: &Query) -> Page {
        match query.index {
            Index::Base => self.base_page(query),
            Index::Due => self.due.page(query),
            Index::Listing => self.listing.page(query),
        }
    }

    /// A single write, unless a transaction has its item.
    pub(super) fn write(&mut self, write: &Write) -> Result<Item, TableError> {
        if self.taken.contains(write.key()) {
            return Err(TableError::Conflict);
        }
        if let Some(refused) = self.judge(0, write) {
            self.refusals += 1;
            return Err(TableError::Refused(vec![refused]));
        }
        if matches!(write, Write::Check { .. }) {
            return Ok(Item::new());
        }
        let new = self.outcome(write)?;
        self.store(write.key(), new.as_ref());
        Ok(new.map(Arc::unwrap_or_clone).unwrap_or_default())
    }

    /// Takes the items of a transaction, unless another has one of them. `Ok(false)`: this very
    /// transaction was done before.
    pub(super) fn begin(&mut self, writes: &[Write], token: &str) -> Result<bool, TableError> {
        if let Some(known) = self.tokens.find(token) {
            return if known == digest(writes) {
                Ok(false)
            } else {
                Err(TableError::Rejected("the token of another transaction".to_owned()))
            };
        }
        if writes.iter().any(|write| self.taken.contains(write.key())) {
            return Err(TableError::Conflict);
        }
        self.taken.extend(writes.iter().map(|write| write.key().clone()));
        Ok(true)
    }

    /// Gives the items of a transaction free again.
    pub(super) fn end(&mut self, writes: &[Write]) {
        for write in writes {
            self.taken.remove(write.key());
        }
    }

    /// All or nothing.
    pub(super) fn commit(&mut self, writes: &[Write], token: &str) -> Result<(), TableError> {
        let refused: Vec<Refused> = writes
            .iter()
            .enumerate()
            .filter_map(|(index, write)| self.judge(index, write))
            .collect();
        if !refused.is_empty() {
            self.refusals += 1;
            return Err(TableError::Refused(refused));
        }
        let outcomes: Vec<Option<Arc<Item>>> =
            writes.iter().map(|write| self.outcome(write)).collect::<Result<_, _>>()?;
        for (write, new) in writes.iter().zip(&outcomes) {
            if !matches!(write, Write::Check { .. }) {
                self.store(write.key(), new.as_ref());
            }
        }
        self.tokens.remember(token, digest(writes));
        Ok(())
    }

    fn judge(&self, index: usize, write: &Write) -> Option<Refused> {
        let old = self.items.get(write.key()).map(Arc::as_ref);
        if condition::holds(condition_of(write), old) {
            return None;
        }
        Some(Refused { index, old: old.cloned() })
    }

    /// The item as the write leaves it.
    fn outcome(&self, write: &Write) -> Result<Option<Arc<Item>>, TableError> {
        let old = self.items.get(write.key());
        let new = match write {
            Write::Put { item, .. } => item.clone(),
            Write::Update { set, add, remove, .. } => {
                let mut item = old.map(|item| Item::clone(item)).unwrap_or_default();
                for name in remove {
                    item.remove(name);
                }
                item.extend(set.iter().cloned());
                for (name, more) in add {
                    let sum = sum(item.get(name), *more)?;
                    item.insert(name, Value::Number(sum));
                }
                item
            }
            Write::Delete { .. } => return Ok(None),
            Write::Check { .. } => return Ok(old.cloned()),
        };
        if limits::size(write.key(), &new) > limits::ITEM_BYTES_MAX {
            return Err(TableError::Rejected("the item is too large".to_owned()));
        }
        Ok(Some(Arc::new(new)))
    }

    fn store(&mut self, key: &Key, new: Option<&Arc<Item>>) {
        let old = match new {
            Some(item) => self.items.insert(key.clone(), Arc::clone(item)),
            None => self.items.remove(key),
        };
        self.due.record(key, old.as_ref(), new);
        self.listing.record(key, old.as_ref(), new);
        if let Some(journal) = &mut self.journal {
            journal.push(Changed { key: key.clone(), old, new: new.cloned() });
        }
    }

    fn base_page(&self, query: &Query) -> Page {
        let at = |sk: &str| Key { pk: query.partition.clone(), sk: sk.to_owned() };
        let bounds = Bounds {
            first: at(query.from.as_deref().unwrap_or_default()),
            end: match &query.to {
                Some(to) => at(&page::next(to)),
                None => Key { pk: page::next(&query.partition), sk: String::new() },
            },
            after: query.after.as_ref().map(|cursor| cursor.key.clone()),
        };
        page::read(
            &self.items,
            bounds,
            query,
            |key, item| Row { key: key.clone(), item: item.clone() },
            |key| Cursor { key: key.clone(), index_sort: None },
        )
    }
}

fn condition_of(write: &Write) -> &Condition {
    match write {
        Write::Put { condition, .. }
        | Write::Update { condition, .. }
        | Write::Delete { condition, .. }
        | Write::Check { condition, .. } => condition,
    }
}

fn sum(old: Option<&Value>, more: i64) -> Result<i64, TableError> {
    let old = match old {
        None => 0,
        Some(Value::Number(number)) => *number,
        Some(Value::Text(_) | Value::Document(_)) => {
            return Err(TableError::Rejected("a number added to a text".to_owned()));
        }
    };
    old.checked_add(more).ok_or_else(|| TableError::Rejected("a sum out of range".to_owned()))
}

/// The tokens of the transactions done last.
#[derive(Debug, Default)]
struct Tokens {
    digests: BTreeMap<Arc<str>, u64>,
    oldest_first: VecDeque<Arc<str>>,
}

impl Tokens {
    fn find(&self, token: &str) -> Option<u64> {
        self.digests.get(token).copied()
    }

    fn remember(&mut self, token: &str, digest: u64) {
        let token: Arc<str> = Arc::from(token);
        if self.digests.insert(Arc::clone(&token), digest).is_none() {
            self.oldest_first.push_back(token);
        }
        while self.oldest_first.len() > TOKENS_MAX {
            if let Some(oldest) = self.oldest_first.pop_front() {
                self.digests.remove(&oldest);
            }
        }
    }
}

/// `DefaultHasher::new` starts from fixed keys, so the same writes give the same digest.
fn digest(writes: &[Write]) -> u64 {
    let mut hasher = DefaultHasher::new();
    writes.hash(&mut hasher);
    hasher.finish()
}
