//! Numbers that somebody asks to take to another carrier: frozen as long as the request stands.
//!
//! The freeze is no part of the number's document, which the work that writes about it writes
//! whole; whoever takes a number that belongs to no work asks that it is not frozen.

use crate::Store;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::table::{Condition, Item, Key, Table, Write};
use crate::webhook::{EventId, Heard, event_write};
use domain::ids::NumberId;
use domain::number::Guard;
use domain::phone::E164;
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// A request to take a number to another carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortOut {
    /// The carrier's id of the request.
    pub id: String,
    /// How far it is, in the carrier's words.
    pub status: String,
    /// Since when it is so.
    pub at: Timestamp,
}

/// What the carrier tells of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortOutNews<'a> {
    /// It stands: the number is frozen.
    Stands {
        /// How far it is.
        status: &'a str,
    },
    /// It came to nothing: the number is as it was.
    Over,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// The number that has these digits.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn number_by_digits(&self, digits: &E164) -> Result<Option<NumberId>, StoreError> {
        let item = self.read_one(keys::guard(&Guard::Digits(digits.clone()))).await?;
        Ok(item.and_then(|item| rows::text_of(&item, keys::HOLDER)?.parse().ok()))
    }

    /// Notes what the carrier tells of a request for a number, once per event and never what is
    /// older than what is known.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable: answer 5xx, so that the carrier repeats it.
    pub async fn port_out_once(
        &self,
        event: EventId<'_>,
        number: NumberId,
        (request, news, at): (&str, PortOutNews<'_>, Timestamp),
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Heard, StoreError> {
        let mark = marks.next();
        let newer = Condition::Any(vec![
            Condition::Missing(keys::PORT_OUT_AT),
            Condition::AtMost(keys::PORT_OUT_AT, at.as_millis()),
        ]);
        let (mut set, mut remove) = (vec![(keys::PORT_OUT_AT, rows::time(at))], Vec::new());
        let holds = match news {
            PortOutNews::Stands { status } => {
                set.push((keys::PORT_OUT, rows::text(request)));
                set.push((keys::PORT_OUT_STATUS, rows::text(status)));
                Condition::Present
            }
            PortOutNews::Over => {
                remove.extend([keys::PORT_OUT, keys::PORT_OUT_STATUS]);
                Condition::Equals(keys::PORT_OUT, rows::text(request))
            }
        };
        let note = Write::Update {
            key: keys::number(number),
            set,
            add: Vec::new(),
            remove,
            condition: Condition::All(vec![holds, newer]),
        };
        self.heard(&[event_write(event, now, &mark), note], &mark).await
    }

    /// The requests that stand for these numbers; at most 100 of them.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn port_outs(
        &self,
        ids: &[NumberId],
    ) -> Result<BTreeMap<NumberId, PortOut>, StoreError> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| keys::number(*id)).collect();
        let items = self.read(&keys).await?;
        let found = ids.iter().zip(&items);
        Ok(found.filter_map(|(id, item)| Some((*id, port_out(item.as_ref()?)?))).collect())
    }
}

fn port_out(item: &Item) -> Option<PortOut> {
    Some(PortOut {
        id: rows::text_of(item, keys::PORT_OUT)?.to_owned(),
        status: rows::text_of(item, keys::PORT_OUT_STATUS).unwrap_or_default().to_owned(),
        at: Timestamp::from_millis(rows::number(item, keys::PORT_OUT_AT)),
    })
}

/// Whether a number's item says that it is frozen.
pub(crate) fn is_frozen(item: &Item) -> bool {
    item.contains_key(keys::PORT_OUT)
}

/// That a number is not frozen.
pub(crate) const fn not_frozen() -> Condition {
    Condition::Missing(keys::PORT_OUT)
}
