//! Reading the providers back: `Ready` is what they say, not what we sent.
//!
//! A link or a route that differs is put right a bounded number of times, and read again. A link
//! that does not hold needs a person; a route that does not hold ends as degraded, which goes on
//! checking by itself.

use crate::assistant::AssignedNumber;
use crate::ids::WorkId;
use crate::number::{Carrier, Guard, Line, State};
use crate::outcome::{Missing, Outcome, Refusal};
use crate::problem::Problem;
use crate::request::NumberType;
use crate::source::{Passed, Source};
use crate::telnyx::OwnedStatus;
use crate::twilio;
use crate::vapi::{Digits, NumberStatus, VapiNumber};
use crate::work::decision::{Decided, HistoryEvent, Plan};
use crate::work::input::{CarrierReading, LineReading};
use crate::work::phase::{AwaitingDigits, Degraded, Phase, Proving};
use crate::work::steps::{needs_person, pool, sources, stock};
use crate::work::{AtCarrier, Change, Effect, Event, IllegalEvent, Limits, Note};
use planted::planted;
use std::time::Duration;

pub(super) fn look(plan: Plan<'_>, line: &Line) -> Decided {
    let carrier = match &line.number.carrier {
        Carrier::Telnyx { id: Some(id), .. } => AtCarrier::Telnyx(id.clone()),
        Carrier::Twilio { home, id: Some(id), .. } => AtCarrier::Twilio(home.clone(), id.clone()),
        Carrier::Vapi { .. }
        | Carrier::Unknown
        | Carrier::Telnyx { id: None, .. }
        | Carrier::Twilio { id: None, .. } => AtCarrier::Nowhere,
    };
    let vapi = line.vapi.clone();
    plan.perform(Effect::ReadLine { vapi, carrier })
}

/// What is being proven, whether for the first time or while degraded.
fn subject(plan: &Plan<'_>) -> Option<Proving> {
    if let Phase::ReadyDegraded(degraded) = &plan.work.phase {
        let line = degraded.line.clone();
        return Some(Proving { line, links: degraded.links, routes: degraded.routes });
    }
    if let Phase::Proving(proving) = &plan.work.phase { Some(proving.clone()) } else { None }
}

/// The phase with the counts of repairs moved on.
fn counted(plan: &Plan<'_>, proving: Proving) -> Phase {
    if let Phase::ReadyDegraded(degraded) = &plan.work.phase {
        Phase::ReadyDegraded(Degraded {
            line: proving.line,
            links: proving.links,
            routes: proving.routes,
            ..degraded.clone()
        })
    } else {
        Phase::Proving(proving)
    }
}

pub(super) fn read(plan: Plan<'_>, reading: LineReading) -> Decided {
    let Some(proving) = subject(&plan) else { return plan.unexpected() };
    match reading.vapi {
        Outcome::Done(number) => match &proving.line.number.carrier {
            Carrier::Vapi { .. } => at_vapi(plan, proving, &number),
            Carrier::Telnyx { .. } | Carrier::Twilio { .. } if planted!(ReadyWithoutCarrier) => {
                at_vapi(plan, proving, &number)
            }
            Carrier::Telnyx { .. } | Carrier::Twilio { .. } | Carrier::Unknown => {
                match checked_at_vapi(plan, proving, &number)? {
                    Checked::Right(right) => at_carrier(right.0, right.1, reading.carrier),
                    Checked::Decided(decided) => Ok(*decided),
                }
            }
        },
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => {
            let lag_over = plan.work.entered_at.after(plan.ctx.limits.lag);
            if plan.now() < lag_over {
                return later(plan, None, Problem::NumberVanished);
            }
            if proving.line.number.state == State::Reserved {
                return pool::unusable(plan, proving.line.number);
            }
            let at = plan.work.phase.clone();
            needs_person(plan, Problem::NumberVanished, at)
        }
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => {
            let at = plan.work.phase.clone();
            needs_person(plan, Problem::KeyRejected, at)
        }
        Outcome::Refused(Refusal::Request(_)) | Outcome::Unknown => {
            later(plan, None, Problem::ProviderUnavailable)
        }
        Outcome::Transient { retry_after } => {
            later(plan, retry_after, Problem::ProviderUnavailable)
        }
    }
}

