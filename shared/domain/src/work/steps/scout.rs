//! Looking for a number at Telnyx: the credential, the application, the offers, the price.

use crate::ids::NumberId;
use crate::ledger::Reservation;
use crate::money::Cents;
use crate::number::{Carrier, Number, Origin, State};
use crate::outcome::{Outcome, Refusal};
use crate::phone::E164;
use crate::request::Match;
use crate::source::{Cap, Passed, Source};
use crate::telnyx::{Offer, OrderSpec};
use crate::work::decision::{Decided, Plan};
use crate::work::input::{Scouted, Scouting};
use crate::work::phase::{Intent, Ordering, Phase};
use crate::work::steps::sources;
use crate::work::{Change, Effect, Event, Limits, Note};
use std::time::Duration;

pub(super) fn begin(plan: Plan<'_>) -> Decided {
    let mut wanted = plan.work.request.wanted.clone();
    // A search may go on offering a number that its order was refused for: what is looked for then
    // is what can be had in its place.
    if let Some(gone) = wanted.picked.take_if(|picked| plan.work.taken.contains(picked)) {
        wanted.area_code = wanted.area_code.or_else(|| gone.area_code());
    }
    plan.perform(Effect::Scout(Scouting { wanted }))
}

/// The offer chosen belongs to another number of ours: another search, a bounded number of times.
pub(super) fn again(plan: Plan<'_>) -> Decided {
    later(plan, None)
}

pub(super) fn scouted(plan: Plan<'_>, outcome: Outcome<Scouted, Passed>) -> Decided {
    let Phase::Scouting = plan.work.phase else { return plan.unexpected() };
    match outcome {
        Outcome::Done(scouted) => choose(plan, &scouted),
        Outcome::Refused(refusal) => {
            let reason = match refusal {
                Refusal::NotConfigured => Passed::NotConfigured,
                Refusal::Key => Passed::KeyRejected,
                Refusal::Request(detail) => Passed::Refused { detail },
                Refusal::Because(reason) => reason,
            };
            nothing(plan, reason)
        }
        Outcome::Transient { retry_after } => later(plan, retry_after),
        Outcome::Unknown => later(plan, None),
    }
}

/// A search without result: final for a picked number that had to be that one.
fn nothing(plan: Plan<'_>, reason: Passed) -> Decided {
    let wanted = &plan.work.request.wanted;
    let binding = wanted.picked.is_some() && wanted.matching == Match::Strict;
    if binding && reason == Passed::NoStock {
        return sources::picked_gone(plan, Vec::new());
    }
    sources::pass(plan, Source::Telnyx, reason)
}

fn choose(plan: Plan<'_>, scouted: &Scouted) -> Decided {
    let wanted = plan.work.request.wanted.clone();
    let taken = plan.work.taken.clone();
    let fresh: Vec<&Offer> =
        scouted.offers.iter().filter(|offer| !taken.contains(&offer.digits)).collect();
    let picked = wanted
        .picked
        .as_ref()
        .and_then(|digits| fresh.iter().find(|offer| offer.digits == *digits).copied());
    if picked.is_none() && wanted.picked.is_some() && wanted.matching == Match::Strict {
        let alternatives = fresh.iter().map(|offer| offer.digits.clone()).collect();
        return sources::picked_gone(plan, alternatives);
    }
    let candidates: Vec<&Offer> = match picked {
        Some(offer) => vec![offer],
        None => fresh,
    };
    if candidates.is_empty() {
        let reason = if taken.is_empty() { Passed::NoStock } else { Passed::NumbersTaken };
        return sources::pass(plan, Source::Telnyx, reason);
    }
    let priced: Vec<(&Offer, Cents, Cents)> = candidates
        .into_iter()
        .filter_map(|offer| Some((offer, offer.committed()?, offer.monthly?)))
        .collect();
    if priced.is_empty() {
        return sources::pass(plan, Source::Telnyx, Passed::PriceUnknown);
    }
    let affordable: Vec<_> = priced
        .into_iter()
        .filter(|(_offer, _committed, monthly)| *monthly <= plan.work.caps.number_monthly)
        .collect();
    let Some((offer, committed, monthly)) = affordable.get(plan.ctx.one_of(affordable.len()))
    else {
        let cap = Cap::NumberMonthly;
        return sources::pass(plan, Source::Telnyx, Passed::CapReached { cap });
    };
    intend(plan, scouted, offer, *committed, *monthly)
}

/// Writes the intent with the candidate and its price; the order is placed after.
fn intend(
    plan: Plan<'_>,
    scouted: &Scouted,
    offer: &Offer,
    committed: Cents,
    monthly: Cents,
) -> Decided {
    let now = plan.now();
    let intent = Intent::open(plan.work.stamp(), now);
    let number = Number {
        id: NumberId::new(plan.ctx.fresh),
        organization: plan.work.organization.clone(),
        source: Source::Telnyx,
        carrier: Carrier::Telnyx {
            order: None,
            id: None,
            connection: scouted.connection.clone(),
            provider_status: None,
            former: None,
        },
        origin: Origin::Bought,
        number_type: offer.number_type,
        country: plan.work.request.wanted.country,
        stamp: intent.stamp.clone(),
        digits: Some(offer.digits.clone()),
        sip_uri: None,
        vapi: None,
        monthly,
        state: State::Acquiring,
        work: Some(plan.work_id()),
        linked_at: None,
        created_at: now,
    };
    let reservation = Reservation::new(plan.work.organization.clone(), committed, now);
    let caps = plan.work.caps;
    let ordering = Ordering {
        number: number.clone(),
        digits: offer.digits.clone(),
        credential: scouted.credential.clone(),
        connection: scouted.connection.clone(),
        reservation: reservation.clone(),
        said_taken: false,
        intent,
    };
    let spec = order_spec(&ordering);
    plan.note(Note::OrderIntended { committed })?
        .change(Change::Reserve(reservation, caps))
        .change(Change::OpenNumber(Box::new(number)))
        .enter(Phase::Ordering(ordering))?
        .perform(Effect::PlaceOrder(spec))
}

pub(super) fn order_spec(ordering: &Ordering) -> OrderSpec {
    OrderSpec {
        stamp: ordering.intent.stamp.clone(),
        digits: ordering.digits.clone(),
        connection: ordering.connection.clone(),
    }
}

/// The number was sold to others: remember it, and look for another.
pub(super) fn taken(plan: Plan<'_>, digits: E164) -> Decided {
    let plan = plan.record(Event::NumberTaken(digits))?;
    let wanted = &plan.work.request.wanted;
    let picked_only = wanted.picked.is_some() && wanted.matching == Match::Strict;
    if !picked_only && plan.work.taken.len() >= usize::from(plan.ctx.limits.taken) {
        return sources::pass(plan, Source::Telnyx, Passed::NumbersTaken);
    }
    begin(plan.enter(Phase::Scouting)?)
}

/// The search certainly failed; it is tried again, a bounded number of times.
pub(super) fn later(plan: Plan<'_>, retry_after: Option<Duration>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return sources::pass(plan, Source::Telnyx, Passed::Unavailable);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}
