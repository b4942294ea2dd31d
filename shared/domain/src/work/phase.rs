//! The phases of a work: what it is doing, with exactly the data that doing needs.

use crate::ids::{ConnectionId, CredentialId, NumberId, Stamp, TelnyxOrderId};
use crate::ledger::Reservation;
use crate::number::{Line, Number, Proof, Slot};
use crate::phone::{AreaCode, E164};
use crate::problem::Problem;
use crate::time::Timestamp;
use crate::twilio::Home;
use serde::{Deserialize, Deserializer, Serialize};

mod moves;
mod problem;

pub use moves::PhaseName;

/// A create that was, is being, or is about to be sent. Written before the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// What the create is stamped with; look-ups search for it.
    pub stamp: Stamp,
    /// When it was written.
    pub opened_at: Timestamp,
    /// What look-ups have shown so far; `None` until one was needed.
    pub doubt: Option<Doubt>,
    /// How often the create was sent again after absence was believed. A former version knew only
    /// whether it was.
    #[serde(alias = "repeated", deserialize_with = "times")]
    pub repeats: u8,
}

impl Intent {
    pub(crate) const fn open(stamp: Stamp, now: Timestamp) -> Self {
        Self { stamp, opened_at: now, doubt: None, repeats: 0 }
    }

    /// Whether the create was sent more than once.
    pub(crate) const fn was_repeated(&self) -> bool {
        self.repeats > 0
    }

    /// The same create, sent once more.
    pub(crate) fn again(self) -> Self {
        Self { repeats: self.repeats.saturating_add(1), ..self }
    }

    /// The same create, looked up from the beginning and sent again as often as at first: an
    /// operator has looked meanwhile.
    pub(crate) fn reopened(self, now: Timestamp) -> Self {
        Self { repeats: 0, ..self.doubted_anew(now) }
    }

    /// The same create with its look-ups counted from now on, or from when they count at all:
    /// nothing found before the failed call's deadline still shows nothing.
    pub(crate) fn doubted_anew(self, now: Timestamp) -> Self {
        let since = self.doubt.map_or(now, |doubt| doubt.since.max(now));
        Self { doubt: Some(Doubt { since, misses: 0 }), ..self }
    }
}

fn times<'de, D: Deserializer<'de>>(from: D) -> Result<u8, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Times {
        Times(u8),
        Whether(bool),
    }
    Ok(match Times::deserialize(from)? {
        Times::Times(times) => times,
        Times::Whether(repeated) => u8::from(repeated),
    })
}

/// Look-ups that found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// From when on they count.
    pub since: Timestamp,
    /// How many there were.
    pub misses: u8,
}

/// Getting a free number from VAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatingFree {
    /// The slot of the allowance it holds.
    pub slot: Slot,
    /// The area code asked for.
    pub area_code: Option<AreaCode>,
    /// The create.
    pub intent: Intent,
}

/// Waiting until a free number has digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitingDigits {
    /// The number.
    pub line: Line,
    /// When it was created.
    pub since: Timestamp,
    /// Whether it was said that they are late.
    pub late: bool,
    /// Whether the next look is the last: a retry after the time was up.
    pub last_look: bool,
}

/// By which account a number is had, and how VAPI is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Through {
    /// The account at Telnyx.
    Telnyx {
        /// VAPI's credential for it.
        credential: CredentialId,
        /// The application to route to, where known.
        #[serde(default)]
        connection: Option<ConnectionId>,
    },
    /// An account at Twilio, whose key VAPI is handed with the import.
    Twilio {
        /// Which.
        twilio: Home,
    },
}

/// Buying a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ordering {
    /// The number, as our row has it.
    pub number: Number,
    /// Its digits.
    pub digits: E164,
    /// By which account.
    #[serde(flatten)]
    pub through: Through,
    /// The money set aside.
    pub reservation: Reservation,
    /// Whether the carrier said that the number is taken: one look whether by us.
    pub said_taken: bool,
    /// The order.
    pub intent: Intent,
}

/// Waiting for an order to settle, which Telnyx takes its time for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitingOrder {
    /// The number, as our row has it.
    pub number: Number,
    /// Its digits.
    pub digits: E164,
    /// VAPI's credential for the account.
    pub credential: CredentialId,
    /// The money set aside.
    pub reservation: Reservation,
    /// The order.
    pub order: TelnyxOrderId,
    /// When it was placed.
    pub since: Timestamp,
    /// How often it was checked.
    pub checks: u16,
}

