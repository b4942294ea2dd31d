//! Numbers that rest and were not read back as answering: a line that was given up while calls did not
//! reach it, or was called off before it was proven. Nobody gets them before a work has read them back.

use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use runtime::Clock as _;
use serde_json::{Value, json};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// Works that one sweep starts at most.
const PREPARED_MAX: usize = 20;

fn neighbour() -> Person {
    Person::of("org-1", "neighbour")
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

fn one(state: &str) -> Vec<(String, usize)> {
    vec![(state.to_owned(), 1)]
}

/// Whether the application at Telnyx that numbers are routed to takes calls.
fn set_active(city: &City, active: bool) {
    let id = {
        let all = city.providers.lock();
        *all.telnyx.accounts()[0].applications.keys().next().unwrap()
    };
    assert!(city.providers.with(|all| all.telnyx.set_application_active(id, active)));
}

fn operator(city: &City, line: &str) -> Answer {
    city.send(Person::operator().call(line, &Value::Null))
}

fn make(city: &City, id: &str, mut body: Value) -> Answer {
    body["id"] = json!(id);
    city.send(Person::operator().call("PATCH /api/admin/phone-numbers", &body))
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.problem()), (409, code), "{:#}", answer.body);
}

/// A line that no call reaches is given up; its number's id.
fn given_up_degraded(city: &City) -> String {
    set_active(city, false);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    let degraded = city.look(&harbor(), asked.id());
    assert_eq!(degraded.state(), "ready_degraded", "{:#}", degraded.body);
    let id = degraded.text("number_id").to_owned();
    let line = format!("DELETE /api/phone/numbers/{id}");
    assert_eq!(city.send(harbor().call(&line, &Value::Null)).status, 202);
    city.settle();
    assert_eq!(states(city), one("quarantined"));
    id
}

/// A free number is called off before it has digits.
fn called_off(city: &City, person: &Person) {
    let asked = city.post(person, from_sources(&["vapi_free"]));
    city.pass(Duration::from_secs(1));
    let line = format!("DELETE /api/phone/provision/{}", asked.id());
    assert_eq!(city.send(person.call(&line, &Value::Null)).status, 202);
}

/// Somebody wants a number of the pool.
fn wants(city: &City) -> Answer {
    let asked = city.post(&neighbour(), from_sources(&["pool"]));
    city.settle();
    city.look(&neighbour(), asked.id())
}

#[test]
fn a_degraded_line_that_is_given_up_goes_to_another_once_calls_reach_it() {
    let city = City::new();
    let id = given_up_degraded(&city);
    set_active(&city, true);
    let swept = city.sweep();
    assert_eq!((swept.freed, swept.prepared), (0, 1));
    assert_eq!((city.sweep().prepared, city.sweep().freed), (0, 0), "once is enough");
    city.settle();
    assert_eq!(states(&city), one("available"));
    let other = wants(&city);
    city.assert_answers(&other);
    assert_eq!(other.text("number_id"), id);
    assert_sound(&city, &city.held());
}

#[test]
fn a_line_that_no_call_reaches_waits_for_a_person_and_nobody_gets_it() {
    let city = City::new();
    given_up_degraded(&city);
    assert_eq!(city.sweep().prepared, 1);
    city.settle();
    let waits = operator(&city, "GET /api/admin/provisionings?state=needs_person");
    let work = waits.body["provisionings"][0].clone();
    assert_eq!(work["kind"], "stock", "{:#}", waits.body);
    assert_eq!(wants(&city).passed(), ["pool: pool_empty"]);
    assert_eq!((city.sweep().prepared, city.sweep().freed), (0, 0));
    set_active(&city, true);
    let id = work["provisioning_id"].as_str().unwrap();
    assert_eq!(operator(&city, &format!("POST /api/admin/provisionings/{id}/retry")).status, 202);
    city.settle();
    assert_eq!(states(&city), one("available"));
}

#[test]
fn what_is_called_off_while_it_is_read_back_stays_out_of_use() {
    let city = City::new();
    let number = given_up_degraded(&city);
    city.sweep();
    city.settle();
    let waits = operator(&city, "GET /api/admin/provisionings?state=needs_person");
    let id = waits.body["provisionings"][0]["provisioning_id"].as_str().unwrap();
    assert_eq!(operator(&city, &format!("POST /api/admin/provisionings/{id}/cancel")).status, 202);
    city.settle();
    assert_eq!(states(&city), one("unverified"));
    assert_eq!(city.sweep().prepared, 0, "no sweep begins anew what a person called off");
    set_active(&city, true);
    assert_eq!(make(&city, &number, json!({ "status": "available" })).status, 202);
    city.settle();
    // What somebody had rests anew, and is proven by then.
    assert_eq!(states(&city), one("quarantined"));
    city.clock.advance_to(city.clock.now().after(DAY * 30));
    assert_eq!(city.sweep().freed, 1);
}

