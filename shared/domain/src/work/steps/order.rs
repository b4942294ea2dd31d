//! The order at Telnyx: placed once per number, looked up when in doubt, awaited until it settles.

use crate::number::{Carrier, Guard, Number};
use crate::outcome::{Missing, NoReason, Outcome, Refusal};
use crate::problem::{Problem, Unresolved};
use crate::source::{Passed, Source};
use crate::telnyx::{Order, OrderRefusal, OrderStatus, OwnedNumber, OwnedStatus};
use crate::time::Timestamp;
use crate::work::decision::{Decided, Plan};
use crate::work::input::{FoundOrder, OrderCheck};
use crate::work::phase::{AwaitingOrder, Bought, Intent, Ordering, Phase};
use crate::work::steps::lookup::{self, Missed};
use crate::work::steps::{cancel, import, needs_person, scout, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;

pub(super) fn look(plan: Plan<'_>, ordering: &Ordering) -> Decided {
    let effect =
        Effect::FindOrder { stamp: ordering.intent.stamp.clone(), digits: ordering.digits.clone() };
    plan.perform(effect)
}

pub(super) fn placed(plan: Plan<'_>, outcome: Outcome<Order, OrderRefusal>) -> Decided {
    let Phase::Ordering(ordering) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(order) => taken_on(plan, ordering, order),
        Outcome::Refused(refusal) => refused(plan, ordering, refusal),
        // After a repeat the first order may still exist, whatever became of the second.
        Outcome::Transient { .. } if ordering.intent.was_repeated() => {
            let intent = ordering.intent.clone();
            lookup::doubt(plan, &intent, Unresolved::Order, |intent| {
                Phase::Ordering(Ordering { intent, ..ordering })
            })
        }
        Outcome::Transient { retry_after } => {
            let tries = plan.work.tries.saturating_add(1);
            let plan = not_bought(plan, &ordering);
            if tries > plan.ctx.limits.tries {
                return sources::pass(plan, Source::Telnyx, Passed::Unavailable);
            }
            let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
            plan.enter(Phase::Scouting)?.record(Event::Tried)?.wait(until)
        }
        Outcome::Unknown => {
            let back = Change::Unreserve(ordering.reservation.clone());
            let plan = if planted!(MoneyBackOnDoubt) { plan.change(back) } else { plan };
            let intent = ordering.intent.clone();
            lookup::doubt(plan, &intent, Unresolved::Order, |intent| {
                Phase::Ordering(Ordering { intent, ..ordering })
            })
        }
    }
}

fn refused(plan: Plan<'_>, ordering: Ordering, refusal: Refusal<OrderRefusal>) -> Decided {
    let reason = match refusal {
        // The answer is the same whether others have it or we do: look before blaming others.
        Refusal::Because(OrderRefusal::Taken) => {
            let ordering = Ordering { said_taken: true, ..ordering };
            let effect = Effect::FindOrder {
                stamp: ordering.intent.stamp.clone(),
                digits: ordering.digits.clone(),
            };
            return plan.enter(Phase::Ordering(ordering))?.perform(effect);
        }
        Refusal::Because(OrderRefusal::NoBalance) => Passed::NoBalance,
        Refusal::Because(OrderRefusal::DocumentsRequired) => Passed::DocumentsRequired,
        Refusal::NotConfigured => Passed::NotConfigured,
        Refusal::Key => Passed::KeyRejected,
        Refusal::Request(detail) => Passed::Refused { detail },
    };
    // The repeat was refused, but the first order may still come to light.
    if ordering.intent.was_repeated() {
        let intent = ordering.intent.clone();
        return lookup::doubt(plan, &intent, Unresolved::Order, |intent| {
            Phase::Ordering(Ordering { intent, ..ordering })
        });
    }
    sources::pass(not_bought(plan, &ordering), Source::Telnyx, reason)
}