/// Looking for who carries a number that a person named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The number, as our row has it.
    pub number: Number,
    /// Its digits.
    pub digits: E164,
}

/// Making a record ours that others put into VAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopting {
    /// The number.
    pub line: Line,
}

/// A number that is ours and not yet in VAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// The number, as our row has it.
    pub number: Number,
    /// Its digits.
    pub digits: E164,
    /// By which account.
    #[serde(flatten)]
    pub through: Through,
    /// When it was seen to be ours.
    pub since: Timestamp,
}

/// Importing a bought number into VAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Importing {
    /// The number.
    pub bought: Bought,
    /// The import.
    pub intent: Intent,
}

/// Reading the providers back, and mending what differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proving {
    /// The number.
    pub line: Line,
    /// How often it was linked again.
    pub links: u8,
    /// How often it was routed again.
    pub routes: u8,
}

/// Assigned and linked, but something at the carrier could not be made right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Degraded {
    /// The number.
    pub line: Line,
    /// What is wrong.
    pub problem: Problem,
    /// How often it was checked since.
    pub checks: u16,
    /// How often it was routed again in the check under way.
    pub routes: u8,
    /// How often it was linked again in the check under way.
    pub links: u8,
}

/// Taking the assistant off a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unlinking {
    /// The number.
    pub line: Line,
    /// How often it was unlinked.
    pub unlinks: u8,
    /// Why.
    #[serde(default)]
    pub why: Why,
    /// Whether it was read back as answering when its business gave it up.
    #[serde(default, skip_serializing_if = "Proof::is_proven")]
    pub proof: Proof,
}

/// Why a number is taken off its assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// What was to bring it is called off.
    #[default]
    CalledOff,
    /// Its business gives it up.
    Released,
    /// Nobody is to have it any more: it goes back to its carrier.
    GivenBack,
    /// Nobody has it, and it was found linked.
    Unused,
}

/// About to take a number back from its business: nobody else may be writing about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Releasing {
    /// The number as it was assigned.
    pub line: Line,
    /// Whether it was read back as answering when it was given up.
    #[serde(default, skip_serializing_if = "Proof::is_proven")]
    pub proof: Proof,
}

/// Giving a number back: its record at VAPI goes, then the number at its carrier if we bought it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivingBack {
    /// The number, as our row has it.
    pub number: Number,
    /// Where it is being removed.
    pub at: Place,
    /// Whether it was seen there, so that not finding it means that it is gone; or a person says so.
    pub seen: bool,
    /// How often its removal was asked for there.
    pub removals: u8,
    /// Whether the last removal was not yet looked after.
    pub asked: bool,
}

impl GivingBack {
    pub(crate) const fn begin(number: Number, at: Place) -> Self {
        Self { number, at, seen: false, removals: 0, asked: false }
    }
}

/// Where a number can be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Its record at VAPI. A number that VAPI itself carries is gone with it.
    Vapi,
    /// The number at its carrier.
    Carrier,
}

/// Waiting for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stuck {
    /// Why.
    pub problem: Problem,
    /// Where a retry goes on.
    pub at: Box<Phase>,
}

/// What a work is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "name")]
pub enum Phase {
    /// Not begun.
    Queued,
    /// Creating the assistant at VAPI.
    CreatingAssistant {
        /// The create.
        intent: Intent,
    },
    /// Looking for a number that nobody uses.
    Claiming,
    /// Looking for a free slot of VAPI's allowance.
    CheckingAllowance,
    /// Getting a free number.
    CreatingFree(CreatingFree),
    /// Waiting for its digits.
    AwaitingDigits(AwaitingDigits),
    /// Looking for a number at a carrier: for one the account owns, or one for sale.
    Scouting,
    /// Buying it.
    Ordering(Ordering),
    /// Waiting for the order to settle.
    AwaitingOrder(AwaitingOrder),
    /// Taking the row of a number over that a person named.
    Taking {
        /// Which.
        number: NumberId,
    },
    /// Looking for who carries it.
    Finding(Finding),
    /// Making VAPI's record of it ours.
    Adopting(Adopting),
    /// Bought, or owned already; to be imported.
    Bought(Bought),
    /// Importing it into VAPI.
    Importing(Importing),
    /// Reading back.
    Proving(Proving),
    /// Taking the number's row over, to release it.
    Releasing(Releasing),
    /// Taking the assistant off: the number is called off, or released.
    Unlinking(Unlinking),
    /// Giving the number back to its carrier.
    GivingBack(GivingBack),
    /// End: it answers.
    Ready {
        /// The number.
        line: Line,
    },
    /// End that goes on checking: assigned, but calls may not arrive.
    ReadyDegraded(Degraded),
    /// Waits for a person.
    NeedsPerson(Stuck),
    /// End: nothing is held.
    Failed {
        /// Why.
        problem: Problem,
    },
    /// End: called off, nothing is held.
    Cancelled,
    /// End of a release: the number rests, is nobody's, or is given back.
    Released,
    /// Deleting the assistant at VAPI: no number is on it any more.
    Removing,
    /// End: the assistant is deleted.
    Removed,
    /// End: the number is in the pool, ready to be handed out.
    Stocked {
        /// Which.
        number: NumberId,
    },
}

