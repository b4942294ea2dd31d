//! `cargo sim model`: every order of events in a few small worlds.

use crate::invariants::Violation;
use crate::report::{Found, Report};
use model::{Options, PropertyReport};

/// Checks the models whose name contains `only`, or all, until something is wrong in one.
pub fn run(only: Option<&str>, threads: u16) -> Report {
    let mut report = Report::of("model");
    let wanted = |name: &&str| only.is_none_or(|only| name.contains(only));
    for name in model::names().into_iter().filter(wanted) {
        let options = Options {
            only: Some(name.to_owned()),
            threads: usize::from(threads),
            ..Options::default()
        };
        take(&model::run(&options), &mut report);
        if report.is_bad() {
            return report;
        }
    }
    if report.schedules == 0 {
        report.found(found("none", &Violation::of(0, "there is no such model")));
    }
    report
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
