//! The routes of assistants: made, listed, changed in place, deleted.

use it::truth::number_states;
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{CallOutcome, Fault, Provider};
use std::collections::BTreeSet;
use std::time::Duration;
use store::memory::Request::{Transact, Write};
use store::table::{self, Condition, Table as _, Value as Attribute};
use store::{keys, memory};

fn send(city: &City, person: &Person, line: &str, body: &Value) -> Answer {
    city.send(person.call(line, body))
}

fn list(city: &City, person: &Person) -> Vec<Value> {
    let list = send(city, person, "GET /api/assistants/list", &Value::Null);
    assert_eq!(list.status, 200, "{:#}", list.body);
    list.body["assistants"].as_array().unwrap().clone()
}

/// The usual business, whose number answers.
fn answering() -> (City, Answer) {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    city.assert_answers(&ready);
    (city, ready)
}

fn at_vapi(city: &City, ready: &Answer) -> Value {
    let path = format!("/assistant/{}", ready.text("vapi_assistant_id"));
    city.at_vapi("GET", &path, Value::Null).1
}

fn change(city: &City, ready: &Answer, body: &Value) -> Answer {
    send(city, &harbor(), &format!("PATCH /api/assistants/{}", ready.text("assistant_id")), body)
}

fn delete(city: &City, ready: &Answer) -> Answer {
    let line = format!("DELETE /api/assistants/{}", ready.text("assistant_id"));
    send(city, &harbor(), &line, &Value::Null)
}

#[test]
fn an_assistant_is_created_with_a_number_and_listed_by_its_name() {
    let city = City::new();
    let body = json!({
        "organizationId": "org-1",
        "industryCode": "hvac",
        "businessData": { "business_name": "Harbor Heating & Air" },
        "languagePreference": "french",
        "assistant": { "maxDurationSeconds": 900 },
    });
    let asked = send(&city, &harbor(), "POST /api/assistants/create?wait=0", &body);
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    assert_eq!(asked.text("name"), "Harbor Heating & Air");
    assert_eq!(asked.body["assistant"]["vapi_phone_number"], Value::Null);
    assert_eq!(asked.body["assistant"]["phone_provider"], Value::Null);
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    city.assert_answers(&ready);
    let found = list(&city, &harbor());
    assert_eq!(found.len(), 1);
    let one = &found[0];
    for (field, value) in [
        ("name", json!("Harbor Heating & Air")),
        ("vapi_phone_number", ready.body["phone_number"].clone()),
        ("phone_provider", json!("vapi")),
        ("vapi_assistant_id", ready.body["vapi_assistant_id"].clone()),
        ("language", json!("french")),
        ("industry", json!("home_services")),
        ("is_primary", json!(true)),
        ("up_to_date", json!(true)),
    ] {
        assert_eq!(one[field], value, "{field}");
    }
    let vapi = at_vapi(&city, &ready);
    assert_eq!((&vapi["name"], &vapi["maxDurationSeconds"]), (&one["name"], &json!(900)));
}

#[test]
fn each_create_makes_one_more_and_the_same_key_makes_none() {
    let city = City::new();
    let create = |key: &str| {
        let mut call = harbor().call("POST /api/assistants/create?wait=0", &json!({}));
        call.headers.insert("idempotency-key".to_owned(), key.to_owned());
        city.send(call)
    };
    let (first, again, second) = (create("a"), create("a"), create("b"));
    assert_eq!(first.id(), again.id());
    assert_ne!(first.text("assistant_id"), second.text("assistant_id"));
    city.settle();
    let found = list(&city, &harbor());
    let numbers: BTreeSet<&str> =
        found.iter().map(|one| one["vapi_phone_number"].as_str().unwrap()).collect();
    assert_eq!((found.len(), numbers.len()), (2, 2));
    let primary: Vec<bool> = found.iter().map(|one| one["is_primary"] == true).collect();
    assert_eq!(primary, [true, false]);
}

