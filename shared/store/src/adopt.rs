//! Strays: what a work of ours made and no row has. They are taken in, in one transaction that also
//! says that the work has ended and nobody is at it.

use crate::Store;
use crate::changes;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::start::work_item;
use crate::table::{Condition, Table, Write};
use crate::work::row;
use domain::drift::Adoption;
use domain::ids::WorkId;
use domain::number::{Carrier, Number, State};
use domain::time::Timestamp;
use domain::work::{Change, HistoryEvent, Phase, Work};
use planted::planted;

/// Where the work stands that made a stray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Maker {
    /// It has ended with nothing under way: the stray is nobody's.
    Ended(Box<Work>),
    /// It may still come to it.
    Alive,
    /// There is no such work.
    Unknown,
}

/// What came of an adoption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adopted {
    /// It is in a row now.
    Adopted,
    /// A row has its id or its digits, or its work goes on: nothing was written.
    Left,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Where the work stands that made a stray.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn maker(&self, id: WorkId) -> Result<Maker, StoreError> {
        let Some(item) = self.read_one(keys::work(id)).await? else { return Ok(Maker::Unknown) };
        let found = row(&item)?;
        Ok(if has_ended(&found.work.phase) && found.leased_until.is_none() {
            Maker::Ended(Box::new(found.work))
        } else {
            Maker::Alive
        })
    }

    /// Takes a stray in, if neither its id nor its digits are in a row, and the work that made it has
    /// ended and stays so.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn adopt(
        &self,
        adoption: &Adoption,
        maker: WorkId,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Adopted, StoreError> {
        let mark = marks.next();
        let Some(item) = self.read_one(keys::work(maker)).await? else { return Ok(Adopted::Left) };
        let phase = row(&item)?.work.phase;
        let Some(document) = item.get(keys::DOCUMENT).cloned() else { return Ok(Adopted::Left) };
        if !has_ended(&phase) {
            return Ok(Adopted::Left);
        }
        let stays = Condition::All(vec![
            Condition::Equals(keys::DOCUMENT, document),
            Condition::Missing(keys::LEASE_HOLDER),
        ]);
        let Adoption { number, work } = adoption;
        let mut row = rows::item(changes::number_attributes(number)?);
        row.insert(keys::WRITTEN_BY, rows::text(&mark));
        let key = keys::number(number.id);
        let mut writes = vec![Write::Put { key, item: row, condition: Condition::Absent }];
        writes.push(Write::Check { key: keys::work(maker), condition: stays });
        writes.extend(changes::guards_of(number));
        if let Carrier::Vapi { slot } = &number.carrier {
            let item = rows::item([(keys::HOLDER, rows::text(number.id))]);
            let key = keys::slot(*slot);
            writes.push(Write::Put { key, item, condition: Condition::Absent });
        }
        if let Some(work) = work {
            let item = work_item(work, &mark)?;
            let key = keys::work(work.id);
            writes.push(Write::Put { key, item, condition: Condition::Absent });
            let line = Change::History(number.id, HistoryEvent::Adopted);
            writes.extend(changes::writes_of(&line, work, now)?);
        }
        Ok(match self.settle_all(&writes, &mark).await? {
            Settled::Written(_) => Adopted::Adopted,
            Settled::Refused(_) => Adopted::Left,
        })
    }

    /// Marks a number that its provider has no more, if it is as it was seen: a person must look.
    /// `false`: it had changed, and stays as it is.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn mark_gone(&self, was: &Number, marks: &Marks) -> Result<bool, StoreError> {
        let mark = marks.next();
        let now = Number { state: State::Corrupted, ..was.clone() };
        let mut set = changes::number_attributes(&now)?;
        set.push((keys::WRITTEN_BY, rows::text(&mark)));
        let update = Write::Update {
            key: keys::number(now.id),
            set,
            add: Vec::new(),
            remove: Vec::new(),
            condition: Condition::All(vec![
                Condition::Equals(keys::DOCUMENT, rows::document("number", was)?),
                Condition::Missing(keys::WORK),
            ]),
        };
        let gone = changes::out_of_pool(was).map(|(write, _obstacle)| write);
        let writes: Vec<Write> = std::iter::once(update).chain(gone).collect();
        Ok(matches!(self.settle_all(&writes, &mark).await?, Settled::Written(_)))
    }
}

/// Whether a work makes nothing any more, and nothing that it made is in doubt.
fn has_ended(phase: &Phase) -> bool {
    let has_ended = (phase.is_over() || phase.is_ready()) && phase.intent().is_none();
    has_ended || planted!(AdoptedFromLive)
}
