//! A number that a person named, for somebody or for the pool: its row is taken over, its carrier
//! found, and it goes on as if it had been bought.
//!
//! Whoever named it has written its row, or found it there. A number that was bought outside is
//! looked up at the carriers and at VAPI before anything is said to them; what somebody has put
//! into VAPI already is made ours in place, unless another deployment did. Where it cannot be had,
//! its row is left as it was found, and a person is asked again.

use crate::ids::{ConnectionId, NumberId, Stamp};
use crate::number::{Carrier, Guard, Line, Number, Slot, State};
use crate::outcome::{Missing, NoReason, Outcome, Refusal};
use crate::problem::{Problem, Unassignable};
use crate::source::Passed;
use crate::telnyx::{OwnedNumber, OwnedStatus};
use crate::twilio::{self, Home};
use crate::vapi::VapiNumber;
use crate::work::decision::{Decided, Plan};
use crate::work::input::{Allowance, Found};
use crate::work::phase::{Adopting, Bought, Finding, Phase, Proving, Through};
use crate::work::steps::{cancel, import, needs_person, pool, prove};
use crate::work::{Change, Effect, Event, Limits, Note, Work, preparing};
use planted::planted;
use std::time::Duration;

/// An operator names a number for a work that waits for one; any other goes on as it was.
pub(super) fn asked(plan: Plan<'_>, number: NumberId) -> Decided {
    if !plan.work.waits_for_number() {
        return super::advance(plan);
    }
    let plan = plan.note(Note::NumberNamed)?.enter(Phase::Taking { number })?;
    take(plan, number)
}

pub(super) fn take(plan: Plan<'_>, number: NumberId) -> Decided {
    plan.perform(Effect::ReadRow(number))
}

/// Takes the row over as it stands, if it is still nobody's.
pub(super) fn row_read(plan: Plan<'_>, outcome: Outcome<Option<Number>, NoReason>) -> Decided {
    match outcome {
        Outcome::Done(Some(row)) if plan.work.may_take(&row, plan.now()) => {
            if plan.work.recipient().is_none() {
                return prepare(plan, row);
            }
            match (row.vapi.clone(), row.digits.clone()) {
                (Some(vapi), _) => pool::claim(plan, row, vapi),
                (None, Some(digits)) => {
                    let (number, claim) = claimed(&plan, row);
                    let finding = Finding { number, digits };
                    let plan = plan.change(claim).enter(Phase::Finding(finding.clone()))?;
                    find(plan, &finding)
                }
                (None, None) => not_free(plan),
            }
        }
        Outcome::Done(_) => not_free(plan),
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => later(plan, None),
    }
}

/// Goes on with a number for the pool as if it had been taken over from the beginning.
fn prepare(plan: Plan<'_>, was: Number) -> Decided {
    let Some((number, phase)) = preparing::taken(&was, &plan.work, plan.now()) else {
        return not_free(plan);
    };
    let claim = Change::ClaimNumber { was: Box::new(was), now: Box::new(number) };
    super::advance(plan.change(claim).enter(phase)?)
}

fn claimed(plan: &Plan<'_>, was: Number) -> (Number, Change) {
    let now = Number {
        organization: plan.work.organization.clone(),
        stamp: preparing::stamp(&was, &plan.work),
        state: State::Acquiring,
        work: Some(plan.work_id()),
        ..was.clone()
    };
    let claim = Change::ClaimNumber { was: Box::new(was), now: Box::new(now.clone()) };
    (now, claim)
}

pub(super) fn find(plan: Plan<'_>, finding: &Finding) -> Decided {
    let digits = finding.digits.clone();
    plan.perform(Effect::FindNumber { digits })
}

pub(super) fn found(plan: Plan<'_>, outcome: Outcome<Found, Passed>) -> Decided {
    let Phase::Finding(finding) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(found) => match (obstacle(&plan.work, &finding.number, &found), found) {
            (Some(why), _) => refused(plan, finding, why),
            (None, Found::Nowhere) => refused(plan, finding, Unassignable::FoundNowhere),
            (None, Found::AtVapi { record, allowance }) => {
                at_vapi(plan, finding, &record, &allowance)
            }
            (None, Found::AtTelnyx { owned, credential, connection, record }) => {
                let (carrier, guards) = at_telnyx(&finding.number, owned, connection.clone());
                let through = Through::Telnyx { credential, connection };
                at_carrier(plan, finding, (carrier, guards), through, record.as_ref())
            }
            (None, Found::AtTwilio { home, owned, record }) => {
                let known = at_twilio(&finding.number, &home, &owned);
                let through = Through::Twilio { twilio: home };
                at_carrier(plan, finding, known, through, record.as_ref())
            }
        },
        Outcome::Refused(refusal) => {
            let passed = match refusal {
                Refusal::NotConfigured => Passed::NotConfigured,
                Refusal::Key => Passed::KeyRejected,
                Refusal::Request(detail) => Passed::Refused { detail },
                Refusal::Because(reason) => reason,
            };
            refused(plan, finding, Unassignable::Passed { passed })
        }
        Outcome::Transient { retry_after } => later(plan, retry_after),
        Outcome::Unknown => later(plan, None),
    }
}

