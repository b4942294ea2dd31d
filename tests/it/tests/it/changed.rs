//! What an operator makes of a number: nobody's, out of use, or a business's; and what the rules do
//! not let happen.

use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{Fault, Provider, STANDARD_TELNYX_KEY};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn neighbour() -> Person {
    Person::of("org-2", "neighbour")
}

fn patch(city: &City, body: &Value) -> Answer {
    city.send(Person::operator().call("PATCH /api/admin/phone-numbers", body))
}

/// What an operator makes of a number.
fn make(city: &City, id: &str, mut body: Value) -> Answer {
    body["id"] = json!(id);
    patch(city, &body)
}

fn available(city: &City, id: &str) -> Answer {
    make(city, id, json!({ "status": "available" }))
}

/// A business, with its organization.
type Named = (&'static str, &'static str);

const HARBOR: Named = ("org-1", "harbor");
const NEIGHBOUR: Named = ("org-2", "neighbour");

fn assigned(city: &City, id: &str, (organization, business): Named, more: &Value) -> Answer {
    let mut body = json!({ "assigned_to": business, "organization_id": organization });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    make(city, id, body)
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status, answer.problem()), (409, code), "{:#}", answer.body);
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

fn one(state: &str) -> Vec<(String, usize)> {
    vec![(state.to_owned(), 1)]
}

/// A number for the pool, by its id.
fn pooled(city: &City, source: &str) -> String {
    let body = json!({ "count": 1, "source": source });
    let asked = city.send(Person::operator().call("POST /api/admin/phone-pool/provision", &body));
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let line = format!("GET /api/admin/purchases/{}", asked.text("purchase_id"));
    let made = city.send(Person::operator().call(&line, &Value::Null));
    made.body["numbers"][0]["id"].as_str().unwrap().to_owned()
}

/// A business's number that answers.
fn answering(city: &City, person: &Person, source: &str) -> Answer {
    let asked = city.post(person, from_sources(&[source]));
    city.settle();
    let ready = city.look(person, asked.id());
    city.assert_answers(&ready);
    ready
}

/// A business's number, given up after a call.
fn given_up(city: &City, person: &Person, source: &str) -> String {
    let ready = answering(city, person, source);
    let id = ready.text("number_id").to_owned();
    city.call(ready.text("phone_number"));
    city.send(person.call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null));
    city.settle();
    assert_eq!(states(city), one("quarantined"));
    id
}

#[test]
fn a_number_nobody_uses_is_made_a_business_s() {
    for source in ["telnyx", "vapi_free"] {
        let city = City::new();
        let id = pooled(&city, source);
        let unknown = assigned(&city, &id, HARBOR, &json!({}));
        assert_eq!((unknown.status, unknown.problem()), (404, "no-such-business"));
        assert_eq!(states(&city), one("available"));
        let named = json!({ "status": "assigned", "business_name": "Harbor Heating" });
        let begun = assigned(&city, &id, HARBOR, &named);
        assert_eq!(begun.status, 202, "{:#}", begun.body);
        let again = assigned(&city, &id, HARBOR, &named);
        assert_eq!(again.id(), begun.id(), "asked for twice, it is assigned once");
        city.settle();
        let ready = city.look(&harbor(), begun.id());
        city.assert_answers(&ready);
        assert_eq!(ready.text("number_id"), id);
        assert_sound(&city, &city.held());
        let has = assigned(&city, &id, HARBOR, &json!({}));
        assert_eq!((has.status, &has.body["number"]["assigned_to"]), (200, &json!("harbor")));
        let other = json!({ "business_name": "Another name" });
        assert_refused(&assigned(&city, &id, NEIGHBOUR, &other), "number-not-free");
    }
}

#[test]
fn whoever_waits_for_a_number_gets_the_one_that_is_assigned() {
    let city = City::new();
    let waits = city.post(&harbor(), from_sources(&["manual"]));
    city.settle();
    let id = pooled(&city, "telnyx");
    let begun = assigned(&city, &id, HARBOR, &json!({}));
    assert_eq!((begun.status, begun.id()), (202, waits.id()), "{:#}", begun.body);
    city.settle();
    let ready = city.look(&harbor(), waits.id());
    city.assert_answers(&ready);
    assert_eq!(ready.text("number_id"), id);
}

#[test]
fn a_business_that_has_a_number_or_gets_one_is_not_given_another() {
    let city = City::new();
    let id = pooled(&city, "telnyx");
    answering(&city, &harbor(), "vapi_free");
    assert_refused(&assigned(&city, &id, HARBOR, &json!({})), "has-another-number");
    city.post(&neighbour(), from_sources(&["vapi_free"]));
    assert_refused(&assigned(&city, &id, NEIGHBOUR, &json!({})), "has-another-number");
    city.settle();
    assert_eq!(states(&city), [("assigned".to_owned(), 2), ("available".to_owned(), 1)]);
}

