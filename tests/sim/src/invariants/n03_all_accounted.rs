//! Invariant 3: after settling, every number the providers hold for a deployment is in its table,
//! and every row's number exists at its provider or is marked.

use super::{Checked, View, Violation, whose};
use crate::mirror::Mirror;
use domain::number::{Carrier, Number, State};
use simulators::telnyx::NumberStatus;
use simulators::twilio::By;
use simulators::vapi::NumberKind;

/// Both ways.
pub fn check(view: &View<'_>) -> Checked {
    held_is_known(view)?;
    for mirror in view.mirrors {
        for number in mirror.numbers.values() {
            known_is_held(view, number)?;
        }
    }
    Ok(())
}

fn held_is_known(view: &View<'_>) -> Checked {
    for account in view.sky.providers.telnyx.accounts() {
        let held = account.numbers.values();
        for held in held.filter(|held| held.status != NumberStatus::Deleted) {
            let order = held.order_id.as_ref().and_then(|id| account.orders.get(id));
            let stamp = order.and_then(|order| order.customer_reference.as_deref());
            let Some((place, _, stamp)) = whose(view, stamp) else { continue };
            let mut rows = ours(&view.mirrors[place]);
            let known = rows.any(|row| {
                row.digits.as_ref().is_some_and(|own| own.reveal() == held.phone_number)
            });
            if !known {
                let what = format!("{} was bought under {stamp} and has no row", held.phone_number);
                return Err(Violation::of(3, what));
            }
        }
    }
    for account in view.sky.providers.twilio.accounts() {
        for held in account.numbers.values().filter(|held| held.bought_by == By::Api) {
            let name = held.settings.get("friendly_name");
            let Some((place, _, stamp)) = whose(view, name) else { continue };
            let known = |row: &Number| {
                row.digits.as_ref().is_some_and(|own| own.reveal() == held.phone_number)
            };
            if !ours(&view.mirrors[place]).any(known) {
                let what = format!("{} was bought under {stamp} and has no row", held.phone_number);
                return Err(Violation::of(3, what));
            }
        }
    }
    for org in view.sky.providers.vapi.orgs() {
        for held in org.numbers.iter() {
            let Some((place, _, stamp)) = whose(view, held.name.as_deref()) else { continue };
            let mut rows = ours(&view.mirrors[place]);
            let known = rows.any(|row| row.vapi.as_ref().is_some_and(|id| id.as_str() == held.id));
            if !known {
                let kind = if held.kind == NumberKind::Vapi { "free" } else { "imported" };
                let what = format!("the {kind} number {} of {stamp} has no row", held.id);
                return Err(Violation::of(3, what));
            }
        }
    }
    Ok(())
}

/// The rows of numbers that are ours: one that was given back must be gone.
fn ours(mirror: &Mirror) -> impl Iterator<Item = &Number> {
    mirror.numbers.values().filter(|row| row.state != State::Released)
}

fn known_is_held(view: &View<'_>, row: &Number) -> Checked {
    match row.state {
        State::Assigned { .. } | State::Available { .. } | State::Quarantined { .. } => {}
        // Kept at its carrier, if it was ever found there.
        State::Retired if row.carrier != Carrier::Unknown => {}
        State::Acquiring
        | State::Reserved
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => return Ok(()),
    }
    let orgs = view.sky.providers.vapi.orgs();
    let at_vapi = row
        .vapi
        .as_ref()
        .is_some_and(|id| orgs.iter().any(|org| org.numbers.get(id.as_str()).is_some()));
    let at_carrier = match &row.carrier {
        Carrier::Vapi { .. } => at_vapi,
        Carrier::Twilio { .. } => row
            .digits
            .as_ref()
            .is_some_and(|digits| view.sky.providers.twilio.holding(digits.reveal()).is_some()),
        Carrier::Unknown => false,
        Carrier::Telnyx { .. } => row
            .digits
            .as_ref()
            .is_some_and(|digits| view.sky.providers.telnyx.holding(digits.reveal()).is_some()),
    };
    let imported = row.vapi.is_none() || at_vapi;
    if at_carrier && imported {
        return Ok(());
    }
    Err(Violation::of(3, format!("number {} is {} and exists nowhere", row.id, row.state.name())))
}