/// Why what was found is not to be touched, if it is not.
fn obstacle(work: &Work, number: &Number, found: &Found) -> Option<Unassignable> {
    let (record, reference) = match found {
        Found::Nowhere => return None,
        Found::AtVapi { record, .. } => (Some(record), None),
        Found::AtTelnyx { owned, record, .. } => {
            if owned.status != OwnedStatus::Active {
                return Some(Unassignable::NotActive);
            }
            (record.as_ref(), owned.reference.as_deref())
        }
        Found::AtTwilio { owned, record, .. } => {
            if owned.status != twilio::OwnedStatus::InUse || !owned.takes_calls {
                return Some(Unassignable::NotActive);
            }
            (record.as_ref(), owned.name())
        }
    };
    let is_anothers = |name: Option<&str>| {
        let own = name == Some(number.stamp.as_str()) || work.stamped(name);
        !own && name.and_then(Stamp::parse).is_some() && !planted!(StampedTaken)
    };
    if is_anothers(reference) || is_anothers(record.and_then(|record| record.name.as_deref())) {
        return Some(Unassignable::Stamped);
    }
    // Whoever names it for an assistant says that it is to answer there; nobody said that it is to
    // answer nowhere.
    let linked = |record: &VapiNumber| record.assistant.is_some() || record.linked_elsewhere;
    let is_linked = work.recipient().is_none() && record.is_some_and(linked);
    let is_linked = is_linked && !planted!(LinkedTaken);
    is_linked.then_some(Unassignable::Linked)
}

/// One that VAPI carries counts against the free allowance, and takes a slot of it.
fn at_vapi(
    plan: Plan<'_>,
    finding: Finding,
    record: &VapiNumber,
    allowance: &Allowance,
) -> Decided {
    let mut slots = (1..=plan.ctx.limits.free_numbers).map(Slot::new);
    let Some(slot) = slots.find(|slot| !allowance.taken.contains(slot)) else {
        let passed = Passed::AllowanceUsed;
        return refused(plan, finding, Unassignable::Passed { passed });
    };
    let mut number = finding.number;
    number.state = State::Acquiring;
    number.carrier = Carrier::Vapi { slot };
    let hold = Change::HoldSlot(slot, number.id);
    adopted_from(plan.change(hold), number, record, Vec::new())
}

/// What is known of it at Telnyx, and what is guarded newly. One that was found before is guarded, and
/// what is known of it stays so.
fn at_telnyx(
    number: &Number,
    owned: OwnedNumber,
    connection: Option<ConnectionId>,
) -> (Carrier, Vec<Guard>) {
    let (order, former, guards) = match &number.carrier {
        Carrier::Telnyx { order, id: Some(id), former, .. } if *id == owned.id => {
            (order.clone(), former.clone(), Vec::new())
        }
        Carrier::Telnyx { .. }
        | Carrier::Vapi { .. }
        | Carrier::Twilio { .. }
        | Carrier::Unknown => (None, owned.connection, vec![Guard::Telnyx(owned.id.clone())]),
    };
    let (id, provider_status) = (Some(owned.id), Some(owned.status));
    (Carrier::Telnyx { order, id, connection, provider_status, former }, guards)
}

/// The same at Twilio.
fn at_twilio(number: &Number, home: &Home, owned: &twilio::OwnedNumber) -> (Carrier, Vec<Guard>) {
    if let Carrier::Twilio { id: Some(id), .. } = &number.carrier
        && *id == owned.sid
    {
        return (number.carrier.clone(), Vec::new());
    }
    let carrier = Carrier::Twilio {
        home: home.clone(),
        id: Some(owned.sid.clone()),
        provider_status: Some(owned.status),
        former: Some(Box::new(owned.former_settings())),
    };
    (carrier, vec![Guard::Twilio(home.account.clone(), owned.sid.clone())])
}

