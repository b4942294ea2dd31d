//! The truth about a number: what a caller gets.

use serde_json::{Value, json};
use simulators::{CallOutcome, CallReport, ServerReply};

use crate::desk::{DIGITS_MS, Desk, text};

fn call(desk: &mut Desk, number: &str) -> CallReport {
    let now_ms = desk.now_ms;
    desk.providers.call_with(now_ms, number, |question| panic!("{} is asked", question.url))
}

fn call_asking(desk: &mut Desk, number: &str, status: u16, reply: Value) -> CallReport {
    let now_ms = desk.now_ms;
    desk.providers.call_with(now_ms, number, |question| {
        assert_eq!(question.url, "https://hooks.example.test/vapi");
        assert_eq!(question.headers["x-vapi-secret"], "s3cret");
        assert_eq!(question.deadline_ms, 7_500);
        let body: Value = serde_json::from_slice(&question.body).unwrap();
        assert_eq!(body["message"]["type"], "assistant-request");
        assert!(body["message"]["phoneNumber"]["id"].is_string());
        Some(ServerReply { status, body: reply.to_string().into_bytes() })
    })
}

/// An imported number linked to an assistant: digits, numeric id, record, assistant.
fn linked(desk: &mut Desk) -> (String, String, String, String) {
    let (number, id) = desk.bought();
    let assistant = desk.assistant();
    let record = text(&desk.import(&number).1["id"]);
    let link = json!({ "assistantId": assistant });
    assert_eq!(desk.vapi(&format!("PATCH /phone-number/{record}"), link).0, 200);
    (number, id, record, assistant)
}

/// A free number with a server and without assistant: digits and record.
fn asking(desk: &mut Desk) -> (String, String) {
    let server = json!({ "url": "https://hooks.example.test/vapi",
        "headers": { "X-Vapi-Secret": "s3cret" } });
    let body = json!({ "provider": "vapi", "server": server });
    let record = text(&desk.vapi("POST /phone-number", body).1["id"]);
    desk.pass(DIGITS_MS);
    let digits = text(&desk.get_vapi(&format!("/phone-number/{record}"))["number"]);
    (digits, record)
}

#[test]
fn an_imported_and_linked_number_is_answered_by_its_assistant() {
    let mut desk = Desk::new();
    let (number, _, record, assistant) = linked(&mut desk);
    let report = call(&mut desk, &number);
    assert_eq!(report.outcome, CallOutcome::Assistant);
    assert_eq!(report.assistant_id, Some(assistant.clone()));
    let calls = desk.get_vapi(&format!("/call?phoneNumberId={record}"));
    assert_eq!(calls[0]["assistantId"], json!(assistant));
    assert_eq!(calls[0]["status"], "ended");
    assert_eq!(desk.get_vapi(&format!("/call/{}", report.call_id.unwrap())), calls[0]);
    assert_eq!(desk.get_vapi("/call?phoneNumberId=other"), json!([]));
    desk.pass(15 * 86_400_000);
    assert_eq!(desk.get_vapi("/call"), json!([]), "VAPI forgets after fourteen days");
}

#[test]
fn a_number_nobody_has_is_not_in_service() {
    let mut desk = Desk::new();
    assert_eq!(call(&mut desk, "+14155550123").outcome, CallOutcome::NotInService);
    let id = desk.free_number();
    let (digits, _) = asking(&mut desk);
    desk.vapi(&format!("DELETE /phone-number/{id}"), Value::Null);
    let (number, telnyx_id, _, _) = linked(&mut desk);
    desk.telnyx(&format!("DELETE /phone_numbers/{telnyx_id}"), Value::Null);
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::NotInService);
    assert_ne!(digits, number);
}