pub(super) fn found(plan: Plan<'_>, outcome: Outcome<FoundOrder, NoReason>) -> Decided {
    let Phase::Ordering(ordering) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome.map(gone_is_nothing) {
        Outcome::Done(FoundOrder::Order(order)) => {
            let plan = plan.note(Note::FoundAgain { what: Unresolved::Order })?;
            taken_on(plan, ordering, order)
        }
        // It is ours or will be, and nothing else may be bought: looked at again until it is.
        Outcome::Done(FoundOrder::Owned(owned)) if owned.status != OwnedStatus::Active => {
            lookup::unreadable(plan, None, Unresolved::Order)
        }
        Outcome::Done(FoundOrder::Owned(owned)) => {
            let plan = plan.note(Note::FoundAgain { what: Unresolved::Order })?;
            bought(plan, ordering.number, ordering.digits, ordering.credential, owned)
        }
        Outcome::Done(FoundOrder::Nothing)
            if ordering.said_taken && !ordering.intent.was_repeated() =>
        {
            gone(plan, ordering)
        }
        Outcome::Done(FoundOrder::Nothing) => match lookup::missed(&ordering.intent, &plan.ctx) {
            Missed::Again(intent, until) => {
                plan.enter(Phase::Ordering(Ordering { intent, ..ordering }))?.wait(until)
            }
            Missed::Absent(_) if ordering.said_taken => gone(plan, ordering),
            Missed::Absent(_) if plan.work.cancel_asked => {
                cancel::nothing_held(not_bought(plan, &ordering))
            }
            Missed::Absent(intent) if intent.repeats >= plan.ctx.limits.repeats => {
                lookup::unresolved(plan, Unresolved::Order)
            }
            Missed::Absent(intent) => repeat(plan, ordering, intent),
        },
        Outcome::Refused(_) => lookup::unresolved(plan, Unresolved::Order),
        Outcome::Transient { retry_after } => {
            lookup::unreadable(plan, retry_after, Unresolved::Order)
        }
        Outcome::Unknown => lookup::unreadable(plan, None, Unresolved::Order),
    }
}

/// A record of a purchase that failed, or of a number given back, is no number of ours.
fn gone_is_nothing(found: FoundOrder) -> FoundOrder {
    match found {
        FoundOrder::Owned(owned) if owned.status == OwnedStatus::Gone => FoundOrder::Nothing,
        FoundOrder::Nothing | FoundOrder::Order(_) | FoundOrder::Owned(_) => found,
    }
}

/// Orders the same number once more: a carrier can sell it only once.
fn repeat(plan: Plan<'_>, ordering: Ordering, intent: Intent) -> Decided {
    let ordering = Ordering { intent: intent.again(), ..ordering };
    let spec = scout::order_spec(&ordering);
    let again = Change::Reserve(ordering.reservation.clone(), plan.work.caps);
    let plan = if planted!(MoneyReservedAgain) { plan.change(again) } else { plan };
    plan.note(Note::Repeated { what: Unresolved::Order })?
        .enter(Phase::Ordering(ordering))?
        .perform(Effect::PlaceOrder(spec))
}

/// Others have it.
fn gone(plan: Plan<'_>, ordering: Ordering) -> Decided {
    let plan = not_bought(plan, &ordering);
    if plan.work.cancel_asked {
        return cancel::nothing_held(plan);
    }
    scout::taken(plan, ordering.digits)
}

/// Certainly nothing was bought: money, row and guard come back.
fn not_bought<'a>(plan: Plan<'a>, ordering: &Ordering) -> Plan<'a> {
    let back = Change::Unreserve(ordering.reservation.clone());
    let plan = if planted!(MoneyKept) { plan } else { plan.change(back) };
    plan.change(Change::DropNumber(Box::new(ordering.number.clone())))
}

/// Telnyx has the order.
fn taken_on(plan: Plan<'_>, ordering: Ordering, order: Order) -> Decided {
    let now = plan.now();
    let mut number = ordering.number;
    if let Carrier::Telnyx { order: known, .. } = &mut number.carrier {
        *known = Some(order.id.clone());
    }
    let settled = order.status == OrderStatus::Success;
    let awaiting = AwaitingOrder {
        number: number.clone(),
        digits: ordering.digits,
        credential: ordering.credential,
        reservation: ordering.reservation,
        order: order.id,
        since: now,
        checks: 0,
    };
    let until = plan.ctx.limits.order_check(0, now);
    let plan = plan
        .note(Note::OrderPlaced)?
        .update(number)
        .enter(Phase::AwaitingOrder(awaiting.clone()))?;
    if settled { check(plan, &awaiting) } else { plan.wait(until) }
}

