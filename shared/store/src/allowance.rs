//! The free allowance: which slots are taken, and whether VAPI closed it.

use crate::Store;
use crate::keys;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::table::{Index, Query, Table};
use domain::time::Timestamp;
use domain::work::Allowance;

/// Slots read in one request: far above any allowance VAPI gives.
const SLOTS_MAX: u16 = 1000;

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads the allowance, consistently, in one request.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn allowance(&self) -> Result<Allowance, StoreError> {
        let query = Query {
            index: Index::Base,
            partition: keys::FREE.to_owned(),
            from: None,
            to: None,
            ascending: true,
            limit: SLOTS_MAX,
            after: None,
        };
        let page = self.page(&query).await?;
        let taken = page.rows.iter().filter_map(|row| keys::parse_slot(&row.key.sk)).collect();
        let closed_until = page
            .rows
            .iter()
            .find(|row| row.key.sk == keys::CLOSED)
            .map(|row| Timestamp::from_millis(rows::number(&row.item, keys::AT)));
        Ok(Allowance { taken, closed_until })
    }
}
