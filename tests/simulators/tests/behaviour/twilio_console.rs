//! What people do in Twilio's console, over `/_sim`; the shell; the log and the truth.

use exchange::Exchange;
use serde_json::{Value, json};
use simulators::server::{ServeOptions, serve};
use simulators::{
    Providers, ProvidersOptions, STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN, SharedProviders,
};

use crate::desk::{Desk, START_MS, text};

const KEY: &str = "SK1000000000000000000000000000001a";

fn control(desk: &mut Desk, call: &str, body: Value) -> (u16, Value) {
    let (method, path) = call.split_once(' ').unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let path = format!("/_sim/{path}");
    desk.providers.control(desk.now_ms, method, &path, body.as_bytes())
}

#[track_caller]
fn ok(desk: &mut Desk, call: &str, body: Value) -> Value {
    let (status, answer) = control(desk, call, body);
    assert_eq!(status, 200, "{call}: {answer}");
    answer
}

#[test]
fn accounts_and_keys_come_and_go() {
    let mut desk = Desk::new();
    let new =
        json!({ "name": "b", "auth_token": "b-token", "balance_cents": 500, "type": "Trial" });
    let sid = text(&ok(&mut desk, "POST twilio/accounts", new)["sid"]);
    assert!(sid.starts_with("AC") && sid.len() == 34);
    let child = json!({ "name": "c", "auth_token": "c", "parent": sid });
    let child = text(&ok(&mut desk, "POST twilio/accounts", child)["sid"]);
    assert_ne!(sid, child);
    let taken = json!({ "name": "d", "auth_token": "d", "sid": sid });
    assert_eq!(control(&mut desk, "POST twilio/accounts", taken).0, 400);
    let orphan = json!({ "name": "e", "auth_token": "e", "parent": "ACx" });
    assert_eq!(control(&mut desk, "POST twilio/accounts", orphan).0, 404);
    let change = json!({ "sid": sid, "balance_cents": 7, "status": "suspended", "type": "Full" });
    ok(&mut desk, "POST twilio/account", change);
    ok(&mut desk, "POST twilio/keys", json!({ "key": KEY, "secret": "k3y" }));
    let bad = json!({ "key": "mine", "secret": "k3y" });
    assert_eq!(control(&mut desk, "POST twilio/keys", bad).0, 400);
    desk.twilio_login = (KEY, "k3y");
    desk.get_twilio("/Balance.json");
    ok(&mut desk, "DELETE twilio/keys", json!({ "key": KEY }));
    assert_eq!(desk.twilio("GET /Balance.json", &[]).0, 401);
    ok(&mut desk, "POST twilio/account", json!({ "auth_token": "turned" }));
    desk.twilio_login = (STANDARD_TWILIO_SID, "turned");
    desk.get_twilio("/Balance.json");
    let truth = ok(&mut desk, "GET truth", Value::Null);
    let second = &truth["twilio"]["accounts"][1];
    assert_eq!((&second["balance_cents"], &second["status"]), (&json!(7), &json!("suspended")));
    assert_eq!(truth["twilio"]["accounts"][2]["parent"], json!(sid));
    assert_eq!(control(&mut desk, "POST twilio/nothing", Value::Null).0, 404);
}

