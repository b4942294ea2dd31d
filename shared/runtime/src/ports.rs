//! What a function needs of the world, as narrow ports.

use crate::message::Message;
use domain::ids::Fresh;
use domain::time::Timestamp;
use exchange::Exchange;
use secrecy::SecretString;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use store::Backoff;
use store::table::Table;

/// Tells the time, and waits.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Gives ids never used before; their random part serves as randomness.
pub trait Ids: Send + Sync {
    /// A fresh ULID.
    fn fresh(&self) -> Fresh;
}

/// The message could not be sent. The poller makes up for it.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not take the message: {0}")]
pub struct QueueError(pub String);

/// The queue of the steps.
pub trait Queue: Send + Sync {
    /// Sends a message that arrives at least once, not before `delay` (0 to 900 s) has passed.
    fn send(
        &self,
        message: &Message,
        delay: Duration,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// The secret could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the secret could not be read: {0}")]
pub struct SecretError(pub String);

/// Where secrets are kept.
pub trait SecretSource: Send + Sync {
    /// The text of a secret, or `None` when there is no such secret.
    fn fetch(
        &self,
        id: &str,
    ) -> impl Future<Output = Result<Option<SecretString>, SecretError>> + Send;
}

/// The secret could not be written; it may have been.
#[derive(Debug, thiserror::Error)]
#[error("the secret could not be written: {0}")]
pub struct SecretNotKept(pub String);

/// Where a function that takes secrets from people puts them. It need not be able to read them.
pub trait SecretKeeper: Send + Sync {
    /// Gives a secret this text, and makes it if there is none. Repeating it does no harm.
    fn keep(
        &self,
        id: &str,
        text: &SecretString,
    ) -> impl Future<Output = Result<(), SecretNotKept>> + Send;
}

/// The kinds of everything a function runs with.
pub trait World: Send + Sync + 'static {
    /// The table.
    type Table: Table;
    /// The clock.
    type Clock: Clock;
    /// The ids.
    type Ids: Ids;
    /// The queue.
    type Queue: Queue;
    /// The secrets.
    type Secrets: SecretSource;
    /// The exchange with VAPI.
    type Vapi: Exchange;
    /// The exchange with Telnyx.
    type Telnyx: Exchange;
    /// The exchange with Twilio.
    type Twilio: Exchange;
}

/// Pauses between tries at the table: 25 ms doubled each time, at most 800 ms, half of it random.
#[derive(Debug)]
pub struct Pauses<C, I> {
    clock: Arc<C>,
    ids: Arc<I>,
}

impl<C, I> Pauses<C, I> {
    /// Pauses by this clock.
    pub const fn new(clock: Arc<C>, ids: Arc<I>) -> Self {
        Self { clock, ids }
    }
}

/// The first pause, in milliseconds.
const PAUSE_FIRST_MILLIS: u64 = 25;
/// The longest pause, in milliseconds.
const PAUSE_MAX_MILLIS: u64 = 800;

impl<C: Clock, I: Ids> Backoff for Pauses<C, I> {
    async fn pause(&self, attempt: u32) {
        let grown = PAUSE_FIRST_MILLIS << attempt.saturating_sub(2).min(10);
        let half = grown.min(PAUSE_MAX_MILLIS) / 2;
        let random = u64::try_from(self.ids.fresh().random() & 0xffff).unwrap_or(0);
        let jitter = random.checked_rem(half.saturating_add(1)).unwrap_or(0);
        self.clock.sleep(Duration::from_millis(half.saturating_add(jitter))).await;
    }
}
