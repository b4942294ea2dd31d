//! A person picks a number from a search: that one, or what may be had in its place.

use futures_util::future::join_all;
use it::{City, Person, Shown as _, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{Fault, Provider, Refusal};

fn offered(city: &City, query: &str) -> Vec<String> {
    let line = format!("GET /api/phone/available?{query}");
    let found = city.send(harbor().call(&line, &Value::Null));
    assert_eq!(found.status, 200, "{:#}", found.body);
    let numbers = found.body["numbers"].as_array().unwrap();
    assert_eq!(found.body["count"], json!(numbers.len()));
    numbers.iter().map(|one| one["phone_number"].as_str().unwrap().to_owned()).collect()
}

fn outcome(city: &City, body: Value) -> Answer {
    let asked = city.post(&harbor(), body);
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    city.look(&harbor(), asked.id())
}

#[test]
fn number_picked_from_a_search_is_bought() {
    for field in ["number", "phoneNumber", "phone_number"] {
        let city = City::new();
        let picked = offered(&city, "area_code=415&limit=5").remove(3);
        let ready = outcome(&city, json!({ field: picked }));
        city.assert_one_number("telnyx", &ready);
        assert_eq!(ready.text("phone_number"), picked);
    }
}

#[test]
fn number_that_was_sold_before_the_order_fails_with_alternatives() {
    let city = City::new();
    let picked = offered(&city, "areaCode=415").remove(0);
    city.providers.with(|all| all.telnyx.sell_elsewhere(&picked));
    let failed = outcome(&city, json!({ "number": picked }));
    assert_eq!((failed.state(), failed.problem()), ("failed", "number-taken"));
    let others = failed.body["problem"]["alternatives"].as_array().unwrap();
    assert!(!others.is_empty() && others.iter().all(|one| *one != json!(picked)), "{others:?}");
    assert!(others.iter().all(|one| one.as_str().unwrap().starts_with("+1415")), "{others:?}");
    assert_eq!((city.held().orders, city.held().spent_cents), (0, 0));
}

#[test]
fn number_that_is_taken_at_the_order_fails_or_is_replaced() {
    for taken in ["bad_request10015", "conflict85001"] {
        for (matching, state) in [("strict", "failed"), ("any", "ready")] {
            let city = City::new();
            city.switch(&json!({ "telnyx": { "taken": taken } }));
            let picked = offered(&city, "area_code=212").remove(0);
            let reason = Refusal::Taken;
            city.fault(Provider::Telnyx, "POST /number_orders", Fault::Refuse { reason });
            // The search goes on offering it, as Telnyx' does for a while.
            let end = outcome(&city, json!({ "number": picked, "match": matching }));
            assert_eq!(end.state(), state, "{:#}", end.body);
            if state == "ready" {
                city.assert_one_number("telnyx", &end);
            } else {
                assert_eq!(end.problem(), "number-taken");
                let others = end.body["problem"]["alternatives"].as_array().unwrap();
                assert!(!others.is_empty() && !others.contains(&json!(picked)), "{others:?}");
                assert_eq!(city.held().spent_cents, 0);
            }
            it::truth::assert_sound(&city, &city.held());
        }
    }
}

#[test]
fn number_two_businesses_pick_at_once_goes_to_one_of_them() {
    for matching in ["strict", "any"] {
        let city = City::new();
        let picked = offered(&city, "area_code=415").remove(0);
        let people: Vec<Person> =
            (0..8).map(|number| Person::of("org-1", &format!("business-{number}"))).collect();
        let body = json!({ "number": picked, "match": matching });
        let posts = people.iter().map(|person| city.answer(person.asks(body.clone())));
        let asked = city.clock.run(join_all(posts));
        city.settle();
        let ends: Vec<Answer> = people
            .iter()
            .zip(&asked)
            .map(|(person, asked)| city.look(person, asked.id()))
            .collect();
        let ready: Vec<&Answer> = ends.iter().filter(|end| end.state() == "ready").collect();
        let has_it = ready.iter().filter(|end| end.text("phone_number") == picked).count();
        assert_eq!(has_it, 1);
        assert_eq!(ready.len(), if matching == "strict" { 1 } else { 8 });
        ready.iter().for_each(|end| city.assert_answers(end));
        let held = city.held();
        assert_eq!(held.bought.len(), ready.len());
        it::truth::assert_sound(&city, &held);
        let failed = ends.iter().filter(|end| end.state() == "failed");
        assert!(failed.into_iter().all(|end| end.problem() == "number-taken"));
    }
}

#[test]
fn picked_number_that_cannot_be_paid_waits_for_a_person() {
    let city = City::new();
    let picked = offered(&city, "area_code=415").remove(0);
    let reason = Refusal::Balance;
    city.fault(Provider::Telnyx, "POST /number_orders", Fault::Refuse { reason });
    let stuck = outcome(&city, json!({ "number": picked }));
    assert_eq!((stuck.state(), stuck.problem()), ("needs_person", "number-unobtainable"));
}

#[test]
fn search_shows_prices_and_says_what_is_wrong() {
    let city = City::new();
    let found = city.send(harbor().call("GET /api/phone/available?limit=2", &Value::Null));
    let first = &found.body["numbers"][0];
    assert_eq!((&first["monthly_cost"], &first["currency"]), (&json!("1.00"), &json!("USD")));
    assert_eq!(found.body["numbers"].as_array().unwrap().len(), 2);
    let same = city.send(harbor().call("GET /api/business/phone-numbers/search", &Value::Null));
    assert_eq!(same.status, 200);
    for query in [
        "limit=0",
        "limit=51",
        "limit=many",
        "area_code=12",
        "area_code=888",
        "country=us",
        "type=sip",
        "contains=12a",
        "contains=12345678901",
        "country=DE&area_code=415",
    ] {
        let line = format!("GET /api/phone/available?{query}");
        let answer = city.send(harbor().call(&line, &Value::Null));
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{query}");
    }
    city.switch(&json!({ "telnyx": { "stock": 0, "no_stock": "error10031" } }));
    assert!(offered(&city, "").is_empty());
    let broken =
        Fault::Status { status: 503, retry_after_seconds: None, reset_seconds: None, text: None };
    city.fault(Provider::Telnyx, "GET /available_phone_numbers", broken);
    let answer = city.send(harbor().call("GET /api/phone/available", &Value::Null));
    assert_eq!((answer.status, answer.problem()), (503, "telnyx-unavailable"));
}
