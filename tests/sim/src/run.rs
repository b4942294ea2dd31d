//! `cargo sim run`: random schedules, sharded over threads; and `cargo sim meta`.

use crate::kinds::Counts;
use crate::plan::Sizes;
use crate::report::{Found, Report};
use crate::schedule::{Catalogue, Outcome, run};
use crate::trace::Trace;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Schedules a thread takes at once.
const SHARE: u64 = 64;
/// From so many schedules on, every kind of fault must have struck.
const ALL_KINDS_FROM: u64 = 20_000;

/// Which schedules, and how.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// How many.
    pub schedules: u64,
    /// How large.
    pub sizes: Sizes,
    /// The first seed.
    pub seed: u64,
    /// Threads.
    pub threads: u16,
    /// Whether each is run twice and the traces compared.
    pub twice: bool,
}

impl Range {
    fn replay(self, seed: u64) -> String {
        let sizes = match self.sizes {
            Sizes::Mixed => "mixed",
            Sizes::Large => "large",
        };
        format!("cargo sim run --sizes {sizes} --seed {seed} --trace")
    }
}

/// What the schedules of a thread came to.
#[derive(Default)]
struct Sum {
    schedules: u64,
    steps: u64,
    requests: u64,
    simulated_ms: u64,
    faults: Counts,
    found: Vec<(u64, Found)>,
}

/// Runs schedules until one violates something, or all have been run.
pub fn many(range: Range) -> Report {
    let next = AtomicU64::new(0);
    let stop = AtomicBool::new(false);
    let all = Mutex::new(Sum::default());
    let bar = bar(range.schedules);
    thread::scope(|scope| {
        for _thread in 0..range.threads.max(1) {
            scope.spawn(|| {
                let sum = work(range, &next, &stop, &bar);
                all.lock().unwrap_or_else(PoisonError::into_inner).add(sum);
            });
        }
    });
    bar.finish_and_clear();
    let sum = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    sum.report(range)
}

fn bar(schedules: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{pos}/{len} schedules, {per_sec}, {eta} to go");
    let bar = ProgressBar::new(schedules);
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn work(range: Range, next: &AtomicU64, stop: &AtomicBool, bar: &ProgressBar) -> Sum {
    let catalogue = Catalogue::default();
    let mut sum = Sum::default();
    while !stop.load(Ordering::Relaxed) {
        let from = next.fetch_add(SHARE, Ordering::Relaxed);
        let until = (from + SHARE).min(range.schedules);
        if from >= until {
            break;
        }
        for place in from..until {
            let seed = range.seed + place;
            let outcome = run(&catalogue, range.sizes, seed, Trace::default());
            if range.twice {
                let again = run(&catalogue, range.sizes, seed, Trace::default());
                sum.compare(range, seed, &outcome, &again);
            }
            sum.take(range, seed, outcome);
        }
        bar.inc(until - from);
        if !sum.found.is_empty() {
            stop.store(true, Ordering::Relaxed);
        }
    }
    sum
}

impl Sum {
    fn take(&mut self, range: Range, seed: u64, outcome: Outcome) {
        self.schedules += 1;
        self.steps += outcome.steps;
        self.requests += outcome.requests;
        self.simulated_ms += u64::try_from(outcome.simulated_ms).unwrap_or(0);
        self.faults.merge(&outcome.faults);
        if let Some(violation) = outcome.violation {
            let found = Found::new(&violation, &format!("seed {seed}"), range.replay(seed));
            self.found.push((seed, found));
        }
    }

    fn compare(&mut self, range: Range, seed: u64, one: &Outcome, other: &Outcome) {
        if one.hash == other.hash {
            return;
        }
        let found = Found {
            invariant: 0,
            what: format!("two runs differ: {:x} and {:x}", one.hash, other.hash),
            seed: format!("seed {seed}"),
            replay: range.replay(seed),
        };
        self.found.push((seed, found));
    }

    fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.requests += other.requests;
        self.simulated_ms += other.simulated_ms;
        self.faults.merge(&other.faults);
        self.found.extend(other.found);
    }

    fn report(mut self, range: Range) -> Report {
        let mut report = Report::of(if range.twice { "meta" } else { "run" });
        report.schedules = self.schedules;
        report.steps = self.steps;
        report.count("requests", self.requests);
        report.count("faults", self.faults.total());
        report.count("simulated hours", self.simulated_ms / 3_600_000);
        report.faults(&self.faults);
        if self.schedules >= ALL_KINDS_FROM {
            report.missing = self.faults.missing();
        }
        self.found.sort_by_key(|(seed, _)| *seed);
        if let Some((first, _)) = self.found.first() {
            report.count("until the first violation", first - range.seed + 1);
        }
        self.found.into_iter().for_each(|(_, found)| report.found(found));
        report
    }
}

/// Runs one schedule and prints what happened in it.
pub fn one(sizes: Sizes, seed: u64) -> Report {
    let range = Range { schedules: 1, sizes, seed, threads: 1, twice: false };
    let outcome = run(&Catalogue::default(), sizes, seed, Trace::readable());
    outcome.trace.iter().for_each(|line| println!("{line}"));
    let mut sum = Sum::default();
    sum.take(range, seed, outcome);
    sum.report(range)
}