#[test]
fn numbers_are_bought_changed_and_lost_outside() {
    let mut desk = Desk::new();
    let number = "+14152223333";
    let sid = text(&ok(&mut desk, "POST twilio/buy", json!({ "number": number }))["sid"]);
    let path = format!("/IncomingPhoneNumbers/{sid}.json");
    let held = desk.get_twilio(&path);
    assert_eq!(held["voice_url"], "https://demo.twilio.com/welcome/voice/");
    assert_eq!(held["friendly_name"], "(415) 222-3333");
    let settings = json!({ "voice_url": "https://own.test/v", "friendly_name": "front desk",
        "trunk_sid": format!("TK{}", "0a".repeat(16)) });
    ok(&mut desk, "POST twilio/number", json!({ "number": number, "settings": settings }));
    let held = desk.get_twilio(&path);
    assert_eq!(
        (&held["voice_url"], &held["friendly_name"]),
        (&settings["voice_url"], &json!("front desk"))
    );
    let wrong = json!({ "number": number, "settings": { "voice_urk": "https://own.test/v" } });
    assert_eq!(control(&mut desk, "POST twilio/number", wrong).0, 404);
    let truth = ok(&mut desk, "GET truth", Value::Null);
    let shown = &truth["twilio"]["accounts"][0]["numbers"][0];
    assert_eq!((&shown["bought_by"], &shown["paid_cents"]), (&json!("person"), &json!(115)));
    assert_eq!(shown["former"][0]["changed_by"], "person");
    assert_eq!(
        shown["former"][0]["settings"]["voice_url"],
        "https://demo.twilio.com/welcome/voice/"
    );
    for body in [json!({ "number": number }), json!({ "number": "4152223333" })] {
        assert_eq!(control(&mut desk, "POST twilio/buy", body).0, 409);
    }
    ok(&mut desk, "POST twilio/number", json!({ "number": number, "fate": "ported_out" }));
    assert_eq!(desk.twilio(&format!("GET {path}"), &[]).0, 404);
    let again = control(&mut desk, "POST twilio/number", json!({ "number": number }));
    assert_eq!(again.0, 404);
    let bare = json!({ "number": "+14152224444", "settings": { "voice_url": "", "sms_url": "" } });
    ok(&mut desk, "POST twilio/buy", bare);
    let (_, held) = desk.providers.twilio.holding("+14152224444").unwrap();
    assert_eq!((held.settings.get("voice_url"), held.settings.get("sms_url")), (None, None));
    ok(&mut desk, "POST twilio/number", json!({ "number": "+14152224444", "fate": "released" }));
    let truth = ok(&mut desk, "GET truth", Value::Null);
    assert_eq!(truth["twilio"]["accounts"][0]["released"].as_array().unwrap().len(), 2);
}

#[test]
fn no_number_is_at_two_carriers() {
    let mut desk = Desk::new();
    let (telnyx, _) = desk.bought();
    assert_eq!(control(&mut desk, "POST twilio/buy", json!({ "number": telnyx })).0, 409);
    let offered = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
    ok(&mut desk, "POST twilio/sell", json!({ "number": offered }));
    assert_eq!(control(&mut desk, "POST twilio/sell", json!({ "number": offered })).0, 404);
    let buy = [("PhoneNumber", offered.as_str())];
    let (_, refused) = desk.twilio("POST /IncomingPhoneNumbers.json", &buy);
    assert_eq!(refused["code"], 21422);
}

#[test]
fn the_truth_counts_and_logs_without_secrets() {
    let mut desk = Desk::with(json!({ "twilio": { "log_entries_max": 2 } }));
    desk.twilio_bought(&[]);
    desk.get_twilio("/Balance.json");
    let truth = ok(&mut desk, "GET truth", Value::Null);
    assert!(!truth.to_string().contains(STANDARD_TWILIO_TOKEN));
    let counts = &truth["twilio"]["counts"];
    assert_eq!(counts["POST /Accounts/{id}/IncomingPhoneNumbers.json"], 1);
    assert_eq!(counts["GET /Accounts/{id}/AvailablePhoneNumbers/{country}/Local.json"], 1);
    let log = truth["twilio"]["log"].as_array().unwrap();
    assert_eq!(log.len(), 2);
    assert_eq!(
        log[1],
        json!({ "at_ms": START_MS + 1_000, "method": "GET",
                "path": format!("/Accounts/{STANDARD_TWILIO_SID}/Balance.json"),
                "template": "/Accounts/{id}/Balance.json", "status": 200, "effect_status": 200,
                "key": STANDARD_TWILIO_SID })
    );
    let template = "/Accounts/{id}/Balance.json";
    assert_eq!(desk.providers.twilio.calls_counted("GET", template), 1);
}

#[test]
fn the_same_calls_give_the_same_truth_and_the_others_are_not_disturbed() {
    let run = |with_twilio: bool| {
        let mut desk = Desk::new();
        let (number, _) = desk.bought();
        if with_twilio {
            let (digits, _) = desk.twilio_bought(&[]);
            desk.vapi("POST /phone-number", desk.twilio_import(&digits));
            desk.vapi("DELETE /phone-number/none", Value::Null);
        }
        (number, desk.search("filter[limit]=5"), desk.providers.truth(START_MS))
    };
    assert_eq!(run(true), run(true));
    let (with, without) = (run(true), run(false));
    assert_eq!((&with.0, &with.1), (&without.0, &without.1));
    assert_eq!(with.2["telnyx"]["accounts"], without.2["telnyx"]["accounts"]);
}

