//! The simulator in small: what must hold in every run, and what it once found.
//!
//! The great numbers are `cargo sim`'s.

mod regressions;

use sim::plan::Sizes;
use sim::schedule::{Catalogue, run};
use sim::trace::Trace;

/// Schedules looked at here.
const SCHEDULES: u64 = 30;

#[test]
fn all_is_well_in_every_schedule() {
    let catalogue = Catalogue::default();
    for seed in 0..SCHEDULES {
        let outcome = run(&catalogue, Sizes::Large, seed, Trace::default());
        assert_eq!(outcome.violation, None, "cargo sim run --sizes large --seed {seed} --trace");
    }
}

#[test]
fn the_same_seed_is_the_same_run_and_another_is_another() {
    let catalogue = Catalogue::default();
    let hash = |seed| run(&catalogue, Sizes::Large, seed, Trace::default()).hash;
    assert_eq!(hash(1), hash(1));
    assert_ne!(hash(1), hash(2));
}

#[test]
fn a_trace_that_is_read_is_of_the_same_run() {
    let catalogue = Catalogue::default();
    let silent = run(&catalogue, Sizes::Large, 3, Trace::default());
    let told = run(&catalogue, Sizes::Large, 3, Trace::readable());
    assert_eq!(silent.hash, told.hash);
    assert!(silent.trace.is_empty() && told.trace.len() > 50, "{} lines", told.trace.len());
}
