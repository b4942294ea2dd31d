//! The truth about a Twilio number: what a caller gets.

use std::cell::Cell;

use serde_json::{Value, json};
use simulators::twilio::{AccountStatus, sign};
use simulators::{
    CallOutcome, CallReport, STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN, ServerReply,
};

use crate::desk::{Desk, text};

fn call(desk: &mut Desk, number: &str) -> CallReport {
    let now_ms = desk.now_ms;
    desk.providers.call_with(now_ms, number, |question| panic!("{} is asked", question.url))
}

/// An imported number linked to an assistant: digits, id at Twilio, record, assistant.
fn linked(desk: &mut Desk) -> (String, String, String, String) {
    let (number, sid) = desk.twilio_bought(&[]);
    let assistant = desk.assistant();
    let mut body = desk.twilio_import(&number);
    body["assistantId"] = json!(assistant);
    let (status, made) = desk.vapi("POST /phone-number", body);
    assert_eq!(status, 201, "{made}");
    (number, sid, text(&made["id"]), assistant)
}

#[track_caller]
fn set(desk: &mut Desk, sid: &str, name: &str, value: &str) {
    let call = format!("POST /IncomingPhoneNumbers/{sid}.json");
    let (status, body) = desk.twilio(&call, &[(name, value)]);
    assert_eq!(status, 200, "{body}");
}

fn sid(letters: &str) -> String {
    format!("{letters}{}", "0123456789abcdef".repeat(2))
}

/// The fallback's reply to a call; checks that it is asked once and signed.
fn call_fallback(desk: &mut Desk, number: &str, reply: Option<(u16, &str)>) -> CallReport {
    let asked = Cell::new(0);
    let now_ms = desk.now_ms;
    let report = desk.providers.call_with(now_ms, number, |question| {
        asked.set(asked.get() + 1);
        assert_eq!(question.url, "https://hooks.example.test/twilio/voice?tenant=42");
        assert_eq!(question.deadline_ms, 15_000);
        let form: Vec<(String, String)> = std::str::from_utf8(&question.body)
            .unwrap()
            .split('&')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| {
                (name.to_owned(), value.replace("%2B", "+").replace("%3A", ":").replace("%2F", "/"))
            })
            .collect();
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        for wanted in
            [("To", number), ("AccountSid", STANDARD_TWILIO_SID), ("Direction", "inbound")]
        {
            assert!(form.contains(&wanted), "{wanted:?} in {form:?}");
        }
        assert!(form.iter().any(|(name, _)| *name == "ErrorCode"));
        let signature = sign(STANDARD_TWILIO_TOKEN, &question.url, &form);
        assert_eq!(question.headers["x-twilio-signature"], signature);
        assert!(question.headers["content-type"].starts_with("application/x-www-form-urlencoded"));
        reply.map(|(status, body)| ServerReply { status, body: body.as_bytes().to_vec() })
    });
    assert_eq!(asked.get(), 1);
    report
}

#[test]
fn the_known_vector_is_signed_as_twilio_signs() {
    let url = "https://hooks.example.test/twilio/voice?tenant=42";
    let parameters = [
        ("To", "+14155550123"),
        ("CallSid", "CA00000000000000000000000000000001"),
        ("From", "+14155550100"),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("From", "+14155550100"),
    ];
    let signature = sign("0123456789abcdef0123456789abcdef", url, &parameters);
    assert_eq!(signature, "3oT1P1nhwyYcdmLp+mfsn/7G/p8=");
}

#[test]
fn an_imported_and_linked_number_is_answered_by_its_assistant() {
    let mut desk = Desk::new();
    let (number, _, record, assistant) = linked(&mut desk);
    let report = call(&mut desk, &number);
    assert_eq!(report.outcome, CallOutcome::Assistant, "{report:?}");
    assert_eq!(report.assistant_id, Some(assistant.clone()));
    let calls = desk.get_vapi(&format!("/call?phoneNumberId={record}"));
    assert_eq!(calls[0]["assistantId"], json!(assistant));
}

#[test]
fn the_server_decides_where_no_assistant_is_linked() {
    let mut desk = Desk::new();
    let (number, _) = desk.twilio_bought(&[]);
    let mut body = desk.twilio_import(&number);
    body["server"] = json!({ "url": "https://hooks.example.test/vapi" });
    assert_eq!(desk.vapi("POST /phone-number", body).0, 201);
    let now_ms = desk.now_ms;
    let report = desk.providers.call_with(now_ms, &number, |question| {
        let body: Value = serde_json::from_slice(&question.body).unwrap();
        assert_eq!(body["message"]["type"], "assistant-request");
        assert_eq!(body["message"]["phoneNumber"]["number"], json!(number));
        let reply = json!({ "error": "This number is not yet assigned." }).to_string();
        Some(ServerReply { status: 200, body: reply.into_bytes() })
    });
    assert_eq!(report.outcome, CallOutcome::ServerReply);
    assert_eq!(report.spoken.as_deref(), Some("This number is not yet assigned."));
}

#[test]
fn a_trunk_or_an_application_takes_the_call_away_from_vapi() {
    let mut desk = Desk::new();
    let (number, id, _, _) = linked(&mut desk);
    for (name, letters) in [("TrunkSid", "TK"), ("VoiceApplicationSid", "AP")] {
        set(&mut desk, &id, name, &sid(letters));
        let report = call(&mut desk, &number);
        assert_eq!((report.outcome, report.spoken), (CallOutcome::Stranger, None));
    }
    set(&mut desk, &id, "VoiceApplicationSid", "");
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::Assistant);
}

