//! Numbers that an operator names: found by their digits, or written down for whoever is to take
//! them over.

use crate::Store;
use crate::changes;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::start::{IdempotencyKey, Started, idempotency_write};
use crate::table::{Table, Write};
use crate::work::ask_write;
use domain::ids::{NumberId, WorkId};
use domain::number::{Guard, Number};
use domain::phone::E164;
use domain::time::Timestamp;
use domain::work::Ask;

/// A number named for a work.
#[derive(Debug)]
pub struct Named<'a> {
    /// The work that is to take it over.
    pub work: WorkId,
    /// The number.
    pub number: &'a Number,
    /// Whether its row is new: neither it nor its digits may be there.
    pub is_new: bool,
    /// The idempotency key, if one came.
    pub idempotency: Option<&'a IdempotencyKey>,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// The number with these digits, whosever it is.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn number_of_digits(&self, digits: &E164) -> Result<Option<Number>, StoreError> {
        match self.id_of_digits(digits).await? {
            Some(id) => self.number(id).await,
            None => Ok(None),
        }
    }

    /// The id of the number with these digits, whosever it is.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn id_of_digits(&self, digits: &E164) -> Result<Option<NumberId>, StoreError> {
        let guard = self.read_one(keys::guard(&Guard::Digits(digits.clone()))).await?;
        let holder = guard.as_ref().and_then(|item| rows::text_of(item, keys::HOLDER));
        Ok(holder.and_then(|id| id.parse().ok()))
    }

    /// Changes a number that is no work's, if it is as it was seen. In the pool it is found no
    /// more. [`Started::Overtaken`]: it had changed meanwhile, and stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn set_aside(
        &self,
        was: &Number,
        now: &Number,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let claimed = changes::claim_number(was, now)?.into_iter();
        let writes: Vec<Write> = claimed.map(|(write, _obstacle)| write).collect();
        Ok(self.settle_all(&writes, &mark).await?.into())
    }

    /// Puts a named number into a work's inbox, in one transaction with its row where that is new.
    /// [`Started::Overtaken`]: the row or the key came to be meanwhile, or there is no such work.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn name_number(
        &self,
        named: &Named<'_>,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let ask = Ask::Assign { number: named.number.id };
        let mut writes = vec![ask_write(named.work, Some(ask), now)];
        if named.is_new {
            let opened = changes::open_number(named.number)?;
            writes.extend(opened.into_iter().map(|(write, _obstacle)| marked(write, &mark)));
        }
        let key = named.idempotency;
        writes.extend(key.map(|key| idempotency_write(key, named.work, now, &mark)));
        Ok(self.settle_all(&writes, &mark).await?.into())
    }
}

/// The same with the mark of who wrote it, so that it is known again if its answer is lost.
fn marked(write: Write, mark: &crate::mark::Mark) -> Write {
    match write {
        Write::Put { key, mut item, condition } => {
            item.insert(keys::WRITTEN_BY, rows::text(mark));
            Write::Put { key, item, condition }
        }
        other @ (Write::Update { .. } | Write::Delete { .. } | Write::Check { .. }) => other,
    }
}
