//! Numbers that nobody uses go back to their carriers, and nothing else does.

use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, from_sources};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{CallOutcome, Fault, Provider};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// A pool that keeps nothing, and gives back at once.
const AT_ONCE: [(&str, &str); 3] =
    [("QUARANTINE_DAYS", "0"), ("GIVE_BACK_AFTER_DAYS", "0"), ("POOL_MINIMUM", "0")];

/// A number that a business had and gave up.
fn unused(city: &City, business: &str, source: &str) -> Answer {
    let person = Person::of("org-1", business);
    let asked = city.post(&person, from_sources(&[source]));
    city.settle();
    let ready = city.look(&person, asked.id());
    city.assert_answers(&ready);
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    city.send(person.call(&line, &Value::Null));
    city.settle();
    ready
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

fn all(state: &str, count: usize) -> Vec<(String, usize)> {
    vec![(state.to_owned(), count)]
}

#[test]
fn a_bought_number_that_nobody_used_for_long_goes_back_to_its_carrier() {
    let city = City::with(&[
        ("QUARANTINE_DAYS", "2"),
        ("GIVE_BACK_AFTER_DAYS", "3"),
        ("POOL_MINIMUM", "0"),
    ]);
    let former = unused(&city, "harbor", "telnyx");
    let number = former.text("phone_number").to_owned();
    // The end of the rest is where the three days begin.
    city.pass(DAY * 2);
    assert_eq!((city.sweep().freed, city.sweep().given_back), (1, 0));
    city.pass(DAY * 3 - Duration::from_secs(3600));
    assert_eq!(city.sweep().given_back, 0);
    city.pass(Duration::from_secs(3600));
    assert_eq!(city.sweep().given_back, 1);
    city.settle();
    assert_eq!(states(&city), all("released", 1));
    let held = city.held();
    assert!(held.bought.is_empty() && held.imported.is_empty(), "{held:?}");
    assert!(it::truth::digits_guarded(&city.table).is_empty(), "its digits are free");
    assert_eq!(city.call(&number).outcome, CallOutcome::NotInService);
    assert_eq!(city.sweep().given_back, 0, "once");
    let history = city.send(Person::operator().call(
        &format!("GET /api/admin/phone-numbers/{}/history", former.text("number_id")),
        &Value::Null,
    ));
    assert_eq!(history.body["history"][0]["event"], "given_back", "{:#}", history.body);
}

#[test]
fn the_pool_keeps_its_minimum_and_the_free_numbers() {
    let city = City::with(&[
        ("QUARANTINE_DAYS", "0"),
        ("GIVE_BACK_AFTER_DAYS", "0"),
        ("POOL_MINIMUM", "2"),
    ]);
    for place in 0..3 {
        unused(&city, &format!("business-{place}"), "telnyx");
    }
    city.sweep();
    city.settle();
    city.sweep();
    city.settle();
    assert_eq!(city.held().bought.len(), 2);
    let city = City::with(&AT_ONCE);
    unused(&city, "harbor", "vapi_free");
    city.sweep();
    assert_eq!(city.sweep().given_back, 0, "a free number costs nothing");
    assert_eq!(states(&city), all("available", 1));
}

#[test]
fn digits_that_were_given_back_may_come_again() {
    let city = City::with(&AT_ONCE);
    unused(&city, "harbor", "telnyx");
    city.sweep();
    city.settle();
    assert_eq!(states(&city), all("released", 1));
    let next = Person::of("org-1", "next");
    let asked = city.post(&next, from_sources(&["telnyx"]));
    city.settle();
    city.assert_answers(&city.look(&next, asked.id()));
    let counted = [("assigned".to_owned(), 1), ("released".to_owned(), 1)];
    assert_eq!(states(&city), counted);
    assert_sound(&city, &city.held());
}

#[test]
fn a_number_that_must_be_asked_for_twice_is() {
    let city = City::with(&AT_ONCE);
    city.switch(&json!({ "telnyx": { "deletes_needed": 2, "delete_lingers_ms": 60_000 } }));
    unused(&city, "harbor", "telnyx");
    city.sweep();
    city.settle();
    assert_eq!(states(&city), all("released", 1));
    let all = city.providers.lock();
    let number = all.telnyx.accounts()[0].numbers.values().next().map(|number| number.status);
    assert!(number.is_none_or(|status| status == simulators::telnyx::NumberStatus::Deleted));
}

#[test]
fn a_locked_number_waits_for_a_person_who_lifts_the_lock() {
    let city = City::with(&AT_ONCE);
    unused(&city, "harbor", "telnyx");
    let number = city.held().bought.first().cloned().unwrap();
    let lock = |locked: bool| {
        assert!(city.providers.with(|all| all.telnyx.set_deletion_lock(&number, locked)));
    };
    lock(true);
    city.sweep();
    city.settle();
    let waiting =
        city.works().into_iter().find(|work| work.phase.name().as_str() == "needs_person");
    let waiting = waiting.expect("a person is asked");
    assert_eq!(states(&city), all("releasing", 1));
    assert_eq!(city.held().bought.len(), 1, "nothing is lost");
    let retry = format!("POST /api/admin/provisionings/{}/retry", waiting.id);
    lock(false);
    let answer = city.send(Person::operator().call(&retry, &Value::Null));
    assert_eq!(answer.status, 202, "{:#}", answer.body);
    city.settle();
    assert_eq!(states(&city), all("released", 1));
    assert!(city.held().bought.is_empty());
}

#[test]
fn removals_without_an_answer_end_the_same() {
    for (provider, path) in
        [(Provider::Vapi, "DELETE /phone-number/*"), (Provider::Telnyx, "DELETE /phone_numbers/*")]
    {
        for fault in [Fault::AnswerLost, Fault::NotSent, Fault::StatusAfter { status: 500 }] {
            let city = City::with(&AT_ONCE);
            unused(&city, "harbor", "telnyx");
            city.fault(provider, path, fault);
            city.sweep();
            city.settle();
            assert_eq!(states(&city), all("released", 1));
            assert!(city.held().bought.is_empty() && city.held().imported.is_empty());
        }
    }
}

#[test]
fn with_the_key_of_another_account_nothing_is_believed_gone() {
    let city = City::with(&AT_ONCE);
    let ready = unused(&city, "harbor", "telnyx");
    city.providers.with(|all| all.telnyx.add_account("another", "KEY_other", 10_000));
    city.set_keys(simulators::STANDARD_VAPI_KEY, "KEY_other");
    city.pass(Duration::from_secs(600));
    city.sweep();
    city.settle();
    assert_eq!(states(&city), all("releasing", 1), "a person says what is so");
    let held = it::truth::digits_guarded(&city.table);
    assert!(held.contains(ready.text("phone_number")), "its guard stays");
    assert_eq!(city.held().bought.len(), 1);
}

#[test]
fn a_number_that_is_claimed_meanwhile_is_not_given_back() {
    let city = City::with(&[
        ("QUARANTINE_DAYS", "0"),
        ("GIVE_BACK_AFTER_DAYS", "1"),
        ("POOL_MINIMUM", "0"),
    ]);
    unused(&city, "harbor", "telnyx");
    city.sweep();
    let next = Person::of("org-1", "next");
    let asked = city.post(&next, from_sources(&["pool"]));
    city.settle();
    city.pass(DAY * 2);
    assert_eq!(city.sweep().given_back, 0);
    city.assert_answers(&city.look(&next, asked.id()));
}
