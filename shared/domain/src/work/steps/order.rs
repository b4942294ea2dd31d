//! The purchase: made once per number, looked up when in doubt. Telnyx takes an order, which is
//! awaited until it settles; Twilio sells at once.

use crate::number::{Carrier, Guard, Number};
use crate::outcome::{Missing, NoReason, Outcome, Refusal};
use crate::problem::{Problem, Unresolved};
use crate::source::Passed;
use crate::telnyx::{Order, OrderRefusal, OrderStatus, OwnedNumber, OwnedStatus};
use crate::time::Timestamp;
use crate::twilio::{self, BuyRefusal};
use crate::work::decision::{Decided, Plan};
use crate::work::input::{FoundOrder, OrderCheck};
use crate::work::phase::{AwaitingOrder, Bought, Intent, Ordering, Phase, Through};
use crate::work::steps::lookup::{self, Missed};
use crate::work::steps::{cancel, import, needs_person, scout, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;
use std::time::Duration;

/// A number that is certainly ours, by its carrier.
enum Ours {
    Telnyx(OwnedNumber),
    Twilio(Box<twilio::OwnedNumber>),
}

/// Why a carrier does not sell.
enum NotSold {
    /// Others have it, or we do.
    Taken,
    /// A reason of the source.
    Because(Passed),
}

pub(super) fn look(plan: Plan<'_>, ordering: &Ordering) -> Decided {
    plan.perform(find(ordering))
}

fn find(ordering: &Ordering) -> Effect {
    let (stamp, digits) = (ordering.intent.stamp.clone(), ordering.digits.clone());
    match &ordering.through {
        Through::Telnyx { .. } => Effect::FindOrder { stamp, digits },
        Through::Twilio { twilio } => Effect::FindPurchase { home: twilio.clone(), stamp, digits },
    }
}

/// Telnyx's answer to an order.
pub(super) fn placed(plan: Plan<'_>, outcome: Outcome<Order, OrderRefusal>) -> Decided {
    let Phase::Ordering(ordering) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(order) => taken_on(plan, ordering, order),
        Outcome::Refused(refusal) => refused(
            plan,
            ordering,
            not_sold(refusal, |reason| match reason {
                OrderRefusal::Taken => NotSold::Taken,
                OrderRefusal::NoBalance => NotSold::Because(Passed::NoBalance),
                OrderRefusal::DocumentsRequired => NotSold::Because(Passed::DocumentsRequired),
            }),
        ),
        Outcome::Transient { retry_after } => certainly_not(plan, ordering, retry_after),
        Outcome::Unknown => in_doubt(plan, ordering),
    }
}

/// Twilio's answer to a purchase: it is ours at once.
pub(super) fn purchased(
    plan: Plan<'_>,
    outcome: Outcome<twilio::OwnedNumber, BuyRefusal>,
) -> Decided {
    let Phase::Ordering(ordering) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(owned) => {
            let Ordering { number, digits, through, .. } = ordering;
            bought(plan, number, digits, through, Ours::Twilio(Box::new(owned)))
        }
        // It was looked for before anything was sent: whoever has it, it is not by our doing.
        Outcome::Refused(Refusal::Because(BuyRefusal::Owned))
            if !ordering.intent.was_repeated() =>
        {
            gone(plan, ordering)
        }
        Outcome::Refused(refusal) => refused(
            plan,
            ordering,
            not_sold(refusal, |reason| match reason {
                BuyRefusal::Taken | BuyRefusal::Owned | BuyRefusal::Malformed => NotSold::Taken,
                BuyRefusal::NoStock => NotSold::Because(Passed::NoStock),
                BuyRefusal::TrialLimit => NotSold::Because(Passed::TrialLimit),
                BuyRefusal::AccountInactive => NotSold::Because(Passed::AccountInactive),
                BuyRefusal::AddressRequired | BuyRefusal::BundleRequired => {
                    NotSold::Because(Passed::DocumentsRequired)
                }
            }),
        ),
        Outcome::Transient { retry_after } => certainly_not(plan, ordering, retry_after),
        Outcome::Unknown => in_doubt(plan, ordering),
    }
}

fn not_sold<R>(refusal: Refusal<R>, because: impl FnOnce(R) -> NotSold) -> NotSold {
    match refusal {
        Refusal::Because(reason) => because(reason),
        Refusal::NotConfigured => NotSold::Because(Passed::NotConfigured),
        Refusal::Key => NotSold::Because(Passed::KeyRejected),
        Refusal::Request(detail) => NotSold::Because(Passed::Refused { detail }),
    }
}

