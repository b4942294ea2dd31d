//! A number that nobody uses: claimed by one conditional write, then linked and read back.
//!
//! Only numbers that were read back as answering, and then as linked to nobody, are in the pool, so
//! that a claimed one needs one link and one reading. Whatever VAPI shows linked is overridden: our
//! table says that the number is nobody's.

use crate::ids::VapiNumberId;
use crate::number::{Line, Number, State};
use crate::outcome::{NoReason, Outcome};
use crate::problem::Problem;
use crate::source::{Passed, Source};
use crate::work::decision::{Decided, HistoryEvent, Plan};
use crate::work::input::PoolSearch;
use crate::work::phase::{Phase, Proving};
use crate::work::steps::{failed, sources};
use crate::work::{Change, Effect, Event, Limits, Note, Work};
use planted::planted;

pub(super) fn begin(plan: Plan<'_>) -> Decided {
    let request = &plan.work.request;
    if let Some(former) = request.reclaim {
        return plan.perform(Effect::ReadRow(former));
    }
    let search = PoolSearch {
        wanted: request.wanted.clone(),
        organization: plan.work.organization.clone(),
        from: plan.ctx.entropy(),
    };
    plan.perform(Effect::SearchPool(search))
}

pub(super) fn searched(plan: Plan<'_>, outcome: Outcome<Vec<Number>, NoReason>) -> Decided {
    let Phase::Claiming = plan.work.phase else { return plan.unexpected() };
    match outcome {
        Outcome::Done(found) => {
            let wanted = &plan.work.request.wanted;
            let elsewhere = |number: &Number| !number.is_in(wanted.area_code.as_ref());
            let usable = found.into_iter().filter(|number| may_be_claimed(&plan.work, number));
            // In the wanted area if there is one, then whichever rested the longest.
            let best = usable.min_by_key(|number| (elsewhere(number), number.state.free_since()));
            match best.and_then(|number| Some((number.vapi.clone()?, number))) {
                Some((vapi, number)) => claim(plan, number, vapi),
                None => nothing(plan, Passed::PoolEmpty),
            }
        }
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => not_now(plan),
    }
}

/// The row of the number that is to be had back.
pub(super) fn row_read(plan: Plan<'_>, outcome: Outcome<Option<Number>, NoReason>) -> Decided {
    searched(plan, outcome.map(|row| row.into_iter().collect()))
}

/// Whether the work may have this number: nobody's, or resting and formerly this business's.
fn may_be_claimed(work: &Work, number: &Number) -> bool {
    let asked_back = work.request.reclaim == Some(number.id);
    let free = number.work.is_none() && number.vapi.is_some() && work.is_served_by(number);
    match &number.state {
        State::Available { .. } if work.request.reclaim.is_some() => free && asked_back,
        State::Available { .. } => free && number.fits(&work.request.wanted),
        State::Quarantined { former, .. } => {
            free && asked_back && work.had(number, former.as_ref())
        }
        State::Acquiring
        | State::Reserved
        | State::Assigned { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => false,
    }
}

/// Takes it and links it; the reading that follows tells whether it answers.
pub(super) fn claim(plan: Plan<'_>, was: Number, vapi: VapiNumberId) -> Decided {
    let Some(assistant) = plan.work.vapi_assistant().cloned() else { return plan.unexpected() };
    let (now, limits) = (plan.now(), plan.ctx.limits);
    let claimed = Number {
        // Whoever paid for it, it is this organization's from now on.
        organization: if planted!(ClaimKeepsOrganization) {
            was.organization.clone()
        } else {
            plan.work.organization.clone()
        },
        state: State::Reserved,
        work: Some(plan.work_id()),
        linked_at: Some(now),
        ..was.clone()
    };
    let provider = claimed.carrier.provider();
    let lands_by = Some(now.after(limits.call_deadline).after(limits.lag));
    let line = Line { number: claimed.clone(), vapi: vapi.clone(), link_lands_by: lands_by };
    let effect = Effect::Link { vapi, provider, elsewhere: false, assistant };
    plan.note(Note::NumberClaimed)?
        .change(Change::ClaimNumber { was: Box::new(was), now: Box::new(claimed) })
        .enter(Phase::Proving(Proving { line, links: 1, routes: 0 }))?
        .perform(effect)
}

/// The number went to another before this claim was written: searched anew, a bounded number of
/// times.
pub(super) fn again(plan: Plan<'_>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return nothing(plan, Passed::NumbersTaken);
    }
    begin(plan.record(Event::Tried)?)
}

/// What was claimed turned out not to be usable: a person must look at it, and another is sought.
pub(super) fn unusable(plan: Plan<'_>, mut number: Number) -> Decided {
    number.state = State::Corrupted;
    number.work = None;
    let id = number.id;
    let plan = plan.update(number).change(Change::History(id, HistoryEvent::Corrupted));
    if plan.work.request.reclaim.is_some() {
        return nothing(plan, Passed::NumberUnusable);
    }
    again(plan.enter(Phase::Claiming)?)
}

/// A former number that cannot be had back is gone; whoever wanted any number tries elsewhere.
fn nothing(plan: Plan<'_>, reason: Passed) -> Decided {
    if plan.work.request.reclaim.is_some() {
        return failed(plan, Problem::NumberTaken { alternatives: Vec::new() });
    }
    sources::pass(plan, Source::Pool, reason)
}

/// The table did not answer: looked again later, a bounded number of times.
fn not_now(plan: Plan<'_>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return nothing(plan, Passed::Unavailable);
    }
    let until = Limits::backoff(tries, None, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}
