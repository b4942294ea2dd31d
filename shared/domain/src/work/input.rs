//! What a work learns: that its time has come, what somebody asks, how an effect ended.

use crate::ids::{ConnectionId, CredentialId, NumberId, VapiAssistantId};
use crate::number::{Number, Slot};
use crate::outcome::{Missing, NoReason, Outcome};
use crate::phone::E164;
use crate::request::Wanted;
use crate::source::{Cap, Passed};
use crate::telnyx::{DeleteNumberRefusal, Offer, Order, OrderRefusal, OwnedNumber};
use crate::time::Timestamp;
use crate::vapi::{AssistantRefusal, FreeNumberRefusal, ImportRefusal, VapiNumber};
use std::collections::BTreeSet;

/// What somebody asks of a work through its inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Call it off.
    Cancel,
    /// Try again; a create in doubt is not sent more often for it.
    Retry,
    /// Try again, by an operator who has looked at the provider for what is in doubt: if nothing is
    /// found this time either, it is sent as often as at first.
    Repeat,
    /// Take the number off its business; it rests for so many days.
    Release {
        /// Days.
        quarantine_days: u16,
    },
    /// Give the assistant the number of this row, which an operator named.
    Assign {
        /// Which.
        number: NumberId,
    },
}

/// What the free allowance looks like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowance {
    /// Slots that are taken.
    pub taken: BTreeSet<Slot>,
    /// Until when the free numbers are closed, because VAPI refused for its limit.
    pub closed_until: Option<Timestamp>,
}

/// What to look for among the numbers that nobody uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSearch {
    /// What number is wanted.
    pub wanted: Wanted,
    /// Where in its class the search begins: everybody at another point, so that few want the same
    /// number.
    pub from: u64,
}

/// What to look for at Telnyx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scouting {
    /// What number is wanted.
    pub wanted: Wanted,
}

/// What a scout found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scouted {
    /// VAPI's credential for the account.
    pub credential: CredentialId,
    /// The application it points to, where known.
    pub connection: Option<ConnectionId>,
    /// Numbers for sale that fit; with a picked number, that one first if it can still be had.
    pub offers: Vec<Offer>,
}

/// What a look for a number that a person named found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// No account of ours has it.
    Nowhere,
    /// VAPI carries it itself.
    AtVapi {
        /// VAPI's record.
        record: VapiNumber,
        /// The free allowance, of which it takes a slot.
        allowance: Allowance,
    },
    /// The Telnyx account has it.
    AtTelnyx {
        /// The number.
        owned: OwnedNumber,
        /// VAPI's credential for the account.
        credential: CredentialId,
        /// The application to route to, where known.
        connection: Option<ConnectionId>,
        /// VAPI's record of it, if somebody has imported it.
        record: Option<VapiNumber>,
    },
}

/// What a look for an order found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoundOrder {
    /// Neither order nor number.
    Nothing,
    /// The order.
    Order(Order),
    /// No order, but the number itself with our stamp.
    Owned(OwnedNumber),
}

/// Where an order stands, with the number once it is visible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderCheck {
    /// The order.
    pub order: Order,
    /// The number among those we own.
    pub owned: Option<OwnedNumber>,
}

/// What the carrier says of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CarrierReading {
    /// VAPI carries it: there is nobody else to ask.
    Vapi,
    /// Telnyx could not be read.
    Unreadable {
        /// How long it asked to wait.
        retry_after: Option<std::time::Duration>,
    },
    /// Telnyx does not have it.
    Missing,
    /// Telnyx has it.
    Telnyx {
        /// The number.
        number: OwnedNumber,
        /// Whether the application it is routed to exists, is active and calls VAPI.
        answers: bool,
        /// An application to route it to, when it does not answer and there is one.
        target: Option<ConnectionId>,
    },
}

/// A line read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineReading {
    /// What VAPI says.
    pub vapi: Outcome<VapiNumber, Missing>,
    /// What the carrier says.
    pub carrier: CarrierReading,
}

