//! Waiting for the digits of a free number: minutes, without holding anything.

use crate::number::State;
use crate::outcome::{Missing, Outcome, Refusal};
use crate::problem::Problem;
use crate::request::NumberType;
use crate::source::{Passed, Source};
use crate::vapi::{Digits, NumberStatus, VapiNumber};
use crate::work::decision::{Decided, HistoryEvent, Plan};
use crate::work::phase::{AwaitingDigits, Phase, Proving};
use crate::work::steps::{needs_person, prove, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;
use std::time::Duration;

pub(super) fn look(plan: Plan<'_>, awaiting: &AwaitingDigits) -> Decided {
    let vapi = awaiting.line.vapi.clone();
    plan.perform(Effect::ReadNumber(vapi))
}

/// A retry goes on waiting; after the number itself was given up, one last look decides.
pub(super) fn again(awaiting: AwaitingDigits, problem: &Problem) -> AwaitingDigits {
    let given_up = matches!(problem, Problem::DigitsMissing | Problem::NumberVanished);
    AwaitingDigits { last_look: awaiting.last_look || given_up, ..awaiting }
}

/// A person must act. The watch must not list every ten seconds for a number nobody waits for.
pub(super) fn give_up(plan: Plan<'_>, problem: Problem, awaiting: AwaitingDigits) -> Decided {
    let plan = plan.change(Change::Unwatch);
    needs_person(plan, problem, Phase::AwaitingDigits(awaiting))
}

pub(super) fn read(plan: Plan<'_>, outcome: Outcome<VapiNumber, Missing>) -> Decided {
    let Phase::AwaitingDigits(awaiting) = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(number) => shown(plan, awaiting, &number),
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => {
            let lag_over = awaiting.since.after(plan.ctx.limits.lag);
            if awaiting.last_look || plan.now() < lag_over {
                return not_yet(plan, awaiting);
            }
            give_up(plan, Problem::NumberVanished, awaiting)
        }
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => {
            give_up(plan, Problem::KeyRejected, awaiting)
        }
        Outcome::Transient { retry_after } => unread(plan, awaiting, retry_after),
        Outcome::Refused(Refusal::Request(_)) | Outcome::Unknown => unread(plan, awaiting, None),
    }
}

/// Nothing was seen: the last look is still to be taken.
fn unread(plan: Plan<'_>, awaiting: AwaitingDigits, retry_after: Option<Duration>) -> Decided {
    if !awaiting.last_look {
        return not_yet(plan, awaiting);
    }
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return give_up(plan, Problem::ProviderUnavailable, awaiting);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}

fn shown(plan: Plan<'_>, mut awaiting: AwaitingDigits, number: &VapiNumber) -> Decided {
    match number.status {
        NumberStatus::Blocked => return unusable(plan, awaiting),
        NumberStatus::Active | NumberStatus::Activating | NumberStatus::Unknown => {}
    }
    awaiting.line.number.sip_uri.clone_from(&number.sip_uri);
    let sip = awaiting.line.number.number_type == NumberType::Sip;
    let shows = match &number.digits {
        Digits::Known(_) => true,
        Digits::Absent | Digits::Masked if planted!(ReadyWithoutDigits) => true,
        Digits::Absent | Digits::Masked => sip && number.sip_uri.is_some(),
    };
    if !shows || number.status != NumberStatus::Active {
        return not_yet(plan, awaiting);
    }
    let plan = plan.note(Note::DigitsArrived)?.change(Change::Unwatch);
    let proving = Proving { line: awaiting.line, links: 0, routes: 0 };
    prove::at_vapi(plan, proving, number)
}

fn not_yet(plan: Plan<'_>, mut awaiting: AwaitingDigits) -> Decided {
    let now = plan.now();
    let limits = plan.ctx.limits;
    if awaiting.last_look {
        return unusable(plan, awaiting);
    }
    if now >= awaiting.since.after(limits.digits_give_up) {
        return give_up(plan, Problem::DigitsMissing, awaiting);
    }
    let (until, watched) = limits.digits_check(awaiting.since, now);
    let late = now >= awaiting.since.after(limits.digits_late) && !awaiting.late;
    let plan = if late { plan.note(Note::DigitsLate)? } else { plan };
    awaiting.late |= late;
    plan.enter(Phase::AwaitingDigits(awaiting))?.wait_watched(until, watched)
}

/// A free number that fails costs nothing: it is set aside for a person, and another is sought.
/// Its slot stays with it, as VAPI still counts it.
fn unusable(plan: Plan<'_>, awaiting: AwaitingDigits) -> Decided {
    let mut number = awaiting.line.number;
    number.state = State::Corrupted;
    number.work = None;
    let id = number.id;
    let plan = plan
        .update(number)
        .change(Change::Unwatch)
        .change(Change::History(id, HistoryEvent::Corrupted));
    sources::pass(plan, Source::VapiFree, Passed::NumberUnusable)
}
