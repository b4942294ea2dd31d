//! Calling a provisioning off: at the next point with no intent open, and nothing is lost.

use crate::number::{Guard, Line, Origin, Proof, State};
use crate::outcome::{Missing, Outcome, Refusal};
use crate::problem::Problem;
use crate::vapi::VapiNumber;
use crate::work::decision::{Decided, HistoryEvent, Plan};
use crate::work::phase::{Adopting, Bought, Degraded, Phase, Proving, Unlinking, Why};
use crate::work::steps::{give_back, named, needs_person, prove, release};
use crate::work::{Change, Effect, Event, IllegalEvent, Limits, Note};
use planted::planted;
use std::time::Duration;

/// Somebody asks to call it off.
pub(super) fn asked(plan: Plan<'_>) -> Decided {
    match plan.work.phase.clone() {
        Phase::Ready { .. }
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removed
        | Phase::Stocked { .. } => plan.end(),
        // It is assigned: to be released, not called off. It goes on checking.
        Phase::ReadyDegraded(_) => super::advance(plan),
        Phase::Removing => super::advance(plan),
        Phase::NeedsPerson(stuck) if stuck.at.is_ready() || stuck.at.is_being_released() => {
            plan.end()
        }
        // It goes on: what is released can be had back.
        phase if phase.is_being_released() => super::advance(plan),
        Phase::NeedsPerson(stuck) => {
            let plan = plan.record(Event::CancelAsked)?.enter(*stuck.at)?;
            super::advance(plan)
        }
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::CreatingFree(_)
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Ordering(_)
        | Phase::AwaitingOrder(_)
        | Phase::Taking { .. }
        | Phase::Finding(_)
        | Phase::Adopting(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::GivingBack(_) => super::advance(plan.record(Event::CancelAsked)?),
    }
}

/// How a work that was asked to end begins to, or `None` where it must first learn what it holds.
pub(super) fn begin(plan: &Plan<'_>) -> Option<fn(Plan<'_>) -> Decided> {
    match &plan.work.phase {
        Phase::Queued
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::Scouting
        | Phase::Taking { .. } => Some(nothing_held),
        Phase::Finding(_) => Some(named::called_off),
        Phase::Ordering(_) if planted!(CancelForgetsOrder) => Some(nothing_held),
        Phase::Bought(_) => Some(bought),
        Phase::AwaitingDigits(_) | Phase::Adopting(_) | Phase::Proving(_) => Some(linked),
        Phase::CreatingAssistant { .. }
        | Phase::CreatingFree(_)
        | Phase::Ordering(_)
        | Phase::AwaitingOrder(_)
        | Phase::Importing(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::GivingBack(_)
        | Phase::Ready { .. }
        | Phase::ReadyDegraded(_)
        | Phase::NeedsPerson(_)
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removing
        | Phase::Removed
        | Phase::Stocked { .. } => None,
    }
}

/// Nothing is held: it is over.
pub(super) fn nothing_held(plan: Plan<'_>) -> Decided {
    plan.note(Note::Cancelled)?.enter(Phase::Cancelled)?.end()
}

fn bought(plan: Plan<'_>) -> Decided {
    let Phase::Bought(bought) = plan.work.phase.clone() else { return plan.unexpected() };
    rest_unlinked(plan, bought, Vec::new())
}

/// A number that was never in VAPI: nobody answered on it, so it need not rest. One that was not
/// bought either is left as it was found.
pub(super) fn rest_unlinked(plan: Plan<'_>, bought: Bought, new_guards: Vec<Guard>) -> Decided {
    if plan.work.prepares() {
        return nothing_held(named::left(plan, bought.number));
    }
    if bought.number.origin == Origin::Imported {
        return nothing_held(plan.change(Change::DropNumber(Box::new(bought.number))));
    }
    let until = plan.now();
    let mut number = bought.number;
    let proof = Proof::Unproven;
    number.state = State::Quarantined { until, former: None, assistant: None, proof };
    number.work = None;
    let id = number.id;
    plan.change(Change::UpdateNumber { number: Box::new(number), new_guards })
        .change(Change::History(id, HistoryEvent::Rested))
        .note(Note::NumberRested)?
        .note(Note::Cancelled)?
        .enter(Phase::Cancelled)?
        .end()
}

/// The assistant is no more: what was to be assigned to it is put to rest.
pub(super) fn superseded(plan: Plan<'_>) -> Decided {
    linked(plan.record(Event::CancelAsked)?)
}

fn linked(plan: Plan<'_>) -> Decided {
    let (plan, line) = if let Phase::AwaitingDigits(awaiting) = &plan.work.phase {
        let line = awaiting.line.clone();
        (plan.change(Change::Unwatch), line)
    } else if let Phase::Adopting(Adopting { line })
    | Phase::Proving(Proving { line, .. })
    | Phase::ReadyDegraded(Degraded { line, .. }) = &plan.work.phase
    {
        let line = line.clone();
        (plan, line)
    } else {
        return plan.unexpected();
    };
    if planted!(CancelKeepsLink) {
        return rest(plan, line);
    }
    let unlinking = Unlinking::begin(line, Why::CalledOff);
    let plan = plan.enter(Phase::Unlinking(unlinking.clone()))?;
    unlink(plan, &unlinking)
}

/// Goes on taking it off.
pub(super) fn go_on(plan: Plan<'_>, unlinking: Unlinking) -> Decided {
    if !plan.ctx.took_over {
        return unlink(plan, &unlinking);
    }
    let unlinking = awaited(&plan, unlinking);
    let plan = plan.enter(Phase::Unlinking(unlinking.clone()))?;
    unlink(plan, &unlinking)
}

pub(super) fn unlink(plan: Plan<'_>, unlinking: &Unlinking) -> Decided {
    let vapi = unlinking.line.vapi.clone();
    let provider = unlinking.line.number.carrier.provider();
    // The first one took off the assistant alone; what is still linked may be something else.
    let elsewhere = unlinking.unlinks > 1;
    plan.perform(Effect::Unlink { vapi, provider, elsewhere })
}

/// Whatever the answer was, the number is read back: only that tells.
pub(super) fn unlinked(plan: Plan<'_>, outcome: &Outcome<VapiNumber, Missing>) -> Decided {
    // A number for the pool is proven to be linked to nobody.
    if let Phase::Proving(_) = plan.work.phase {
        return prove::linked(plan, outcome);
    }
    let Phase::Unlinking(unlinking) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Transient { retry_after } => later(plan, *retry_after),
        // Without a clear answer it is taken off once more after a while; twice does no harm, but
        // the first may land when the number has another business.
        Outcome::Unknown => {
            let awaited = awaited(&plan, unlinking);
            later(plan.enter(Phase::Unlinking(awaited))?, None)
        }
        Outcome::Done(_) | Outcome::Refused(_) => {
            plan.perform(Effect::ReadNumber(unlinking.line.vapi))
        }
    }
}

/// What a holder before sent, dead or unanswered, may still land for a while.
fn awaited(plan: &Plan<'_>, mut unlinking: Unlinking) -> Unlinking {
    let limits = plan.ctx.limits;
    let lands_by = plan.now().after(limits.call_deadline).after(limits.lag);
    unlinking.line.link_lands_by = unlinking.line.link_lands_by.max(Some(lands_by));
    unlinking
}

pub(super) fn read_back(
    plan: Plan<'_>,
    unlinking: Unlinking,
    outcome: Outcome<VapiNumber, Missing>,
) -> Decided {
    match outcome {
        Outcome::Done(number) if number.assistant.is_none() && !number.linked_elsewhere => {
            match unlinking.line.link_lands_by {
                // A link on its way would reach the number after it was put to rest.
                Some(lands_by) if plan.now() < lands_by && !planted!(LateLinkNotAwaited) => {
                    plan.wait(lands_by)
                }
                Some(_) | None => match unlinking.why {
                    Why::CalledOff => rest(plan, unlinking.line),
                    Why::Released => release::unlinked(plan, unlinking),
                    Why::GivenBack => give_back::unlinked(plan, unlinking.line),
                    Why::Unused => release::unused(plan, unlinking.line),
                },
            }
        }
        Outcome::Done(_) if unlinking.unlinks < plan.ctx.limits.repairs => {
            let unlinks = unlinking.unlinks.saturating_add(1);
            let again = Unlinking { unlinks, ..unlinking };
            let plan = plan.enter(Phase::Unlinking(again.clone()))?;
            unlink(plan, &again)
        }
        Outcome::Done(_) => {
            let again = Unlinking { unlinks: 1, ..unlinking };
            needs_person(plan, Problem::UnlinkFailed, Phase::Unlinking(again))
        }
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => {
            // A record may lag its creation.
            if plan.now() < plan.work.entered_at.after(plan.ctx.limits.lag) {
                return later(plan, None);
            }
            // Nobody had it: what is gone is left for a person to give back.
            if matches!(unlinking.why, Why::CalledOff) && plan.work.prepares() {
                return left(plan, unlinking.line);
            }
            needs_person(plan, Problem::NumberVanished, Phase::Unlinking(unlinking))
        }
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => {
            needs_person(plan, Problem::KeyRejected, Phase::Unlinking(unlinking))
        }
        Outcome::Refused(Refusal::Request(_)) | Outcome::Unknown => later(plan, None),
        Outcome::Transient { retry_after } => later(plan, retry_after),
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

/// It rests before another business may have it, for it was linked and may have taken calls; and it
/// was not read back as answering. What was being prepared and need not rest is left out of use:
/// the next sweep would begin anew what was called off.
fn rest(plan: Plan<'_>, line: Line) -> Decided {
    let days = plan.work.quarantine_days;
    if plan.work.prepares() && days == 0 {
        return left(plan, line);
    }
    at_rest(plan, line, days, Proof::Unproven)?
        .note(Note::Cancelled)?
        .enter(Phase::Cancelled)?
        .end()
}

/// What was being prepared is out of use.
fn left(plan: Plan<'_>, line: Line) -> Decided {
    let plan = plan.change(Change::Answers(line.vapi, None));
    nothing_held(named::left(plan, line.number))
}

/// Read back as linked to nobody: it is nobody's, and goes to nobody else for so many days.
pub(super) fn at_rest(
    plan: Plan<'_>,
    line: Line,
    days: u16,
    proof: Proof,
) -> Result<Plan<'_>, IllegalEvent> {
    let until = plan.now().after(Duration::from_secs(u64::from(days) * 24 * 3600));
    let (former, assistant) = match plan.work.recipient() {
        Some(recipient) => (Some(recipient.business.clone()), Some(recipient.assistant)),
        None => (None, None),
    };
    let mut number = line.number;
    number.state = State::Quarantined { until, former, assistant, proof };
    number.work = None;
    let id = number.id;
    plan.update(number)
        .change(Change::Answers(line.vapi, None))
        .change(Change::History(id, HistoryEvent::Rested))
        .note(Note::NumberRested)
}
