//! The table as a value: rows that are cheap to copy, behind the very port production writes to.
//!
//! A state of a model holds [`Rows`]. For one transition they are put behind [`OneStep`], the real
//! [`store::Store`] reads and writes there with its own conditions, judged by the same code as in
//! the in-memory twin, and the rows are taken out again. Nothing waits: each future is ready at
//! once.

use store::memory::holds;
use store::table::{
    Attribute, Condition, Index, Item, Key, Page, Query, Refused, Row, Table, TableError, Value,
    Write,
};
use store::{Backoff, Store, keys};

use crate::kept::KeptNumber;
use domain::ids::NumberId;

use futures_util::FutureExt as _;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

/// The rows of a table in the order of their keys. Copies share everything until one is written to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rows(Arc<Vec<Arc<Stored>>>);

#[derive(Debug, PartialEq, Eq)]
struct Stored {
    key: Arc<Key>,
    item: Item,
    /// The document, where it is a number's.
    number: Option<Arc<KeptNumber>>,
    /// What tells it from others, where it is no work's.
    content: u64,
}

impl Stored {
    fn new(key: Arc<Key>, item: Item) -> Self {
        let number = (key.sk == "NUMBER").then(|| Arc::new(KeptNumber::new(document(&item))));
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        hash_item(&item, &mut hasher);
        Self { key, item, number, content: hasher.finish() }
    }
}

impl Rows {
    /// The item at a key.
    pub(crate) fn get(&self, key: &Key) -> Option<&Item> {
        let place = self.place(key).ok()?;
        Some(&self.0[place].item)
    }

    /// All rows.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Key, &Item)> {
        self.0.iter().map(|row| (row.key.as_ref(), &row.item))
    }

    /// The numbers that have rows.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &Arc<KeptNumber>> {
        self.0.iter().filter_map(|row| row.number.as_ref())
    }

    /// The row of a number.
    pub(crate) fn number(&self, id: NumberId) -> Option<&Arc<KeptNumber>> {
        self.numbers().find(|row| row.number.id == id)
    }

    /// The numbers that have rows, with the work that conditions see there.
    pub(crate) fn numbers_with_works(
        &self,
    ) -> impl Iterator<Item = (&Arc<KeptNumber>, Option<&str>)> {
        self.0.iter().filter_map(|row| Some((row.number.as_ref()?, text(&row.item, keys::WORK))))
    }

    /// What tells these rows from others but for the works and the documents of numbers.
    pub(crate) fn hash_all<H: Hasher>(&self, hasher: &mut H) {
        for row in self.0.iter().filter(|row| row.key.sk != "WORK") {
            row.content.hash(hasher);
        }
    }

    /// Puts an item, whatever stands there.
    pub(crate) fn put(&mut self, key: &Key, item: Item) {
        let place = self.place(key);
        let rows = Arc::make_mut(&mut self.0);
        match place {
            Ok(place) => {
                let key = Arc::clone(&rows[place].key);
                rows[place] = Arc::new(Stored::new(key, item));
            }
            Err(place) => rows.insert(place, Arc::new(Stored::new(Arc::new(key.clone()), item))),
        }
    }

    /// Lets the real store do one thing to these rows.
    pub(crate) fn with<R>(
        &mut self,
        rules: Rules,
        operation: impl AsyncFnOnce(&OneStore) -> R,
    ) -> R {
        let table = OneStep { rows: Mutex::new(std::mem::take(self)), rules };
        let store = Store::new(table, AtOnce);
        let done = operation(&store).now_or_never().expect("nothing waits");
        *self =
            std::mem::take(&mut *store.table().rows.lock().unwrap_or_else(PoisonError::into_inner));
        done
    }

    fn place(&self, key: &Key) -> Result<usize, usize> {
        self.0.binary_search_by(|row| row.key.as_ref().cmp(key))
    }

    fn remove(&mut self, key: &Key) {
        if let Ok(place) = self.place(key) {
            Arc::make_mut(&mut self.0).remove(place);
        }
    }

    fn judge(&self, index: usize, write: &Write, rules: Rules) -> Option<Refused> {
        let old = self.get(write.key());
        if holds(rules.condition(write), old) {
            return None;
        }
        Some(Refused { index, old: old.cloned() })
    }

    fn apply(&mut self, write: &Write) {
        match write {
            // Nobody decides by a number's history, and its keys name absolute times.
            Write::Put { key, .. } if key.sk.starts_with("HISTORY#") => {}
            Write::Put { key, item, .. } => self.put(key, item.clone()),
            Write::Delete { key, .. } => self.remove(key),
            Write::Check { .. } => {}
            Write::Update { key, set, add, remove, .. } => {
                let mut item = self.get(key).cloned().unwrap_or_default();
                for name in remove {
                    item.remove(name);
                }
                item.extend(set.iter().cloned());
                for (name, more) in add {
                    let sum = number(&item, name).unwrap_or(0) + more;
                    item.insert(name, Value::Number(sum));
                }
                self.put(key, item);
            }
        }
    }
}

