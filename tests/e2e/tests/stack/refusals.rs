//! Requests that are wrong: a clear problem each, and nothing changed.

use e2e::{Owner, assert_problem, held, on_stack};
use local::{Answer, Stack};
use reqwest::Method;
use serde_json::{Value, json};

/// Posts a body as it stands.
async fn post_raw(owner: &Owner, body: &[u8]) -> Answer {
    let json = [("content-type", "application/json")];
    let path = "/api/phone/provision";
    owner.api.send(Method::POST, path, &json, Some(body.to_vec())).await.unwrap()
}

/// The owner's business still has no number and no work, and the providers hold what they held.
async fn assert_nothing_changed(stack: &Stack, owner: &Owner, before: &Value) {
    let status = owner.api.get("/api/phone/provision").await.unwrap();
    assert_ne!(status.body["hasPhoneNumber"], json!(true), "{}", status.text);
    assert!(status.text_at("provisioning_id").is_none(), "{}", status.text);
    assert_eq!(&held(stack), before);
}

#[test]
fn a_body_that_is_no_json_is_refused() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = held(stack);
        for body in ["{", "nonsense", "[]", "\"text\"", "{\"business_data\":"] {
            assert_problem(&post_raw(&owner, body.as_bytes()).await, &[400, 422]);
        }
        assert_problem(&post_raw(&owner, &[0xff, 0xfe, 0x00]).await, &[400, 422]);
        assert_nothing_changed(stack, &owner, &before).await;
    });
}

#[test]
fn wrong_types_and_unknown_values_are_refused() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = held(stack);
        for (name, value) in [
            ("business_data", json!("Harbor")),
            ("business_data", json!({ "business_name": 7 })),
            ("area_code", json!({ "code": 415 })),
            ("area_code", json!("41")),
            ("country", json!("Atlantis")),
            ("match", json!("sometimes")),
            ("type", json!("pigeon")),
            ("number", json!("call me")),
            ("sources", json!("telnyx")),
            ("sources", json!(["carrier_pigeon"])),
            ("assistant", json!({ "server": { "url": "https://evil.example" } })),
            ("assistant", json!({ "credentialIds": ["x"] })),
        ] {
            let mut request = json!({ "business_data": { "business_name": "Refused" } });
            request[name] = value.clone();
            let answer = owner.api.post("/api/phone/provision", &request).await.unwrap();
            assert!(answer.status >= 400, "{name}: {value} was taken");
            assert_problem(&answer, &[400, 422]);
        }
        assert_nothing_changed(stack, &owner, &before).await;
    });
}

#[test]
fn an_area_code_that_does_not_exist_is_refused() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = held(stack);
        for code in ["000", "199", "911"] {
            let mut request = owner.request("vapi_free");
            request["area_code"] = json!(code);
            let answer = owner.api.post("/api/phone/provision", &request).await.unwrap();
            assert_problem(&answer, &[400, 422]);
        }
        assert_nothing_changed(stack, &owner, &before).await;
    });
}

#[test]
fn an_oversize_body_is_refused() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let before = held(stack);
        let name = "x".repeat(70 * 1024);
        let request = json!({ "business_data": { "business_name": name } });
        let answer = owner.api.post("/api/phone/provision", &request).await.unwrap();
        assert_problem(&answer, &[413]);
        assert_nothing_changed(stack, &owner, &before).await;
    });
}

#[test]
fn nothing_of_another_business_is_within_reach() {
    on_stack(async |stack| {
        let (owner, stranger) = (Owner::new(stack).await, Owner::new(stack).await);
        let job = owner.provision(stack, "vapi_free").await;
        let id = job.text("provisioning_id").expect("an id");
        let before = held(stack);

        let path = format!("/api/phone/provision/{id}");
        assert_problem(&stranger.api.get(&path).await.unwrap(), &[404]);
        assert_problem(&stranger.api.delete(&path).await.unwrap(), &[404]);
        let retry = stranger.api.post(&format!("{path}/retry"), &json!({})).await.unwrap();
        assert_problem(&retry, &[404]);

        let mut request = stranger.request("vapi_free");
        request["assistant_id"] = job.view["assistant_id"].clone();
        assert!(request["assistant_id"].is_string(), "{}", job.view);
        let answer = stranger.api.post("/api/phone/provision", &request).await.unwrap();
        assert_problem(&answer, &[404]);
        assert_nothing_changed(stack, &stranger, &before).await;
        assert_eq!(owner.api.get(&path).await.unwrap().text_at("state"), Some("ready"));
    });
}