#[test]
fn the_list_goes_on_where_a_page_ended() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "10")]);
    for _ in 0..5 {
        send(&city, &harbor(), "POST /api/assistants/create?wait=0", &json!({}));
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for pages in 1.. {
        let line = format!("GET /api/assistants/list?limit=2{cursor}");
        let page = send(&city, &harbor(), &line, &Value::Null);
        seen.extend(page.body["assistants"].as_array().unwrap().iter().map(|a| a["id"].clone()));
        let Some(next) = page.body["next_cursor"].as_str() else {
            assert_eq!(pages, 3);
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let all: Vec<Value> = list(&city, &harbor()).iter().map(|one| one["id"].clone()).collect();
    assert_eq!((seen.len(), seen), (5, all));
    let line = "GET /api/assistants/list?cursor=made-up";
    assert_eq!(send(&city, &harbor(), line, &Value::Null).problem(), "field-invalid");
}

#[test]
fn a_business_has_a_limited_number_of_assistants() {
    let city = City::new();
    for _ in 0..domain::tenant::ASSISTANTS_MAX {
        let asked = send(&city, &harbor(), "POST /api/assistants/create?wait=0", &json!({}));
        assert_eq!(asked.status, 202);
    }
    let more = send(&city, &harbor(), "POST /api/assistants/create?wait=0", &json!({}));
    assert_eq!((more.status, more.problem()), (409, "too-many-assistants"));
}

#[test]
fn a_change_reaches_vapi_in_place_and_leaves_the_number_alone() {
    let (city, ready) = answering();
    let before = at_vapi(&city, &ready);
    let asked = change(
        &city,
        &ready,
        &json!({
            "businessData": { "business_name": "Harbor Plumbing" },
            "languagePreference": "spanish",
            "industryCode": "plumbing",
            "assistant": { "endCallMessage": "Adiós." },
        }),
    );
    assert_eq!((asked.status, asked.text("name")), (202, "Harbor Plumbing"), "{:#}", asked.body);
    assert_eq!(asked.body["up_to_date"], false);
    city.settle();
    let after = at_vapi(&city, &ready);
    assert_eq!(after["name"], "Harbor Plumbing");
    assert_eq!(after["endCallMessage"], "Adiós.");
    assert_eq!(after["transcriber"]["language"], "es");
    assert_eq!(after["metadata"], before["metadata"]);
    assert_eq!(list(&city, &harbor())[0]["up_to_date"], true);
    city.assert_answers(&city.look(&harbor(), ready.id()));

    // What is named changes, `null` sets it back to ours, and the rest stays.
    change(&city, &ready, &json!({ "assistant": { "endCallMessage": null } }));
    city.settle();
    let last = at_vapi(&city, &ready);
    assert_eq!(last["name"], "Harbor Plumbing");
    assert!(last["endCallMessage"].as_str().unwrap().contains("Harbor Plumbing"));
    assert_eq!(city.held().assistants.len(), 1);
}

#[test]
fn what_is_not_on_the_list_is_refused_by_name_and_changes_nothing() {
    let (city, ready) = answering();
    let before = at_vapi(&city, &ready);
    for (body, named) in [
        (
            json!({ "assistant": { "server": { "url": "https://elsewhere.example" } } }),
            "assistant.server",
        ),
        (
            json!({ "assistant": { "model": { "provider": "custom-llm" } } }),
            "assistant.model.provider",
        ),
        (json!({ "languagePreference": "klingon" }), "language"),
        (json!({ "vapi_phone_number": "+14155550123" }), "vapi_phone_number"),
        (json!({ "metadata": {} }), "metadata"),
    ] {
        let answer = change(&city, &ready, &body);
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{body}");
        assert!(answer.text("detail").contains(named), "{:#}", answer.body);
    }
    city.settle();
    assert_eq!(at_vapi(&city, &ready), before);
}

#[test]
fn of_two_changes_the_last_one_written_stays() {
    let (city, ready) = answering();
    // What became of the first is not known when the second is made.
    city.fault(Provider::Vapi, "PATCH /assistant/{id}", Fault::Delay { ms: 30_000 });
    change(&city, &ready, &json!({ "assistant": { "endCallMessage": "One." } }));
    city.rounds(2);
    change(&city, &ready, &json!({ "assistant": { "endCallMessage": "Two." } }));
    city.settle();
    assert_eq!(at_vapi(&city, &ready)["endCallMessage"], "Two.");
    assert_eq!(list(&city, &harbor())[0]["up_to_date"], true);
}

#[test]
fn changes_at_once_are_written_one_upon_the_other() {
    let (city, ready) = answering();
    let line = format!("PATCH /api/assistants/{}", ready.text("assistant_id"));
    let fields = ["firstMessage", "endCallMessage", "voicemailMessage"];
    let calls = fields.map(|field| {
        city.answer(harbor().call(&line, &json!({ "assistant": { field: "Mine." } })))
    });
    let answers = city.clock.run(futures_util::future::join_all(calls));
    assert!(answers.iter().all(|answer| answer.status == 202));
    city.settle();
    let after = at_vapi(&city, &ready);
    assert!(fields.iter().all(|field| after[*field] == "Mine."), "{after:#}");
}

#[test]
fn a_change_that_vapi_does_not_take_is_told() {
    let (city, ready) = answering();
    let refused = Fault::Status {
        status: 400,
        retry_after_seconds: None,
        reset_seconds: None,
        text: Some("model is not available".to_owned()),
    };
    city.fault(Provider::Vapi, "PATCH /assistant/{id}", refused);
    change(&city, &ready, &json!({ "assistant": { "endCallMessage": "One." } }));
    city.settle();
    assert_eq!(list(&city, &harbor())[0]["up_to_date"], false);
    assert_eq!(city.figures("AssistantUpdateFailed"), 1);
    assert!(city.look(&harbor(), ready.id()).events().contains(&"update_failed"));
    // The next change sends all of it.
    change(&city, &ready, &json!({}));
    city.settle();
    assert_eq!(at_vapi(&city, &ready)["endCallMessage"], "One.");
    assert_eq!(list(&city, &harbor())[0]["up_to_date"], true);
}

#[test]
fn a_change_survives_steps_killed_wherever_they_wait() {
    for wait in 1.. {
        let (city, ready) = answering();
        city.killer.kill_at(wait);
        change(&city, &ready, &json!({ "assistant": { "endCallMessage": "Bye." } }));
        city.pass(Duration::from_secs(600));
        city.settle();
        assert_eq!(at_vapi(&city, &ready)["endCallMessage"], "Bye.", "killed at {wait}");
        assert_eq!(list(&city, &harbor())[0]["up_to_date"], true);
        city.assert_answers(&city.look(&harbor(), ready.id()));
        if !city.killer.has_struck() {
            assert!(wait > 6, "killed at {wait} places only");
            return;
        }
    }
}

#[test]
fn a_deleted_assistant_gives_its_number_up_and_is_gone_everywhere_else() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&[source]));
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        city.assert_answers(&ready);
        let held = city.held();
        let asked = delete(&city, &ready);
        assert_eq!((asked.status, asked.state()), (202, "deleting"), "{:#}", asked.body);
        assert!(list(&city, &harbor()).is_empty());
        city.settle();
        assert_eq!(city.look(&harbor(), ready.id()).state(), "deleted");
        let after = city.held();
        assert!(after.assistants.is_empty(), "the assistant is gone at VAPI");
        assert_eq!(
            (after.free, after.bought, after.imported),
            (held.free, held.bought, held.imported)
        );
        let states = number_states(&city.table);
        assert_eq!(states.into_iter().collect::<Vec<_>>(), [("quarantined".to_owned(), 1)]);
        let call = city.call(ready.text("phone_number"));
        assert_eq!(call.outcome, CallOutcome::ServerReply, "{call:?}");
        assert_eq!(delete(&city, &ready).problem(), "no-such-assistant");
        let mine = send(&city, &harbor(), "GET /api/phone/provision", &Value::Null);
        assert_eq!(mine.body["hasPhoneNumber"], false);

        // The business may have another one.
        let next = city.post(&harbor(), from_sources(&["vapi_free"]));
        city.settle();
        let next = city.look(&harbor(), next.id());
        city.assert_answers(&next);
        assert_ne!(next.text("assistant_id"), ready.text("assistant_id"));
    }
}

