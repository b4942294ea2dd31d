//! `/_sim/…` without network: switches, truth, and the same run twice.

use serde_json::{Value, json};
use simulators::{STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};

use crate::desk::{DIGITS_MS, Desk, START_MS};

fn control(desk: &mut Desk, call: &str, body: Value) -> (u16, Value) {
    let (method, path) = call.split_once(' ').unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    desk.providers.control(desk.now_ms, method, path, body.as_bytes())
}

fn scenario() -> Desk {
    let mut desk = Desk::new();
    let (number, _) = desk.bought();
    desk.import(&number);
    desk.free_number();
    desk.pass(DIGITS_MS);
    let now_ms = desk.now_ms;
    desk.providers.call_with(now_ms, &number, |_| None);
    desk
}

#[test]
fn the_same_calls_give_the_same_truth() {
    let truth = |desk: Desk| desk.providers.truth(START_MS);
    assert_eq!(truth(scenario()), truth(scenario()));
}

#[test]
fn the_truth_tells_everything_but_keys() {
    let mut desk = scenario();
    let (status, truth) = control(&mut desk, "GET /_sim/truth", Value::Null);
    assert_eq!(status, 200);
    let text = truth.to_string();
    assert!(!text.contains(STANDARD_VAPI_KEY) && !text.contains(STANDARD_TELNYX_KEY));
    let account = &truth["telnyx"]["accounts"][0];
    assert_eq!((&account["spent_cents"], &account["balance_cents"]), (&json!(200), &json!(99_800)));
    assert_eq!(account["numbers"][0]["status"], "active");
    assert_eq!(account["orders"][0]["status"], "success");
    let org = &truth["vapi"]["orgs"][0];
    assert_eq!(org["numbers"].as_array().unwrap().len(), 2);
    assert_eq!(org["slots_used"], 1);
    assert_eq!(truth["vapi"]["counts"]["POST /phone-number"], 2);
    assert_eq!(truth["telnyx"]["counts"]["POST /number_orders"], 1);
    let entry = &truth["telnyx"]["log"][1];
    assert_eq!(
        *entry,
        json!({ "at_ms": START_MS + 1_000, "method": "POST", "path": "/number_orders",
                "template": "/number_orders", "status": 200, "effect_status": 200, "key": "-key" })
    );
    assert_eq!(desk.providers.vapi.calls_counted("POST", "/phone-number"), 2);
    assert_eq!(desk.providers.telnyx.calls_counted("POST", "/number_orders"), 1);
}

#[test]
fn switches_change_one_by_one_and_mistakes_change_nothing() {
    let mut desk = Desk::new();
    let (status, options) = control(
        &mut desk,
        "POST /_sim/options",
        json!({ "vapi": { "free_limit": 3, "digits": { "kind": "never" } },
                "rewrites": [["https://a.test", "http://127.0.0.1:1"]] }),
    );
    assert_eq!(status, 200);
    assert_eq!(options["vapi"]["free_limit"], 3);
    assert_eq!(options["vapi"]["digits"], json!({ "kind": "never" }));
    assert_eq!(options["telnyx"]["order_settle_ms"], 3_000);
    assert_eq!(desk.providers.rewritten("https://a.test/x"), "http://127.0.0.1:1/x");
    assert_eq!(desk.providers.rewritten("https://b.test/x"), "https://b.test/x");
    let wrong = json!({ "vapi": { "free_limit": 4, "frea_limit": 1 } });
    assert_eq!(control(&mut desk, "POST /_sim/options", wrong).0, 400);
    assert_eq!(desk.providers.vapi.options.free_limit, 3);
    let (_, read) = control(&mut desk, "GET /_sim/options", Value::Null);
    assert_eq!(read, options);
}

fn ok(desk: &mut Desk, call: &str, body: Value) -> Value {
    let (status, answer) = control(desk, call, body);
    assert_eq!(status, 200, "{call}: {answer}");
    answer
}

#[test]
fn a_free_number_is_blocked_over_control() {
    let mut desk = Desk::new();
    let id = desk.free_number();
    ok(
        &mut desk,
        "POST /_sim/vapi/number",
        json!({ "id": id, "blocked": true, "digits": { "kind": "never" } }),
    );
    assert_eq!(desk.get_vapi(&format!("/phone-number/{id}"))["status"], "blocked");
}

#[test]
fn people_act_over_control() {
    let mut desk = Desk::new();
    ok(&mut desk, "POST /_sim/vapi/orgs", json!({ "name": "b", "key": "bv" }));
    ok(
        &mut desk,
        "POST /_sim/vapi/keys",
        json!({ "of": "bv", "key": "bv2", "credential_access": "forbidden" }),
    );
    let account = json!({ "name": "b", "key": "bt", "balance_cents": 500 });
    let public = ok(&mut desk, "POST /_sim/telnyx/accounts", account);
    assert_eq!(ok(&mut desk, "POST /_sim/telnyx/public_key", json!({ "key": "bt" })), public);
    assert_ne!(ok(&mut desk, "GET /_sim/telnyx/public_key", Value::Null), public);
    ok(
        &mut desk,
        "POST /_sim/credentials",
        json!({ "vapi_key": "bv", "telnyx_key": "bt", "name": "c" }),
    );
    ok(&mut desk, "POST /_sim/telnyx/webhook_url", json!({ "key": "bt", "url": "https://x.test" }));
    ok(&mut desk, "POST /_sim/telnyx/account", json!({ "key": "bt", "balance_cents": 900 }));
    ok(&mut desk, "POST /_sim/telnyx/buy", json!({ "key": "bt", "number": "+14152223333" }));
    ok(
        &mut desk,
        "POST /_sim/telnyx/number",
        json!({ "number": "+14152223333", "status": "ported-out", "deletion_locked": true }),
    );
    desk.telnyx_key = "bt";
    assert_eq!(desk.get_telnyx("/phone_numbers")["data"][0]["status"], "ported-out");
    assert_eq!(desk.get_telnyx("/balance")["data"]["balance"], "7.00");
    ok(&mut desk, "POST /_sim/reset", json!({ "seed": 9 }));
    assert_eq!(desk.providers.vapi.orgs().len(), 1);
    assert_eq!(control(&mut desk, "GET /_sim/nothing", Value::Null).0, 404);
    assert_eq!(control(&mut desk, "POST /_sim/telnyx/number", json!({ "number": "+1" })).0, 404);
}

#[test]
fn the_log_keeps_no_more_than_it_is_told_to() {
    let mut desk = Desk::with(json!({ "vapi": { "log_entries_max": 2 } }));
    for _ in 0..5 {
        desk.get_vapi("/phone-number");
    }
    assert_eq!(desk.providers.vapi.log().count(), 2);
    assert_eq!(desk.providers.vapi.calls_counted("GET", "/phone-number"), 5);
}