fn document<T: DeserializeOwned>(item: &Item) -> T {
    match item.get(keys::DOCUMENT) {
        Some(Value::Document(text)) => serde_json::from_str(text).unwrap(),
        other => panic!("{other:?} is no document"),
    }
}

/// What later reads and conditions see of a row that is no work's: the document of a number counts
/// where it is read, see [`State`](crate::state::State), marks are for nobody, and times are of the
/// closed free numbers alone, which stay closed.
fn hash_item<H: Hasher>(item: &Item, hasher: &mut H) {
    const SEEN: [&str; 8] = [
        keys::STATE,
        keys::WORK,
        keys::VAPI,
        keys::HOLDER,
        keys::ANSWERS,
        keys::COMMITTED,
        keys::ASSIGNED,
        keys::LAST_CALL_AT,
    ];
    for (name, value) in item.iter().filter(|(name, _)| SEEN.contains(name)) {
        name.hash(hasher);
        // Of these it counts only that they are there.
        if ![keys::ASSIGNED, keys::LAST_CALL_AT].contains(name) {
            value.hash(hasher);
        }
    }
}

/// The number in an attribute.
pub(crate) fn number(item: &Item, name: Attribute) -> Option<i64> {
    match item.get(name) {
        Some(Value::Number(number)) => Some(*number),
        Some(Value::Text(_) | Value::Document(_)) | None => None,
    }
}

/// The text in an attribute.
pub(crate) fn text(item: &Item, name: Attribute) -> Option<&str> {
    match item.get(name) {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Number(_) | Value::Document(_)) | None => None,
    }
}

/// How the table judges, and when a sweep takes a rest for over. Only a test that the checker can
/// catch sets others than the real ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rules {
    /// Every condition counts.
    #[default]
    Real,
    /// Whoever comes for a work gets its lease, also while another holds it.
    LeaseForAll,
    /// A slot of the allowance is given away however often it was taken.
    SlotForAll,
    /// A number is claimed whether or not it is as it was seen.
    NumberForAll,
    /// A number is freed whether or not it is as it was seen.
    FreedUnseen,
    /// A sweep takes every rest for over.
    SweptEarly,
}

impl Rules {
    fn condition(self, write: &Write) -> &Condition {
        let (Write::Put { key, condition, .. }
        | Write::Update { key, condition, .. }
        | Write::Delete { key, condition }
        | Write::Check { key, condition }) = write;
        let takes_lease = matches!(write, Write::Update { set, .. } if set.iter().any(|set| set.0 == keys::LEASE_HOLDER));
        let asks = |wanted: fn(&Condition) -> bool| {
            let all = matches!(condition, Condition::All(all) if all.iter().any(wanted));
            key.sk == "NUMBER" && all
        };
        // Both ask for the row as it was seen; only a sweep asks that it is no work's.
        let seen = asks(|asked| matches!(asked, Condition::Equals(keys::DOCUMENT, _)));
        let free = asks(|asked| matches!(asked, Condition::Missing(keys::WORK)));
        match self {
            Self::Real => condition,
            Self::LeaseForAll if takes_lease => &Condition::Present,
            Self::SlotForAll if key.pk == keys::FREE => &Condition::Always,
            Self::NumberForAll if seen && !free => &Condition::Present,
            Self::FreedUnseen if seen && free => &Condition::Present,
            Self::LeaseForAll
            | Self::SlotForAll
            | Self::NumberForAll
            | Self::FreedUnseen
            | Self::SweptEarly => condition,
        }
    }
}