#[test]
fn a_free_number_called_off_without_digits_comes_into_the_pool_with_them() {
    let city = City::with(&[("QUARANTINE_DAYS", "2")]);
    called_off(&city, &harbor());
    city.settle();
    assert_eq!(states(&city), one("quarantined"));
    assert_eq!((city.sweep().prepared, city.sweep().freed), (0, 0), "it rests");
    city.pass(DAY * 2);
    let swept = city.sweep();
    assert_eq!((swept.prepared, swept.freed), (1, 0));
    city.settle();
    assert_eq!(states(&city), one("available"));
    let numbers = operator(&city, "GET /api/admin/phone-numbers");
    assert!(numbers.body["numbers"][0]["number"].is_string(), "{:#}", numbers.body);
    city.assert_answers(&wants(&city));
    assert_eq!(city.held().free.len(), 1);
}

#[test]
fn what_answered_when_it_was_given_up_is_freed_without_a_work() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&[source]));
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
        city.send(harbor().call(&line, &Value::Null));
        city.settle();
        let swept = city.sweep();
        assert_eq!((swept.freed, swept.prepared), (1, 0), "{source}");
    }
}

#[test]
fn sweeps_at_once_read_a_number_back_once_and_each_so_many_at_most() {
    let city = City::with(&[("QUARANTINE_DAYS", "0"), ("FREE_NUMBER_LIMIT", "30")]);
    city.switch(&json!({ "vapi": { "free_limit": 30 } }));
    let people = (0..=PREPARED_MAX).map(|nth| Person::of("org-1", &format!("first-{nth}")));
    people.for_each(|person| called_off(&city, &person));
    city.settle();
    assert_eq!(states(&city), [("quarantined".to_owned(), PREPARED_MAX + 1)]);
    let swept = city.sweep();
    assert_eq!((swept.prepared, swept.more), (20, true));
    let rest = city.sweeps_at_once(3).into_iter().map(|sweep| sweep.prepared);
    assert_eq!(rest.sum::<u64>(), 1);
    city.settle();
    assert_eq!(states(&city), [("available".to_owned(), PREPARED_MAX + 1)]);
}

#[test]
fn an_operator_has_it_read_back_once_its_rest_is_over() {
    let city = City::with(&[("QUARANTINE_DAYS", "1")]);
    called_off(&city, &harbor());
    city.settle();
    let numbers = operator(&city, "GET /api/admin/phone-numbers");
    let shown = &numbers.body["numbers"][0];
    assert_eq!(shown["proven"], false, "{shown:#}");
    let id = shown["id"].as_str().unwrap();
    let available = || make(&city, id, json!({ "status": "available" }));
    assert_refused(&available(), "number-resting");
    let to = json!({
        "assigned_to": "neighbour",
        "organization_id": "org-2",
        "business_name": "Neighbour",
    });
    assert_refused(&make(&city, id, to.clone()), "number-resting");
    city.pass(DAY);
    assert_refused(&make(&city, id, to), "number-not-free");
    assert_eq!(states(&city), one("quarantined"));
    let begun = available();
    assert_eq!((begun.status, begun.text("kind")), (202, "stock"), "{:#}", begun.body);
    assert_eq!(available().id(), begun.id(), "asked for twice it is prepared once");
    assert_eq!(city.sweep().prepared, 0);
    city.settle();
    assert_eq!(states(&city), one("available"));
    city.assert_answers(&wants(&city));
}

/// Who had it may have it back: it is linked and read back, and told ready when it answers.
#[test]
fn its_own_business_may_have_it_back_while_it_rests() {
    let city = City::new();
    let id = given_up_degraded(&city);
    set_active(&city, true);
    let line = format!("POST /api/phone/numbers/{id}/undo");
    let asked = city.send(harbor().call(&line, &Value::Null));
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let back = city.look(&harbor(), asked.id());
    city.assert_answers(&back);
    assert_eq!(back.text("number_id"), id);
}

#[test]
fn what_is_gone_when_it_is_read_back_can_be_given_back() {
    let city = City::with(&[("QUARANTINE_DAYS", "30")]);
    let id = given_up_degraded(&city);
    set_active(&city, true);
    city.clock.advance_to(city.clock.now().after(DAY * 31));
    let record = {
        let all = city.providers.lock();
        all.vapi.orgs()[0].numbers.iter().next().unwrap().id.clone()
    };
    assert_eq!(city.at_vapi("DELETE", &format!("/phone-number/{record}"), Value::Null).0, 200);
    let swept = city.sweep();
    assert_eq!(swept.prepared, 1);
    assert!(city.all_figures().contains("\"StuckNumbers\":0"), "it is being read back since now");
    city.settle();
    let waits = operator(&city, "GET /api/admin/provisionings?state=needs_person");
    let work = &waits.body["provisionings"][0];
    assert_eq!(work["problem"]["code"], "number-vanished", "{work:#}");
    let line = format!(
        "POST /api/admin/provisionings/{}/cancel",
        work["provisioning_id"].as_str().unwrap()
    );
    assert_eq!(operator(&city, &line).status, 202);
    city.pass(DAY / 24);
    city.settle();
    assert_eq!(states(&city), one("unverified"));
    let line = format!("DELETE /api/admin/phone-numbers?id={id}&release=true");
    let giving = operator(&city, &line);
    assert_eq!(giving.status, 202);
    city.settle();
    // A person has looked, and says that it is gone at VAPI.
    let line = format!("POST /api/admin/provisionings/{}/retry", giving.id());
    assert_eq!(operator(&city, &line).status, 202);
    city.settle();
    assert_eq!(states(&city), one("released"));
    assert_eq!(city.held().bought.len(), 0);
}
