//! Giving a number back: unlinked and read back, its record at VAPI removed, then the number at its
//! carrier where we bought it. Each is over only when a read by id no longer finds it.
//!
//! A removal names what it removes by an id that is never used again: sent twice, or arriving late,
//! it does no harm. So it needs no look-ups before it is repeated, only one after it.

use crate::number::{Carrier, Line, Number, Origin, State};
use crate::outcome::{Missing, Outcome, Refusal};
use crate::problem::Problem;
use crate::telnyx::{DeleteNumberRefusal, OwnedNumber, OwnedStatus};
use crate::vapi::VapiNumber;
use crate::work::decision::{Decided, HistoryEvent, Plan};
use crate::work::phase::{GivingBack, Phase, Place, Unlinking, Why};
use crate::work::steps::needs_person;
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;
use std::time::Duration;

/// Read back as linked to nobody: its record at VAPI goes.
pub(super) fn unlinked(plan: Plan<'_>, line: Line) -> Decided {
    let plan = plan.change(Change::Answers(line.vapi, None));
    let giving = GivingBack { seen: true, ..GivingBack::begin(line.number, Place::Vapi) };
    remove(plan, giving)
}

/// Looks whether it is still there.
pub(super) fn look(plan: Plan<'_>, giving: &GivingBack) -> Decided {
    match ids(giving) {
        Some(At::Vapi(id)) => plan.perform(Effect::ReadNumber(id)),
        Some(At::Telnyx(id)) => plan.perform(Effect::ReadOwned(id)),
        None => Err(crate::work::IllegalEvent::Input { at: plan.work.phase.name() }),
    }
}

/// What removes it, by the id it has there.
enum At {
    Vapi(crate::ids::VapiNumberId),
    Telnyx(crate::ids::TelnyxNumberId),
}

fn ids(giving: &GivingBack) -> Option<At> {
    match (giving.at, &giving.number.carrier) {
        (Place::Vapi, _) => giving.number.vapi.clone().map(At::Vapi),
        (Place::Carrier, Carrier::Telnyx { id, .. }) => id.clone().map(At::Telnyx),
        (Place::Carrier, Carrier::Vapi { .. } | Carrier::Unknown) => None,
    }
}

/// Asks for the removal; that it may have been sent is written first.
fn remove(plan: Plan<'_>, giving: GivingBack) -> Decided {
    let removals = giving.removals.saturating_add(1);
    let effect = match ids(&giving) {
        Some(At::Vapi(id)) => Effect::RemoveRecord(id),
        Some(At::Telnyx(id)) => Effect::RemoveOwned(id),
        None => return plan.unexpected(),
    };
    let asked = GivingBack { removals, asked: true, ..giving };
    plan.enter(Phase::GivingBack(asked))?.perform(effect)
}

/// Why Telnyx does not let it go.
pub(super) const fn locked(refusal: DeleteNumberRefusal) -> Problem {
    match refusal {
        DeleteNumberRefusal::Locked => Problem::DeletionLocked,
    }
}

/// Whatever the answer was, only a read tells that it is gone.
pub(super) fn removed<R>(
    plan: Plan<'_>,
    outcome: Outcome<(), R>,
    because: impl FnOnce(R) -> Problem,
) -> Decided {
    let Phase::GivingBack(giving) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(()) if planted!(GoneUnread) => gone(plan, giving),
        Outcome::Done(()) => look(plan, &giving),
        Outcome::Transient { retry_after } => later(plan, retry_after),
        Outcome::Unknown => later(plan, None),
        Outcome::Refused(refusal) => {
            let refused = |detail| Problem::RemovalRefused { detail };
            let problem = Problem::from_refusal(refusal, refused, because);
            needs_person(plan, problem, Phase::GivingBack(giving))
        }
    }
}

/// VAPI's record.
pub(super) fn record_read(plan: Plan<'_>, outcome: Outcome<VapiNumber, Missing>) -> Decided {
    read(plan, outcome.map(|_number| Found::Still))
}

