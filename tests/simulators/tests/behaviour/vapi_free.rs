//! Free numbers: digits late or never, allowance, area codes.

use serde_json::{Value, json};

use crate::desk::{DIGITS_MS, Desk, START_MS, text};

#[test]
fn digits_come_after_their_time() {
    let mut desk = Desk::new();
    let body = json!({ "provider": "vapi", "numberDesiredAreaCode": "415", "name": "prov_01" });
    let (status, made) = desk.vapi("POST /phone-number", body);
    assert_eq!(status, 201);
    assert_eq!(made["status"], "activating");
    assert_eq!(made["provider"], "vapi");
    assert!(text(&made["sipUri"]).starts_with("sip:"));
    assert_eq!(made.get("number"), None);
    assert_eq!(made["createdAt"], "2026-01-01T00:00:01.000Z");

    let path = format!("/phone-number/{}", text(&made["id"]));
    desk.pass(DIGITS_MS - 1);
    assert_eq!(desk.get_vapi(&path)["status"], "activating");
    desk.pass(1);
    let ready = desk.get_vapi(&path);
    assert_eq!(ready["status"], "active");
    assert!(text(&ready["number"]).starts_with("+1415"));
    assert_eq!(ready["updatedAt"], "2026-01-01T00:02:01.000Z");
    assert_eq!(ready["numberDesiredAreaCode"], "415");
}

#[test]
fn digits_may_never_come_or_the_record_be_blocked_or_active_without() {
    for (plan, status) in [
        (json!({ "kind": "never" }), "activating"),
        (json!({ "kind": "blocked", "after_ms": 10 }), "blocked"),
        (json!({ "kind": "active_without", "after_ms": 10 }), "active"),
    ] {
        let mut desk = Desk::with(json!({ "vapi": { "digits": plan } }));
        let id = desk.free_number();
        desk.pass(86_400_000);
        let number = desk.get_vapi(&format!("/phone-number/{id}"));
        assert_eq!((&number["status"], number.get("number")), (&json!(status), None));
    }
}

#[test]
fn the_plan_of_one_number_can_be_changed() {
    let mut desk = Desk::with(json!({ "vapi": { "digits": { "kind": "never" } } }));
    let id = desk.free_number();
    assert!(desk.providers.vapi.set_digits(&id, simulators::DigitsPlan::After { ms: 0 }));
    assert!(desk.get_vapi(&format!("/phone-number/{id}"))["number"].is_string());
    assert!(desk.providers.vapi.set_blocked(&id, true));
    assert_eq!(desk.get_vapi(&format!("/phone-number/{id}"))["status"], "blocked");
}

#[test]
fn status_can_be_left_out() {
    let mut desk = Desk::with(json!({ "vapi": { "status_shown": false } }));
    let id = desk.free_number();
    assert_eq!(desk.get_vapi(&format!("/phone-number/{id}")).get("status"), None);
}

#[test]
fn the_allowance_ends_with_a_text() {
    let mut desk = Desk::with(json!({ "vapi": { "free_limit": 2, "limit_status": 402 } }));
    desk.free_number();
    desk.free_number();
    let (status, body) = desk.vapi("POST /phone-number", json!({ "provider": "vapi" }));
    assert_eq!(status, 402);
    assert!(text(&body["message"]).contains("limit"));
    assert_eq!(body["error"], "Payment Required");
}

#[test]
fn deleting_frees_a_slot_or_does_not() {
    for (frees, expected) in [(true, 201), (false, 400)] {
        let mut desk =
            Desk::with(json!({ "vapi": { "free_limit": 1, "delete_frees_slot": frees } }));
        let id = desk.free_number();
        let (status, gone) = desk.vapi(&format!("DELETE /phone-number/{id}"), Value::Null);
        assert_eq!((status, gone["id"].as_str()), (200, Some(id.as_str())));
        assert_eq!(desk.vapi(&format!("GET /phone-number/{id}"), Value::Null).0, 404);
        assert_eq!(desk.vapi("POST /phone-number", json!({ "provider": "vapi" })).0, expected);
    }
}

#[test]
fn later_numbers_may_need_a_payment_method() {
    let mut desk = Desk::with(json!({ "vapi": { "later_need_payment": true } }));
    let org = json!({ "name": "poor", "key": "poor", "payment_method": false }).to_string();
    let made = desk.providers.control(START_MS, "POST", "/_sim/vapi/orgs", org.as_bytes());
    assert_eq!(made.0, 200);
    desk.vapi_key = "poor";
    desk.free_number();
    let (status, body) = desk.vapi("POST /phone-number", json!({ "provider": "vapi" }));
    assert_eq!((status, &body["message"]), (402, &json!("Payment method required")));
}

#[test]
fn an_area_code_without_stock_is_refused_with_hints() {
    let mut desk = Desk::with(json!({ "vapi": { "areas_without_stock": ["415"] } }));
    for area in ["415", "911", "888"] {
        let body = json!({ "provider": "vapi", "numberDesiredAreaCode": area });
        let (status, body) = desk.vapi("POST /phone-number", body);
        assert_eq!(status, 400);
        assert!(text(&body["message"]).contains("Try one of 701, 279, 406"));
    }
    let body = json!({ "provider": "vapi", "numberDesiredAreaCode": "41" });
    let (status, body) = desk.vapi("POST /phone-number", body);
    assert_eq!(status, 400);
    assert_eq!(body["message"], json!(["numberDesiredAreaCode must be exactly 3 digits"]));
}

#[test]
fn a_number_with_only_a_sip_uri_never_has_digits() {
    for (counts, expected) in [(true, 400), (false, 201)] {
        let mut desk = Desk::with(json!({ "vapi": { "free_limit": 1, "sip_counts": counts } }));
        let body = json!({ "provider": "vapi", "sipUri": "sip:one@sip.vapi.ai" });
        let (status, made) = desk.vapi("POST /phone-number", body.clone());
        assert_eq!((status, &made["status"]), (201, &json!("active")));
        desk.pass(DIGITS_MS);
        let path = format!("/phone-number/{}", text(&made["id"]));
        assert_eq!(desk.get_vapi(&path).get("number"), None);
        assert_eq!(desk.vapi("POST /phone-number", body).0, 400, "limit, or the URI is taken");
        let other = json!({ "provider": "vapi" });
        assert_eq!(desk.vapi("POST /phone-number", other).0, expected);
    }
}

#[test]
fn no_two_numbers_share_their_digits() {
    let mut desk = Desk::with(json!({ "vapi": { "free_limit": 300, "masking": "none" } }));
    for _ in 0..300 {
        desk.free_number();
    }
    desk.pass(DIGITS_MS);
    let list = desk.get_vapi("/phone-number?limit=1000");
    let digits: std::collections::BTreeSet<String> =
        list.as_array().unwrap().iter().map(|one| text(&one["number"])).collect();
    assert_eq!(digits.len(), 300);
}
