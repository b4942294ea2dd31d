//! Drift: what the providers hold against what our table says, record by record.
//!
//! A list may lag and leave records out, so that nothing is done for what it shows alone: each
//! finding is a suspicion, which is read by id before anything is started. How much may be done
//! without a person is the brake's to say ([`brake`]).

use crate::ids::{
    DeploymentId, NumberId, OrganizationId, Stamp, TelnyxNumberId, VapiAssistantId, VapiNumberId,
};
use crate::number::{Carrier, Number, State};
use crate::phone::E164;
use crate::telnyx::{OwnedNumber, OwnedStatus};
use crate::twilio::{self, Home, Located, Owner};
use crate::vapi::{Digits, VapiNumber};
use planted::planted;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

mod adopt;
mod seen;

pub use adopt::{Adoption, Stray, adopt};
pub use seen::Seen;

/// What can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Linked at VAPI although nobody has it.
    Linked,
    /// Somebody's, and linked at VAPI to another or to nobody.
    Misled,
    /// Somebody's, and routed at its carrier to something that is not what we know.
    Misrouted,
    /// Not in VAPI's list.
    GoneAtVapi,
    /// Not in its carrier's list.
    GoneAtCarrier,
    /// Made by us, and in no row.
    Stray,
    /// In no row, and nothing says who made it. Shown, and touched only where a person says so.
    Foreign,
}

impl Drift {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Linked,
        Self::Misled,
        Self::Misrouted,
        Self::GoneAtVapi,
        Self::GoneAtCarrier,
        Self::Stray,
        Self::Foreign,
    ];

    /// The name in the API and in figures.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::Misled => "misled",
            Self::Misrouted => "misrouted",
            Self::GoneAtVapi => "gone_at_vapi",
            Self::GoneAtCarrier => "gone_at_carrier",
            Self::Stray => "stray",
            Self::Foreign => "foreign",
        }
    }

    /// Whether something is changed because of it.
    #[must_use]
    pub const fn is_mended(self) -> bool {
        match self {
            Self::Linked
            | Self::Misled
            | Self::Misrouted
            | Self::GoneAtVapi
            | Self::GoneAtCarrier
            | Self::Stray => true,
            Self::Foreign => false,
        }
    }
}

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub drift: Drift,
    /// Our row, if there is one.
    pub number: Option<NumberId>,
    /// VAPI's id, where it is VAPI's record that differs.
    pub vapi: Option<VapiNumberId>,
    /// Telnyx's id, where it is Telnyx's.
    pub telnyx: Option<TelnyxNumberId>,
    /// Where it is at Twilio, where it is Twilio's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twilio: Option<Located>,
    /// The stamp it carries, if it is one of this deployment.
    pub stamp: Option<Stamp>,
    /// Its digits, where they were shown and no row has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<E164>,
}

impl Finding {
    fn of(drift: Drift, number: Option<&Number>) -> Self {
        let number = number.map(|number| number.id);
        Self { drift, number, vapi: None, telnyx: None, twilio: None, stamp: None, digits: None }
    }

    /// The organization in whose own account it is.
    #[must_use]
    pub fn tenant(&self) -> Option<&OrganizationId> {
        match &self.twilio.as_ref()?.home.owner {
            Owner::Organization(id) => Some(id),
            Owner::Platform => None,
        }
    }
}

/// What our table says of a record of VAPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The number.
    pub number: Number,
    /// Who answers it at VAPI.
    pub answers: Option<VapiAssistantId>,
}

/// How a record of VAPI differs from what we know of it.
#[must_use]
pub fn at_vapi(
    record: &VapiNumber,
    known: Option<&Known>,
    deployment: &DeploymentId,
) -> Option<Finding> {
    let Some(known) = known else {
        let finding = unknown(record.name.as_deref(), deployment)?;
        let digits = match &record.digits {
            Digits::Known(digits) => Some(digits.clone()),
            Digits::Absent | Digits::Masked => None,
        };
        return Some(Finding { vapi: Some(record.id.clone()), digits, ..finding });
    };
    let is_linked = record.assistant.is_some() || record.linked_elsewhere;
    let drift = match &known.number.state {
        // Whoever writes about it knows best.
        _ if known.number.work.is_some() && !planted!(TakenOffBusy) => return None,
        State::Assigned { .. } => {
            let answers = known.answers.is_some() && record.assistant == known.answers;
            (!answers || record.linked_elsewhere).then_some(Drift::Misled)
        }
        State::Available { .. }
        | State::Quarantined { .. }
        | State::Suspended
        | State::Retired
        | State::Unverified => is_linked.then_some(Drift::Linked),
        State::Acquiring
        | State::Reserved
        | State::Releasing
        | State::Released
        | State::Corrupted => None,
    };
    let finding = Finding::of(drift?, Some(&known.number));
    Some(Finding { vapi: Some(record.id.clone()), ..finding })
}