#[test]
fn a_business_s_number_is_taken_off_it_and_rests() {
    let city = City::new();
    let ready = answering(&city, &harbor(), "telnyx");
    let id = ready.text("number_id");
    city.call(ready.text("phone_number"));
    for body in [json!({ "status": "available" }), json!({ "assigned_to": null })] {
        let begun = make(&city, id, body);
        assert_eq!((begun.status, begun.id()), (202, ready.id()), "{:#}", begun.body);
    }
    city.settle();
    assert_eq!(city.look(&harbor(), ready.id()).state(), "released");
    assert_eq!(states(&city), one("quarantined"));
    assert_refused(&available(&city, id), "number-resting");
    let named = json!({ "business_name": "Neighbour" });
    assert_refused(&assigned(&city, id, NEIGHBOUR, &named), "number-resting");
    // Whoever had it may have it back at once.
    let back = assigned(&city, id, HARBOR, &json!({}));
    assert_eq!(back.status, 202, "{:#}", back.body);
    city.settle();
    city.assert_answers(&city.look(&harbor(), back.id()));
}

#[test]
fn a_rest_that_is_over_ends_without_a_sweep() {
    let city = City::with(&[("QUARANTINE_DAYS", "1")]);
    let id = given_up(&city, &harbor(), "telnyx");
    assert_refused(&available(&city, &id), "number-resting");
    city.pass(DAY);
    let free = available(&city, &id);
    assert_eq!((free.status, &free.body["number"]["state"]), (200, &json!("available")));
    assert_eq!(available(&city, &id).status, 200);
    let begun = assigned(&city, &id, NEIGHBOUR, &json!({ "business_name": "Neighbour" }));
    city.settle();
    city.assert_answers(&city.look(&neighbour(), begun.id()));
}

#[test]
fn a_refused_assignment_ends_no_rest() {
    let city = City::with(&[("QUARANTINE_DAYS", "1")]);
    let id = given_up(&city, &harbor(), "telnyx");
    city.pass(DAY);
    let typo = assigned(&city, &id, ("org-2", "typo"), &json!({}));
    assert_eq!((typo.status, typo.problem()), (404, "no-such-business"), "{:#}", typo.body);
    assert_eq!(states(&city), one("quarantined"));
    let begun = assigned(&city, &id, NEIGHBOUR, &json!({ "business_name": "Neighbour" }));
    assert_eq!(begun.status, 202, "{:#}", begun.body);
    city.settle();
    city.assert_answers(&city.look(&neighbour(), begun.id()));
}

#[test]
fn what_was_taken_out_of_use_is_read_back_before_it_is_handed_out() {
    for source in ["telnyx", "vapi_free"] {
        let city = City::new();
        let id = pooled(&city, source);
        for _twice in 0..2 {
            let retired = make(&city, &id, json!({ "status": "retired" }));
            assert_eq!((retired.status, states(&city)), (200, one("retired")));
        }
        assert_refused(&assigned(&city, &id, HARBOR, &json!({})), "number-not-free");
        let begun = available(&city, &id);
        assert_eq!((begun.status, begun.text("kind")), (202, "stock"), "{:#}", begun.body);
        assert_eq!(available(&city, &id).id(), begun.id(), "asked for twice, prepared once");
        assert_refused(&make(&city, &id, json!({ "status": "retired" })), "number-not-free");
        assert_refused(&assigned(&city, &id, HARBOR, &json!({})), "number-busy");
        city.settle();
        assert_eq!(states(&city), one("available"));
        assert_sound(&city, &city.held());
    }
}

#[test]
fn what_was_somebody_s_rests_anew_after_it_was_out_of_use() {
    let city = City::with(&[("QUARANTINE_DAYS", "1")]);
    let id = given_up(&city, &harbor(), "telnyx");
    make(&city, &id, json!({ "status": "retired" }));
    assert_eq!(states(&city), one("retired"));
    assert_eq!(available(&city, &id).status, 202);
    city.settle();
    assert_eq!(states(&city), one("quarantined"));
    assert_eq!(city.sweep().freed, 0);
    city.pass(DAY);
    assert_eq!(city.sweep().freed, 1);
}

