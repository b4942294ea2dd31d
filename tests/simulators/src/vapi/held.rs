//! The numbers of an organization, found by id and by digits.
//!
//! Records are changed here only, so that what finds them cannot differ from what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use super::number_read::PhoneNumber;
use crate::table::Table;

/// The numbers of an organization, oldest first. Read it as the [`Table`] it is.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    records: Table<PhoneNumber>,
    /// Places of the records with these digits: a number may be imported more than once.
    by_digits: BTreeMap<String, BTreeSet<u64>>,
}

impl Deref for Numbers {
    type Target = Table<PhoneNumber>;

    fn deref(&self) -> &Self::Target {
        &self.records
    }
}

impl Numbers {
    pub(super) fn insert(&mut self, number: PhoneNumber) -> &PhoneNumber {
        let id = number.id.clone();
        let digits = number.digits.clone();
        let place = self.records.insert(&id, number);
        self.put(digits, place);
        self.records.get(&id).expect("just inserted")
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<PhoneNumber> {
        let place = self.records.place(id)?;
        let number = self.records.remove(id)?;
        self.take(number.digits.as_deref(), place);
        Some(number)
    }

    /// Changes a record; `None` where there is none.
    pub(super) fn change<R>(
        &mut self,
        id: &str,
        change: impl FnOnce(&mut PhoneNumber) -> R,
    ) -> Option<R> {
        let place = self.records.place(id)?;
        let number = self.records.get_mut(id)?;
        let before = number.digits.clone();
        let done = change(number);
        let after = number.digits.clone();
        if before != after {
            self.take(before.as_deref(), place);
            self.put(after, place);
        }
        Some(done)
    }

    /// The records with these digits, shown yet or not, oldest first.
    pub(crate) fn with_digits(
        &self,
        digits: &str,
    ) -> impl DoubleEndedIterator<Item = &PhoneNumber> {
        let places = self.by_digits.get(digits).into_iter().flatten();
        places.filter_map(|place| self.records.at(*place))
    }

    fn put(&mut self, digits: Option<String>, place: u64) {
        if let Some(digits) = digits {
            self.by_digits.entry(digits).or_default().insert(place);
        }
    }

    fn take(&mut self, digits: Option<&str>, place: u64) {
        let Some(digits) = digits else { return };
        if let Some(places) = self.by_digits.get_mut(digits) {
            places.remove(&place);
            if places.is_empty() {
                self.by_digits.remove(digits);
            }
        }
    }
}
