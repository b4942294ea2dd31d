//! What a work learns: that its time has come, what somebody asks, how an effect ended.

use crate::ids::{ConnectionId, CredentialId, NumberId, OrganizationId, VapiAssistantId};
use crate::number::{Number, Slot};
use crate::offer::Offer;
use crate::outcome::{Missing, NoReason, Outcome};
use crate::phone::E164;
use crate::request::Wanted;
use crate::source::{Cap, Passed};
use crate::telnyx::{DeleteNumberRefusal, Order, OrderRefusal, OwnedNumber};
use crate::time::Timestamp;
use crate::twilio::{self, BuyRefusal, Home, Owner};
use crate::vapi::{
    AssistantRefusal, DeleteAssistantRefusal, FreeNumberRefusal, ImportRefusal, VapiNumber,
};
use crate::work::phase::Through;
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
    /// Read back whether it still answers, and put right what does not: it was found otherwise.
    Repair,
    /// Take the number off its business; it rests for so many days.
    Release {
        /// Which: whoever asked had seen that this one is the assistant's. A former version did not
        /// say it, and meant whichever it has.
        number: Option<NumberId>,
        /// Days.
        quarantine_days: u16,
    },
    /// Tell VAPI what the assistant is like now.
    Update,
    /// Delete the assistant, its number first taken off it to rest for so many days.
    Remove {
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
    /// Who wants it: beside everybody's numbers there may be some that serve it alone.
    pub organization: OrganizationId,
    /// Where in its class the search begins: everybody at another point, so that few want the same
    /// number.
    pub from: u64,
}

/// Who is asked for numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seller {
    /// Telnyx.
    Telnyx,
    /// Twilio, in this account.
    Twilio(Owner),
}

/// What to look for at a carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scouting {
    /// Who is asked.
    pub seller: Seller,
    /// What number is wanted.
    pub wanted: Wanted,
    /// Numbers that turned out not to be had, which are looked for no more.
    pub taken: Vec<E164>,
}

/// What a scout found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scouted {
    /// By which account.
    pub through: Through,
    /// Numbers the account owns that fit and are to be had, none of them a row's of ours. They go
    /// before what is for sale.
    pub owned: Vec<twilio::OwnedNumber>,
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
    /// The platform's account at Twilio has it.
    AtTwilio {
        /// Which account.
        home: Home,
        /// The number.
        owned: Box<twilio::OwnedNumber>,
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
    /// The number at Twilio, with our stamp.
    AtTwilio(Box<twilio::OwnedNumber>),
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
    /// The carrier could not be read.
    Unreadable {
        /// How long it asked to wait.
        retry_after: Option<std::time::Duration>,
    },
    /// The carrier does not have it.
    Missing,
    /// Twilio has it.
    Twilio(Box<twilio::OwnedNumber>),
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
    /// The number went to another, or is frozen.
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
    /// End of [`crate::work::Effect::BuyAtTwilio`].
    BoughtAtTwilio(Box<Outcome<twilio::OwnedNumber, BuyRefusal>>),
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
    Routed(Outcome<(), Missing>),
    /// End of [`crate::work::Effect::RemoveRecord`].
    RecordRemoved(Outcome<(), NoReason>),
    /// End of [`crate::work::Effect::ReadOwned`].
    OwnedRead(Outcome<OwnedNumber, Missing>),
    /// End of [`crate::work::Effect::ReadAtTwilio`].
    ReadAtTwilio(Box<Outcome<twilio::OwnedNumber, Missing>>),
    /// End of [`crate::work::Effect::PutBack`].
    PutBack(Outcome<(), Missing>),
    /// End of [`crate::work::Effect::RemoveOwned`].
    OwnedRemoved(Outcome<(), DeleteNumberRefusal>),
    /// End of [`crate::work::Effect::ReadCalls`]: whether there was one.
    CallsRead(Outcome<bool, NoReason>),
    /// End of [`crate::work::Effect::UpdateAssistant`]: the version VAPI was told of.
    AssistantUpdated(Outcome<u64, Missing>),
    /// End of [`crate::work::Effect::DeleteAssistant`].
    AssistantDeleted(Outcome<(), DeleteAssistantRefusal>),
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
