//! A simulated call: who answers, and what the caller hears.
//!
//! Where VAPI or Twilio has to ask a server, the call stops there: the caller of this module puts the
//! question (over HTTP or by a function call) and comes back with the reply.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::providers::Providers;
use crate::route::{Arrival, Fallback, TWILIO_ERROR_TEXT, follow};
use crate::twilio::twiml;
use crate::vapi::{CallEnd, NewCall};
use crate::wire::encode_query;

/// How long VAPI waits for the reply to `assistant-request`, whatever the server's settings.
pub(crate) const ASSISTANT_REQUEST_MS: u64 = 7_500;
/// How long Twilio waits for `TwiML` (docs: "default timeout is set to 15 seconds").
pub(crate) const TWIML_MS: u64 = 15_000;
/// Who calls.
const CALLER: &str = "+15005550006";

/// What a caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// No such number.
    NotInService,
    /// It rings and nobody answers.
    RingsOut,
    /// An assistant answers.
    Assistant,
    /// A text is spoken or the call goes on elsewhere, because a server or a fallback said so.
    ServerReply,
    /// Somebody who is not ours answers: behind the number's own trunk, application or voice URL,
    /// or the carrier with a text of its own.
    Stranger,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallReport {
    /// What the caller gets.
    pub outcome: CallOutcome,
    /// The assistant that answers; absent for one the server described in its reply.
    pub assistant_id: Option<String>,
    /// The text that is spoken.
    pub spoken: Option<String>,
    /// Where the call goes on.
    pub destination: Option<Value>,
    /// VAPI's id of the call, if it reached VAPI.
    pub call_id: Option<String>,
    /// The stations of the call, for people.
    pub path: Vec<String>,
}

/// A call ends, or waits for a server.
#[derive(Debug)]
pub enum CallStep {
    /// It ended.
    Done(CallReport),
    /// VAPI asks a server who shall answer, or Twilio asks a number's fallback for `TwiML`; go on
    /// with [`Providers::finish_call`].
    NeedsServer(Box<ServerQuestion>),
}

/// VAPI's `assistant-request`, or the signed form Twilio posts to a voice fallback: POST `body` to
/// `url` and give the reply within the deadline.
#[derive(Debug)]
pub struct ServerQuestion {
    /// Where it goes.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: BTreeMap<String, String>,
    /// The body: JSON of VAPI's, a form of Twilio's, as `content-type` says.
    pub body: Vec<u8>,
    /// How long the provider waits.
    pub deadline_ms: u64,
    /// The call that waits.
    pub pending: PendingCall,
}

/// A call that waits for a server.
#[derive(Debug)]
pub struct PendingCall {
    waiting: Waiting,
    path: Vec<String>,
}

/// What a call waits for.
#[derive(Debug)]
enum Waiting {
    /// An assistant, from VAPI's point of view.
    Assistant(Box<NewCall>),
    /// `TwiML`.
    Twiml,
}

