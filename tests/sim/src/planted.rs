//! `cargo sim planted`: whether the checks catch what they are there for.
//!
//! The workspace's packages are built once more, under `--cfg planted`, beside the ordinary build
//! and over the same dependencies. The program that comes of it is this one with the bugs of the
//! package `planted` in it, none of them in force unless `--bug` names one. Each bug gets processes
//! of its own, the cheapest check first, until one reports a violation. Bug 0 is none at all: the
//! checks that caught something run without any bug too, and must report nothing.

mod build;
mod child;
mod hunt;
mod table;

use crate::report::{Found, Report};
use serde::{Deserialize, Serialize};

pub use child::{arguments, tell};
pub use hunt::{Caught, Check};

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Random schedules a bug may survive before the next check is tried.
    pub schedules: u64,
    /// The seed of the first schedule.
    pub seed: u64,
    /// Only the bugs whose name contains this.
    pub only: Option<String>,
    /// Processes at once.
    pub processes: usize,
}

/// A bug as the build with the bugs tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Planted {
    /// Its number; 0 stands for none at all.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// What is broken.
    pub what: String,
    /// The number of the invariant it violates.
    pub breaks: u8,
    /// The check to begin with.
    pub begins: Check,
    /// The only model to look at.
    pub world: Option<String>,
}

impl Planted {
    /// None at all.
    fn none() -> Self {
        let begins = Check::Run;
        let name = "none".to_owned();
        Self { number: 0, name, what: String::new(), breaks: 0, begins, world: None }
    }
}

/// What became of one bug.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// The bug.
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
    const fn is_none(&self) -> bool {
        self.bug.number == 0
    }

    /// What is not as it should be: a bug is caught, and nothing is found where there is none.
    fn wrong(&self) -> Option<String> {
        let name = &self.bug.name;
        match &self.caught {
            _ if !self.broke.is_empty() => Some(format!("{name}: {}", self.broke.join("; "))),
            Some(caught) if self.is_none() => {
                Some(format!("{} reports without any bug: {}", caught.by.name(), caught.what))
            }
            None if !self.is_none() => {
                let (what, reached) = (&self.bug.what, self.reached);
                Some(format!("{name} is not caught, met {reached} times: {what}"))
            }
            Some(_) | None => None,
        }
    }
}

/// Builds the program with the bugs in it, and hunts each.
pub fn run(options: &Options) -> Report {
    let mut report = Report::of("planted");
    match hunted(options) {
        Ok(rows) => told(&mut report, rows),
        Err(error) => broke(&mut report, &error),
    }
    report
}

/// Builds the program with the bugs in it, and no more.
pub fn build() -> Report {
    let mut report = Report::of("planted --build");
    if let Err(error) = build::program() {
        broke(&mut report, &error);
    }
    report
}

fn broke(report: &mut Report, error: &anyhow::Error) {
    report.found(Found {
        invariant: 0,
        what: format!("{error:#}"),
        seed: "the hunt".to_owned(),
        replay: "cargo sim planted".to_owned(),
    });
}

fn hunted(options: &Options) -> anyhow::Result<Vec<Row>> {
    let program = build::program()?;
    let wanted = |bug: &Planted| options.only.as_ref().is_none_or(|part| bug.name.contains(part));
    let bugs: Vec<Planted> = child::bugs(&program)?.into_iter().filter(wanted).collect();
    hunt::all(&program, options, &bugs)
}

fn told(report: &mut Report, rows: Vec<Row>) {
    println!("{}", table::table(&rows));
    for row in &rows {
        report.schedules += 1;
        report.count("bugs", u64::from(!row.is_none()));
        report.count("caught", u64::from(!row.is_none() && row.caught.is_some()));
        if let Some(what) = row.wrong() {
            report.found(Found {
                invariant: row.bug.breaks,
                what,
                seed: format!("bug {}", row.bug.number),
                replay: format!("cargo sim planted --only {}", row.bug.name),
            });
        }
    }
    if let Some(median) = table::median(&rows) {
        report.count("random schedules until caught (median)", median);
    }
    report.bugs = rows;
}
