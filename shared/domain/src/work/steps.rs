//! `decide`: one file per step, and here the control flow between them.

use crate::ids::Attempt;
use crate::number::Number;
use crate::outcome::{NoReason, Outcome};
use crate::problem::Problem;
use crate::time::Timestamp;
use crate::work::decision::{Context, Decided, Plan};
use crate::work::phase::Intent;
use crate::work::{Ask, Change, Event, Input, Next, Note, Ordering, Phase, Stuck, Work};

mod assistant;
mod cancel;
mod digits;
mod free;
mod give_back;
mod import;
mod lookup;
mod named;
mod order;
mod pool;
mod prove;
mod release;
mod removal;
mod repair;
mod scout;
mod sources;
mod stock;
mod update;

/// What is to be done next.
///
/// Pure and total: the same work, input and context give the same decision.
///
/// # Errors
/// [`crate::work::IllegalEvent`] when the input cannot arrive where the work stands; that is a bug
/// of the caller, and nothing may be written.
pub fn decide(work: &Work, input: Input, ctx: Context<'_>) -> Decided {
    let decision = step(work, input, ctx)?;
    if matches!(decision.next, Next::Do(_)) {
        return Ok(decision);
    }
    if removal::is_due(&decision.work) {
        return removal::begin(Plan::going_on(decision, ctx));
    }
    update::before_leaving(decision, ctx)
}

fn step(work: &Work, input: Input, ctx: Context<'_>) -> Decided {
    let plan = Plan::new(work, ctx);
    let plan = if input.is_end() { plan } else { update::taken_over(plan)? };
    if plan.work.cancel_asked
        && input.is_end()
        && let Some(decided) = cancel::begin(&plan)
    {
        return decided(plan);
    }
    match input {
        Input::Resumed => advance(plan),
        Input::Asked(Ask::Cancel) => cancel::asked(plan),
        // Who asked before the doubt arose has not looked, and nobody else may say so.
        Input::Asked(Ask::Retry) if plan.work.phase.is_in_doubt() => plan.end(),
        Input::Asked(Ask::Retry) => retry(plan, Intent::doubted_anew),
        Input::Asked(Ask::Repeat) => retry(plan, Intent::reopened),
        Input::Asked(Ask::Repair) => repair::asked(plan),
        Input::Asked(Ask::Release { number, quarantine_days }) => {
            release::asked(plan, number, quarantine_days)
        }
        Input::Asked(Ask::Update) => update::asked(plan),
        Input::Asked(Ask::Remove { quarantine_days }) => removal::asked(plan, quarantine_days),
        Input::Asked(Ask::Assign { number }) => named::asked(plan, number),
        Input::WriteRefused(obstacle) => sources::write_refused(plan, obstacle),
        Input::AssistantCreated(outcome) => assistant::created(plan, outcome),
        Input::AssistantFound(outcome) => assistant::found(plan, outcome),
        Input::PoolSearched(outcome) => pool::searched(plan, outcome),
        Input::RowRead(outcome) => row_read(plan, outcome),
        Input::AllowanceRead(outcome) => free::allowance_read(plan, outcome),
        Input::FreeCreated(outcome) => free::created(plan, outcome),
        Input::FreeFound(outcome) => free::found(plan, outcome),
        Input::NumberRead(outcome) => {
            if let Phase::Unlinking(unlinking) = &plan.work.phase {
                let unlinking = unlinking.clone();
                cancel::read_back(plan, unlinking, outcome)
            } else if let Phase::GivingBack(_) = &plan.work.phase {
                give_back::record_read(plan, outcome)
            } else {
                digits::read(plan, outcome)
            }
        }
        Input::Scouted(outcome) => scout::scouted(plan, outcome),
        Input::NumberFound(outcome) => named::found(plan, outcome),
        Input::Adopted(outcome) => named::adopted(plan, outcome),
        Input::OrderPlaced(outcome) => order::placed(plan, outcome),
        Input::BoughtAtTwilio(outcome) => order::purchased(plan, *outcome),
        Input::OrderFound(outcome) => order::found(plan, outcome),
        Input::OrderChecked(outcome) => order::checked(plan, outcome),
        Input::Imported(outcome) => import::imported(plan, outcome),
        Input::ImportFound(outcome) => import::found(plan, outcome),
        Input::LineRead(reading) => prove::read(plan, reading),
        Input::Linked(outcome) => prove::linked(plan, &outcome),
        Input::Unlinked(outcome) => cancel::unlinked(plan, &outcome),
        Input::Routed(outcome) => prove::routed(plan, &outcome),
        Input::RecordRemoved(outcome) => give_back::removed(plan, outcome, |never| match never {}),
        Input::OwnedRead(outcome) => give_back::owned_read(plan, outcome),
        Input::ReadAtTwilio(outcome) => give_back::read_at_twilio(plan, *outcome),
        Input::PutBack(outcome) => {
            give_back::removed(plan, outcome, |_missing| Problem::NumberVanished)
        }
        Input::OwnedRemoved(outcome) => give_back::removed(plan, outcome, give_back::locked),
        Input::CallsRead(outcome) => release::calls_read(plan, &outcome),
        Input::AssistantUpdated(outcome) => update::updated(plan, outcome),
        Input::AssistantDeleted(outcome) => removal::deleted(plan, outcome),
    }
}

/// A number's row, read by whoever is about to take it over.
fn row_read(plan: Plan<'_>, outcome: Outcome<Option<Number>, NoReason>) -> Decided {
    if let Phase::Releasing(releasing) = &plan.work.phase {
        let releasing = releasing.clone();
        release::row_read(plan, releasing, outcome)
    } else if let Phase::Taking { .. } = plan.work.phase {
        named::row_read(plan, outcome)
    } else if let Phase::ReadyDegraded(degraded) = &plan.work.phase {
        let degraded = degraded.clone();
        repair::row_read(plan, degraded, outcome)
    } else {
        pool::row_read(plan, outcome)
    }
}

