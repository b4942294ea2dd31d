//! Scripted faults.

use serde_json::{Value, json};
use simulators::{Fault, FaultScript, Outcome, Provider, Refusal, STANDARD_TELNYX_KEY};

use crate::desk::Desk;

fn vapi_fault(desk: &mut Desk, fault: Value) {
    let script = json!({ "provider": "vapi", "method": "POST", "path": "/phone-number",
        "fault": fault });
    let body = script.to_string();
    let (status, answer) =
        desk.providers.control(desk.now_ms, "POST", "/_sim/faults", body.as_bytes());
    assert_eq!(status, 200, "{answer}");
}

fn free(desk: &mut Desk) -> simulators::Reply {
    desk.reply(Provider::Vapi, "POST /phone-number", Some(json!({ "provider": "vapi" })))
}

fn held(desk: &mut Desk) -> usize {
    desk.get_vapi("/phone-number").as_array().unwrap().len()
}

#[test]
fn a_lost_answer_has_its_effect_and_a_reset_has_none() {
    for (kind, effects) in [("answer_lost", 1), ("reset", 0), ("not_sent", 0)] {
        let mut desk = Desk::new();
        vapi_fault(&mut desk, json!({ "kind": kind }));
        let reply = free(&mut desk);
        match (kind, reply.outcome) {
            ("answer_lost", Outcome::Lost { applied: true })
            | ("reset", Outcome::Lost { applied: false })
            | ("not_sent", Outcome::NotSent) => {}
            (kind, other) => panic!("{kind} gave {other:?}"),
        }
        assert_eq!(held(&mut desk), effects, "{kind}");
        assert_eq!(free(&mut desk).status(), Some(201), "struck once");
    }
}

#[test]
fn error_statuses_come_before_or_after_the_effect() {
    for (fault, status, effects) in [
        (json!({ "kind": "status", "status": 503 }), 503, 0),
        (json!({ "kind": "status_after", "status": 500 }), 500, 1),
        (json!({ "kind": "garbled" }), 403, 0),
        (json!({ "kind": "garbled_after" }), 201, 1),
    ] {
        let mut desk = Desk::new();
        vapi_fault(&mut desk, fault.clone());
        let reply = free(&mut desk);
        let Outcome::Answer(answer) = reply.outcome else { panic!("no answer") };
        assert_eq!(answer.status, status);
        let garbled = serde_json::from_slice::<Value>(&answer.body).is_err();
        assert_eq!(garbled, fault["kind"].as_str().unwrap().starts_with("garbled"));
        assert_eq!(held(&mut desk), effects);
    }
}

#[test]
fn too_many_requests_name_their_wait_each_in_its_way() {
    let mut desk = Desk::new();
    let fault = Fault::Status {
        status: 429,
        retry_after_seconds: Some(3),
        reset_seconds: Some(9),
        text: None,
    };
    for (provider, call, reset) in [
        (Provider::Vapi, "GET /phone-number", "1767225610"),
        (Provider::Telnyx, "GET /balance", "9"),
    ] {
        let path = call.split_once(' ').unwrap().1;
        desk.providers.add_fault(FaultScript::once(provider, "", path, fault.clone()));
        let Outcome::Answer(answer) = desk.reply(provider, call, None).outcome else {
            panic!("no answer")
        };
        assert_eq!(answer.status, 429);
        assert_eq!(answer.headers["retry-after"], "3");
        assert_eq!(answer.headers["x-ratelimit-reset"], reset);
    }
}

#[test]
fn faults_are_skipped_counted_and_cleared() {
    let mut desk = Desk::new();
    let script = json!([{ "provider": "vapi", "path": "/phone-number", "times": 2, "skip": 1,
        "fault": { "kind": "status", "status": 500 } }]);
    let body = script.to_string();
    desk.providers.control(desk.now_ms, "POST", "/_sim/faults", body.as_bytes());
    let statuses: Vec<Option<u16>> = (0..4).map(|_| free(&mut desk).status()).collect();
    assert_eq!(statuses, [Some(201), Some(500), Some(500), Some(201)]);
    assert_eq!(desk.providers.faults().count(), 0);

    desk.providers.control(desk.now_ms, "POST", "/_sim/faults", body.as_bytes());
    assert_eq!(desk.providers.faults().count(), 1);
    desk.providers.control(desk.now_ms, "DELETE", "/_sim/faults", b"");
    assert_eq!(desk.providers.faults().count(), 0);
}

