//! How many numbers there are: counted page by page, and kept until they are counted again.
//!
//! Nothing is counted within a claim or a release, so that these stay as cheap as they are. What
//! changes while it is counted may be counted twice or not at all: these are figures, and say when
//! they were taken.

use crate::Store;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::table::{Condition, Cursor, Key, Table, Write};
use domain::figures::{Status, Tally};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Numbers counted at once.
const PAGE_NUMBERS: u16 = 100;

/// All numbers, as they were counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// When the counting began.
    pub counted_at: Timestamp,
    /// How many there were.
    pub tally: Tally,
}

/// A counting under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counting {
    /// When it began.
    pub begun_at: Timestamp,
    tally: Tally,
    /// The state that is being counted, by its place among all of them.
    state: usize,
    after: Option<Place>,
}

/// A cursor, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    pk: String,
    sk: String,
    index_sort: Option<String>,
}

/// What is kept between two countings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
struct Kept {
    figures: Option<Figures>,
    counting: Option<Counting>,
}

impl Counting {
    /// A counting that begins.
    #[must_use]
    pub fn begin(now: Timestamp) -> Self {
        Self { begun_at: now, tally: Tally::default(), state: 0, after: None }
    }

    /// The state it is at; `None` when all are counted.
    fn state(&self) -> Option<&'static str> {
        let states = Status::ALL.into_iter().flat_map(Status::states);
        states.copied().nth(self.state)
    }

    /// What it came to, when all are counted.
    #[must_use]
    pub fn figures(&self) -> Option<Figures> {
        let done = self.state().is_none();
        done.then(|| Figures { counted_at: self.begun_at, tally: self.tally.clone() })
    }
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Counts one page more: one query and at most one read.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn count_on(&self, mut counting: Counting) -> Result<Counting, StoreError> {
        let Some(state) = counting.state() else { return Ok(counting) };
        let after = counting.after.take().map(|place| Cursor {
            key: Key { pk: place.pk, sk: place.sk },
            index_sort: place.index_sort,
        });
        let (numbers, next) = self.numbers_in(state, PAGE_NUMBERS, after).await?;
        numbers.iter().for_each(|number| counting.tally.add(number));
        counting.after = next.map(|cursor| {
            let Cursor { key: Key { pk, sk }, index_sort } = cursor;
            Place { pk, sk, index_sort }
        });
        if counting.after.is_none() {
            counting.state = counting.state.saturating_add(1);
        }
        Ok(counting)
    }

    /// The figures last counted, and a counting that was left off.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn figures(&self) -> Result<(Option<Figures>, Option<Counting>), StoreError> {
        let item = self.read_one(keys::figures()).await?;
        let kept: Option<Kept> =
            item.map(|item| rows::read("figures", &item, keys::DOCUMENT)).transpose()?;
        let Kept { figures, counting } = kept.unwrap_or_default();
        Ok((figures, counting))
    }

    /// Keeps figures and what is left of a counting. Of two at once the last one stays; the next
    /// counting makes good whatever that loses.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn keep_figures(
        &self,
        figures: Option<Figures>,
        counting: Option<Counting>,
        marks: &Marks,
    ) -> Result<(), StoreError> {
        let mark = marks.next();
        let item = rows::item([
            (keys::DOCUMENT, rows::document("figures", &Kept { figures, counting })?),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ]);
        let put = Write::Put { key: keys::figures(), item, condition: Condition::Always };
        self.settle(&put, &mark).await.map(|_settled| ())
    }
}
