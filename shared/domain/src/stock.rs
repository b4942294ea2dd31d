//! Numbers made ahead, for nobody in particular.

use crate::ids::{DeploymentId, NumberId, OrganizationId, PurchaseId, WorkId};
use crate::ledger::Caps;
use crate::request::{Request, Wanted};
use crate::source::Source;
use crate::time::Timestamp;
use crate::work::{Beginning, Kind, Work};
use serde::{Deserialize, Serialize};

/// Numbers for the pool that an operator asked for together, each made or prepared by a work of its
/// own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// Its id.
    pub id: PurchaseId,
    /// Who pays.
    pub organization: OrganizationId,
    /// The works, one for each number.
    pub works: Vec<WorkId>,
    /// The numbers, in the order of their works, where they were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<NumberId>,
    /// Who asked for them, by the issuer's name.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
}

/// What the refill of the pool has under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refill {
    /// Its works, one for each number.
    pub works: Vec<WorkId>,
}

/// What the works that make numbers for the pool have in common.
#[derive(Debug, Clone)]
pub struct Stocking {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Who pays.
    pub organization: OrganizationId,
    /// The spending caps that hold.
    pub caps: Caps,
    /// What numbers are wanted.
    pub wanted: Wanted,
    /// The sources to try, in order.
    pub sources: Vec<Source>,
}

impl Stocking {
    /// A work that makes a number for the pool. What is called off need not rest: nobody was ever
    /// linked to it.
    #[must_use]
    pub fn make(&self, id: WorkId, now: Timestamp) -> Work {
        let (wanted, sources) = (self.wanted.clone(), self.sources.clone());
        let beginning = Beginning {
            id,
            kind: Kind::Stock,
            deployment: self.deployment.clone(),
            organization: self.organization.clone(),
            request: Request { wanted, sources, reclaim: None },
            caps: self.caps,
            quarantine_days: 0,
        };
        Work::begin(beginning, now)
    }
}

/// The sources in `order` that numbers for the pool can come from: neither the pool itself nor a
/// person, and an organization's own account only where that organization pays.
#[must_use]
pub fn sources(order: &[Source], organization: &OrganizationId) -> Vec<Source> {
    let makes = |source: &Source| match source {
        Source::Pool | Source::Manual => false,
        Source::OrgTwilio => *organization != OrganizationId::platform(),
        Source::VapiFree | Source::GlobalTwilio | Source::Telnyx => true,
    };
    order.iter().copied().filter(makes).collect()
}
