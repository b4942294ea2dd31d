//! Whole webhooks, as they come in and as they are left in the table.

use crate::fake::{ORDER_BODY, ORDER_SIGNATURE, SIGNED_AT, Stand, VAPI_SECRET};
use crate::{BODY_BYTES_MAX, Hook, HookAnswer};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ids::{NumberId, WorkId};
use domain::number::Guard;
use ed25519_dalek::{Signer as _, SigningKey};
use lambda_http::Request;
use runtime::Message;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;
use store::keys;
use store::memory::{Fault, Request as Call};
use store::table::{self, Condition, Item, Key, Table as _, Write};

const WORK: &str = "01KA0000000000000000000000";
const NUMBER: &str = "01KA0000000000000000000001";
const VAPI_NUMBER: &str = "7c6b5a49-0000-4000-8000-0000000000f1";
const VAPI_ASSISTANT: &str = "7c6b5a49-0000-4000-8000-0000000000a1";

fn work() -> WorkId {
    WORK.parse().unwrap()
}

fn number() -> NumberId {
    NUMBER.parse().unwrap()
}

fn guard() -> Key {
    keys::guard(&Guard::Vapi(VAPI_NUMBER.parse().unwrap()))
}

fn text(value: &str) -> table::Value {
    table::Value::Text(value.to_owned())
}

async fn put(stand: &Stand, key: Key, item: Item) {
    let write = Write::Put { key, item, condition: Condition::Absent };
    stand.deps.store.table().write(&write).await.unwrap();
}

async fn seed_work(stand: &Stand) {
    put(stand, keys::work(work()), Item::from([(keys::WRITTEN_BY, text("seed"))])).await;
}

async fn seed_number(stand: &Stand, answers: Option<&str>) {
    let mut item = Item::from([(keys::HOLDER, text(NUMBER))]);
    item.extend(answers.map(|assistant| (keys::ANSWERS, text(assistant))));
    put(stand, guard(), item).await;
    put(stand, keys::number(number()), Item::from([(keys::WRITTEN_BY, text("seed"))])).await;
}

async fn attribute(stand: &Stand, key: Key, name: table::Attribute) -> Option<i64> {
    let read = stand.deps.store.table().get(&[key]).await.unwrap();
    match read.into_iter().flatten().next()?.get(name)? {
        table::Value::Number(number) => Some(*number),
        table::Value::Text(_) | table::Value::Document(_) => None,
    }
}

fn telnyx_hook(body: &str, signature: String) -> Hook {
    Hook {
        method: "POST".to_owned(),
        path: "/webhooks/telnyx".to_owned(),
        query: String::new(),
        headers: vec![
            ("telnyx-signature-ed25519".to_owned(), signature),
            ("telnyx-timestamp".to_owned(), SIGNED_AT.to_string()),
        ],
        body: body.as_bytes().to_vec(),
    }
}

/// Signed with the vectors' own throwaway key.
fn signed(body: &str) -> Hook {
    let mut seed = [0_u8; 32];
    (0_u8..).zip(&mut seed).for_each(|(number, byte)| *byte = number);
    let message = format!("{SIGNED_AT}|{body}");
    let signature = SigningKey::from_bytes(&seed).sign(message.as_bytes());
    telnyx_hook(body, STANDARD.encode(signature.to_bytes()))
}

fn order_event(id: &str) -> Hook {
    let body = json!({ "data": {
        "event_type": "number_order.complete", "id": id,
        "payload": { "customer_reference": format!("ABCDEFGH-{WORK}-1"), "status": "success" },
    }});
    signed(&body.to_string())
}

fn vapi_hook(message: &Value) -> Hook {
    Hook {
        method: "POST".to_owned(),
        path: "/webhooks/vapi".to_owned(),
        query: String::new(),
        headers: vec![("x-vapi-secret".to_owned(), VAPI_SECRET.to_owned())],
        body: json!({ "message": message }).to_string().into_bytes(),
    }
}

fn call_message(kind: &str, status: &str) -> Value {
    json!({
        "type": kind, "status": status, "durationSeconds": 90.5,
        "call": { "id": "call-1" }, "phoneNumber": { "id": VAPI_NUMBER },
    })
}

