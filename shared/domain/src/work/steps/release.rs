//! Taking a number off its business: unlinked, read back, and at rest unless nobody ever called.

use crate::ids::NumberId;
use crate::number::{Line, Number, Proof};
use crate::outcome::{NoReason, Outcome};
use crate::problem::Problem;
use crate::work::decision::{Decided, Plan};
use crate::work::phase::{Degraded, Phase, Releasing, Unlinking, Why};
use crate::work::steps::{cancel, needs_person};
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;

/// Somebody asks to release the number: `which`, or with `None` whichever it is.
pub(super) fn asked(plan: Plan<'_>, which: Option<NumberId>, quarantine_days: u16) -> Decided {
    let is_another = which.is_some() && which != plan.work.phase.number().map(|has| has.id);
    if is_another {
        return super::advance(plan);
    }
    match plan.work.phase.clone() {
        Phase::Ready { line } => begin(plan, line, Proof::Proven, quarantine_days),
        Phase::ReadyDegraded(degraded) => begin_degraded(plan, degraded, quarantine_days),
        Phase::NeedsPerson(stuck) => {
            if let Phase::ReadyDegraded(degraded) = *stuck.at {
                let plan = plan.enter(Phase::ReadyDegraded(degraded.clone()))?;
                begin_degraded(plan, degraded, quarantine_days)
            } else {
                plan.end()
            }
        }
        // There is nothing to release yet, or any more.
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
        | Phase::GivingBack(_)
        | Phase::Removing => super::advance(plan),
        Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removed
        | Phase::Stocked { .. } => plan.end(),
    }
}

fn begin(plan: Plan<'_>, line: Line, proof: Proof, quarantine_days: u16) -> Decided {
    let releasing = Releasing { line, proof };
    let plan = plan
        .record(Event::ReleaseAsked(quarantine_days))?
        .enter(Phase::Releasing(releasing.clone()))?;
    look(plan, &releasing)
}

/// What is given up while something is wrong with it is no number for the next business before that
/// is put right.
fn begin_degraded(plan: Plan<'_>, degraded: Degraded, quarantine_days: u16) -> Decided {
    begin(plan, degraded.line, Proof::Unproven, quarantine_days)
}

pub(super) fn look(plan: Plan<'_>, releasing: &Releasing) -> Decided {
    let id = releasing.line.number.id;
    plan.perform(Effect::ReadRow(id))
}

/// Takes the row over as it stands, unless another work is writing about the number. A degraded line's
/// row is this work's already: it is written all the same, for that write asks whether somebody wants
/// to take the number away.
pub(super) fn row_read(
    plan: Plan<'_>,
    releasing: Releasing,
    outcome: Outcome<Option<Number>, NoReason>,
) -> Decided {
    match outcome {
        Outcome::Done(Some(was)) if was.work.is_none_or(|work| work == plan.work_id()) => {
            let now = Number { work: Some(plan.work_id()), ..was.clone() };
            let line = Line { number: now.clone(), ..releasing.line };
            let claim = Change::ClaimNumber { was: Box::new(was), now: Box::new(now) };
            take_off(plan.change(claim), line, releasing.proof)
        }
        Outcome::Done(None) => {
            let at = plan.work.phase.clone();
            needs_person(plan, Problem::NumberVanished, at)
        }
        Outcome::Done(Some(_))
        | Outcome::Refused(_)
        | Outcome::Transient { .. }
        | Outcome::Unknown => later(plan),
    }
}

/// Another work is writing about the number, or the table did not answer: asked again later, a
/// bounded number of times.
pub(super) fn later(plan: Plan<'_>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        let at = plan.work.phase.clone();
        return needs_person(plan, Problem::ProviderUnavailable, at);
    }
    let until = Limits::backoff(tries, None, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}

fn take_off(plan: Plan<'_>, line: Line, proof: Proof) -> Decided {
    let unlinking = Unlinking { proof, ..Unlinking::begin(line, Why::Released) };
    let plan = plan.enter(Phase::Unlinking(unlinking.clone()))?;
    if planted!(ReleaseKeepsLink) {
        return rest(plan, unlinking, true);
    }
    cancel::unlink(plan, &unlinking)
}

/// Read back as linked to nobody. Whether anybody ever called is asked where it can be told: VAPI
/// forgets calls after a while.
pub(super) fn unlinked(plan: Plan<'_>, unlinking: Unlinking) -> Decided {
    let (line, remembered) = (&unlinking.line, plan.ctx.limits.calls_remembered);
    let recent = line.number.linked_at.is_some_and(|at| plan.now() < at.after(remembered));
    if recent {
        let (vapi, number) = (line.vapi.clone(), line.number.id);
        return plan.perform(Effect::ReadCalls { vapi, number });
    }
    rest(plan, unlinking, true)
}

/// Nobody has it, and it is linked to nobody again.
pub(super) fn unused(plan: Plan<'_>, line: Line) -> Decided {
    let number = Number { work: None, ..line.number };
    plan.update(number)
        .change(Change::Answers(line.vapi, None))
        .note(Note::Unlinked)?
        .enter(Phase::Released)?
        .end()
}

/// Whoever was never called need not rest; who may have been, does.
pub(super) fn calls_read(plan: Plan<'_>, outcome: &Outcome<bool, NoReason>) -> Decided {
    let Phase::Unlinking(unlinking) = plan.work.phase.clone() else { return plan.unexpected() };
    let called = match outcome {
        Outcome::Done(called) => *called && !planted!(CallsNotAsked),
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => {
            !planted!(UnreadCallsMeanNone)
        }
    };
    rest(plan, unlinking, called)
}

fn rest(plan: Plan<'_>, unlinking: Unlinking, called: bool) -> Decided {
    let days = if called { plan.work.quarantine_days } else { 0 };
    let without = plan.work.recipient().map(|one| Change::AssistantNumber(one.assistant, None));
    cancel::at_rest(plan, unlinking.line, days, unlinking.proof)?
        .changes(without)
        .note(Note::Released)?
        .enter(Phase::Released)?
        .end()
}