impl Phase {
    /// Its name.
    #[must_use]
    pub const fn name(&self) -> PhaseName {
        match self {
            Self::Queued => PhaseName::Queued,
            Self::CreatingAssistant { .. } => PhaseName::CreatingAssistant,
            Self::Claiming => PhaseName::Claiming,
            Self::CheckingAllowance => PhaseName::CheckingAllowance,
            Self::CreatingFree(_) => PhaseName::CreatingFree,
            Self::AwaitingDigits(_) => PhaseName::AwaitingDigits,
            Self::Scouting => PhaseName::Scouting,
            Self::Ordering(_) => PhaseName::Ordering,
            Self::AwaitingOrder(_) => PhaseName::AwaitingOrder,
            Self::Taking { .. } => PhaseName::Taking,
            Self::Finding(_) => PhaseName::Finding,
            Self::Adopting(_) => PhaseName::Adopting,
            Self::Bought(_) => PhaseName::Bought,
            Self::Importing(_) => PhaseName::Importing,
            Self::Proving(_) => PhaseName::Proving,
            Self::Releasing(_) => PhaseName::Releasing,
            Self::Unlinking(_) => PhaseName::Unlinking,
            Self::GivingBack(_) => PhaseName::GivingBack,
            Self::Ready { .. } => PhaseName::Ready,
            Self::ReadyDegraded(_) => PhaseName::ReadyDegraded,
            Self::NeedsPerson(_) => PhaseName::NeedsPerson,
            Self::Failed { .. } => PhaseName::Failed,
            Self::Cancelled => PhaseName::Cancelled,
            Self::Released => PhaseName::Released,
            Self::Removing => PhaseName::Removing,
            Self::Removed => PhaseName::Removed,
            Self::Stocked { .. } => PhaseName::Stocked,
        }
    }

    /// The create that may be under way, if this phase has one.
    #[must_use]
    pub fn intent(&self) -> Option<&Intent> {
        match self {
            Self::CreatingAssistant { intent } => Some(intent),
            Self::CreatingFree(creating) => Some(&creating.intent),
            Self::Ordering(ordering) => Some(&ordering.intent),
            Self::Importing(importing) => Some(&importing.intent),
            Self::NeedsPerson(stuck) => stuck.at.intent(),
            Self::Queued
            | Self::Claiming
            | Self::CheckingAllowance
            | Self::AwaitingDigits(_)
            | Self::Scouting
            | Self::AwaitingOrder(_)
            | Self::Taking { .. }
            | Self::Finding(_)
            | Self::Adopting(_)
            | Self::Bought(_)
            | Self::Proving(_)
            | Self::Releasing(_)
            | Self::Unlinking(_)
            | Self::GivingBack(_)
            | Self::Ready { .. }
            | Self::ReadyDegraded(_)
            | Self::Failed { .. }
            | Self::Cancelled
            | Self::Released
            | Self::Removing
            | Self::Removed
            | Self::Stocked { .. } => None,
        }
    }

