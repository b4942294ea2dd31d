//! Twilio, as far as Dialtone uses it: search, purchases, owned numbers, the account itself, and
//! the signature of its webhooks.
//!
//! Hand-written over the [`Exchange`] port. Every call is sent once and ends as an [`Outcome`]:
//! nothing is repeated here. A list that could not be read to its end is `Transient`, never "not
//! there": absence is what allows a purchase. Partial matches are compared exactly on this side.
//! Every path names the account of the credentials, and no list leads out of it.
//!
//! Source: Twilio's published contract (API 2010-04-01) and guides (`twilio.com/docs`), as of
//! August 2026.

mod account;
mod complaint;
mod credentials;
mod numbers;
mod paging;
mod purchases;
#[cfg(test)]
mod redaction;
mod search;
mod secret;
pub mod signature;
#[cfg(test)]
mod testing;
mod wire;

use domain::outcome::{Outcome, Refusal};
use exchange::reading::{self, Reset};
use exchange::{Access, Call, Exchange, Request, Response};
use serde::de::DeserializeOwned;
use std::fmt;
use std::time::Duration;

use complaint::Complaint;
pub use credentials::{Credentials, Key};
pub use numbers::OwnedPage;
pub use secret::{InvalidSecret, TwilioSecret};

/// Twilio's API, without the version: that stands in every path, also in those of `next_page_uri`.
pub const BASE_URL: &str = "https://api.twilio.com";

/// What the client must know.
#[derive(Debug, Clone)]
pub struct TwilioSettings {
    /// Where Twilio is, without `/2010-04-01`: [`BASE_URL`] or a simulator.
    pub base_url: String,
    /// The account, and what proves that we may use it.
    pub credentials: Credentials,
    /// How long one call may take.
    pub call_deadline: Duration,
}

impl TwilioSettings {
    /// Settings for Twilio itself.
    #[must_use]
    pub fn new(credentials: Credentials, call_deadline: Duration) -> Self {
        Self { base_url: BASE_URL.to_owned(), credentials, call_deadline }
    }
}

/// The client for one account. `Debug` prints no settings.
#[derive(Clone)]
pub struct TwilioClient<E> {
    exchange: E,
    settings: TwilioSettings,
}

impl<E> fmt::Debug for TwilioClient<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwilioClient").finish_non_exhaustive()
    }
}

impl<E: Exchange> TwilioClient<E> {
    /// A client that sends through `exchange`.
    pub fn new(exchange: E, settings: TwilioSettings) -> Self {
        Self { exchange, settings }
    }

    /// The path of something of our account, as `/IncomingPhoneNumbers.json`; of the account itself
    /// for `.json`.
    fn path(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{}{rest}", self.settings.credentials.account)
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

    /// Deletes; what is gone already (404) counts as deleted. The answer is empty (204).
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
        Complaint::read(response).refusal(&[self.settings.credentials.secret()], reason)
    }

    fn request(&self, call: Call) -> Request {
        call.request(Access {
            base_url: &self.settings.base_url,
            authorization: self.settings.credentials.authorization(),
            deadline: self.settings.call_deadline,
        })
    }
}

/// For calls that know no reason of their own.
const fn no_reason<R>(_complaint: &Complaint) -> Option<R> {
    None
}
