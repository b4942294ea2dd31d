//! The beginning of a work that takes a number nobody has: it goes back to its carrier, or is linked
//! though nobody has it.

use crate::ids::{DeploymentId, WorkId};
use crate::ledger::Caps;
use crate::number::{Carrier, Line, Number, Origin, Proof, State};
use crate::request::{Request, Wanted};
use crate::time::Timestamp;
use crate::work::phase::{GivingBack, Phase, Place, Unlinking, Why};
use crate::work::{Beginning, Change, Entry, Kind, Note, Work};
use planted::planted;

/// Why a number cannot be given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotGivable {
    /// It is somebody's, or on its way to somebody.
    #[error("it is in use")]
    InUse,
    /// A work is writing about it.
    #[error("a work is writing about it")]
    Busy,
    /// It is being given back, or was.
    #[error("it is given back already")]
    Gone,
    /// We do not know by which id its carrier knows it.
    #[error("its carrier's id of it is not known")]
    Unidentified,
}

/// A number that a work takes over from its beginning on, such as one that is to be given back.
#[derive(Debug, Clone)]
pub struct Giving {
    /// How the number is taken from whoever else may want it, if it is as it was seen.
    pub claim: Change,
    /// The work; its phase has the number as it becomes.
    pub work: Work,
}

impl Unlinking {
    /// Taken off for the first time. What is not given up while it answers has no proof.
    pub(crate) const fn begin(line: Line, why: Why) -> Self {
        Self { line, unlinks: 1, why, proof: Proof::Unproven }
    }
}

/// Gives a number back that nobody uses.
///
/// # Errors
/// [`NotGivable`] when it is used, or cannot be found at its carrier.
pub fn give_back(
    was: Number,
    id: WorkId,
    deployment: DeploymentId,
    now: Timestamp,
) -> Result<Giving, NotGivable> {
    may_be_given_back(&was)?;
    let number = Number { state: State::Releasing, work: Some(id), ..was.clone() };
    let becomes = Box::new(number.clone());
    let phase = match &number.vapi {
        Some(vapi) => {
            let line = Line::new(vapi.clone(), number.clone());
            Phase::Unlinking(Unlinking::begin(line, Why::GivenBack))
        }
        None => Phase::GivingBack(GivingBack::begin(number, Place::Carrier)),
    };
    let work = release(&was, id, deployment, phase, Note::GivingBack, now);
    Ok(Giving { claim: Change::ClaimNumber { was: Box::new(was), now: becomes }, work })
}

/// Takes off whoever is linked to a number that nobody has. While that is done it cannot be had:
/// one of the pool rests until then.
///
/// # Errors
/// [`NotGivable`] when it is somebody's, or VAPI does not have it.
pub fn take_off(
    was: Number,
    id: WorkId,
    deployment: DeploymentId,
    now: Timestamp,
) -> Result<Giving, NotGivable> {
    is_nobodys(&was)?;
    let vapi = was.vapi.clone().ok_or(NotGivable::Unidentified)?;
    let state = if let State::Available { since } = was.state {
        let proof = Proof::Proven;
        State::Quarantined { until: since, former: None, assistant: None, proof }
    } else {
        was.state.clone()
    };
    let number = Number { state, work: Some(id), ..was.clone() };
    let becomes = Box::new(number.clone());
    let line = Line::new(vapi, number);
    let phase = Phase::Unlinking(Unlinking::begin(line, Why::Unused));
    let work = release(&was, id, deployment, phase, Note::FoundLinked, now);
    Ok(Giving { claim: Change::MendNumber { was: Box::new(was), now: becomes }, work })
}

/// A work that is for nobody, about to be in that phase.
pub(crate) fn release(
    number: &Number,
    id: WorkId,
    deployment: DeploymentId,
    phase: Phase,
    begins: Note,
    now: Timestamp,
) -> Work {
    let beginning = Beginning {
        id,
        kind: Kind::Release,
        deployment,
        organization: number.organization.clone(),
        request: Request { wanted: Wanted::default(), sources: Vec::new(), reclaim: None },
        caps: Caps::default(),
        quarantine_days: 0,
    };
    let timeline = vec![Entry { at: now, note: begins }];
    Work { phase, timeline, ..Work::begin(beginning, now) }
}

/// Nobody has it, and no work writes about it.
fn is_nobodys(number: &Number) -> Result<(), NotGivable> {
    match &number.state {
        State::Available { .. }
        | State::Quarantined { .. }
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => {}
        State::Acquiring | State::Reserved | State::Assigned { .. } => {
            return Err(NotGivable::InUse);
        }
        State::Releasing | State::Released => return Err(NotGivable::Gone),
    }
    let is_busy = number.work.is_some() && !planted!(TakenOffBusy);
    if is_busy { Err(NotGivable::Busy) } else { Ok(()) }
}

fn may_be_given_back(number: &Number) -> Result<(), NotGivable> {
    is_nobodys(number)?;
    let is_there = match (&number.carrier, number.origin) {
        (Carrier::Vapi { .. }, _) => number.vapi.is_some(),
        (Carrier::Unknown, _) => false,
        (Carrier::Telnyx { id, .. }, Origin::Bought) => id.is_some(),
        (Carrier::Telnyx { .. }, Origin::Imported) => number.vapi.is_some(),
        (Carrier::Twilio { id, .. }, Origin::Bought | Origin::Imported) => id.is_some(),
    };
    if is_there { Ok(()) } else { Err(NotGivable::Unidentified) }
}

/// Whether a number is one that is given back by itself once it was nobody's for long: bought, and
/// neither one of VAPI's free numbers, which cost nothing, nor toll-free, which are scarce.
#[must_use]
pub fn is_surplus(number: &Number, unused_since: Timestamp) -> bool {
    let State::Available { since } = number.state else { return false };
    let paid = match number.carrier {
        Carrier::Vapi { .. } | Carrier::Unknown => false,
        Carrier::Telnyx { .. } | Carrier::Twilio { .. } => true,
    };
    let toll_free = number.number_type == crate::request::NumberType::TollFree;
    let bought = number.origin == Origin::Bought;
    since <= unused_since && paid && bought && !toll_free
}
