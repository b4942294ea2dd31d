//! The checker can catch: a rule of the world around the product is made wrong on purpose, and it
//! must tell which promise breaks and how it comes to that.

use model::{Found, Options, Rules};
use std::time::Duration;

/// Runs a model, and says which rules were broken, and in how many actions.
fn broken(options: Options) -> Vec<(&'static str, usize)> {
    let report = model::run(&Options { threads: 2, small: true, ..options });
    assert!(!report.is_good());
    let violated = report.bad().filter(|(_, property)| property.found == Found::Violated);
    violated.map(|(_, property)| (property.name, property.path.len())).collect()
}

#[track_caller]
fn breaks(rule: &str, options: Options) {
    let broken = broken(options);
    assert!(broken.iter().any(|(name, actions)| *name == rule && *actions > 0), "{broken:?}");
}

fn only(name: &str) -> Options {
    Options { only: Some(name.to_owned()), ..Options::default() }
}

#[test]
fn a_lease_that_two_may_take_is_caught() {
    let rules = Rules::LeaseForAll;
    breaks(
        "only the holder of the lease writes",
        Options { rules, ..only("two provisionings, one number") },
    );
}

#[test]
fn a_slot_that_is_taken_without_its_condition_is_caught() {
    let rules = Rules::SlotForAll;
    let rule = "slots equal what is held or being created";
    breaks(rule, Options { rules, ..only("9 of 10") });
}

#[test]
fn a_number_that_is_claimed_unseen_is_caught() {
    let rules = Rules::NumberForAll;
    breaks("a number has one owner", Options { rules, ..only("two claims of one number") });
}

#[test]
fn a_number_that_is_freed_unseen_is_caught() {
    let rules = Rules::FreedUnseen;
    breaks("a number has one owner", Options { rules, ..only("release and quarantine") });
}

#[test]
fn a_rest_that_is_cut_short_is_caught() {
    let rules = Rules::SweptEarly;
    let rule = "a number that rests goes to no other business";
    breaks(rule, Options { rules, ..only("release and quarantine") });
}

#[test]
fn an_unlink_that_lands_after_it_was_waited_out_is_caught() {
    // It takes effect up to 180 seconds after its call's deadline; the product allows for 60.
    let lag = Some(Duration::from_secs(180));
    let rule = "on a number that is nobody's nobody answers";
    breaks(rule, Options { lag, ..only("a release against a claim") });
}

#[test]
fn a_number_that_shows_after_absence_was_believed_is_caught() {
    // Look-ups go on for 120 seconds after a call's deadline; the product allows for 60.
    let lag = Some(Duration::from_secs(180));
    breaks("one free number per attempt", Options { lag, ..only("retry") });
}
