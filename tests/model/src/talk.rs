//! What holders and providers say to each other, in words small enough to be part of a state.
//!
//! A [`Call`] is an effect without its spelling, an [`End`] is how it ended; together they are
//! the input the state machine gets.

mod input;

use crate::names::{Customer, Line, Record, Tag};
use domain::ids::NumberId;
use domain::phone::E164;
use domain::work::{Ask, Effect, Obstacle};

/// A call to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    MakeAssistant(Tag),
    FindAssistant(Tag),
    /// From that point of the pool on.
    SearchPool(u64),
    ReadRow(NumberId),
    ReadAllowance,
    MakeFree(Tag),
    FindFree(Tag),
    ReadNumber(Record),
    Scout,
    Order(Tag, Line),
    FindOrder(Tag, Line),
    CheckOrder(Line),
    Import(Tag, Line),
    FindImport(Tag, Line),
    ReadLine(Record),
    Link(Record, Customer),
    Unlink(Record),
    ReadCalls(Record),
    Route(Line),
    UpdateAssistant(Customer),
    DeleteAssistant(Customer),
}

impl Call {
    pub(crate) fn of(effect: &Effect) -> Self {
        match effect {
            Effect::CreateAssistant(spec) => Self::MakeAssistant(Tag::of(&spec.stamp)),
            Effect::FindAssistant { stamp, created_after: _ } => {
                Self::FindAssistant(Tag::of(stamp))
            }
            Effect::SearchPool(search) => Self::SearchPool(search.from),
            Effect::ReadRow(id) => Self::ReadRow(*id),
            Effect::ReadAllowance => Self::ReadAllowance,
            Effect::CreateFree(spec) => Self::MakeFree(Tag::of(&spec.stamp)),
            Effect::FindFree { stamp } => Self::FindFree(Tag::of(stamp)),
            Effect::ReadNumber(id) => Self::ReadNumber(Record::of(id)),
            Effect::Scout(_) => Self::Scout,
            Effect::FindNumber { .. } | Effect::Adopt { .. } => {
                unreachable!("nobody names a number here")
            }
            Effect::PlaceOrder(spec) => Self::Order(Tag::of(&spec.stamp), line(&spec.digits)),
            Effect::FindOrder { stamp, digits } => Self::FindOrder(Tag::of(stamp), line(digits)),
            Effect::CheckOrder { order: _, digits } => Self::CheckOrder(line(digits)),
            Effect::Import(spec) => Self::Import(Tag::of(&spec.stamp), line(&spec.digits)),
            Effect::FindImport { stamp, digits } => Self::FindImport(Tag::of(stamp), line(digits)),
            Effect::ReadLine { vapi, carrier: _ } => Self::ReadLine(Record::of(vapi)),
            Effect::Link { vapi, assistant, .. } => {
                Self::Link(Record::of(vapi), Customer::of_vapi(assistant))
            }
            Effect::Unlink { vapi, .. } => Self::Unlink(Record::of(vapi)),
            Effect::ReadCalls { vapi, number: _ } => Self::ReadCalls(Record::of(vapi)),
            Effect::Route { telnyx, .. } => Self::Route(Line::of_telnyx(telnyx)),
            Effect::RemoveRecord(_)
            | Effect::ReadOwned(_)
            | Effect::RemoveOwned(_)
            | Effect::ReadAtTwilio { .. }
            | Effect::PutBack { .. }
            | Effect::RemoveAtTwilio { .. } => {
                unreachable!("no model gives a number back")
            }
            Effect::BuyAtTwilio { .. }
            | Effect::FindPurchase { .. }
            | Effect::ImportFromTwilio { .. }
            | Effect::RouteAtTwilio { .. } => panic!("no model has a source at Twilio"),
            Effect::UpdateAssistant { vapi, .. } => Self::UpdateAssistant(Customer::of_vapi(vapi)),
            Effect::DeleteAssistant(vapi) => Self::DeleteAssistant(Customer::of_vapi(vapi)),
        }
    }

    /// What it does at a provider.
    pub(crate) const fn kind(self) -> CallKind {
        match self {
            Self::MakeAssistant(_) | Self::MakeFree(_) | Self::Order(..) | Self::Import(..) => {
                CallKind::Creates
            }
            Self::Link(..)
            | Self::Unlink(_)
            | Self::Route(_)
            | Self::UpdateAssistant(_)
            | Self::DeleteAssistant(_) => CallKind::Changes,
            Self::FindAssistant(_)
            | Self::SearchPool(_)
            | Self::ReadRow(_)
            | Self::ReadCalls(_)
            | Self::ReadAllowance
            | Self::FindFree(_)
            | Self::ReadNumber(_)
            | Self::Scout
            | Self::FindOrder(..)
            | Self::CheckOrder(_)
            | Self::FindImport(..)
            | Self::ReadLine(_) => CallKind::Reads,
        }
    }

