//! The provider clients: with the key of the moment, reads repeated where that is safe.

use crate::deadline::Deadline;
use crate::deps::Deps;
use crate::metrics::Unit;
use crate::ports::{Clock as _, SecretError, World};
use domain::ids::{ConnectionId, TwilioAccountSid};
use domain::outcome::{Missing, NoReason, Outcome, Refusal};
use domain::time::Timestamp;
use exchange::{Exchange, ExchangeError, Method, Request, Response};
use planted::planted;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;
use store::StoreError;
use telnyx::{TelnyxClient, TelnyxSettings};
use vapi::{VapiClient, VapiSettings};

/// How long an application that answers is believed to go on answering.
const ANSWERING_KEPT: Duration = Duration::from_secs(600);
/// The wait before the second try of a read; doubled for each further one.
const READ_PAUSE: Duration = Duration::from_millis(300);
/// The longest wait a provider may ask for that is sat out; longer ones go through the queue.
const READ_PAUSE_MAX: Duration = Duration::from_secs(2);

/// How one call to a provider is made.
#[derive(Debug, Clone, Copy)]
pub struct CallPolicy {
    /// The deadline of one try.
    pub deadline: Duration,
    /// Tries of a call that only reads. A call that changes something is sent once.
    pub read_tries: u32,
    /// When the invocation ends: no try begins that could not end before.
    pub ends: Option<Deadline>,
}

impl CallPolicy {
    /// The same within an invocation.
    #[must_use]
    pub const fn until(self, ends: Deadline) -> Self {
        Self { ends: Some(ends), ..self }
    }

    /// Whether something that may take so long would end within the invocation.
    #[must_use]
    pub fn time_is_left(self, needed: Duration, now: Timestamp) -> bool {
        self.ends.is_none_or(|ends| ends.allows(needed, now))
    }
}

/// Why a provider cannot be called at all; nothing was sent.
#[derive(Debug)]
pub enum NotReached {
    /// There is no key for it.
    NotConfigured,
    /// Its secret cannot be read right now.
    SecretUnreadable(SecretError),
    /// The settings of the organization whose account it is cannot be read right now.
    SettingsUnreadable(StoreError),
}

impl NotReached {
    /// The end of a call that was never made.
    pub fn outcome<T, R>(self) -> Outcome<T, R> {
        match self {
            Self::NotConfigured => Outcome::Refused(Refusal::NotConfigured),
            Self::SecretUnreadable(error) => {
                tracing::error!(%error, "a provider's secret cannot be read");
                Outcome::Transient { retry_after: None }
            }
            Self::SettingsUnreadable(error) => {
                tracing::warn!(%error, "an organization's settings cannot be read");
                Outcome::Transient { retry_after: None }
            }
        }
    }
}

/// An exchange that knows whose key a request carries: after a 401 it reads the secret again and
/// sends once more (a rejected call certainly did nothing), and it repeats reads that failed.
pub struct Keyed<'a, W: World, E> {
    pub(crate) deps: &'a Deps<W>,
    pub(crate) exchange: &'a E,
    pub(crate) provider: &'static str,
    pub(crate) secret_id: Cow<'a, str>,
    pub(crate) key: KeyOf,
    pub(crate) policy: CallPolicy,
}

/// What a secret makes a request carry.
pub(crate) enum KeyOf {
    /// Its API key.
    Provider,
    /// The credentials of this account at Twilio, and of no other.
    TwilioAccount(TwilioAccountSid),
}

impl<W: World, E> fmt::Debug for Keyed<'_, W, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}

impl<W: World, E: Exchange> Exchange for Keyed<'_, W, E> {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        let repeated = request.method == Method::Get || planted!(CreateRepeated);
        let tries = if repeated { self.policy.read_tries } else { 1 };
        let mut request = request;
        let mut pause = READ_PAUSE;
        let mut answer = self.tried(&mut request).await;
        for _again in 1..tries {
            let Some(asked) = worth_repeating(&answer) else { break };
            if !self.time_is_left(request.deadline.saturating_add(pause.max(asked))) {
                break;
            }
            self.deps.clock.sleep(pause.max(asked)).await;
            pause = pause.saturating_mul(2);
            answer = self.tried(&mut request).await;
        }
        answer
    }
}

impl<W: World, E: Exchange> Keyed<'_, W, E> {
    /// One try: if the key is rejected and the secret holds another one by now, sent once more with
    /// that one. Any try may meet the rejection, for a key may be rotated between two of them.
    async fn tried(&self, request: &mut Request) -> Result<Response, ExchangeError> {
        let answer = self.measured(request).await;
        if answer.as_ref().is_ok_and(|answer| answer.status == 401)
            && !planted!(KeyNotReadAgain)
            && let Some(authorization) = self.key_read_again(request).await
            && self.time_is_left(request.deadline)
        {
            request.headers.insert("authorization".to_owned(), authorization);
            return self.measured(request).await;
        }
        answer
    }

    /// Sends once, and tells how long it took and whether the provider failed.
    async fn measured(&self, request: &Request) -> Result<Response, ExchangeError> {
        let begun = self.deps.now();
        let answer = self.exchange.send(request.clone()).await;
        let (now, metrics) = (self.deps.now(), &self.deps.metrics);
        let millis = u64::try_from(now.since(begun).as_millis()).unwrap_or(u64::MAX);
        let provider = Some(("Provider", self.provider));
        metrics.put(now, "ProviderMilliseconds", millis, Unit::Milliseconds, provider);
        let failed = answer.as_ref().map_or(true, |answer| {
            answer.status == 401 || answer.status == 429 || answer.status >= 500
        });
        if failed {
            metrics.count(now, "ProviderErrors", provider);
        }
        answer
    }
}

