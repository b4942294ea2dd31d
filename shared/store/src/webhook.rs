//! What webhooks read and leave behind.

use crate::Store;
use crate::keys;
use crate::mark::{Mark, Marks};
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Condition, Table, Value, Write};
use crate::work::ask_write;
use domain::ids::{NumberId, VapiAssistantId, VapiNumberId, WorkId};
use domain::number::Guard;
use domain::time::Timestamp;
use planted::planted;
use std::time::Duration;

/// How long a webhook's id is remembered: longer than any provider repeats it.
const EVENTS_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Who a number of VAPI is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering {
    /// Our number.
    pub number: NumberId,
    /// Who answers on it, if somebody does.
    pub assistant: Option<VapiAssistantId>,
}

/// A webhook's identity.
#[derive(Debug, Clone, Copy)]
pub struct EventId<'a> {
    /// Who sent it.
    pub provider: &'a str,
    /// Its id, the same on every delivery.
    pub id: &'a str,
}

/// What a call tells about a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallNews {
    /// A call is under way.
    Seen,
    /// A call has ended.
    Ended {
        /// How long it took.
        seconds: i64,
    },
}

/// Whether a webhook was new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// It was, and its effect is written.
    New,
    /// It had been heard before, or is about nothing of ours.
    Nothing,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Who answers a number of VAPI, in one read.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn answering(&self, id: &VapiNumberId) -> Result<Option<Answering>, StoreError> {
        let item = self.read_one(keys::guard(&Guard::Vapi(id.clone()))).await?;
        Ok(item.and_then(|item| {
            let number = rows::text_of(&item, keys::HOLDER)?.parse().ok()?;
            let assistant = rows::text_of(&item, keys::ANSWERS).and_then(|id| id.parse().ok());
            Some(Answering { number, assistant })
        }))
    }

    /// Wakes a work because of a webhook, once per event.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable: answer 5xx, so that the provider repeats it.
    pub async fn wake_once(
        &self,
        event: EventId<'_>,
        work: WorkId,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Heard, StoreError> {
        let mark = marks.next();
        let writes = [event_write(event, now, &mark), ask_write(work, None, now)];
        self.heard(&writes, &mark).await
    }

    /// Notes a call of a number, once per event.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable: answer 5xx, so that the provider repeats it.
    pub async fn call_once(
        &self,
        event: EventId<'_>,
        number: NumberId,
        news: CallNews,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Heard, StoreError> {
        let mark = marks.next();
        let add = match news {
            CallNews::Seen => Vec::new(),
            CallNews::Ended { seconds } => {
                vec![(keys::CALLS, 1), (keys::CALL_SECONDS, seconds.max(0))]
            }
        };
        let call = Write::Update {
            key: keys::number(number),
            set: vec![(keys::LAST_CALL_AT, rows::time(now))],
            add,
            remove: Vec::new(),
            condition: Condition::Present,
        };
        let heard = self.heard(&[event_write(event, now, &mark), call], &mark).await?;
        // Also on a repeat: the process may have died between the two writes.
        self.first_call(number, now, marks).await?;
        Ok(heard)
    }

    /// Whether a call of a number was ever noted.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn was_called(&self, number: NumberId) -> Result<bool, StoreError> {
        let item = self.read_one(keys::number(number)).await?;
        Ok(item.is_some_and(|item| item.contains_key(keys::LAST_CALL_AT)))
    }

    async fn first_call(
        &self,
        number: NumberId,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<(), StoreError> {
        let mark = marks.next();
        let write = Write::Update {
            key: keys::number(number),
            set: vec![(keys::FIRST_CALL_AT, rows::time(now))],
            add: Vec::new(),
            remove: Vec::new(),
            condition: Condition::All(vec![
                Condition::Present,
                Condition::Missing(keys::FIRST_CALL_AT),
            ]),
        };
        self.settle(&write, &mark).await.map(|_settled| ())
    }

    pub(crate) async fn heard(&self, writes: &[Write], mark: &Mark) -> Result<Heard, StoreError> {
        Ok(match self.settle_all(writes, mark).await? {
            Settled::Written(_) => Heard::New,
            Settled::Refused(_) => Heard::Nothing,
        })
    }
}

pub(crate) fn event_write(event: EventId<'_>, now: Timestamp, mark: &Mark) -> Write {
    let item = rows::item([
        (keys::WRITTEN_BY, rows::text(mark)),
        (keys::TTL, Value::Number(now.after(EVENTS_KEPT).as_seconds())),
    ]);
    let condition = if planted!(WebhookHeardTwice) { Condition::Always } else { Condition::Absent };
    Write::Put { key: keys::event(event.provider, event.id), item, condition }
}
