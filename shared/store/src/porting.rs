//! Numbers that somebody asks to take to another carrier: frozen as long as the request stands.
//!
//! The freeze is no part of the number's document, which the work that writes about it writes
//! whole; whoever takes a number that belongs to no work asks that it is not frozen.

use crate::Store;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Attribute, Condition, Item, Key, Table, TableError, Value, Write};
use crate::webhook::{EventId, Heard, event_write};
use domain::ids::NumberId;
use domain::time::Timestamp;
use std::collections::BTreeMap;

/// How often it is read again what another wrote at the same moment.
const RACES_MAX: u32 = 5;
/// The place of the event among the writes of what is told of it.
const EVENT: usize = 0;

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
    /// Notes what the carrier tells of a request for a number, once per event and never what is
    /// older than what is known of that request: also its end may come before its beginning.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable: answer 5xx, so that the carrier repeats it.
    pub async fn port_out_once(
        &self,
        event: EventId<'_>,
        number: NumberId,
        told: (&str, PortOutNews<'_>, Timestamp),
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Heard, StoreError> {
        for _race in 0..RACES_MAX {
            let Some(item) = self.read_one(keys::number(number)).await? else {
                return Ok(Heard::Nothing);
            };
            let Some((set, remove)) = noted(&item, told) else { return Ok(Heard::Nothing) };
            let mark = marks.next();
            let note = Write::Update {
                key: keys::number(number),
                set,
                add: Vec::new(),
                remove,
                condition: as_seen(&item),
            };
            match self.settle_all(&[event_write(event, now, &mark), note], &mark).await? {
                Settled::Written(_) => return Ok(Heard::New),
                Settled::Refused(refused) if refused.iter().any(|one| one.index == EVENT) => {
                    return Ok(Heard::Nothing);
                }
                // Another was told of the number at the same moment.
                Settled::Refused(_) => {}
            }
        }
        Err(StoreError::Unavailable(TableError::Conflict))
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

/// Attributes to be set, and to be removed.
type Noted = (Vec<(Attribute, Value)>, Vec<Attribute>);

/// What becomes of a number's item by what is told; `None` where something newer is known.
fn noted(item: &Item, (request, news, at): (&str, PortOutNews<'_>, Timestamp)) -> Option<Noted> {
    let stands = rows::text_of(item, keys::PORT_OUT);
    let is_of_it = stands == Some(request);
    let was_over = rows::text_of(item, keys::PORT_OUT_OVER) == Some(request)
        && rows::number(item, keys::PORT_OUT_OVER_AT) >= at.as_millis();
    let is_known = stands.is_some() && rows::number(item, keys::PORT_OUT_AT) > at.as_millis();
    match news {
        PortOutNews::Stands { .. } if was_over || is_known => None,
        PortOutNews::Stands { status } => {
            let set = vec![
                (keys::PORT_OUT, rows::text(request)),
                (keys::PORT_OUT_STATUS, rows::text(status)),
                (keys::PORT_OUT_AT, rows::time(at)),
            ];
            Some((set, Vec::new()))
        }
        PortOutNews::Over if is_of_it && is_known => None,
        PortOutNews::Over => {
            let set = vec![
                (keys::PORT_OUT_OVER, rows::text(request)),
                (keys::PORT_OUT_OVER_AT, rows::time(at)),
            ];
            let remove = if is_of_it {
                vec![keys::PORT_OUT, keys::PORT_OUT_STATUS, keys::PORT_OUT_AT]
            } else {
                Vec::new()
            };
            Some((set, remove))
        }
    }
}

/// That what is known of requests is as it was seen.
fn as_seen(item: &Item) -> Condition {
    let known = [keys::PORT_OUT, keys::PORT_OUT_AT, keys::PORT_OUT_OVER, keys::PORT_OUT_OVER_AT];
    let same = known.into_iter().map(|attribute| match item.get(attribute) {
        Some(value) => Condition::Equals(attribute, value.clone()),
        None => Condition::Missing(attribute),
    });
    Condition::All(std::iter::once(Condition::Present).chain(same).collect())
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