pub(super) fn check(plan: Plan<'_>, awaiting: &AwaitingOrder) -> Decided {
    let effect =
        Effect::CheckOrder { order: awaiting.order.clone(), digits: awaiting.digits.clone() };
    plan.perform(effect)
}

pub(super) fn checked(plan: Plan<'_>, outcome: Outcome<OrderCheck, Missing>) -> Decided {
    let Phase::AwaitingOrder(awaiting) = plan.work.phase.clone() else {
        return plan.unexpected();
    };
    match outcome {
        Outcome::Done(check) => settled(plan, awaiting, check),
        Outcome::Refused(Refusal::Because(Missing::NotFound)) if planted!(MissingMeansFailed) => {
            failed(plan, awaiting)
        }
        Outcome::Refused(Refusal::Because(Missing::NotFound)) => not_yet(plan, awaiting),
        Outcome::Refused(Refusal::Key | Refusal::NotConfigured) => {
            needs_person(plan, Problem::KeyRejected, Phase::AwaitingOrder(awaiting))
        }
        Outcome::Refused(Refusal::Request(_)) | Outcome::Transient { .. } | Outcome::Unknown => {
            not_yet(plan, awaiting)
        }
    }
}

fn settled(plan: Plan<'_>, awaiting: AwaitingOrder, check: OrderCheck) -> Decided {
    if let Some(owned) = check.owned.filter(|owned| owned.status == OwnedStatus::Active) {
        return bought(plan, awaiting.number, awaiting.digits, awaiting.credential, owned);
    }
    match check.order.status {
        OrderStatus::Failure => failed(plan, awaiting),
        OrderStatus::Pending if planted!(PendingMeansFailed) => failed(plan, awaiting),
        OrderStatus::DocumentsRequired => {
            needs_person(plan, Problem::DocumentsRequired, Phase::AwaitingOrder(awaiting))
        }
        OrderStatus::Pending | OrderStatus::Success | OrderStatus::Unknown => {
            not_yet(plan, awaiting)
        }
    }
}

/// The carrier says that the order failed: a definite no. Another number is sought.
fn failed(plan: Plan<'_>, awaiting: AwaitingOrder) -> Decided {
    let plan = plan
        .change(Change::Unreserve(awaiting.reservation))
        .change(Change::DropNumber(Box::new(awaiting.number)));
    if plan.work.cancel_asked {
        return cancel::nothing_held(plan);
    }
    scout::taken(plan, awaiting.digits)
}

fn not_yet(plan: Plan<'_>, awaiting: AwaitingOrder) -> Decided {
    let now = plan.now();
    if now >= awaiting.since.after(plan.ctx.limits.order_give_up) {
        return needs_person(plan, Problem::OrderStuck, Phase::AwaitingOrder(awaiting));
    }
    let checks = awaiting.checks.saturating_add(1);
    let until = plan.ctx.limits.order_check(checks, now);
    plan.enter(Phase::AwaitingOrder(AwaitingOrder { checks, ..awaiting }))?.wait(until)
}

/// The number is ours: on to the import, or back to rest when called off.
fn bought(
    plan: Plan<'_>,
    mut number: Number,
    digits: crate::phone::E164,
    credential: crate::ids::CredentialId,
    owned: OwnedNumber,
) -> Decided {
    let since: Timestamp = plan.now();
    if let Carrier::Telnyx { id, provider_status, .. } = &mut number.carrier {
        *id = Some(owned.id.clone());
        *provider_status = Some(owned.status);
    }
    let new_guards = vec![Guard::Telnyx(owned.id.clone())];
    let bought = Bought { number, digits, telnyx: owned.id, credential, since };
    let plan = plan.note(Note::NumberBought)?;
    if plan.work.cancel_asked {
        let plan = plan.enter(Phase::Bought(bought.clone()))?;
        return cancel::rest_unlinked(plan, bought, new_guards);
    }
    let change = Change::UpdateNumber { number: Box::new(bought.number.clone()), new_guards };
    import::begin(plan.change(change), bought)
}

/// A guard stands in the way of what we certainly hold: two rows claim one thing.
pub(super) fn clash(plan: Plan<'_>) -> Decided {
    let at = plan.work.phase.clone();
    needs_person(plan, Problem::DigitsClash, at)
}
