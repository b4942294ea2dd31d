//! A small world for the tests of this crate, and the test vectors of Telnyx's signature.

use crate::{Config, Hook};
use domain::ids::Fresh;
use domain::time::Timestamp;
use exchange::{Exchange, ExchangeError, Request, Response};
use runtime::config::{Lookup, Providers};
use runtime::metrics::Metrics;
use runtime::{
    Clock, Deps, Ids, Message, Parts, Queue, QueueError, SecretError, SecretSource, World,
};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::memory::MemoryTable;

/// When the vectors were signed, in seconds: 2026-01-01T00:00:00Z. The tests begin then.
pub(crate) const SIGNED_AT: i64 = 1_767_225_600;
/// The key the vectors were signed for; a throwaway.
pub(crate) const PUBLIC_KEY: &str = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
/// A signed body.
pub(crate) const ORDER_BODY: &str = concat!(
    r#"{"data":{"event_type":"number_order.complete","id":"11111111-2222-4333-8444-555555555555","#,
    r#""occurred_at":"2026-01-01T00:00:00.000000Z","payload":{"id":"aaaaaaaa-bbbb-4ccc-8ddd-eeee"#,
    r#"eeeeeeee","record_type":"number_order","status":"success","customer_reference":"prov_01TES"#,
    r#"T","phone_numbers":[{"phone_number":"+14155550123","status":"success"}]},"record_type":"ev"#,
    r#"ent"},"meta":{"attempt":1,"delivered_to":"https://hooks.example.test/telnyx"}}"#,
);
/// Its signature.
pub(crate) const ORDER_SIGNATURE: &str =
    "GESeF35+8bjm5uthGCMWwzd5H5mSeG4XLIEGAqLGJ8hW3qZCiUuJS2B7i67hl88TMwBXrWhbheawxE8ZM+VrAw==";
/// VAPI's secret in the tests and in `events/`.
pub(crate) const VAPI_SECRET: &str = "test-webhook-secret";

#[derive(Debug)]
pub(crate) struct Fake;

impl World for Fake {
    type Table = MemoryTable;
    type Clock = FakeClock;
    type Ids = Counter;
    type Queue = Sent;
    type Secrets = Vault;
    type Vapi = Unreachable;
    type Telnyx = Unreachable;
    type Twilio = Unreachable;
}

/// A clock that stands still unless it is moved.
#[derive(Debug)]
pub(crate) struct FakeClock(AtomicI64);

impl FakeClock {
    pub(crate) fn move_on(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, _duration: Duration) {}
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Ids for Counter {
    fn fresh(&self) -> Fresh {
        Fresh(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

#[derive(Debug, Default)]
pub(crate) struct Sent(Mutex<Vec<Message>>);

impl Sent {
    pub(crate) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

impl Queue for Sent {
    async fn send(&self, message: &Message, delay: Duration) -> Result<(), QueueError> {
        assert_eq!(delay, Duration::ZERO);
        self.0.lock().unwrap().push(*message);
        Ok(())
    }
}

/// Secrets by id, and how often they were read.
#[derive(Debug, Default)]
pub(crate) struct Vault {
    secrets: Mutex<BTreeMap<String, String>>,
    pub(crate) reads: AtomicU64,
    pub(crate) fails: AtomicBool,
}

impl Vault {
    pub(crate) fn set(&self, id: &str, text: &str) {
        self.secrets.lock().unwrap().insert(id.to_owned(), text.to_owned());
    }

    pub(crate) fn remove(&self, id: &str) {
        self.secrets.lock().unwrap().remove(id);
    }
}

impl SecretSource for Vault {
    async fn fetch(&self, id: &str) -> Result<Option<SecretString>, SecretError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if self.fails.load(Ordering::Relaxed) {
            return Err(SecretError("failed by the test".to_owned()));
        }
        Ok(self.secrets.lock().unwrap().get(id).cloned().map(SecretString::from))
    }
}

/// No webhook calls a provider.
#[derive(Debug)]
pub(crate) struct Unreachable;

impl Exchange for Unreachable {
    async fn send(&self, _request: Request) -> Result<Response, ExchangeError> {
        panic!("a webhook called a provider");
    }
}

/// The deps, the settings, and the figures written.
pub(crate) struct Stand {
    pub(crate) deps: Deps<Fake>,
    pub(crate) config: Config,
    figures: Arc<Mutex<Vec<String>>>,
}

impl Stand {
    pub(crate) fn new() -> Self {
        let find = |name: &str| match name {
            "SECRETS_PREFIX" => Some("test".to_owned()),
            _ => name.ends_with("_SECRET_ID").then(|| name.to_owned()),
        };
        let lookup = Lookup::new(&find);
        let figures = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&figures);
        let write = move |line: &str| written.lock().unwrap().push(line.to_owned());
        let vault = Vault::default();
        let vapi = format!(r#"{{"api_key":"k","webhook_secret":"{VAPI_SECRET}"}}"#);
        vault.set("VAPI_SECRET_ID", &vapi);
        let telnyx = format!(r#"{{"api_key":"k","public_key":"{PUBLIC_KEY}"}}"#);
        vault.set("TELNYX_SECRET_ID", &telnyx);
        let deps = Deps::new(Parts {
            table: MemoryTable::new(),
            queue: Sent::default(),
            clock: Arc::new(FakeClock(AtomicI64::new(SIGNED_AT * 1000))),
            ids: Arc::new(Counter::default()),
            secret_source: vault,
            vapi: Unreachable,
            telnyx: Unreachable,
            twilio: Unreachable,
            providers: Providers::from_lookup(lookup).unwrap(),
            metrics: Metrics::writing("Dialtone".to_owned(), "test".to_owned(), write),
        });
        Self { deps, config: Config::from_lookup(lookup).unwrap(), figures }
    }

    pub(crate) async fn send(&self, hook: &Hook) -> crate::HookAnswer {
        crate::handle(&self.deps, &self.config, hook.clone()).await
    }

    /// How often a figure of this name was written for this provider, or for none.
    pub(crate) fn counted(&self, name: &str, provider: Option<&str>) -> usize {
        let has = |line: &&String| {
            line.contains(&format!(r#""{name}":1"#))
                && provider.is_none_or(|of| line.contains(&format!(r#""Provider":"{of}""#)))
        };
        self.figures.lock().unwrap().iter().filter(has).count()
    }
}