#[test]
fn an_assistant_may_be_deleted_at_any_moment_of_its_provisioning() {
    for source in ["vapi_free", "telnyx"] {
        for rounds in 0.. {
            let city = City::new();
            let asked = city.post(&harbor(), from_sources(&[source]));
            city.rounds(rounds);
            let now = city.look(&harbor(), asked.id());
            let ready = now.state() == "ready";
            assert_eq!(delete(&city, &now).status, 202);
            city.settle();
            assert_eq!(city.look(&harbor(), asked.id()).state(), "deleted", "{source} {rounds}");
            assert!(city.held().assistants.is_empty(), "{source} {rounds}");
            it::truth::assert_sound(&city, &city.held());
            if ready {
                assert!(rounds > 2, "deleted at {rounds} moments only");
                break;
            }
        }
    }
}

#[test]
fn a_deletion_survives_steps_killed_wherever_they_wait() {
    for wait in 1.. {
        let (city, ready) = answering();
        city.killer.kill_at(wait);
        assert_eq!(delete(&city, &ready).status, 202);
        city.pass(Duration::from_secs(600));
        city.settle();
        assert_eq!(city.look(&harbor(), ready.id()).state(), "deleted", "killed at {wait}");
        let held = city.held();
        assert_eq!((held.assistants.len(), held.free.len()), (0, 1));
        it::truth::assert_sound(&city, &held);
        if !city.killer.has_struck() {
            assert!(wait > 15, "killed at {wait} places only");
            return;
        }
    }
}

