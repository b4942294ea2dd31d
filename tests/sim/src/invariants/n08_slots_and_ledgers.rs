//! Invariant 8: slots and cap ledgers equal what they count, at every step.

use super::{Checked, View, Violation, whose};
use crate::mirror::{LedgerKey, Mirror};
use domain::number::{Carrier, State};
use domain::work::Phase;
use simulators::telnyx::OrderStatus;
use simulators::twilio::By;
use std::collections::BTreeMap;

/// Every slot has the holder that says so, and every ledger is the sum of what is set aside.
pub fn check(mirror: &Mirror) -> Checked {
    let mut slots: BTreeMap<u16, String> = BTreeMap::new();
    for work in mirror.works.values() {
        if let Some(slot) = created_in(&work.phase) {
            slots.insert(slot, work.id.to_string());
        }
    }
    for number in mirror.numbers.values() {
        if let Carrier::Vapi { slot } = number.carrier
            && number.state != State::Released
        {
            slots.insert(slot.get(), number.id.to_string());
        }
    }
    if slots != mirror.slots {
        let what = format!("slots are {:?} and should be {slots:?}", mirror.slots);
        return Err(Violation::of(8, what));
    }
    let mut ledgers: BTreeMap<LedgerKey, i64> = BTreeMap::new();
    for reservation in mirror.reservations.values() {
        let own = format!("LEDGER#OF#{}", reservation.organization);
        for pk in [own, "LEDGER#ALL".to_owned()] {
            for sk in [format!("DAY#{}", reservation.day), format!("MONTH#{}", reservation.month)] {
                *ledgers.entry((pk.clone(), sk)).or_insert(0) += reservation.amount.get();
            }
        }
    }
    for (key, committed) in &mirror.ledgers {
        let should = ledgers.remove(key).unwrap_or(0);
        if should != *committed {
            let what = format!("ledger {key:?} says {committed} and should say {should}");
            return Err(Violation::of(8, what));
        }
    }
    match ledgers.first_key_value() {
        Some((key, _)) => Err(Violation::of(8, format!("ledger {key:?} is missing"))),
        None => Ok(()),
    }
}

/// The slot a free number is being created in.
fn created_in(phase: &Phase) -> Option<u16> {
    match phase {
        Phase::CreatingFree(creating) => Some(creating.slot.get()),
        Phase::NeedsPerson(stuck) => created_in(&stuck.at),
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
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
        | Phase::Ready { .. }
        | Phase::ReadyDegraded(_)
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removing
        | Phase::Removed
        | Phase::Stocked { .. } => None,
    }
}

/// Once all has settled, what is set aside is what was spent.
pub fn exact(view: &View<'_>) -> Checked {
    let mut spent = vec![0_i64; view.mirrors.len()];
    for order in view.sky.providers.telnyx.accounts().iter().flat_map(|one| one.orders.iter()) {
        if let Some((place, _, _)) = whose(view, order.customer_reference.as_deref()) {
            let paid = order.lines.iter().filter(|line| line.status != OrderStatus::Failure);
            spent[place] += paid.map(|line| line.charged_cents).sum::<i64>();
        }
    }
    for account in view.sky.providers.twilio.accounts() {
        let held = account.numbers.values().filter(|number| number.bought_by == By::Api);
        let held = held.map(|number| (number.settings.get("friendly_name"), number.paid_cents));
        let released = account.released.iter();
        let released = released.map(|one| (Some(one.friendly_name.as_str()), one.paid_cents));
        for (name, paid_cents) in held.chain(released) {
            if let Some((place, _, _)) = whose(view, name) {
                spent[place] += paid_cents;
            }
        }
    }
    for (mirror, spent) in view.mirrors.iter().zip(spent) {
        let unsettled = mirror.works.values().any(|work| work.phase.intent().is_some());
        let months = mirror
            .ledgers
            .iter()
            .filter(|((pk, sk), _)| pk == "LEDGER#ALL" && sk.starts_with("MONTH#"));
        let committed: i64 = months.map(|(_, cents)| *cents).sum();
        if committed != spent && !unsettled {
            let what = format!("{committed} cents are committed and {spent} were spent");
            return Err(Violation::of(8, what));
        }
    }
    Ok(())
}
