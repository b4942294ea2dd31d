//! The digits watch: one look at VAPI's list for all numbers that wait together.

use crate::Store;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Condition, Index, Query, Table, Write};
use domain::ids::{VapiNumberId, WorkId};
use domain::time::Timestamp;

/// Numbers watched together: far above any allowance VAPI gives.
const WATCHED_MAX: u16 = 1000;

/// A number whose digits are waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Who waits.
    pub work: WorkId,
    /// VAPI's id of the number.
    pub vapi: VapiNumberId,
    /// What it looked like when last looked at.
    pub seen: String,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// The numbers that wait for digits.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn watched(&self) -> Result<Vec<Watched>, StoreError> {
        let query = Query {
            index: Index::Base,
            partition: keys::WATCH.to_owned(),
            from: Some(keys::WATCHED_FROM.to_owned()),
            to: Some(keys::WATCHED_TO.to_owned()),
            ascending: true,
            limit: WATCHED_MAX,
            after: None,
        };
        let page = self.page(&query).await?;
        let watched = |row: &crate::table::Row| {
            Some(Watched {
                work: keys::parse_watched(&row.key.sk)?,
                vapi: rows::text_of(&row.item, keys::VAPI)?.parse().ok()?,
                seen: rows::text_of(&row.item, keys::SEEN)?.to_owned(),
            })
        };
        Ok(page.rows.iter().filter_map(watched).collect())
    }

    /// Remembers what a number looked like. `false`: it is watched no longer.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn watch_saw(
        &self,
        work: WorkId,
        seen: &str,
        marks: &Marks,
    ) -> Result<bool, StoreError> {
        let mark = marks.next();
        let write = Write::Update {
            key: keys::watched(work),
            set: vec![(keys::SEEN, rows::text(seen)), (keys::WRITTEN_BY, rows::text(&mark))],
            add: Vec::new(),
            remove: Vec::new(),
            condition: Condition::Present,
        };
        Ok(matches!(self.settle(&write, &mark).await?, Settled::Written(_)))
    }

    /// Claims the look that is due now and sets the next one. `false`: another one has it, so that
    /// there is one watch however many messages there are.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn claim_watch(
        &self,
        now: Timestamp,
        next: Timestamp,
        marks: &Marks,
    ) -> Result<bool, StoreError> {
        let mark = marks.next();
        let condition = Condition::Any(vec![
            Condition::Missing(keys::AT),
            Condition::AtMost(keys::AT, now.as_millis()),
        ]);
        let write = Write::Update {
            key: keys::watch(),
            set: vec![(keys::AT, rows::time(next)), (keys::WRITTEN_BY, rows::text(&mark))],
            add: Vec::new(),
            remove: Vec::new(),
            condition,
        };
        Ok(matches!(self.settle(&write, &mark).await?, Settled::Written(_)))
    }

    /// When the watch looks next, if it ever looked.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn watch_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let item = self.read_one(keys::watch()).await?;
        Ok(item.map(|item| Timestamp::from_millis(rows::number(&item, keys::AT))))
    }
}
