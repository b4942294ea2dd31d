//! Each model with little that may go wrong, and the whole of that space: seconds without
//! optimization.

use model::Options;

#[track_caller]
fn check(name: &str) {
    let options =
        Options { only: Some(name.to_owned()), threads: 2, small: true, ..Options::default() };
    let report = model::run(&options);
    let bad: Vec<_> = report.bad().map(|(model, property)| (model.name, property)).collect();
    assert!(report.is_good(), "{bad:#?}");
    assert!(report.models.iter().all(|model| model.whole && model.unique_states > 1000));
}

#[test]
fn two_provisionings_and_one_number() {
    check("two provisionings, one number");
}

#[test]
fn more_provisionings_than_numbers() {
    check("three provisionings, two numbers");
}

#[test]
fn a_provisioning_with_poller_and_webhook() {
    check("poller and webhook");
}

#[test]
fn a_cancel_against_a_purchase() {
    check("cancel against purchase");
}

#[test]
fn a_retry_against_a_late_answer() {
    check("retry against a late answer");
}

#[test]
fn the_last_slot_of_the_allowance() {
    check("9 of 10");
}

#[test]
fn a_release_against_a_claim() {
    check("a release against a claim");
}

#[test]
fn two_claims_of_the_pools_last_number() {
    check("two claims of one number");
}

#[test]
fn a_release_its_rest_and_the_next_business() {
    check("release and quarantine");
}

#[test]
fn a_provisioning_whose_number_the_sweeper_mends() {
    check("provisioning and sweeper");
}

#[test]
fn a_stray_that_is_adopted_beside_a_live_provisioning() {
    check("adoption against a live provisioning");
}
