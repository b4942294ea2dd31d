//! The simulators in the same process, behind the trait the provider clients use.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exchange::{Exchange, ExchangeError, Request, Response};

use crate::providers::Providers;
use crate::reply::{Outcome, Provider, Reply};

/// The providers, shared by clients, tests and servers.
#[derive(Debug, Clone)]
pub struct SharedProviders(Arc<Mutex<Providers>>);

impl SharedProviders {
    /// Shares them.
    #[must_use]
    pub fn new(providers: Providers) -> Self {
        Self(Arc::new(Mutex::new(providers)))
    }

    /// The providers, for as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, Providers> {
        // A test that panicked with the guard in hand has failed already.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with the providers.
    pub fn with<T>(&self, work: impl FnOnce(&mut Providers) -> T) -> T {
        work(&mut self.lock())
    }

    /// VAPI as an exchange.
    pub fn vapi<C: Fn() -> i64>(&self, clock: C) -> InProcess<C> {
        InProcess { providers: self.clone(), provider: Provider::Vapi, clock }
    }

    /// Telnyx as an exchange.
    pub fn telnyx<C: Fn() -> i64>(&self, clock: C) -> InProcess<C> {
        InProcess { providers: self.clone(), provider: Provider::Telnyx, clock }
    }

    /// Twilio as an exchange.
    pub fn twilio<C: Fn() -> i64>(&self, clock: C) -> InProcess<C> {
        InProcess { providers: self.clone(), provider: Provider::Twilio, clock }
    }
}

/// One provider as an exchange. Nothing waits: a delay beyond the request's deadline is a lost
/// answer, a shorter one is none.
#[derive(Clone)]
pub struct InProcess<C> {
    providers: SharedProviders,
    provider: Provider,
    clock: C,
}

impl<C> std::fmt::Debug for InProcess<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InProcess").field("provider", &self.provider).finish_non_exhaustive()
    }
}

impl<C: Fn() -> i64 + Send + Sync> Exchange for InProcess<C> {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        let now_ms = (self.clock)();
        let reply = self.providers.lock().handle(now_ms, self.provider, &request);
        settle(reply, &request)
    }
}

fn settle(reply: Reply, request: &Request) -> Result<Response, ExchangeError> {
    match reply.outcome {
        Outcome::NotSent => Err(ExchangeError::NotSent),
        Outcome::Lost { .. } => Err(ExchangeError::AnswerLost),
        Outcome::Answer(_) if u128::from(reply.delay_ms) > request.deadline.as_millis() => {
            Err(ExchangeError::AnswerLost)
        }
        Outcome::Answer(response) => Ok(response),
    }
}
