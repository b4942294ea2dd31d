//! Telnyx, as far as Dialtone uses it: search, orders, owned numbers, Voice API applications.
//!
//! Hand-written over the [`Exchange`] port. Every call is sent once and ends as an [`Outcome`]:
//! no order is ever repeated here, since nothing at Telnyx protects against a second purchase.
//! A list that could not be read to its end is `Transient`, never "not there": absence is what
//! allows a second order. Partial matches are compared exactly on this side.
//!
//! Source: Telnyx's published contract and guides (`developers.telnyx.com`), as of August 2026.

mod applications;
mod balance;
mod complaint;
mod numbers;
mod orders;
mod paging;
#[cfg(test)]
mod redaction;
mod search;
#[cfg(test)]
mod testing;
mod wire;

use domain::outcome::{Outcome, Refusal};
use exchange::reading::{self, Reset};
use exchange::{Access, Authorization, Call, Exchange, Request, Response};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

use complaint::Complaint;
pub use numbers::OwnedPage;

/// Telnyx's API.
pub const BASE_URL: &str = "https://api.telnyx.com/v2";

/// Where VAPI takes calls from Telnyx, in the United States and in Europe: the webhook of the
/// applications VAPI makes.
pub const VAPI_INBOUND_URLS: [&str; 2] =
    ["https://api.vapi.ai/telnyx/inbound_call", "https://api.eu.vapi.ai/telnyx/inbound_call"];

/// What the client must know.
#[derive(Debug, Clone)]
pub struct TelnyxSettings {
    /// Where Telnyx is, with `/v2`: [`BASE_URL`] or a simulator.
    pub base_url: String,
    /// The API key of the account.
    pub api_key: SecretString,
    /// How long one call may take.
    pub call_deadline: Duration,
    /// The messaging profile given to ordered numbers; none is sent when unset.
    pub messaging_profile_id: Option<String>,
    /// Webhooks by which an application reaches VAPI; usually [`VAPI_INBOUND_URLS`].
    pub vapi_inbound_urls: Vec<String>,
}

impl TelnyxSettings {
    /// Settings for Telnyx itself, without a messaging profile.
    #[must_use]
    pub fn new(api_key: SecretString, call_deadline: Duration) -> Self {
        Self {
            base_url: BASE_URL.to_owned(),
            api_key,
            call_deadline,
            messaging_profile_id: None,
            vapi_inbound_urls: VAPI_INBOUND_URLS.map(str::to_owned).to_vec(),
        }
    }
}

/// The client. `Debug` prints no settings.
#[derive(Clone)]
pub struct TelnyxClient<E> {
    exchange: E,
    settings: TelnyxSettings,
}

impl<E> fmt::Debug for TelnyxClient<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelnyxClient").finish_non_exhaustive()
    }
}

impl<E: Exchange> TelnyxClient<E> {
    /// A client that sends through `exchange`.
    pub fn new(exchange: E, settings: TelnyxSettings) -> Self {
        Self { exchange, settings }
    }

    /// Sends once and reads the end: `decode` takes the JSON of a success apart, `reason` finds
    /// what a refusal means for this call.
    async fn send<W: DeserializeOwned, T, R>(
        &self,
        call: Call,
        decode: impl FnOnce(W) -> Option<T> + Send,
        reason: impl FnOnce(&Complaint) -> Option<R> + Send,
    ) -> Outcome<T, R> {
        let effect = call.effect();
        let answer = self.exchange.send(self.request(call)).await;
        reading::outcome(
            answer,
            effect,
            Reset::In,
            |response| serde_json::from_slice(&response.body).ok().and_then(decode),
            |response| self.refusal(response, reason),
        )
    }

    /// Deletes; what is gone already (404) counts as deleted. The answer is the deleted object,
    /// which nobody needs.
    async fn remove<R>(
        &self,
        path: String,
        reason: impl FnOnce(&Complaint) -> Option<R> + Send,
    ) -> Outcome<(), R> {
        let answer = self.exchange.send(self.request(Call::delete(path))).await;
        reading::removed(answer, Reset::In, |response| self.refusal(response, reason))
    }

    fn refusal<R>(
        &self,
        response: &Response,
        reason: impl FnOnce(&Complaint) -> Option<R>,
    ) -> Refusal<R> {
        Complaint::read(response).refusal(&[&self.settings.api_key], reason)
    }

    fn request(&self, call: Call) -> Request {
        call.request(Access {
            base_url: &self.settings.base_url,
            authorization: Authorization::Bearer(&self.settings.api_key),
            deadline: self.settings.call_deadline,
        })
    }
}

/// For calls that know no reason of their own.
const fn no_reason<R>(_complaint: &Complaint) -> Option<R> {
    None
}
