//! Looking for a number at a carrier: one its account owns and nobody uses, else one for sale, with
//! the price.

use crate::ids::NumberId;
use crate::ledger::Reservation;
use crate::money::Cents;
use crate::number::{Carrier, Number, Origin, State};
use crate::offer::Offer;
use crate::outcome::{Outcome, Refusal};
use crate::phone::E164;
use crate::request::{Match, NumberType};
use crate::source::{Cap, Passed, Source};
use crate::telnyx::OrderSpec;
use crate::twilio::{BuySpec, OwnedNumber, Owner};
use crate::work::decision::{Decided, Plan};
use crate::work::input::{Scouted, Scouting, Seller};
use crate::work::phase::{Bought, Intent, Ordering, Phase, Through};
use crate::work::steps::{import, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use std::time::Duration;

pub(super) fn begin(plan: Plan<'_>) -> Decided {
    let Some(source) = sources::seller(&plan.work) else { return sources::next(plan) };
    let seller = match source {
        Source::OrgTwilio => Seller::Twilio(Owner::Organization(plan.work.organization.clone())),
        Source::GlobalTwilio => Seller::Twilio(Owner::Platform),
        Source::Telnyx | Source::Pool | Source::VapiFree | Source::Manual => Seller::Telnyx,
    };
    let mut wanted = plan.work.request.wanted.clone();
    // A search may go on offering a number that its order was refused for: what is looked for then
    // is what can be had in its place.
    if let Some(gone) = wanted.picked.take_if(|picked| plan.work.taken.contains(picked)) {
        wanted.area_code = wanted.area_code.or_else(|| gone.area_code());
    }
    let taken = plan.work.taken.clone();
    plan.perform(Effect::Scout(Scouting { seller, wanted, taken }))
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

/// Passes the source over that is being looked at.
pub(super) fn pass(plan: Plan<'_>, reason: Passed) -> Decided {
    match sources::seller(&plan.work) {
        Some(source) => sources::pass(plan, source, reason),
        None => sources::next(plan),
    }
}

/// A search without result: final for a picked number that had to be that one.
fn nothing(plan: Plan<'_>, reason: Passed) -> Decided {
    let wanted = &plan.work.request.wanted;
    let binding = wanted.picked.is_some() && wanted.matching == Match::Strict;
    if binding && reason == Passed::NoStock {
        return sources::picked_gone(plan, Vec::new());
    }
    pass(plan, reason)
}

fn choose(plan: Plan<'_>, scouted: &Scouted) -> Decided {
    let wanted = plan.work.request.wanted.clone();
    let taken = plan.work.taken.clone();
    let owned: Vec<&OwnedNumber> =
        scouted.owned.iter().filter(|number| !taken.contains(&number.digits)).collect();
    let preferred = nearest(&owned, wanted.area_code.as_ref());
    if let Some(number) = preferred.get(plan.ctx.one_of(preferred.len())) {
        return adopt(plan, scouted, number);
    }
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
        return pass(plan, reason);
    }
    let priced: Vec<(&Offer, Cents, Cents)> = candidates
        .into_iter()
        .filter_map(|offer| Some((offer, offer.committed()?, offer.monthly?)))
        .collect();
    if priced.is_empty() {
        return pass(plan, Passed::PriceUnknown);
    }
    let affordable: Vec<_> = priced
        .into_iter()
        .filter(|(_offer, _committed, monthly)| *monthly <= plan.work.caps.number_monthly)
        .collect();
    let Some((offer, committed, monthly)) = affordable.get(plan.ctx.one_of(affordable.len()))
    else {
        let cap = Cap::NumberMonthly;
        return pass(plan, Passed::CapReached { cap });
    };
    intend(plan, scouted, offer, *committed, *monthly)
}

/// Those of the area, if one is wished for and there are any.
fn nearest<'a>(
    owned: &[&'a OwnedNumber],
    area_code: Option<&crate::phone::AreaCode>,
) -> Vec<&'a OwnedNumber> {
    let is_near = |number: &&OwnedNumber| number.digits.area_code().as_ref() == area_code;
    let near: Vec<&OwnedNumber> = owned.iter().copied().filter(is_near).collect();
    if near.is_empty() { owned.to_vec() } else { near }
}

