//! A free number from VAPI's allowance: a slot first, then the create, then its digits.

use crate::money::Cents;
use crate::number::{Carrier, Line, Number, Origin, Slot, State};
use crate::outcome::{NoReason, Outcome, Refusal};
use crate::phone::AreaCode;
use crate::problem::Unresolved;
use crate::request::{Country, Match, NumberType};
use crate::source::{Passed, Source};
use crate::time::Timestamp;
use crate::vapi::{FreeNumberRefusal, FreeNumberSpec, VapiNumber};
use crate::work::decision::{Decided, Plan};
use crate::work::input::Allowance;
use crate::work::phase::{AwaitingDigits, CreatingFree, Intent, Phase};
use crate::work::steps::lookup::{self, Missed};
use crate::work::steps::{cancel, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;
use std::time::Duration;

pub(super) fn begin(plan: Plan<'_>) -> Decided {
    plan.perform(Effect::ReadAllowance)
}

pub(super) fn allowance_read(plan: Plan<'_>, outcome: Outcome<Allowance, NoReason>) -> Decided {
    let Phase::CheckingAllowance = plan.work.phase else { return plan.unexpected() };
    let allowance = match outcome {
        Outcome::Done(allowance) => allowance,
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => {
            return not_now(plan, None);
        }
    };
    let closed = allowance.closed_until.is_some_and(|until| plan.now() < until);
    let beyond = u16::from(planted!(SlotBeyondLimit));
    let free: Vec<Slot> = (1..=plan.ctx.limits.free_numbers.saturating_add(beyond))
        .map(Slot::new)
        .filter(|slot| !closed && !allowance.taken.contains(slot))
        .collect();
    let Some(slot) = free.get(plan.ctx.one_of(free.len())) else {
        return sources::pass(plan, Source::VapiFree, Passed::AllowanceUsed);
    };
    let intent = Intent::open(plan.work.stamp(), plan.now());
    let area_code = plan.work.request.wanted.area_code.clone();
    let creating = CreatingFree { slot: *slot, area_code, intent };
    create(plan.change(Change::TakeSlot(*slot)), creating)
}

fn create(plan: Plan<'_>, creating: CreatingFree) -> Decided {
    let assistant = plan.work.answerer()?;
    let spec = FreeNumberSpec {
        stamp: creating.intent.stamp.clone(),
        area_code: creating.area_code.clone(),
        assistant,
        sip_only: plan.work.request.wanted.number_type == NumberType::Sip,
    };
    plan.enter(Phase::CreatingFree(creating))?.perform(Effect::CreateFree(spec))
}

pub(super) fn look(plan: Plan<'_>, creating: &CreatingFree) -> Decided {
    if planted!(FreeNotLookedUp) {
        return create(plan, creating.clone());
    }
    let stamp = creating.intent.stamp.clone();
    plan.perform(Effect::FindFree { stamp })
}

pub(super) fn created(plan: Plan<'_>, outcome: Outcome<VapiNumber, FreeNumberRefusal>) -> Decided {
    let Phase::CreatingFree(creating) = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(number) => exists(plan, &creating, number),
        // After a repeat the first one may still come to light, whatever became of the second.
        Outcome::Refused(_) | Outcome::Transient { .. } if creating.intent.was_repeated() => {
            let intent = creating.intent.clone();
            lookup::doubt(plan, &intent, Unresolved::FreeNumber, |intent| {
                Phase::CreatingFree(CreatingFree { intent, ..creating })
            })
        }
        Outcome::Refused(refusal) => refused(plan, creating, refusal),
        Outcome::Transient { retry_after } => later(plan, &creating, retry_after),
        Outcome::Unknown if planted!(SlotFreedOnDoubt) => later(plan, &creating, None),
        Outcome::Unknown => {
            let intent = creating.intent.clone();
            lookup::doubt(plan, &intent, Unresolved::FreeNumber, |intent| {
                Phase::CreatingFree(CreatingFree { intent, ..creating })
            })
        }
    }
}

fn refused(plan: Plan<'_>, creating: CreatingFree, refusal: Refusal<FreeNumberRefusal>) -> Decided {
    let any = plan.work.request.wanted.matching == Match::Any;
    let closed_until = plan.now().after(plan.ctx.limits.free_closed);
    let freed = Change::FreeSlot(creating.slot);
    let reason = match refusal {
        Refusal::NotConfigured => Passed::NotConfigured,
        Refusal::Key => Passed::KeyRejected,
        Refusal::Request(detail) => Passed::Refused { detail },
        Refusal::Because(FreeNumberRefusal::AllowanceUsed) => {
            let plan = plan.change(freed).change(Change::CloseFree(closed_until));
            return sources::pass(plan, Source::VapiFree, Passed::AllowanceUsed);
        }
        Refusal::Because(FreeNumberRefusal::PaymentRequired) => Passed::PaymentRequired,
        Refusal::Because(FreeNumberRefusal::AreaCodeUnavailable { try_instead }) => {
            if any && creating.area_code.is_some() {
                return elsewhere(plan, creating, None);
            }
            Passed::AreaCodeUnavailable { try_instead }
        }
    };
    sources::pass(plan.change(freed), Source::VapiFree, reason)
}