/// VAPI's side is right, or something was decided about it.
enum Checked<'a> {
    Right(Box<(Plan<'a>, Proving)>),
    Decided(Box<crate::work::Decision>),
}

/// A number VAPI itself carries: its word is the whole proof.
pub(super) fn at_vapi(plan: Plan<'_>, proving: Proving, number: &VapiNumber) -> Decided {
    match checked_at_vapi(plan, proving, number)? {
        Checked::Right(right) => ready(right.0, right.1.line),
        Checked::Decided(decided) => Ok(*decided),
    }
}

fn checked_at_vapi<'a>(
    plan: Plan<'a>,
    mut proving: Proving,
    number: &VapiNumber,
) -> Result<Checked<'a>, IllegalEvent> {
    let decided = |decided: Decided| decided.map(|d| Checked::Decided(Box::new(d)));
    match number.status {
        NumberStatus::Active => {}
        NumberStatus::Blocked => return decided(blocked(plan, proving)),
        NumberStatus::Activating | NumberStatus::Unknown => {
            return decided(later(plan, None, Problem::NumberBlocked));
        }
    }
    let sip = proving.line.number.number_type == NumberType::Sip;
    let digits = match &number.digits {
        Digits::Known(digits) => match &proving.line.number.digits {
            Some(ours) if ours != digits => {
                let at = counted(&plan, proving);
                return decided(needs_person(plan, Problem::DigitsClash, at));
            }
            Some(_) | None => Some(digits.clone()),
        },
        Digits::Absent | Digits::Masked if planted!(ReadyWithoutDigits) => None,
        Digits::Absent | Digits::Masked if sip && number.sip_uri.is_some() => None,
        Digits::Absent | Digits::Masked => {
            return decided(later(plan, None, Problem::DigitsMissing));
        }
    };
    proving.line.number.sip_uri.clone_from(&number.sip_uri);
    let ours = number.assistant == plan.work.answerer()? || planted!(ReadyWithoutAssistant);
    if ours && !number.linked_elsewhere {
        // Digits new to us enter the row only now, together with their guard.
        proving.line.number.digits = digits;
        return Ok(Checked::Right(Box::new((plan, proving))));
    }
    decided(link(plan, proving, number))
}

fn link(plan: Plan<'_>, proving: Proving, at_vapi: &VapiNumber) -> Decided {
    let assistant = plan.work.answerer()?;
    if proving.links >= plan.ctx.limits.repairs {
        let again = Proving { links: 0, ..proving };
        let at = counted(&plan, again);
        return needs_person(plan, Problem::LinkLost, at);
    }
    let vapi = proving.line.vapi.clone();
    let mut again = Proving { links: proving.links.saturating_add(1), ..proving };
    let limits = plan.ctx.limits;
    again.line.link_lands_by = Some(plan.now().after(limits.call_deadline).after(limits.lag));
    let phase = counted(&plan, again);
    let (provider, elsewhere) = (at_vapi.provider, at_vapi.linked_elsewhere);
    let effect = match assistant {
        Some(assistant) => Effect::Link { vapi, provider, elsewhere, assistant },
        None => Effect::Unlink { vapi, provider, elsewhere },
    };
    plan.note(Note::LinkRepaired)?.enter(phase)?.perform(effect)
}

/// Whatever the answer was, the number is read again: only that tells.
pub(super) fn linked(plan: Plan<'_>, outcome: &Outcome<VapiNumber, Missing>) -> Decided {
    reread(plan, outcome, |proving| Proving { links: proving.links.saturating_sub(1), ..proving })
}

/// Whatever the answer was, the number is read again: only that tells.
pub(super) fn routed(plan: Plan<'_>, outcome: &Outcome<(), Missing>) -> Decided {
    reread(plan, outcome, |proving| Proving { routes: proving.routes.saturating_sub(1), ..proving })
}

