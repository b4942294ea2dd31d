//! The names of the phases, and the moves between them.

use PhaseName as P;

/// The name of a phase, for logs, figures and the table of allowed moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PhaseName {
    /// [`super::Phase::Queued`]
    Queued,
    /// [`super::Phase::CreatingAssistant`]
    CreatingAssistant,
    /// [`super::Phase::Claiming`]
    Claiming,
    /// [`super::Phase::CheckingAllowance`]
    CheckingAllowance,
    /// [`super::Phase::CreatingFree`]
    CreatingFree,
    /// [`super::Phase::AwaitingDigits`]
    AwaitingDigits,
    /// [`super::Phase::Scouting`]
    Scouting,
    /// [`super::Phase::Ordering`]
    Ordering,
    /// [`super::Phase::AwaitingOrder`]
    AwaitingOrder,
    /// [`super::Phase::Taking`]
    Taking,
    /// [`super::Phase::Finding`]
    Finding,
    /// [`super::Phase::Adopting`]
    Adopting,
    /// [`super::Phase::Bought`]
    Bought,
    /// [`super::Phase::Importing`]
    Importing,
    /// [`super::Phase::Proving`]
    Proving,
    /// [`super::Phase::Releasing`]
    Releasing,
    /// [`super::Phase::Unlinking`]
    Unlinking,
    /// [`super::Phase::GivingBack`]
    GivingBack,
    /// [`super::Phase::Ready`]
    Ready,
    /// [`super::Phase::ReadyDegraded`]
    ReadyDegraded,
    /// [`super::Phase::NeedsPerson`]
    NeedsPerson,
    /// [`super::Phase::Failed`]
    Failed,
    /// [`super::Phase::Cancelled`]
    Cancelled,
    /// [`super::Phase::Released`]
    Released,
    /// [`super::Phase::Removing`]
    Removing,
    /// [`super::Phase::Removed`]
    Removed,
    /// [`super::Phase::Stocked`]
    Stocked,
}

