//! The refill of the pool: what it has under way is one row, so that two refills at once, or one
//! after a crash, never make too many.

use crate::Store;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::start::Started;
use crate::stock::works_put;
use crate::table::{Condition, Index, Query, Table, Write};
use domain::number::PoolClass;
use domain::stock::Refill;
use domain::work::Work;
use planted::planted;

/// A refill to be written.
#[derive(Debug)]
pub struct StartRefill<'a> {
    /// What was seen to be under way; `None`: there was no refill yet.
    pub was: Option<&'a Refill>,
    /// What is under way from now on.
    pub becomes: &'a Refill,
    /// The works that are new; at most 90, so that all fit into one transaction.
    pub works: &'a [Work],
    /// Whether who pays is new here: its row must not exist, and is made without settings.
    pub new_organization: bool,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// What the last refill had under way; `None` before the first.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn refill(&self) -> Result<Option<Refill>, StoreError> {
        let item = self.read_one(keys::refill()).await?;
        item.map(|item| rows::read("refill", &item, keys::DOCUMENT)).transpose()
    }

    /// How many numbers of a class are in the pool, counted no further than `most`: one query of the
    /// base table.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn pooled(&self, class: &PoolClass, most: u16) -> Result<usize, StoreError> {
        let part = keys::pool_part(None);
        let query = Query {
            index: Index::Base,
            partition: keys::pool(class),
            to: Some(format!("{part}~")),
            from: Some(part),
            ascending: true,
            limit: most,
            after: None,
        };
        Ok(self.page(&query).await?.rows.len())
    }

    /// Writes works that refill the pool, all or none; they are due at once.
    /// [`Started::Overtaken`]: another refill was quicker, or who pays came to be meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn start_refill(
        &self,
        start: &StartRefill<'_>,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let item = rows::item([
            (keys::DOCUMENT, rows::document("refill", start.becomes)?),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ]);
        let condition = match start.was {
            Some(_) | None if planted!(RefillUnseen) => Condition::Always,
            Some(was) => Condition::Equals(keys::DOCUMENT, rows::document("refill", was)?),
            None => Condition::Absent,
        };
        let mut writes = vec![Write::Put { key: keys::refill(), item, condition }];
        writes.extend(works_put(start.works, start.new_organization, &mark)?);
        Ok(self.settle_all(&writes, &mark).await?.into())
    }
}