/// Reads again: at once after a clear answer, and after a while when the provider gave none. A
/// repair without a clear answer does not count as one: an outage of seconds must not use them up.
fn reread<T>(
    plan: Plan<'_>,
    outcome: &Outcome<T, Missing>,
    uncounted: fn(Proving) -> Proving,
) -> Decided {
    let Some(proving) = subject(&plan) else { return plan.unexpected() };
    let retry_after = match outcome {
        Outcome::Done(_) | Outcome::Refused(_) => return look(plan, &proving.line),
        Outcome::Transient { retry_after } => *retry_after,
        Outcome::Unknown => None,
    };
    let phase = counted(&plan, uncounted(proving));
    later(plan.enter(phase)?, retry_after, Problem::ProviderUnavailable)
}

fn blocked(plan: Plan<'_>, proving: Proving) -> Decided {
    if proving.line.number.state == State::Reserved {
        return pool::unusable(plan, proving.line.number);
    }
    match &proving.line.number.carrier {
        Carrier::Vapi { .. }
            if plan.work.phase.name() == crate::work::PhaseName::Proving
                && !plan.work.prepares() =>
        {
            let mut number = proving.line.number;
            number.state = State::Corrupted;
            number.work = None;
            let id = number.id;
            let plan = plan.update(number).change(Change::History(id, HistoryEvent::Corrupted));
            sources::pass(plan, Source::VapiFree, Passed::NumberUnusable)
        }
        Carrier::Vapi { .. }
        | Carrier::Telnyx { .. }
        | Carrier::Twilio { .. }
        | Carrier::Unknown => {
            let at = counted(&plan, proving);
            needs_person(plan, Problem::NumberBlocked, at)
        }
    }
}

fn at_carrier(plan: Plan<'_>, mut proving: Proving, carrier: CarrierReading) -> Decided {
    match carrier {
        // Whoever asked VAPI alone has not asked the carrier.
        CarrierReading::Vapi => unsettled(plan, proving, None, Problem::NotActive),
        CarrierReading::Unreadable { retry_after } => {
            unsettled(plan, proving, retry_after, Problem::ProviderUnavailable)
        }
        CarrierReading::Missing => unsettled(plan, proving, None, Problem::NotActive),
        CarrierReading::Twilio(number) => at_twilio(plan, proving, *number),
        CarrierReading::Telnyx { number, answers, target } => {
            if let Carrier::Telnyx { provider_status, connection, .. } =
                &mut proving.line.number.carrier
            {
                *provider_status = Some(number.status);
                if answers {
                    connection.clone_from(&number.connection);
                }
            }
            match (number.status, answers, target) {
                (OwnedStatus::Active, true, _) => ready(plan, proving.line),
                (OwnedStatus::Active, false, Some(target))
                    if proving.routes < plan.ctx.limits.repairs =>
                {
                    let effect = Effect::Route { telnyx: number.id, connection: target };
                    route(plan, proving, effect)
                }
                (OwnedStatus::Active, false, Some(_) | None) => {
                    degraded(plan, proving.line, Problem::NotRouted)
                }
                (OwnedStatus::Pending | OwnedStatus::Gone | OwnedStatus::Unknown, _, _) => {
                    unsettled(plan, proving, None, Problem::NotActive)
                }
            }
        }
    }
}

/// Twilio shows the number; ready where its calls go to VAPI, with nothing that goes before.
fn at_twilio(plan: Plan<'_>, mut proving: Proving, number: twilio::OwnedNumber) -> Decided {
    let Carrier::Twilio { home, provider_status, .. } = &mut proving.line.number.carrier else {
        return plan.unexpected();
    };
    *provider_status = Some(number.status);
    let home = home.clone();
    let calls_vapi = number.calls_vapi() || planted!(TwilioRouteNotAsked);
    match (number.status, calls_vapi) {
        (twilio::OwnedStatus::InUse, true) => ready(plan, proving.line),
        (twilio::OwnedStatus::InUse, false) if proving.routes < plan.ctx.limits.repairs => {
            route(plan, proving, Effect::RouteAtTwilio { home, number: number.sid })
        }
        (twilio::OwnedStatus::InUse, false) => degraded(plan, proving.line, Problem::NotRouted),
        (twilio::OwnedStatus::Unknown, _) => unsettled(plan, proving, None, Problem::NotActive),
    }
}

/// Puts the route right, and counts it.
fn route(plan: Plan<'_>, proving: Proving, effect: Effect) -> Decided {
    let routes = proving.routes.saturating_add(1);
    let phase = counted(&plan, Proving { routes, ..proving });
    plan.note(Note::RouteRepaired)?.enter(phase)?.perform(effect)
}

