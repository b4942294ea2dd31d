//! Telling VAPI of a change of the assistant, beside whatever else the work does.
//!
//! It is done when the work would be left, at a wait or an end, so that it never comes between an
//! intent and its create. Everything is sent each time and the last one sent decides: so the one
//! that counts is sent when nothing that was sent before can still land.

use crate::outcome::{Missing, Outcome, Refusal};
use crate::problem::Problem;
use crate::work::decision::{Decided, Plan};
use crate::work::{
    Change, Context, Decision, Effect, Event, IllegalEvent, Limits, Next, Note, Update,
};
use planted::planted;
use std::time::Duration;

/// Somebody changed the assistant. What is under way goes on.
pub(super) fn asked(plan: Plan<'_>) -> Decided {
    if plan.work.removal_asked() || planted!(ChangeNotHeard) {
        return super::advance(plan);
    }
    let update = Update::asked(plan.work.update(), plan.now());
    super::advance(plan.record(Event::Updating(Some(update)))?)
}

/// What a dead holder sent may still land for a while.
pub(super) fn taken_over(plan: Plan<'_>) -> Result<Plan<'_>, IllegalEvent> {
    match plan.work.update() {
        Some(update) if plan.ctx.took_over => {
            let limits = plan.ctx.limits;
            let lands_by = plan.now().after(limits.call_deadline).after(limits.lag);
            plan.record(Event::Updating(Some(Update { lands_by: Some(lands_by), ..update })))
        }
        Some(_) | None => Ok(plan),
    }
}

/// Sends what is to be sent before a work is left, or says when it is.
pub(super) fn before_leaving(decision: Decision, ctx: Context<'_>) -> Decided {
    let Some((update, vapi)) = decision.work.pending_update() else { return Ok(decision) };
    if ctx.now >= update.next_at {
        let (vapi, stamp) = (vapi.clone(), decision.work.stamp());
        let spec = decision.work.assistant_spec(stamp).map(Box::new);
        let plan = Plan::going_on(decision, ctx);
        let Some(spec) = spec else { return plan.unexpected() };
        return plan.perform(Effect::UpdateAssistant { vapi, spec });
    }
    let next_at = update.next_at;
    let next = match decision.next {
        Next::Wait { until, watched } => Next::Wait { until: until.min(next_at), watched },
        Next::End => Next::Wait { until: next_at, watched: false },
        effect @ Next::Do(_) => effect,
    };
    Ok(Decision { next, ..decision })
}

pub(super) fn updated(plan: Plan<'_>, outcome: Outcome<u64, Missing>) -> Decided {
    let Some(update) = plan.work.update() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(version) => done(plan, update, version),
        Outcome::Transient { retry_after } => again(plan, update, retry_after),
        // It may land later: what is sent after that counts.
        Outcome::Unknown => {
            let lands_by = Some(plan.now().after(plan.ctx.limits.lag)).max(update.lands_by);
            again(plan, Update { lands_by, ..update }, None)
        }
        // A record may lag its creation.
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => {
            if update.tries >= plan.ctx.limits.tries {
                return failed(plan, Problem::AssistantVanished);
            }
            again(plan, update, None)
        }
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => again(plan, update, None),
        Outcome::Refused(Refusal::Request(detail)) => {
            failed(plan, Problem::AssistantRefused { detail })
        }
    }
}

fn done(plan: Plan<'_>, update: Update, version: u64) -> Decided {
    let Some(recipient) = plan.work.recipient() else { return plan.unexpected() };
    let told = Change::AssistantApplied(recipient.assistant, version);
    let sent_at = plan.ctx.asked_at;
    let left = match update.lands_by {
        Some(lands_by) if sent_at < lands_by => {
            Some(Update { next_at: lands_by.max(plan.now()), tries: 0, ..update })
        }
        Some(_) | None => None,
    };
    super::advance(plan.record(Event::Updating(left))?.change(told))
}

fn again(plan: Plan<'_>, update: Update, retry_after: Option<Duration>) -> Decided {
    let tries = update.tries.saturating_add(1);
    if tries > plan.ctx.limits.updates {
        return failed(plan, Problem::ProviderUnavailable);
    }
    let next_at = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    super::advance(plan.record(Event::Updating(Some(Update { next_at, tries, ..update })))?)
}

/// It is given up, and told; the next change sends all of it again.
fn failed(plan: Plan<'_>, problem: Problem) -> Decided {
    super::advance(plan.note(Note::UpdateFailed { problem })?.record(Event::Updating(None))?)
}
