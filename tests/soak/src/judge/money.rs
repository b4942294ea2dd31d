//! Slots and ledgers equal what they count.

use std::collections::BTreeMap;

use domain::number::Carrier;
use domain::work::Phase;
use store::keys;

use super::{Case, Findings};
use crate::settings;

pub(super) fn check(case: &Case<'_>) -> Findings {
    let mut findings = slots(case);
    findings.extend(ledgers(case));
    findings
}

/// Each free number at VAPI has its slot; a slot without one is held by an intent a person is
/// asked about.
fn slots(case: &Case<'_>) -> Findings {
    let mut findings = Findings::new();
    let (mut filled, mut open) = (0_usize, 0_usize);
    for row in case.table.rows(keys::FREE, "SLOT#") {
        let holder = row.text(keys::HOLDER).unwrap_or_default();
        let number = holder.parse().ok().and_then(|id| case.table.numbers.get(&id));
        let slot = keys::parse_slot(&row.sk);
        let of_number = number.is_some_and(|(number, _)| match number.carrier {
            Carrier::Vapi { slot: own } => Some(own) == slot,
            Carrier::Telnyx { .. } | Carrier::Unknown => false,
        });
        if of_number {
            filled += 1;
        } else if creates(case, holder) {
            open += 1;
        } else {
            findings.push(format!("{} is held by {holder}, which needs none", row.sk));
        }
    }
    let there = case.truth.free.len();
    if filled != there {
        findings.push(format!("{filled} slots are filled, and VAPI has {there} free numbers"));
    }
    if filled + open > usize::try_from(settings::FREE_NUMBERS).unwrap_or(usize::MAX) {
        findings.push(format!("{} slots are taken, more than there are", filled + open));
    }
    findings
}

/// Whether a work waits for a person with a free number's creation open.
fn creates(case: &Case<'_>, work: &str) -> bool {
    let item = work.parse().ok().and_then(|id| case.table.works.get(&id));
    item.is_some_and(|item| match &item.work.phase {
        Phase::NeedsPerson(stuck) => matches!(*stuck.at, Phase::CreatingFree(_)),
        _ => false,
    })
}

/// Money committed is money spent, plus what open orders that a person is asked about may cost.
fn ledgers(case: &Case<'_>) -> Findings {
    let mut wanted: BTreeMap<String, i64> = BTreeMap::new();
    for order in case.truth.orders.iter().filter(|order| !order.failed) {
        let parsed = order.stamp.as_deref().and_then(domain::ids::Stamp::parse);
        let item = parsed.and_then(|(_, work, _)| case.table.works.get(&work));
        // One of nobody is told by another checker.
        let Some(item) = item else { continue };
        *wanted.entry(item.work.organization.to_string()).or_default() += order.cents;
    }
    for item in case.table.works.values() {
        if let Phase::NeedsPerson(stuck) = &item.work.phase
            && let Phase::Ordering(open) = &*stuck.at
            && !case.truth.orders.iter().any(|order| {
                !order.failed && order.stamp.as_deref() == Some(open.intent.stamp.as_str())
            })
        {
            let organization = open.reservation.organization.to_string();
            *wanted.entry(organization).or_default() += open.reservation.amount.get();
        }
    }
    let mut findings = Findings::new();
    let all: i64 = wanted.values().sum();
    let mut compare = |name: String, wanted: i64| {
        for period in ["DAY#", "MONTH#"] {
            let rows = case.table.rows(&name, period).filter(|row| row.pk == name);
            let committed: i64 = rows.map(|row| row.number(keys::COMMITTED).unwrap_or(0)).sum();
            if committed != wanted {
                findings.push(format!("{name} {period} has {committed} cents, not {wanted}"));
            }
        }
    };
    compare("LEDGER#ALL".to_owned(), all);
    for (organization, cents) in wanted {
        compare(format!("LEDGER#OF#{organization}"), cents);
    }
    let kept: i64 =
        case.truth.orders.iter().filter(|order| !order.failed).map(|order| order.cents).sum();
    if kept != case.truth.spent_cents {
        findings.push(format!("{} cents were spent, {kept} ordered", case.truth.spent_cents));
    }
    findings
}