#[tokio::test]
async fn the_shell_serves_twilio_beside_the_others() {
    let providers = Providers::standard(ProvidersOptions::default(), 7, 0);
    let shared = SharedProviders::new(providers);
    let running = serve(shared.clone(), ServeOptions::default()).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("{}/2010-04-01/Accounts/{STANDARD_TWILIO_SID}", running.twilio_url);
    let get = |path: &str| {
        client
            .get(format!("{base}{path}"))
            .basic_auth(STANDARD_TWILIO_SID, Some(STANDARD_TWILIO_TOKEN))
    };
    let found = get("/AvailablePhoneNumbers/US/Local.json?AreaCode=415").send().await.unwrap();
    let found: Value = serde_json::from_slice(&found.bytes().await.unwrap()).unwrap();
    let number = text(&found["available_phone_numbers"][0]["phone_number"]);
    let body = format!("PhoneNumber={}&FriendlyName=over+http", crate::desk::percent(&number));
    let bought = client
        .post(format!("{base}/IncomingPhoneNumbers.json"))
        .basic_auth(STANDARD_TWILIO_SID, Some(STANDARD_TWILIO_TOKEN))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(bought.status(), 201);
    let bought: Value = serde_json::from_slice(&bought.bytes().await.unwrap()).unwrap();
    assert_eq!(bought["friendly_name"], "over http");
    let path = format!("/IncomingPhoneNumbers/{}.json", text(&bought["sid"]));
    let url = format!("{base}{path}");
    let gone = client
        .delete(url)
        .basic_auth(STANDARD_TWILIO_SID, Some(STANDARD_TWILIO_TOKEN))
        .send()
        .await
        .unwrap();
    assert_eq!((gone.status().as_u16(), gone.bytes().await.unwrap().len()), (204, 0));
    let truth = client.get(format!("{}/_sim/truth", running.twilio_url)).send().await.unwrap();
    let truth: Value = serde_json::from_slice(&truth.bytes().await.unwrap()).unwrap();
    assert_eq!(truth["twilio"]["accounts"][0]["released"][0]["phone_number"], json!(number));
    running.shutdown();
}

#[tokio::test]
async fn twilio_is_an_exchange_without_network() {
    let providers = Providers::standard(ProvidersOptions::default(), 7, START_MS);
    let shared = SharedProviders::new(providers);
    let call = format!("GET /Accounts/{STANDARD_TWILIO_SID}.json");
    let request = crate::desk::request(simulators::Provider::Twilio, &call, "", None);
    let answer = shared.twilio(|| START_MS).send(request).await.unwrap();
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_fallback_is_asked_over_http() {
    use axum::extract::Request;
    let router = axum::Router::new().fallback(|request: Request| async move {
        let signed = request.headers().contains_key("x-twilio-signature");
        let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
        let to = String::from_utf8_lossy(&body).contains("To=%2B14152223333");
        format!("<Response><Say>signed {signed}, to {to}</Say></Response>")
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a test server runs beside its test")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let options = json!({ "twilio": { "unreachable": ["https://api.vapi.ai/"] },
        "rewrites": [["https://hooks.example.test", receiver]] });
    let mut providers = Providers::standard(ProvidersOptions::default(), 7, 0);
    providers.merge_options(&options).unwrap();
    let settings = [
        ("voice_url", "https://api.vapi.ai/twilio/inbound_call"),
        ("voice_fallback_url", "https://hooks.example.test/webhooks/twilio"),
    ];
    let bought = providers.twilio.buy_outside(0, STANDARD_TWILIO_SID, "+14152223333", &settings);
    assert!(bought.is_some());
    let running = serve(SharedProviders::new(providers), ServeOptions::default()).await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/_sim/call?number=+14152223333", running.twilio_url);
    let report = client.get(url).send().await.unwrap().bytes().await.unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    assert_eq!(report["outcome"], "server_reply", "{report}");
    assert_eq!(report["spoken"], "signed true, to true");
}