/// The area code was only a wish: the same slot, one more create, without it. The refused create
/// certainly made nothing, so the stamp still names at most one number.
fn elsewhere(plan: Plan<'_>, creating: CreatingFree, area_code: Option<AreaCode>) -> Decided {
    let intent = Intent::open(creating.intent.stamp.clone(), plan.now());
    create(plan, CreatingFree { area_code, intent, ..creating })
}

/// Nothing is held: looked at again later, a bounded number of times.
fn not_now(plan: Plan<'_>, retry_after: Option<Duration>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return sources::pass(plan, Source::VapiFree, Passed::Unavailable);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}

fn later(plan: Plan<'_>, creating: &CreatingFree, retry_after: Option<Duration>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    let freed = Change::FreeSlot(creating.slot);
    let plan = if planted!(SlotKept) { plan } else { plan.change(freed) };
    if tries > plan.ctx.limits.tries {
        return sources::pass(plan, Source::VapiFree, Passed::Unavailable);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.enter(Phase::CheckingAllowance)?.record(Event::Tried)?.wait(until)
}

pub(super) fn found(plan: Plan<'_>, outcome: Outcome<Option<VapiNumber>, NoReason>) -> Decided {
    let Phase::CreatingFree(creating) = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(Some(number)) => {
            let plan = plan.note(Note::FoundAgain { what: Unresolved::FreeNumber })?;
            exists(plan, &creating, number)
        }
        Outcome::Done(None) => match lookup::missed(&creating.intent, &plan.ctx) {
            Missed::Again(intent, until) => {
                plan.enter(Phase::CreatingFree(CreatingFree { intent, ..creating }))?.wait(until)
            }
            Missed::Absent(_) if plan.work.cancel_asked => {
                cancel::nothing_held(plan.change(Change::FreeSlot(creating.slot)))
            }
            Missed::Absent(intent) if intent.repeats >= plan.ctx.limits.repeats => {
                lookup::unresolved(plan, Unresolved::FreeNumber)
            }
            Missed::Absent(intent) => {
                let plan = plan.note(Note::Repeated { what: Unresolved::FreeNumber })?;
                let intent = intent.again();
                create(plan, CreatingFree { intent, ..creating })
            }
        },
        Outcome::Refused(_) => lookup::unresolved(plan, Unresolved::FreeNumber),
        Outcome::Transient { retry_after } => {
            lookup::unreadable(plan, retry_after, Unresolved::FreeNumber)
        }
        Outcome::Unknown => lookup::unreadable(plan, None, Unresolved::FreeNumber),
    }
}

/// VAPI has it: from now on the number holds the slot, and its digits are waited for.
fn exists(plan: Plan<'_>, creating: &CreatingFree, at_vapi: VapiNumber) -> Decided {
    let now = plan.now();
    let number = row(&plan, creating, &at_vapi, now);
    let since = now;
    let line = Line::new(at_vapi.id.clone(), number.clone());
    let (until, watched) = plan.ctx.limits.digits_check(since, now);
    plan.note(Note::FreeNumberCreated)?
        .change(Change::GiveSlot(creating.slot, number.id))
        .change(Change::OpenNumber(Box::new(number)))
        .change(Change::Watch(at_vapi.id))
        .enter(Phase::AwaitingDigits(AwaitingDigits {
            line,
            since,
            late: false,
            last_look: false,
        }))?
        .wait_watched(until, watched)
}

fn row(plan: &Plan<'_>, creating: &CreatingFree, at_vapi: &VapiNumber, now: Timestamp) -> Number {
    Number {
        id: crate::ids::NumberId::new(plan.ctx.fresh),
        organization: plan.work.organization.clone(),
        source: Source::VapiFree,
        carrier: Carrier::Vapi { slot: creating.slot },
        origin: Origin::Bought,
        number_type: plan.work.request.wanted.number_type,
        country: Country::US,
        stamp: creating.intent.stamp.clone(),
        // They enter the row together with their guard, once they were read by id.
        digits: None,
        sip_uri: at_vapi.sip_uri.clone(),
        vapi: Some(at_vapi.id.clone()),
        monthly: Cents::ZERO,
        state: State::Acquiring,
        work: Some(plan.work_id()),
        linked_at: plan.work.vapi_assistant().map(|_linked| now),
        created_at: now,
    }
}