#[test]
fn without_the_right_application_it_rings_out() {
    let mut desk = Desk::new();
    let (number, id, _, _) = linked(&mut desk);
    let vapi = text(&desk.get_telnyx(&format!("/phone_numbers/{id}"))["data"]["connection_id"]);
    let path = format!("PATCH /phone_numbers/{id}");
    let body = json!({ "application_name": "own", "webhook_event_url": "https://own.test" });
    let own = text(&desk.telnyx("POST /call_control_applications", body).1["data"]["id"]);
    for connection in [json!(null), json!(own)] {
        desk.telnyx(&path, json!({ "connection_id": connection }));
        assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut);
    }
    desk.telnyx(&path, json!({ "connection_id": vapi }));
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::Assistant);
    assert!(desk.providers.telnyx.set_application_active(vapi.parse().unwrap(), false));
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut);
    desk.providers.telnyx.set_application_active(vapi.parse().unwrap(), true);
    desk.telnyx(&format!("DELETE /call_control_applications/{vapi}"), Value::Null);
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut, "a stale application");
    let read = desk.get_vapi("/phone-number");
    assert_eq!(read[0]["status"], "active", "VAPI does not notice");
}

#[test]
fn without_a_record_or_with_a_blocked_one_it_rings_out() {
    let mut desk = Desk::new();
    let (number, _, record, _) = linked(&mut desk);
    desk.providers.vapi.set_blocked(&record, true);
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut);
    desk.vapi(&format!("DELETE /phone-number/{record}"), Value::Null);
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut);
}

#[test]
fn a_free_number_answers_once_it_has_digits() {
    let mut desk = Desk::new();
    let assistant = desk.assistant();
    let body = json!({ "provider": "vapi", "assistantId": assistant });
    let record = text(&desk.vapi("POST /phone-number", body).1["id"]);
    desk.pass(DIGITS_MS);
    let digits = text(&desk.get_vapi(&format!("/phone-number/{record}"))["number"]);
    let report = call(&mut desk, &digits);
    assert_eq!(report.assistant_id, Some(assistant));
    desk.vapi(&format!("PATCH /phone-number/{record}"), json!({ "assistantId": null }));
    assert_eq!(call(&mut desk, &digits).outcome, CallOutcome::RingsOut);
}

#[test]
fn the_server_decides_where_no_assistant_is_linked() {
    let mut desk = Desk::new();
    let (digits, _) = asking(&mut desk);
    let assistant = desk.assistant();
    let report = call_asking(&mut desk, &digits, 200, json!({ "assistantId": assistant }));
    assert_eq!(
        (report.outcome, report.assistant_id),
        (CallOutcome::Assistant, Some(assistant.clone()))
    );

    let both = json!({ "assistantId": assistant, "error": "This number is not yet assigned." });
    let report = call_asking(&mut desk, &digits, 200, both);
    assert_eq!(report.outcome, CallOutcome::ServerReply);
    assert_eq!(report.spoken.as_deref(), Some("This number is not yet assigned."));

    let destination = json!({ "type": "number", "number": "+14155550123" });
    let both = json!({ "assistantId": assistant, "destination": destination });
    let report = call_asking(&mut desk, &digits, 200, both);
    assert_eq!((report.outcome, report.destination), (CallOutcome::ServerReply, Some(destination)));

    let described = call_asking(&mut desk, &digits, 200, json!({ "assistant": {} }));
    assert_eq!((described.outcome, described.assistant_id), (CallOutcome::Assistant, None));
}

#[test]
fn a_server_that_fails_leaves_the_fallback_or_nothing() {
    let mut desk = Desk::new();
    let (digits, record) = asking(&mut desk);
    let bad = [(500, json!({})), (200, json!({})), (200, json!({ "assistantId": "nobody" }))];
    for (status, reply) in bad.clone() {
        let report = call_asking(&mut desk, &digits, status, reply);
        assert_eq!(report.outcome, CallOutcome::RingsOut);
    }
    let now_ms = desk.now_ms;
    assert_eq!(desk.providers.call_with(now_ms, &digits, |_| None).outcome, CallOutcome::RingsOut);
    let fallback = json!({ "type": "number", "number": "+14155550123" });
    let patch = json!({ "fallbackDestination": fallback });
    desk.vapi(&format!("PATCH /phone-number/{record}"), patch);
    for (status, reply) in bad {
        let report = call_asking(&mut desk, &digits, status, reply);
        assert_eq!(report.outcome, CallOutcome::ServerReply);
        assert_eq!(report.destination, Some(fallback.clone()));
    }
}
