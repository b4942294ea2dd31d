//! Spending caps of one organization.

use crate::ledger::Caps;
use crate::money::Cents;
use serde::{Deserialize, Serialize};

/// A day's share of a month, where the organization set no cap for the day (the plan's rule).
const DAYS_SHARE: i64 = 5;

/// What an organization may spend, in US cents; `None` means the deployment's.
///
/// What all organizations may spend together is never one organization's to say: rows of a former
/// version that name it are read without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default)]
pub struct OwnCaps {
    /// In a UTC day; unset beside a month's own cap, a fifth of that.
    pub organization_day: Option<Cents>,
    /// In a UTC month.
    pub organization_month: Option<Cents>,
    /// What one number may cost a month.
    pub number_monthly: Option<Cents>,
}

impl OwnCaps {
    /// The deployment's caps with these in their place.
    #[must_use]
    pub fn over(self, deployment: Caps) -> Caps {
        let share = self.organization_month.map(|month| Cents::new(month.get() / DAYS_SHARE));
        Caps {
            organization_day: self
                .organization_day
                .or(share)
                .unwrap_or(deployment.organization_day),
            organization_month: self.organization_month.unwrap_or(deployment.organization_month),
            overall_day: deployment.overall_day,
            overall_month: deployment.overall_month,
            number_monthly: self.number_monthly.unwrap_or(deployment.number_monthly),
        }
    }
}
