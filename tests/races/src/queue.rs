//! The steps' queue: a bag of messages, each handed out once it is due.

use domain::time::Timestamp;
use runtime::{Clock as _, Message, Queue, QueueError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::SkippingClock;

/// Messages on their way, by when they are due.
#[derive(Debug, Clone)]
pub struct MessageBag {
    clock: SkippingClock,
    messages: Arc<Mutex<Messages>>,
}

#[derive(Debug, Default)]
struct Messages {
    sent: u64,
    due: BTreeMap<(Timestamp, u64), Message>,
}

impl MessageBag {
    /// An empty bag.
    pub fn new(clock: SkippingClock) -> Self {
        Self { clock, messages: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many were ever sent.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    /// When the next one is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.lock().due.keys().next().map(|(at, _)| *at)
    }

    /// Takes all that are due.
    pub fn take_due(&self) -> Vec<Message> {
        let now = self.clock.now();
        let mut messages = self.lock();
        let later = messages.due.split_off(&(now.after(Duration::from_millis(1)), 0));
        std::mem::replace(&mut messages.due, later).into_values().collect()
    }

    /// Puts a message back: its record failed.
    pub fn put(&self, message: Message, at: Timestamp) {
        let mut messages = self.lock();
        messages.sent += 1;
        let place = (at, messages.sent);
        messages.due.insert(place, message);
    }
}

impl Queue for MessageBag {
    async fn send(&self, message: &Message, delay: Duration) -> Result<(), QueueError> {
        self.put(*message, self.clock.now().after(delay));
        Ok(())
    }
}
