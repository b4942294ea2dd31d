//! What stands in the way of a work, by its phase.

use super::Phase;
use crate::problem::Problem;

impl Phase {
    /// What stands in the way, if something does.
    #[must_use]
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::NeedsPerson(stuck) => Some(&stuck.problem),
            Self::Failed { problem } => Some(problem),
            Self::ReadyDegraded(degraded) => Some(&degraded.problem),
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
            | Self::Releasing(_)
            | Self::Unlinking(_)
            | Self::GivingBack(_)
            | Self::Ready { .. }
            | Self::Cancelled
            | Self::Released
            | Self::Removing
            | Self::Removed
            | Self::Stocked { .. } => None,
        }
    }
}
