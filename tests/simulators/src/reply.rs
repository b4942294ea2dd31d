//! What a simulator says to one request.

use std::collections::BTreeMap;

use exchange::Response;
use serde::Serialize;

/// Which simulator a request is for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// `https://api.vapi.ai`
    Vapi,
    /// `https://api.telnyx.com/v2`
    Telnyx,
    /// `https://api.twilio.com`
    Twilio,
}

/// How one request ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// An answer, whatever its status.
    Answer(Response),
    /// The connection broke. `applied` says whether the effect had happened by then.
    Lost {
        /// Whether the effect happened.
        applied: bool,
    },
    /// The request never left the client. Over HTTP, where a server cannot do that, the
    /// connection is reset before any effect.
    NotSent,
}

/// The outcome, and how long the provider takes for it.
#[derive(Debug, Clone)]
pub struct Reply {
    /// How the request ended.
    pub outcome: Outcome,
    /// How long after the effect the outcome reaches the client.
    pub delay_ms: u64,
    /// The webhooks now in the outbox overtake this answer: deliver them before handing it over.
    pub webhooks_first: bool,
}

impl Reply {
    pub(crate) const fn at_once(outcome: Outcome) -> Self {
        Self { outcome, delay_ms: 0, webhooks_first: false }
    }

    /// The answer's status, if there is an answer.
    #[must_use]
    pub const fn status(&self) -> Option<u16> {
        match &self.outcome {
            Outcome::Answer(response) => Some(response.status),
            Outcome::Lost { .. } | Outcome::NotSent => None,
        }
    }
}

/// A JSON answer.
pub(crate) fn json(status: u16, body: &impl Serialize) -> Response {
    let body = serde_json::to_vec(body).expect("simulator bodies always serialize");
    raw(status, "application/json; charset=utf-8", body)
}

/// An answer with any body.
pub(crate) fn raw(status: u16, content_type: &str, body: Vec<u8>) -> Response {
    let headers = BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]);
    Response { status, headers, body }
}