/// How a number of Telnyx differs from what we know of it.
#[must_use]
pub fn at_telnyx(
    owned: &OwnedNumber,
    known: Option<&Number>,
    deployment: &DeploymentId,
) -> Option<Finding> {
    let telnyx = Some(owned.id.clone());
    let is_gone = owned.status == OwnedStatus::Gone;
    let Some(known) = known else {
        let finding = unknown(owned.reference.as_deref(), deployment)?;
        let digits = Some(owned.digits.clone());
        return (!is_gone).then_some(Finding { telnyx, digits, ..finding });
    };
    // Telnyx goes on listing what is gone: what was marked so is not found again.
    if !is_kept(known) {
        return None;
    }
    let assigned = matches!(known.state, State::Assigned { .. });
    let drift = match &known.carrier {
        Carrier::Telnyx { .. } if is_gone => Drift::GoneAtCarrier,
        Carrier::Telnyx { .. } if planted!(RouteNotCompared) => return None,
        Carrier::Telnyx { connection, .. } if assigned && *connection != owned.connection => {
            Drift::Misrouted
        }
        Carrier::Telnyx { .. }
        | Carrier::Vapi { .. }
        | Carrier::Twilio { .. }
        | Carrier::Unknown => return None,
    };
    Some(Finding { telnyx, ..Finding::of(drift, Some(known)) })
}

/// How a number of an account at Twilio differs from what we know of it.
///
/// What an organization has in its own account and did not get from us is its own business: it is
/// not even shown.
#[must_use]
pub fn at_twilio(
    owned: &twilio::OwnedNumber,
    home: &Home,
    known: Option<&Number>,
    deployment: &DeploymentId,
) -> Option<Finding> {
    let at = Some(Located { home: home.clone(), id: owned.sid.clone() });
    // One that came with its account to another owner is asked for with nobody's credentials.
    let is_there = |number: &Number| match &number.carrier {
        Carrier::Twilio { home: known, .. } => known == home,
        Carrier::Telnyx { .. } | Carrier::Vapi { .. } | Carrier::Unknown => false,
    };
    if known.is_some_and(|number| !is_there(number)) {
        return None;
    }
    let Some(known) = known else {
        let finding = unknown(owned.name(), deployment)?;
        let theirs = finding.drift == Drift::Foreign && home.owner != Owner::Platform;
        let digits = Some(owned.digits.clone());
        return (!theirs).then_some(Finding { twilio: at, digits, ..finding });
    };
    let is_had = is_kept(known) && matches!(known.state, State::Assigned { .. });
    let is_routed = owned.calls_vapi() || planted!(RouteNotCompared);
    (is_had && !is_routed)
        .then(|| Finding { twilio: at, ..Finding::of(Drift::Misrouted, Some(known)) })
}

/// A thing in no row: ours by its stamp, another deployment's, or nobody knows whose.
fn unknown(name: Option<&str>, deployment: &DeploymentId) -> Option<Finding> {
    let Some(name) = name else { return Some(Finding::of(Drift::Foreign, None)) };
    match Stamp::parse(name) {
        Some((whose, _work, _attempt)) if whose == *deployment => {
            let stamp = Stamp::try_from(name.to_owned()).ok();
            Some(Finding { stamp, ..Finding::of(Drift::Stray, None) })
        }
        Some(_anothers) => None,
        None => Some(Finding::of(Drift::Foreign, None)),
    }
}

/// Whether a row says that the providers have the number, and nobody is writing about it.
const fn is_kept(number: &Number) -> bool {
    match &number.state {
        State::Assigned { .. }
        | State::Available { .. }
        | State::Quarantined { .. }
        | State::Suspended
        | State::Retired => number.work.is_none(),
        State::Acquiring
        | State::Reserved
        | State::Releasing
        | State::Released
        | State::Unverified
        | State::Corrupted => false,
    }
}

/// Stands among what Telnyx showed once its list was read to its end.
pub const TELNYX_LIST: &str = "telnyx";

