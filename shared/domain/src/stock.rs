//! Numbers made ahead, for nobody in particular.

use crate::ids::{DeploymentId, NumberId, OrganizationId, PurchaseId, WorkId};
use crate::ledger::Caps;
use crate::request::{Request, Wanted};
use crate::source::Source;
use crate::time::Timestamp;
use crate::work::{Beginning, Entry, Kind, Note, Phase, Work};
use serde::{Deserialize, Serialize};

/// Numbers that an operator had made or bought together, each by a work of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purchase {
    /// Its id.
    pub id: PurchaseId,
    /// Who pays.
    pub organization: OrganizationId,
    /// The works, one for each number.
    pub works: Vec<WorkId>,
    /// Who asked for them, by the issuer's name.
    pub by: String,
    /// When.
    pub created_at: Timestamp,
}

/// What stock works have in common.
#[derive(Debug, Clone)]
pub struct Stocking {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Who pays.
    pub organization: OrganizationId,
    /// The spending caps that hold.
    pub caps: Caps,
}

impl Stocking {
    /// A work that makes or buys a number for the pool.
    #[must_use]
    pub fn make(&self, id: WorkId, wanted: Wanted, sources: Vec<Source>, now: Timestamp) -> Work {
        self.begin(id, Request { wanted, sources, reclaim: None }, now)
    }

    /// A work that prepares one of our numbers for the pool.
    #[must_use]
    pub fn prepare(&self, id: WorkId, number: NumberId, now: Timestamp) -> Work {
        let request = Request { wanted: Wanted::default(), sources: Vec::new(), reclaim: None };
        let queued = self.begin(id, request, now);
        let timeline = vec![Entry { at: now, note: Note::NumberNamed }];
        Work { phase: Phase::Taking { number }, timeline, ..queued }
    }

    fn begin(&self, id: WorkId, request: Request, now: Timestamp) -> Work {
        let beginning = Beginning {
            id,
            kind: Kind::Stock,
            deployment: self.deployment.clone(),
            organization: self.organization.clone(),
            request,
            caps: self.caps,
            quarantine_days: 0,
        };
        Work::begin(beginning, now)
    }
}
