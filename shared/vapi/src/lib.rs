//! VAPI, as far as Dialtone uses it: assistants, phone numbers, stored credentials.
//!
//! Hand-written over the [`Exchange`] port. Every call is sent once and ends as an
//! [`Outcome`]: the client never repeats a create, never waits and keeps no state. A list that
//! could not be read to its end is `Transient`, never "not there": absence is what allows a second
//! create. Lists may lag and mask digits, so only a read by id is the truth about a number.
//!
//! Source: VAPI's published contract and guides (`docs.vapi.ai`), as of August 2026.

mod assistants;
mod body;
mod calls;
mod complaint;
mod credentials;
mod finding;
mod numbers;
#[cfg(test)]
mod redaction;
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
pub use finding::NumberPage;
pub use numbers::{Line, TwilioKey};

/// VAPI in the United States; organizations in Europe have `https://api.eu.vapi.ai`.
pub const BASE_URL: &str = "https://api.vapi.ai";

/// The header in which VAPI hands us our own secret with every webhook.
pub const SECRET_HEADER: &str = "x-vapi-secret";

/// What the client must know.
#[derive(Debug, Clone)]
pub struct VapiSettings {
    /// Where VAPI is: [`BASE_URL`], another region, or a simulator.
    pub base_url: String,
    /// The private key of the VAPI organization.
    pub api_key: SecretString,
    /// Our own `/webhooks/vapi`, given to every assistant and number.
    pub server_url: String,
    /// What VAPI shall show there, in [`SECRET_HEADER`].
    pub server_secret: SecretString,
    /// How long one call may take.
    pub call_deadline: Duration,
}

/// The client. `Debug` prints no settings.
#[derive(Clone)]
pub struct VapiClient<E> {
    exchange: E,
    settings: VapiSettings,
}

impl<E> fmt::Debug for VapiClient<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapiClient").finish_non_exhaustive()
    }
}

impl<E: Exchange> VapiClient<E> {
    /// A client that sends through `exchange`.
    pub fn new(exchange: E, settings: VapiSettings) -> Self {
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
        self.send_hiding(None, call, decode, reason).await
    }

    /// As [`Self::send`], with a secret of the call's own that VAPI may quote.
    async fn send_hiding<W: DeserializeOwned, T, R>(
        &self,
        secret: Option<&SecretString>,
        call: Call,
        decode: impl FnOnce(W) -> Option<T> + Send,
        reason: impl FnOnce(&Complaint) -> Option<R> + Send,
    ) -> Outcome<T, R> {
        let effect = call.effect();
        let answer = self.exchange.send(self.request(call)).await;
        reading::outcome(
            answer,
            effect,
            Reset::At,
            |response| serde_json::from_slice(&response.body).ok().and_then(decode),
            |response| self.refusal(secret, response, reason),
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
        reading::removed(answer, Reset::At, |response| self.refusal(None, response, reason))
    }

    fn refusal<R>(
        &self,
        secret: Option<&SecretString>,
        response: &Response,
        reason: impl FnOnce(&Complaint) -> Option<R>,
    ) -> Refusal<R> {
        let ours = [&self.settings.api_key, &self.settings.server_secret];
        let secrets: Vec<_> = ours.into_iter().chain(secret).collect();
        Complaint::read(response).refusal(&secrets, reason)
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
