//! Emergency contacts: whom assistants put callers through to, and how a change reaches them all.

use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{Fault, Provider};

fn send(city: &City, person: &Person, line: &str, body: &Value) -> Answer {
    city.send(person.call(line, body))
}

fn dana() -> Value {
    json!({ "name": "Dana Reyes", "phoneNumber": "(415) 555-0199", "messages": { "english": "One moment." } })
}

/// A business with two assistants, both at VAPI.
fn city() -> (City, Vec<String>) {
    let city = City::new();
    city.post(&harbor(), from_sources(&["vapi_free"]));
    let second = json!({ "businessData": { "business_name": "Harbor Nights" } });
    send(&city, &harbor(), "POST /api/assistants/create?wait=0", &second);
    city.settle();
    let list = send(&city, &harbor(), "GET /api/assistants/list", &Value::Null);
    let assistants = list.body["assistants"].as_array().unwrap();
    let ids: Vec<String> = assistants
        .iter()
        .map(|one| one["vapi_assistant_id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 2);
    (city, ids)
}

/// Whom the assistant at VAPI puts callers through to.
fn destinations(city: &City, id: &str) -> Vec<(String, String)> {
    let body = city.at_vapi("GET", &format!("/assistant/{id}"), Value::Null).1;
    let tools = body["model"]["tools"].as_array().unwrap();
    let transfer = tools.iter().find(|tool| tool["type"] == "transferCall");
    let all = transfer.map(|tool| tool["destinations"].as_array().unwrap().clone());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.unwrap_or_default()
        .iter()
        .map(|one| (text(&one["number"]), text(&one["message"])))
        .collect()
}

#[test]
fn a_contact_reaches_every_assistant_of_the_business_and_leaves_them_again() {
    let (city, ids) = city();
    let added = send(&city, &harbor(), "POST /api/emergency-contacts", &dana());
    assert_eq!(added.status, 201, "{:#}", added.body);
    assert_eq!(added.text("phone_number"), "+14155550199");
    let id = added.text("id").to_owned();
    city.settle();
    let expected = [("+14155550199".to_owned(), "One moment.".to_owned())];
    for vapi in &ids {
        assert_eq!(destinations(&city, vapi), expected);
    }

    let line = format!("PATCH /api/emergency-contacts/{id}");
    let changed = send(&city, &harbor(), &line, &json!({ "phone_number": "+14155550177" }));
    assert_eq!((changed.status, changed.text("name")), (200, "Dana Reyes"));
    assert_eq!(changed.body["messages"], json!({ "english": "One moment." }));
    city.settle();
    for vapi in &ids {
        assert_eq!(destinations(&city, vapi)[0].0, "+14155550177");
    }
    let one = send(&city, &harbor(), &format!("GET /api/emergency-contacts/{id}"), &Value::Null);
    assert_eq!(one.text("phone_number"), "+14155550177");
    let list = send(&city, &harbor(), "GET /api/emergency-contacts", &Value::Null);
    assert_eq!(list.body["count"], 1);

    let line = format!("DELETE /api/emergency-contacts/{id}");
    assert_eq!(send(&city, &harbor(), &line, &Value::Null).status, 200);
    city.settle();
    for vapi in &ids {
        assert!(destinations(&city, vapi).is_empty());
    }
    assert_eq!(send(&city, &harbor(), &line, &Value::Null).problem(), "no-such-contact");
}

#[test]
fn a_new_assistant_has_the_contacts_of_its_business_from_the_start() {
    let (city, _) = city();
    send(&city, &harbor(), "POST /api/emergency-contacts", &dana());
    city.settle();
    let asked = send(&city, &harbor(), "POST /api/assistants/create?wait=0", &json!({}));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    assert_eq!(destinations(&city, ready.text("vapi_assistant_id")).len(), 1);
}

#[test]
fn a_contact_added_while_an_assistant_is_being_made_is_not_forgotten() {
    // At every moment of the provisioning, from its first write to its end.
    for rounds in 0.. {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
        city.rounds(rounds);
        let done = city.look(&harbor(), asked.id()).state() == "ready";
        assert_eq!(send(&city, &harbor(), "POST /api/emergency-contacts", &dana()).status, 201);
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        assert_eq!(destinations(&city, ready.text("vapi_assistant_id")).len(), 1, "{rounds}");
        if done {
            assert!(rounds > 5);
            return;
        }
    }
}

#[test]
fn a_business_has_a_few_contacts_with_numbers_of_their_own() {
    let (city, ids) = city();
    for last in 0..5 {
        let contact = json!({ "name": "Dana", "number": format!("+1415555010{last}") });
        assert_eq!(send(&city, &harbor(), "POST /api/emergency-contacts", &contact).status, 201);
    }
    let more = json!({ "name": "Dana", "number": "+14155550109" });
    let sixth = send(&city, &harbor(), "POST /api/emergency-contacts", &more);
    assert_eq!((sixth.status, sixth.problem()), (409, "too-many-contacts"));
    city.settle();
    assert_eq!(destinations(&city, &ids[0]).len(), 5);
    let list = send(&city, &harbor(), "GET /api/emergency-contacts", &Value::Null);
    let first = list.body["contacts"][0]["id"].as_str().unwrap().to_owned();
    let line = format!("PATCH /api/emergency-contacts/{first}");
    let twice = send(&city, &harbor(), &line, &json!({ "number": "+14155550101" }));
    assert_eq!((twice.status, twice.problem()), (422, "field-invalid"));
}

#[test]
fn what_is_no_contact_changes_nothing() {
    let (city, _) = city();
    for wrong in [
        json!({}),
        json!({ "name": "Dana" }),
        json!({ "name": "Dana", "phone_number": "911" }),
        json!({ "name": "{{x}}", "phone_number": "+14155550199" }),
        json!({ "name": "Dana", "phone_number": "+14155550199", "messages": { "german": "Hallo" } }),
        json!({ "name": "Dana", "phone_number": "+14155550199", "messages": ["Hello"] }),
        json!({ "name": "Dana", "phone_number": "+14155550199", "extension": 7 }),
    ] {
        let answer = send(&city, &harbor(), "POST /api/emergency-contacts", &wrong);
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{wrong}");
    }
    let list = send(&city, &harbor(), "GET /api/emergency-contacts", &Value::Null);
    assert_eq!(list.body["count"], 0);
}

#[test]
fn anothers_contacts_do_not_exist() {
    let (city, _) = city();
    let id = send(&city, &harbor(), "POST /api/emergency-contacts", &dana()).text("id").to_owned();
    for stranger in [Person::of("org-1", "neighbour"), Person::of("org-2", "harbor")] {
        city.post(&stranger, from_sources(&["vapi_free"]));
        for method in ["GET", "PATCH", "DELETE"] {
            let line = format!("{method} /api/emergency-contacts/{id}");
            let answer = send(&city, &stranger, &line, &Value::Null);
            assert_eq!((answer.status, answer.problem()), (404, "no-such-contact"));
        }
        let list = send(&city, &stranger, "GET /api/emergency-contacts", &Value::Null);
        assert_eq!(list.body["count"], 0);
    }
    let line = format!("GET /api/emergency-contacts/{id}?organization_id=org-1&business_id=harbor");
    assert_eq!(send(&city, &Person::operator(), &line, &Value::Null).status, 200);
}

#[test]
fn the_same_key_adds_one_contact() {
    let (city, _) = city();
    let add = |body: &Value| {
        let mut call = harbor().call("POST /api/emergency-contacts", body);
        call.headers.insert("idempotency-key".to_owned(), "k-1".to_owned());
        city.send(call)
    };
    let first = add(&dana());
    let again = add(&dana());
    assert_eq!(first.text("id"), again.text("id"));
    let other = add(&json!({ "name": "Otto", "phone_number": "+14155550111" }));
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    let list = send(&city, &harbor(), "GET /api/emergency-contacts", &Value::Null);
    assert_eq!(list.body["count"], 1);
}

#[test]
fn a_change_survives_lost_messages_and_a_vapi_that_does_not_answer() {
    let (city, ids) = city();
    city.faults(Provider::Vapi, "PATCH /assistant/{id}", Fault::AnswerLost, 3);
    city.queue.deliver(it::queue::Delivery::Lost);
    send(&city, &harbor(), "POST /api/emergency-contacts", &dana());
    city.pass(std::time::Duration::from_secs(120));
    city.queue.deliver(it::queue::Delivery::Once);
    // The poller finds what was not sent for.
    city.pass(std::time::Duration::from_secs(180));
    city.settle();
    for vapi in &ids {
        assert_eq!(destinations(&city, vapi).len(), 1);
    }
}
