//! Assistants.

use serde_json::{Value, json};

use crate::desk::{Desk, text};

fn whole() -> Value {
    json!({
        "name": "prov_01",
        "firstMessage": "Hello.",
        "model": { "provider": "openai", "model": "gpt-4.1-mini",
                   "messages": [{ "role": "system", "content": "Be kind." }] },
        "voice": { "provider": "vapi", "voiceId": "Elliot" },
        "transcriber": { "provider": "deepgram", "model": "nova-3", "language": "multi" },
        "server": { "url": "https://hooks.example.test/vapi" },
        "serverMessages": ["status-update", "end-of-call-report"],
        "metadata": { "workflow": "prov_01" },
    })
}

#[test]
fn an_assistant_is_created_changed_and_deleted() {
    let mut desk = Desk::new();
    let (status, made) = desk.vapi("POST /assistant", whole());
    assert_eq!(status, 201);
    for (name, value) in whole().as_object().unwrap() {
        assert_eq!(&made[name], value);
    }
    assert_eq!(made["latestVersion"], Value::Null);
    let path = format!("/assistant/{}", text(&made["id"]));
    let body = json!({ "name": "other", "firstMessage": null });
    let (status, changed) = desk.vapi(&format!("PATCH {path}"), body);
    assert_eq!((status, &changed["name"]), (200, &json!("other")));
    assert_eq!(changed.get("firstMessage"), None);
    assert_eq!(desk.get_vapi(&path), changed);
    assert_eq!(desk.vapi(&format!("DELETE {path}"), Value::Null), (200, changed));
    assert_eq!(desk.vapi(&format!("GET {path}"), Value::Null).0, 404);
    assert_eq!(desk.vapi(&format!("DELETE {path}"), Value::Null).0, 404);
}

#[test]
fn a_linked_assistant_is_pinned_unless_told_otherwise() {
    for (pinned, expected) in [(true, 409), (false, 200)] {
        let mut desk = Desk::with(json!({ "vapi": { "assistant_pinned": pinned } }));
        let assistant = desk.assistant();
        let body = json!({ "provider": "vapi", "assistantId": assistant });
        let number = text(&desk.vapi("POST /phone-number", body).1["id"]);
        let delete = format!("DELETE /assistant/{assistant}");
        let (status, body) = desk.vapi(&delete, Value::Null);
        assert_eq!(status, expected);
        if pinned {
            assert_eq!(body["error"], "assistant_pinned");
            desk.vapi(&format!("PATCH /phone-number/{number}"), json!({ "assistantId": null }));
            assert_eq!(desk.vapi(&delete, Value::Null).0, 200);
        }
    }
}

#[test]
fn bodies_are_checked() {
    let mut desk = Desk::new();
    for (change, part) in [
        (json!({ "name": "x".repeat(41) }), "name must be shorter"),
        (json!({ "colour": 1 }), "property colour should not exist"),
        (json!({ "voice": { "provider": "elevenlabs", "voiceId": "a" } }), "voice.provider"),
        (json!({ "voice": { "provider": "vapi" } }), "voice.voiceId"),
        (json!({ "model": { "provider": "openai" } }), "model.model"),
        (json!({ "maxDurationSeconds": 9 }), "maxDurationSeconds"),
        (json!({ "firstMessageMode": "shout" }), "firstMessageMode"),
        (json!({ "serverMessages": ["gossip"] }), "serverMessages"),
        (json!({ "metadata": "text" }), "metadata"),
        (json!({ "endCallMessage": "x".repeat(1_001) }), "endCallMessage"),
    ] {
        let mut body = whole();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (status, answer) = desk.vapi("POST /assistant", body);
        assert_eq!(status, 400, "{change}");
        assert!(answer["message"].to_string().contains(part), "{answer}");
    }
}

#[test]
fn nested_unknown_properties_have_their_own_switch() {
    let mut desk = Desk::new();
    let model = json!({ "provider": "openai", "model": "gpt-4.1-mini", "systemPrompt": "Hi" });
    let body = json!({ "model": model });
    assert_eq!(desk.vapi("POST /assistant", body.clone()).0, 400);
    desk.switch(json!({ "vapi": { "unknown_nested": "ignored" } }));
    let (status, made) = desk.vapi("POST /assistant", body);
    assert_eq!((status, &made["model"]), (201, &model));
}
