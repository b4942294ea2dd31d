//! A business asks, and its phone is answered.

use it::{City, Shown as _, from_sources, harbor};
use serde_json::json;

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
