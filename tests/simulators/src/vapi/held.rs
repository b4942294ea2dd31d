//! The numbers of an organization, found by id and by what they can be searched for.
//!
//! Records are changed here only, so that what finds them cannot differ from what they are.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Deref};

use super::number_read::PhoneNumber;
use crate::table::{Order, Table};

/// Digits in a row of which the places are kept: fewer say too little.
const RUN_DIGITS_MIN: usize = 7;

/// The numbers of an organization, oldest first. Read it as the [`Table`] it is.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    records: Table<PhoneNumber>,
    /// The places of all records.
    order: Order,
    /// Places of the records in which so many digits stand in a row, in number, name or SIP
    /// address, with nothing but other signs around them. The shorter ones come first.
    by_run: BTreeMap<(usize, String), BTreeSet<u64>>,
    /// When the youngest record that there ever was was made.
    youngest_ms: Option<i64>,
}

impl Deref for Numbers {
    type Target = Table<PhoneNumber>;

    fn deref(&self) -> &Self::Target {
        &self.records
    }
}

impl Numbers {
    pub(super) fn insert(&mut self, number: PhoneNumber) -> &PhoneNumber {
        let (id, runs) = (number.id.clone(), runs_of(&number));
        self.youngest_ms = self.youngest_ms.max(Some(number.created_ms));
        let place = self.records.insert(&id, number);
        self.order.insert(place);
        self.put(runs, place);
        self.records.get(&id).expect("just inserted")
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<PhoneNumber> {
        let place = self.records.place(id)?;
        let number = self.records.remove(id)?;
        self.order.remove(place);
        self.take(&runs_of(&number), place);
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
        let before = runs_of(number);
        let done = change(number);
        let after = runs_of(number);
        if before != after {
            self.take(&before, place);
            self.put(after, place);
        }
        Some(done)
    }

    /// The records with these digits, shown yet or not, oldest first.
    pub(crate) fn with_digits(
        &self,
        digits: &str,
    ) -> impl DoubleEndedIterator<Item = &PhoneNumber> {
        let longest = runs(digits).max_by_key(String::len).unwrap_or_default();
        let found = self.with_run(&longest).into_iter();
        found.filter(move |number| number.digits.as_deref() == Some(digits))
    }

    /// The records in which a search for this text may find it, oldest first.
    pub(super) fn searched(&self, text: &str) -> Vec<&PhoneNumber> {
        let is_run = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_run { self.with_run(text) } else { self.records.iter().collect() }
    }

    /// So many records after those skipped.
    pub(super) fn page(
        &self,
        skipped: usize,
        size: usize,
        oldest_first: bool,
    ) -> Vec<&PhoneNumber> {
        let places = self.order.page(skipped, size, oldest_first).into_iter();
        places.filter_map(|place| self.records.at(place)).collect()
    }

    /// Whether all records are at least as old as this.
    pub(super) fn are_made_by(&self, at_ms: i64) -> bool {
        self.youngest_ms.is_none_or(|youngest_ms| youngest_ms <= at_ms)
    }

    /// The records in which these digits may stand in a row: as all of a row, or within a longer one.
    fn with_run(&self, run: &str) -> Vec<&PhoneNumber> {
        if run.len() < RUN_DIGITS_MIN {
            return self.records.iter().collect();
        }
        let alone = self.by_run.get(&(run.len(), run.to_owned()));
        let longer = (Bound::Included((run.len() + 1, String::new())), Bound::Unbounded);
        let within = self.by_run.range(longer).filter(|((_, longer), _)| longer.contains(run));
        let places = alone.into_iter().chain(within.map(|(_, places)| places)).flatten();
        let places: BTreeSet<u64> = places.copied().collect();
        places.into_iter().filter_map(|place| self.records.at(place)).collect()
    }

    fn put(&mut self, runs: BTreeSet<String>, place: u64) {
        for run in runs {
            self.by_run.entry((run.len(), run)).or_default().insert(place);
        }
    }

    fn take(&mut self, runs: &BTreeSet<String>, place: u64) {
        for run in runs {
            let key = (run.len(), run.clone());
            if let Some(places) = self.by_run.get_mut(&key) {
                places.remove(&place);
                if places.is_empty() {
                    self.by_run.remove(&key);
                }
            }
        }
    }
}

/// What a search looks through, as far as places are kept of it.
fn runs_of(number: &PhoneNumber) -> BTreeSet<String> {
    let marks = [&number.name, &number.digits, &number.sip_uri];
    marks.into_iter().flatten().flat_map(|mark| runs(mark)).collect()
}

fn runs(mark: &str) -> impl Iterator<Item = String> {
    let runs = mark.split(|sign: char| !sign.is_ascii_digit());
    runs.filter(|run| run.len() >= RUN_DIGITS_MIN).map(str::to_owned)
}