/// What the server said; no reply in time is `None` in its place.
#[derive(Debug, Clone)]
pub struct ServerReply {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl CallReport {
    fn new(outcome: CallOutcome, call_id: Option<&str>, path: Vec<String>) -> Self {
        let call_id = call_id.map(str::to_owned);
        Self { outcome, assistant_id: None, spoken: None, destination: None, call_id, path }
    }
}

impl Providers {
    /// Calls a number.
    pub fn call(&mut self, now_ms: i64, dialled: &str) -> CallStep {
        self.telnyx.tick(now_ms);
        let mut path = vec![format!("{dialled} is dialled")];
        let (org, number) = match follow(self, now_ms, dialled, &mut path) {
            Arrival::NotInService => {
                return CallStep::Done(CallReport::new(CallOutcome::NotInService, None, path));
            }
            Arrival::RingsOut => {
                return CallStep::Done(CallReport::new(CallOutcome::RingsOut, None, path));
            }
            Arrival::Stranger { spoken } => {
                let report = CallReport::new(CallOutcome::Stranger, None, path);
                let spoken = spoken.map(str::to_owned);
                return CallStep::Done(CallReport { spoken, ..report });
            }
            Arrival::Fallback(fallback) => return self.ask_fallback(dialled, &fallback, path),
            Arrival::Vapi { org, number } => (org, *number),
        };
        let id = self.vapi.ids.uuid();
        let customer = CALLER.to_owned();
        let call = NewCall { id, org, number, customer };
        if let Some(assistant) = call.number.assistant_id().map(str::to_owned)
            && self.vapi.orgs[org].assistants.get(&assistant).is_some()
        {
            return CallStep::Done(self.answered(now_ms, &call, Some(&assistant), path));
        }
        let server = call.number.rest.get("server").or(self.vapi.orgs[org].server.as_ref());
        match server.and_then(crate::vapi::server_target) {
            None => {
                path.push("no assistant and no server".to_owned());
                let reason = "call-start-error-neither-assistant-nor-server-set";
                CallStep::Done(self.fall_back(now_ms, &call, reason, path))
            }
            Some((url, headers)) => {
                path.push(format!("assistant-request to {url}"));
                let body = json!({ "message": {
                    "type": "assistant-request",
                    "timestamp": now_ms,
                    "call": call.view(now_ms, "ringing"),
                    "phoneNumber": call.number.answer(now_ms, &self.vapi.options),
                    "customer": { "number": call.customer },
                }});
                CallStep::NeedsServer(Box::new(ServerQuestion {
                    url,
                    headers,
                    body: body.to_string().into_bytes(),
                    deadline_ms: ASSISTANT_REQUEST_MS,
                    pending: PendingCall { waiting: Waiting::Assistant(Box::new(call)), path },
                }))
            }
        }
    }

    /// Goes on with a call once the server has replied, or has not (`None`).
    pub fn finish_call(
        &mut self,
        now_ms: i64,
        pending: PendingCall,
        reply: Option<&ServerReply>,
    ) -> CallReport {
        let PendingCall { waiting, mut path } = pending;
        let call = match waiting {
            Waiting::Assistant(call) => *call,
            Waiting::Twiml => return after_fallback(path, reply),
        };
        let good = reply.filter(|reply| (200..300).contains(&reply.status));
        let body: Option<Value> = good.and_then(|reply| serde_json::from_slice(&reply.body).ok());
        let Some(body) = body else {
            path.push(match reply {
                None => "no reply in time".to_owned(),
                Some(reply) => format!("reply {} cannot be used", reply.status),
            });
            return self.fall_back(now_ms, &call, "assistant-request-failed", path);
        };
        // A spoken error beats a destination, a destination beats an assistant.
        if let Some(text) = body.get("error").and_then(Value::as_str) {
            let reason = "assistant-request-returned-error";
            let end = CallEnd { assistant_id: None, reason, answered: false };
            self.vapi.end_call(now_ms, &call, end);
            let report = CallReport::new(CallOutcome::ServerReply, Some(&call.id), path);
            return CallReport { spoken: Some(text.to_owned()), ..report };
        }
        if let Some(destination) = body.get("destination").filter(|value| value.is_object()) {
            let reason = "assistant-request-returned-forwarding-phone-number";
            return self.forwarded(now_ms, &call, destination.clone(), reason, path);
        }
        if let Some(id) = body.get("assistantId").and_then(Value::as_str) {
            if self.vapi.orgs[call.org].assistants.get(id).is_some() {
                return self.answered(now_ms, &call, Some(id), path);
            }
            path.push(format!("assistant {id} does not exist"));
            let reason = "assistant-request-returned-invalid-assistant";
            return self.fall_back(now_ms, &call, reason, path);
        }
        if body.get("assistant").is_some_and(Value::is_object) {
            return self.answered(now_ms, &call, None, path);
        }
        path.push("the reply names no assistant".to_owned());
        self.fall_back(now_ms, &call, "assistant-request-returned-no-assistant", path)
    }

    /// Calls a number; `ask` is put the question where VAPI asks a server.
    pub fn call_with(
        &mut self,
        now_ms: i64,
        dialled: &str,
        ask: impl FnOnce(&ServerQuestion) -> Option<ServerReply>,
    ) -> CallReport {
        match self.call(now_ms, dialled) {
            CallStep::Done(report) => report,
            CallStep::NeedsServer(question) => {
                let reply = ask(&question);
                self.finish_call(now_ms, question.pending, reply.as_ref())
            }
        }
    }

