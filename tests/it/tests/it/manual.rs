//! A person as the last source: what an operator sees, names, and what becomes of it.

use it::disturb::{answers_lost, killed_wherever_it_waits, writes_lost};
use it::truth::{assert_sound, number_states, rows};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::{Answer, Call};
use serde_json::{Value, json};
use simulators::{Fault, Provider, STANDARD_TELNYX_KEY};
use std::time::Duration;
use store::keys;

/// A number that somebody buys past Dialtone.
const OUTSIDE: &str = "+14155550142";
/// Another.
const OTHER: &str = "+14155550143";

/// A provisioning that waits for a person.
fn waiting(city: &City, person: &Person) -> Answer {
    let asked = city.post(person, from_sources(&["manual"]));
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let waits = seen(city, asked.id());
    assert_eq!((waits.state(), waits.problem()), ("needs_person", "sources-exhausted"));
    waits
}

/// A provisioning as operators see it.
fn seen(city: &City, id: &str) -> Answer {
    let line = format!("GET /api/admin/provisionings/{id}");
    city.send(Person::operator().call(&line, &Value::Null))
}

fn naming(id: &str, number: &str) -> Call {
    let line = format!("POST /api/admin/provisionings/{id}/assign");
    Person::operator().call(&line, &json!({ "number": number }))
}

fn name(city: &City, id: &str, number: &str) -> Answer {
    city.send(naming(id, number))
}

/// Somebody buys a number in the Telnyx portal.
fn buy(city: &City, number: &str) {
    let now = city.clock.millis();
    let id =
        city.providers.with(|all| all.telnyx.buy_outside(now, STANDARD_TELNYX_KEY, number, None));
    assert!(id.is_some(), "{number} is for sale");
}

/// One assistant, and this number answers by it: bought by nobody here, imported once.
#[track_caller]
fn assert_by_hand(city: &City, ready: &Answer, number: &str) {
    city.assert_answers(ready);
    assert_eq!((ready.text("phone_number"), ready.text("source")), (number, "manual"));
    let held = city.held();
    assert_eq!(held.imported, [number.to_owned()], "imported once");
    assert_eq!((held.orders, held.free.len(), held.assistants.len()), (0, 0, 1));
    assert_eq!(number_states(&city.table), [("assigned".to_owned(), 1)].into());
    let row = &rows(&city.table, "NUMBER#", "NUMBER")[0];
    assert!(!row.contains_key(keys::WORK), "no work writes about it any more");
    let Some(store::table::Value::Document(row)) = row.get(keys::DOCUMENT) else { panic!() };
    assert!(row.contains("\"origin\":\"imported\""), "{row}");
}

#[test]
fn with_nothing_left_an_operator_is_told_all_and_a_business_plain_things() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "1")]);
    city.secrets.set("telnyx", "{}".to_owned());
    city.post(&Person::of("org-1", "first"), json!({}));
    city.settle();
    let asked = city.post(&harbor(), json!({ "area_code": "415" }));
    city.settle();

    let operators = seen(&city, asked.id());
    assert_eq!(
        operators.passed(),
        [
            "pool: pool_empty",
            "vapi_free: allowance_used",
            "org_twilio: not_configured",
            "global_twilio: not_configured",
            "telnyx: not_configured"
        ]
    );
    assert_eq!((operators.state(), operators.problem()), ("needs_person", "sources-exhausted"));
    assert_ne!(operators.text("vapi_assistant_id"), "", "the assistant is kept");
    assert_eq!(city.held().assistants.len(), 2);
    let setup = &operators.body["problem"]["setup"];
    assert_eq!(setup["wanted"]["area_code"], "415");
    let steps = setup["steps"].to_string();
    assert!(steps.contains(&format!("/api/admin/provisionings/{}/assign", asked.id())), "{steps}");
    for link in [
        "https://dashboard.vapi.ai/phone-numbers",
        "https://console.twilio.com/us1/develop/phone-numbers/manage/search",
        "https://docs.vapi.ai/phone-calling",
    ] {
        assert!(setup["links"].to_string().contains(link), "{setup:#}");
    }
    assert_eq!(city.figures("NeedsPerson"), 1, "alarmed");

    let own = city.look(&harbor(), asked.id());
    assert!(own.body["problem"].get("setup").is_none(), "{:#}", own.body["problem"]);
    let told = own.body.to_string();
    for word in ["telnyx.com", "vapi.ai", "stamp", "not configured"] {
        assert!(!told.contains(word), "{told}");
    }
}

