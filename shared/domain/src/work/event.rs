//! What happens to a work, and how it changes by it.

use crate::ids::{Attempt, VapiAssistantId};
use crate::money::Cents;
use crate::phone::E164;
use crate::problem::{Problem, Unresolved};
use crate::source::{Passed, Source};
use crate::time::Timestamp;
use crate::work::{Phase, PhaseName, Update, Work};
use serde::{Deserialize, Serialize};

/// Entries a timeline keeps; the oldest after the first go when there are more.
const TIMELINE_MAX: usize = 100;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It stands elsewhere, or where it stood with other data.
    Entered(Box<Phase>),
    /// The assistant exists at VAPI.
    AssistantCreated(VapiAssistantId),
    /// A source brought nothing.
    SourcePassed(Source, Passed),
    /// A number turned out to be taken.
    NumberTaken(E164),
    /// A call certainly failed and will be tried again.
    Tried,
    /// Somebody asked to call it off.
    CancelAsked,
    /// Somebody asked to release the number, which is to rest so many days.
    ReleaseAsked(u16),
    /// What VAPI is still to be told of the assistant, or nothing any more.
    Updating(Option<Update>),
    /// Somebody asked to delete the assistant.
    RemovalAsked,
    /// A retry began.
    AttemptStarted(Attempt),
    /// Something for the timeline alone.
    Noted(Note),
}

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub note: Note,
}

/// What a timeline tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Note {
    /// Somebody asked for a number.
    Requested,
    /// Somebody asked to release the number.
    ReleaseAsked,
    /// The assistant exists.
    AssistantCreated,
    /// A source was passed over.
    SourcePassed {
        /// Which.
        source: Source,
        /// Why.
        passed: Passed,
    },
    /// A number that nobody used is set aside for the assistant.
    NumberClaimed,
    /// VAPI gave a free number; its digits come later.
    FreeNumberCreated,
    /// A number was found for sale, and its price set aside.
    OrderIntended {
        /// Upfront and first month.
        committed: Cents,
    },
    /// The account owns a number that nobody uses.
    OwnedFound,
    /// The order was taken.
    OrderPlaced,
    /// The number is ours.
    NumberBought,
    /// A number was sold to others meanwhile.
    NumberTaken,
    /// The number is in VAPI.
    NumberImported,
    /// The digits are there.
    DigitsArrived,
    /// The digits are late.
    DigitsLate,
    /// The link to the assistant was put right.
    LinkRepaired,
    /// The route at the carrier was put right.
    RouteRepaired,
    /// An answer was lost; what came of the call is being looked up.
    AnswerLost {
        /// What was being created.
        what: Unresolved,
    },
    /// What was thought lost is there.
    FoundAgain {
        /// What.
        what: Unresolved,
    },
    /// It certainly is not there, and is tried a second time.
    Repeated {
        /// What.
        what: Unresolved,
    },
    /// It answers.
    Ready,
    /// It is assigned, with a problem.
    Degraded {
        /// Which.
        problem: Problem,
    },
    /// A person must act.
    NeedsPerson {
        /// Why.
        problem: Problem,
    },
    /// It failed.
    Failed {
        /// Why.
        problem: Problem,
    },
    /// Somebody asked to call it off.
    CancelAsked,
    /// The assistant was taken off the number, and the number put to rest.
    NumberRested,
    /// It is called off.
    Cancelled,
    /// The number is the business's no more.
    Released,
    /// The number is to be given back to its carrier.
    GivingBack,
    /// A number that nobody has was found linked.
    FoundLinked,
    /// It is linked to nobody again.
    Unlinked,
    /// VAPI has the number no more.
    RecordRemoved,
    /// The number is ours no more.
    GivenBack,
    /// Somebody asked to try again.
    RetryAsked,
    /// VAPI could not be told of a change of the assistant.
    UpdateFailed {
        /// Why.
        problem: Problem,
    },
    /// Somebody asked to delete the assistant.
    RemovalAsked,
    /// The assistant is deleted.
    Removed,
    /// An operator named a number.
    NumberNamed,
    /// The number is in the pool.
    Stocked,
}

/// An event that cannot happen where the work stands. It is a bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IllegalEvent {
    /// A move that is not in the table of moves.
    #[error("a work cannot go from {} to {}", from.as_str(), to.as_str())]
    Move {
        /// Where it stood.
        from: PhaseName,
        /// Where it would go.
        to: PhaseName,
    },
    /// An input the phase does not wait for.
    #[error("a work in {} does not wait for this input", at.as_str())]
    Input {
        /// Where it stood.
        at: PhaseName,
    },
    /// A retry that is not one more than before.
    #[error("an attempt must follow the one before")]
    Attempt,
}

/// The work after the event.
///
/// # Errors
/// [`IllegalEvent`] when the event cannot happen there.
pub fn apply(mut work: Work, event: &Event, now: Timestamp) -> Result<Work, IllegalEvent> {
    match event {
        Event::Entered(phase) => {
            let (from, to) = (work.phase.name(), phase.name());
            if !from.may_become(to) {
                return Err(IllegalEvent::Move { from, to });
            }
            if from != to {
                work.entered_at = now;
                if !from.is_one_step_with(to) {
                    work.tries = 0;
                }
            }
            work.phase = phase.as_ref().clone();
        }
        Event::AssistantCreated(id) => {
            if let Some(recipient) = work.recipient_mut() {
                recipient.vapi_assistant = Some(id.clone());
            }
            note(&mut work, Note::AssistantCreated, now);
        }
        Event::SourcePassed(source, passed) => {
            work.passed.push((*source, passed.clone()));
            let entry = Note::SourcePassed { source: *source, passed: passed.clone() };
            note(&mut work, entry, now);
        }
        Event::NumberTaken(digits) => {
            work.taken.push(digits.clone());
            note(&mut work, Note::NumberTaken, now);
        }
        Event::Tried => work.tries = work.tries.saturating_add(1),
        Event::CancelAsked => {
            work.cancel_asked = true;
            note(&mut work, Note::CancelAsked, now);
        }
        Event::ReleaseAsked(quarantine_days) => {
            work.quarantine_days = *quarantine_days;
            note(&mut work, Note::ReleaseAsked, now);
        }
        Event::AttemptStarted(attempt) => {
            if work.attempt.next() != Some(*attempt) {
                return Err(IllegalEvent::Attempt);
            }
            work.attempt = *attempt;
            work.passed.clear();
            work.taken.clear();
            // Whoever had the assistant deleted wants no number for it.
            work.cancel_asked = work.removal_asked();
            work.tries = 0;
            work.entered_at = now;
            note(&mut work, Note::RetryAsked, now);
        }
        Event::Updating(update) => {
            if let Some(recipient) = work.recipient_mut() {
                recipient.update = *update;
            }
        }
        Event::RemovalAsked => {
            if let Some(recipient) = work.recipient_mut() {
                recipient.removal_asked = true;
            }
            note(&mut work, Note::RemovalAsked, now);
        }
        Event::Noted(entry) => note(&mut work, entry.clone(), now),
    }
    Ok(work)
}

fn note(work: &mut Work, note: Note, now: Timestamp) {
    if work.timeline.len() >= TIMELINE_MAX {
        work.timeline.remove(1);
    }
    work.timeline.push(Entry { at: now, note });
}
