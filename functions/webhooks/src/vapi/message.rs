//! VAPI's server messages, as far as they concern us.
//!
//! Messages can hold whole conversations: only what is named here is kept while reading. A field
//! of another kind than expected counts as missing, since VAPI publishes no schema that binds it.

use crate::event;
use crate::fault::Fault;
use domain::ids::VapiNumberId;
use serde::Deserialize;
use serde_json::{Number, Value};
use store::CallNews;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The longest call that is counted, in seconds; VAPI ends calls after 12 hours at the latest.
const CALL_SECONDS_MAX: i64 = 86_400;

/// What a message tells us.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// A call has come in and VAPI asks who answers.
    AssistantAsked {
        /// The number that was called.
        number: Option<VapiNumberId>,
    },
    /// A call goes on or has ended.
    Call(CallEvent),
    /// Nothing of interest.
    Other,
}

/// News of a call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CallEvent {
    /// The number that was called.
    pub(crate) number: VapiNumberId,
    /// The same on every delivery of this news.
    pub(crate) event: String,
    /// What happened.
    pub(crate) news: CallNews,
}

#[derive(Deserialize)]
struct Envelope {
    message: Message,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Message {
    #[serde(rename = "type")]
    kind: Value,
    status: Value,
    call: Option<Call>,
    phone_number: Option<PhoneNumber>,
    duration_seconds: Value,
    started_at: Value,
    ended_at: Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Call {
    id: Value,
    phone_number_id: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PhoneNumber {
    id: Value,
}

/// Reads a message.
pub(crate) fn read(body: &[u8]) -> Result<News, Fault> {
    let Envelope { message } =
        serde_json::from_slice(body).map_err(|_invalid| Fault::Unreadable)?;
    let status = message.status.as_str().unwrap_or_default();
    let news = match (message.kind.as_str().unwrap_or_default(), status) {
        ("assistant-request", _) => return Ok(News::AssistantAsked { number: message.number() }),
        ("status-update", "ringing" | "in-progress") => CallNews::Seen,
        ("end-of-call-report", _) => CallNews::Ended { seconds: message.seconds() },
        _other_kind => return Ok(News::Other),
    };
    Ok(message.number().map_or(News::Other, |number| {
        News::Call(CallEvent { number, event: message.event(body), news })
    }))
}

impl Message {
    fn number(&self) -> Option<VapiNumberId> {
        let record = self.phone_number.as_ref().map(|record| &record.id);
        let of_call = self.call.as_ref().map(|call| &call.phone_number_id);
        let ids = record.into_iter().chain(of_call);
        ids.filter_map(Value::as_str).find_map(|id| id.parse().ok())
    }

    /// VAPI gives its messages no id. A call reaches each status once and is reported once; a
    /// message that names no call is known by its bytes.
    fn event(&self, body: &[u8]) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match self.call.as_ref().and_then(|call| call.id.as_str()).filter(|id| !id.is_empty()) {
            Some(call) => {
                let (kind, status) = (text(&self.kind), text(&self.status));
                event::made_of(&[call.as_bytes(), kind.as_bytes(), status.as_bytes()])
            }
            None => event::made_of(&[body]),
        }
    }

    /// How long the call took: as VAPI says, else from its beginning and end, else nothing.
    fn seconds(&self) -> i64 {
        let told = self.duration_seconds.as_number().and_then(whole);
        let told = told.or_else(|| {
            let between = at(&self.ended_at)? - at(&self.started_at)?;
            Some(between.whole_seconds())
        });
        told.unwrap_or(0).clamp(0, CALL_SECONDS_MAX)
    }
}

/// The whole part of a number.
fn whole(number: &Number) -> Option<i64> {
    let text = number.to_string();
    text.split_once('.').map_or(text.as_str(), |(whole, _part)| whole).parse().ok()
}

fn at(value: &Value) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(value.as_str()?, &Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NUMBER: &str = "7c6b5a49-0000-4000-8000-0000000000f1";

    fn number() -> VapiNumberId {
        NUMBER.parse().unwrap()
    }

    /// A message of a call, with `changes` laid over it.
    fn message(changes: &Value) -> Vec<u8> {
        let mut message = json!({
            "timestamp": 1_767_225_602_000_i64,
            "call": { "id": "call-1", "artifact": [1, 2], "phoneNumberId": "other" },
            "phoneNumber": { "id": NUMBER, "provider": "vapi" },
            "somethingNew": { "nested": true },
        });
        for (name, value) in changes.as_object().unwrap() {
            message[name] = value.clone();
        }
        json!({ "message": message }).to_string().into_bytes()
    }

    fn call(changes: &Value) -> CallEvent {
        match read(&message(changes)).unwrap() {
            News::Call(call) => call,
            other @ (News::AssistantAsked { .. } | News::Other) => {
                panic!("a call was expected, not {other:?}")
            }
        }
    }

    fn seconds(mut changes: Value) -> i64 {
        changes["type"] = json!("end-of-call-report");
        match call(&changes).news {
            CallNews::Ended { seconds } => seconds,
            CallNews::Seen => panic!("an end was expected"),
        }
    }

    #[test]
    fn who_answers_is_asked_by_number() {
        let asked = |changes: Value| read(&message(&changes)).unwrap();
        let kind = json!("assistant-request");
        let expected = News::AssistantAsked { number: Some(number()) };
        assert_eq!(asked(json!({ "type": kind })), expected);
        let of_call = json!({ "id": "call-1", "phoneNumberId": NUMBER });
        let changes = json!({ "type": kind, "phoneNumber": null, "call": of_call });
        assert_eq!(asked(changes), expected);
        let changes = json!({ "type": kind, "phoneNumber": null, "call": null });
        assert_eq!(asked(changes), News::AssistantAsked { number: None });
        let changes = json!({ "type": kind, "phoneNumber": { "id": "a#b" }, "call": null });
        assert_eq!(asked(changes), News::AssistantAsked { number: None });
    }

    #[test]
    fn a_call_under_way_is_seen_and_its_end_is_not() {
        for status in ["ringing", "in-progress"] {
            let call = call(&json!({ "type": "status-update", "status": status }));
            assert_eq!((call.number, call.news), (number(), CallNews::Seen));
        }
        for status in [json!("ended"), json!("queued"), json!(5), Value::Null] {
            let changes = json!({ "type": "status-update", "status": status });
            assert_eq!(read(&message(&changes)).unwrap(), News::Other);
        }
    }

    #[test]
    fn a_repeat_has_the_same_id_and_other_news_another() {
        let of = |kind: &str, status: &str, call_id: &str, at: i64| {
            call(&json!({
                "type": kind, "status": status, "call": { "id": call_id }, "timestamp": at,
            }))
            .event
        };
        let first = of("status-update", "ringing", "call-1", 1);
        assert_eq!(first, of("status-update", "ringing", "call-1", 2));
        assert_ne!(first, of("status-update", "in-progress", "call-1", 1));
        assert_ne!(first, of("status-update", "ringing", "call-2", 1));
        assert_ne!(first, of("end-of-call-report", "ringing", "call-1", 1));
        // Without a call's id the bytes decide.
        let nameless = of("status-update", "ringing", "", 1);
        assert_eq!(nameless, of("status-update", "ringing", "", 1));
        assert_ne!(nameless, of("status-update", "ringing", "", 2));
    }

    #[test]
    fn a_calls_length_is_told_or_follows_from_its_ends() {
        assert_eq!(seconds(json!({ "durationSeconds": 61 })), 61);
        assert_eq!(seconds(json!({ "durationSeconds": 61.987 })), 61);
        assert_eq!(seconds(json!({ "durationSeconds": -3 })), 0);
        assert_eq!(seconds(json!({ "durationSeconds": 1e12 })), CALL_SECONDS_MAX);
        let ends = json!({
            "durationSeconds": "61", "startedAt": "2026-01-01T00:00:00.500Z",
            "endedAt": "2026-01-01T01:00:02.000+00:00",
        });
        assert_eq!(seconds(ends), 3601);
        assert_eq!(seconds(json!({ "startedAt": "yesterday", "endedAt": 7 })), 0);
        assert_eq!(seconds(json!({})), 0);
    }

    #[test]
    fn anything_else_is_let_pass() {
        let kinds =
            [json!("transcript"), json!("hang"), json!("tool-calls"), json!(1), json!(null)];
        for kind in kinds {
            assert_eq!(read(&message(&json!({ "type": kind }))).unwrap(), News::Other, "{kind}");
        }
        let stray = json!({ "type": "end-of-call-report", "phoneNumber": null });
        assert!(matches!(read(&message(&stray)).unwrap(), News::Call(_)), "the call names one");
        let stray = json!({ "type": "end-of-call-report", "phoneNumber": null, "call": null });
        assert_eq!(read(&message(&stray)).unwrap(), News::Other);
    }

    #[test]
    fn what_is_no_message_is_unreadable() {
        for body in [b"".as_slice(), b"{", b"null", b"{}", br#"{"message":"x"}"#, b"\xff"] {
            assert!(matches!(read(body), Err(Fault::Unreadable)));
        }
    }
}
