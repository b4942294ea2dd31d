//! One bug after another, through one check after another, several processes at once.

use crate::planted::child::{self, Ended};
use crate::planted::{Options, Planted, Row};
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// A command that checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Random schedules.
    Run,
    /// Every delivery more than once.
    Repeat,
    /// A crash everywhere.
    Crash,
    /// Every order of events in small worlds.
    Model,
}

/// What caught a bug.
#[derive(Debug, Clone, Serialize)]
pub struct Caught {
    /// The check that did.
    pub by: Check,
    /// The schedules it took, counted with the one that showed it; for checks other than random
    /// schedules, their runs until they stopped.
    pub after: u64,
    /// The number of the invariant that was seen violated.
    pub invariant: u8,
    /// What was seen.
    pub what: String,
    /// What replays it, once there is a build.
    pub replay: String,
}

impl Check {
    /// All of them, the cheapest first.
    const ALL: [Self; 4] = [Self::Run, Self::Repeat, Self::Crash, Self::Model];

    /// Its name, as the program takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Repeat => "repeat",
            Self::Crash => "crash",
            Self::Model => "model",
        }
    }

    /// The one of that name.
    #[cfg(planted)]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.name() == name)
    }

    /// All of them, this one first.
    fn and_others(self) -> Vec<Self> {
        let others = Self::ALL.into_iter().filter(|check| *check != self);
        std::iter::once(self).chain(others).collect()
    }

    /// What the program is told.
    fn arguments(self, options: &Options, bug: &Planted, threads: usize) -> Vec<String> {
        let mut arguments = vec![self.name().to_owned(), "--json".to_owned()];
        match self {
            Self::Run => {
                arguments.extend(["--schedules".to_owned(), options.schedules.to_string()]);
                // Many bugs show only where several businesses want the same.
                arguments.extend(["--sizes".to_owned(), "large".to_owned()]);
                arguments.extend(["--seed".to_owned(), options.seed.to_string()]);
                arguments.extend(["--threads".to_owned(), threads.to_string()]);
            }
            Self::Model => {
                let only = |world: &String| ["--only".to_owned(), world.clone()];
                arguments.extend(bug.world.iter().flat_map(only));
            }
            Self::Repeat | Self::Crash => {}
        }
        arguments
    }
}

/// Hunts all of them. The checks that caught one then run without any, as far as they had to go for
/// one: what they report there would be no catch.
pub(super) fn all(program: &Path, options: &Options, bugs: &[Planted]) -> anyhow::Result<Vec<Row>> {
    let mut rows = hunted(program, options, bugs)?;
    rows.sort_by_key(|row| row.bug.number);
    let caught = |check: &Check| {
        rows.iter().any(|row| row.caught.as_ref().is_some_and(|caught| caught.by == *check))
    };
    // But not the models, which take longest and have been checked without the bugs' build.
    let quick = |check: &Check| *check != Check::Model;
    let used: Vec<Check> = Check::ALL.into_iter().filter(quick).filter(caught).collect();
    let farthest = taken(&rows).max().unwrap_or(0);
    let options = Options { schedules: farthest, ..options.clone() };
    rows.insert(0, one(program, &options, &Planted::none(), &used)?);
    Ok(rows)
}

/// The random schedules each bug took that was caught by them.
pub(super) fn taken(rows: &[Row]) -> impl Iterator<Item = u64> {
    let caught = rows.iter().filter_map(|row| row.caught.as_ref());
    caught.filter(|caught| caught.by == Check::Run).map(|caught| caught.after)
}

fn hunted(program: &Path, options: &Options, bugs: &[Planted]) -> anyhow::Result<Vec<Row>> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    let hunter = || -> anyhow::Result<()> {
        while let Some(bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let row = one(program, options, bug, &bug.begins.and_others())?;
            eprintln!("{}", super::table::line(&row));
            rows.lock().unwrap().push(row);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let hunters: Vec<_> =
            (0..options.processes.max(1)).map(|_process| scope.spawn(hunter)).collect();
        hunters.into_iter().try_for_each(|hunter| hunter.join().unwrap())
    })?;
    Ok(rows.into_inner().unwrap())
}

/// Hunts one, until a check reports a violation.
fn one(program: &Path, options: &Options, bug: &Planted, checks: &[Check]) -> anyhow::Result<Row> {
    let begun = Instant::now();
    let (mut caught, mut reached, mut broke) = (None, 0, Vec::new());
    // One for a bug, so that the number of schedules it took means something; and others are
    // hunted at the same time.
    let threads = if bug.number == 0 { options.processes } else { 1 };
    for by in checks.iter().copied() {
        match child::check(program, bug.number, &by.arguments(options, bug, threads))? {
            Ended::Said(said) => {
                reached += said.reached();
                caught = said.caught(by, program, bug);
                if caught.is_some() {
                    break;
                }
            }
            Ended::Broke(why) => broke.push(format!("{}: {why}", by.name())),
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Row { bug: bug.clone(), caught, reached, broke, seconds })
}
