//! What may be spent, and what was committed.

use crate::ids::OrganizationId;
use crate::money::Cents;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Spending caps in US cents: money committed by purchases (upfront and first month), per UTC day
/// and UTC month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caps {
    /// Per organization and day.
    pub organization_day: Cents,
    /// Per organization and month.
    pub organization_month: Cents,
    /// Over all organizations, per day.
    pub overall_day: Cents,
    /// Over all organizations, per month.
    pub overall_month: Cents,
    /// What one number may cost a month.
    pub number_monthly: Cents,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            organization_day: Cents::new(2_000),
            organization_month: Cents::new(10_000),
            overall_day: Cents::new(10_000),
            overall_month: Cents::new(50_000),
            number_monthly: Cents::new(500),
        }
    }
}

/// Money set aside for one purchase, in the ledgers of the day and month of its intent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// Who pays.
    pub organization: OrganizationId,
    /// Upfront and first month.
    pub amount: Cents,
    /// The UTC day it counts in, `2026-11-20`.
    pub day: String,
    /// The UTC month it counts in, `2026-11`.
    pub month: String,
}

impl Reservation {
    /// A reservation made at `now`.
    #[must_use]
    pub fn new(organization: OrganizationId, amount: Cents, now: Timestamp) -> Self {
        Self { organization, amount, day: now.day(), month: now.month() }
    }
}
