//! `cargo sim planted`: whether the checks catch what they are there for.
//!
//! The workspace's packages are built once more, under `--cfg planted`, beside the ordinary build
//! and over the same dependencies. The program that comes of it is this one with the bugs of the
//! package `planted` in it, none of them in force unless `--bug` names one. Each bug gets processes
//! of its own, the cheapest check first, until one reports a violation. Bug 0 is none at all: it
//! goes through every check, and none may report anything.

mod build;
mod child;
mod hunt;
mod table;

use crate::planted::hunt::Caught;
use serde::Serialize;
use std::path::PathBuf;

pub use child::{arguments, reached};

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Random schedules a bug may survive before the next check is tried.
    pub schedules: u64,
    /// The seed of the first schedule.
    pub seed: u64,
    /// Processes at once.
    pub threads: usize,
    /// Only the bugs whose name contains this.
    pub only: Option<String>,
}

/// A bug as the build with the bugs tells of it.
#[derive(Debug, Clone, Serialize, serde::Deserialize)]
pub struct Planted {
    /// Its number.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// What is broken.
    pub what: String,
    /// The number of the invariant it violates.
    pub breaks: u8,
}

/// What became of one bug.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The bug; number 0 is none at all.
    pub bug: Planted,
    /// What caught it.
    pub caught: Option<Caught>,
    /// How often its line was met, over all checks it went through.
    pub reached: u64,
    /// Checks that died without a report: that is no catch.
    pub broke: Vec<String>,
    /// How long its checks took.
    pub seconds: f64,
}

impl Row {
    /// Whether it is as it should be: a bug is caught, and nothing is found where there is none.
    fn is_right(&self) -> bool {
        self.caught.is_some() == (self.bug.number != 0) && self.broke.is_empty()
    }
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Report {
    /// `planted`.
    pub command: &'static str,
    /// Bugs there are.
    pub bugs: usize,
    /// Bugs that were caught.
    pub caught: usize,
    /// The median of the schedules it took, over the bugs that random schedules caught.
    pub schedules_median: Option<u64>,
    /// Each bug.
    pub rows: Vec<Row>,
    /// How long the build took.
    pub build_seconds: f64,
    /// How long all took.
    pub seconds: f64,
}

impl Report {
    /// Whether all bugs were caught, and nothing was found without one.
    pub fn is_right(&self) -> bool {
        self.rows.iter().all(Row::is_right)
    }

    /// The summary, in one line.
    pub fn summary(&self) -> String {
        table::summary(self)
    }

    /// A line for each bug.
    pub fn table(&self) -> String {
        table::table(self)
    }
}

/// Builds the program with the bugs in it, and hunts each.
pub fn run(options: &Options) -> anyhow::Result<Report> {
    let begun = hunt::watch();
    let program: PathBuf = build::program()?;
    let build_seconds = begun();
    let bugs = child::bugs(&program)?;
    let wanted = |bug: &Planted| {
        options.only.as_ref().is_none_or(|part| bug.number == 0 || bug.name.contains(part))
    };
    let wanted: Vec<Planted> = bugs.into_iter().filter(wanted).collect();
    let rows = hunt::all(&program, options, wanted)?;
    let real = || rows.iter().filter(|row| row.bug.number != 0);
    Ok(Report {
        command: "planted",
        bugs: real().count(),
        caught: real().filter(|row| row.caught.is_some()).count(),
        schedules_median: table::median(real()),
        build_seconds,
        seconds: begun(),
        rows,
    })
}