#[test]
fn a_fault_strikes_its_template_or_its_prefix_only() {
    let mut desk = Desk::new();
    let id = desk.free_number();
    let fault =
        Fault::Status { status: 500, retry_after_seconds: None, reset_seconds: None, text: None };
    let script = FaultScript::once(Provider::Vapi, "GET", "/phone-number/{id}", fault.clone());
    desk.providers.add_fault(script);
    assert_eq!(desk.vapi("GET /phone-number", Value::Null).0, 200);
    assert_eq!(desk.vapi(&format!("GET /phone-number/{id}"), Value::Null).0, 500);
    desk.providers.add_fault(FaultScript::once(Provider::Vapi, "", "/phone*", fault));
    assert_eq!(desk.vapi("GET /assistant", Value::Null).0, 200);
    assert_eq!(desk.vapi(&format!("GET /phone-number/{id}"), Value::Null).0, 500);
}

#[test]
fn every_refusal_can_be_asked_for() {
    let mut desk = Desk::new();
    for (reason, status) in [("limit", 400), ("payment", 402), ("stock", 400)] {
        vapi_fault(&mut desk, json!({ "kind": "refuse", "reason": reason }));
        assert_eq!(free(&mut desk).status(), Some(status), "{reason}");
    }
    assert_eq!(held(&mut desk), 0);
    let number = desk.search("filter[limit]=1").remove(0);
    for (reason, status) in [(Refusal::Taken, 400), (Refusal::Balance, 402)] {
        let fault = Fault::Refuse { reason };
        desk.providers.add_fault(FaultScript::once(
            Provider::Telnyx,
            "POST",
            "/number_orders",
            fault,
        ));
        assert_eq!(desk.order(&number, "r").0, status, "{reason:?}");
    }
    let dry = Fault::Refuse { reason: Refusal::Stock };
    let path = "/available_phone_numbers";
    desk.providers.add_fault(FaultScript::once(Provider::Telnyx, "GET", path, dry));
    assert!(desk.search("").is_empty());
    assert_eq!(desk.providers.telnyx.account(STANDARD_TELNYX_KEY).unwrap().spent_cents, 0);
}

#[test]
fn an_import_can_be_too_early_by_script() {
    let mut desk = Desk::new();
    let (number, _) = desk.bought();
    vapi_fault(&mut desk, json!({ "kind": "import_before_settled" }));
    let (status, body) = desk.import(&number);
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().contains("status code 404"));
    assert_eq!(desk.import(&number).0, 201);
}

#[test]
fn a_free_number_gets_its_digits_by_script() {
    let mut desk = Desk::new();
    vapi_fault(&mut desk, json!({ "kind": "digits", "plan": { "kind": "never" } }));
    let first = desk.free_number();
    let second = desk.free_number();
    desk.pass(86_400_000);
    assert_eq!(desk.get_vapi(&format!("/phone-number/{first}"))["status"], "activating");
    assert_eq!(desk.get_vapi(&format!("/phone-number/{second}"))["status"], "active");
}

#[test]
fn a_list_hides_what_it_is_told_to() {
    let mut desk = Desk::new();
    for name in ["keep", "lose"] {
        desk.vapi("POST /phone-number", json!({ "provider": "vapi", "name": name }));
    }
    let fault = Fault::HideRecords { containing: "lose".to_owned() };
    let path = "/phone-number";
    desk.providers.add_fault(FaultScript::once(Provider::Vapi, "GET", path, fault));
    let list = desk.get_vapi("/phone-number");
    assert_eq!((list.as_array().unwrap().len(), &list[0]["name"]), (1, &json!("keep")));
    let all = Fault::HideRecords { containing: String::new() };
    desk.providers.add_fault(FaultScript::once(Provider::Vapi, "GET", path, all));
    assert_eq!(desk.get_vapi("/phone-number"), json!([]));
    assert_eq!(held(&mut desk), 2);
}
