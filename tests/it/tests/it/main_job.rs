//! A business asks, and its phone is answered.

use it::{City, Shown as _, from_sources, harbor};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_business_gets_a_free_number_that_reaches_its_assistant() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    assert_eq!((asked.status, asked.state()), (202, "queued"), "{:#}", asked.body);
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    city.assert_one_number("vapi_free", &ready);
}

#[test]
fn a_business_gets_a_bought_number_that_reaches_its_assistant() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    city.assert_one_number("telnyx", &ready);
}

#[test]
fn without_a_wish_the_free_number_comes_first() {
    let city = City::new();
    let asked = city.post(&harbor(), json!({}));
    city.settle();
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn call_to_a_number_that_lost_its_link_is_answered_from_our_table() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let id = city.held().free.first().unwrap().clone();
    city.at_vapi("PATCH", &format!("/phone-number/{id}"), json!({ "assistantId": null }));
    // The link is gone; our answer makes up for it.
    city.assert_answers(&city.look(&harbor(), asked.id()));
    assert!(city.figures("LinkHealed") > 0);
}

#[test]
fn calls_are_noted_with_the_number() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let number = city.look(&harbor(), asked.id()).text("phone_number").to_owned();
    city.switch(&json!({ "vapi": { "webhooks": { "kind": "twice" }, "call_ms": 90_000 } }));
    city.call(&number);
    city.pass(Duration::from_secs(300));
    let rows = it::truth::rows(&city.table, "NUMBER#", "NUMBER");
    assert_eq!(rows[0].get(store::keys::CALLS), Some(&store::table::Value::Number(1)));
    assert_eq!(rows[0].get(store::keys::CALL_SECONDS), Some(&store::table::Value::Number(90)));
    assert!(rows[0].contains_key(store::keys::FIRST_CALL_AT));
}