/// Makes a number of the account ours, with how it was set before, and imports it. Nothing is
/// bought: until it is imported it can be let go.
fn adopt(plan: Plan<'_>, scouted: &Scouted, owned: &OwnedNumber) -> Decided {
    let now = plan.now();
    let Through::Twilio { twilio: home } = &scouted.through else { return plan.unexpected() };
    let Some(source) = sources::seller(&plan.work) else { return plan.unexpected() };
    let number_type =
        if owned.digits.is_toll_free() { NumberType::TollFree } else { NumberType::Local };
    let number = Number {
        id: NumberId::new(plan.ctx.fresh),
        organization: plan.work.organization.clone(),
        source,
        carrier: Carrier::Twilio {
            home: home.clone(),
            id: Some(owned.sid.clone()),
            provider_status: Some(owned.status),
            former: Some(Box::new(owned.former_settings())),
        },
        origin: Origin::Imported,
        number_type,
        country: plan.work.request.wanted.country,
        stamp: plan.work.stamp(),
        digits: Some(owned.digits.clone()),
        sip_uri: None,
        vapi: None,
        // Its owner pays for it as before.
        monthly: Cents::ZERO,
        state: State::Acquiring,
        work: Some(plan.work_id()),
        linked_at: None,
        created_at: now,
    };
    let bought = Bought {
        number: number.clone(),
        digits: owned.digits.clone(),
        through: scouted.through.clone(),
        since: now,
    };
    let plan = plan.note(Note::OwnedFound)?.change(Change::OpenNumber(Box::new(number)));
    import::begin(plan, bought)
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
    let Some(source) = sources::seller(&plan.work) else { return plan.unexpected() };
    let intent = Intent::open(plan.work.stamp(), now);
    let carrier = match &scouted.through {
        Through::Telnyx { connection, .. } => Carrier::Telnyx {
            order: None,
            id: None,
            connection: connection.clone(),
            provider_status: None,
            former: None,
        },
        Through::Twilio { twilio } => {
            Carrier::Twilio { home: twilio.clone(), id: None, provider_status: None, former: None }
        }
    };
    let number = Number {
        id: NumberId::new(plan.ctx.fresh),
        organization: plan.work.organization.clone(),
        source,
        carrier,
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
        through: scouted.through.clone(),
        reservation: reservation.clone(),
        said_taken: false,
        intent,
    };
    let effect = purchase(&ordering);
    plan.note(Note::OrderIntended { committed })?
        .change(Change::Reserve(reservation, caps))
        .change(Change::OpenNumber(Box::new(number)))
        .enter(Phase::Ordering(ordering))?
        .perform(effect)
}

/// The call that buys.
pub(super) fn purchase(ordering: &Ordering) -> Effect {
    let (stamp, digits) = (ordering.intent.stamp.clone(), ordering.digits.clone());
    match &ordering.through {
        Through::Telnyx { connection, .. } => {
            Effect::PlaceOrder(OrderSpec { stamp, digits, connection: connection.clone() })
        }
        Through::Twilio { twilio } => {
            Effect::BuyAtTwilio { home: twilio.clone(), spec: BuySpec { stamp, digits } }
        }
    }
}

/// The number was sold to others: remember it, and look for another.
pub(super) fn taken(plan: Plan<'_>, digits: E164) -> Decided {
    let plan = plan.record(Event::NumberTaken(digits))?;
    let wanted = &plan.work.request.wanted;
    let picked_only = wanted.picked.is_some() && wanted.matching == Match::Strict;
    if !picked_only && plan.work.taken.len() >= usize::from(plan.ctx.limits.taken) {
        return pass(plan, Passed::NumbersTaken);
    }
    begin(plan.enter(Phase::Scouting)?)
}

/// The search certainly failed; it is tried again, a bounded number of times.
pub(super) fn later(plan: Plan<'_>, retry_after: Option<Duration>) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return pass(plan, Passed::Unavailable);
    }
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(Event::Tried)?.wait(until)
}
