//! Webhooks: signatures, attempts, and the ways in which they come wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use simulators::{Delivery, STANDARD_TELNYX_KEY};

use crate::desk::{Desk, text};

const URL: &str = "https://hooks.example.test/telnyx";

fn desk(mode: Value) -> Desk {
    let mut desk = Desk::with(json!({ "telnyx": { "webhooks": mode } }));
    assert!(desk.providers.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, Some(URL)));
    desk
}

fn order(desk: &mut Desk) -> String {
    let number = desk.search("filter[limit]=1").remove(0);
    text(&desk.order(&number, "r").1["data"]["id"])
}

fn take(desk: &mut Desk) -> Vec<Delivery> {
    let now_ms = desk.now_ms;
    desk.providers.take_webhooks(now_ms)
}

fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

#[test]
fn the_known_vector_is_signed_as_telnyx_signs() {
    let seed: Vec<u8> = (0..32).collect();
    let key = SigningKey::from_bytes(&seed.try_into().unwrap());
    let body = r#"{"data":{"event_type":"number_order.complete","id":"11111111-2222-4333-8444-555555555555","occurred_at":"2026-01-01T00:00:00.000000Z","payload":{"id":"aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee","record_type":"number_order","status":"success","customer_reference":"prov_01TEST","phone_numbers":[{"phone_number":"+14155550123","status":"success"}]},"record_type":"event"},"meta":{"attempt":1,"delivered_to":"https://hooks.example.test/telnyx"}}"#;
    assert_eq!(body.len(), 437);
    assert_eq!(
        STANDARD.encode(key.verifying_key().to_bytes()),
        "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    );
    assert_eq!(
        simulators::telnyx::sign(&key, "1767225600", body.as_bytes()),
        "GESeF35+8bjm5uthGCMWwzd5H5mSeG4XLIEGAqLGJ8hW3qZCiUuJS2B7i67hl88TMwBXrWhbheawxE8ZM+VrAw=="
    );
}

#[test]
fn an_ended_order_is_reported_once_and_signed() {
    let mut desk = desk(json!({ "kind": "normal" }));
    let id = order(&mut desk);
    assert!(take(&mut desk).is_empty());
    assert_eq!(desk.providers.next_due_ms(), Some(desk.now_ms + 3_000));
    desk.pass(3_500);
    let deliveries = take(&mut desk);
    assert_eq!(deliveries.len(), 1);
    let event = body(&deliveries[0]);
    assert_eq!(event["data"]["event_type"], "number_order.complete");
    assert_eq!(event["data"]["payload"]["id"], json!(id));
    assert_eq!(event["data"]["payload"]["status"], "success");
    assert_eq!(event["data"]["occurred_at"], "2026-01-01T00:00:04.000000Z");
    assert_eq!(event["meta"], json!({ "attempt": 1, "delivered_to": URL }));
    assert!(verifies(&desk, &deliveries[0]));
    assert_eq!(deliveries[0].headers["telnyx-timestamp"], "1767225604");
    assert!(take(&mut desk).is_empty());
    assert_eq!(desk.providers.next_due_ms(), None);
}

fn verifies(desk: &Desk, delivery: &Delivery) -> bool {
    let account = desk.providers.telnyx.account(STANDARD_TELNYX_KEY).unwrap();
    let key: Vec<u8> = STANDARD.decode(account.public_key()).unwrap();
    let key = VerifyingKey::from_bytes(&key.try_into().unwrap()).unwrap();
    let signature = STANDARD.decode(&delivery.headers["telnyx-signature-ed25519"]).unwrap();
    let signature = Signature::from_slice(&signature).unwrap();
    let timestamp = delivery.headers["telnyx-timestamp"].as_bytes();
    let message = [timestamp, b"|", &delivery.body].concat();
    key.verify_strict(&message, &signature).is_ok()
}

#[test]
fn attempts_count_up_with_the_same_event() {
    let mut desk = desk(json!({ "kind": "normal" }));
    order(&mut desk);
    desk.pass(3_000);
    let first = take(&mut desk).remove(0);
    let second = desk.providers.retry_webhook(desk.now_ms + 2_000, &first).unwrap();
    assert_eq!(body(&second)["meta"]["attempt"], 2);
    assert_eq!(body(&second)["data"]["id"], body(&first)["data"]["id"]);
    assert!(verifies(&desk, &second));
    let third = desk.providers.retry_webhook(desk.now_ms + 4_000, &second).unwrap();
    assert!(desk.providers.retry_webhook(desk.now_ms + 6_000, &third).is_none());
}

#[test]
fn webhooks_may_be_missing_doubled_or_late() {
    for (mode, counts) in [
        (json!({ "kind": "never" }), [0, 0]),
        (json!({ "kind": "twice" }), [2, 0]),
        (json!({ "kind": "late", "ms": 500 }), [0, 1]),
    ] {
        let mut desk = desk(mode);
        order(&mut desk);
        desk.pass(3_000);
        assert_eq!(take(&mut desk).len(), counts[0]);
        desk.pass(500);
        assert_eq!(take(&mut desk).len(), counts[1]);
    }
}

#[test]
fn a_later_event_may_overtake_an_earlier_one() {
    let mut desk = desk(json!({ "kind": "out_of_order", "ms": 5_000 }));
    let first = order(&mut desk);
    desk.pass(100);
    let second = order(&mut desk);
    desk.pass(60_000);
    let ids: Vec<String> =
        take(&mut desk).iter().map(|one| text(&body(one)["data"]["payload"]["id"])).collect();
    assert_eq!(ids, [second, first]);
}

#[test]
fn an_event_may_overtake_the_answer_to_its_order() {
    let mut desk = desk(json!({ "kind": "before_answer" }));
    let number = desk.search("filter[limit]=1").remove(0);
    let order = json!({ "phone_numbers": [{ "phone_number": number }] });
    let reply = desk.reply(simulators::Provider::Telnyx, "POST /number_orders", Some(order));
    assert!(reply.webhooks_first);
    let event = body(&take(&mut desk)[0]);
    assert_eq!(event["data"]["payload"]["status"], "success");
    let (_, answer) = crate::desk::parts(reply);
    assert_eq!(answer["data"]["status"], "pending");
}

#[test]
fn a_call_is_reported_to_the_assistants_server_before_the_numbers() {
    for own in [true, false] {
        let mut desk = Desk::new();
        let mut assistant = json!({ "name": "a" });
        if own {
            assistant["server"] = json!({ "url": "https://own.test/" });
            assistant["serverMessages"] = json!(["end-of-call-report"]);
        }
        let assistant = text(&desk.vapi("POST /assistant", assistant).1["id"]);
        let (number, _) = desk.bought();
        let record = text(&desk.import(&number).1["id"]);
        let server = json!({ "url": "https://ours.test/", "headers": { "X-Secret": "s" } });
        let patch = json!({ "assistantId": assistant, "server": server });
        desk.vapi(&format!("PATCH /phone-number/{record}"), patch);
        take(&mut desk);
        let now_ms = desk.now_ms;
        desk.providers.call_with(now_ms, &number, |_| None);
        desk.pass(1_000);
        let deliveries = take(&mut desk);
        let kinds: Vec<String> =
            deliveries.iter().map(|one| text(&body(one)["message"]["type"])).collect();
        if own {
            assert_eq!(kinds, ["end-of-call-report"]);
            assert_eq!(deliveries[0].url, "https://own.test/");
        } else {
            assert_eq!(kinds, ["status-update", "status-update", "end-of-call-report"]);
            assert_eq!(deliveries[0].headers["x-secret"], "s");
            assert_eq!(body(&deliveries[0])["message"]["phoneNumber"]["id"], json!(record));
            assert_eq!(body(&deliveries[1])["message"]["status"], "ended");
        }
    }
}
