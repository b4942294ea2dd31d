//! Giving numbers back: the work is written in the transaction that takes the number.

use crate::Store;
use crate::changes;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::start::{Started, work_item};
use crate::table::{Condition, Table, Write};
use domain::ids::DeploymentId;
use domain::work::Giving;

impl<T: Table, B: Backoff> Store<T, B> {
    /// Starts giving a number back, if it is as it was seen; the work is due at once.
    /// [`Started::Overtaken`]: somebody else was quicker, and nothing was written.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn start_giving_back(
        &self,
        giving: &Giving,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let Giving { was, work } = giving;
        let corrupt = |why: &str| StoreError::Corrupt { what: "work", why: why.to_owned() };
        let now = work.phase.number().ok_or_else(|| corrupt("it has no number"))?;
        let item = work_item(work, &mark)?;
        let mut writes =
            vec![Write::Put { key: keys::work(work.id), item, condition: Condition::Absent }];
        let claimed = changes::claim_number(was, now)?.into_iter();
        writes.extend(claimed.map(|(write, _obstacle)| write));
        Ok(self.settle_all(&writes, &mark).await?.into())
    }

    /// The deployment's id; `None` before the first provisioning.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn deployment(&self) -> Result<Option<DeploymentId>, StoreError> {
        let item = self.read_one(keys::deployment()).await?;
        item.map(|item| rows::read("deployment", &item, keys::DOCUMENT)).transpose()
    }
}
