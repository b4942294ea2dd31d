use super::{Spoken, said};
use crate::fake::Stand;
use crate::{Hook, HookAnswer, HookBody};
use serde_json::json;
use std::collections::BTreeMap;
use store::keys;
use store::table::{Condition, Item, Table as _, Value, Write};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "planted-auth-token";
const NUMBER: &str = "01KA0000000000000000000001";
const ASSISTANT: &str = "01KA0000000000000000000002";
const BASE: &str = "http://localhost";

fn stand() -> Stand {
    let stand = Stand::new();
    let secret = json!({ "account_sid": ACCOUNT, "auth_token": TOKEN }).to_string();
    stand.deps.secret_source.set("test/twilio/org/org-1", &secret);
    stand
}

async fn put(stand: &Stand, key: store::table::Key, item: Item) {
    let write = Write::Put { key, item, condition: Condition::Absent };
    stand.deps.store.table().write(&write).await.unwrap();
}

fn document(value: &serde_json::Value) -> Item {
    let text: std::sync::Arc<str> = value.to_string().into();
    Item::from([
        (keys::SCHEMA_VERSION, Value::Number(keys::SCHEMA)),
        (keys::DOCUMENT, Value::Document(text)),
    ])
}

/// A number of the account: `state` is its own, and its assistant speaks Spanish.
async fn seeded(stand: &Stand, state: serde_json::Value) {
    let digits: domain::phone::E164 = "+14155550123".parse().unwrap();
    let guard = keys::guard(&domain::number::Guard::Digits(digits));
    put(stand, guard, Item::from([(keys::HOLDER, Value::Text(NUMBER.to_owned()))])).await;
    let number = json!({
        "id": NUMBER, "organization": "org-1", "source": "org_twilio",
        "carrier": {
            "carrier": "twilio",
            "home": { "owner": { "organization": "org-1" }, "account": ACCOUNT },
            "id": null, "provider_status": null, "former": null,
        },
        "origin": "bought", "number_type": "local", "stamp": format!("DEPLOY01-{NUMBER}-1"),
        "digits": "+14155550123", "sip_uri": null, "vapi": null, "monthly": 0, "state": state,
        "work": null, "linked_at": null, "created_at": 0,
    });
    put(stand, keys::number(NUMBER.parse().unwrap()), document(&number)).await;
    let assistant = json!({
        "organization": "org-1", "business": "b", "name": "B", "language": "spanish",
        "created_at": 0,
    });
    let mut item = document(&assistant);
    item.insert(keys::WORK, Value::Text(NUMBER.to_owned()));
    put(stand, keys::assistant(ASSISTANT.parse().unwrap()), item).await;
}

fn assigned() -> serde_json::Value {
    json!({ "state": "assigned", "business": "b", "assistant": ASSISTANT, "since": 0 })
}

/// A call of Twilio's, signed with this token.
fn call(query: &str, account: &str, token: &str) -> Hook {
    let form = [("AccountSid", account), ("CallSid", "CA1"), ("To", "+14155550123")];
    let body: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let path = "/webhooks/twilio";
    let url =
        if query.is_empty() { format!("{BASE}{path}") } else { format!("{BASE}{path}?{query}") };
    let signed: BTreeMap<&str, &str> = form.into_iter().collect();
    let text = signed.iter().fold(url, |text, (name, value)| format!("{text}{name}{value}"));
    let signature = simulated::sign(token, &text);
    Hook {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: vec![("x-twilio-signature".to_owned(), signature)],
        body: body.into_bytes(),
    }
}

/// Twilio's side of the signature.
mod simulated {
    use base64::Engine as _;
    use hmac::{Hmac, KeyInit as _, Mac as _};

    pub(super) fn sign(token: &str, text: &str) -> String {
        let mut mac = Hmac::<sha1::Sha1>::new_from_slice(token.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
    }
}

fn spoken(answer: &HookAnswer) -> &str {
    match &answer.body {
        HookBody::Twiml(text) => text,
        HookBody::Json(value) => panic!("no TwiML: {value}"),
    }
}

#[tokio::test]
async fn a_call_that_nobody_took_is_answered_in_the_assistants_language_and_noted_once() {
    let stand = stand();
    seeded(&stand, assigned()).await;
    let hook = call("organization=org-1", ACCOUNT, TOKEN);
    for _time in 0..2 {
        let answer = stand.send(&hook).await;
        assert_eq!(answer.status, 200);
        assert!(spoken(&answer).contains(r#"<Say language="es-US">En este momento"#));
        assert!(!spoken(&answer).contains("en-US"));
    }
    assert!(stand.deps.store.was_called(NUMBER.parse().unwrap()).await.unwrap());
}

#[tokio::test]
async fn a_number_that_is_nobodys_says_so() {
    let stand = stand();
    seeded(&stand, json!({ "state": "available", "since": 0 })).await;
    let answer = stand.send(&call("organization=org-1", ACCOUNT, TOKEN)).await;
    assert!(spoken(&answer).contains("This number is not yet assigned."), "{answer:?}");
}

#[tokio::test]
async fn what_is_not_signed_by_the_account_the_url_names_is_not_heard() {
    let stand = stand();
    seeded(&stand, assigned()).await;
    for hook in [
        call("organization=org-1", ACCOUNT, "another-token"),
        call("organization=org-2", ACCOUNT, TOKEN),
        call("", ACCOUNT, TOKEN),
        Hook { headers: Vec::new(), ..call("organization=org-1", ACCOUNT, TOKEN) },
        Hook { body: b"To=%2B14155550199".to_vec(), ..call("organization=org-1", ACCOUNT, TOKEN) },
    ] {
        assert_eq!(stand.send(&hook).await.status, 401, "{}", hook.query);
    }
    assert!(!stand.deps.store.was_called(NUMBER.parse().unwrap()).await.unwrap());
    assert!(stand.counted("WebhookRejected", Some("twilio")) >= 5);
}

#[tokio::test]
async fn a_call_of_another_account_is_nobodys() {
    let stand = stand();
    seeded(&stand, assigned()).await;
    let other = "ACffffffffffffffffffffffffffffffff";
    let answer = stand.send(&call("organization=org-1", other, TOKEN)).await;
    assert!(spoken(&answer).contains("not yet assigned"), "{answer:?}");
    assert!(!stand.deps.store.was_called(NUMBER.parse().unwrap()).await.unwrap());
}

#[test]
fn what_is_said_cannot_leave_its_place() {
    let texts = [Spoken { language: "en-US", text: "a < b & c" }];
    assert!(said(&texts).contains(">a &lt; b &amp; c</Say><Hangup/>"));
}
