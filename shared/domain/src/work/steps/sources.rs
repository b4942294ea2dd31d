//! Which source is next, and what happens when none is left.

use crate::phone::E164;
use crate::problem::Problem;
use crate::request::Match;
use crate::source::{Passed, Source};
use crate::work::decision::{Decided, Plan};
use crate::work::input::Obstacle;
use crate::work::phase::Phase;
use crate::work::steps::{
    cancel, digits, failed, free, named, needs_person, order, pool, release, scout, stock,
};
use crate::work::{Event, IllegalEvent, Work};

/// Goes to the first source not yet passed over.
pub(super) fn next(mut plan: Plan<'_>) -> Decided {
    if plan.work.cancel_asked {
        return cancel::nothing_held(plan);
    }
    for source in plan.work.request.sources.clone() {
        if plan.work.passed.iter().any(|(passed, _reason)| *passed == source) {
            continue;
        }
        if let Some(reason) = source.unsuited(&plan.work.request.wanted) {
            plan = plan.record(Event::SourcePassed(source, reason))?;
            continue;
        }
        return match source {
            Source::Pool => pool::begin(plan.enter(Phase::Claiming)?),
            Source::VapiFree => free::begin(plan.enter(Phase::CheckingAllowance)?),
            Source::OrgTwilio | Source::GlobalTwilio | Source::Telnyx => {
                scout::begin(plan.enter(Phase::Scouting)?)
            }
            Source::Manual => exhausted(plan),
        };
    }
    exhausted(plan)
}

/// The carrier's account that is looked at: the first that was not passed over and may have such a
/// number.
pub(super) fn seller(work: &Work) -> Option<Source> {
    work.request.sources.iter().copied().find(|source| {
        let sells = match source {
            Source::OrgTwilio | Source::GlobalTwilio | Source::Telnyx => true,
            Source::Pool | Source::VapiFree | Source::Manual => false,
        };
        let passed = work.passed.iter().any(|(passed, _reason)| passed == source);
        sells && !passed && source.unsuited(&work.request.wanted).is_none()
    })
}

/// Passes the source over, and goes to the next. Nothing of it may still be held.
pub(super) fn pass(plan: Plan<'_>, source: Source, reason: Passed) -> Decided {
    next(plan.record(Event::SourcePassed(source, reason))?)
}

/// No source is left but a person.
fn exhausted(plan: Plan<'_>) -> Decided {
    let wanted = &plan.work.request.wanted;
    let passed = plan.work.passed.clone();
    // Nobody waits for a number of the pool: whoever asked for it asks again.
    if plan.work.recipient().is_none() {
        return failed(plan, Problem::SourcesExhausted { passed });
    }
    let reason = passed.iter().find(|(source, _reason)| *source == Source::Telnyx);
    if wanted.picked.is_some()
        && wanted.matching == Match::Strict
        && let Some((_source, reason)) = reason
    {
        let problem = Problem::NumberUnobtainable { reason: reason.clone() };
        return needs_person(plan, problem, Phase::Queued);
    }
    needs_person(plan, Problem::SourcesExhausted { passed }, Phase::Queued)
}

/// The picked number is gone: it was binding.
pub(super) fn picked_gone(plan: Plan<'_>, alternatives: Vec<E164>) -> Decided {
    failed(plan, Problem::NumberTaken { alternatives })
}

/// Another row stood in the way of the decision just made; nothing was written.
pub(super) fn write_refused(plan: Plan<'_>, obstacle: Obstacle) -> Decided {
    match (&plan.work.phase, obstacle) {
        (Phase::CheckingAllowance, Obstacle::SlotTaken) => free::begin(plan),
        (Phase::Claiming, Obstacle::NumberGone) => pool::again(plan),
        (Phase::Releasing(_) | Phase::ReadyDegraded(_), Obstacle::NumberGone) => {
            release::later(plan)
        }
        (Phase::Taking { .. }, Obstacle::NumberGone) => named::not_free(plan),
        (Phase::Proving(_), Obstacle::NumberGone) => stock::frozen(plan),
        (Phase::Finding(_), Obstacle::DigitsTaken) => named::not_free(plan),
        (Phase::Finding(_), Obstacle::SlotTaken) => named::again(plan),
        (Phase::Scouting, Obstacle::Cap(cap)) => scout::pass(plan, Passed::CapReached { cap }),
        (Phase::Scouting, Obstacle::DigitsTaken) => scout::again(plan),
        (Phase::Failed { .. } | Phase::Cancelled, Obstacle::Superseded) => plan.end(),
        (
            Phase::AwaitingDigits(_) | Phase::Proving(_) | Phase::ReadyDegraded(_),
            Obstacle::Superseded,
        ) => cancel::superseded(plan),
        (Phase::AwaitingDigits(awaiting), Obstacle::DigitsTaken) => {
            let awaiting = awaiting.clone();
            digits::give_up(plan, Problem::DigitsClash, awaiting)
        }
        (
            Phase::CreatingFree(_)
            | Phase::Ordering(_)
            | Phase::AwaitingOrder(_)
            | Phase::Importing(_)
            | Phase::Proving(_),
            Obstacle::DigitsTaken,
        ) => order::clash(plan),
        (
            _,
            Obstacle::SlotTaken
            | Obstacle::NumberGone
            | Obstacle::Cap(_)
            | Obstacle::DigitsTaken
            | Obstacle::Superseded,
        ) => Err(IllegalEvent::Input { at: plan.work.phase.name() }),
    }
}