    /// The form Twilio posts to a fallback (docs "Availability and reliability": with `ErrorCode`
    /// and `ErrorUrl`), signed with the account's auth token.
    fn ask_fallback(
        &mut self,
        dialled: &str,
        fallback: &Fallback,
        mut path: Vec<String>,
    ) -> CallStep {
        let (url, error_url) = (fallback.url.as_str(), fallback.error_url.as_str());
        let call_sid = self.twilio.ids.sid("CA");
        let form = [
            ("AccountSid", fallback.account_sid.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", &call_sid),
            ("CallStatus", "ringing"),
            ("Called", dialled),
            ("Caller", CALLER),
            ("Direction", "inbound"),
            ("ErrorCode", fallback.error_code),
            ("ErrorUrl", error_url),
            ("From", CALLER),
            ("To", dialled),
        ];
        path.push(format!("twilio asks {url}"));
        let account = self.twilio.account(&fallback.account_sid);
        let token = account.map_or("", |account| account.auth_token.reveal());
        let form_type = "application/x-www-form-urlencoded; charset=UTF-8";
        let headers = [
            ("content-type", form_type.to_owned()),
            ("user-agent", "TwilioProxy/1.1".to_owned()),
            ("i-twilio-idempotency-token", call_sid.clone()),
            ("x-twilio-signature", crate::twilio::sign(token, url, &form)),
        ];
        CallStep::NeedsServer(Box::new(ServerQuestion {
            url: url.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: encode_query(&form).into_bytes(),
            deadline_ms: TWIML_MS,
            pending: PendingCall { waiting: Waiting::Twiml, path },
        }))
    }

    fn answered(
        &mut self,
        now_ms: i64,
        call: &NewCall,
        assistant_id: Option<&str>,
        mut path: Vec<String>,
    ) -> CallReport {
        path.push(format!("assistant {} answers", assistant_id.unwrap_or("of the reply")));
        let reason = "customer-ended-call";
        self.vapi.end_call(now_ms, call, CallEnd { assistant_id, reason, answered: true });
        let report = CallReport::new(CallOutcome::Assistant, Some(&call.id), path);
        CallReport { assistant_id: assistant_id.map(str::to_owned), ..report }
    }

    fn forwarded(
        &mut self,
        now_ms: i64,
        call: &NewCall,
        destination: Value,
        reason: &'static str,
        mut path: Vec<String>,
    ) -> CallReport {
        path.push("the call goes on elsewhere".to_owned());
        let end = CallEnd { assistant_id: None, reason, answered: false };
        self.vapi.end_call(now_ms, call, end);
        let report = CallReport::new(CallOutcome::ServerReply, Some(&call.id), path);
        CallReport { destination: Some(destination), ..report }
    }

    /// No assistant: the number's fallback takes the call, or nobody does.
    fn fall_back(
        &mut self,
        now_ms: i64,
        call: &NewCall,
        reason: &'static str,
        path: Vec<String>,
    ) -> CallReport {
        if let Some(destination) = call.number.rest.get("fallbackDestination") {
            return self.forwarded(now_ms, call, destination.clone(), reason, path);
        }
        let end = CallEnd { assistant_id: None, reason, answered: false };
        self.vapi.end_call(now_ms, call, end);
        CallReport::new(CallOutcome::RingsOut, Some(&call.id), path)
    }
}

/// What the caller gets of a fallback's reply.
fn after_fallback(mut path: Vec<String>, reply: Option<&ServerReply>) -> CallReport {
    let good = reply.filter(|reply| (200..300).contains(&reply.status));
    let Some(document) = good.and_then(|reply| twiml::read(&reply.body)) else {
        path.push(match reply {
            None => "no reply in time".to_owned(),
            Some(reply) => format!("reply {} is no TwiML", reply.status),
        });
        let report = CallReport::new(CallOutcome::Stranger, None, path);
        return CallReport { spoken: Some(TWILIO_ERROR_TEXT.to_owned()), ..report };
    };
    let spoken = (!document.said.is_empty()).then(|| document.said.join(" "));
    let destination = document.dialled.map(|number| json!({ "type": "number", "number": number }));
    if spoken.is_none() && destination.is_none() {
        path.push("the reply says nothing".to_owned());
        return CallReport::new(CallOutcome::RingsOut, None, path);
    }
    let report = CallReport::new(CallOutcome::ServerReply, None, path);
    CallReport { spoken, destination, ..report }
}
