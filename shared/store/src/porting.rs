//! Numbers that somebody asks to take to another carrier: frozen as long as any request stands.
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
use planted::planted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often it is read again what another wrote at the same moment.
const RACES_MAX: u32 = 5;
/// Requests of one number that came to nothing and are remembered: one may be heard of after its end.
const ENDED_MAX: usize = 16;
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
    /// It came to nothing: where no other stands, the number is as it was.
    Over {
        /// How it ended, in the carrier's words.
        status: &'a str,
    },
}

/// What came of saying that a request is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortOutEnd {
    /// It stood, and is off.
    Ended,
    /// It was off already.
    WasOver,
    /// Nobody has heard of it.
    Unknown,
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
            let Some(noted) = noted(&item, told)? else { return Ok(Heard::Nothing) };
            let mark = marks.next();
            let note = noted.write(number, &item);
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

    /// Notes that this request for a number is off, as somebody says who has seen that at the carrier.
    /// What the carrier tells of it later, and of a later moment, freezes the number again.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn end_port_out(
        &self,
        number: NumberId,
        (request, status): (&str, &str),
        now: Timestamp,
        marks: &Marks,
    ) -> Result<PortOutEnd, StoreError> {
        for _race in 0..RACES_MAX {
            let item = self.read_one(keys::number(number)).await?;
            let Some(item) = item else { return Ok(PortOutEnd::Unknown) };
            let mut known = known(&item)?;
            let Some(one) = known.iter_mut().find(|one| one.id == request) else {
                return Ok(PortOutEnd::Unknown);
            };
            if one.over {
                return Ok(PortOutEnd::WasOver);
            }
            (one.status, one.at, one.over) = (status.to_owned(), now.max(one.at), true);
            let mut noted = written(known)?;
            let mark = marks.next();
            noted.set.push((keys::WRITTEN_BY, rows::text(&mark)));
            let note = noted.write(number, &item);
            match self.settle(&note, &mark).await? {
                Settled::Written(_) => return Ok(PortOutEnd::Ended),
                // The carrier told of the number at the same moment.
                Settled::Refused(_) => {}
            }
        }
        Err(StoreError::Unavailable(TableError::Conflict))
    }

    /// The request that stands for each of these numbers, of several the one told of last; at most
    /// 100 numbers.
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

/// What is written of a number's requests.
struct Noted {
    set: Vec<(Attribute, Value)>,
    remove: Vec<Attribute>,
}

impl Noted {
    /// The write of it, if what is known of requests is as it was seen.
    fn write(self, number: NumberId, seen: &Item) -> Write {
        let Self { set, remove } = self;
        let (key, condition) = (keys::number(number), as_seen(seen));
        Write::Update { key, set, add: Vec::new(), remove, condition }
    }
}

/// What is known of a request: the newest that was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    id: String,
    status: String,
    /// When it was so.
    at: Timestamp,
    /// Whether it came to nothing.
    over: bool,
}

/// All requests known of a number, the one told of last at the end.
fn known(item: &Item) -> Result<Vec<Known>, StoreError> {
    let mut known = match item.get(keys::PORT_OUTS) {
        Some(_) => rows::read::<Vec<Known>>("port-outs", item, keys::PORT_OUTS)?,
        None => Vec::new(),
    };
    // A former version writes the one that stands, and no other: what it says is so.
    match port_out(item) {
        Some(PortOut { id, status, at }) => {
            known.retain(|one| one.id != id);
            known.push(Known { id, status, at, over: false });
        }
        None => known.iter_mut().for_each(|one| one.over = true),
    }
    Ok(known)
}

/// What becomes of a number's item by what is told; `None` where something newer is known.
fn noted(
    item: &Item,
    (request, news, at): (&str, PortOutNews<'_>, Timestamp),
) -> Result<Option<Noted>, StoreError> {
    let mut known = known(item)?;
    let (status, over) = match news {
        PortOutNews::Stands { status } => (status, false),
        PortOutNews::Over { status } => (status, true),
    };
    // What is off stays so where both are of the same moment.
    let is_newer = |one: &Known| one.at > at || (one.at == at && one.over);
    let is_older = known.iter().any(|one| one.id == request && is_newer(one));
    if is_older && !planted!(OlderNewsBelieved) {
        return Ok(None);
    }
    known.retain(|one| one.id != request);
    known.push(Known { id: request.to_owned(), status: status.to_owned(), at, over });
    written(known).map(Some)
}

/// What is known of a number's requests, as it is written: all that stand, and some that ended.
fn written(mut known: Vec<Known>) -> Result<Noted, StoreError> {
    known.sort_by_key(|one| one.at);
    let ended = known.iter().filter(|one| one.over).count();
    let mut forgotten = ended.saturating_sub(ENDED_MAX);
    known.retain(|one| {
        let forget = one.over && forgotten > 0;
        forgotten -= usize::from(forget);
        !forget
    });
    let standing = [keys::PORT_OUT, keys::PORT_OUT_STATUS, keys::PORT_OUT_AT];
    let mut set = vec![(keys::PORT_OUTS, rows::document("port-outs", &known)?)];
    let Some(stands) = known.into_iter().rfind(|one| !one.over) else {
        return Ok(Noted { set, remove: standing.to_vec() });
    };
    let values = [rows::text(stands.id), rows::text(stands.status), rows::time(stands.at)];
    set.extend(standing.into_iter().zip(values));
    Ok(Noted { set, remove: Vec::new() })
}

/// That what is known of requests is as it was seen.
fn as_seen(item: &Item) -> Condition {
    let same =
        [keys::PORT_OUTS, keys::PORT_OUT, keys::PORT_OUT_AT].into_iter().map(
            |attribute| match item.get(attribute) {
                Some(value) => Condition::Equals(attribute, value.clone()),
                None => Condition::Missing(attribute),
            },
        );
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
pub(crate) fn not_frozen() -> Condition {
    if planted!(FreezeNotAsked) { Condition::Present } else { Condition::Missing(keys::PORT_OUT) }
}