fn event_hook(event: &str) -> Hook {
    let request: lambda_http::request::LambdaRequest = serde_json::from_str(event).unwrap();
    Hook::from(Request::from(request))
}

#[tokio::test]
async fn an_order_that_was_worked_off_wakes_its_work_once() {
    let stand = Stand::new();
    seed_work(&stand).await;
    for _delivery in 0..3 {
        assert_eq!(stand.send(&order_event("e-1")).await, HookAnswer::heard());
    }
    assert_eq!(stand.deps.queue.take(), [Message::work(work(), stand.deps.now())]);
    assert_eq!(attribute(&stand, keys::work(work()), keys::INBOX_SEQ).await, Some(1));
    assert_eq!(stand.send(&order_event("e-2")).await, HookAnswer::heard());
    assert_eq!(stand.deps.queue.take().len(), 1);
}

#[tokio::test]
async fn another_deployments_order_wakes_nobody() {
    let stand = Stand::new();
    assert_eq!(stand.send(&order_event("e-1")).await, HookAnswer::heard());
    assert_eq!(stand.deps.queue.take(), []);
    assert_eq!(stand.deps.store.table().rows(), []);
}

#[tokio::test]
async fn nothing_is_learned_from_what_is_not_authentic() {
    let stand = Stand::new();
    seed_work(&stand).await;
    seed_number(&stand, Some(VAPI_ASSISTANT)).await;
    let before = stand.deps.store.table().rows();
    let mut forged = order_event("e-1");
    forged.body[20] ^= 1;
    let mut guessed = vapi_hook(&call_message("end-of-call-report", "ended"));
    guessed.headers[0].1 = "guess".to_owned();
    let asked = vapi_hook(&json!({ "type": "assistant-request" }));
    let nameless = Hook { headers: Vec::new(), ..asked };
    for hook in [&forged, &guessed, &nameless] {
        assert_eq!(stand.send(hook).await, HookAnswer::error(401, "not authentic"));
    }
    assert_eq!(stand.deps.queue.take(), []);
    assert_eq!(stand.deps.store.table().rows(), before);
    assert_eq!(stand.counted("WebhookRejected", Some("telnyx")), 1);
    assert_eq!(stand.counted("WebhookRejected", Some("vapi")), 2);
}

#[tokio::test]
async fn an_old_webhook_is_rejected() {
    let stand = Stand::new();
    seed_work(&stand).await;
    stand.deps.clock.move_on(Duration::from_secs(300));
    assert_eq!(stand.send(&order_event("e-1")).await.status, 200);
    stand.deps.clock.move_on(Duration::from_secs(1));
    assert_eq!(stand.send(&order_event("e-2")).await.status, 401);
}

#[tokio::test]
async fn a_missing_secret_rejects_and_an_unreadable_one_asks_again() {
    let stand = Stand::new();
    let asked = vapi_hook(&json!({ "type": "assistant-request" }));
    stand.deps.secret_source.fails.store(true, Ordering::Relaxed);
    for hook in [&order_event("e-1"), &asked] {
        assert_eq!(stand.send(hook).await.status, 500);
    }
    assert_eq!(stand.counted("WebhookFailed", None), 2);
    stand.deps.secret_source.fails.store(false, Ordering::Relaxed);
    for id in ["VAPI_SECRET_ID", "TELNYX_SECRET_ID"] {
        stand.deps.secret_source.remove(id);
    }
    for hook in [&order_event("e-1"), &asked] {
        assert_eq!(stand.send(hook).await.status, 401);
    }
}

