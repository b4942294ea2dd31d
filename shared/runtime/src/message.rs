//! Messages of the steps' queue. The table has the truth; a message only says where to look.

use domain::ids::WorkId;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message of the steps' queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Message {
    /// Carry this work forward.
    Work {
        /// Which.
        work_id: WorkId,
        /// When the work was due, by the clock of whoever sent this: whoever receives it need not
        /// have the same time. Messages of former versions do not say it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due_at: Option<Timestamp>,
    },
    /// Look at VAPI's list for all numbers that wait for digits.
    DigitsWatch,
    /// Go on comparing with the providers.
    Sweep,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    version: u8,
    #[serde(flatten)]
    message: Message,
}

/// The version of the layout; kept so that old messages in flight can be told apart.
const VERSION: u8 = 1;

/// Why a message cannot be read. It never will be: it is acknowledged and reported.
#[derive(Debug, thiserror::Error)]
#[error("not a message of this queue")]
pub struct Unreadable;

impl Message {
    /// Sends for a work that is due at that time.
    #[must_use]
    pub const fn work(work_id: WorkId, due_at: Timestamp) -> Self {
        Self::Work { work_id, due_at: Some(due_at) }
    }

    /// The message as text.
    #[must_use]
    pub fn encode(&self) -> String {
        let envelope = Envelope { version: VERSION, message: *self };
        serde_json::to_string(&envelope).unwrap_or_default()
    }

    /// The message a text is.
    ///
    /// # Errors
    /// [`Unreadable`] when it is none of this version.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        let envelope: Envelope = serde_json::from_str(text).map_err(|_invalid| Unreadable)?;
        if envelope.version == VERSION { Ok(envelope.message) } else { Err(Unreadable) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_their_text() {
        let work_id = WorkId::new(domain::ids::Fresh(42));
        let work = Message::work(work_id, Timestamp::from_millis(7));
        let former = Message::Work { work_id, due_at: None };
        for message in [work, former, Message::DigitsWatch, Message::Sweep] {
            assert_eq!(Message::decode(&message.encode()).unwrap(), message);
        }
        assert!(!former.encode().contains("due_at"), "{}", former.encode());
    }

    #[test]
    fn what_is_no_message_is_told() {
        for text in
            ["", "{}", r#"{"version":2,"kind":"digits_watch"}"#, r#"{"version":1,"kind":"x"}"#]
        {
            assert!(Message::decode(text).is_err(), "{text}");
        }
    }
}
