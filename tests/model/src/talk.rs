//! What holders and providers say to each other, in words small enough to be part of a state.
//!
//! A [`Call`] is an effect without its spelling, an [`End`] is how it ended; together they are
//! the input the state machine gets.

mod input;

use crate::names::{Line, Record, Tag};
use domain::phone::E164;
use domain::work::{Ask, Effect, Obstacle};

/// A call to a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Call {
    MakeAssistant(Tag),
    FindAssistant(Tag),
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
    Link(Record),
    Unlink(Record),
    Route(Line),
}

impl Call {
    pub(crate) fn of(effect: &Effect) -> Self {
        match effect {
            Effect::CreateAssistant(spec) => Self::MakeAssistant(Tag::of(&spec.stamp)),
            Effect::FindAssistant { stamp, created_after: _ } => {
                Self::FindAssistant(Tag::of(stamp))
            }
            Effect::ReadAllowance => Self::ReadAllowance,
            Effect::CreateFree(spec) => Self::MakeFree(Tag::of(&spec.stamp)),
            Effect::FindFree { stamp } => Self::FindFree(Tag::of(stamp)),
            Effect::ReadNumber(id) => Self::ReadNumber(Record::of(id)),
            Effect::Scout(_) => Self::Scout,
            Effect::PlaceOrder(spec) => Self::Order(Tag::of(&spec.stamp), line(&spec.digits)),
            Effect::FindOrder { stamp, digits } => Self::FindOrder(Tag::of(stamp), line(digits)),
            Effect::CheckOrder { order: _, digits } => Self::CheckOrder(line(digits)),
            Effect::Import(spec) => Self::Import(Tag::of(&spec.stamp), line(&spec.digits)),
            Effect::FindImport { stamp, digits } => Self::FindImport(Tag::of(stamp), line(digits)),
            Effect::ReadLine { vapi, telnyx: _ } => Self::ReadLine(Record::of(vapi)),
            Effect::Link { vapi, .. } => Self::Link(Record::of(vapi)),
            Effect::Unlink { vapi, .. } => Self::Unlink(Record::of(vapi)),
            Effect::Route { telnyx, .. } => Self::Route(Line::of_telnyx(telnyx)),
        }
    }

    /// What it does at a provider.
    pub(crate) const fn kind(self) -> CallKind {
        match self {
            Self::MakeAssistant(_) | Self::MakeFree(_) | Self::Order(..) | Self::Import(..) => {
                CallKind::Creates
            }
            Self::Link(_) | Self::Unlink(_) | Self::Route(_) => CallKind::Changes,
            Self::FindAssistant(_)
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
    /// Whether the assistant of the work that made it answers.
    pub(crate) linked: bool,
}

/// What a holder is to decide about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Told {
    Resumed,
    Cancel,
    Retry,
    Repeat,
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
        }
    }
}

/// What stood in the way of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Met {
    SlotTaken,
    /// The cap over all organizations and the day: the first of the four that any model reaches.
    Cap,
    DigitsTaken,
    Superseded,
}

impl Met {
    pub(crate) const fn of(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::SlotTaken => Self::SlotTaken,
            Obstacle::Cap(_) => Self::Cap,
            Obstacle::DigitsTaken => Self::DigitsTaken,
            Obstacle::Superseded => Self::Superseded,
        }
    }
}