    /// Whether it looks up what a create may have left.
    pub(crate) const fn looks_up(self) -> bool {
        matches!(
            self,
            Self::FindAssistant(_) | Self::FindFree(_) | Self::FindOrder(..) | Self::FindImport(..)
        )
    }

    /// The number it changes the assistant of, if it does.
    pub(crate) const fn relinks(self) -> Option<Record> {
        match self {
            Self::Link(record, _) | Self::Unlink(record) => Some(record),
            Self::MakeAssistant(_)
            | Self::FindAssistant(_)
            | Self::SearchPool(_)
            | Self::ReadRow(_)
            | Self::ReadAllowance
            | Self::MakeFree(_)
            | Self::FindFree(_)
            | Self::ReadNumber(_)
            | Self::Scout
            | Self::Order(..)
            | Self::FindOrder(..)
            | Self::CheckOrder(_)
            | Self::Import(..)
            | Self::FindImport(..)
            | Self::ReadLine(_)
            | Self::ReadCalls(_)
            | Self::UpdateAssistant(_)
            | Self::DeleteAssistant(_)
            | Self::Route(_) => None,
        }
    }
}

fn line(digits: &E164) -> Line {
    Line::of(digits)
}

/// What a call does at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallKind {
    /// It makes something: twice would be two.
    Creates,
    /// It changes something: twice does no harm.
    Changes,
    /// It changes nothing.
    Reads,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Done(Shown),
    Refused(Why),
    /// Certainly not done; later it may be.
    Later,
    /// No answer.
    Lost,
}

/// Why a provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Why {
    /// The key is not accepted.
    Key,
    /// Telnyx: nothing is for sale.
    NoStock,
    /// Telnyx: the number cannot be had, or is ours already.
    Taken,
    /// Telnyx: the balance does not cover it.
    NoBalance,
    /// VAPI: the allowance is used up.
    AllowanceUsed,
    /// VAPI: the number is there already.
    AlreadyImported,
    /// VAPI: the number is not in the Telnyx account.
    NotAtCarrier,
    /// VAPI: it does not take the Telnyx credential.
    CredentialInvalid,
}

/// What a provider shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// Not there.
    Nothing,
    /// The assistant.
    Assistant,
    /// Rows of numbers: whoever asked has a copy of them.
    Rows,
    /// Whether a number was ever called.
    Called(bool),
    /// Slots of the allowance that are taken, a bit each from slot 1 on.
    Allowance { taken: u16, closed: bool },
    /// Lines for sale, a bit each.
    Offers(u8),
    /// An order.
    Order(OrderSeen),
    /// A record of VAPI.
    Number(Record, Seen),
    /// A record of VAPI, and whether calls reach VAPI from its carrier.
    Line(Record, Seen, bool),
    /// A line at Telnyx.
    Routed,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OrderSeen {
    Pending,
    Success,
    Failure,
}

/// What VAPI shows of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Seen {
    /// Under which stamp it was made.
    pub(crate) tag: Tag,
    /// Whether it has digits and is active.
    pub(crate) active: bool,
    /// Whose assistant answers.
    pub(crate) linked: Option<Customer>,
}

/// What a holder is to decide about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    Resumed,
    Cancel,
    Retry,
    Repeat,
    Repair,
    Release(Option<NumberId>, u16),
    Update,
    Remove(u16),
    Assign(NumberId),
    /// Its write met another row.
    Met(Met),
    /// Its call ended.
    Ended(Call, End),
}

impl Told {
    pub(crate) const fn ask(ask: Ask) -> Self {
        match ask {
            Ask::Cancel => Self::Cancel,
            Ask::Retry => Self::Retry,
            Ask::Repeat => Self::Repeat,
            Ask::Repair => Self::Repair,
            Ask::Release { number, quarantine_days } => Self::Release(number, quarantine_days),
            Ask::Update => Self::Update,
            Ask::Remove { quarantine_days } => Self::Remove(quarantine_days),
            Ask::Assign { number } => Self::Assign(number),
        }
    }
}

/// What stood in the way of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Met {
    SlotTaken,
    NumberGone,
    /// The cap over all organizations and the day: the first of the four that any model reaches.
    Cap,
    DigitsTaken,
    Superseded,
}

impl Met {
    pub(crate) const fn of(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::SlotTaken => Self::SlotTaken,
            Obstacle::NumberGone => Self::NumberGone,
            Obstacle::Cap(_) => Self::Cap,
            Obstacle::DigitsTaken => Self::DigitsTaken,
            Obstacle::Superseded => Self::Superseded,
        }
    }
}