/// The real store over the rows of one state.
pub(crate) type OneStore = Store<OneStep, AtOnce>;

/// A table for one transition.
#[derive(Debug)]
pub(crate) struct OneStep {
    rows: Mutex<Rows>,
    rules: Rules,
}

impl OneStep {
    fn done<R>(&self, with: impl FnOnce(&mut Rows) -> R) -> std::future::Ready<R> {
        std::future::ready(with(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// A page of the listing index, which shows keys only and is never behind here.
    fn list(&self, query: &Query) -> std::future::Ready<Result<Page, TableError>> {
        assert!(query.index == Index::Listing && query.from.is_none() && query.to.is_none());
        self.done(|rows| {
            let listed = |item: &Item| text(item, keys::LIST_PK) == Some(&query.partition);
            let listed = rows.iter().filter(|(_key, item)| listed(item));
            let mut found: Vec<(&Key, &Item)> = listed.collect();
            found.sort_by_key(|(_key, item)| text(item, keys::LIST_SK));
            if !query.ascending {
                found.reverse();
            }
            let rows = found.into_iter().take(query.limit.into());
            let rows = rows.map(|(key, _item)| Row { key: key.clone(), item: Item::default() });
            Ok(Page { rows: rows.collect(), next: None })
        })
    }
}

impl Table for OneStep {
    fn get(
        &self,
        keys: &[Key],
    ) -> impl Future<Output = Result<Vec<Option<Item>>, TableError>> + Send {
        self.done(|rows| Ok(keys.iter().map(|key| rows.get(key).cloned()).collect()))
    }

    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, TableError>> + Send {
        assert!(query.after.is_none(), "{query:?}");
        if query.index != Index::Base {
            return self.list(query);
        }
        let within = |sk: &String| {
            query.from.as_ref().is_none_or(|from| sk >= from)
                && query.to.as_ref().is_none_or(|to| sk <= to)
        };
        self.done(|rows| {
            let found = rows.iter().filter(|(key, _)| key.pk == query.partition && within(&key.sk));
            let rows = found.map(|(key, item)| Row { key: key.clone(), item: item.clone() });
            Ok(Page { rows: rows.take(query.limit.into()).collect(), next: None })
        })
    }

    fn write(&self, write: &Write) -> impl Future<Output = Result<Item, TableError>> + Send {
        self.done(|rows| {
            if let Some(refused) = rows.judge(0, write, self.rules) {
                return Err(TableError::Refused(vec![refused]));
            }
            rows.apply(write);
            Ok(rows.get(write.key()).cloned().unwrap_or_default())
        })
    }

    fn transact(
        &self,
        writes: &[Write],
        _token: &str,
    ) -> impl Future<Output = Result<(), TableError>> + Send {
        self.done(|rows| {
            let judged = writes.iter().enumerate();
            let refused: Vec<Refused> =
                judged.filter_map(|(index, write)| rows.judge(index, write, self.rules)).collect();
            if !refused.is_empty() {
                return Err(TableError::Refused(refused));
            }
            for write in writes {
                rows.apply(write);
            }
            Ok(())
        })
    }
}

/// No waits between tries: this table never fails.
#[derive(Debug)]
pub(crate) struct AtOnce;

impl Backoff for AtOnce {
    fn pause(&self, _attempt: u32) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}
