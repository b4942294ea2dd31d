//! Import of Telnyx numbers: VAPI reaches into Telnyx.

use serde_json::{Value, json};

use crate::desk::{Desk, text};

#[test]
fn an_import_points_the_number_at_the_credentials_application() {
    let mut desk = Desk::new();
    let (number, id) = desk.bought();
    let application = text(&desk.get_vapi("/credential")[0]["telnyxApplicationId"]);
    let (status, made) = desk.import(&number);
    assert_eq!(status, 201, "{made}");
    assert_eq!((&made["number"], &made["status"]), (&json!(number), &json!("active")));
    assert!(made["credentialId"].is_string());
    let held = desk.get_telnyx(&format!("/phone_numbers/{id}"));
    assert_eq!(held["data"]["connection_id"], json!(application));
    assert_eq!(held["data"]["connection_name"], "Vapi");
}

#[test]
fn an_import_replaces_or_keeps_a_former_application() {
    for (mode, kept) in [("replaces", false), ("keeps_former", true)] {
        let mut desk = Desk::with(json!({ "vapi": { "import_routing": mode } }));
        let (number, id) = desk.bought();
        let app = json!({ "application_name": "own", "webhook_event_url": "https://own.test" });
        let own = text(&desk.telnyx("POST /call_control_applications", app).1["data"]["id"]);
        desk.telnyx(&format!("PATCH /phone_numbers/{id}"), json!({ "connection_id": own }));
        assert_eq!(desk.import(&number).0, 201);
        let held = desk.get_telnyx(&format!("/phone_numbers/{id}"));
        assert_eq!(held["data"]["connection_id"] == json!(own), kept);
    }
}

#[test]
fn an_import_before_the_order_settles_is_refused_with_the_carriers_404() {
    let mut desk = Desk::new();
    let number = desk.search("filter[limit]=1").remove(0);
    desk.order(&number, "ref");
    let (status, body) = desk.import(&number);
    assert_eq!(status, 400);
    assert_eq!(
        body["message"],
        "Couldn't Update Telnyx Number. Error: Request failed with status code 404"
    );
    desk.pass(5_000);
    assert_eq!(desk.import(&number).0, 201);
}

#[test]
fn another_accounts_number_or_a_dead_key_cannot_be_imported() {
    let mut desk = Desk::new();
    let (number, _) = desk.bought();
    desk.providers.telnyx.add_account("other", "other-key", 10_000);
    desk.providers
        .add_credential(desk.now_ms, simulators::STANDARD_VAPI_KEY, "other-key", "other")
        .unwrap();
    // The newest credential stands first in the list.
    let (status, body) = desk.import(&number);
    assert_eq!(status, 400);
    assert!(text(&body["message"]).ends_with("status code 404"));
    desk.providers.telnyx.revoke_key("other-key");
    assert!(text(&desk.import(&number).1["message"]).ends_with("status code 401"));
}

#[test]
fn a_second_import_is_refused_or_makes_a_second_record() {
    for (mode, expected) in [
        (json!({ "kind": "rejects", "status": 409 }), 409),
        (json!({ "kind": "rejects", "status": 400 }), 400),
        (json!({ "kind": "second_record" }), 201),
    ] {
        let mut desk = Desk::with(json!({ "vapi": { "double_import": mode } }));
        let (number, _) = desk.bought();
        assert_eq!(desk.import(&number).0, 201);
        assert_eq!(desk.import(&number).0, expected);
        let records = desk.get_vapi("/phone-number").as_array().unwrap().len();
        assert_eq!(records, if expected == 201 { 2 } else { 1 });
    }
}

#[test]
fn import_bodies_are_checked() {
    let mut desk = Desk::new();
    let credential = desk.credential_id();
    for (number, credential, part) in [
        ("4155550123", credential.as_str(), "E.164"),
        ("+14155550123", "acct-a", "credentialId must be a UUID"),
        ("+14155550123", "00000000-0000-4000-8000-000000000000", "Couldn't Find Credential"),
    ] {
        let body = json!({ "provider": "telnyx", "number": number, "credentialId": credential });
        let (status, answer) = desk.vapi("POST /phone-number", body);
        assert_eq!(status, 400);
        assert!(answer["message"].to_string().contains(part), "{answer}");
    }
}

#[test]
fn deleting_the_record_leaves_the_carriers_number() {
    let mut desk = Desk::new();
    let (number, id) = desk.bought();
    let record = text(&desk.import(&number).1["id"]);
    assert_eq!(desk.vapi(&format!("DELETE /phone-number/{record}"), Value::Null).0, 200);
    let held = desk.get_telnyx(&format!("/phone_numbers/{id}"));
    assert_eq!(held["data"]["status"], "active");
}
