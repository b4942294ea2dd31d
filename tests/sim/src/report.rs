//! What a command found: one line for people, one JSON object for programs.

use crate::invariants::Violation;
use crate::kinds::{Counts, Kind};
use serde::Serialize;
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

/// Violations kept; one is enough to look into.
const FOUND_MAX: usize = 20;

/// Something that must not be, and how to see it again.
#[derive(Debug, Clone, Serialize)]
pub struct Found {
    /// The invariant's number; 0 for what is wrong without breaking one.
    pub invariant: u8,
    /// What was seen.
    pub what: String,
    /// The seed, or the name of what was run.
    pub seed: String,
    /// The command that shows it, step by step.
    pub replay: String,
}

impl Found {
    /// A violation, where it was found and how to see it again.
    pub fn new(violation: &Violation, seed: &str, replay: String) -> Self {
        let Violation { invariant, what } = violation.clone();
        Self { invariant, what, seed: seed.to_owned(), replay }
    }
}

/// What a command did and found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The command.
    pub command: &'static str,
    /// What must not be.
    pub violations: Vec<Found>,
    /// Runs.
    pub schedules: u64,
    /// Steps of all runs.
    pub steps: u64,
    /// Further figures.
    pub figures: BTreeMap<&'static str, u64>,
    /// How often each kind of fault struck.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub faults: BTreeMap<&'static str, u64>,
    /// Kinds of faults that never struck although they should have.
    pub missing: Vec<&'static str>,
    /// What became of each planted bug.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bugs: Vec<crate::planted::Row>,
    /// How long it took.
    pub seconds: f64,
}

impl Report {
    /// An empty report of a command.
    pub const fn of(command: &'static str) -> Self {
        Self {
            command,
            violations: Vec::new(),
            schedules: 0,
            steps: 0,
            figures: BTreeMap::new(),
            faults: BTreeMap::new(),
            missing: Vec::new(),
            bugs: Vec::new(),
            seconds: 0.0,
        }
    }

    /// Something was found.
    pub fn found(&mut self, found: Found) {
        if self.violations.len() < FOUND_MAX {
            self.violations.push(found);
        }
    }

    /// With what another found.
    pub fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        other.violations.into_iter().for_each(|found| self.found(found));
        other.figures.into_iter().for_each(|(what, more)| self.count(what, more));
    }

    /// So much more of something.
    pub fn count(&mut self, what: &'static str, more: u64) {
        *self.figures.entry(what).or_insert(0) += more;
    }

    /// How often faults struck.
    pub fn faults(&mut self, counts: &Counts) {
        for kind in Kind::ALL {
            *self.faults.entry(kind.name()).or_insert(0) += counts.of(*kind);
        }
    }

    /// Whether something is wrong.
    pub fn is_bad(&self) -> bool {
        !self.violations.is_empty() || !self.missing.is_empty()
    }

    /// Prints what was found, and tells how the program should end.
    pub fn print(mut self, took: Duration, json: bool) -> ExitCode {
        self.seconds = took.as_secs_f64();
        for found in &self.violations {
            let Found { invariant, what, seed, replay } = found;
            println!("VIOLATION of invariant {invariant}, {seed}: {what}\n  see it with: {replay}");
        }
        for kind in &self.missing {
            println!("MISSING: {kind} never struck");
        }
        println!("{}", self.line(took));
        if json {
            println!("{}", serde_json::to_string(&self).unwrap());
        }
        if self.is_bad() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn line(&self, took: Duration) -> String {
        let end = if self.is_bad() { "FAILED" } else { "ok" };
        let mut line = format!(
            "sim {}: {end}, {} runs in {:.1} s ({}/s), {} steps ({}/s)",
            self.command,
            self.schedules,
            self.seconds,
            rate(self.schedules, took),
            self.steps,
            rate(self.steps, took),
        );
        for (what, how_much) in &self.figures {
            line.push_str(&format!(", {how_much} {what}"));
        }
        line
    }
}

/// So many in a second.
fn rate(count: u64, took: Duration) -> u64 {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1_000) / millis
}