#[tokio::test]
async fn a_rotated_secret_is_read_again_at_most_once_a_minute() {
    let stand = Stand::new();
    seed_work(&stand).await;
    let vault = &stand.deps.secret_source;
    let other = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
    let right = r#"{"api_key":"k","public_key":"A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="}"#;
    vault.set("TELNYX_SECRET_ID", &format!(r#"{{"api_key":"k","public_key":"{other}"}}"#));
    assert_eq!(stand.send(&order_event("e-1")).await.status, 401);
    vault.set("TELNYX_SECRET_ID", right);
    stand.deps.clock.move_on(Duration::from_secs(59));
    assert_eq!(stand.send(&order_event("e-1")).await.status, 401);
    assert_eq!(vault.reads.load(Ordering::Relaxed), 1);
    stand.deps.clock.move_on(Duration::from_secs(1));
    assert_eq!(stand.send(&order_event("e-1")).await.status, 200);
    assert_eq!(vault.reads.load(Ordering::Relaxed), 2);
    // Wrong signatures do not make it be read at every call.
    stand.deps.clock.move_on(Duration::from_secs(60));
    let mut forged = order_event("e-1");
    forged.body[20] ^= 1;
    for _try in 0..5 {
        assert_eq!(stand.send(&forged).await.status, 401);
    }
    assert_eq!(vault.reads.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_table_that_fails_asks_for_a_repeat_which_is_then_new() {
    let stand = Stand::new();
    seed_work(&stand).await;
    seed_number(&stand, Some(VAPI_ASSISTANT)).await;
    let ended = vapi_hook(&call_message("end-of-call-report", "ended"));
    let asked = vapi_hook(&call_message("assistant-request", ""));
    stand.deps.store.table().set_faults(|_request: Call<'_>| Fault::Throttled);
    for hook in [&order_event("e-1"), &ended, &asked] {
        assert_eq!(stand.send(hook).await.status, 500);
    }
    assert_eq!(stand.deps.queue.take(), []);
    stand.deps.store.table().clear_faults();
    for hook in [&order_event("e-1"), &ended, &asked] {
        assert_eq!(stand.send(hook).await.status, 200);
    }
    assert_eq!(stand.deps.queue.take().len(), 1);
    assert_eq!(attribute(&stand, keys::number(number()), keys::CALLS).await, Some(1));
}

#[tokio::test]
async fn a_lost_link_is_healed_by_one_read() {
    let stand = Stand::new();
    seed_number(&stand, Some(VAPI_ASSISTANT)).await;
    stand.deps.store.table().reset_requests();
    let answer = stand.send(&vapi_hook(&call_message("assistant-request", ""))).await;
    assert_eq!(answer, HookAnswer::json(200, json!({ "assistantId": VAPI_ASSISTANT })));
    let requests = stand.deps.store.table().requests();
    assert_eq!((requests.get, requests.query + requests.write + requests.transact), (1, 0));
    assert_eq!(stand.counted("LinkHealed", None), 1);
}

#[tokio::test]
async fn a_number_nobody_answers_says_so() {
    let unknown = Stand::new();
    let unlinked = Stand::new();
    seed_number(&unlinked, None).await;
    for stand in [unknown, unlinked] {
        let answer = stand.send(&vapi_hook(&call_message("assistant-request", ""))).await;
        assert_eq!(answer, HookAnswer::error(200, "This number is not yet assigned."));
        let nameless = vapi_hook(&json!({ "type": "assistant-request" }));
        assert_eq!(stand.send(&nameless).await, answer);
        assert_eq!(stand.counted("LinkHealed", None), 0);
    }
}

#[tokio::test]
async fn calls_are_noted_once() {
    let stand = Stand::new();
    seed_number(&stand, Some(VAPI_ASSISTANT)).await;
    let began = SIGNED_AT * 1000;
    let noted = async |name| attribute(&stand, keys::number(number()), name).await;
    for _delivery in 0..2 {
        let seen = vapi_hook(&call_message("status-update", "in-progress"));
        assert_eq!(stand.send(&seen).await, HookAnswer::heard());
        stand.deps.clock.move_on(Duration::from_secs(90));
    }
    assert_eq!(noted(keys::FIRST_CALL_AT).await, Some(began));
    assert_eq!(noted(keys::LAST_CALL_AT).await, Some(began));
    assert_eq!(noted(keys::CALLS).await, None);
    for _delivery in 0..2 {
        let ended = vapi_hook(&call_message("end-of-call-report", "ended"));
        assert_eq!(stand.send(&ended).await, HookAnswer::heard());
    }
    assert_eq!(noted(keys::FIRST_CALL_AT).await, Some(began));
    assert_eq!(noted(keys::LAST_CALL_AT).await, Some(began + 180_000));
    assert_eq!(noted(keys::CALLS).await, Some(1));
    assert_eq!(noted(keys::CALL_SECONDS).await, Some(90));
}

#[tokio::test]
async fn a_first_call_whose_note_was_lost_is_noted_at_the_repeat() {
    let stand = Stand::new();
    seed_number(&stand, Some(VAPI_ASSISTANT)).await;
    let seen = vapi_hook(&call_message("status-update", "ringing"));
    stand.deps.store.table().set_faults(|request: Call<'_>| match request {
        Call::Write(_) => Fault::Throttled,
        Call::Get(_) | Call::Query(_) | Call::Transact(_) => Fault::None,
    });
    assert_eq!(stand.send(&seen).await.status, 500);
    stand.deps.store.table().clear_faults();
    assert_eq!(stand.send(&seen).await.status, 200);
    let first = attribute(&stand, keys::number(number()), keys::FIRST_CALL_AT).await;
    assert_eq!(first, Some(SIGNED_AT * 1000));
}

#[tokio::test]
async fn calls_of_foreign_numbers_leave_nothing() {
    let stand = Stand::new();
    let ended = vapi_hook(&call_message("end-of-call-report", "ended"));
    assert_eq!(stand.send(&ended).await, HookAnswer::heard());
    assert_eq!(stand.deps.store.table().rows(), []);
}

#[tokio::test]
async fn sizes_and_routes_are_checked_first() {
    let stand = Stand::new();
    let mut large = vapi_hook(&json!({ "type": "hang" }));
    large.body.resize(BODY_BYTES_MAX, b' ');
    assert_eq!(stand.send(&large).await.status, 200);
    large.body.push(b' ');
    assert_eq!(stand.send(&large).await.status, 413);
    assert_eq!(stand.deps.secret_source.reads.load(Ordering::Relaxed), 1);
    assert_eq!(stand.counted("WebhookRejected", Some("vapi")), 1);
    for (method, path) in [
        ("GET", "/webhooks/vapi"),
        ("GET", "/webhooks/twilio"),
        ("POST", "/webhooks/vapi/"),
        ("POST", "/"),
    ] {
        let hook = Hook { method: method.to_owned(), path: path.to_owned(), ..large.clone() };
        assert_eq!(stand.send(&hook).await.status, 404, "{method} {path}");
    }
}

#[tokio::test]
async fn an_empty_or_broken_body_is_told_only_to_the_provider() {
    let stand = Stand::new();
    let broken = |body: &str| Hook { body: body.into(), ..vapi_hook(&Value::Null) };
    for body in ["", "{", "[]"] {
        assert_eq!(stand.send(&broken(body)).await.status, 400, "{body}");
        let stranger = Hook { headers: Vec::new(), ..broken(body) };
        assert_eq!(stand.send(&stranger).await.status, 401, "{body}");
    }
    for body in ["", "{"] {
        assert_eq!(stand.send(&signed(body)).await.status, 400, "{body}");
    }
}

#[tokio::test]
async fn the_signature_vector_holds() {
    let stand = Stand::new();
    let hook = telnyx_hook(ORDER_BODY, ORDER_SIGNATURE.to_owned());
    assert_eq!(signed(ORDER_BODY).headers, hook.headers);
    assert_eq!(stand.send(&hook).await, HookAnswer::heard());
    assert_eq!(stand.deps.queue.take(), []);
}

#[tokio::test]
async fn the_events_of_telnyx_are_handled() {
    let stand = Stand::new();
    let good = include_str!("../../../events/webhook-telnyx-order-complete.json");
    assert_eq!(stand.send(&event_hook(good)).await, HookAnswer::heard());
    let bad = include_str!("../../../events/webhook-telnyx-bad-signature.json");
    assert_eq!(stand.send(&event_hook(bad)).await.status, 401);
}

#[tokio::test]
async fn the_events_of_vapi_are_handled() {
    let stand = Stand::new();
    seed_number(&stand, Some(VAPI_ASSISTANT)).await;
    let asks = include_str!("../../../events/webhook-vapi-assistant-request.json");
    let answer = stand.send(&event_hook(asks)).await;
    assert_eq!(answer, HookAnswer::json(200, json!({ "assistantId": VAPI_ASSISTANT })));
    let tells = include_str!("../../../events/webhook-vapi-status-update.json");
    assert_eq!(stand.send(&event_hook(tells)).await, HookAnswer::heard());
    let first = attribute(&stand, keys::number(number()), keys::FIRST_CALL_AT).await;
    assert_eq!(first, Some(SIGNED_AT * 1000));
}
