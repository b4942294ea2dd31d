//! Webhooks on their way out, and the ways in which they come wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::reply::Provider;

/// Deliveries a provider makes of one event before it gives up.
pub const ATTEMPTS_MAX: u32 = 3;

/// How webhooks are delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum WebhookMode {
    /// Once, at once.
    #[default]
    Normal,
    /// Not at all.
    Never,
    /// Each one two times.
    Twice,
    /// Each one later than it happened.
    Late {
        /// By how much.
        ms: i64,
    },
    /// Every second one is held back, so that the next overtakes it.
    OutOfOrder {
        /// For how long.
        ms: i64,
    },
    /// Orders settle at once, and their event overtakes the answer to the order.
    BeforeAnswer,
}

/// One HTTP POST a provider makes.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Whose webhook it is.
    pub provider: Provider,
    /// Where it goes.
    pub url: String,
    /// Header names in lower case, with their values.
    pub headers: BTreeMap<String, String>,
    /// The exact bytes; Telnyx' signature covers them.
    pub body: Vec<u8>,
    /// Not to be delivered earlier.
    pub not_before_ms: i64,
    /// Number of this delivery of the event, from 1.
    pub attempt: u32,
    /// The account that signs; empty for VAPI.
    pub(crate) account: String,
}

#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: BTreeMap<(i64, u64), Delivery>,
    pushed: u64,
}

impl Outbox {
    pub(crate) fn push(&mut self, mode: WebhookMode, delivery: Delivery) {
        let held_ms = match mode {
            WebhookMode::Never => return,
            WebhookMode::Normal | WebhookMode::Twice | WebhookMode::BeforeAnswer => 0,
            WebhookMode::Late { ms } => ms,
            WebhookMode::OutOfOrder { ms } => {
                if self.pushed.is_multiple_of(2) {
                    ms
                } else {
                    0
                }
            }
        };
        let due_ms = delivery.not_before_ms + held_ms;
        let delivery = Delivery { not_before_ms: due_ms, ..delivery };
        if mode == WebhookMode::Twice {
            self.insert(due_ms, delivery.clone());
        }
        self.insert(due_ms, delivery);
    }

    fn insert(&mut self, due_ms: i64, delivery: Delivery) {
        self.queue.insert((due_ms, self.pushed), delivery);
        self.pushed += 1;
    }

    /// Takes what is due, earliest first.
    pub(crate) fn take(&mut self, now_ms: i64) -> Vec<Delivery> {
        let later = self.queue.split_off(&(now_ms.saturating_add(1), 0));
        std::mem::replace(&mut self.queue, later).into_values().collect()
    }

    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        self.queue.keys().next().map(|(due_ms, _)| *due_ms)
    }

    /// Whether something is due.
    pub(crate) fn has_due(&self, now_ms: i64) -> bool {
        self.next_due_ms().is_some_and(|due_ms| due_ms <= now_ms)
    }
}
