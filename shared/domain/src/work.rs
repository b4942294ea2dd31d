//! Work: a durable piece of work that survives any crash, as a pure state machine.
//!
//! [`decide`] answers with a [`Decision`]: the events that happened, the changes to other rows
//! that are written in the same transaction, and what to do after the write. The shell writes,
//! performs the one effect, and feeds its end back in as the next [`Input`]. [`apply`] is the only
//! way a [`Work`] changes.
//!
//! The phases are one kit for every kind of work. A provisioning (`answer`) runs
//! assistant → source → digits or order → import → proof; a cancel ends through the phases of a
//! release. A number for the pool (`stock`) goes the same way without an assistant, from a source or
//! from where a person found it. Other kinds
//! enter and leave the same phases elsewhere. Beside its phase a work may have
//! an [`Update`] of the assistant to tell VAPI of; that is done whenever the work would be left.
//!
//! Kept here:
//! - a phase with an open [`Intent`] is entered before its creating effect and left only by an
//!   answer, by a definite refusal, or by believed absence;
//! - ends stay ends, except through a retry or the removal of the assistant;
//! - once money is spent the source is not left.

use crate::assistant::Language;
use crate::ids::{
    AssistantId, Attempt, BusinessId, DeploymentId, NumberId, OrganizationId, Stamp,
    VapiAssistantId, WorkId,
};
use crate::ledger::Caps;
use crate::number::{Number, State};
use crate::persona::Persona;
use crate::phone::E164;
use crate::request::Request;
use crate::setup::Setup;
use crate::source::{Passed, Source};
use crate::time::Timestamp;
use crate::vapi::AssistantSpec;
use planted::planted;
use serde::{Deserialize, Serialize};

mod decision;
mod effect;
mod event;
mod giving;
mod input;
mod limits;
mod phase;
mod preparing;
mod progress;
mod steps;
#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "a test asks for the variants it is about")]
mod tests;
mod update;

pub use decision::{Change, Context, Decision, HistoryEvent, Next};
pub use effect::{AtCarrier, Effect};
pub use event::{Entry, Event, IllegalEvent, Note, apply};
pub(crate) use giving::release;
pub use giving::{Giving, NotGivable, give_back, is_surplus, take_off};
pub use input::{
    Allowance, Ask, CarrierReading, Found, FoundOrder, Input, LineReading, Obstacle, OrderCheck,
    PoolSearch, Scouted, Scouting, Seller,
};
pub use limits::Limits;
pub use phase::{
    Adopting, AwaitingDigits, AwaitingOrder, Bought, CreatingFree, Degraded, Doubt, Finding,
    GivingBack, Importing, Intent, Ordering, Phase, PhaseName, Place, Proving, Releasing, Stuck,
    Through, Unlinking, Why,
};
pub use preparing::{Preparing, prepare};
pub use progress::{Progress, progress};
pub use steps::decide;
pub use update::Update;

/// What a work is for, with what only such a work has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Kind {
    /// A provisioning: ends with an assistant answering on a number.
    Answer(Box<Recipient>),
    /// A number for the pool: ends with it parked there, linked to nobody.
    Stock,
    /// A release: takes a number off whoever has it, or gives it back to its carrier.
    Release,
}

impl Kind {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Answer(_) => "answer",
            Self::Stock => "stock",
            Self::Release => "release",
        }
    }
}