#[test]
fn every_write_of_a_change_and_a_deletion_may_lose_its_answer() {
    for at in 1.. {
        let (city, ready) = answering();
        let count = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
        let counted = std::sync::Arc::clone(&count);
        city.table.set_faults(move |request: memory::Request<'_>| match request {
            Write(_) | Transact(_)
                if counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == at =>
            {
                memory::Fault::LostAfter
            }
            _ => memory::Fault::None,
        });
        change(&city, &ready, &json!({ "assistant": { "endCallMessage": "Bye." } }));
        city.settle();
        assert_eq!(at_vapi(&city, &ready)["endCallMessage"], "Bye.");
        assert_eq!(delete(&city, &ready).status, 202);
        city.settle();
        assert!(city.held().assistants.is_empty());
        if count.load(std::sync::atomic::Ordering::Relaxed) < at {
            assert!(at > 8, "only {at} writes");
            return;
        }
    }
}

#[test]
fn an_assistant_that_something_else_refers_to_waits_for_a_person_and_goes_on() {
    let (city, ready) = answering();
    let foreign = json!({ "provider": "vapi", "assistantId": ready.text("vapi_assistant_id") });
    let foreign = city.at_vapi("POST", "/phone-number", foreign).1;
    delete(&city, &ready);
    city.settle();
    let stuck = city.look(&harbor(), ready.id());
    assert_eq!((stuck.state(), stuck.problem()), ("needs_person", "assistant-pinned"));
    let path = format!("/phone-number/{}", foreign["id"].as_str().unwrap());
    assert_eq!(
        city.at_vapi("GET", &path, Value::Null).1["assistantId"],
        ready.body["vapi_assistant_id"]
    );
    city.at_vapi("PATCH", &path, json!({ "assistantId": null }));
    let line = format!("POST /api/phone/provision/{}/retry", ready.id());
    send(&city, &harbor(), &line, &Value::Null);
    city.settle();
    assert_eq!(city.look(&harbor(), ready.id()).state(), "deleted");
}

#[test]
fn the_oldest_of_the_others_takes_the_place_of_a_deleted_primary() {
    let (city, ready) = answering();
    let second = send(&city, &harbor(), "POST /api/assistants/create?wait=0", &json!({}));
    city.settle();
    delete(&city, &ready);
    city.settle();
    let found = list(&city, &harbor());
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["id"], &found[0]["is_primary"]),
        (&second.body["assistant_id"], &json!(true))
    );
    let mine = send(&city, &harbor(), "GET /api/phone/provision", &Value::Null);
    assert_eq!(mine.body["phoneNumber"], found[0]["vapi_phone_number"]);
}

