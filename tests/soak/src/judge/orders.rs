//! Nothing is bought twice: an attempt has at most one order that was worked off, one free number,
//! one import and one assistant; and each was asked for by a work that exists.

use std::collections::BTreeSet;

use domain::ids::{DeploymentId, Stamp};
use store::keys;

use super::{Case, Findings, repeated};

pub(super) fn check(case: &Case<'_>) -> Findings {
    let truth = case.truth;
    let kept = truth.orders.iter().filter(|order| !order.failed);
    let mut findings = of_kind(case, "orders", kept.map(|order| order.stamp.as_deref()));
    findings.extend(of_kind(case, "free numbers", stamps(&truth.free)));
    findings.extend(of_kind(case, "imports", stamps(&truth.imported)));
    let assistants = truth.assistants.iter().map(|one| one.stamp.as_deref());
    findings.extend(of_kind(case, "assistants", assistants));
    findings.extend(numbers(case));
    findings.extend(strays(case));
    findings
}

fn stamps(all: &[super::truth::Recorded]) -> impl Iterator<Item = Option<&str>> {
    all.iter().map(|one| one.stamp.as_deref())
}

fn of_kind<'a>(
    case: &Case<'_>,
    kind: &str,
    stamps: impl Iterator<Item = Option<&'a str>>,
) -> Findings {
    let stamps: Vec<Option<&str>> = stamps.collect();
    let mut findings = Findings::new();
    for stamp in &stamps {
        let parsed: Option<(DeploymentId, _, _)> = stamp.and_then(Stamp::parse);
        if parsed.is_none_or(|(_, work, _)| !case.table.works.contains_key(&work)) {
            findings.push(format!("{kind}: {stamp:?} is the stamp of no work"));
        }
    }
    for (stamp, count) in repeated(stamps.into_iter()) {
        findings.push(format!("{count} {kind} carry the stamp {stamp:?}"));
    }
    findings
}

/// Each number at the carrier came from one order, and the other way round.
fn numbers(case: &Case<'_>) -> Findings {
    let truth = case.truth;
    let held: BTreeSet<&str> = truth.bought.iter().map(|one| one.digits.as_str()).collect();
    let kept = truth.orders.iter().filter(|order| !order.failed);
    let ordered: Vec<&str> =
        kept.flat_map(|order| order.digits.iter().map(String::as_str)).collect();
    let mut findings = Findings::new();
    for (digits, count) in repeated(ordered.iter().copied()) {
        findings.push(format!("{digits} was ordered {count} times"));
    }
    let ordered: BTreeSet<&str> = ordered.into_iter().collect();
    for digits in held.symmetric_difference(&ordered) {
        findings.push(format!("{digits} is held without an order, or ordered and not held"));
    }
    findings
}

/// Assistants at VAPI that no row of ours names.
fn strays(case: &Case<'_>) -> Findings {
    let known: BTreeSet<&str> =
        case.table.rows("ASSISTANT#", "ASSISTANT").filter_map(|row| row.text(keys::VAPI)).collect();
    let there: BTreeSet<&str> = case.truth.assistants.iter().map(|one| one.id.as_str()).collect();
    known
        .symmetric_difference(&there)
        .map(|id| format!("the assistant {id} is known on one side only"))
        .collect()
}
