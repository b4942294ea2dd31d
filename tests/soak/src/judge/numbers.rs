//! Nothing is lost and nothing given to two: every number the providers hold has one row, every
//! row its number, its guards and one owner.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{NumberId, WorkId};
use domain::number::{Carrier, Number, State};
use domain::work::Phase;
use store::keys;

use super::{Case, Findings, repeated, waits_for_person};
use crate::table::Row;

pub(super) fn check(case: &Case<'_>) -> Findings {
    let mut findings = lost(case);
    for (number, row) in case.table.numbers.values() {
        findings.extend(owner(case, number, row));
        findings.extend(exists(case, number));
        findings.extend(guards(case, number));
    }
    findings.extend(stray_guards(case));
    findings.extend(shared(case));
    findings
}

/// What the providers hold and the table does not know.
fn lost(case: &Case<'_>) -> Findings {
    let rows = || case.table.numbers.values().map(|(number, _)| number);
    let mut findings = Findings::new();
    for bought in &case.truth.bought {
        let named = rows().filter(|row| digits(row) == Some(&bought.digits));
        let named = named.filter(|row| telnyx_id(row) == Some(&bought.id)).count();
        if named != 1 {
            findings.push(format!("{} was bought and has {named} rows", bought.digits));
        }
    }
    for record in case.truth.free.iter().chain(&case.truth.imported) {
        let named = rows().filter(|row| vapi_id(row) == Some(&record.id)).count();
        if named != 1 {
            findings.push(format!("VAPI's number {} has {named} rows", record.id));
        }
    }
    findings
}

fn digits(number: &Number) -> Option<&str> {
    number.digits.as_ref().map(|digits| digits.reveal())
}

fn vapi_id(number: &Number) -> Option<&str> {
    number.vapi.as_ref().map(|id| id.as_str())
}

fn telnyx_id(number: &Number) -> Option<&str> {
    match &number.carrier {
        Carrier::Vapi { .. } | Carrier::Unknown => None,
        Carrier::Telnyx { id, .. } => id.as_ref().map(|id| id.as_str()),
    }
}