/// Why the write of a decision was refused by another row; nothing was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The slot went to another.
    SlotTaken,
    /// The number went to another.
    NumberGone,
    /// A spending cap would be passed.
    Cap(Cap),
    /// The digits, or a provider's id, belong to another number of ours.
    DigitsTaken,
    /// Another provisioning has taken this one's place.
    Superseded,
}

/// What a work learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// Its time has come, or somebody woke it.
    Resumed,
    /// Somebody asks something.
    Asked(Ask),
    /// The decision could not be written.
    WriteRefused(Obstacle),
    /// End of [`crate::work::Effect::CreateAssistant`].
    AssistantCreated(Outcome<VapiAssistantId, AssistantRefusal>),
    /// End of [`crate::work::Effect::FindAssistant`].
    AssistantFound(Outcome<Option<VapiAssistantId>, NoReason>),
    /// End of [`crate::work::Effect::SearchPool`].
    PoolSearched(Outcome<Vec<Number>, NoReason>),
    /// End of [`crate::work::Effect::ReadRow`].
    RowRead(Outcome<Option<Number>, NoReason>),
    /// End of [`crate::work::Effect::ReadAllowance`].
    AllowanceRead(Outcome<Allowance, NoReason>),
    /// End of [`crate::work::Effect::CreateFree`].
    FreeCreated(Outcome<VapiNumber, FreeNumberRefusal>),
    /// End of [`crate::work::Effect::FindFree`].
    FreeFound(Outcome<Option<VapiNumber>, NoReason>),
    /// End of [`crate::work::Effect::ReadNumber`].
    NumberRead(Outcome<VapiNumber, Missing>),
    /// End of [`crate::work::Effect::Scout`].
    Scouted(Outcome<Scouted, Passed>),
    /// End of [`crate::work::Effect::FindNumber`].
    NumberFound(Outcome<Found, Passed>),
    /// End of [`crate::work::Effect::Adopt`].
    Adopted(Outcome<VapiNumber, Missing>),
    /// End of [`crate::work::Effect::PlaceOrder`].
    OrderPlaced(Outcome<Order, OrderRefusal>),
    /// End of [`crate::work::Effect::FindOrder`].
    OrderFound(Outcome<FoundOrder, NoReason>),
    /// End of [`crate::work::Effect::CheckOrder`].
    OrderChecked(Outcome<OrderCheck, Missing>),
    /// End of [`crate::work::Effect::Import`].
    Imported(Outcome<VapiNumber, ImportRefusal>),
    /// End of [`crate::work::Effect::FindImport`].
    ImportFound(Outcome<Option<VapiNumber>, NoReason>),
    /// End of [`crate::work::Effect::ReadLine`].
    LineRead(LineReading),
    /// End of [`crate::work::Effect::Link`].
    Linked(Outcome<VapiNumber, Missing>),
    /// End of [`crate::work::Effect::Unlink`].
    Unlinked(Outcome<VapiNumber, Missing>),
    /// End of [`crate::work::Effect::Route`].
    Routed(Outcome<OwnedNumber, Missing>),
    /// End of [`crate::work::Effect::RemoveRecord`].
    RecordRemoved(Outcome<(), NoReason>),
    /// End of [`crate::work::Effect::ReadOwned`].
    OwnedRead(Outcome<OwnedNumber, Missing>),
    /// End of [`crate::work::Effect::RemoveOwned`].
    OwnedRemoved(Outcome<(), DeleteNumberRefusal>),
    /// End of [`crate::work::Effect::ReadCalls`]: whether there was one.
    CallsRead(Outcome<bool, NoReason>),
}

impl Scouting {
    /// The number a person picked, if there is one.
    #[must_use]
    pub const fn picked(&self) -> Option<&E164> {
        self.wanted.picked.as_ref()
    }
}

impl Input {
    /// Whether it is the end of an effect.
    #[must_use]
    pub const fn is_end(&self) -> bool {
        !matches!(self, Self::Resumed | Self::Asked(_) | Self::WriteRefused(_))
    }
}
