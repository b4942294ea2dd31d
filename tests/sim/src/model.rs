//! `cargo sim model`: every order of events in a few small worlds.

use crate::invariants::Violation;
use crate::report::{Found, Report};
use model::{Options, PropertyReport};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What is left to check, and what came of the rest.
struct Checking {
    left: VecDeque<&'static str>,
    report: Report,
}

/// Checks the models whose name contains `only`, or all, until something is wrong in one.
pub fn run(only: Option<&str>, threads: u16) -> Report {
    let wanted = |name: &&str| only.is_none_or(|only| name.contains(only));
    let left = model::names().into_iter().filter(wanted).collect();
    let checking = Mutex::new(Checking { left, report: Report::of("model") });
    // Two threads at one model are in each other's way, two models are not.
    thread::scope(|scope| {
        for nth in 0..threads.max(1) {
            let checking = &checking;
            scope.spawn(move || while check_next(checking, nth % 2 == 1) {});
        }
    });
    let mut report = checking.into_inner().unwrap_or_else(PoisonError::into_inner).report;
    if report.schedules == 0 {
        report.found(found("none", &Violation::of(0, "there is no such model")));
    }
    report
}

/// Checks one more, if something is left to check. One half of the threads takes the longest first,
/// so that none ends long before the others, the other half the quickest, so that what is wrong
/// shows soon.
fn check_next(checking: &Mutex<Checking>, longest_first: bool) -> bool {
    let lock = || checking.lock().unwrap_or_else(PoisonError::into_inner);
    let next = {
        let mut checking = lock();
        let is_bad = checking.report.is_bad();
        let left = &mut checking.left;
        let next = if longest_first { left.pop_back() } else { left.pop_front() };
        next.filter(|_name| !is_bad)
    };
    let Some(name) = next else { return false };
    let options = Options { only: Some(name.to_owned()), ..Options::default() };
    let checked = model::run(&options);
    take(&checked, &mut lock().report);
    true
}

fn take(checked: &model::Report, report: &mut Report) {
    for model in &checked.models {
        println!(
            "{}: {} states ({} come to), {} deep, {} properties, {:.1} s",
            model.name,
            model.unique_states,
            model.total_states,
            model.depth,
            model.properties.len(),
            model.seconds,
        );
        report.schedules += 1;
        report.steps += u64::try_from(model.total_states).unwrap_or(u64::MAX);
        report.count("unique states", u64::try_from(model.unique_states).unwrap_or(u64::MAX));
        if !model.whole && model.properties.iter().all(|property| property.found.is_good()) {
            let unfinished = Violation::of(0, "its space was not looked at as a whole");
            report.found(found(model.name, &unfinished));
        }
    }
    for (model, property) in checked.bad() {
        tell(property);
        let what = format!("{} is {:?}", property.name, property.found);
        report.found(found(model.name, &Violation::of(0, what)));
    }
}

fn tell(property: &PropertyReport) {
    for action in &property.path {
        println!("    {action}");
    }
}

fn found(model: &str, violation: &Violation) -> Found {
    Found::new(violation, model, format!("cargo sim model --only '{model}'"))
}
