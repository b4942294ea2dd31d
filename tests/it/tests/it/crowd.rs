//! Many at once: nothing is taken twice, and nobody is left behind.

use futures_util::future::join_all;
use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, harbor};
use provision::Answer;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn business(number: usize) -> Person {
    Person::of(&format!("org-{}", number % 5), &format!("business-{number}"))
}

#[test]
fn fifty_businesses_share_ten_free_numbers_and_buy_forty() {
    let city = City::new();
    let people: Vec<Person> = (0..50).map(business).collect();
    let posts = people.iter().map(|person| city.answer(person.asks(json!({}))));
    let asked: Vec<Answer> = city.clock.run(join_all(posts));
    assert!(asked.iter().all(|answer| answer.status == 202));
    city.settle();

    let held = city.held();
    assert_eq!((held.free.len(), held.bought.len(), held.orders), (10, 40, 40));
    assert_eq!((held.imported.len(), held.assistants.len()), (40, 50));
    let mut numbers = BTreeSet::new();
    let mut sources = BTreeMap::new();
    for (person, asked) in people.iter().zip(&asked) {
        let ready = city.look(person, asked.id());
        city.assert_answers(&ready);
        assert!(numbers.insert(ready.text("phone_number").to_owned()), "a number given twice");
        *sources.entry(ready.text("source").to_owned()).or_insert(0) += 1;
    }
    assert_eq!(sources, BTreeMap::from([("vapi_free".to_owned(), 10), ("telnyx".to_owned(), 40)]));
    assert_eq!(number_states(&city.table), BTreeMap::from([("assigned".to_owned(), 50)]));
    assert_sound(&city, &held);
}

#[test]
fn hundred_calls_at_once_for_a_new_business_start_one_work() {
    let city = City::new();
    let posts = (0..100).map(|_| city.answer(harbor().asks(json!({}))));
    let asked: Vec<Answer> = city.clock.run(join_all(posts));
    let statuses: BTreeSet<u16> = asked.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, BTreeSet::from([202]));
    let ids: BTreeSet<&str> = asked.iter().map(|answer| answer.id()).collect();
    assert_eq!(ids.len(), 1, "one work");
    city.settle();
    let ready = city.look(&harbor(), ids.first().unwrap());
    city.assert_one_number("vapi_free", &ready);
    assert_eq!(city.works().len(), 1);
}

#[test]
fn calls_that_come_while_the_steps_run_find_the_same_work() {
    let city = City::new();
    let first = city.post(&harbor(), json!({}));
    for _round in 0..6 {
        let posts = (0..5).map(|_| city.answer(harbor().asks(json!({}))));
        let both = futures_util::future::join(join_all(posts), city.happen());
        let (asked, _) = city.clock.run(both);
        assert!(asked.iter().all(|answer| answer.id() == first.id()));
        city.pass(std::time::Duration::from_secs(30));
    }
    city.settle();
    city.assert_one_number("vapi_free", &city.look(&harbor(), first.id()));
}

#[test]
fn business_that_has_its_number_is_given_no_other() {
    let city = City::new();
    let asked = city.post(&harbor(), json!({}));
    assert_eq!(asked.body["alreadyAssigned"], json!(false));
    city.settle();
    let again = city.post(&harbor(), json!({ "sources": ["telnyx"] }));
    assert_eq!((again.status, again.id()), (200, asked.id()));
    assert_eq!(again.body["alreadyAssigned"], json!(true));
    city.settle();
    city.assert_one_number("vapi_free", &again);
    let mine = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
    assert_eq!(mine.body["hasPhoneNumber"], json!(true));
    assert_eq!(mine.text("phoneNumber"), again.text("phone_number"));
    assert_ne!(mine.text("assignedAt"), "");
}

fn keyed(person: &Person, key: &str, body: Value) -> provision::Call {
    let mut call = person.asks(body);
    call.headers.insert("idempotency-key".to_owned(), key.to_owned());
    call
}

#[test]
fn same_idempotency_key_gives_the_same_work_and_another_body_is_refused() {
    let city = City::new();
    let body = json!({ "sources": ["telnyx"], "area_code": "415" });
    let posts = (0..20).map(|_| city.answer(keyed(&harbor(), "key-1", body.clone())));
    let asked: Vec<Answer> = city.clock.run(join_all(posts));
    let ids: BTreeSet<&str> = asked.iter().map(|answer| answer.id()).collect();
    assert_eq!(ids.len(), 1);
    // The same members in another order are the same request.
    let same = r#"{"area_code":"415","sources":["telnyx"]}"#;
    let mut call = keyed(&harbor(), "key-1", Value::Null);
    call.body = same.as_bytes().to_vec();
    assert_eq!(city.send(call).id(), asked[0].id());

    let other = city.send(keyed(&harbor(), "key-1", json!({ "sources": ["vapi_free"] })));
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    city.settle();
    city.assert_one_number("telnyx", &city.look(&harbor(), asked[0].id()));
}

#[test]
fn idempotency_keys_of_two_businesses_have_nothing_to_do_with_each_other() {
    let city = City::new();
    let neighbour = Person::of("org-1", "neighbour");
    let namesake = Person::of("org-2", "harbor");
    let ids: BTreeSet<String> = [
        (&harbor(), json!({ "sources": ["telnyx"] })),
        (&neighbour, json!({})),
        (&namesake, json!({ "sources": ["vapi_free"] })),
    ]
    .into_iter()
    .map(|(person, body)| {
        let asked = city.send(keyed(person, "key-1", body));
        assert_eq!(asked.status, 202, "{:#}", asked.body);
        asked.id().to_owned()
    })
    .collect();
    assert_eq!(ids.len(), 3);
}

#[test]
fn idempotency_key_names_its_work_also_after_that_has_failed() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    let body = json!({ "sources": ["telnyx"], "number": "+14155550123" });
    let asked = city.send(keyed(&harbor(), "key-1", body.clone()));
    city.settle();
    assert_eq!(city.look(&harbor(), asked.id()).state(), "failed");
    let again = city.send(keyed(&harbor(), "key-1", body.clone()));
    assert_eq!((again.status, again.id()), (202, asked.id()));
    let fresh = city.send(keyed(&harbor(), "key-2", body));
    assert_ne!(fresh.id(), asked.id());
}

#[test]
fn unusable_idempotency_keys_are_refused() {
    let city = City::new();
    for key in ["", "a\nb", "ä", &"x".repeat(256)] {
        let answer = city.send(keyed(&harbor(), key, json!({})));
        assert_eq!((answer.status, answer.problem()), (400, "idempotency-key-invalid"), "{key:?}");
    }
    assert!(city.works().is_empty());
}
