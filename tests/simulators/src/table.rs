//! Records in the order they were made, found by their id.

use std::collections::BTreeMap;

/// Rows by order of creation, with an index over their ids.
#[derive(Debug, Clone)]
pub struct Table<T> {
    rows: BTreeMap<u64, (String, T)>,
    places: BTreeMap<String, u64>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), places: BTreeMap::new(), next: 0 }
    }
}

impl<T> Table<T> {
    /// Adds a record; gives its place in the order.
    pub(crate) fn insert(&mut self, id: &str, row: T) -> u64 {
        let place = self.next;
        self.places.insert(id.to_owned(), place);
        self.rows.insert(place, (id.to_owned(), row));
        self.next += 1;
        place
    }

    /// The place of a record.
    pub(crate) fn place(&self, id: &str) -> Option<u64> {
        self.places.get(id).copied()
    }

    /// The record at a place.
    pub(crate) fn at(&self, place: u64) -> Option<&T> {
        self.rows.get(&place).map(|(_, row)| row)
    }

    /// The record with this id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&T> {
        self.rows.get(self.places.get(id)?).map(|(_, row)| row)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.places.get(id)?).map(|(_, row)| row)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let place = self.places.remove(id)?;
        self.rows.remove(&place).map(|(_, row)| row)
    }

    /// All records, oldest first; reversible.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.rows.values().map(|(_, row)| row)
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// Keys in their order, of which any page is found at once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Order(Vec<u64>);

impl Order {
    pub(crate) fn insert(&mut self, key: u64) {
        if let Err(at) = self.0.binary_search(&key) {
            self.0.insert(at, key);
        }
    }

    pub(crate) fn remove(&mut self, key: u64) {
        if let Ok(at) = self.0.binary_search(&key) {
            self.0.remove(at);
        }
    }

    /// So many keys after those skipped.
    pub(crate) fn page(&self, skipped: usize, size: usize, oldest_first: bool) -> Vec<u64> {
        let all = self.0.iter().copied();
        if oldest_first {
            all.skip(skipped).take(size).collect()
        } else {
            all.rev().skip(skipped).take(size).collect()
        }
    }
}
