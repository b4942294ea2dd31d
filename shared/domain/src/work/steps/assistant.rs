//! The assistant at VAPI: created once, found again if the answer was lost.

use crate::ids::VapiAssistantId;
use crate::outcome::{NoReason, Outcome};
use crate::problem::{Problem, Unresolved};
use crate::vapi::AssistantRefusal;
use crate::work::decision::{Decided, Plan};
use crate::work::phase::{Intent, Phase};
use crate::work::steps::lookup::{self, Missed};
use crate::work::steps::{cancel, needs_person, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use std::time::Duration;

pub(super) fn begin(plan: Plan<'_>) -> Decided {
    // A number for the pool has no assistant.
    if plan.work.vapi_assistant().is_some() || plan.work.recipient().is_none() {
        return sources::next(plan);
    }
    let intent = Intent::open(plan.work.stamp(), plan.now());
    create(plan, intent)
}

fn create(plan: Plan<'_>, intent: Intent) -> Decided {
    let stamp = intent.stamp.clone();
    let Some(spec) = plan.work.assistant_spec(stamp) else { return plan.unexpected() };
    let effect = Effect::CreateAssistant(Box::new(spec));
    plan.enter(Phase::CreatingAssistant { intent })?.perform(effect)
}

pub(super) fn look(plan: Plan<'_>, intent: &Intent) -> Decided {
    let effect = Effect::FindAssistant {
        stamp: intent.stamp.clone(),
        // Clocks differ: a record must not be missed because VAPI's runs a little behind ours.
        created_after: intent.opened_at.before(Duration::from_secs(600)),
    };
    plan.perform(effect)
}

pub(super) fn created(
    plan: Plan<'_>,
    outcome: Outcome<VapiAssistantId, AssistantRefusal>,
) -> Decided {
    let Phase::CreatingAssistant { intent } = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(id) => exists(plan, id),
        Outcome::Refused(refusal) => {
            let problem = Problem::from_refusal(
                refusal,
                |detail| Problem::AssistantRefused { detail },
                |never| match never {},
            );
            needs_person(plan, problem, Phase::Queued)
        }
        Outcome::Transient { retry_after } => {
            let tries = plan.work.tries.saturating_add(1);
            if tries > plan.ctx.limits.tries {
                return needs_person(plan, Problem::ProviderUnavailable, Phase::Queued);
            }
            let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
            // Back to the queue, which closes the intent.
            plan.enter(Phase::Queued)?.record(Event::Tried)?.wait(until)
        }
        Outcome::Unknown => lookup::doubt(plan, &intent, Unresolved::Assistant, |intent| {
            Phase::CreatingAssistant { intent }
        }),
    }
}

pub(super) fn found(
    plan: Plan<'_>,
    outcome: Outcome<Option<VapiAssistantId>, NoReason>,
) -> Decided {
    let Phase::CreatingAssistant { intent } = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(Some(id)) => {
            exists(plan.note(Note::FoundAgain { what: Unresolved::Assistant })?, id)
        }
        Outcome::Done(None) => match lookup::missed(&intent, &plan.ctx) {
            Missed::Again(intent, until) => {
                plan.enter(Phase::CreatingAssistant { intent })?.wait(until)
            }
            Missed::Absent(_) if plan.work.cancel_asked => cancel::nothing_held(plan),
            Missed::Absent(intent) if intent.repeats >= plan.ctx.limits.repeats => {
                lookup::unresolved(plan, Unresolved::Assistant)
            }
            Missed::Absent(intent) => {
                let plan = plan.note(Note::Repeated { what: Unresolved::Assistant })?;
                create(plan, intent.again())
            }
        },
        Outcome::Refused(_) => lookup::unresolved(plan, Unresolved::Assistant),
        Outcome::Transient { retry_after } => {
            lookup::unreadable(plan, retry_after, Unresolved::Assistant)
        }
        Outcome::Unknown => lookup::unreadable(plan, None, Unresolved::Assistant),
    }
}

fn exists(plan: Plan<'_>, id: VapiAssistantId) -> Decided {
    let Some(recipient) = plan.work.recipient() else { return plan.unexpected() };
    let change = Change::AssistantCreated(recipient.assistant, id.clone());
    let plan = plan.record(Event::AssistantCreated(id))?.change(change);
    if plan.work.cancel_asked {
        return plan.note(Note::Cancelled)?.enter(Phase::Cancelled)?.end();
    }
    sources::next(plan)
}
