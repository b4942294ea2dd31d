//! One bug after another, through one check after another, several processes at once.

use crate::planted::child::{self, Ended};
use crate::planted::{Options, Planted, Row};
use serde::Serialize;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What caught a bug.
#[derive(Debug, Clone, Serialize)]
pub struct Caught {
    /// The check that did.
    pub by: &'static str,
    /// The schedules it took, counted with the one that showed it; for checks other than random
    /// schedules, what they call their runs.
    pub after: u64,
    /// The number of the invariant that was seen violated.
    pub invariant: u8,
    /// What was seen.
    pub what: String,
    /// What replays it.
    pub replay: String,
}

/// The checks, the cheapest first.
const CHECKS: [&str; 3] = ["run", "repeat", "crash"];

/// A check as the program is told of it.
fn arguments(check: &str, options: &Options) -> Vec<String> {
    let mut arguments = vec![check.to_owned(), "--json".to_owned()];
    if check == "run" {
        arguments.extend(["--schedules".to_owned(), options.schedules.to_string()]);
        arguments.extend(["--seed".to_owned(), options.seed.to_string()]);
        // One, so that the number of schedules it took means something.
        arguments.extend(["--threads".to_owned(), "1".to_owned()]);
    }
    arguments
}

/// Hunts all of them.
pub(super) fn all(program: &Path, options: &Options, bugs: &[Planted]) -> anyhow::Result<Vec<Row>> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        let hunters: Vec<_> = (0..options.processes.max(1))
            .map(|_| {
                scope.spawn(|| -> anyhow::Result<()> {
                    while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let row = one(program, options, bug)?;
                        eprintln!("{}", super::table::line(&row));
                        rows.lock().unwrap().push(row);
                    }
                    Ok(())
                })
            })
            .collect();
        hunters.into_iter().try_for_each(|hunter| hunter.join().unwrap())
    })?;
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|row| row.bug.number);
    Ok(rows)
}

/// Hunts one, until a check reports a violation.
fn one(program: &Path, options: &Options, bug: &Planted) -> anyhow::Result<Row> {
    let begun = watch();
    let (mut caught, mut reached, mut broke) = (None, 0, Vec::new());
    for by in CHECKS {
        match child::check(program, bug.number, &arguments(by, options))? {
            Ended::Said(said) => {
                reached += said.reached();
                let after = said.until_first();
                if let Some(violation) = said.violations.into_iter().next() {
                    caught = Some(Caught {
                        by,
                        after,
                        invariant: violation.invariant,
                        what: violation.what,
                        replay: violation.replay,
                    });
                    break;
                }
            }
            Ended::Broke(why) => broke.push(format!("{by}: {why}")),
        }
    }
    Ok(Row { bug: bug.clone(), caught, reached, broke, seconds: begun() })
}

/// A stopwatch: tells the seconds since it was started.
pub(super) fn watch() -> impl Fn() -> f64 {
    let begun = std::time::Instant::now();
    move || begun.elapsed().as_secs_f64()
}