#[test]
fn the_same_deletion_twice_is_one() {
    let (city, ready) = answering();
    let line = format!("DELETE /api/assistants/{}", ready.text("assistant_id"));
    let delete = || {
        let mut call = harbor().call(&line, &Value::Null);
        call.headers.insert("idempotency-key".to_owned(), "d-1".to_owned());
        city.send(call)
    };
    assert_eq!((delete().status, delete().status), (202, 202));
    city.settle();
    let after = delete();
    assert_eq!((after.status, after.state()), (200, "deleted"), "{:#}", after.body);
}

#[test]
fn a_deleted_assistant_gets_no_number_by_a_retry_or_a_new_start() {
    let (city, ready) = answering();
    let release = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    send(&city, &harbor(), &release, &Value::Null);
    city.settle();
    delete(&city, &ready);
    let start = json!({ "assistant_id": ready.text("assistant_id") });
    let start = send(&city, &harbor(), "POST /api/phone/provision", &start);
    assert_eq!((start.status, start.problem()), (404, "no-such-assistant"));
    let undo = format!("POST /api/phone/numbers/{}/undo", ready.text("number_id"));
    let undo = send(&city, &harbor(), &undo, &Value::Null);
    assert_eq!((undo.status, undo.problem()), (404, "no-such-assistant"));
    let changed = change(&city, &ready, &json!({ "language": "french" }));
    assert_eq!(changed.problem(), "no-such-assistant");
    city.settle();
    assert!(city.held().assistants.is_empty());
}

#[test]
fn anothers_assistants_do_not_exist() {
    let (city, ready) = answering();
    for stranger in [Person::of("org-1", "neighbour"), Person::of("org-2", "harbor")] {
        for method in ["GET", "PATCH", "DELETE"] {
            let line = format!("{method} /api/assistants/{}", ready.text("assistant_id"));
            let answer = send(&city, &stranger, &line, &json!({}));
            assert_eq!((answer.status, answer.problem()), (404, "no-such-assistant"));
        }
        assert!(list(&city, &stranger).is_empty());
    }
    let line = "GET /api/assistants/list?organizationId=org-1&businessId=harbor";
    let seen = send(&city, &Person::operator(), line, &Value::Null);
    assert_eq!(seen.body["count"], 1);
    let named =
        send(&city, &harbor(), "GET /api/assistants/list?business_id=neighbour", &Value::Null);
    assert_eq!(named.problem(), "no-such-business");
}

/// Makes the assistant's row what a former version wrote.
fn forget_what_is_new(city: &City, ready: &Answer) {
    let key = keys::assistant(ready.text("assistant_id").parse().unwrap());
    let item = city.clock.run(city.table.get(std::slice::from_ref(&key))).unwrap().remove(0);
    let Some(Attribute::Document(text)) = item.unwrap().remove(keys::DOCUMENT) else {
        panic!("no document")
    };
    let mut document: Value = serde_json::from_str(&text).unwrap();
    for field in ["industry", "persona"] {
        document.as_object_mut().unwrap().remove(field).unwrap();
    }
    let update = table::Write::Update {
        key,
        set: vec![(keys::DOCUMENT, Attribute::Document(document.to_string().into()))],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Present,
    };
    city.clock.run(city.table.write(&update)).unwrap();
}

#[test]
fn an_assistant_of_a_former_version_keeps_what_it_was_given() {
    let (city, ready) = {
        let city = City::new();
        let mut body = from_sources(&["vapi_free"]);
        body["assistant"] = json!({ "firstMessage": "Ahoy!" });
        let asked = city.post(&harbor(), body);
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        (city, ready)
    };
    forget_what_is_new(&city, &ready);
    change(&city, &ready, &json!({ "language": "french" }));
    city.settle();
    let after = at_vapi(&city, &ready);
    assert_eq!(
        (&after["firstMessage"], &after["transcriber"]["language"]),
        (&json!("Ahoy!"), &json!("fr"))
    );
}