/// A carrier has it: VAPI's record is made ours, or it is imported.
fn at_carrier(
    plan: Plan<'_>,
    finding: Finding,
    (carrier, new_guards): (Carrier, Vec<Guard>),
    through: Through,
    record: Option<&VapiNumber>,
) -> Decided {
    let Finding { number, digits } = finding;
    let number = Number { state: State::Acquiring, carrier, ..number };
    if let Some(record) = record {
        return adopted_from(plan, number, record, new_guards);
    }
    let change = Change::UpdateNumber { number: Box::new(number.clone()), new_guards };
    let since = plan.now();
    import::begin(plan.change(change), Bought { number, digits, through, since })
}

/// VAPI has it: from now on the record is ours.
fn adopted_from(
    plan: Plan<'_>,
    mut number: Number,
    record: &VapiNumber,
    mut new_guards: Vec<Guard>,
) -> Decided {
    number.vapi = Some(record.id.clone());
    number.sip_uri.clone_from(&record.sip_uri);
    number.linked_at = plan.work.vapi_assistant().map(|_linked| plan.now()).or(number.linked_at);
    new_guards.push(Guard::Vapi(record.id.clone()));
    let change = Change::UpdateNumber { number: Box::new(number.clone()), new_guards };
    let adopting = Adopting { line: Line::new(record.id.clone(), number) };
    let plan = plan.change(change).enter(Phase::Adopting(adopting.clone()))?;
    adopt(plan, &adopting)
}

/// Sent as often as need be: it sets the same each time.
pub(super) fn adopt(plan: Plan<'_>, adopting: &Adopting) -> Decided {
    let line = &adopting.line;
    let (vapi, provider) = (line.vapi.clone(), line.number.carrier.provider());
    let stamp = line.number.stamp.clone();
    plan.perform(Effect::Adopt { vapi, provider, stamp })
}

pub(super) fn adopted(plan: Plan<'_>, outcome: Outcome<VapiNumber, Missing>) -> Decided {
    let Phase::Adopting(adopting) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(_) => {
            let line = adopting.line;
            let proving = Proving { line: line.clone(), links: 0, routes: 0 };
            let plan = plan.note(Note::NumberImported)?.enter(Phase::Proving(proving))?;
            prove::look(plan, &line)
        }
        Outcome::Refused(refusal) => {
            let problem = Problem::from_refusal(
                refusal,
                |detail| Problem::ImportRefused { detail },
                |missing| match missing {
                    Missing::NotFound => Problem::NumberVanished,
                },
            );
            needs_person(plan, problem, Phase::Adopting(adopting))
        }
        Outcome::Transient { retry_after } => later(plan, retry_after),
        Outcome::Unknown => later(plan, None),
    }
}

/// Another has it, or took it at the same moment.
pub(super) fn not_free(plan: Plan<'_>) -> Decided {
    if let Phase::Finding(finding) = plan.work.phase.clone() {
        return refused(plan, finding, Unassignable::NotFree);
    }
    let Phase::Taking { number } = plan.work.phase else { return plan.unexpected() };
    stopped(plan, number, Unassignable::NotFree)
}

/// The slot it was to have went to another: looked at anew, a bounded number of times.
pub(super) fn again(plan: Plan<'_>) -> Decided {
    later(plan, None)
}

/// It cannot be had: its row is as it was before.
fn refused(plan: Plan<'_>, finding: Finding, why: Unassignable) -> Decided {
    let number = finding.number.id;
    stopped(left(plan, finding.number), number, why)
}

/// A person is asked again: for another number, or to have this one tried again.
fn stopped(plan: Plan<'_>, number: NumberId, why: Unassignable) -> Decided {
    let at = match plan.work.recipient() {
        Some(_) => Phase::Queued,
        None => Phase::Taking { number },
    };
    needs_person(plan, Problem::NotAssignable { why }, at)
}

pub(super) fn called_off(plan: Plan<'_>) -> Decided {
    let Phase::Finding(finding) = plan.work.phase.clone() else { return plan.unexpected() };
    cancel::nothing_held(left(plan, finding.number))
}

/// Leaves a number as it was found: it is nobody's, and not in use.
pub(super) fn left(plan: Plan<'_>, mut number: Number) -> Plan<'_> {
    number.state = State::Unverified;
    number.work = None;
    plan.update(number)
}

/// The table or a provider did not answer: tried again later, a bounded number of times.
fn later(plan: Plan<'_>, retry_after: Option<Duration>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        let at = plan.work.phase.clone();
        return needs_person(plan, Problem::ProviderUnavailable, at);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}