/// Whose it is agrees with the works, the assistant and the lock on the row.
fn owner(case: &Case<'_>, number: &Number, row: &Row) -> Findings {
    let id = number.id;
    let holders: Vec<_> = case
        .table
        .works
        .values()
        .filter(|item| item.work.phase.number().is_some_and(|held| held.id == id))
        .collect();
    let mut findings = Findings::new();
    let state = number.state.name();
    let lock = row.text(keys::WORK);
    match (&number.state, holders.as_slice()) {
        (State::Assigned { business, assistant, .. }, [holder]) => {
            let work = &holder.work;
            let own = work.business() == Some(business)
                && work.recipient().is_some_and(|one| one.assistant == *assistant);
            if !own || !(work.phase.is_ready() || waits_for_person(work)) {
                findings.push(format!("{id} is {business}'s, and {} holds it", work.id));
            }
            let key = keys::assistant(*assistant);
            let named = case.table.row(&key).and_then(|row| row.text(keys::ASSIGNED));
            if named.is_none_or(|document| !document.contains(&id.to_string())) {
                findings.push(format!("{id} is assigned, and its assistant does not say so"));
            }
            if lock.is_some() && matches!(work.phase, Phase::Ready { .. }) {
                findings.push(format!("{id} is ready, and still locked by {lock:?}"));
            }
        }
        (State::Quarantined { .. } | State::Corrupted, []) => {
            if lock.is_some() {
                findings.push(format!("{id} is {state}, and still locked by {lock:?}"));
            }
        }
        // A person looks at it; the work that waits keeps it.
        (State::Acquiring | State::Reserved, [holder]) if waits_for_person(&holder.work) => {}
        (
            State::Acquiring
            | State::Available { .. }
            | State::Reserved
            | State::Assigned { .. }
            | State::Quarantined { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted,
            holders,
        ) => {
            let holders: Vec<WorkId> = holders.iter().map(|item| item.work.id).collect();
            findings.push(format!("{id} is {state}, and held by {holders:?}"));
        }
    }
    findings
}

/// A row's number exists at its provider, unless a person is asked whether it does.
fn exists(case: &Case<'_>, number: &Number) -> Findings {
    let asked = number.work.and_then(|work| case.table.works.get(&work));
    if asked.is_some_and(|item| waits_for_person(&item.work)) {
        return Findings::new();
    }
    let (truth, id) = (case.truth, number.id);
    let records = match &number.carrier {
        Carrier::Vapi { .. } => &truth.free,
        Carrier::Telnyx { .. } => &truth.imported,
        Carrier::Unknown => return vec![format!("{id} has no carrier, and nobody named it")],
    };
    let record = records.iter().find(|record| Some(record.id.as_str()) == vapi_id(number));
    let bought = truth.bought.iter().find(|bought| Some(bought.digits.as_str()) == digits(number));
    let mut findings = Findings::new();
    if matches!(number.carrier, Carrier::Telnyx { .. }) && bought.is_none() {
        findings.push(format!("{id} has a row and was never bought"));
    }
    match record {
        // A bought number that was called off before its import rests without a record.
        None if vapi_id(number).is_none() && bought.is_some() => {}
        None => findings.push(format!("{id} has a row and no record at VAPI")),
        Some(record) if digits(number).is_some() && record.digits.as_deref() != digits(number) => {
            findings.push(format!("{id} has other digits than at VAPI"));
        }
        Some(_) => {}
    }
    findings
}

/// All that identifies it is guarded for it, and its own assistant is who answers.
fn guards(case: &Case<'_>, number: &Number) -> Findings {
    let mut findings = Findings::new();
    for guard in number.guards() {
        let row = case.table.row(&keys::guard(&guard));
        let holder = row.and_then(|row| row.text(keys::HOLDER));
        if holder != Some(number.id.to_string().as_str()) {
            findings.push(format!("{} is guarded for {holder:?}", number.id));
        }
    }
    findings
}

/// Guards of numbers that are not there, or are not theirs.
fn stray_guards(case: &Case<'_>) -> Findings {
    let mut findings = Findings::new();
    for row in case.table.rows("", "GUARD") {
        let holder: Option<NumberId> = row.text(keys::HOLDER).and_then(|text| text.parse().ok());
        let number = holder.and_then(|id| case.table.numbers.get(&id));
        let own = number.is_some_and(|(number, _)| {
            number.guards().iter().any(|guard| keys::guard(guard).pk == row.pk)
        });
        if !own {
            // Its key would show whole digits.
            let kind = row.pk.split('#').next().unwrap_or_default();
            findings.push(format!("a {kind} guard is held for {holder:?}, which has it not"));
        }
    }
    findings
}

/// Nothing stands in two rows, and nobody has two.
fn shared(case: &Case<'_>) -> Findings {
    let rows = || case.table.numbers.values().map(|(number, _)| number);
    let twice = |what: &str, ids: Vec<&str>| -> Findings {
        let all = repeated(ids.into_iter()).into_iter();
        all.map(|(id, count)| format!("{what} {id} stands in {count} rows")).collect()
    };
    let mut findings = twice("the digits", rows().filter_map(digits).collect());
    findings.extend(twice("VAPI's id", rows().filter_map(vapi_id).collect()));
    findings.extend(twice("Telnyx's id", rows().filter_map(telnyx_id).collect()));
    let mut owned: BTreeMap<_, BTreeSet<NumberId>> = BTreeMap::new();
    for number in rows() {
        if let State::Assigned { business, assistant, .. } = &number.state {
            let owner = (number.organization.clone(), business.clone(), *assistant);
            owned.entry(owner).or_default().insert(number.id);
        }
    }
    for ((_, business, assistant), numbers) in owned {
        if numbers.len() > 1 {
            findings.push(format!("{assistant} of {business} has {numbers:?}"));
        }
    }
    findings
}