    /// The same phase with its intent changed, if it has one of its own.
    pub(crate) fn map_intent(self, change: impl FnOnce(Intent) -> Intent) -> Self {
        match self {
            Self::CreatingAssistant { intent } => {
                Self::CreatingAssistant { intent: change(intent) }
            }
            Self::CreatingFree(creating) => {
                let intent = change(creating.intent);
                Self::CreatingFree(CreatingFree { intent, ..creating })
            }
            Self::Ordering(ordering) => {
                let intent = change(ordering.intent);
                Self::Ordering(Ordering { intent, ..ordering })
            }
            Self::Importing(importing) => {
                let intent = change(importing.intent);
                Self::Importing(Importing { intent, ..importing })
            }
            without @ (Self::Queued
            | Self::Claiming
            | Self::CheckingAllowance
            | Self::AwaitingDigits(_)
            | Self::Scouting
            | Self::AwaitingOrder(_)
            | Self::Taking { .. }
            | Self::Finding(_)
            | Self::Adopting(_)
            | Self::Bought(_)
            | Self::Proving(_)
            | Self::Releasing(_)
            | Self::Unlinking(_)
            | Self::GivingBack(_)
            | Self::Ready { .. }
            | Self::ReadyDegraded(_)
            | Self::NeedsPerson(_)
            | Self::Failed { .. }
            | Self::Cancelled
            | Self::Released
            | Self::Removing
            | Self::Removed
            | Self::Stocked { .. }) => without,
        }
    }

    /// The number held, if any.
    #[must_use]
    pub fn number(&self) -> Option<&Number> {
        match self {
            Self::AwaitingDigits(awaiting) => Some(&awaiting.line.number),
            Self::Ordering(ordering) => Some(&ordering.number),
            Self::AwaitingOrder(awaiting) => Some(&awaiting.number),
            Self::Finding(finding) => Some(&finding.number),
            Self::Adopting(adopting) => Some(&adopting.line.number),
            Self::Bought(bought) => Some(&bought.number),
            Self::Importing(importing) => Some(&importing.bought.number),
            Self::Proving(proving) => Some(&proving.line.number),
            Self::Releasing(releasing) => Some(&releasing.line.number),
            Self::Unlinking(unlinking) => Some(&unlinking.line.number),
            Self::GivingBack(giving) => Some(&giving.number),
            Self::Ready { line } => Some(&line.number),
            Self::ReadyDegraded(degraded) => Some(&degraded.line.number),
            Self::NeedsPerson(stuck) => stuck.at.number(),
            Self::Queued
            | Self::CreatingAssistant { .. }
            | Self::Claiming
            | Self::CheckingAllowance
            | Self::CreatingFree(_)
            | Self::Scouting
            | Self::Taking { .. }
            | Self::Failed { .. }
            | Self::Cancelled
            | Self::Released
            | Self::Removing
            | Self::Removed
            | Self::Stocked { .. } => None,
        }
    }

    /// The number that a person named and whose row is not this work's yet, if there is one.
    #[must_use]
    pub fn named(&self) -> Option<NumberId> {
        if let Self::NeedsPerson(stuck) = self {
            return stuck.at.named();
        }
        if let Self::Taking { number } = self { Some(*number) } else { None }
    }

    /// Whether a person is to find out what became of a create.
    #[must_use]
    pub const fn is_in_doubt(&self) -> bool {
        matches!(self, Self::NeedsPerson(Stuck { problem: Problem::OutcomeUnknown { .. }, .. }))
    }

    /// Whether nothing more happens by itself or by a person's retry of a held number: a new
    /// provisioning may take this one's place.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Failed { .. }
                | Self::Cancelled
                | Self::Released
                | Self::Removed
                | Self::Stocked { .. }
        )
    }

    /// Whether the number is being taken off its business, or given back.
    #[must_use]
    pub fn is_being_released(&self) -> bool {
        match self {
            Self::Releasing(_) | Self::GivingBack(_) => true,
            Self::Unlinking(unlinking) => match unlinking.why {
                Why::Released | Why::GivenBack | Why::Unused => true,
                Why::CalledOff => false,
            },
            Self::NeedsPerson(stuck) => stuck.at.is_being_released(),
            Self::Queued
            | Self::CreatingAssistant { .. }
            | Self::Claiming
            | Self::CheckingAllowance
            | Self::CreatingFree(_)
            | Self::AwaitingDigits(_)
            | Self::Scouting
            | Self::Ordering(_)
            | Self::AwaitingOrder(_)
            | Self::Taking { .. }
            | Self::Finding(_)
            | Self::Adopting(_)
            | Self::Bought(_)
            | Self::Importing(_)
            | Self::Proving(_)
            | Self::Ready { .. }
            | Self::ReadyDegraded(_)
            | Self::Failed { .. }
            | Self::Cancelled
            | Self::Released
            | Self::Removing
            | Self::Removed
            | Self::Stocked { .. } => false,
        }
    }

    /// Whether the assistant has its number.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. } | Self::ReadyDegraded(_))
    }
}
