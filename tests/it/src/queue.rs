//! The queue of the steps: at least once, sometimes twice, sometimes never.

use crate::clock::VirtualClock;
use aws_lambda_events::event::sqs::SqsMessage;
use domain::time::Timestamp;
use runtime::{Clock as _, Message, Queue, QueueError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::memory::YieldOnce;

/// How long a message stays away that was handed out and neither ended nor given back.
pub const VISIBILITY: Duration = Duration::from_secs(360);
/// How often a message is handed out before it is set aside.
pub const RECEIVES_MAX: u32 = 5;

/// How messages are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delivery {
    /// Each one once.
    #[default]
    Once,
    /// Each one two times, the second so much later; at zero both at once.
    Twice(Duration),
    /// Sent, and lost on the way.
    Lost,
    /// Not taken: the sender is told.
    Refused,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Letter {
    id: u64,
    body: String,
    receives: u32,
}

#[derive(Debug, Default)]
struct State {
    due: BTreeMap<(Timestamp, u64), Letter>,
    set_aside: Vec<Letter>,
    sent: u64,
    ids: u64,
    delivery: Delivery,
}

/// The queue.
#[derive(Debug, Clone)]
pub struct FakeQueue {
    clock: VirtualClock,
    state: Arc<Mutex<State>>,
}

impl FakeQueue {
    /// An empty queue.
    pub fn new(clock: VirtualClock) -> Self {
        Self { clock, state: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers so from now on.
    pub fn deliver(&self, delivery: Delivery) {
        self.lock().delivery = delivery;
    }

    /// How many messages were sent.
    pub fn sent(&self) -> u64 {
        self.lock().sent
    }

    /// How many messages were given up.
    pub fn set_aside(&self) -> usize {
        self.lock().set_aside.len()
    }

    /// Moves those given up back into the queue, as an operator does after the cause is mended.
    pub fn redrive(&self) {
        let now = self.clock.now();
        let mut state = self.lock();
        for letter in std::mem::take(&mut state.set_aside) {
            state.due.insert((now, letter.id), Letter { receives: 0, ..letter });
        }
    }

    /// When the next message is due.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.lock().due.keys().next().map(|(at, _)| *at)
    }

    /// Takes the messages due by now, in batches of five. They stay in the queue, out of sight,
    /// until they are deleted.
    pub fn take_due(&self) -> Vec<Vec<Letter>> {
        let now = self.clock.now();
        let mut state = self.lock();
        let later = state.due.split_off(&(now.after(Duration::from_millis(1)), 0));
        let due = std::mem::replace(&mut state.due, later);
        let mut taken = Vec::new();
        for (_, mut letter) in due {
            letter.receives += 1;
            if letter.receives > RECEIVES_MAX {
                state.set_aside.push(letter);
            } else {
                state.due.insert((now.after(VISIBILITY), letter.id), letter.clone());
                taken.push(letter);
            }
        }
        taken.chunks(5).map(<[Letter]>::to_vec).collect()
    }

    /// Deletes a letter that was handled.
    pub fn delete(&self, letter: &Letter) {
        self.lock().due.retain(|_, kept| kept.id != letter.id);
    }

    /// Sends a text, whatever it is.
    pub fn put(&self, body: String, delay: Duration) {
        let at = self.clock.now().after(delay);
        let mut state = self.lock();
        state.sent += 1;
        let again = match state.delivery {
            Delivery::Lost | Delivery::Refused => return,
            Delivery::Once => None,
            Delivery::Twice(later) => Some(at.after(later)),
        };
        for at in std::iter::once(at).chain(again) {
            state.ids += 1;
            let id = state.ids;
            state.due.insert((at, id), Letter { id, body: body.clone(), receives: 0 });
        }
    }
}

impl Letter {
    /// The letter as Lambda is handed it.
    pub fn record(&self) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(self.message_id());
        record.body = Some(self.body.clone());
        record
    }

    /// Its id.
    pub fn message_id(&self) -> String {
        format!("message-{}", self.id)
    }
}

impl Queue for FakeQueue {
    async fn send(&self, message: &Message, delay: Duration) -> Result<(), QueueError> {
        assert!(delay <= Duration::from_secs(900), "the queue delays 900 s at most");
        YieldOnce::default().await;
        if self.lock().delivery == Delivery::Refused {
            return Err(QueueError("refused by the test".to_owned()));
        }
        self.put(message.encode(), delay);
        YieldOnce::default().await;
        Ok(())
    }
}
