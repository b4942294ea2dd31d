//! A number that a person named: its row is taken over, its carrier found, and it goes on as if it
//! had been bought.
//!
//! Whoever named it has written its row, or found it there. A number that was bought outside is
//! looked up at the carriers and at VAPI before anything is said to them; what somebody has put
//! into VAPI already is made ours in place. Where it cannot be had, its row is left as it was
//! found, and a person is asked again.

use crate::ids::NumberId;
use crate::number::{Carrier, Guard, Line, Number, Slot, State};
use crate::outcome::{Missing, NoReason, Outcome, Refusal};
use crate::problem::{Problem, Unassignable};
use crate::source::Passed;
use crate::telnyx::OwnedStatus;
use crate::vapi::VapiNumber;
use crate::work::decision::{Decided, Plan};
use crate::work::input::{Allowance, Found};
use crate::work::phase::{Adopting, Bought, Finding, Phase, Proving};
use crate::work::steps::{cancel, failed, import, needs_person, pool, prove};
use crate::work::{Change, Effect, Event, IllegalEvent, Limits, Note};
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
        Outcome::Done(Some(row)) if plan.work.may_take(&row) => {
            match (row.vapi.clone(), row.digits.clone()) {
                (Some(vapi), _) if plan.work.recipient().is_some() => pool::claim(plan, row, vapi),
                (Some(vapi), _) => {
                    let (number, claim) = claimed(&plan, row);
                    let line = Line::new(vapi, number);
                    let proving = Proving { line: line.clone(), links: 0, routes: 0 };
                    prove::look(plan.change(claim).enter(Phase::Proving(proving))?, &line)
                }
                (None, Some(digits)) => {
                    let before = row.state.clone();
                    let (number, claim) = claimed(&plan, row);
                    let finding = Finding { number, before, digits };
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

fn claimed(plan: &Plan<'_>, was: Number) -> (Number, Change) {
    // What nobody has looked for yet bears nobody's stamp.
    let stamp = match was.carrier {
        Carrier::Unknown => plan.work.stamp(),
        Carrier::Vapi { .. } | Carrier::Telnyx { .. } => was.stamp.clone(),
    };
    let now = Number {
        organization: plan.work.organization.clone(),
        stamp,
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
        Outcome::Done(Found::Nowhere) => refused(plan, finding, Unassignable::FoundNowhere),
        Outcome::Done(Found::AtVapi { record, allowance }) => {
            at_vapi(plan, finding, &record, &allowance)
        }
        Outcome::Done(Found::AtTelnyx { owned, .. }) if owned.status != OwnedStatus::Active => {
            refused(plan, finding, Unassignable::NotActive)
        }
        Outcome::Done(Found::AtTelnyx { owned, credential, connection, record }) => {
            let Finding { mut number, digits, before: _ } = finding;
            let (order, former, guards) = match number.carrier {
                // Known before, and guarded.
                Carrier::Telnyx { order, former, id: Some(_), .. } => (order, former, Vec::new()),
                Carrier::Telnyx { id: None, .. } | Carrier::Vapi { .. } | Carrier::Unknown => {
                    (None, owned.connection, vec![Guard::Telnyx(owned.id.clone())])
                }
            };
            number.carrier = Carrier::Telnyx {
                order,
                id: Some(owned.id.clone()),
                connection,
                provider_status: Some(owned.status),
                former,
            };
            if let Some(record) = record {
                return adopted_from(plan, number, &record, guards);
            }
            let (telnyx, since) = (owned.id, plan.now());
            let change =
                Change::UpdateNumber { number: Box::new(number.clone()), new_guards: guards };
            let bought = Bought { number, digits, telnyx, credential, since };
            import::begin(plan.change(change), bought)
        }
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
    number.carrier = Carrier::Vapi { slot };
    let hold = Change::HoldSlot(slot, number.id);
    adopted_from(plan.change(hold), number, record, Vec::new())
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
    number.linked_at = Some(plan.now());
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
    given_up(plan, Unassignable::NotFree)
}

/// The slot it was to have went to another: looked at anew, a bounded number of times.
pub(super) fn again(plan: Plan<'_>) -> Decided {
    later(plan, None)
}

/// It cannot be had: its row is as it was before, and a person may name another.
fn refused(plan: Plan<'_>, finding: Finding, why: Unassignable) -> Decided {
    let plan = put_back(plan, finding)?;
    given_up(plan, why)
}

/// A person may name another for whoever waits for a number; nobody waits for one of the pool.
fn given_up(plan: Plan<'_>, why: Unassignable) -> Decided {
    let problem = Problem::NotAssignable { why };
    match plan.work.recipient() {
        Some(_) => needs_person(plan, problem, Phase::Queued),
        None => failed(plan, problem),
    }
}

pub(super) fn called_off(plan: Plan<'_>) -> Decided {
    let Phase::Finding(finding) = plan.work.phase.clone() else { return plan.unexpected() };
    cancel::nothing_held(put_back(plan, finding)?)
}

fn put_back(plan: Plan<'_>, finding: Finding) -> Result<Plan<'_>, IllegalEvent> {
    let mut number = finding.number;
    number.state = finding.before;
    number.work = None;
    Ok(plan.update(number))
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
