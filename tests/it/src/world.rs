//! The world of the tests: a table in memory, virtual time, providers in the same process.

use crate::clock::VirtualClock;
use crate::queue::FakeQueue;
use domain::ids::Fresh;
use exchange::{Exchange, ExchangeError, Request, Response};
use runtime::{Clock as _, Ids, SecretError, SecretKeeper, SecretNotKept, SecretSource, World};
use secrecy::{ExposeSecret as _, SecretString};
use simulators::{InProcess, Provider};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::memory::{MemoryTable, YieldOnce};

/// The world of the tests.
#[derive(Debug, Clone, Copy)]
pub struct FakeWorld;

impl World for FakeWorld {
    type Table = Arc<MemoryTable>;
    type Clock = VirtualClock;
    type Ids = SeededIds;
    type Queue = FakeQueue;
    type Secrets = FakeSecrets;
    type Vapi = Wire;
    type Telnyx = Wire;
    type Twilio = Wire;
}

/// Ids that never repeat, and the same in every run with the same seed.
#[derive(Debug)]
pub struct SeededIds {
    clock: VirtualClock,
    seed: u64,
    given: AtomicU64,
}

impl SeededIds {
    /// Ids of this seed.
    pub fn new(clock: VirtualClock, seed: u64) -> Self {
        Self { clock, seed, given: AtomicU64::new(0) }
    }
}

impl Ids for SeededIds {
    fn fresh(&self) -> Fresh {
        let given = self.given.fetch_add(1, Ordering::Relaxed);
        // Mixing maps no two counts to one value, so that no two ids of a seed are the same.
        let low = u128::from(mix(self.seed ^ mix(given)));
        let random = u128::from(given & 0xffff) << 64 | low;
        let millis = u128::try_from(self.clock.now().as_millis()).unwrap();
        Fresh(millis << 80 | random)
    }
}

/// `SplitMix64`'s mixing step.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Secrets by id.
#[derive(Debug, Clone, Default)]
pub struct FakeSecrets(Arc<Mutex<BTreeMap<String, String>>>, Arc<AtomicBool>);

impl FakeSecrets {
    /// The text of a secret.
    pub fn text(&self, id: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Whether the store takes no secrets from now on.
    pub fn refuse(&self, refuses: bool) {
        self.1.store(refuses, Ordering::Relaxed);
    }

    /// Sets a secret.
    pub fn set(&self, id: &str, text: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), text);
    }

    /// Removes a secret.
    pub fn remove(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl SecretSource for FakeSecrets {
    async fn fetch(&self, id: &str) -> Result<Option<SecretString>, SecretError> {
        YieldOnce::default().await;
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        Ok(text.map(SecretString::from))
    }
}

impl SecretKeeper for FakeSecrets {
    async fn keep(&self, id: &str, text: &SecretString) -> Result<(), SecretNotKept> {
        YieldOnce::default().await;
        if self.1.load(Ordering::Relaxed) {
            return Err(SecretNotKept("the secret store does not answer".to_owned()));
        }
        self.set(id, text.expose_secret().to_owned());
        YieldOnce::default().await;
        Ok(())
    }
}

/// No pause between two tries at the table.
#[derive(Debug, Clone, Copy)]
pub struct NoPause;

impl store::Backoff for NoPause {
    async fn pause(&self, _attempt: u32) {
        YieldOnce::default().await;
    }
}

/// The time a simulator is told.
pub type Tick = Box<dyn Fn() -> i64 + Send + Sync>;

/// How long a call to a provider takes.
#[derive(Debug, Clone, Default)]
pub struct Latency(Arc<AtomicU64>);

impl Latency {
    /// Takes so long from now on.
    pub fn set(&self, millis: u64) {
        self.0.store(millis, Ordering::Relaxed);
    }

    fn half(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed) / 2)
    }
}

/// Other words in the providers' answers: what they may say one day.
#[derive(Debug, Clone, Default)]
pub struct Wording(Arc<Mutex<Vec<(Provider, String, String)>>>);

impl Wording {
    /// Answers of this provider say this in place of that from now on.
    pub fn replace(&self, whose: Provider, from: &str, to: &str) {
        self.lock().push((whose, from.to_owned(), to.to_owned()));
    }

    /// Answers are as the providers gave them.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Provider, String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn applied(&self, provider: Provider, mut answer: Response) -> Response {
        for (_, from, to) in self.lock().iter().filter(|(whose, _, _)| *whose == provider) {
            let body = String::from_utf8_lossy(&answer.body).replace(from, to);
            answer.body = body.into_bytes();
        }
        answer
    }
}

/// The way to a provider. Others run, and the caller may die, before the request and after it.
#[derive(Debug)]
pub struct Wire {
    /// Whom it leads to.
    pub whose: Provider,
    /// Where it leads.
    pub provider: InProcess<Tick>,
    /// Who knows how long it takes.
    pub clock: VirtualClock,
    /// How long it takes.
    pub latency: Latency,
    /// What its answers say in other words.
    pub wording: Wording,
}

impl Exchange for Wire {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        YieldOnce::default().await;
        self.clock.sleep(self.latency.half()).await;
        let answer = self.provider.send(request).await;
        self.clock.sleep(self.latency.half()).await;
        YieldOnce::default().await;
        answer.map(|answer| self.wording.applied(self.whose, answer))
    }
}