/// What the lists did not show of a row that is in nobody's hand.
///
/// Of a list at a carrier that was not read to its end nothing is missing: Telnyx's counts as read
/// when [`TELNYX_LIST`] was noted, and that of an account at Twilio when its id was.
#[must_use]
pub fn missing(
    number: &Number,
    at_vapi: &Seen,
    at_telnyx: &Seen,
    at_twilio: &Seen,
) -> Vec<Finding> {
    if !is_kept(number) {
        return Vec::new();
    }
    let found = |drift| Finding::of(drift, Some(number));
    let vapi = number.vapi.clone().filter(|id| !at_vapi.may_hold(id.as_str()));
    let gone_at_vapi = vapi.map(|id| Finding { vapi: Some(id), ..found(Drift::GoneAtVapi) });
    let is_gone = |list: &Seen, whole: &str, id: &str| list.may_hold(whole) && !list.may_hold(id);
    let gone_at_carrier = match &number.carrier {
        Carrier::Telnyx { id: Some(id), .. } if is_gone(at_telnyx, TELNYX_LIST, id.as_str()) => {
            Some(Finding { telnyx: Some(id.clone()), ..found(Drift::GoneAtCarrier) })
        }
        Carrier::Twilio { home, id: Some(id), .. }
            if is_gone(at_twilio, home.account.as_str(), id.as_str()) =>
        {
            let at = Located { home: home.clone(), id: id.clone() };
            Some(Finding { twilio: Some(at), ..found(Drift::GoneAtCarrier) })
        }
        Carrier::Telnyx { .. }
        | Carrier::Twilio { .. }
        | Carrier::Vapi { .. }
        | Carrier::Unknown => None,
    };
    gone_at_vapi.into_iter().chain(gone_at_carrier).collect()
}

/// What a sweep has read and found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Survey {
    /// Records and rows read, for each kind of drift they could show.
    pub read: BTreeMap<Drift, u64>,
    /// Findings of each kind.
    pub found: BTreeMap<Drift, u64>,
    /// Those among them in an organization's own account at Twilio.
    pub theirs: BTreeMap<OrganizationId, BTreeMap<Drift, u64>>,
}

impl Survey {
    /// So many were read that could show these.
    pub fn count_read(&mut self, kinds: &[Drift], count: usize) {
        for drift in kinds {
            let read = self.read.entry(*drift).or_default();
            *read = read.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        }
    }

    /// These were found.
    pub fn count_found(&mut self, findings: &[Finding]) {
        for finding in findings {
            let found = self.found.entry(finding.drift).or_default();
            *found = found.saturating_add(1);
            if let Some(organization) = finding.tenant() {
                let theirs = self.theirs.entry(organization.clone()).or_default();
                let found = theirs.entry(finding.drift).or_default();
                *found = found.saturating_add(1);
            }
        }
    }

    /// Where an organization's own account differs in so many ways of one kind that it is left as it
    /// is: whose, the kind, and how many.
    pub fn left(&self) -> impl Iterator<Item = (&OrganizationId, Drift, u64)> {
        let each = self.theirs.iter().flat_map(|(organization, theirs)| {
            theirs.iter().map(move |(drift, found)| (organization, *drift, *found))
        });
        each.filter(|(_, drift, found)| is_left(*drift, *found))
    }

    /// Whether a finding is left, as its organization's own account differs in too many.
    #[must_use]
    pub fn leaves(&self, finding: &Finding) -> bool {
        let theirs = finding.tenant().and_then(|whose| self.theirs.get(whose));
        let found = theirs.and_then(|theirs| theirs.get(&finding.drift));
        found.is_some_and(|found| is_left(finding.drift, *found))
    }
}

const fn is_left(drift: Drift, found: u64) -> bool {
    drift.is_mended() && found > UNASKED_MIN
}

/// Why a sweep changes nothing before a person has confirmed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Brake {
    /// It would change too much of one kind.
    TooMuch {
        /// Which.
        drift: Drift,
        /// How many.
        found: u64,
        /// Of how many.
        read: u64,
    },
    /// A key finds none of the numbers we have there: it is another account's.
    OtherAccount {
        /// Whose key, by the name in figures.
        provider: String,
    },
    /// The table is not the one that was swept last: it was restored.
    Restored,
}

impl Brake {
    /// Its name in the API and in figures.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::TooMuch { .. } => "too_much",
            Self::OtherAccount { .. } => "other_account",
            Self::Restored => "restored",
        }
    }
}

/// So many changes of one kind are made without a person, however few numbers there are.
const UNASKED_MIN: u64 = 20;
/// And so many in a hundred of the numbers read.
const UNASKED_PERCENT: u64 = 5;

/// Whether a survey found too much of one kind to be true.
///
/// What an organization does in its own account holds nobody else up: it counts there alone
/// ([`Survey::left`]).
#[must_use]
pub fn brake(survey: &Survey) -> Option<Brake> {
    let mended = survey.found.iter().filter(|(drift, _found)| drift.is_mended());
    mended.into_iter().find_map(|(drift, found)| {
        let read = survey.read.get(drift).copied().unwrap_or(0);
        let most = UNASKED_MIN.max(read.saturating_mul(UNASKED_PERCENT) / 100);
        let theirs = survey.theirs.values().filter_map(|theirs| theirs.get(drift)).sum::<u64>();
        let found = found.saturating_sub(theirs);
        (found > most).then_some(Brake::TooMuch { drift: *drift, found, read })
    })
}

#[cfg(test)]
mod tests;
