//! Somebody asks to take a number to another carrier: it is frozen, and an alarm is raised.

use it::truth::number_states;
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use std::time::Duration;

/// A business whose bought number answers, and whose numbers do not rest.
fn city() -> (City, Answer) {
    let city = City::with(&[
        ("QUARANTINE_DAYS", "0"),
        ("GIVE_BACK_AFTER_DAYS", "1"),
        ("POOL_MINIMUM", "0"),
    ]);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    city.assert_answers(&ready);
    (city, ready)
}

fn told(city: &City, number: &str, request: &str, status: &str) {
    let now = city.clock.millis();
    city.providers.with(|all| all.telnyx.tell_port_out(now, number, request, status));
    city.pass(Duration::from_secs(5));
}

fn send(city: &City, person: &Person, line: &str) -> Answer {
    city.send(person.call(line, &Value::Null))
}

fn port_out(city: &City) -> Value {
    let list = send(city, &Person::operator(), "GET /api/admin/phone-numbers");
    list.body["numbers"][0]["port_out"].clone()
}

#[test]
fn a_number_somebody_wants_to_take_away_is_not_given_up_and_operators_see_it() {
    let (city, ready) = city();
    assert_eq!(port_out(&city), Value::Null);
    told(&city, ready.text("phone_number"), "p-1", "pending");
    assert_eq!(city.figures("PortOutAsked"), 1);
    let shown = port_out(&city);
    assert_eq!((&shown["id"], &shown["status"]), (&json!("p-1"), &json!("pending")));
    for line in [
        format!("DELETE /api/phone/numbers/{}", ready.text("number_id")),
        format!("DELETE /api/assistants/{}", ready.text("assistant_id")),
    ] {
        let refused = send(&city, &harbor(), &line);
        assert_eq!((refused.status, refused.problem()), (409, "number-frozen"), "{line}");
    }
    city.assert_answers(&city.look(&harbor(), ready.id()));

    // Another request that is off changes nothing; this one does.
    told(&city, ready.text("phone_number"), "p-2", "rejected");
    assert_ne!(port_out(&city), Value::Null);
    told(&city, ready.text("phone_number"), "p-1", "canceled");
    assert_eq!(port_out(&city), Value::Null);
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    assert_eq!(send(&city, &harbor(), &line).status, 202);
}

#[test]
fn a_frozen_number_that_rests_or_is_free_goes_to_nobody_until_the_request_is_off() {
    for swept in [false, true] {
        let (city, ready) = city();
        send(&city, &harbor(), &format!("DELETE /api/phone/numbers/{}", ready.text("number_id")));
        city.settle();
        if swept {
            assert_eq!(city.sweep().freed, 1);
        }
        told(&city, ready.text("phone_number"), "p-1", "authorized");
        city.pass(Duration::from_secs(2 * 24 * 3600));
        let sweep = city.sweep();
        assert_eq!((sweep.freed, sweep.given_back), (0, 0));
        city.settle();
        assert_eq!(city.held().bought.len(), 1, "it is not given back either");
        for more in ["", "&release=true"] {
            let id = ready.text("number_id");
            let line = format!("DELETE /api/admin/phone-numbers?id={id}{more}");
            let refused = send(&city, &Person::operator(), &line);
            assert_eq!((refused.status, refused.problem()), (409, "number-frozen"), "{line}");
        }
        let undo = format!("POST /api/phone/numbers/{}/undo", ready.text("number_id"));
        let undone = send(&city, &harbor(), &undo);
        let expected = if swept { "not-resting" } else { "number-frozen" };
        assert_eq!((undone.status, undone.problem()), (409, expected));
        let neighbour = Person::of("org-1", "neighbour");
        let asked = city.post(&neighbour, from_sources(&["pool"]));
        city.settle();
        let end = city.look(&neighbour, asked.id());
        assert_eq!(end.passed(), ["pool: pool_empty"]);
    }
}

