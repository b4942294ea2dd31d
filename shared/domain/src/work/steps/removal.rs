//! Deleting the assistant: first the number comes off it, by the rules of a release or a cancel;
//! nothing is deleted at VAPI but the assistant.

use crate::outcome::{Outcome, Refusal};
use crate::problem::Problem;
use crate::vapi::DeleteAssistantRefusal;
use crate::work::decision::{Decided, Plan};
use crate::work::phase::Phase;
use crate::work::steps::{cancel, needs_person, release};
use crate::work::{Change, Effect, Event, Limits, Note, Work};
use std::time::Duration;

/// Somebody asks to delete the assistant.
pub(super) fn asked(plan: Plan<'_>, quarantine_days: u16) -> Decided {
    if plan.work.recipient().is_none() {
        return super::advance(plan);
    }
    let plan = if plan.work.removal_asked() { plan } else { plan.record(Event::RemovalAsked)? };
    let ready = if let Phase::NeedsPerson(stuck) = &plan.work.phase {
        if *stuck.at == Phase::Removing {
            return super::advance(plan.enter(Phase::Removing)?);
        }
        stuck.at.is_ready()
    } else {
        plan.work.phase.is_ready()
    };
    if ready {
        return release::asked(plan, None, quarantine_days);
    }
    if plan.work.cancel_asked { super::advance(plan) } else { cancel::asked(plan) }
}

/// Whether nothing is left of the work but to delete the assistant.
pub(super) fn is_due(work: &Work) -> bool {
    work.removal_asked() && work.phase.is_over() && work.phase != Phase::Removed
}

pub(super) fn begin(plan: Plan<'_>) -> Decided {
    delete(plan.enter(Phase::Removing)?)
}

pub(super) fn delete(plan: Plan<'_>) -> Decided {
    match plan.work.vapi_assistant().cloned() {
        Some(vapi) => plan.perform(Effect::DeleteAssistant(vapi)),
        None => gone(plan),
    }
}

pub(super) fn deleted(plan: Plan<'_>, outcome: Outcome<(), DeleteAssistantRefusal>) -> Decided {
    match outcome {
        Outcome::Done(()) => gone(plan),
        // Its own number is off it. A record may lag; whatever else refers to it is not ours.
        Outcome::Refused(Refusal::Because(DeleteAssistantRefusal::Pinned)) => {
            later(plan, None, Problem::AssistantPinned)
        }
        Outcome::Transient { retry_after } => {
            later(plan, retry_after, Problem::ProviderUnavailable)
        }
        Outcome::Unknown => later(plan, None, Problem::ProviderUnavailable),
        Outcome::Refused(Refusal::Key) => stuck(plan, Problem::KeyRejected),
        Outcome::Refused(Refusal::NotConfigured) => stuck(plan, Problem::NotConfigured),
        Outcome::Refused(Refusal::Request(detail)) => {
            stuck(plan, Problem::AssistantRefused { detail })
        }
    }
}

fn gone(plan: Plan<'_>) -> Decided {
    let Some(recipient) = plan.work.recipient() else { return plan.unexpected() };
    let assistant = recipient.assistant;
    plan.change(Change::DropAssistant(assistant)).note(Note::Removed)?.enter(Phase::Removed)?.end()
}

fn later(plan: Plan<'_>, retry_after: Option<Duration>, problem: Problem) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return stuck(plan, problem);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}

fn stuck(plan: Plan<'_>, problem: Problem) -> Decided {
    needs_person(plan, problem, Phase::Removing)
}
