//! What is printed.

use crate::planted::{Row, hunt};

/// One bug.
pub(super) fn line(row: &Row) -> String {
    let name = format!("{:>3} {:<24} {:>2}", row.bug.number, row.bug.name, row.bug.breaks);
    let end = match &row.caught {
        Some(caught) => format!(
            "{:<7} {:>7}  invariant {:<2} {}",
            caught.by.name(),
            caught.after,
            caught.invariant,
            caught.what
        ),
        None if row.is_none() => "nothing found, as it must be".to_owned(),
        None => format!("NOT CAUGHT (its line was met {} times)", row.reached),
    };
    let broke: String = row.broke.iter().map(|why| format!("; BROKE {why}")).collect();
    format!("{name}  {:>6.1} s  {end}{broke}", row.seconds)
}

/// All bugs.
pub(super) fn table(rows: &[Row]) -> String {
    let head = "  # bug                      breaks  time   caught by, after, as";
    let lines = rows.iter().map(line);
    std::iter::once(head.to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// The median of the schedules random schedules took.
pub(super) fn median(rows: &[Row]) -> Option<u64> {
    let mut after: Vec<u64> = hunt::taken(rows).collect();
    after.sort_unstable();
    after.get(after.len() / 2).copied()
}