#[test]
fn what_is_told_late_or_twice_changes_nothing() {
    for mode in [json!({ "kind": "twice" }), json!({ "kind": "out_of_order", "ms": 10_000 })] {
        let (city, ready) = city();
        city.switch(&json!({ "telnyx": { "webhooks": mode } }));
        let now = city.clock.millis();
        let number = ready.text("phone_number");
        city.providers.with(|all| {
            all.telnyx.tell_port_out(now, number, "p-1", "pending");
            all.telnyx.tell_port_out(now + 1_000, number, "p-1", "rejected");
            all.telnyx.tell_port_out(now + 2_000, number, "p-2", "pending");
        });
        city.pass(Duration::from_secs(60));
        assert_eq!(port_out(&city)["id"], "p-2");
    }
}

#[test]
fn a_request_that_was_off_before_it_is_heard_of_freezes_nothing() {
    let (city, ready) = city();
    let number = ready.text("phone_number");
    let late = json!({ "kind": "late", "ms": 30_000 });
    let began = city.clock.millis();
    city.switch(&json!({ "telnyx": { "webhooks": late } }));
    told(&city, number, "p-1", "pending");
    city.switch(&json!({ "telnyx": { "webhooks": { "kind": "normal" } } }));
    told(&city, number, "p-1", "rejected");
    city.pass(Duration::from_secs(60));
    assert_eq!(port_out(&city), Value::Null);
    // Others that are off since change nothing of that.
    for other in ["p-4", "p-5"] {
        told(&city, number, other, "pending");
        told(&city, number, other, "canceled");
    }
    city.providers.with(|all| all.telnyx.tell_port_out(began, number, "p-1", "authorized"));
    city.pass(Duration::from_secs(5));
    assert_eq!(port_out(&city), Value::Null);
    // Another one that began before stands for itself, whenever it is heard of.
    city.switch(&json!({ "telnyx": { "webhooks": late } }));
    told(&city, number, "p-2", "pending");
    city.switch(&json!({ "telnyx": { "webhooks": { "kind": "normal" } } }));
    told(&city, number, "p-3", "pending");
    told(&city, number, "p-3", "canceled");
    assert_eq!(port_out(&city), Value::Null);
    city.pass(Duration::from_secs(60));
    assert_eq!(port_out(&city)["id"], "p-2");
}

#[test]
fn a_number_is_frozen_until_the_last_of_its_requests_is_off() {
    let (city, ready) = city();
    let number = ready.text("phone_number");
    told(&city, number, "p-1", "pending");
    told(&city, number, "p-2", "pending");
    told(&city, number, "p-2", "rejected");
    assert_eq!(port_out(&city)["id"], "p-1");
    told(&city, number, "p-1", "rejected");
    assert_eq!(port_out(&city), Value::Null);
    assert_eq!(city.figures("PortOutAsked"), 2, "what is off is no alarm");
}

fn patch(city: &City, id: &str, mut body: Value) -> Answer {
    body["id"] = json!(id);
    city.send(Person::operator().call("PATCH /api/admin/phone-numbers", &body))
}

