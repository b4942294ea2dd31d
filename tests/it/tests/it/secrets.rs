//! Keys: read again when one is rejected, and never told.

use it::deployment::WEBHOOK_SECRET;
use it::{City, Person, Shown as _, from_sources, harbor};
use serde_json::Value;
use simulators::{Fault, Provider, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use std::time::Duration;

/// A person rotates both keys; the functions still have the old ones in memory.
fn rotate(city: &City) {
    city.providers.with(|all| {
        let org = all.vapi.orgs()[0].id.clone();
        assert!(all.vapi.add_key(&org, "new-vapi-key", None));
        assert!(all.telnyx.add_key(STANDARD_TELNYX_KEY, "new-telnyx-key"));
        assert!(all.vapi.revoke_key(STANDARD_VAPI_KEY));
    });
    city.set_keys("new-vapi-key", "new-telnyx-key");
}

#[test]
fn key_that_was_rotated_midway_is_read_again_and_the_work_goes_on() {
    for (source, waits) in [("vapi_free", 60), ("telnyx", 2)] {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&[source]));
        city.pass(Duration::from_secs(waits));
        rotate(&city);
        city.settle();
        city.assert_one_number(source, &city.look(&harbor(), asked.id()));
        let all = city.providers.lock();
        let rejected = all.vapi.log().filter(|entry| entry.status == Some(401)).count();
        assert_eq!(rejected, 1, "{source}: read again after the first rejection");
    }
}

#[test]
fn key_that_was_rotated_is_read_again_whichever_try_of_a_read_is_rejected() {
    for lost in 0..3 {
        let city = City::new();
        city.fault(Provider::Vapi, "POST /phone-number", Fault::AnswerLost);
        let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
        city.pass(Duration::from_secs(1));
        rotate(&city);
        city.faults(Provider::Vapi, "GET /*", Fault::Reset, lost);
        city.settle();
        city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
    }
}

#[test]
fn key_that_stays_wrong_needs_a_person_and_a_retry_goes_on() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.pass(Duration::from_secs(60));
    city.providers.with(|all| {
        let org = all.vapi.orgs()[0].id.clone();
        all.vapi.add_key(&org, "new-vapi-key", None);
        all.vapi.revoke_key(STANDARD_VAPI_KEY);
    });
    city.settle();
    let stuck = city.look(&harbor(), asked.id());
    assert_eq!((stuck.state(), stuck.problem()), ("needs_person", "key-rejected"));
    city.set_keys("new-vapi-key", STANDARD_TELNYX_KEY);
    let line = format!("POST /api/phone/provision/{}/retry", asked.id());
    city.send(harbor().call(&line, &Value::Null));
    city.pass(Duration::from_secs(300));
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn neither_logs_nor_figures_nor_answers_tell_keys_and_whole_numbers() {
    let city = City::new();
    for (provider, line) in [
        (Provider::Vapi, "POST /assistant"),
        (Provider::Vapi, "POST /phone-number"),
        (Provider::Telnyx, "POST /number_orders"),
    ] {
        city.fault(provider, line, Fault::AnswerLost);
    }
    let text = Fault::Status {
        status: 400,
        retry_after_seconds: None,
        reset_seconds: None,
        text: Some(format!("key {STANDARD_TELNYX_KEY} may not order +14155550123")),
    };
    let mut answers = String::new();
    for (number, source) in ["vapi_free", "telnyx", "telnyx", "vapi_free"].iter().enumerate() {
        let person = Person::of("org-1", &format!("business-{number}"));
        let asked = city.post(&person, from_sources(&[source]));
        if number == 1 {
            city.fault(Provider::Telnyx, "POST /number_orders", text.clone());
        }
        city.settle();
        let line = format!("GET /api/admin/provisionings/{}", asked.id());
        answers += &city.send(Person::operator().call(&line, &Value::Null)).body.to_string();
        answers += &city.look(&person, asked.id()).body.to_string();
    }
    let logs = city.logs.text() + &city.all_figures();
    assert!(logs.lines().count() > 100, "the log was read");
    for secret in [STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY, WEBHOOK_SECRET] {
        assert!(!logs.contains(secret), "a log line tells {secret}");
        assert!(!answers.contains(secret), "an answer tells {secret}");
    }
    let held = city.held();
    assert!(!held.bought.is_empty());
    let free: Vec<String> = city
        .works()
        .iter()
        .filter_map(|work| Some(work.phase.number()?.digits.as_ref()?.reveal().to_owned()))
        .collect();
    for number in held.bought.iter().chain(&free).map(String::as_str).chain(["+14155550123"]) {
        let digits = &number[1..];
        let told = logs.lines().find(|line| line.contains(digits));
        assert_eq!(told, None, "a log line tells a whole number");
    }
    assert!(!logs.contains("Harbor Heating"), "a log line tells a name");
}
