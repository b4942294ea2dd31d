//! Numbers for the pool: their works are written together, and are found by what they were asked
//! for with.

use crate::Store;
use crate::changes;
use crate::keys;
use crate::mark::{Mark, Marks};
use crate::organization;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::start::{IdempotencyKey, Started, thing_write, work_item};
use crate::table::{Condition, Key, Table, Write};
use crate::work::{WorkRow, row};
use domain::ids::{PurchaseId, WorkId};
use domain::number::Number;
use domain::stock::Purchase;
use domain::work::Work;

/// Numbers to be made.
#[derive(Debug)]
pub struct StartPurchase<'a> {
    /// What they are asked for with.
    pub purchase: &'a Purchase,
    /// A work for each; at most 90, so that all fit into one transaction, or 25 that have rows.
    pub works: &'a [Work],
    /// The rows of numbers that are there already and are to be prepared: neither they nor their
    /// digits may be known.
    pub numbers: &'a [Number],
    /// Whether who pays is new here: its row must not exist, and is made without settings.
    pub new_organization: bool,
    /// The idempotency key, if one came.
    pub idempotency: Option<&'a IdempotencyKey>,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Writes works that make or prepare numbers, all or none; they are due at once.
    /// [`Started::Overtaken`]: the key was used before, or who pays or one of the numbers came to be
    /// meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn start_purchase(
        &self,
        start: &StartPurchase<'_>,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let purchase = start.purchase;
        let item = rows::item([
            (keys::DOCUMENT, rows::document("purchase", purchase)?),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ]);
        let key = keys::purchase(purchase.id);
        let mut writes = vec![Write::Put { key, item, condition: Condition::Absent }];
        writes.extend(works_put(start.works, start.new_organization, &mark)?);
        for number in start.numbers {
            writes.extend(changes::open_number(number)?.into_iter().map(|(write, _gone)| write));
        }
        let (id, at) = (purchase.id.to_string(), purchase.created_at);
        writes.extend(start.idempotency.map(|key| thing_write(key, &id, at, &mark)));
        Ok(self.settle_all(&writes, &mark).await?.into())
    }

    /// What was asked for together.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn purchase(&self, id: PurchaseId) -> Result<Option<Purchase>, StoreError> {
        let item = self.read_one(keys::purchase(id)).await?;
        item.map(|item| rows::read("purchase", &item, keys::DOCUMENT)).transpose()
    }

    /// The works of these ids that there are, in their order; at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn works(&self, ids: &[WorkId]) -> Result<Vec<WorkRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| keys::work(*id)).collect();
        self.read(&keys).await?.iter().flatten().map(row).collect()
    }
}

/// The rows of works that must be new, and of who pays for them where that is new here.
pub(crate) fn works_put(
    works: &[Work],
    new_organization: bool,
    mark: &Mark,
) -> Result<Vec<Write>, StoreError> {
    let payer = works.first().filter(|_work| new_organization);
    let payer = payer.map(|work| organization::first(&work.organization));
    let put = |work: &Work| {
        let (key, item) = (keys::work(work.id), work_item(work, mark)?);
        Ok(Write::Put { key, item, condition: Condition::Absent })
    };
    works.iter().map(put).chain(payer).collect()
}