/// Whom a provisioning brings a number: a business, and who answers for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The customer.
    pub business: BusinessId,
    /// Who shall answer.
    pub assistant: AssistantId,
    /// The assistant's name.
    pub assistant_name: String,
    /// The assistant's language.
    pub language: Language,
    /// What the business set of the assistant itself.
    #[serde(default)]
    pub persona: Persona,
    /// What else the assistant is given.
    #[serde(default, skip_serializing_if = "Setup::is_default")]
    pub setup: Setup,
    /// VAPI's id of the assistant, once it exists.
    pub vapi_assistant: Option<VapiAssistantId>,
    /// What VAPI is still to be told of the assistant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<Update>,
    /// Whether the assistant is to be deleted, once the number is off it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removal_asked: bool,
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Its id; the API calls it the provisioning's.
    pub id: WorkId,
    /// What it is for. Its fields stand among the work's own, as a former version wrote them.
    #[serde(flatten)]
    pub kind: Kind,
    /// The deployment it belongs to, for its stamps.
    pub deployment: DeploymentId,
    /// The tenant.
    pub organization: OrganizationId,
    /// What was asked for.
    pub request: Request,
    /// The spending caps that hold for it.
    pub caps: Caps,
    /// How long a number it gives up rests, in days.
    pub quarantine_days: u16,
    /// Which attempt this is.
    pub attempt: Attempt,
    /// The sources passed over in this attempt, and why.
    pub passed: Vec<(Source, Passed)>,
    /// Numbers that turned out to be taken in this attempt.
    pub taken: Vec<E164>,
    /// Whether it is to be called off at the next point with no intent open.
    pub cancel_asked: bool,
    /// Where it stands.
    pub phase: Phase,
    /// Since when it stands there.
    pub entered_at: Timestamp,
    /// Calls that certainly failed since then.
    pub tries: u16,
    /// What happened, oldest first.
    pub timeline: Vec<Entry>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// What a new work starts from.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Its id.
    pub id: WorkId,
    /// What it is for.
    pub kind: Kind,
    /// The deployment.
    pub deployment: DeploymentId,
    /// The tenant.
    pub organization: OrganizationId,
    /// What was asked for.
    pub request: Request,
    /// The spending caps that hold for it.
    pub caps: Caps,
    /// How long a number it gives up rests, in days.
    pub quarantine_days: u16,
}

impl Work {
    /// A new work, queued.
    #[must_use]
    pub fn begin(beginning: Beginning, now: Timestamp) -> Self {
        Self {
            id: beginning.id,
            kind: beginning.kind,
            deployment: beginning.deployment,
            organization: beginning.organization,
            request: beginning.request,
            caps: beginning.caps,
            quarantine_days: beginning.quarantine_days,
            attempt: Attempt::FIRST,
            passed: Vec::new(),
            taken: Vec::new(),
            cancel_asked: false,
            phase: Phase::Queued,
            entered_at: now,
            tries: 0,
            timeline: vec![Entry { at: now, note: Note::Requested }],
            created_at: now,
        }
    }

    /// Whom it brings a number, if it is a provisioning.
    #[must_use]
    pub fn recipient(&self) -> Option<&Recipient> {
        match &self.kind {
            Kind::Answer(recipient) => Some(recipient.as_ref()),
            Kind::Stock | Kind::Release => None,
        }
    }

    /// The business it brings a number, if it brings it to one.
    #[must_use]
    pub fn business(&self) -> Option<&BusinessId> {
        self.recipient().map(|recipient| &recipient.business)
    }

    /// VAPI's id of the assistant that shall answer, once there is one.
    #[must_use]
    pub fn vapi_assistant(&self) -> Option<&VapiAssistantId> {
        self.recipient().and_then(|recipient| recipient.vapi_assistant.as_ref())
    }

    /// Who is to answer on the number at VAPI while it is proven: the assistant it is brought to, or
    /// nobody where it goes into the pool.
    ///
    /// # Errors
    /// [`IllegalEvent`] where it is too early to say, or the work brings no number.
    pub(crate) fn answerer(&self) -> Result<Option<VapiAssistantId>, IllegalEvent> {
        match &self.kind {
            Kind::Stock => Ok(None),
            Kind::Answer(recipient) if recipient.vapi_assistant.is_some() => {
                Ok(recipient.vapi_assistant.clone())
            }
            Kind::Answer(_) | Kind::Release => Err(IllegalEvent::Input { at: self.phase.name() }),
        }
    }

    /// Where the work got a number from: what another work had made came from the pool.
    #[must_use]
    pub fn source_of(&self, number: &Number) -> Source {
        if self.stamped(Some(number.stamp.as_str())) { number.source } else { Source::Pool }
    }

    /// Whether the work may have this number because a person named it: it is nobody's, or rests
    /// and was this business's. For the pool it is one that is not in it.
    #[must_use]
    pub fn may_take(&self, number: &Number, now: Timestamp) -> bool {
        let could_be = match &self.kind {
            Kind::Answer(_) => self.may_be_given(number),
            Kind::Stock => preparing::may_be_prepared(number, now),
            Kind::Release => false,
        };
        number.work.is_none() && self.is_served_by(number) && could_be
    }

