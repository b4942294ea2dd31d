//! Settings and credentials of an organization, through the deployed API into the emulated table
//! and secret store.

use e2e::{assert_problem, on_stack, sign_in};
use local::{Answer, Api, User};
use reqwest::Method;
use serde_json::{Value, json};

const PATH: &str = "/api/admin/organizations/brought-its-own";
const TOKEN: &str = "planted-twilio-auth-token";

async fn put(api: &Api, path: &str, etag: Option<&str>, body: Value) -> Answer {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(etag.map(|etag| ("if-match", etag)));
    api.send(Method::PUT, path, &headers, Some(body.to_string().into_bytes())).await.unwrap()
}

#[test]
fn credentials_are_stored_replaced_and_emptied_and_never_shown() {
    on_stack(async |stack| {
        let api = stack.api(&sign_in(stack, User::in_group("operators")).await);
        let account = |last: char| format!("AC{}{last}", "0".repeat(31));
        let twilio =
            |last| json!({ "twilio": { "account_sid": account(last), "auth_token": TOKEN } });
        // The secret is made, then replaced, then emptied.
        let steps = [
            (twilio('1'), json!(account('1'))),
            (twilio('2'), json!(account('2'))),
            (json!({ "twilio": null }), Value::Null),
        ];
        let mut etag = None;
        for (body, expected) in steps {
            let answer = put(&api, PATH, etag.as_deref(), body).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            let told = api.get(PATH).await.unwrap();
            assert_eq!(told.body["organization"]["twilio_account_sid"], expected);
            assert_eq!(told.body["organization"]["twilio_pending"], false);
            assert!(!told.text.contains(TOKEN) && !answer.text.contains(TOKEN));
            etag = told.headers.get("etag").cloned();
            assert!(etag.is_some(), "{:?}", told.headers);
        }
        let outdated = put(&api, PATH, Some("\"1\""), json!({ "quarantine_days": 1 })).await;
        assert_problem(&outdated, &[412]);
        // An account that was left is another's to have, and one that is had is not.
        let (first, second) = ("/api/admin/organizations/first", "/api/admin/organizations/second");
        assert_eq!(put(&api, first, None, twilio('1')).await.status, 200);
        assert_problem(&put(&api, second, None, twilio('1')).await, &[409]);
        let history = api.get(&format!("{PATH}/history")).await.unwrap();
        assert_eq!(history.body["history"].as_array().unwrap().len(), 3, "{}", history.text);
        let listed = api.get("/api/admin/organizations").await.unwrap();
        assert!(listed.text.contains("\"brought-its-own\""), "{}", listed.text);
        let logs = stack.logs("admin").await.unwrap().join("\n");
        assert!(logs.contains("settings changed") && !logs.contains(TOKEN));
    });
}

#[test]
fn operators_see_numbers_and_the_allowance() {
    on_stack(async |stack| {
        let api = stack.api(&sign_in(stack, User::in_group("operators")).await);
        let numbers = api.get("/api/admin/phone-numbers?limit=2").await.unwrap();
        assert_eq!(numbers.status, 200, "{}", numbers.text);
        assert!(numbers.body["statistics"]["total"].is_u64(), "{}", numbers.text);
        let pool = api.get("/api/admin/phone-pool").await.unwrap();
        assert_eq!((pool.status, &pool.body["limit"]), (200, &json!(100)), "{}", pool.text);
    });
}