/// The number at Telnyx; one that shows as deleted for a while is gone.
pub(super) fn owned_read(plan: Plan<'_>, outcome: Outcome<OwnedNumber, Missing>) -> Decided {
    let found = |number: OwnedNumber| match number.status {
        OwnedStatus::Gone => Found::Leaving,
        OwnedStatus::Active | OwnedStatus::Pending | OwnedStatus::Unknown => Found::Still,
    };
    read(plan, outcome.map(found))
}

/// What a read found.
#[derive(Clone, Copy)]
enum Found {
    /// It is there.
    Still,
    /// Its carrier shows it as gone, or going.
    Leaving,
}

fn read(plan: Plan<'_>, outcome: Outcome<Found, Missing>) -> Decided {
    let Phase::GivingBack(giving) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(Found::Leaving) if giving.removals > 0 => gone(plan, giving),
        Outcome::Done(_) => still_there(plan, GivingBack { seen: true, ..giving }),
        Outcome::Refused(Refusal::Because(Missing::NotFound)) if giving.seen => gone(plan, giving),
        // A key of another account finds nothing either: that it is gone is a person's to say.
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => {
            needs_person(plan, Problem::NumberVanished, Phase::GivingBack(giving))
        }
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => {
            needs_person(plan, Problem::KeyRejected, Phase::GivingBack(giving))
        }
        Outcome::Refused(Refusal::Request(_)) | Outcome::Unknown => later(plan, None),
        Outcome::Transient { retry_after } => later(plan, retry_after),
    }
}

/// It is there. One whose removal was just asked for is given a moment; then it is asked again.
fn still_there(plan: Plan<'_>, giving: GivingBack) -> Decided {
    if !giving.asked && giving.removals < plan.ctx.limits.removals {
        return remove(plan, giving);
    }
    if !giving.asked {
        let detail = "it is still there after every removal".to_owned();
        let again = GivingBack { removals: 0, ..giving };
        return needs_person(plan, Problem::RemovalRefused { detail }, Phase::GivingBack(again));
    }
    let again = u16::from(giving.removals);
    let until = Limits::backoff(again, None, plan.ctx.entropy(), plan.now());
    plan.enter(Phase::GivingBack(GivingBack { asked: false, ..giving }))?.wait(until)
}

/// It is certainly gone there.
fn gone(plan: Plan<'_>, giving: GivingBack) -> Decided {
    match (giving.at, giving.number.origin, &giving.number.carrier) {
        (Place::Vapi, Origin::Bought, Carrier::Telnyx { .. }) => {
            let next = GivingBack::begin(giving.number, Place::Carrier);
            let plan = plan.note(Note::RecordRemoved)?.enter(Phase::GivingBack(next.clone()))?;
            look(plan, &next)
        }
        // What VAPI carries is gone with its record; what somebody else bought is theirs.
        (
            Place::Vapi | Place::Carrier,
            Origin::Bought | Origin::Imported,
            Carrier::Telnyx { .. } | Carrier::Vapi { .. } | Carrier::Unknown,
        ) => over(plan, giving.number),
    }
}

/// It is ours no more: its digits and ids are free for another row, and its slot for another number.
fn over(plan: Plan<'_>, mut number: Number) -> Decided {
    number.state = State::Released;
    number.work = None;
    let id = number.id;
    plan.change(Change::NumberGone(Box::new(number)))
        .change(Change::History(id, HistoryEvent::GivenBack))
        .note(Note::GivenBack)?
        .enter(Phase::Released)?
        .end()
}

/// Where a retry goes on: whoever retries what was not found says that it is gone.
pub(super) fn again(at: Phase, problem: &Problem) -> Phase {
    let vanished = matches!(problem, Problem::NumberVanished);
    if let Phase::GivingBack(giving) = at {
        Phase::GivingBack(GivingBack { seen: giving.seen || vanished, ..giving })
    } else if let Phase::Unlinking(Unlinking { line, why: Why::GivenBack, .. }) = &at
        && vanished
    {
        let giving = GivingBack::begin(line.number.clone(), Place::Vapi);
        Phase::GivingBack(GivingBack { seen: true, ..giving })
    } else {
        at
    }
}

fn later(plan: Plan<'_>, retry_after: Option<Duration>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        let at = plan.work.phase.clone();
        return needs_person(plan, Problem::ProviderUnavailable, at);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}
