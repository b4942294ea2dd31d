//! A small world for the tests of this crate.

use domain::ids::Fresh;
use domain::time::Timestamp;
use exchange::{Exchange, ExchangeError, Request, Response};
use runtime::config::Providers;
use runtime::metrics::Metrics;
use runtime::{
    Clock, Deadline, Deps, Ids, Message, Parts, Queue, QueueError, SecretError, SecretSource, World,
};
use secrecy::SecretString;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use store::memory::MemoryTable;

/// When the tests begin: 2026-01-01T00:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

#[derive(Debug)]
pub(crate) struct Fake;

impl World for Fake {
    type Table = MemoryTable;
    type Clock = FakeClock;
    type Ids = Counter;
    type Queue = Sent;
    type Secrets = Nothing;
    type Vapi = Nothing;
    type Telnyx = Nothing;
    type Twilio = Nothing;
}

/// A clock that stands still unless it is set, or told to move with every look at it.
#[derive(Debug)]
pub(crate) struct FakeClock {
    millis: AtomicI64,
    step: AtomicI64,
}

impl FakeClock {
    pub(crate) fn set(&self, at: Timestamp) {
        self.millis.store(at.as_millis(), Ordering::Relaxed);
    }

    pub(crate) fn set_step(&self, step: Duration) {
        self.step.store(i64::try_from(step.as_millis()).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        let step = self.step.load(Ordering::Relaxed);
        Timestamp::from_millis(self.millis.fetch_add(step, Ordering::Relaxed))
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
pub(crate) struct Sent {
    messages: Mutex<Vec<Message>>,
    pub(crate) refuses: AtomicBool,
}

impl Sent {
    pub(crate) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.messages.lock().unwrap())
    }
}

impl Queue for Sent {
    async fn send(&self, message: &Message, delay: Duration) -> Result<(), QueueError> {
        assert_eq!(delay, Duration::ZERO);
        if self.refuses.load(Ordering::Relaxed) {
            return Err(QueueError("refused by the test".to_owned()));
        }
        self.messages.lock().unwrap().push(*message);
        Ok(())
    }
}

#[derive(Debug)]
pub(crate) struct Nothing;

impl SecretSource for Nothing {
    async fn fetch(&self, _id: &str) -> Result<Option<SecretString>, SecretError> {
        Ok(None)
    }
}

impl Exchange for Nothing {
    async fn send(&self, _request: Request) -> Result<Response, ExchangeError> {
        Err(ExchangeError::NotSent)
    }
}

/// The deps, and what they write as figures.
pub(crate) fn deps() -> (Deps<Fake>, Arc<Mutex<Vec<String>>>) {
    let figures = Arc::new(Mutex::new(Vec::new()));
    let written = Arc::clone(&figures);
    let write = move |line: &str| written.lock().unwrap().push(line.to_owned());
    let deps = Deps::new(Parts {
        table: MemoryTable::new(),
        queue: Sent::default(),
        clock: Arc::new(FakeClock {
            millis: AtomicI64::new(START.as_millis()),
            step: AtomicI64::new(0),
        }),
        ids: Arc::new(Counter::default()),
        secret_source: Nothing,
        vapi: Nothing,
        telnyx: Nothing,
        twilio: Nothing,
        providers: Providers::none(),
        metrics: Metrics::writing("Dialtone".to_owned(), "test".to_owned(), write),
    });
    (deps, figures)
}

/// A deadline of a whole invocation.
pub(crate) fn deadline() -> Deadline {
    Deadline::at(START.after(Duration::from_secs(50)))
}