#[test]
fn a_number_bought_outside_is_looked_up_imported_linked_routed_and_read_back() {
    let city = City::new();
    let waits = waiting(&city, &harbor());
    buy(&city, OUTSIDE);
    let named = name(&city, waits.id(), "(415) 555-0142");
    assert_eq!((named.status, named.id()), (202, waits.id()), "{:#}", named.body);
    city.settle();
    let ready = seen(&city, waits.id());
    assert_by_hand(&city, &ready, OUTSIDE);
    assert_eq!(
        ready.events(),
        [
            "requested",
            "assistant_created",
            "needs_person",
            "number_named",
            "number_imported",
            "ready"
        ]
    );
    // Who names it once more gets the same answer, and nothing happens.
    let again = name(&city, waits.id(), OUTSIDE);
    assert_eq!((again.status, again.state()), (200, "ready"));
    city.settle();
    assert_by_hand(&city, &seen(&city, waits.id()), OUTSIDE);
}

#[test]
fn what_was_imported_is_given_up_and_handed_on_like_any_other() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let waits = waiting(&city, &harbor());
    buy(&city, OUTSIDE);
    name(&city, waits.id(), OUTSIDE);
    city.settle();
    let ready = city.look(&harbor(), waits.id());
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    city.send(harbor().call(&line, &Value::Null));
    city.settle();
    assert_eq!(city.sweep().freed, 1);
    let neighbour = Person::of("org-1", "neighbour");
    let other = city.post(&neighbour, from_sources(&["pool"]));
    city.settle();
    let other = city.look(&neighbour, other.id());
    city.assert_answers(&other);
    assert_eq!((other.text("phone_number"), other.text("source")), (OUTSIDE, "pool"));
}

#[test]
fn a_number_nobody_uses_is_assigned_by_hand() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let former = city.post(&Person::of("org-2", "former"), from_sources(&["vapi_free"]));
    city.settle();
    let former = city.look(&Person::of("org-2", "former"), former.id());
    let number = former.text("phone_number").to_owned();
    let waits = waiting(&city, &harbor());
    let taken = name(&city, waits.id(), &number);
    assert_eq!((taken.status, taken.problem()), (409, "number-not-free"), "{:#}", taken.body);
    assert_eq!(seen(&city, waits.id()).state(), "needs_person");

    let line = format!("DELETE /api/phone/numbers/{}", former.text("number_id"));
    city.send(Person::of("org-2", "former").call(&line, &Value::Null));
    city.settle();
    city.sweep();
    assert_eq!(name(&city, waits.id(), &number).status, 202);
    city.settle();
    let ready = seen(&city, waits.id());
    city.assert_answers(&ready);
    assert_eq!((ready.text("phone_number"), ready.text("source")), (number.as_str(), "pool"));
    assert_sound(&city, &city.held());
}

#[test]
fn a_number_that_no_account_of_ours_has_is_said_so_and_may_be_named_again() {
    let city = City::new();
    let waits = waiting(&city, &harbor());
    assert_eq!(name(&city, waits.id(), OUTSIDE).status, 202);
    city.settle();
    let lost = seen(&city, waits.id());
    assert_eq!((lost.state(), lost.problem()), ("needs_person", "number-not-assignable"));
    assert_eq!(lost.body["problem"]["reason"], "found_nowhere");
    assert_ne!(lost.body["problem"]["setup"], Value::Null);
    assert_eq!(number_states(&city.table), [("unverified".to_owned(), 1)].into());
    assert_eq!(city.held().imported.len(), 0);

    buy(&city, OUTSIDE);
    assert_eq!(name(&city, waits.id(), OUTSIDE).status, 202);
    city.settle();
    assert_by_hand(&city, &seen(&city, waits.id()), OUTSIDE);
}

#[test]
fn a_number_that_somebody_has_put_into_vapi_is_made_ours_in_place() {
    let city = City::new();
    let waits = waiting(&city, &harbor());
    buy(&city, OUTSIDE);
    let credential =
        city.providers.lock().vapi.orgs()[0].credentials.iter().next().unwrap().id.clone();
    let body = json!({ "provider": "telnyx", "number": OUTSIDE, "credentialId": credential });
    assert_eq!(city.at_vapi("POST", "/phone-number", body).0, 201);
    name(&city, waits.id(), OUTSIDE);
    city.settle();
    let ready = seen(&city, waits.id());
    assert_by_hand(&city, &ready, OUTSIDE);
    // It answers as ours when it is nobody's, too.
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    city.send(harbor().call(&line, &Value::Null));
    city.settle();
    assert_eq!(city.call(OUTSIDE).spoken.as_deref(), Some("This number is not yet assigned."));
}

