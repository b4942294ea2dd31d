//! What is printed.

use crate::planted::{Report, Row};

/// One bug.
pub(super) fn line(row: &Row) -> String {
    let name = format!("{:>3} {:<24} {:>2}", row.bug.number, row.bug.name, row.bug.breaks);
    let end = match &row.caught {
        Some(caught) => format!(
            "{:<7} {:>7}  invariant {:<2} {}",
            caught.by, caught.after, caught.invariant, caught.what
        ),
        None if row.bug.number == 0 => "nothing found, as it must be".to_owned(),
        None => format!("NOT CAUGHT (its line was met {} times)", row.reached),
    };
    let broke: String = row.broke.iter().map(|why| format!("; BROKE {why}")).collect();
    format!("{name}  {:>6.1} s  {end}{broke}", row.seconds)
}

/// All bugs.
pub(super) fn table(report: &Report) -> String {
    let head = "  # bug                      breaks  time   caught by, after, as";
    let lines = report.rows.iter().map(line);
    std::iter::once(head.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The median of the schedules random schedules took.
pub(super) fn median<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<u64> {
    let caught = rows.filter_map(|row| row.caught.as_ref());
    let mut after: Vec<u64> =
        caught.filter(|caught| caught.by == "run").map(|caught| caught.after).collect();
    after.sort_unstable();
    after.get(after.len() / 2).copied()
}

/// The line at the end.
pub(super) fn summary(report: &Report) -> String {
    let clean = report.rows.iter().find(|row| row.bug.number == 0);
    let clean = match clean.map(|row| row.caught.is_none() && row.broke.is_empty()) {
        Some(true) => "nothing without a bug",
        Some(false) => "A VIOLATION WITHOUT A BUG",
        None => "not run without a bug",
    };
    let median = report.schedules_median.map_or("none".to_owned(), |median| median.to_string());
    format!(
        "planted: {} of {} bugs caught, {clean}; median of random schedules {median}; {:.0} s, \
         {:.0} of them to build",
        report.caught, report.bugs, report.seconds, report.build_seconds
    )
}
