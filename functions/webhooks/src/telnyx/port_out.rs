//! Port-outs: somebody asks to take numbers of the account to another carrier.
//!
//! Telnyx lets such a request through by itself unless somebody objects within a day or two, and a
//! request need not be the owner's. So every number of ours that one names is frozen at once: it is
//! neither released, given back nor handed on until the request is off; and an alarm is raised.
//!
//! Source: Telnyx's guide on port-out notifications, and its interface description of
//! `portout.status_changed`.

use crate::event;
use crate::fault::Fault;
use domain::phone::E164;
use domain::time::Timestamp;
use runtime::{Deps, World};
use serde_json::Value;
use store::{EventId, Heard, PortOutNews};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Numbers of one request that are looked at: far above what one carries.
const NUMBERS_MAX: usize = 500;
/// Characters kept of what Telnyx names.
const NAME_CHARS_MAX: usize = 64;

/// What is told of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    event: String,
    request: String,
    status: String,
    numbers: Vec<E164>,
    occurred_at: Option<Timestamp>,
}

impl Asked {
    /// Reads as much as is there: what cannot be read raises the alarm as well.
    pub(crate) fn read(envelope: &Value, event: String) -> Self {
        let payload = |name: &str| envelope.pointer(&format!("/data/payload/{name}"));
        let text = |value: Option<&Value>| -> String {
            let text = value.and_then(Value::as_str).unwrap_or_default();
            text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
        };
        let numbers = payload("phone_numbers").and_then(Value::as_array);
        let numbers = numbers.into_iter().flatten().filter_map(Value::as_str);
        Self {
            event,
            request: text(payload("id")),
            status: text(payload("status")),
            numbers: numbers.take(NUMBERS_MAX).filter_map(|text| text.parse().ok()).collect(),
            occurred_at: envelope
                .pointer("/data/occurred_at")
                .and_then(Value::as_str)
                .and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
                .and_then(|at| i64::try_from(at.unix_timestamp_nanos() / 1_000_000).ok())
                .map(Timestamp::from_millis),
        }
    }

    /// Only what is certainly off sets a number free; a status that nobody knows does not.
    fn news(&self) -> PortOutNews<'_> {
        match self.status.as_str() {
            status @ ("rejected" | "canceled") => PortOutNews::Over { status },
            status => PortOutNews::Stands { status },
        }
    }
}

/// Freezes the numbers of a request, or sets them free when it is off, each once per event.
pub(crate) async fn hear<W: World>(deps: &Deps<W>, asked: &Asked) -> Result<(), Fault> {
    let now = deps.now();
    let at = asked.occurred_at.unwrap_or(now).min(now);
    let news = asked.news();
    let mut ours = 0_u32;
    for digits in &asked.numbers {
        let Some(number) = deps.store.id_of_digits(digits).await? else { continue };
        let id = event::made_of(&[asked.event.as_bytes(), digits.reveal().as_bytes()]);
        let id = EventId { provider: "telnyx", id: &id };
        let told = (asked.request.as_str(), news, at);
        match deps.store.port_out_once(id, number, told, now, &deps.marks()).await? {
            Heard::New => {
                ours = ours.saturating_add(1);
                match news {
                    PortOutNews::Stands { status } => {
                        tracing::error!(number.id = %number, status, "somebody asks to port a number out");
                    }
                    PortOutNews::Over { status } => {
                        tracing::warn!(number.id = %number, status, "a request to port a number out is off");
                    }
                }
            }
            Heard::Nothing => tracing::info!(number.id = %number, "heard before, or older"),
        }
    }
    let stands = matches!(news, PortOutNews::Stands { .. });
    if stands && (ours > 0 || asked.numbers.is_empty()) {
        deps.metrics.count(now, "PortOutAsked", None);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(status: &str) -> Asked {
        let envelope = json!({ "data": {
            "occurred_at": "2022-04-11T16:38:51.819Z",
            "payload": { "id": "p-1", "status": status, "phone_numbers": ["+14155550123", "none"] },
        }});
        Asked::read(&envelope, "e-1".to_owned())
    }

    #[test]
    fn a_request_names_its_numbers_and_how_far_it_is() {
        let asked = asked("pending");
        assert_eq!((asked.request.as_str(), asked.numbers.len()), ("p-1", 1));
        assert_eq!(asked.occurred_at, Some(Timestamp::from_millis(1_649_695_131_819)));
    }

    #[test]
    fn only_what_is_certainly_off_sets_a_number_free() {
        for status in ["rejected", "canceled"] {
            assert_eq!(asked(status).news(), PortOutNews::Over { status }, "{status}");
        }
        for status in ["pending", "authorized", "ported", "rejected-pending", "", "new one"] {
            assert_eq!(asked(status).news(), PortOutNews::Stands { status }, "{status}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_still_a_request() {
        let asked = Asked::read(&json!({}), "e-1".to_owned());
        assert!(asked.numbers.is_empty() && matches!(asked.news(), PortOutNews::Stands { .. }));
    }
}