const AFTER_QUEUED: &[PhaseName] = &[
    P::CreatingAssistant,
    P::Claiming,
    P::CheckingAllowance,
    P::Scouting,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_CREATING_ASSISTANT: &[PhaseName] = &[
    P::Queued,
    P::Claiming,
    P::CheckingAllowance,
    P::Scouting,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_CLAIMING: &[PhaseName] =
    &[P::CheckingAllowance, P::Scouting, P::Proving, P::NeedsPerson, P::Failed, P::Cancelled];
const AFTER_CHECKING_ALLOWANCE: &[PhaseName] =
    &[P::Claiming, P::CreatingFree, P::Scouting, P::NeedsPerson, P::Failed, P::Cancelled];
const AFTER_CREATING_FREE: &[PhaseName] = &[
    P::Claiming,
    P::CheckingAllowance,
    P::AwaitingDigits,
    P::Scouting,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_AWAITING_DIGITS: &[PhaseName] = &[
    P::Claiming,
    P::CheckingAllowance,
    P::Scouting,
    P::Proving,
    P::Unlinking,
    P::Ready,
    P::Stocked,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_SCOUTING: &[PhaseName] = &[
    P::Claiming,
    P::CheckingAllowance,
    P::Ordering,
    P::Importing,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_ORDERING: &[PhaseName] = &[
    P::Scouting,
    P::Claiming,
    P::CheckingAllowance,
    P::AwaitingOrder,
    P::Bought,
    P::Importing,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_AWAITING_ORDER: &[PhaseName] = &[
    P::Scouting,
    P::Claiming,
    P::CheckingAllowance,
    P::Bought,
    P::Importing,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_TAKING: &[PhaseName] =
    &[P::Finding, P::Bought, P::Proving, P::NeedsPerson, P::Cancelled];
const AFTER_FINDING: &[PhaseName] =
    &[P::Adopting, P::Bought, P::Importing, P::NeedsPerson, P::Cancelled];
const AFTER_ADOPTING: &[PhaseName] = &[P::Proving, P::Unlinking, P::NeedsPerson];
const AFTER_BOUGHT: &[PhaseName] = &[P::Importing, P::NeedsPerson, P::Cancelled];
// The source of a number that was owned already can still be left: nothing was spent.
const AFTER_IMPORTING: &[PhaseName] = &[
    P::Bought,
    P::Proving,
    P::Unlinking,
    P::Claiming,
    P::CheckingAllowance,
    P::Scouting,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_PROVING: &[PhaseName] = &[
    P::AwaitingDigits,
    P::Unlinking,
    P::Claiming,
    P::CheckingAllowance,
    P::Scouting,
    P::Ready,
    P::ReadyDegraded,
    P::Stocked,
    P::NeedsPerson,
    P::Failed,
    P::Cancelled,
];
const AFTER_UNLINKING: &[PhaseName] = &[P::GivingBack, P::NeedsPerson, P::Cancelled, P::Released];
const AFTER_GIVING_BACK: &[PhaseName] = &[P::NeedsPerson, P::Released];
const AFTER_READY: &[PhaseName] = &[P::Releasing, P::ReadyDegraded];
const AFTER_RELEASING: &[PhaseName] = &[P::Unlinking, P::NeedsPerson];
const AFTER_READY_DEGRADED: &[PhaseName] = &[P::Releasing, P::Unlinking, P::Ready, P::NeedsPerson];
const AFTER_NEEDS_PERSON: &[PhaseName] = &[
    P::Queued,
    P::CreatingAssistant,
    P::Claiming,
    P::CheckingAllowance,
    P::CreatingFree,
    P::AwaitingDigits,
    P::Scouting,
    P::Ordering,
    P::AwaitingOrder,
    P::Taking,
    P::Finding,
    P::Adopting,
    P::Bought,
    P::Importing,
    P::Proving,
    P::Releasing,
    P::Unlinking,
    P::GivingBack,
    P::ReadyDegraded,
    P::Removing,
];
const AFTER_AN_END: &[PhaseName] = &[P::Queued, P::Removing];
const AFTER_RELEASED: &[PhaseName] = &[P::Removing];
const AFTER_REMOVING: &[PhaseName] = &[P::NeedsPerson, P::Removed];

impl PhaseName {
    /// The name as the API and the logs write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::CreatingAssistant => "creating_assistant",
            Self::Claiming => "claiming",
            Self::CheckingAllowance => "checking_allowance",
            Self::CreatingFree => "creating_free",
            Self::AwaitingDigits => "awaiting_digits",
            Self::Scouting => "scouting",
            Self::Ordering => "ordering",
            Self::AwaitingOrder => "awaiting_order",
            Self::Taking => "taking",
            Self::Finding => "finding",
            Self::Adopting => "adopting",
            Self::Bought => "bought",
            Self::Importing => "importing",
            Self::Proving => "proving",
            Self::Releasing => "releasing",
            Self::Unlinking => "unlinking",
            Self::GivingBack => "giving_back",
            Self::Ready => "ready",
            Self::ReadyDegraded => "ready_degraded",
            Self::NeedsPerson => "needs_person",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Released => "released",
            Self::Removing => "removing",
            Self::Removed => "removed",
            Self::Stocked => "stocked",
        }
    }

    /// The phases that may follow this one, itself aside.
    const fn followers(self) -> &'static [Self] {
        match self {
            Self::Queued => AFTER_QUEUED,
            Self::CreatingAssistant => AFTER_CREATING_ASSISTANT,
            Self::Claiming => AFTER_CLAIMING,
            Self::CheckingAllowance => AFTER_CHECKING_ALLOWANCE,
            Self::CreatingFree => AFTER_CREATING_FREE,
            Self::AwaitingDigits => AFTER_AWAITING_DIGITS,
            Self::Scouting => AFTER_SCOUTING,
            Self::Ordering => AFTER_ORDERING,
            Self::AwaitingOrder => AFTER_AWAITING_ORDER,
            Self::Taking => AFTER_TAKING,
            Self::Finding => AFTER_FINDING,
            Self::Adopting => AFTER_ADOPTING,
            Self::Bought => AFTER_BOUGHT,
            Self::Importing => AFTER_IMPORTING,
            Self::Proving => AFTER_PROVING,
            Self::Releasing => AFTER_RELEASING,
            Self::Unlinking => AFTER_UNLINKING,
            Self::GivingBack => AFTER_GIVING_BACK,
            Self::ReadyDegraded => AFTER_READY_DEGRADED,
            Self::NeedsPerson => AFTER_NEEDS_PERSON,
            Self::Failed | Self::Cancelled => AFTER_AN_END,
            Self::Ready => AFTER_READY,
            Self::Released => AFTER_RELEASED,
            Self::Removing => AFTER_REMOVING,
            Self::Removed | Self::Stocked => &[],
        }
    }

    /// Whether this phase and that are the two halves of one step, before its create and in it: a
    /// call that certainly failed leads from one to the other and back, and is counted all the way.
    #[must_use]
    pub(crate) fn is_one_step_with(self, other: Self) -> bool {
        let halves = [
            (P::Queued, P::CreatingAssistant),
            (P::CheckingAllowance, P::CreatingFree),
            (P::Scouting, P::Ordering),
            (P::Bought, P::Importing),
        ];
        halves.iter().any(|(before, inside)| {
            (self, other) == (*before, *inside) || (other, self) == (*before, *inside)
        })
    }

    /// Whether a work may move from this phase to that.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        let over = [Self::Ready, Self::Released, Self::Removed, Self::Stocked];
        let goes_on = !over.contains(&self);
        self == next && goes_on || self.followers().contains(&next)
    }
}
