//! A secondary index that may lag behind the table.

use super::page::{self, Bounds};
use crate::layout::Secondary;
use crate::table::{Cursor, Item, Key, Page, Query, Row, Value};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Where an item stands in an index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    partition: String,
    sort: String,
    key: Key,
}

/// A change on its way into the index. An item that moves is taken out first and put in second,
/// as DynamoDB does it: a reader between the two finds it nowhere.
#[derive(Debug)]
enum Change {
    In(Position, Arc<Item>),
    Out(Position),
}

/// The index: it shows the keys of the table and its own, nothing else of an item.
#[derive(Debug)]
pub(super) struct SecondaryIndex {
    layout: Secondary,
    visible: BTreeMap<Position, Arc<Item>>,
    behind: VecDeque<Change>,
    lag: usize,
}

impl SecondaryIndex {
    pub(super) const fn new(layout: Secondary) -> Self {
        Self { layout, visible: BTreeMap::new(), behind: VecDeque::new(), lag: 0 }
    }

    /// Sets how many changes the index stays behind.
    pub(super) fn set_lag(&mut self, changes: usize) {
        self.lag = changes;
        self.catch_up();
    }

    /// Takes note of one write.
    pub(super) fn record(&mut self, key: &Key, old: Option<&Arc<Item>>, new: Option<&Arc<Item>>) {
        let before = old.and_then(|item| self.position(key, item));
        let after = new.and_then(|item| self.position(key, item));
        let (Some(item), Some(after)) = (new, after) else {
            if let Some(before) = before {
                self.behind.push_back(Change::Out(before));
            }
            return self.catch_up();
        };
        if before.as_ref() == Some(&after) {
            return;
        }
        if let Some(before) = before
            && before != after
        {
            self.behind.push_back(Change::Out(before));
        }
        let shown = Arc::new(self.keys_of(item));
        self.behind.push_back(Change::In(after, shown));
        self.catch_up();
    }

    /// One page of a partition.
    pub(super) fn page(&self, query: &Query) -> Page {
        let position = |sort: &str, key: Key| Position {
            partition: query.partition.clone(),
            sort: sort.to_owned(),
            key,
        };
        // No key is empty, so the empty one stands before all others.
        let nowhere = || Key { pk: String::new(), sk: String::new() };
        let bounds = Bounds {
            first: position(query.from.as_deref().unwrap_or_default(), nowhere()),
            end: match &query.to {
                Some(to) => position(&page::next(to), nowhere()),
                None => Position {
                    partition: page::next(&query.partition),
                    sort: String::new(),
                    key: nowhere(),
                },
            },
            after: query.after.as_ref().map(|cursor| {
                position(cursor.index_sort.as_deref().unwrap_or_default(), cursor.key.clone())
            }),
        };
        page::read(
            &self.visible,
            bounds,
            query,
            |position, item| Row { key: position.key.clone(), item: Item::clone(item) },
            |position| Cursor {
                key: position.key.clone(),
                index_sort: Some(position.sort.clone()),
            },
        )
    }

    fn catch_up(&mut self) {
        while self.behind.len() > self.lag {
            match self.behind.pop_front() {
                Some(Change::In(position, item)) => self.visible.insert(position, item),
                Some(Change::Out(position)) => self.visible.remove(&position),
                None => return,
            };
        }
    }

    fn position(&self, key: &Key, item: &Item) -> Option<Position> {
        let (Some(Value::Text(partition)), Some(Value::Text(sort))) =
            (item.get(self.layout.partition), item.get(self.layout.sort))
        else {
            return None;
        };
        Some(Position { partition: partition.clone(), sort: sort.clone(), key: key.clone() })
    }

    fn keys_of(&self, item: &Item) -> Item {
        [self.layout.partition, self.layout.sort]
            .into_iter()
            .filter_map(|name| Some((name, item.get(name)?.clone())))
            .collect()
    }
}
