//! The beginning of a work that prepares a number of ours for the pool: one that a person wrote down,
//! one that was out of use, or one that rested and was not read back as answering.

use crate::ids::{DeploymentId, Stamp, WorkId};
use crate::ledger::Caps;
use crate::number::{Carrier, Line, Number, State};
use crate::request::{Request, Wanted};
use crate::time::Timestamp;
use crate::work::phase::{Bought, Finding, Phase, Proving, Through};
use crate::work::{Beginning, Change, Entry, Giving, Kind, Note, Work};

/// A number that is to be prepared, and the work that does it.
#[derive(Debug, Clone)]
pub struct Preparing {
    /// The number as it becomes: the work's.
    pub number: Number,
    /// The work; its phase has the number as it becomes.
    pub work: Work,
}

impl Preparing {
    /// How the number is taken from whoever else may want it, if it is as it was seen.
    #[must_use]
    pub fn claiming(self, was: Number) -> Giving {
        let claim = Change::ClaimNumber { was: Box::new(was), now: Box::new(self.number) };
        Giving { claim, work: self.work }
    }
}

/// Prepares a number for the pool.
///
/// What was linked to somebody once rests so many days before, if it has not done so already. `None`
/// where it is somebody's, in the pool or on its way there, or nothing is known of it.
#[must_use]
pub fn prepare(
    was: &Number,
    id: WorkId,
    deployment: DeploymentId,
    rest_days: u16,
    now: Timestamp,
) -> Option<Preparing> {
    let has_rested = matches!(was.state, State::Quarantined { .. });
    let rests = was.linked_at.is_some() && !has_rested;
    let beginning = Beginning {
        id,
        kind: Kind::Stock,
        deployment,
        organization: was.organization.clone(),
        request: Request { wanted: Wanted::default(), sources: Vec::new(), reclaim: None },
        caps: Caps::default(),
        quarantine_days: if rests { rest_days } else { 0 },
    };
    let timeline = vec![Entry { at: now, note: Note::NumberNamed }];
    let work = Work { timeline, ..Work::begin(beginning, now) };
    if !work.may_take(was, now) {
        return None;
    }
    let (number, phase) = taken(was, &work, now)?;
    Some(Preparing { number, work: Work { phase, ..work } })
}

/// Whether a number is one that may be prepared. One at rest that answered goes into the pool by itself
/// when its rest is over, and one that did not is prepared then; what VAPI does not have was never
/// linked, and need not rest.
pub(crate) fn may_be_prepared(number: &Number, now: Timestamp) -> bool {
    let known = number.digits.is_some() || number.vapi.is_some();
    match &number.state {
        State::Unverified | State::Suspended | State::Retired => known,
        State::Quarantined { .. } if number.vapi.is_some() => number.awaits_proof(now),
        State::Quarantined { .. } => number.digits.is_some(),
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Assigned { .. }
        | State::Releasing
        | State::Released
        | State::Corrupted => false,
    }
}

/// The number as the work's, and where the work begins with it: what VAPI has is read back, what a
/// carrier certainly has is imported, anything else is looked up.
pub(crate) fn taken(was: &Number, work: &Work, now: Timestamp) -> Option<(Number, Phase)> {
    let number = Number {
        organization: work.organization.clone(),
        stamp: stamp(was, work),
        state: State::Acquiring,
        work: Some(work.id),
        ..was.clone()
    };
    if let Some(vapi) = was.vapi.clone() {
        let line = Line::new(vapi, number.clone());
        return Some((number, Phase::Proving(Proving { line, links: 0, routes: 0 })));
    }
    let digits = was.digits.clone()?;
    let phase = match &was.carrier {
        Carrier::Twilio { home, id: Some(_), .. } => {
            let through = Through::Twilio { twilio: home.clone() };
            Phase::Bought(Bought { number: number.clone(), digits, through, since: now })
        }
        Carrier::Twilio { id: None, .. }
        | Carrier::Telnyx { .. }
        | Carrier::Vapi { .. }
        | Carrier::Unknown => {
            let number = Number { state: State::Unverified, ..number };
            let phase = Phase::Finding(Finding { number: number.clone(), digits });
            return Some((number, phase));
        }
    };
    Some((number, phase))
}

/// Whose stamp it bears: what nobody has looked for yet bears nobody's.
pub(crate) fn stamp(number: &Number, work: &Work) -> Stamp {
    match number.carrier {
        Carrier::Unknown => work.stamp(),
        Carrier::Vapi { .. } | Carrier::Telnyx { .. } | Carrier::Twilio { .. } => {
            number.stamp.clone()
        }
    }
}
