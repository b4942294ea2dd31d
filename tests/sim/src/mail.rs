//! The queue of a deployment's steps: at least once, sometimes twice, late, or never.

use aws_lambda_events::event::sqs::SqsMessage;
use domain::ids::WorkId;
use runtime::Message;
use std::collections::BTreeMap;

/// How long a message stays away that was handed out and neither deleted nor given back: six
/// times the timeout of the steps.
pub const VISIBILITY_MS: i64 = 360_000;
/// How often a message is handed out before it is set aside.
pub const RECEIVES_MAX: u32 = 5;

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Its id.
    pub id: u64,
    /// Its text.
    pub body: String,
    /// The work it is about.
    pub work: Option<WorkId>,
    /// Whether it lets the comparison with the providers go on.
    pub sweeps: bool,
    receives: u32,
    /// Whether chance gave it another place than the sender meant.
    moved: bool,
}

impl Letter {
    /// The letter as Lambda is handed it.
    pub fn record(&self) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(self.message_id());
        record.body = Some(self.body.clone());
        record
    }

    /// Its id as a text.
    pub fn message_id(&self) -> String {
        self.id.to_string()
    }
}

/// The queue.
#[derive(Debug, Default)]
pub struct Mail {
    due: BTreeMap<(i64, u64), Letter>,
    latest_taken: u64,
    /// How many messages were handed out too often.
    pub set_aside: u64,
}

impl Mail {
    /// Puts a message in, to be handed out at that time.
    pub fn put(&mut self, id: u64, message: &Message, at_ms: i64, moved: bool) {
        let work = match message {
            Message::Work { work_id, .. } => Some(*work_id),
            Message::DigitsWatch | Message::Sweep => None,
        };
        let (body, sweeps) = (message.encode(), *message == Message::Sweep);
        let letter = Letter { id, body, work, sweeps, receives: 0, moved };
        self.due.insert((at_ms, id), letter);
    }

    /// When the next message is to be handed out.
    pub fn next_due(&self) -> Option<i64> {
        self.due.keys().next().map(|(at, _)| *at)
    }

    /// Whether a comparison with the providers will go on.
    pub fn sweeps(&self) -> bool {
        self.due.values().any(|letter| letter.sweeps)
    }

    /// Hands out one message due by now; it comes again at `again_ms` unless it is deleted. Also
    /// whether it was overtaken by one sent later.
    pub fn take(&mut self, now_ms: i64, again_ms: i64) -> Option<(Letter, bool)> {
        loop {
            let entry = self.due.first_entry()?;
            if entry.key().0 > now_ms {
                return None;
            }
            let mut letter = entry.remove();
            letter.receives += 1;
            if letter.receives > RECEIVES_MAX {
                self.set_aside += 1;
                continue;
            }
            self.due.insert((again_ms, letter.id), letter.clone());
            let overtaken = letter.moved && letter.id < self.latest_taken && letter.receives == 1;
            self.latest_taken = self.latest_taken.max(letter.id);
            return Some((letter, overtaken));
        }
    }

    /// Deletes a message that was handled.
    pub fn delete(&mut self, id: u64) {
        self.due.retain(|_, kept| kept.id != id);
    }

    /// Every message as a former version would have written it: with members this one does not
    /// know, in another order.
    pub fn age(&mut self) {
        for letter in self.due.values_mut() {
            let members = letter.body.trim_start_matches('{');
            letter.body = format!("{{\"sent_by\":\"a former version\",{members}");
        }
    }
}