/// This call bought nothing; it is looked around anew, a bounded number of times.
fn certainly_not(plan: Plan<'_>, ordering: Ordering, retry_after: Option<Duration>) -> Decided {
    // After a repeat the first purchase may still exist, whatever became of the second.
    if ordering.intent.was_repeated() {
        return doubted(plan, ordering);
    }
    let tries = plan.work.tries.saturating_add(1);
    let plan = not_bought(plan, &ordering);
    if tries > plan.ctx.limits.tries {
        return sources::pass(plan, ordering.number.source, Passed::Unavailable);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.enter(Phase::Scouting)?.record(Event::Tried)?.wait(until)
}

/// The answer was lost.
fn in_doubt(plan: Plan<'_>, ordering: Ordering) -> Decided {
    let back = Change::Unreserve(ordering.reservation.clone());
    let plan = if planted!(MoneyBackOnDoubt) { plan.change(back) } else { plan };
    doubted(plan, ordering)
}

fn doubted(plan: Plan<'_>, ordering: Ordering) -> Decided {
    let intent = ordering.intent.clone();
    lookup::doubt(plan, &intent, Unresolved::Order, |intent| {
        Phase::Ordering(Ordering { intent, ..ordering })
    })
}

fn refused(plan: Plan<'_>, ordering: Ordering, why: NotSold) -> Decided {
    match why {
        // The answer is the same whether others have it or we do: look before blaming others.
        NotSold::Taken => {
            let ordering = Ordering { said_taken: true, ..ordering };
            let effect = find(&ordering);
            plan.enter(Phase::Ordering(ordering))?.perform(effect)
        }
        // The repeat was refused, but the first purchase may still come to light.
        NotSold::Because(_) if ordering.intent.was_repeated() => doubted(plan, ordering),
        NotSold::Because(reason) => {
            sources::pass(not_bought(plan, &ordering), ordering.number.source, reason)
        }
    }
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
            let Ordering { number, digits, through, .. } = ordering;
            bought(plan, number, digits, through, Ours::Telnyx(owned))
        }
        Outcome::Done(FoundOrder::AtTwilio(owned)) => {
            let plan = plan.note(Note::FoundAgain { what: Unresolved::Order })?;
            let Ordering { number, digits, through, .. } = ordering;
            bought(plan, number, digits, through, Ours::Twilio(owned))
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
        FoundOrder::Nothing
        | FoundOrder::Order(_)
        | FoundOrder::Owned(_)
        | FoundOrder::AtTwilio(_) => found,
    }
}

/// Orders the same number once more: a carrier can sell it only once.
fn repeat(plan: Plan<'_>, ordering: Ordering, intent: Intent) -> Decided {
    let ordering = Ordering { intent: intent.again(), ..ordering };
    let effect = scout::purchase(&ordering);
    let again = Change::Reserve(ordering.reservation.clone(), plan.work.caps);
    let plan = if planted!(MoneyReservedAgain) { plan.change(again) } else { plan };
    plan.note(Note::Repeated { what: Unresolved::Order })?
        .enter(Phase::Ordering(ordering))?
        .perform(effect)
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
    let Through::Telnyx { credential, .. } = ordering.through else { return plan.unexpected() };
    let mut number = ordering.number;
    if let Carrier::Telnyx { order: known, .. } = &mut number.carrier {
        *known = Some(order.id.clone());
    }
    let settled = order.status == OrderStatus::Success;
    let awaiting = AwaitingOrder {
        number: number.clone(),
        digits: ordering.digits,
        credential,
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
        let AwaitingOrder { number, digits, credential, .. } = awaiting;
        let through = Through::Telnyx { credential, connection: None };
        return bought(plan, number, digits, through, Ours::Telnyx(owned));
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
    through: Through,
    ours: Ours,
) -> Decided {
    let since: Timestamp = plan.now();
    let guard = match (&mut number.carrier, ours) {
        (Carrier::Telnyx { id, provider_status, .. }, Ours::Telnyx(owned)) => {
            *id = Some(owned.id.clone());
            *provider_status = Some(owned.status);
            Guard::Telnyx(owned.id)
        }
        (Carrier::Twilio { home, id, provider_status, .. }, Ours::Twilio(owned)) => {
            *id = Some(owned.sid.clone());
            *provider_status = Some(owned.status);
            Guard::Twilio(home.account.clone(), owned.sid)
        }
        (
            Carrier::Vapi { .. }
            | Carrier::Telnyx { .. }
            | Carrier::Twilio { .. }
            | Carrier::Unknown,
            Ours::Telnyx(_) | Ours::Twilio(_),
        ) => return plan.unexpected(),
    };
    let new_guards = vec![guard];
    let bought = Bought { number, digits, through, since };
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