impl<W: World, E> Keyed<'_, W, E> {
    fn time_is_left(&self, needed: Duration) -> bool {
        self.policy.time_is_left(needed, self.deps.now())
    }

    /// The authorization by the key as it stands in the secret store now, if it is another one.
    async fn key_read_again(&self, request: &Request) -> Option<String> {
        let deps = self.deps;
        deps.secrets.forget(&self.secret_id);
        let (source, clock) = (&deps.secret_source, deps.clock.as_ref());
        let authorization = match &self.key {
            KeyOf::Provider => deps.secrets.bearer(source, clock, &self.secret_id).await.ok()??,
            KeyOf::TwilioAccount(account) => {
                let secret = deps.secrets.twilio(source, clock, &self.secret_id).await.ok()??;
                let same = secret.credentials.account == *account;
                same.then(|| secret.credentials.authorization().header())?
            }
        };
        let used = request.headers.get("authorization");
        (used != Some(&authorization)).then_some(authorization)
    }
}

/// How long to wait before a read is worth repeating; `None` when it is not.
fn worth_repeating(answer: &Result<Response, ExchangeError>) -> Option<Duration> {
    match answer {
        Err(ExchangeError::NotSent | ExchangeError::AnswerLost) => Some(Duration::ZERO),
        Ok(answer) if answer.status == 429 || answer.status >= 500 => {
            let asked = answer.headers.get("retry-after").and_then(|text| text.parse().ok());
            let asked = Duration::from_secs(asked.unwrap_or(0));
            (asked <= READ_PAUSE_MAX).then_some(asked)
        }
        Ok(_) => None,
    }
}

/// A client of VAPI.
pub type Vapi<'a, W> = VapiClient<Keyed<'a, W, <W as World>::Vapi>>;
/// A client of Telnyx.
pub type Telnyx<'a, W> = TelnyxClient<Keyed<'a, W, <W as World>::Telnyx>>;

impl<W: World> Deps<W> {
    /// A client of VAPI.
    ///
    /// # Errors
    /// [`NotReached`] when there is no key, or it cannot be read.
    pub async fn vapi_client(&self, policy: CallPolicy) -> Result<Vapi<'_, W>, NotReached> {
        let id = &self.providers.vapi_secret_id;
        let secret = self
            .secrets
            .vapi(&self.secret_source, self.clock.as_ref(), id)
            .await
            .map_err(NotReached::SecretUnreadable)?
            .ok_or(NotReached::NotConfigured)?;
        let settings = VapiSettings {
            base_url: self.providers.vapi_base_url.clone(),
            api_key: secret.api_key,
            server_url: format!("{}/webhooks/vapi", self.providers.public_base_url),
            server_secret: secret.webhook_secret,
            call_deadline: policy.deadline,
        };
        let keyed = Keyed {
            deps: self,
            exchange: &self.vapi,
            provider: "vapi",
            secret_id: Cow::Borrowed(id),
            key: KeyOf::Provider,
            policy,
        };
        Ok(VapiClient::new(keyed, settings))
    }

    /// A client of Telnyx.
    ///
    /// # Errors
    /// [`NotReached`] when there is no key, or it cannot be read.
    pub async fn telnyx_client(&self, policy: CallPolicy) -> Result<Telnyx<'_, W>, NotReached> {
        let id = &self.providers.telnyx_secret_id;
        let secret = self
            .secrets
            .telnyx(&self.secret_source, self.clock.as_ref(), id)
            .await
            .map_err(NotReached::SecretUnreadable)?
            .ok_or(NotReached::NotConfigured)?;
        let mut settings = TelnyxSettings::new(secret.api_key, policy.deadline);
        settings.base_url.clone_from(&self.providers.telnyx_base_url);
        settings.messaging_profile_id.clone_from(&self.providers.telnyx_messaging_profile_id);
        let keyed = Keyed {
            deps: self,
            exchange: &self.telnyx,
            provider: "telnyx",
            secret_id: Cow::Borrowed(id),
            key: KeyOf::Provider,
            policy,
        };
        Ok(TelnyxClient::new(keyed, settings))
    }

    /// Whether calls routed to this application reach VAPI; a yes is believed for ten minutes.
    pub async fn application_answers(
        &self,
        telnyx: &Telnyx<'_, W>,
        connection: &ConnectionId,
    ) -> Outcome<bool, NoReason> {
        let now = self.now();
        if self.believed(connection, now) || planted!(ApplicationNotAsked) {
            return Outcome::Done(true);
        }
        let answers = match telnyx.read_application(connection).await {
            Outcome::Done(application) => Outcome::Done(application.answers()),
            Outcome::Refused(Refusal::Because(Missing::NotFound)) => Outcome::Done(false),
            Outcome::Refused(Refusal::Key) => Outcome::Refused(Refusal::Key),
            Outcome::Refused(Refusal::NotConfigured) => Outcome::Refused(Refusal::NotConfigured),
            Outcome::Refused(Refusal::Request(text)) => Outcome::Refused(Refusal::Request(text)),
            Outcome::Transient { retry_after } => Outcome::Transient { retry_after },
            Outcome::Unknown => Outcome::Transient { retry_after: None },
        };
        if answers == Outcome::Done(true)
            && let Ok(mut believed) = self.answering.lock()
        {
            believed.insert(connection.clone(), now);
        }
        answers
    }

    fn believed(&self, connection: &ConnectionId, now: Timestamp) -> bool {
        self.answering
            .lock()
            .ok()
            .and_then(|believed| believed.get(connection).copied())
            .is_some_and(|seen| now < seen.after(ANSWERING_KEPT))
    }
}
