//! Onboarding: a business's record, its assistant and a number, once, whatever the phone does.

use it::{City, Person, Shown as _};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{Fault, Provider};
use std::collections::BTreeSet;
use std::time::Duration;

/// A user who has signed up and has no business yet.
fn newcomer(sub: &str) -> Person {
    Person::of("org-1", "none").without("custom:business_id").claiming("sub", sub)
}

fn body() -> Value {
    json!({
        "businessData": { "business_name": "Rosa's Bakery", "city": "Oakland" },
        "industryCode": "restaurant",
        "languagePreference": "spanish",
    })
}

fn complete(city: &City, person: &Person, wait: u8, body: &Value) -> Answer {
    city.send(person.call(&format!("POST /api/onboarding/complete?wait={wait}"), body))
}

#[test]
fn a_newcomer_gets_a_business_an_assistant_and_a_number_that_answers() {
    let city = City::new();
    let rosa = newcomer("rosa");
    let before = city.send(rosa.call("GET /api/phone/provision", &Value::Null));
    assert_eq!((before.status, before.problem()), (409, "no-business"));

    let asked = complete(&city, &rosa, 0, &body());
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    assert_eq!(asked.body["success"], true);
    assert_eq!(asked.body["onboarding"], "complete");
    assert_eq!(asked.body["phone_number"], Value::Null);
    assert_eq!(asked.text("name"), "Rosa's Bakery");
    assert_eq!(asked.body["assistant"]["industry"], "restaurant");
    city.settle();

    let again = complete(&city, &rosa, 0, &body());
    assert_eq!((again.status, again.id()), (200, asked.id()), "{:#}", again.body);
    city.assert_answers(&again);
    assert_eq!(again.body["assistant"]["vapi_phone_number"], again.body["phone_number"]);
    let fields = |answer: &Answer| -> BTreeSet<String> {
        answer.body.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(fields(&again), fields(&asked), "the same fields, with the number or without");
    let mine = city.send(rosa.call("GET /api/phone/provision", &Value::Null));
    assert_eq!(mine.body["business_name"], "Rosa's Bakery");
    let vapi = format!("/assistant/{}", again.text("vapi_assistant_id"));
    let vapi = city.at_vapi("GET", &vapi, Value::Null).1;
    let greeting = vapi["firstMessage"].as_str().unwrap();
    assert!(greeting.contains("Rosa's Bakery") && greeting.starts_with("Gracias"), "{greeting}");
}

#[test]
fn a_number_that_comes_in_time_is_in_the_answer() {
    let city = City::new();
    city.switch(&json!({ "vapi": { "digits": { "kind": "after", "ms": 0 } } }));
    let call = newcomer("rosa").call("POST /api/onboarding/complete", &body());
    // While the call waits, the queue and the providers go on.
    let others = async {
        for _second in 0..25 {
            while city.happen().await {}
            runtime::Clock::sleep(&city.clock, Duration::from_secs(1)).await;
        }
    };
    let both = futures_util::future::join(city.answer(call), others);
    let (answer, ()) = city.clock.run(both);
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    city.assert_answers(&answer);
}

#[test]
fn whoever_onboards_many_times_at_once_has_one_business() {
    let city = City::new();
    let rosa = newcomer("rosa");
    let calls =
        (0..30).map(|_| city.answer(rosa.call("POST /api/onboarding/complete?wait=0", &body())));
    let answers = city.clock.run(futures_util::future::join_all(calls));
    let ids: BTreeSet<&str> = answers.iter().map(|answer| answer.text("business_id")).collect();
    assert_eq!(ids.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 202));
    city.settle();
    assert_eq!(city.held().assistants.len(), 1);
    assert_eq!(city.works().len(), 1);
}

#[test]
fn two_users_have_two_businesses_and_nobody_chooses_anothers() {
    let city = City::new();
    let rosa = complete(&city, &newcomer("rosa"), 0, &body());
    let otto = complete(&city, &newcomer("otto"), 0, &body());
    assert_ne!(rosa.text("business_id"), otto.text("business_id"));
    let mut named = body();
    named["business_id"] = json!(rosa.text("business_id"));
    let thief = complete(&city, &newcomer("thief"), 0, &named);
    assert_eq!((thief.status, thief.problem()), (404, "no-such-business"));
    let mut foreign = body();
    foreign["organizationId"] = json!("org-2");
    let stray = complete(&city, &newcomer("stray"), 0, &foreign);
    assert_eq!((stray.status, stray.problem()), (404, "no-such-business"));
}

#[test]
fn onboarding_is_complete_whatever_the_phone_does() {
    // Nothing can be had: no source has such numbers, VAPI refuses the key, all is used up.
    let impossible = json!({ "type": "toll_free", "sources": ["vapi_free"] });
    let city = City::new();
    let mut asks = body();
    for (name, value) in impossible.as_object().unwrap() {
        asks[name] = value.clone();
    }
    let asked = complete(&city, &newcomer("rosa"), 0, &asks);
    assert_eq!((asked.status, &asked.body["success"]), (202, &json!(true)), "{:#}", asked.body);
    city.settle();
    let end = complete(&city, &newcomer("rosa"), 20, &body());
    assert_eq!((end.status, end.state()), (202, "needs_person"), "{:#}", end.body);
    assert_eq!((&end.body["success"], &end.body["phone_number"]), (&json!(true), &Value::Null));

    let city = City::new();
    city.set_keys("wrong", "wrong");
    let asked = complete(&city, &newcomer("rosa"), 0, &body());
    assert_eq!(asked.status, 202);
    city.settle();
    let end = complete(&city, &newcomer("rosa"), 0, &body());
    assert_eq!((end.status, end.state(), end.problem()), (202, "needs_person", "key-rejected"));
    assert_eq!(end.body["success"], true);
}

#[test]
fn bad_input_completes_nothing() {
    let city = City::new();
    for (name, value) in [
        ("languagePreference", json!("klingon")),
        ("area_code", json!("4155")),
        ("assistant", json!({ "serverUrl": "https://elsewhere.example" })),
        ("businessData", json!("Rosa")),
    ] {
        let mut wrong = body();
        wrong[name] = value;
        let answer = complete(&city, &newcomer("rosa"), 0, &wrong);
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{name}");
    }
    assert!(city.works().is_empty());
    let mine = city.send(newcomer("rosa").call("GET /api/phone/provision", &Value::Null));
    assert_eq!(mine.problem(), "no-business");
}

#[test]
fn a_call_that_is_killed_anywhere_and_made_again_leaves_one_of_everything() {
    for wait in 1.. {
        let city = City::new();
        let call = || newcomer("rosa").call("POST /api/onboarding/complete?wait=0", &body());
        city.killer.kill_at(wait);
        let killed = city.clock.run(city.killer.watch(city.answer(call()))).is_none();
        city.killer.spare();
        city.send(call());
        city.settle();
        let ready = city.send(call());
        assert_eq!(ready.status, 200, "{:#}", ready.body);
        city.assert_one_number("vapi_free", &ready);
        if !killed {
            assert!(wait > 6, "killed at {wait} places only");
            return;
        }
    }
}

#[test]
fn a_provider_that_loses_the_assistants_answer_makes_no_second_one() {
    let city = City::new();
    city.fault(Provider::Vapi, "POST /assistant", Fault::AnswerLost);
    complete(&city, &newcomer("rosa"), 0, &body());
    city.settle();
    let ready = complete(&city, &newcomer("rosa"), 0, &body());
    city.assert_one_number("vapi_free", &ready);
}