#[test]
fn a_voice_url_of_anybody_else_is_no_assistant() {
    let mut desk = Desk::new();
    let (number, id, _, _) = linked(&mut desk);
    set(&mut desk, &id, "VoiceUrl", "https://own.test/voice");
    let report = call(&mut desk, &number);
    assert_eq!((report.outcome, report.spoken), (CallOutcome::Stranger, None));
    for demo in ["https://demo.twilio.com/welcome/voice/", "http://demo.twilio.com/welcome/voice"] {
        set(&mut desk, &id, "VoiceUrl", demo);
        let report = call(&mut desk, &number);
        assert_eq!(report.outcome, CallOutcome::Stranger);
        assert!(report.spoken.unwrap().contains("Twilio"));
    }
    set(&mut desk, &id, "VoiceUrl", "");
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut);
    set(&mut desk, &id, "VoiceUrl", "https://api.eu.vapi.ai/twilio/inbound_call");
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::Assistant);
    let account = desk.providers.twilio.account_mut(STANDARD_TWILIO_SID).unwrap();
    account.status = AccountStatus::Suspended;
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::RingsOut);
}

#[test]
fn a_released_number_is_not_in_service() {
    let mut desk = Desk::new();
    let (number, id, _, _) = linked(&mut desk);
    assert_eq!(desk.twilio(&format!("DELETE /IncomingPhoneNumbers/{id}.json"), &[]).0, 204);
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::NotInService);
}

#[test]
fn the_fallback_speaks_where_the_voice_url_fails() {
    let mut desk = Desk::new();
    let (number, id, record, assistant) = linked(&mut desk);
    let fallback = "https://hooks.example.test/twilio/voice?tenant=42";
    set(&mut desk, &id, "VoiceFallbackUrl", fallback);
    assert_eq!(call(&mut desk, &number).assistant_id, Some(assistant));
    desk.switch(json!({ "twilio": { "unreachable": ["https://api.vapi.ai/"] } }));
    let said = "<Response><Say>This number is not yet assigned.</Say></Response>";
    let report = call_fallback(&mut desk, &number, Some((200, said)));
    assert_eq!(report.outcome, CallOutcome::ServerReply);
    assert_eq!(report.spoken.as_deref(), Some("This number is not yet assigned."));
    let dialled = "<Response><Dial>+14155550100</Dial></Response>";
    let report = call_fallback(&mut desk, &number, Some((200, dialled)));
    assert_eq!(report.destination, Some(json!({ "type": "number", "number": "+14155550100" })));
    let rejected = "<Response><Reject/></Response>";
    assert_eq!(
        call_fallback(&mut desk, &number, Some((200, rejected))).outcome,
        CallOutcome::RingsOut
    );
    for bad in [None, Some((500, said)), Some((401, "")), Some((200, "{}"))] {
        let report = call_fallback(&mut desk, &number, bad);
        assert_eq!(report.outcome, CallOutcome::Stranger, "{report:?}");
        assert!(report.spoken.unwrap().contains("application error"));
    }
    // VAPI answers, but knows no such number any more.
    desk.switch(json!({ "twilio": { "unreachable": [] } }));
    desk.vapi(&format!("DELETE /phone-number/{record}"), Value::Null);
    let report = call_fallback(&mut desk, &number, Some((200, said)));
    assert_eq!(report.outcome, CallOutcome::ServerReply);
}

#[test]
fn without_a_fallback_that_works_twilio_says_so_itself() {
    let mut desk = Desk::with(
        json!({ "twilio": { "unreachable": ["https://api.vapi.ai/", "https://down.test/"] } }),
    );
    let (number, id, _, _) = linked(&mut desk);
    let error = |report: CallReport| {
        assert_eq!(report.outcome, CallOutcome::Stranger);
        assert!(report.spoken.unwrap().contains("application error"));
    };
    error(call(&mut desk, &number));
    set(&mut desk, &id, "VoiceFallbackUrl", "https://down.test/voice");
    error(call(&mut desk, &number));
    set(&mut desk, &id, "VoiceFallbackUrl", "https://hooks.example.test/voice");
    set(&mut desk, &id, "VoiceFallbackMethod", "GET");
    error(call(&mut desk, &number));
    set(&mut desk, &id, "VoiceFallbackUrl", "https://demo.twilio.com/welcome/voice/");
    assert!(call(&mut desk, &number).spoken.unwrap().contains("Welcome to Twilio"));
}

#[test]
fn another_accounts_number_is_not_answered_by_this_record() {
    let mut desk = Desk::new();
    let (number, id, _, _) = linked(&mut desk);
    let other = "ACb000000000000000000000000000000b";
    desk.switch(json!({ "twilio": { "cooldown_ms": 0 } }));
    desk.providers.twilio.add_account(desk.now_ms, other, "other", "t", 1_000);
    assert_eq!(desk.twilio(&format!("DELETE /IncomingPhoneNumbers/{id}.json"), &[]).0, 204);
    let settings = [("voice_url", "https://api.vapi.ai/twilio/inbound_call")];
    let bought = desk.providers.twilio.buy_outside(desk.now_ms, other, &number, &settings);
    assert!(bought.is_some());
    assert_eq!(call(&mut desk, &number).outcome, CallOutcome::Stranger);
}
