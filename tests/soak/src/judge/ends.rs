//! No work is under way for ever: each has ended, or waits for a person.

use domain::work::Phase;
use store::keys;

use super::{Case, Findings, repeated};

pub(super) fn check(case: &Case<'_>) -> Findings {
    let mut findings = Findings::new();
    for (id, item) in &case.table.works {
        let phase = item.work.phase.name().as_str();
        let due = item.row.number(keys::DUE_AT);
        if !item.is_at_rest() {
            let lease = item.row.text(keys::LEASE_HOLDER);
            findings.push(format!("{id} is not at rest: {phase}, due {due:?}, lease {lease:?}"));
        } else if let Phase::ReadyDegraded(degraded) = &item.work.phase {
            let problem = &degraded.problem;
            findings.push(format!("{id} stays degraded with the providers well: {problem:?}"));
        } else if due.is_some() {
            findings.push(format!("{id} has ended as {phase} and is due at {due:?}"));
        }
    }
    let live = case.table.works.values().filter(|item| !item.work.phase.is_over());
    for (assistant, count) in
        repeated(live.filter_map(|item| item.work.recipient()).map(|one| one.assistant))
    {
        findings.push(format!("the assistant {assistant} has {count} live provisionings"));
    }
    for row in case.table.rows(keys::WATCH, keys::WATCHED_FROM) {
        findings.push(format!("{} is still watched for digits", row.sk));
    }
    findings
}
