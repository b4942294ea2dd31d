//! PATCH of a number: links, unlinks, the contradictory `provider`, unknown properties.

use serde_json::{Value, json};

use crate::desk::{Desk, text};

#[test]
fn a_number_is_linked_changed_and_read_back() {
    let mut desk = Desk::new();
    let (id, assistant) = (desk.free_number(), desk.assistant());
    let server = json!({ "url": "https://hooks.example.test/vapi", "headers": { "X-A": "b" } });
    let body = json!({ "assistantId": assistant, "name": "new", "server": server });
    desk.pass(10);
    let (status, changed) = desk.vapi(&format!("PATCH /phone-number/{id}"), body);
    assert_eq!(status, 200);
    assert_eq!(changed["assistantId"], json!(assistant));
    assert_eq!(changed["updatedAt"], "2026-01-01T00:00:01.010Z");
    let read = desk.get_vapi(&format!("/phone-number/{id}"));
    assert_eq!((&read["server"], &read["name"]), (&server, &json!("new")));

    let (_, kept) = desk.vapi(&format!("PATCH /phone-number/{id}"), json!({ "name": "newer" }));
    assert_eq!(kept["assistantId"], json!(assistant), "left out means unchanged");
    let (_, cleared) = desk.vapi(&format!("PATCH /phone-number/{id}"), json!({ "server": null }));
    assert_eq!(cleared.get("server"), None);
}

#[test]
fn null_unlinks_in_one_of_three_ways() {
    for (mode, status, after) in [
        ("absent_after", 200, None),
        ("null_after", 200, Some(Value::Null)),
        ("rejected", 400, Some(json!("linked"))),
    ] {
        let mut desk = Desk::with(json!({ "vapi": { "unlink": mode } }));
        let assistant = desk.assistant();
        let body = json!({ "provider": "vapi", "assistantId": assistant });
        let id = text(&desk.vapi("POST /phone-number", body).1["id"]);
        let patch = format!("PATCH /phone-number/{id}");
        assert_eq!(desk.vapi(&patch, json!({ "assistantId": null })).0, status);
        let read = desk.get_vapi(&format!("/phone-number/{id}"));
        let after = after.map(|value| if value == "linked" { json!(assistant) } else { value });
        assert_eq!(read.get("assistantId"), after.as_ref(), "{mode}");
    }
}

#[test]
fn provider_in_a_patch_is_optional_required_or_forbidden() {
    for (mode, with, without) in
        [("optional", 200, 200), ("required", 200, 400), ("forbidden", 400, 200)]
    {
        let mut desk = Desk::with(json!({ "vapi": { "provider_in_patch": mode } }));
        let patch = format!("PATCH /phone-number/{}", desk.free_number());
        let (status, body) = desk.vapi(&patch, json!({ "provider": "vapi", "name": "a" }));
        assert_eq!(status, with);
        if with == 400 {
            assert_eq!(body["message"], json!(["property provider should not exist"]));
        }
        let (status, body) = desk.vapi(&patch, json!({ "name": "a" }));
        assert_eq!(status, without);
        if without == 400 {
            assert!(body.to_string().contains("provider"));
        }
    }
}

#[test]
fn unknown_properties_are_refused_or_passed_over() {
    let mut desk = Desk::new();
    let id = desk.free_number();
    let create =
        json!({ "provider": "vapi", "colour": 1, "server": { "url": "u", "secret": "s" } });
    let (status, body) = desk.vapi("POST /phone-number", create.clone());
    assert_eq!(status, 400);
    assert_eq!(
        body["message"],
        json!(["property colour should not exist", "server.property secret should not exist"])
    );
    assert_eq!(body["error"], "Bad Request");
    let patch = format!("PATCH /phone-number/{id}");
    let area = json!({ "numberDesiredAreaCode": "415" });
    assert_eq!(desk.vapi(&patch, area).0, 400, "an area cannot be changed");
    assert_eq!(desk.vapi(&patch, json!({ "credentialId": id })).0, 400, "of telnyx only");
    desk.switch(json!({ "vapi": { "unknown": "ignored" } }));
    assert_eq!(desk.vapi("POST /phone-number", create).0, 201);
}

#[test]
fn what_cannot_be_is_refused() {
    let mut desk = Desk::new();
    let patch = format!("PATCH /phone-number/{}", desk.free_number());
    let long = "x".repeat(41);
    for body in [
        json!({ "name": long }),
        json!({ "name": 1 }),
        json!({ "assistantId": "one" }),
        json!({ "assistantId": "00000000-0000-4000-8000-000000000000" }),
        json!({ "server": "https://example.test" }),
        json!({ "server": { "timeoutSeconds": 301 } }),
        json!({ "fallbackDestination": { "type": "fax" } }),
        json!({ "fallbackDestination": { "type": "number" } }),
        json!({ "provider": "telnyx" }),
        json!([]),
    ] {
        let (status, answer) = desk.vapi(&patch, body.clone());
        assert_eq!(status, 400, "{body}");
        assert_eq!(answer["statusCode"], 400);
    }
    let good = json!({ "name": "x".repeat(40),
        "fallbackDestination": { "type": "number", "number": "+14155550123" } });
    assert_eq!(desk.vapi(&patch, good).0, 200);
    assert_eq!(desk.vapi("POST /phone-number", json!({ "provider": "pigeon" })).0, 400);
    let missing = "PATCH /phone-number/00000000-0000-4000-8000-000000000000";
    assert_eq!(desk.vapi(missing, json!({})).0, 404);
}