    fn may_be_given(&self, number: &Number) -> bool {
        match &number.state {
            State::Available { .. } => number.vapi.is_some(),
            State::Unverified => number.digits.is_some(),
            State::Quarantined { former, .. } => {
                number.vapi.is_some() && self.had(number, former.as_ref())
            }
            State::Acquiring
            | State::Reserved
            | State::Assigned { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Corrupted => false,
        }
    }

    /// Whether it began with a number that is to be prepared for the pool, and makes none: that one
    /// is neither dropped nor passed over for another.
    pub(crate) const fn prepares(&self) -> bool {
        matches!(self.kind, Kind::Stock) && self.request.sources.is_empty()
    }

    /// Whether the number is one that may serve its organization.
    pub(crate) fn is_served_by(&self, number: &Number) -> bool {
        number.carrier.serves_only().is_none_or(|only| *only == self.organization)
    }

    /// Whether a number that rests was its business's before.
    pub(crate) fn had(&self, number: &Number, former: Option<&BusinessId>) -> bool {
        former.is_some() && former == self.business() && number.organization == self.organization
    }

    /// Whether it is to bring this very number, or has it.
    #[must_use]
    pub fn brings(&self, number: NumberId) -> bool {
        let has = self.phase.number().map(|has| has.id);
        self.request.reclaim == Some(number) || has == Some(number)
    }

    /// Whether it waits for a person who may name a number.
    #[must_use]
    pub const fn waits_for_number(&self) -> bool {
        let is_to_answer = matches!(self.kind, Kind::Answer(_));
        is_to_answer
            && matches!(&self.phase, Phase::NeedsPerson(stuck) if stuck.problem.wants_number())
    }

    /// Whether a cancel would still end it.
    #[must_use]
    pub fn can_be_called_off(&self) -> bool {
        !self.phase.is_over()
            && !self.phase.is_ready()
            && !self.phase.is_being_released()
            && !matches!(self.phase, Phase::NeedsPerson(_))
            && !self.cancel_asked
    }

    pub(crate) fn recipient_mut(&mut self) -> Option<&mut Recipient> {
        match &mut self.kind {
            Kind::Answer(recipient) => Some(recipient.as_mut()),
            Kind::Stock | Kind::Release => None,
        }
    }

    /// What VAPI is still to be told of the assistant.
    #[must_use]
    pub fn update(&self) -> Option<Update> {
        self.recipient().and_then(|recipient| recipient.update)
    }

    /// Whether the assistant is to be deleted.
    #[must_use]
    pub fn removal_asked(&self) -> bool {
        self.recipient().is_some_and(|recipient| recipient.removal_asked)
    }

    /// What VAPI can be told of the assistant now: it is there, and is to stay.
    #[must_use]
    pub fn pending_update(&self) -> Option<(Update, &VapiAssistantId)> {
        let recipient = self.recipient().filter(|recipient| !recipient.removal_asked)?;
        recipient.update.zip(recipient.vapi_assistant.as_ref())
    }

    /// Whether another provisioning may take its place: it is over, and has nothing on its way to
    /// the assistant.
    #[must_use]
    pub fn may_be_replaced(&self) -> bool {
        self.phase.is_over() && self.pending_update().is_none()
    }

    /// The assistant as the work has it, for VAPI; `None` when it is for none.
    pub(crate) fn assistant_spec(&self, stamp: Stamp) -> Option<AssistantSpec> {
        let recipient = self.recipient()?;
        Some(AssistantSpec {
            stamp,
            name: recipient.assistant_name.clone(),
            assistant: recipient.assistant,
            business: recipient.business.clone(),
            organization: self.organization.clone(),
            language: recipient.language,
            persona: recipient.persona.clone(),
            setup: recipient.setup.clone(),
        })
    }

    /// What creates of the present attempt are stamped with.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let attempt = if planted!(AttemptNotInStamp) { Attempt::FIRST } else { self.attempt };
        Stamp::new(&self.deployment, self.id, attempt)
    }

    /// Whether this deployment's work made what carries `name`.
    #[must_use]
    pub fn stamped(&self, name: Option<&str>) -> bool {
        name.and_then(Stamp::parse).is_some_and(|(deployment, work, _attempt)| {
            deployment == self.deployment && work == self.id
        })
    }
}
