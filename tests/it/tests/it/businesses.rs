//! A business leaves: everything of it goes at once, and its numbers rest.

use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::CallOutcome;
use std::time::Duration;

fn send(city: &City, person: &Person, line: &str) -> Answer {
    city.send(person.call(line, &Value::Null))
}

fn leave(city: &City) -> Answer {
    send(city, &harbor(), "DELETE /api/business")
}

/// The usual business with a contact and two assistants, the second with a bought number.
fn two_lines() -> (City, [Answer; 2]) {
    let city = City::new();
    let first = city.post(&harbor(), from_sources(&["vapi_free"]));
    let second =
        json!({ "businessData": { "business_name": "Harbor Nights" }, "sources": ["telnyx"] });
    let second = city.send(harbor().call("POST /api/assistants/create?wait=0", &second));
    let contact = json!({ "name": "Dana Reyes", "phoneNumber": "(415) 555-0199" });
    city.send(harbor().call("POST /api/emergency-contacts", &contact));
    city.settle();
    let ready = [first, second].map(|asked| city.look(&harbor(), asked.id()));
    ready.iter().for_each(|ready| city.assert_answers(ready));
    (city, ready)
}

#[test]
fn a_business_that_leaves_takes_its_assistants_and_contacts_and_leaves_its_numbers() {
    let (city, ready) = two_lines();
    let held = city.held();
    let asked = leave(&city);
    assert_eq!((asked.status, asked.state()), (202, "deleting"), "{:#}", asked.body);
    let works: Vec<&Value> = asked.body["assistants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["provisioning_id"])
        .collect();
    assert_eq!(works, [ready[0].id(), ready[1].id()]);
    city.settle();
    for ready in &ready {
        assert_eq!(city.look(&harbor(), ready.id()).state(), "deleted");
        let call = city.call(ready.text("phone_number"));
        assert_eq!(call.outcome, CallOutcome::ServerReply, "{call:?}");
    }
    let after = city.held();
    assert!(after.assistants.is_empty(), "no assistant is left at VAPI");
    assert_eq!((after.free, after.bought, after.imported), (held.free, held.bought, held.imported));
    let states = number_states(&city.table);
    assert_eq!(states.into_iter().collect::<Vec<_>>(), [("quarantined".to_owned(), 2)]);
    for list in ["GET /api/assistants/list", "GET /api/emergency-contacts"] {
        assert_eq!(send(&city, &harbor(), list).body["count"], 0, "{list}");
    }

    let again = leave(&city);
    assert_eq!((again.status, again.state()), (200, "deleted"), "{:#}", again.body);

    // It may come back, and is met as somebody new.
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let back = city.look(&harbor(), asked.id());
    city.assert_answers(&back);
    assert_ne!(back.text("phone_number"), ready[0].text("phone_number"));
}

#[test]
fn a_business_may_leave_at_any_moment_of_a_provisioning() {
    for rounds in 0.. {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&["telnyx"]));
        city.rounds(rounds);
        let was_ready = city.look(&harbor(), asked.id()).state() == "ready";
        assert_eq!(leave(&city).status, 202);
        city.settle();
        assert_eq!(city.look(&harbor(), asked.id()).state(), "deleted", "{rounds}");
        assert!(city.held().assistants.is_empty(), "{rounds}");
        assert_sound(&city, &city.held());
        if was_ready {
            assert!(rounds > 2, "it left at {rounds} moments only");
            break;
        }
    }
}

#[test]
fn where_one_number_is_frozen_nothing_of_the_business_is_changed() {
    let (city, ready) = two_lines();
    let digits = ready[1].text("phone_number");
    let now = city.clock.millis();
    city.providers.with(|all| all.telnyx.tell_port_out(now, digits, "p-1", "pending"));
    city.pass(Duration::from_secs(5));
    let refused = leave(&city);
    assert_eq!((refused.status, refused.problem()), (409, "number-frozen"));
    city.settle();
    for ready in &ready {
        city.assert_answers(&city.look(&harbor(), ready.id()));
    }
    assert_eq!(send(&city, &harbor(), "GET /api/emergency-contacts").body["count"], 1);
}

#[test]
fn a_key_tells_the_same_leave_from_one_after_coming_back() {
    let (city, _ready) = two_lines();
    let leave = || {
        let mut call = harbor().call("DELETE /api/business", &Value::Null);
        call.headers.insert("idempotency-key".to_owned(), "leaves-once".to_owned());
        city.send(call)
    };
    assert_eq!(leave().status, 202);
    city.settle();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let late = leave();
    assert_eq!((late.status, late.state()), (200, "deleted"), "{:#}", late.body);
    city.settle();
    city.assert_answers(&city.look(&harbor(), asked.id()));
}

#[test]
fn nobody_deletes_another_business_and_operators_name_the_one_they_mean() {
    let (city, ready) = two_lines();
    let named = "DELETE /api/business?organization_id=org-1&business_id=harbor";
    let foreign = Person::of("org-2", "harbor");
    assert_eq!(send(&city, &foreign, named).problem(), "no-such-business");
    assert_eq!(send(&city, &foreign, "DELETE /api/business").problem(), "no-business");
    let unnamed = send(&city, &Person::operator(), "DELETE /api/business");
    assert_eq!(unnamed.status, 422, "{:#}", unnamed.body);
    city.settle();
    ready.iter().for_each(|ready| city.assert_answers(&city.look(&harbor(), ready.id())));
    assert_eq!(send(&city, &Person::operator(), named).status, 202);
    city.settle();
    assert!(city.held().assistants.is_empty());
}
