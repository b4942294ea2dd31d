//! `/call`: what VAPI remembers of calls, and the messages it sends about them.

use std::collections::BTreeMap;

use exchange::Response;
use serde_json::{Value, json};

use super::errors::not_found;
use super::list::ListQuery;
use super::{Ask, PhoneNumber, VapiSim};
use crate::outbox::Delivery;
use crate::reply::{self, Provider};
use crate::stamp;

/// A call that reached VAPI.
#[derive(Debug, Clone)]
pub struct Call {
    /// UUID.
    pub id: String,
    /// UUID of the number's record.
    pub phone_number_id: String,
    /// The assistant that answered, if one did.
    pub assistant_id: Option<String>,
    /// The call as `/call` shows it.
    pub body: Value,
    /// Its beginning.
    pub created_ms: i64,
    /// Its end.
    pub ended_ms: i64,
}

/// A call that VAPI is about to remember.
#[derive(Debug, Clone)]
pub(crate) struct NewCall {
    pub(crate) id: String,
    pub(crate) org: usize,
    pub(crate) number: PhoneNumber,
    pub(crate) customer: String,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallEnd<'a> {
    pub(crate) assistant_id: Option<&'a str>,
    pub(crate) reason: &'static str,
    /// Whether somebody answered: only then messages are sent.
    pub(crate) answered: bool,
}

impl NewCall {
    /// The call as it stands in server messages before it is answered.
    pub(crate) fn view(&self, now_ms: i64, status: &str) -> Value {
        json!({
            "id": self.id,
            "orgId": self.number.org_id,
            "type": "inboundPhoneCall",
            "status": status,
            "phoneNumberId": self.number.id,
            "customer": { "number": self.customer },
            "createdAt": stamp::millis(now_ms),
            "updatedAt": stamp::millis(now_ms),
        })
    }
}

impl VapiSim {
    pub(super) fn list_calls(&self, ask: &Ask<'_>) -> Result<Response, Response> {
        let query = ListQuery::read(ask.wire)?;
        let wanted = |name: &str, given: Option<&str>| {
            ask.wire.query(name).is_none_or(|wanted| given == Some(wanted))
        };
        let oldest_ms = ask.now_ms - self.options.call_retention_ms;
        let calls: Vec<&Value> = self.orgs[ask.org]
            .calls
            .iter()
            .rev()
            .filter(|call| call.created_ms >= oldest_ms)
            .filter(|call| query.takes(call.created_ms, call.ended_ms))
            .filter(|call| wanted("id", Some(&call.id)))
            .filter(|call| wanted("phoneNumberId", Some(&call.phone_number_id)))
            .filter(|call| wanted("assistantId", call.assistant_id.as_deref()))
            .filter(|call| !ask.script.hides(&[call.body["phoneNumberId"].as_str()]))
            .take(query.limit)
            .map(|call| &call.body)
            .collect();
        Ok(reply::json(200, &calls))
    }

    pub(super) fn get_call(&self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let call = self.orgs[ask.org].calls.get(id);
        Ok(reply::json(200, &call.ok_or_else(|| not_found("call", id))?.body))
    }

    /// Remembers a call and puts its messages into the outbox.
    pub(crate) fn end_call(&mut self, now_ms: i64, call: &NewCall, end: CallEnd<'_>) {
        let ended_ms = now_ms + if end.answered { self.options.call_ms } else { 0 };
        let mut body = call.view(now_ms, "ended");
        body["endedReason"] = json!(end.reason);
        body["endedAt"] = json!(stamp::millis(ended_ms));
        body["updatedAt"] = json!(stamp::millis(ended_ms));
        if end.answered {
            body["startedAt"] = json!(stamp::millis(now_ms));
        }
        if let Some(id) = end.assistant_id {
            body["assistantId"] = json!(id);
        }
        if end.answered {
            self.send_messages(now_ms, ended_ms, call, &body, end);
        }
        let record = Call {
            id: call.id.clone(),
            phone_number_id: call.number.id.clone(),
            assistant_id: end.assistant_id.map(str::to_owned),
            body,
            created_ms: now_ms,
            ended_ms,
        };
        self.orgs[call.org].calls.insert(&call.id, record);
    }

    fn send_messages(
        &mut self,
        now_ms: i64,
        ended_ms: i64,
        call: &NewCall,
        body: &Value,
        end: CallEnd<'_>,
    ) {
        let org = &self.orgs[call.org];
        let assistant = end.assistant_id.and_then(|id| org.assistants.get(id));
        let of_assistant = assistant.and_then(|one| one.body.get("server"));
        let server =
            of_assistant.or_else(|| call.number.rest.get("server")).or(org.server.as_ref());
        let Some((url, headers)) = server.and_then(target) else {
            return;
        };
        let wants = |kind: &str| assistant.is_none_or(|one| one.wants(kind));
        let seconds = (ended_ms - now_ms) / 1_000;
        let messages = [
            ("status-update", now_ms, json!({ "status": "in-progress" })),
            ("status-update", ended_ms, json!({ "status": "ended", "endedReason": end.reason })),
            (
                "end-of-call-report",
                ended_ms,
                json!({
                    "endedReason": end.reason, "durationSeconds": seconds,
                    "startedAt": stamp::millis(now_ms), "endedAt": stamp::millis(ended_ms),
                }),
            ),
        ];
        let phone_number = call.number.answer(now_ms, &self.options);
        for (kind, at_ms, mut message) in messages {
            if !wants(kind) {
                continue;
            }
            message["type"] = json!(kind);
            message["timestamp"] = json!(at_ms);
            message["call"] = body.clone();
            message["phoneNumber"] = phone_number.clone();
            message["customer"] = json!({ "number": call.customer });
            let delivery = Delivery {
                provider: Provider::Vapi,
                url: url.clone(),
                headers: headers.clone(),
                body: json!({ "message": message }).to_string().into_bytes(),
                not_before_ms: at_ms,
                attempt: 1,
                account: String::new(),
            };
            self.outbox.push(self.options.webhooks, delivery);
        }
    }
}

/// URL and headers of a `server`, if it has a URL.
pub(crate) fn target(server: &Value) -> Option<(String, BTreeMap<String, String>)> {
    let url = server.get("url")?.as_str()?.to_owned();
    let mut headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
    let own = server.get("headers").and_then(Value::as_object);
    for (name, value) in own.into_iter().flatten() {
        if let Some(value) = value.as_str() {
            headers.insert(name.to_lowercase(), value.to_owned());
        }
    }
    Some((url, headers))
}