#[test]
fn a_free_number_made_at_vapi_takes_its_place_in_the_allowance() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "1")]);
    let waits = waiting(&city, &harbor());
    assert_eq!(city.at_vapi("POST", "/phone-number", json!({ "provider": "vapi" })).0, 201);
    city.pass(Duration::from_secs(900));
    let number = city.digits_in_vapi();
    name(&city, waits.id(), &number);
    city.settle();
    let ready = seen(&city, waits.id());
    city.assert_answers(&ready);
    assert_eq!((ready.text("phone_number"), ready.text("source")), (number.as_str(), "manual"));
    assert_sound(&city, &city.held());

    // There is no second place.
    let neighbour = Person::of("org-1", "neighbour");
    let second = waiting(&city, &neighbour);
    city.at_vapi("POST", "/phone-number", json!({ "provider": "vapi" }));
    city.pass(Duration::from_secs(900));
    let free = city.held().free;
    let all: Vec<String> = free
        .iter()
        .map(|id| city.at_vapi("GET", &format!("/phone-number/{id}"), Value::Null).1)
        .map(|record| record["number"].as_str().unwrap().to_owned())
        .filter(|digits| *digits != number)
        .collect();
    name(&city, second.id(), &all[0]);
    city.settle();
    let refused = seen(&city, second.id());
    assert_eq!(refused.body["problem"]["text"], "the free numbers are used up");
}

#[test]
fn one_number_of_two_is_assigned_and_one_provisioning_of_two_gets_it() {
    let city = City::new();
    let neighbour = Person::of("org-2", "neighbour");
    let (first, second) = (waiting(&city, &harbor()), waiting(&city, &neighbour));
    buy(&city, OUTSIDE);
    buy(&city, OTHER);
    assert_eq!(name(&city, first.id(), OUTSIDE).status, 202);
    let other = name(&city, first.id(), OTHER);
    assert_eq!((other.status, other.problem()), (409, "being-assigned"));
    // Both were told yes, and one is told what became of it.
    assert_eq!(name(&city, second.id(), OUTSIDE).status, 202);
    city.settle();
    let (first, second) = (seen(&city, first.id()), seen(&city, second.id()));
    let (has, has_not) =
        if first.state() == "ready" { (&first, &second) } else { (&second, &first) };
    assert_by_hand_of_two(&city, has);
    assert_eq!((has_not.state(), has_not.problem()), ("needs_person", "number-not-assignable"));
    let late = name(&city, has_not.id(), OUTSIDE);
    assert_eq!((late.status, late.problem()), (409, "number-not-free"));
    let ended = name(&city, has.id(), OTHER);
    assert_eq!((ended.status, ended.problem()), (409, "not-waiting-for-number"));
}

#[track_caller]
fn assert_by_hand_of_two(city: &City, ready: &Answer) {
    city.assert_answers(ready);
    assert_eq!(ready.text("phone_number"), OUTSIDE);
    assert_eq!(city.held().imported, [OUTSIDE.to_owned()]);
}

#[test]
fn what_cannot_be_named_changes_nothing() {
    let city = City::new();
    let waits = waiting(&city, &harbor());
    let line = format!("POST /api/admin/provisionings/{}/assign", waits.id());
    let refused = |body: Value| {
        let answer = city.send(Person::operator().call(&line, &body));
        (answer.status, answer.problem().to_owned())
    };
    for body in [
        json!({}),
        json!({ "number": 4155550142_u64 }),
        json!({ "number": "555-0142" }),
        json!({ "number": "+442071838750" }),
        json!({ "number": OUTSIDE, "organization": "org-2" }),
    ] {
        assert_eq!(refused(body.clone()), (422, "field-invalid".to_owned()), "{body}");
    }
    let stranger = city.send(harbor().call(&line, &json!({ "number": OUTSIDE })));
    assert_eq!(stranger.status, 403);
    let nowhere = "POST /api/admin/provisionings/01M7W31027VWDHMB8A05RA76HY/assign";
    let none = city.send(Person::operator().call(nowhere, &json!({ "number": OUTSIDE })));
    assert_eq!(none.status, 404);
    assert!(number_states(&city.table).is_empty());
    assert_eq!(seen(&city, waits.id()).state(), "needs_person");

    let mut keyed = naming(waits.id(), OUTSIDE);
    keyed.headers.insert("idempotency-key".to_owned(), "one".to_owned());
    assert_eq!(city.send(keyed.clone()).status, 202);
    assert_eq!(city.send(keyed).status, 202);
    city.settle();
    let mut reused = naming(waits.id(), OTHER);
    reused.headers.insert("idempotency-key".to_owned(), "one".to_owned());
    let reused = city.send(reused);
    assert_eq!((reused.status, reused.problem()), (422, "idempotency-key-reused"));
}

