//! Invariant 2: at most one purchase per provisioning attempt, over all sources; every purchase
//! has an intent written before it.

use super::{Asked, Checked, Sent, View, Violation, whose};
use domain::work::Phase;
use simulators::telnyx::OrderStatus;
use simulators::twilio::By;
use simulators::vapi::NumberKind;
use std::collections::BTreeMap;

/// What the providers hold for each stamp. A free number that turned out to be unusable is no
/// purchase; that it is marked is number 3's to say.
pub fn check(view: &View<'_>) -> Checked {
    let mut bought: BTreeMap<&str, u32> = BTreeMap::new();
    let mut free: BTreeMap<&str, u32> = BTreeMap::new();
    for account in view.sky.providers.telnyx.accounts() {
        for order in account.orders.iter() {
            let paid = order.lines.iter().filter(|line| line.status != OrderStatus::Failure);
            let paid = u32::try_from(paid.count()).unwrap();
            if let Some(stamp) = &order.customer_reference {
                *bought.entry(stamp).or_insert(0) += paid;
            }
        }
    }
    for account in view.sky.providers.twilio.accounts() {
        let bought_by_us = account.numbers.values().filter(|number| number.bought_by == By::Api);
        for stamp in bought_by_us.filter_map(|number| number.settings.get("friendly_name")) {
            *bought.entry(stamp).or_insert(0) += 1;
        }
    }
    let mut assistants: BTreeMap<&str, u32> = BTreeMap::new();
    for org in view.sky.providers.vapi.orgs() {
        for number in org.numbers.iter().filter(|number| number.kind == NumberKind::Vapi) {
            if let Some(stamp) = &number.name {
                *free.entry(stamp).or_insert(0) += 1;
            }
        }
        for assistant in org.assistants.iter() {
            let metadata = assistant.body.get("metadata");
            if let Some(stamp) = metadata.and_then(|it| it.get("stamp")?.as_str()) {
                *assistants.entry(stamp).or_insert(0) += 1;
            }
        }
    }
    for (what, counts) in [("numbers", bought), ("free numbers", free), ("assistants", assistants)]
    {
        if let Some((stamp, count)) = counts.iter().find(|(_, count)| **count > 1) {
            return Err(Violation::of(2, format!("{count} {what} were made under {stamp}")));
        }
    }
    Ok(())
}

/// A create that leaves has an open intent of its own in the table.
pub fn intended(view: &View<'_>, sent: &Sent) -> Checked {
    let Asked::Create { stamp, digits, what } = &sent.asked else { return Ok(()) };
    let Some(stamp) = stamp else {
        return Err(Violation::of(2, format!("{what} is created without a stamp")));
    };
    let Some((place, work, _)) = whose(view, Some(stamp.as_str())) else {
        return Err(Violation::of(
            2,
            format!("{what} is created under {stamp}, which is nobody's"),
        ));
    };
    let mirror = &view.mirrors[place];
    let phase = mirror.works.get(&work).map(|work| &work.phase);
    let intent = phase.and_then(Phase::intent);
    if place != sent.deployment || intent.is_none_or(|intent| intent.stamp != *stamp) {
        return Err(Violation::of(2, format!("{what} is created under {stamp} without an intent")));
    }
    let meant = phase.and_then(Phase::number).and_then(|number| number.digits.as_ref());
    match (digits, meant) {
        (Some(digits), Some(meant)) if meant.reveal() != digits => {
            Err(Violation::of(2, format!("{what}: the intent under {stamp} names another number")))
        }
        _ => Ok(()),
    }
}
