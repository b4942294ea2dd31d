//! A free number has no digits at first: they are awaited, missed, and given up.

use it::truth::number_states;
use it::{City, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::{DigitsPlan, Fault, Provider};
use std::time::Duration;

fn digits(plan: DigitsPlan) -> (Provider, &'static str, Fault) {
    (Provider::Vapi, "POST /phone-number", Fault::Digits { plan })
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours * 3600)
}

#[test]
fn no_placeholder_is_shown_while_digits_are_awaited() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.pass(Duration::from_secs(60));
    let waiting = city.look(&harbor(), asked.id());
    assert_eq!((waiting.state(), waiting.text("step")), ("waiting", "awaiting_digits"));
    for field in ["phone_number", "phoneNumber", "number_id", "sip_uri", "assigned_at"] {
        assert_eq!(waiting.body[field], Value::Null, "{field}");
    }
    let mine = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
    assert_eq!(mine.body["hasPhoneNumber"], json!(false));
    assert_eq!(mine.body["phoneNumber"], Value::Null);
}

#[test]
fn digits_are_seen_by_the_watch_within_its_interval() {
    for after in [21_000, 47_000, 133_000, 599_000] {
        let city = City::new();
        let (provider, line, fault) = digits(DigitsPlan::After { ms: after });
        city.fault(provider, line, fault);
        let begun = city.clock.millis();
        let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
        city.settle();
        let took = city.clock.millis() - begun;
        assert!(took <= after + 11_000, "{after} ms took {took} ms");
        city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
        assert_eq!(city.figures("DigitsLate"), 0);
    }
}

#[test]
fn digits_that_are_late_alarm_once() {
    let city = City::new();
    let (provider, line, fault) = digits(DigitsPlan::After { ms: 4 * 3_600_000 });
    city.fault(provider, line, fault);
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.pass(Duration::from_secs(599));
    assert_eq!(city.figures("DigitsLate"), 0);
    city.pass(hours(1));
    assert_eq!(city.figures("DigitsLate"), 1);
    assert!(city.look(&harbor(), asked.id()).events().contains(&"digits_late"));
    city.settle();
    assert_eq!(city.figures("DigitsLate"), 1);
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn digits_that_never_come_need_a_person_after_a_day_and_a_retry_leaves_the_number() {
    for plan in [DigitsPlan::Never, DigitsPlan::ActiveWithout { after_ms: 60_000 }] {
        let city = City::new();
        let (provider, line, fault) = digits(plan);
        city.fault(provider, line, fault);
        let asked = city.post(&harbor(), json!({}));
        city.pass(hours(23));
        assert_eq!(city.look(&harbor(), asked.id()).state(), "waiting");
        city.pass(hours(1) + Duration::from_secs(120));
        let stuck = city.look(&harbor(), asked.id());
        assert_eq!((stuck.state(), stuck.problem()), ("needs_person", "digits-missing"));
        assert_eq!((city.figures("DigitsLate"), city.figures("NeedsPerson")), (1, 1));
        let lists =
            |city: &City| city.providers.lock().vapi.calls_counted("GET", "/v2/phone-number");
        let listed = lists(&city);
        city.pass(hours(2));
        assert_eq!(lists(&city), listed, "nobody watches any more");

        let retry = format!("POST /api/phone/provision/{}/retry", asked.id());
        assert_eq!(city.send(harbor().call(&retry, &Value::Null)).status, 202);
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        city.assert_answers(&ready);
        assert_eq!(ready.text("source"), "telnyx");
        assert_eq!(ready.body["attempt"], json!(2));
        let states = number_states(&city.table);
        assert_eq!(states, [("assigned".to_owned(), 1), ("corrupted".to_owned(), 1)].into());
        it::truth::assert_sound(&city, &city.held());
    }
}

#[test]
fn digits_that_came_after_all_are_taken_by_a_retry() {
    let city = City::new();
    let (provider, line, fault) = digits(DigitsPlan::After { ms: 30 * 3_600_000 });
    city.fault(provider, line, fault);
    let asked = city.post(&harbor(), json!({}));
    city.pass(hours(31));
    assert_eq!(city.look(&harbor(), asked.id()).problem(), "digits-missing");
    let retry = format!("POST /api/phone/provision/{}/retry", asked.id());
    city.send(harbor().call(&retry, &Value::Null));
    city.settle();
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn number_that_is_blocked_is_left_for_the_next_source() {
    for after_ms in [1_000, 50_000, 1_200_000] {
        let city = City::new();
        let (provider, line, fault) = digits(DigitsPlan::Blocked { after_ms });
        city.fault(provider, line, fault);
        let asked = city.post(&harbor(), json!({}));
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        city.assert_answers(&ready);
        assert_eq!(ready.text("source"), "telnyx");
        assert_eq!(
            ready.passed(),
            [
                "pool: pool_empty",
                "vapi_free: number_unusable",
                "org_twilio: not_configured",
                "global_twilio: not_configured"
            ]
        );
        let states = number_states(&city.table);
        assert_eq!(states, [("assigned".to_owned(), 1), ("corrupted".to_owned(), 1)].into());
    }
}

#[test]
fn watch_that_died_is_started_again() {
    let city = City::new();
    let (provider, line, fault) = digits(DigitsPlan::After { ms: 400_000 });
    city.fault(provider, line, fault);
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.pass(Duration::from_secs(60));
    city.queue.deliver(it::queue::Delivery::Lost);
    city.pass(Duration::from_secs(60));
    city.queue.deliver(it::queue::Delivery::Once);
    city.settle();
    let took = city.clock.millis() - it::clock::START.as_millis();
    assert!(took < 480_000, "{took} ms");
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn digits_are_read_by_id_while_the_list_does_not_answer() {
    let city = City::new();
    let (provider, line, fault) = digits(DigitsPlan::After { ms: 90_000 });
    city.fault(provider, line, fault);
    let down = Fault::Status {
        status: 404,
        retry_after_seconds: None,
        reset_seconds: None,
        text: Some("Cannot GET /v2/phone-number".to_owned()),
    };
    city.faults(Provider::Vapi, "GET /v2/phone-number", down, 1_000);
    let begun = city.clock.millis();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    assert!(city.clock.millis() - begun <= 101_000);
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn one_list_serves_all_that_wait() {
    let city = City::new();
    for number in 0..10 {
        let person = it::Person::of("org-1", &format!("business-{number}"));
        city.post(&person, from_sources(&["vapi_free"]));
    }
    city.settle();
    let all = city.providers.lock();
    let lists = all.vapi.calls_counted("GET", "/v2/phone-number");
    // Two minutes without digits, of which the first twenty seconds are read by id.
    assert!((1..=12).contains(&lists), "{lists} lists");
    drop(all);
    assert_eq!(city.held().free.len(), 10);
}
