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
use crate::work::{Change, Effect, Note};

pub(super) fn look(plan: Plan<'_>, awaiting: &AwaitingDigits) -> Decided {
    let vapi = awaiting.line.vapi.clone();
    plan.perform(Effect::ReadNumber(vapi))
}

/// Where a retry goes on: after the digits were given up, one last look decides.
pub(super) fn last_look(at: Phase) -> Phase {
    if let Phase::AwaitingDigits(awaiting) = at {
        Phase::AwaitingDigits(AwaitingDigits { last_look: true, ..awaiting })
    } else {
        at
    }
}

pub(super) fn read(plan: Plan<'_>, outcome: Outcome<VapiNumber, Missing>) -> Decided {
    let Phase::AwaitingDigits(awaiting) = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(number) => shown(plan, awaiting, &number),
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => {
            let lag_over = awaiting.since.after(plan.ctx.limits.lag);
            if plan.now() < lag_over {
                return not_yet(plan, awaiting);
            }
            needs_person(plan, Problem::NumberVanished, Phase::AwaitingDigits(awaiting))
        }
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => {
            needs_person(plan, Problem::KeyRejected, Phase::AwaitingDigits(awaiting))
        }
        Outcome::Refused(Refusal::Request(_)) | Outcome::Transient { .. } | Outcome::Unknown => {
            not_yet(plan, awaiting)
        }
    }
}

fn shown(plan: Plan<'_>, mut awaiting: AwaitingDigits, number: &VapiNumber) -> Decided {
    match number.status {
        NumberStatus::Blocked => return unusable(plan, awaiting),
        NumberStatus::Active | NumberStatus::Activating | NumberStatus::Unknown => {}
    }
    awaiting.line.number.sip_uri.clone_from(&number.sip_uri);
    let sip = awaiting.line.number.number_type == NumberType::Sip;
    match (&number.digits, number.status) {
        (Digits::Known(digits), NumberStatus::Active) => {
            awaiting.line.number.digits = Some(digits.clone());
        }
        (_, NumberStatus::Active) if sip && number.sip_uri.is_some() => {}
        _ => return not_yet(plan, awaiting),
    }
    let plan = plan.note(Note::DigitsArrived)?;
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
        // The watch must not list every ten seconds for a number nobody believes in any more.
        let plan = plan.change(Change::Unwatch);
        return needs_person(plan, Problem::DigitsMissing, Phase::AwaitingDigits(awaiting));
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
