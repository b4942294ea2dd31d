//! The system's clock, and what of the waits was skipped.

use domain::time::Timestamp;
use runtime::Clock;
use runtime::aws::SystemClock;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that runs, and can be set ahead to the time of the next message.
#[derive(Debug, Clone, Default)]
pub struct SkippingClock {
    skipped_millis: Arc<AtomicI64>,
}

impl SkippingClock {
    /// Goes on from this time, unless it is past already.
    pub fn skip_to(&self, at: Timestamp) {
        let ahead = at.since(self.now()).as_millis();
        self.skipped_millis.fetch_add(i64::try_from(ahead).unwrap(), Ordering::Relaxed);
    }
}

impl Clock for SkippingClock {
    fn now(&self) -> Timestamp {
        let skipped = self.skipped_millis.load(Ordering::Relaxed);
        Timestamp::from_millis(SystemClock.now().as_millis() + skipped)
    }

    /// The product's own pauses between two tries at the table are real: others go on meanwhile.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        SystemClock.sleep(duration)
    }
}
