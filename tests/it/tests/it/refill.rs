//! The pool refills itself: as many numbers as are wanted, and never more.

use it::truth::{assert_sound, number_states};
use it::{City, Shown as _, from_sources, harbor};
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

fn settings(target: &'static str) -> [(&'static str, &'static str); 4] {
    [
        ("POOL_TARGET", target),
        ("FREE_NUMBER_LIMIT", "1"),
        ("QUARANTINE_DAYS", "0"),
        ("SOURCE_ORDER", "pool,vapi_free,telnyx,manual"),
    ]
}

fn available(city: &City) -> usize {
    number_states(&city.table).get("available").copied().unwrap_or(0)
}

fn held(city: &City) -> usize {
    let held = city.held();
    assert_sound(city, &held);
    held.free.len() + held.bought.len()
}

#[test]
fn without_a_target_nothing_is_made() {
    let city = City::with(&settings("0"));
    city.sweep();
    city.settle();
    assert!(city.works().is_empty());
}

#[test]
fn an_empty_pool_is_filled_to_the_target_and_no_further() {
    let city = City::with(&settings("3"));
    assert_eq!(city.sweep().made, 3);
    // What is under way counts: nothing is there yet.
    assert_eq!(city.sweep().made, 0);
    city.settle();
    assert_eq!((available(&city), held(&city)), (3, 3));
    assert_eq!(city.sweep().made, 0);
    city.settle();
    assert_eq!(held(&city), 3);
}

#[test]
fn one_that_is_taken_is_made_good() {
    let city = City::with(&settings("3"));
    city.sweep();
    city.settle();
    let asked = city.post(&harbor(), from_sources(&["pool"]));
    city.settle();
    city.assert_answers(&city.look(&harbor(), asked.id()));
    assert_eq!(city.sweep().made, 1);
    city.settle();
    assert_eq!((available(&city), held(&city)), (3, 4));
}

#[test]
fn a_large_target_is_reached_in_several_sweeps() {
    let mut all = settings("12").to_vec();
    all.push(("CAP_DAY_ORGANIZATION_CENTS", "5000"));
    let city = City::with(&all);
    city.switch(&json!({ "telnyx": { "stock": 20 } }));
    assert_eq!((city.sweep().made, city.sweep().made), (10, 2));
    city.settle();
    assert_eq!((available(&city), held(&city)), (12, 12));
}

#[test]
fn two_sweeps_at_once_make_no_more_than_one() {
    let city = City::with(&settings("3"));
    let made = city.sweeps_at_once(3).into_iter().map(|sweep| sweep.made).sum::<u64>();
    assert_eq!(made, 3);
    city.settle();
    assert_eq!(held(&city), 3);
}

#[test]
fn killed_at_any_wait_the_next_sweep_makes_what_is_missing() {
    let mut wait = 1;
    loop {
        let city = City::with(&settings("2"));
        let killed = city.sweep_killed_at(wait);
        city.settle();
        city.sweep();
        city.settle();
        assert_eq!((available(&city), held(&city)), (2, 2), "killed at wait {wait}");
        if !killed {
            break;
        }
        wait += 1;
    }
    assert!(wait > 6, "there are waits to be killed at: {wait}");
}

#[test]
fn what_cannot_be_had_is_tried_again_hours_later() {
    let city = City::with(&settings("3"));
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    assert_eq!(city.sweep().made, 3);
    city.settle();
    assert_eq!(available(&city), 1, "the free one");
    city.pass(HOUR);
    assert_eq!(city.sweep().made, 0);
    city.switch(&json!({ "telnyx": { "stock": 20 } }));
    city.pass(HOUR * 6);
    assert_eq!(city.sweep().made, 2);
    city.settle();
    assert_eq!((available(&city), held(&city)), (3, 3));
}

#[test]
fn the_cap_of_the_platform_holds() {
    let mut all = settings("3").to_vec();
    all.push(("CAP_DAY_ORGANIZATION_CENTS", "250"));
    let city = City::with(&all);
    city.sweep();
    city.settle();
    assert_eq!((available(&city), city.held().spent_cents), (2, 200));
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    city.assert_answers(&city.look(&harbor(), asked.id()));
}
