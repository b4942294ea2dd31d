use super::*;
use crate::number::Proof;
use crate::time::Timestamp;
use serde_json::json;

/// A number of that country, type, slot or Telnyx, in that state.
fn number(country: &str, carrier: serde_json::Value, state: serde_json::Value) -> Number {
    let document = json!({
        "id": "01KA0000000000000000000001", "organization": "org-1", "source": "vapi_free",
        "carrier": carrier, "origin": "bought", "number_type": "local", "country": country,
        "stamp": "DEPLOY01-01KA0000000000000000000001-1", "digits": null, "sip_uri": null,
        "vapi": null, "monthly": 0, "state": state, "work": null, "linked_at": null,
        "created_at": 0,
    });
    serde_json::from_value(document).unwrap()
}

/// One state of each kind.
fn states() -> Vec<State> {
    let at = Timestamp::default();
    vec![
        State::Acquiring,
        State::Available { since: at },
        State::Reserved,
        State::Assigned {
            business: "b".parse().unwrap(),
            assistant: "01KA0000000000000000000001".parse().unwrap(),
            since: at,
        },
        State::Quarantined { until: at, former: None, assistant: None, proof: Proof::Proven },
        State::Releasing,
        State::Released,
        State::Suspended,
        State::Retired,
        State::Unverified,
        State::Corrupted,
    ]
}

#[test]
fn each_state_that_counts_is_listed_under_its_status_and_under_no_other() {
    for state in states() {
        let listed = Status::ALL.into_iter().filter(|one| one.states().contains(&state.name()));
        let listed: Vec<Status> = listed.collect();
        assert_eq!(listed, Vec::from_iter(Status::of(&state)), "{}", state.name());
    }
    let all: usize = Status::ALL.iter().map(|status| status.states().len()).sum();
    assert_eq!(all, states().len() - 1, "all but released");
}

#[test]
fn the_three_add_up_to_the_total_class_by_class() {
    let vapi = || json!({ "carrier": "vapi", "slot": 1 });
    let telnyx = json!({
        "carrier": "telnyx", "order": null, "id": null, "connection": null,
        "provider_status": null,
    });
    let mut tally = Tally::default();
    for state in states() {
        tally.add(&Number { state, ..number("US", vapi(), json!({ "state": "acquiring" })) });
    }
    tally.add(&number("CA", telnyx, json!({ "state": "available", "since": 0 })));
    let counts = tally.counts();
    assert_eq!(counts, Counts { available: 2, assigned: 3, suspended: 6 });
    assert_eq!(counts.total(), 11);
    let classes: Vec<(&str, u64)> =
        tally.classes().iter().map(|one| (one.provider.as_str(), one.counts.total())).collect();
    assert_eq!(classes, [("vapi", 10), ("telnyx", 1)]);
    let text = serde_json::to_string(&tally).unwrap();
    assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), tally);
}
