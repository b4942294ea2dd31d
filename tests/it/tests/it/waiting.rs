//! `wait`: an answer as soon as there is one, and no waiting for what comes later.

use futures_util::future::join;
use it::{City, Shown as _, harbor};
use provision::Answer;
use serde_json::{Value, json};
use std::time::Duration;

/// Calls while everything else goes on, and tells how long the answer took.
fn during(city: &City, call: provision::Call) -> (Answer, Duration) {
    let begun = city.clock.millis();
    let answered = async {
        let answer = city.answer(call).await;
        (answer, city.clock.millis() - begun)
    };
    let others = async {
        for _second in 0..30 {
            while city.happen().await {}
            runtime::Clock::sleep(&city.clock, Duration::from_secs(1)).await;
        }
    };
    let ((answer, took), ()) = city.clock.run(join(answered, others));
    (answer, Duration::from_millis(u64::try_from(took).unwrap()))
}

#[test]
fn answer_comes_as_soon_as_the_number_is_there() {
    for (source, options) in [
        ("vapi_free", json!({ "vapi": { "digits": { "kind": "after", "ms": 0 } } })),
        ("telnyx", json!({ "telnyx": { "order_settle_ms": 1_000 } })),
    ] {
        let city = City::new();
        city.switch(&options);
        let call =
            harbor().call("POST /api/phone/provision?wait=20", &json!({ "sources": [source] }));
        let (answer, took) = during(&city, call);
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        assert_eq!(answer.body["alreadyAssigned"], json!(false));
        assert!(took < Duration::from_secs(6), "{source} took {took:?}");
        city.assert_one_number(source, &answer);
    }
}

#[test]
fn answer_comes_at_once_when_the_next_check_is_later_than_the_wait() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "order_settle_ms": 80_000_000 } }));
    let asked = city.post(&harbor(), json!({ "sources": ["telnyx"] }));
    city.pass(Duration::from_secs(7_200));
    let line = format!("GET /api/phone/provision/{}?wait=25", asked.id());
    let (answer, took) = during(&city, harbor().call(&line, &Value::Null));
    assert_eq!((answer.status, answer.state()), (200, "waiting"));
    assert!(took < Duration::from_secs(1), "took {took:?}");
    let after: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!(after >= 25, "retry after {after} s");
    assert_eq!(answer.header("location"), Some(&*format!("/api/phone/provision/{}", asked.id())));
}

#[test]
fn answer_comes_when_the_wait_is_over() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "order_settle_ms": 600_000 } }));
    let call = harbor().call("POST /api/phone/provision?wait=5", &json!({ "sources": ["telnyx"] }));
    let (answer, took) = during(&city, call);
    assert_eq!((answer.status, answer.body["phone_number"].clone()), (202, Value::Null));
    assert!(took <= Duration::from_secs(6), "took {took:?}");
}

#[test]
fn without_a_wait_the_answer_comes_at_once() {
    let city = City::new();
    let call = harbor().asks(json!({}));
    let (answer, took) = during(&city, call);
    assert_eq!((answer.status, answer.state()), (202, "queued"));
    assert_eq!(took, Duration::ZERO);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn wait_ends_when_a_person_is_needed() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    let call =
        harbor().call("POST /api/phone/provision?wait=25", &json!({ "sources": ["telnyx"] }));
    let (answer, took) = during(&city, call);
    assert_eq!((answer.status, answer.state()), (202, "needs_person"), "{:#}", answer.body);
    assert!(took < Duration::from_secs(5), "took {took:?}");
}

#[test]
fn wait_goes_on_when_the_person_has_done_something_that_is_not_heard_yet() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    let asked = city.post(&harbor(), json!({ "sources": ["telnyx"] }));
    city.settle();
    city.switch(&json!({ "telnyx": { "stock": 1, "order_settle_ms": 1_000 } }));
    let retry = format!("POST /api/phone/provision/{}/retry", asked.id());
    assert_eq!(city.send(harbor().call(&retry, &Value::Null)).status, 202);
    let line = format!("GET /api/phone/provision/{}?wait=25", asked.id());
    let (answer, took) = during(&city, harbor().call(&line, &Value::Null));
    assert_eq!((answer.status, answer.state()), (200, "ready"), "{:#}", answer.body);
    assert!(took < Duration::from_secs(10), "took {took:?}");
}

#[test]
fn wait_of_a_finished_provisioning_is_none() {
    let city = City::new();
    let asked = city.post(&harbor(), json!({}));
    city.settle();
    let line = format!("GET /api/phone/provision/{}?wait=25", asked.id());
    let (answer, took) = during(&city, harbor().call(&line, &Value::Null));
    assert_eq!((answer.status, answer.state(), took), (200, "ready", Duration::ZERO));
}