#[test]
fn a_cancel_while_the_number_is_looked_up_leaves_it_nobodys() {
    let city = City::new();
    let waits = waiting(&city, &harbor());
    buy(&city, OUTSIDE);
    let slow =
        Fault::Status { status: 503, retry_after_seconds: None, reset_seconds: None, text: None };
    city.faults(Provider::Telnyx, "GET /phone_numbers", slow, 3);
    name(&city, waits.id(), OUTSIDE);
    city.until(|city| city.works().iter().any(|work| work.phase.name().as_str() == "finding"));
    let line = format!("DELETE /api/phone/provision/{}", waits.id());
    assert_eq!(city.send(harbor().call(&line, &Value::Null)).status, 202);
    city.settle();
    assert_eq!(seen(&city, waits.id()).state(), "cancelled");
    assert_eq!(number_states(&city.table), [("unverified".to_owned(), 1)].into());
    assert_eq!(city.held().imported.len(), 0);
}

/// One assignment by hand, disturbed; it must end as if nothing had happened.
#[track_caller]
fn ends_well(disturb: impl FnOnce(&City)) -> City {
    let city = City::new();
    let waits = waiting(&city, &harbor());
    buy(&city, OUTSIDE);
    disturb(&city);
    // Whoever is not answered asks again.
    for _call in 0..3 {
        if name(&city, waits.id(), OUTSIDE).status < 500 {
            break;
        }
    }
    city.settle();
    city.pass(Duration::from_secs(900));
    assert_by_hand(&city, &seen(&city, waits.id()), OUTSIDE);
    city
}

#[test]
fn steps_may_be_killed_wherever_they_wait_while_a_number_is_assigned_by_hand() {
    killed_wherever_it_waits(|disturb| ends_well(disturb));
}

#[test]
fn answers_may_be_lost_while_a_number_is_assigned_by_hand() {
    answers_lost(|disturb| ends_well(disturb));
}

#[test]
fn writes_may_be_lost_while_a_number_is_assigned_by_hand() {
    writes_lost(|disturb| ends_well(disturb));
}

/// A number of the pool, by its id.
fn pooled(city: &City, source: &str) -> String {
    let asked = city.post(&harbor(), from_sources(&[source]));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    let id = ready.text("number_id").to_owned();
    let used = remove(city, &id, "");
    assert_eq!((used.status, used.problem()), (409, "number-not-free"), "{:#}", used.body);
    city.send(harbor().call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null));
    city.settle();
    assert_eq!(city.sweep().freed, 1);
    id
}

fn remove(city: &City, id: &str, more: &str) -> Answer {
    let line = format!("DELETE /api/admin/phone-numbers?id={id}{more}");
    city.send(Person::operator().call(&line, &Value::Null))
}

#[test]
fn a_number_that_is_retired_stays_and_is_never_handed_out() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let id = pooled(&city, "telnyx");
    for _twice in 0..2 {
        let retired = remove(&city, &id, "");
        assert_eq!(retired.status, 200, "{:#}", retired.body);
        assert_eq!(retired.body["number"]["state"], "retired");
    }
    let other = Person::of("org-1", "neighbour");
    let asked = city.post(&other, from_sources(&["pool"]));
    city.settle();
    assert_eq!(city.look(&other, asked.id()).passed(), ["pool: pool_empty"]);
    assert_eq!(city.held().bought.len(), 1);
    let none = remove(&city, "01M7W31027VWDHMB8A05RA76HY", "");
    assert_eq!(none.status, 404);
    let line = format!("DELETE /api/admin/phone-numbers?id={id}");
    assert_eq!(city.send(harbor().call(&line, &Value::Null)).status, 403);
}

#[test]
fn a_number_that_nobody_uses_is_given_back_on_request() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let id = pooled(&city, "telnyx");
    let asked = remove(&city, &id, "&release=true");
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    assert_eq!(number_states(&city.table), [("released".to_owned(), 1)].into());
    assert_eq!((city.held().bought.len(), city.held().imported.len()), (0, 0));
    let again = remove(&city, &id, "&release=true");
    assert_eq!((again.status, again.problem()), (409, "number-not-givable"));
}
