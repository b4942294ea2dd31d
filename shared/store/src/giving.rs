//! Works that are for nobody, such as giving a number back: each is written in the transaction that takes the number.

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
use planted::planted;

impl<T: Table, B: Backoff> Store<T, B> {
    /// Starts giving a number back, taking off whoever is linked to it, or preparing it for the pool, if
    /// it is as it was seen; the work is due at once.
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
        let Giving { claim, work } = giving;
        let item = work_item(work, &mark)?;
        let mut writes =
            vec![Write::Put { key: keys::work(work.id), item, condition: Condition::Absent }];
        let claimed = changes::writes_of(claim, work, work.created_at)?;
        writes.extend(if planted!(GivenBackUnclaimed) { Vec::new() } else { claimed });
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
