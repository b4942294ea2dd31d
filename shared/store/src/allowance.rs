//! The free allowance: which slots are taken, and whether VAPI closed it.

use crate::Store;
use crate::keys;
use crate::limits;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::table::{Index, Page, Query, Row, Table};
use domain::ids::NumberId;
use domain::number::Number;
use domain::time::Timestamp;
use domain::work::Allowance;

/// Slots read in one request: far above any allowance VAPI gives.
const SLOTS_MAX: u16 = 1000;

/// The free numbers there are.
#[derive(Debug, Clone)]
pub struct FreeNumbers {
    /// Slots that are taken, also by works that are making a number.
    pub used: u16,
    /// The numbers that hold one.
    pub numbers: Vec<Number>,
    /// Until when VAPI closed the free numbers, if it did.
    pub closed_until: Option<Timestamp>,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads the allowance, consistently, in one request.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn allowance(&self) -> Result<Allowance, StoreError> {
        let page = self.free_partition().await?;
        let taken = page.rows.iter().filter_map(|row| keys::parse_slot(&row.key.sk)).collect();
        Ok(Allowance { taken, closed_until: closed_until(&page) })
    }

    /// The free numbers and who has them: one request, and one for each hundred numbers.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn free_numbers(&self) -> Result<FreeNumbers, StoreError> {
        let page = self.free_partition().await?;
        let held: Vec<&Row> =
            page.rows.iter().filter(|row| keys::parse_slot(&row.key.sk).is_some()).collect();
        let used = u16::try_from(held.len()).unwrap_or(u16::MAX);
        // A slot is a work's until VAPI has the number: then there is no number of that id.
        let holders: Vec<NumberId> = held
            .iter()
            .filter_map(|row| rows::text_of(&row.item, keys::HOLDER)?.parse().ok())
            .collect();
        let mut numbers = Vec::new();
        for some in holders.chunks(limits::KEYS_MAX) {
            numbers.extend(self.numbers(some).await?);
        }
        Ok(FreeNumbers { used, numbers, closed_until: closed_until(&page) })
    }

    async fn free_partition(&self) -> Result<Page, StoreError> {
        let query = Query {
            index: Index::Base,
            partition: keys::FREE.to_owned(),
            from: None,
            to: None,
            ascending: true,
            limit: SLOTS_MAX,
            after: None,
        };
        self.page(&query).await
    }
}

fn closed_until(page: &Page) -> Option<Timestamp> {
    let closed = page.rows.iter().find(|row| row.key.sk == keys::CLOSED);
    closed.map(|row| Timestamp::from_millis(rows::number(&row.item, keys::AT)))
}