/// The carrier does not say yes: asked again some times, then degraded.
fn unsettled(
    plan: Plan<'_>,
    proving: Proving,
    retry_after: Option<Duration>,
    problem: Problem,
) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries || plan.work.phase.is_ready() {
        return degraded(plan, proving.line, problem);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}

/// VAPI does not say yes: asked again some times, then a person.
fn later(plan: Plan<'_>, retry_after: Option<Duration>, problem: Problem) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        let at = plan.work.phase.clone();
        return needs_person(plan, problem, at);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    // A proof that begins with a reading of the digits has no phase of its own yet.
    let plan = if let Phase::AwaitingDigits(AwaitingDigits { line, .. }) = plan.work.phase.clone() {
        plan.enter(Phase::Proving(Proving { line, links: 0, routes: 0 }))?
    } else {
        plan
    };
    plan.record(Event::Tried)?.wait(until)
}

/// Everything that makes the number the business's, in one write.
fn assign<'a>(
    plan: Plan<'a>,
    line: &mut Line,
    writer: Option<WorkId>,
) -> Result<Plan<'a>, IllegalEvent> {
    let Some(recipient) = plan.work.recipient() else {
        return Err(IllegalEvent::Input { at: plan.work.phase.name() });
    };
    let (business, assistant) = (recipient.business.clone(), recipient.assistant);
    let now = plan.now();
    let since = match &line.number.state {
        State::Assigned { since, .. } => *since,
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => now,
    };
    let first = !matches!(line.number.state, State::Assigned { .. });
    line.number.state = State::Assigned { business, assistant, since };
    line.number.work = writer;
    let free = matches!(line.number.carrier, Carrier::Vapi { .. });
    // A claimed number's digits have their guard since it was first proven.
    let unguarded = plan.work.phase.number().is_none_or(|known| known.digits.is_none());
    let assigned = AssignedNumber {
        id: line.number.id,
        digits: line.number.digits.clone(),
        source: plan.work.source_of(&line.number),
        assigned_at: since,
    };
    let new_digits = if free && unguarded { line.number.digits.clone() } else { None };
    let new_guards = new_digits.map(Guard::Digits).into_iter().collect();
    let number = Box::new(line.number.clone());
    let answers = plan.work.vapi_assistant().cloned();
    let plan = plan
        .change(Change::UpdateNumber { number, new_guards })
        .change(Change::Answers(line.vapi.clone(), answers))
        .change(Change::AssistantNumber(assistant, Some(assigned)));
    let told = first.then_some(Change::History(line.number.id, HistoryEvent::Assigned));
    Ok(plan.changes(told))
}

fn ready(plan: Plan<'_>, mut line: Line) -> Decided {
    if plan.work.recipient().is_none() {
        return stock::park(plan, line);
    }
    assign(plan, &mut line, None)?.note(Note::Ready)?.enter(Phase::Ready { line })?.end()
}

fn degraded(plan: Plan<'_>, mut line: Line, problem: Problem) -> Decided {
    // Only what answers goes into the pool.
    if plan.work.recipient().is_none() {
        if planted!(UnroutedPooled) {
            return stock::park(plan, line);
        }
        let at = Phase::Proving(Proving { line, links: 0, routes: 0 });
        return needs_person(plan, problem, at);
    }
    let now = plan.now();
    let checks = if let Phase::ReadyDegraded(degraded) = &plan.work.phase {
        degraded.checks.saturating_add(1)
    } else {
        0
    };
    let again = plan.ctx.limits.degraded_check(checks, now);
    let plan = if checks == 0 {
        // It goes on writing to the carrier about the number, so it keeps the number's lease.
        let writer = Some(plan.work_id());
        assign(plan, &mut line, writer)?.note(Note::Degraded { problem: problem.clone() })?
    } else {
        plan
    };
    let degraded = Degraded { line, problem, checks, routes: 0, links: 0 };
    let plan = plan.enter(Phase::ReadyDegraded(degraded))?;
    match again {
        Some(until) => plan.wait(until),
        None => plan.end(),
    }
}