#[test]
fn one_that_was_bought_and_never_imported_is_prepared() {
    for source in ["telnyx", "global_twilio"] {
        let city = it::twilio::with_account_for(source, &[]);
        let refused = Fault::Status {
            status: 400,
            retry_after_seconds: None,
            reset_seconds: None,
            text: Some("no".to_owned()),
        };
        city.fault(Provider::Vapi, "POST /phone-number", refused);
        let body = json!({ "count": 1, "source": source });
        let line = "POST /api/admin/phone-pool/provision";
        let asked = city.send(Person::operator().call(line, &body));
        city.settle();
        let work = asked.body["provisioning_ids"][0].as_str().unwrap();
        let line = format!("POST /api/admin/provisionings/{work}/cancel");
        city.send(Person::operator().call(&line, &Value::Null));
        city.settle();
        assert_eq!((states(&city), city.sweep().freed), (one("quarantined"), 0));
        let list = Person::operator().call("GET /api/admin/phone-numbers", &Value::Null);
        let id = city.send(list).body["numbers"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(available(&city, &id).status, 202);
        city.settle();
        assert_eq!(states(&city), one("available"), "{source}");
        assert_eq!(city.held().bought.len(), 1);
        assert_sound(&city, &city.held());
    }
}

#[test]
fn one_that_was_found_nowhere_is_looked_up_again() {
    let city = City::new();
    let number = "+14155550142";
    let line = "POST /api/admin/phone-numbers";
    let asked = city.send(Person::operator().call(line, &json!({ "numbers": [number] })));
    city.settle();
    let id = asked.body["inserted"][0]["id"].as_str().unwrap();
    let now = city.clock.millis();
    city.providers.with(|all| all.telnyx.buy_outside(now, STANDARD_TELNYX_KEY, number, None));
    let begun = available(&city, id);
    assert_eq!(begun.status, 202, "{:#}", begun.body);
    city.settle();
    assert_eq!(states(&city), one("available"));
}

#[test]
fn a_number_that_somebody_asks_to_take_away_is_left_as_it_is() {
    let city = City::new();
    let ready = answering(&city, &harbor(), "telnyx");
    let id = pooled(&city, "telnyx");
    let retired = pooled(&city, "telnyx");
    make(&city, &retired, json!({ "status": "retired" }));
    let now = city.clock.millis();
    let numbers: Vec<String> = it::truth::digits_guarded(&city.table).into_iter().collect();
    city.providers.with(|all| {
        for (nth, number) in numbers.iter().enumerate() {
            all.telnyx.tell_port_out(now, number, &format!("p-{nth}"), "pending");
        }
    });
    city.pass(Duration::from_secs(5));
    let before = states(&city);
    assert_refused(&available(&city, ready.text("number_id")), "number-frozen");
    assert_refused(&available(&city, &retired), "number-frozen");
    assert_refused(&make(&city, &id, json!({ "status": "retired" })), "number-frozen");
    let named = json!({ "business_name": "Neighbour" });
    assert_refused(&assigned(&city, &id, NEIGHBOUR, &named), "number-frozen");
    city.settle();
    assert_eq!(states(&city), before);
}

#[test]
fn an_organization_s_own_number_serves_it_alone() {
    let city = it::twilio::with_account_for("org_twilio", &[("QUARANTINE_DAYS", "0")]);
    let ready = answering(&city, &harbor(), "org_twilio");
    let id = ready.text("number_id");
    city.send(harbor().call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null));
    city.settle();
    city.sweep();
    assert_eq!(states(&city), one("available"));
    let answer = assigned(&city, id, NEIGHBOUR, &json!({ "business_name": "Neighbour" }));
    assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{:#}", answer.body);
}

#[test]
fn a_key_that_cannot_be_used_changes_nothing() {
    let city = City::new();
    let id = pooled(&city, "telnyx");
    let call = |status: &str, key: String| {
        let body = json!({ "id": id, "status": status });
        let mut call = Person::operator().call("PATCH /api/admin/phone-numbers", &body);
        call.headers.insert("idempotency-key".to_owned(), key);
        city.send(call)
    };
    for status in ["available", "retired"] {
        for key in [String::new(), "k".repeat(256), "schlüssel".to_owned()] {
            let refused = call(status, key);
            assert_eq!((refused.status, refused.problem()), (400, "idempotency-key-invalid"));
        }
    }
    assert_eq!(states(&city), one("available"));
    assert_eq!(call("retired", "once".to_owned()).status, 200);
    assert_eq!(states(&city), one("retired"));
}

#[test]
fn a_key_stands_for_what_it_came_with_whatever_became_of_the_number() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let id = pooled(&city, "telnyx");
    let keyed = |name: Option<&str>| {
        let mut body = json!({ "id": id, "assigned_to": "harbor", "organization_id": "org-1" });
        if let Some(name) = name {
            body["business_name"] = json!(name);
        }
        let mut call = Person::operator().call("PATCH /api/admin/phone-numbers", &body);
        call.headers.insert("idempotency-key".to_owned(), "once".to_owned());
        city.send(call)
    };
    let first = keyed(Some("Harbor Heating"));
    assert_eq!(first.status, 202, "{:#}", first.body);
    for settled in [false, true] {
        if settled {
            city.settle();
        }
        let again = keyed(Some("Harbor Heating"));
        assert_eq!(again.id(), first.id(), "{:#}", again.body);
        let other = keyed(None);
        assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    }
    // Given up, and brought back by another call.
    city.send(harbor().call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null));
    city.settle();
    let back = assigned(&city, &id, HARBOR, &json!({}));
    assert_eq!(back.status, 202, "{:#}", back.body);
    assert_ne!(back.id(), first.id());
    assert_eq!(keyed(Some("Harbor Heating")).id(), first.id());
    city.settle();
    city.assert_answers(&city.look(&harbor(), back.id()));
}

