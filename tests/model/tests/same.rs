//! Two states that count as one are one. Otherwise what follows would depend on which of them is
//! come to first, and some of it would never be looked at.

/// More states than each has in its small size, which takes seconds without optimization.
const STATES_MAX: usize = 1_000_000;

#[track_caller]
fn check(name: &str) {
    assert_eq!(model::torn(name, true, STATES_MAX), None);
}

#[test]
fn where_webhooks_come_twice() {
    check("a provisioning with poller and webhook");
}

#[test]
fn where_works_are_in_each_others_way() {
    check("two provisionings, one number");
}

#[test]
fn where_a_number_changes_hands() {
    check("release and quarantine");
}