#[test]
fn an_operator_ends_a_freeze_whose_last_notice_never_came() {
    let (city, ready) = city();
    let (number, id) = (ready.text("phone_number"), ready.text("number_id"));
    let late = json!({ "telnyx": { "webhooks": { "kind": "late", "ms": 60_000 } } });
    let normal = json!({ "telnyx": { "webhooks": { "kind": "normal" } } });
    told(&city, number, "p-1", "pending");
    told(&city, number, "p-2", "authorized");
    city.switch(&late);
    told(&city, number, "p-1", "authorized");
    city.switch(&normal);
    for wrong in [
        json!({ "port_out_over": null }),
        json!({ "port_out_over": false }),
        json!({ "port_out_over": "p-3" }),
        json!({ "port_out_over": "p-1", "status": "available" }),
        json!({ "port_out_over": "p-1", "assigned_to": "harbor", "organization_id": "org-1" }),
    ] {
        let refused = patch(&city, id, wrong.clone());
        assert_eq!((refused.status, refused.problem()), (422, "field-invalid"), "{wrong}");
        assert_eq!(port_out(&city)["id"], "p-2", "{wrong}");
    }
    for (over, stands) in [("p-2", json!("p-1")), ("p-2", json!("p-1")), ("p-1", Value::Null)] {
        let ended = patch(&city, id, json!({ "port_out_over": over }));
        assert_eq!(ended.status, 200, "{:#}", ended.body);
        let shown = &ended.body["number"];
        assert_eq!((&shown["id"], &shown["status"]), (&json!(id), &json!("assigned")));
        assert_eq!(shown["port_out"]["id"], stands, "{shown:#}");
        assert_eq!(port_out(&city)["id"], stands);
    }
    let logs = city.logs.text();
    let told_of = logs.lines().filter(|line| line.contains("a port-out is off"));
    let told_of: Vec<&str> = told_of.collect();
    assert!(
        matches!(told_of[..], [one, two] if [one, two].iter().all(|one| one.contains("operator"))),
        "{told_of:?}"
    );
    // What is older than the operator's word changes nothing of it, what is newer does.
    city.pass(Duration::from_secs(90));
    assert_eq!(port_out(&city), Value::Null);
    told(&city, number, "p-2", "authorized");
    assert_eq!(port_out(&city)["id"], "p-2");
    assert_eq!(patch(&city, id, json!({ "port_out_over": "p-2" })).status, 200);
    let line = format!("DELETE /api/phone/numbers/{id}");
    assert_eq!(send(&city, &harbor(), &line).status, 202);
    let nobodys = patch(&city, "01M7W3210ZQWN2NWZTZ2F1KSR6", json!({ "port_out_over": "p-2" }));
    assert_eq!(nobodys.problem(), "no-such-number");
}

#[test]
fn a_number_that_is_frozen_while_it_is_given_up_stays_until_the_request_is_off() {
    for degraded in [false, true] {
        let (city, ready) = city();
        let (number, id) = (ready.text("phone_number"), ready.text("number_id"));
        if degraded {
            city.pass(Duration::from_secs(3600));
            city.providers.with(|all| {
                let ids: Vec<u64> = all.telnyx.accounts()[0].applications.keys().copied().collect();
                assert!(ids.iter().all(|id| all.telnyx.set_application_active(*id, false)));
                all.telnyx.route_outside(number, None)
            });
            city.sweep();
            city.settle();
            assert_eq!(city.look(&harbor(), ready.id()).state(), "ready_degraded");
        }
        let line = format!("DELETE /api/phone/numbers/{id}");
        assert_eq!(send(&city, &harbor(), &line).status, 202);
        // The message of the release is late, and the notice comes before it.
        city.queue.take_due();
        told(&city, number, "p-1", "pending");
        city.pass(Duration::from_secs(120));
        let assigned = [("assigned".to_owned(), 1)];
        assert_eq!(number_states(&city.table).into_iter().collect::<Vec<_>>(), assigned);
        told(&city, number, "p-1", "rejected");
        city.settle();
        let rests = [("quarantined".to_owned(), 1)];
        let states: Vec<_> = number_states(&city.table).into_iter().collect();
        assert_eq!(states, rests, "degraded: {degraded}");
    }
}

#[test]
fn a_forged_request_freezes_nothing() {
    let (city, ready) = city();
    let body = json!({ "data": { "event_type": "portout.status_changed", "id": "e", "payload": {
        "id": "p", "status": "pending", "phone_numbers": [ready.text("phone_number")],
    }}});
    let url = format!("{}/webhooks/telnyx", city.base_url);
    let headers = [
        ("telnyx-signature-ed25519".to_owned(), "AAAA".to_owned()),
        ("telnyx-timestamp".to_owned(), (city.clock.millis() / 1000).to_string()),
    ];
    let hook = city.hook(&url, &headers.into(), body.to_string().as_bytes()).unwrap();
    assert_eq!(city.clock.run(city.hear(hook)).status, 401);
    assert_eq!(port_out(&city), Value::Null);
}