/// The same call with the same key, over and over.
fn keyed(city: &City, id: &str) -> Answer {
    let body = json!({ "id": id, "assigned_to": "harbor", "organization_id": "org-1" });
    let mut call = Person::operator().call("PATCH /api/admin/phone-numbers", &body);
    call.headers.insert("idempotency-key".to_owned(), "once".to_owned());
    city.send(call)
}

#[test]
fn what_was_refused_is_begun_when_it_may_be() {
    let city = City::new();
    let has = answering(&city, &harbor(), "vapi_free");
    let id = pooled(&city, "telnyx");
    assert_refused(&keyed(&city, &id), "has-another-number");
    let gives_up = format!("DELETE /api/phone/numbers/{}", has.text("number_id"));
    city.send(harbor().call(&gives_up, &Value::Null));
    city.settle();
    let begun = keyed(&city, &id);
    assert_eq!(begun.status, 202, "{:#}", begun.body);
    assert_ne!(begun.id(), has.id());
    city.settle();
    let ready = city.look(&harbor(), begun.id());
    city.assert_answers(&ready);
    assert_eq!(ready.text("number_id"), id);
}

#[test]
fn what_was_so_already_is_not_brought_back_by_a_repeated_call() {
    let city = City::new();
    let ready = answering(&city, &harbor(), "telnyx");
    let id = ready.text("number_id");
    let first = keyed(&city, id);
    assert_eq!((first.status, first.id()), (200, ready.id()), "{:#}", first.body);
    city.send(harbor().call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null));
    city.settle();
    let again = keyed(&city, id);
    assert_eq!((again.id(), again.state()), (ready.id(), "released"), "{:#}", again.body);
    city.settle();
    assert_eq!(states(&city), one("quarantined"));
}

#[test]
fn what_cannot_be_said_of_a_number_changes_nothing() {
    let city = City::new();
    let id = pooled(&city, "telnyx");
    for body in [
        json!({}),
        json!({ "status": "available" }),
        json!({ "id": id }),
        json!({ "id": id, "status": "suspended" }),
        json!({ "id": id, "status": "assigned" }),
        json!({ "id": id, "status": "available", "business_name": "Harbor" }),
        json!({ "id": id, "status": "retired", "assigned_to": "harbor" }),
        json!({ "id": id, "assigned_to": "harbor" }),
        json!({ "id": id, "assigned_to": 7, "organization_id": "org-1" }),
        json!({ "id": id, "digits": "+14155550142" }),
    ] {
        let answer = patch(&city, &body);
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{body}");
    }
    let known = answering(&city, &harbor(), "vapi_free");
    assert_eq!(known.state(), "ready");
    let named = assigned(&city, &id, HARBOR, &json!({ "business_name": "Another name" }));
    assert_eq!((named.status, named.problem()), (422, "field-invalid"));
    for id in ["01M7W31027VWDHMB8A05RA76HY", "nothing"] {
        let nothing = available(&city, id);
        assert_eq!((nothing.status, nothing.problem()), (404, "no-such-number"));
    }
    let body = json!({ "id": id, "status": "retired" });
    let stranger = city.send(harbor().call("PATCH /api/admin/phone-numbers", &body));
    assert_eq!(stranger.status, 403);
    assert_eq!(states(&city), [("assigned".to_owned(), 1), ("available".to_owned(), 1)]);
}

#[test]
fn steps_may_be_killed_wherever_they_wait_while_a_number_is_prepared_or_assigned() {
    for to in ["available", "assigned"] {
        let mut struck = 0;
        for wait in 1.. {
            let city = City::new();
            let id = pooled(&city, "telnyx");
            if to == "available" {
                make(&city, &id, json!({ "status": "retired" }));
            }
            city.killer.kill_at(wait);
            let named = json!({ "business_name": "Harbor Heating" });
            let begun = if to == "available" {
                available(&city, &id)
            } else {
                assigned(&city, &id, HARBOR, &named)
            };
            assert_eq!(begun.status, 202, "{:#}", begun.body);
            city.settle();
            assert_eq!(states(&city), one(to), "killed at wait {wait}");
            assert_sound(&city, &city.held());
            if !city.killer.has_struck() {
                break;
            }
            struck += 1;
        }
        assert!(struck > 5, "killed at {struck} places only");
    }
}