/// Goes on where the work stands. With an intent open that means: look, do not repeat.
fn advance(plan: Plan<'_>) -> Decided {
    let plan = lookup::taken_over(plan)?;
    if plan.work.cancel_asked
        && let Some(decided) = cancel::begin(&plan)
    {
        return decided(plan);
    }
    match plan.work.phase.clone() {
        Phase::Queued => assistant::begin(plan),
        Phase::CreatingAssistant { intent } => assistant::look(plan, &intent),
        Phase::Claiming => pool::begin(plan),
        Phase::CheckingAllowance => free::begin(plan),
        Phase::CreatingFree(creating) => free::look(plan, &creating),
        Phase::AwaitingDigits(awaiting) => digits::look(plan, &awaiting),
        Phase::Scouting => scout::begin(plan),
        Phase::Ordering(ordering) => order::look(plan, &ordering),
        Phase::AwaitingOrder(awaiting) => order::check(plan, &awaiting),
        Phase::Taking { number } => named::take(plan, number),
        Phase::Finding(finding) => named::find(plan, &finding),
        Phase::Adopting(adopting) => named::adopt(plan, &adopting),
        Phase::Bought(bought) => import::begin(plan, bought),
        Phase::Importing(importing) => import::look(plan, &importing),
        Phase::Proving(proving) => prove::look(plan, &proving.line),
        Phase::Releasing(releasing) => release::look(plan, &releasing),
        Phase::Unlinking(unlinking) => cancel::go_on(plan, unlinking),
        Phase::GivingBack(giving) => give_back::look(plan, &giving),
        Phase::ReadyDegraded(degraded) => repair::look(plan, &degraded),
        // A webhook may tell that what a person was waited for has come.
        Phase::NeedsPerson(stuck) => {
            if let Phase::AwaitingOrder(awaiting) = *stuck.at {
                let plan = plan.enter(Phase::AwaitingOrder(awaiting.clone()))?;
                order::check(plan, &awaiting)
            } else {
                plan.end()
            }
        }
        Phase::Removing => removal::delete(plan),
        Phase::Ready { .. }
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removed
        | Phase::Stocked { .. } => plan.end(),
    }
}

/// Tries again what failed or waits for a person, an open intent `anew`; wakes what is under way.
fn retry(plan: Plan<'_>, anew: fn(Intent, Timestamp) -> Intent) -> Decided {
    match plan.work.phase.clone() {
        // It goes on to be deleted, and gets no number before.
        Phase::Failed { .. } | Phase::Cancelled if plan.work.removal_asked() => plan.end(),
        Phase::Failed { .. } | Phase::Cancelled => {
            let latest = plan.work.recipient().map(|one| Change::ConfirmLatest(one.assistant));
            match begin_attempt(plan)? {
                Ok(plan) => advance(plan.enter(Phase::Queued)?.changes(latest)),
                Err(plan) => plan.end(),
            }
        }
        Phase::NeedsPerson(stuck) => match begin_attempt(plan)? {
            Ok(plan) => {
                let now = plan.now();
                let at = goes_on(stuck, |intent| anew(intent, now));
                let watched = if let Phase::AwaitingDigits(awaiting) = &at
                    && !awaiting.last_look
                {
                    Some(Change::Watch(awaiting.line.vapi.clone()))
                } else {
                    None
                };
                let plan = plan.enter(at)?;
                advance(if let Some(watch) = watched { plan.change(watch) } else { plan })
            }
            Err(plan) => plan.end(),
        },
        Phase::Ready { .. } | Phase::Released | Phase::Removed | Phase::Stocked { .. } => {
            plan.end()
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
        | Phase::GivingBack(_)
        | Phase::Removing
        | Phase::ReadyDegraded(_) => advance(plan),
    }
}

/// Where a retry goes on. What was in doubt is looked up from the beginning.
fn goes_on(stuck: Stuck, anew: impl FnOnce(Intent) -> Intent) -> Phase {
    let at = stuck.at.map_intent(anew);
    if let Phase::AwaitingDigits(awaiting) = at {
        Phase::AwaitingDigits(digits::again(awaiting, &stuck.problem))
    } else if let Phase::Ordering(ordering) = at {
        // The first order may be ours as well: only looks can tell whose the number is.
        Phase::Ordering(Ordering { said_taken: false, ..ordering })
    } else {
        give_back::again(at, &stuck.problem)
    }
}

/// The next attempt, or the plan as it was when none is left.
fn begin_attempt(plan: Plan<'_>) -> Result<Result<Plan<'_>, Plan<'_>>, crate::work::IllegalEvent> {
    match plan.work.attempt.next() {
        Some(next) if next <= Attempt::MAX => Ok(Ok(plan.record(Event::AttemptStarted(next))?)),
        _ => Ok(Err(plan)),
    }
}

/// Stops until a person acts; everything held stays held, and a retry goes on at `at`.
fn needs_person(plan: Plan<'_>, problem: Problem, at: Phase) -> Decided {
    plan.note(Note::NeedsPerson { problem: problem.clone() })?
        .enter(Phase::NeedsPerson(Stuck { problem, at: Box::new(at) }))?
        .end()
}

/// Ends: nothing is held.
fn failed(plan: Plan<'_>, problem: Problem) -> Decided {
    plan.note(Note::Failed { problem: problem.clone() })?.enter(Phase::Failed { problem })?.end()
}
