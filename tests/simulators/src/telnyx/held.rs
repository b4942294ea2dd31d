//! The numbers of an account, with what says whether a list shows all of them.
//!
//! When a number can be seen is changed here only, so that the two cannot differ.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use super::numbers::Number;
use crate::table::Order;

/// Numbers by id, oldest first. Read them as the map they are.
#[derive(Debug, Default)]
pub struct Numbers {
    numbers: BTreeMap<u64, Number>,
    /// The ids of all of them.
    order: Order,
    /// From when on each number that there ever was could be seen.
    visible_ms: Option<i64>,
    /// Those given back, which may linger.
    deleted: BTreeSet<u64>,
}

impl Deref for Numbers {
    type Target = BTreeMap<u64, Number>;

    fn deref(&self) -> &Self::Target {
        &self.numbers
    }
}

impl Numbers {
    pub(super) fn insert(&mut self, number: Number) {
        self.visible_ms = self.visible_ms.max(Some(number.visible_ms));
        self.order.insert(number.id);
        self.numbers.insert(number.id, number);
    }

    pub(super) fn get_mut(&mut self, id: u64) -> Option<&mut Number> {
        self.numbers.get_mut(&id)
    }

    /// Notes that a number is given back.
    pub(super) fn delete(&mut self, id: u64, now_ms: i64) {
        if let Some(number) = self.numbers.get_mut(&id) {
            number.deleted_ms.get_or_insert(now_ms);
            self.deleted.insert(id);
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        self.numbers.remove(&id);
        self.order.remove(id);
        self.deleted.remove(&id);
    }

    /// So many numbers after those skipped.
    pub(super) fn page(&self, skipped: usize, size: usize, oldest_first: bool) -> Vec<&Number> {
        let ids = self.order.page(skipped, size, oldest_first).into_iter();
        ids.filter_map(|id| self.numbers.get(&id)).collect()
    }

    /// Whether every number can be seen at this time, whatever lingers.
    pub(super) fn are_seen(&self, now_ms: i64) -> bool {
        self.deleted.is_empty() && self.visible_ms.is_none_or(|visible_ms| visible_ms <= now_ms)
    }
}
