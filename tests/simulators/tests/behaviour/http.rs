//! The shell, over loopback: answers, dropped connections, webhooks, calls.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use exchange::Exchange;
use serde_json::{Value, json};
use simulators::server::{Running, ServeOptions, serve};
use simulators::{
    Providers, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY, SharedProviders,
};

/// Bodies received, and the answer to the next ones.
type Inbox = Arc<Mutex<Vec<Value>>>;

async fn receiver() -> (String, Inbox) {
    let inbox = Inbox::default();
    let kept = Arc::clone(&inbox);
    let router = Router::new().fallback(move |request: Request| {
        let kept = Arc::clone(&kept);
        async move {
            let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            let asked = body["message"]["type"] == "assistant-request";
            let mut inbox = kept.lock().unwrap();
            inbox.push(body);
            let status = if inbox.len() == 1 { 500 } else { 200 };
            let reply = if asked { json!({ "error": "Not yet." }) } else { json!({}) };
            (axum::http::StatusCode::from_u16(status).unwrap(), reply.to_string())
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    #[expect(clippy::disallowed_methods, reason = "a test server runs beside its test")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, inbox)
}

async fn running() -> (Running, SharedProviders) {
    let shared = SharedProviders::new(Providers::standard(ProvidersOptions::default(), 7, 0));
    let options = ServeOptions { retry_delay: Duration::from_millis(1), ..ServeOptions::default() };
    (serve(shared.clone(), options).await.unwrap(), shared)
}

async fn send(method: reqwest::Method, url: &str, key: &str, body: Value) -> Option<(u16, Value)> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.request(method, url).bearer_auth(key).body(body.to_string());
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    Some((status, serde_json::from_slice(&response.bytes().await.ok()?).unwrap()))
}

#[tokio::test]
async fn the_shell_serves_drops_and_calls() {
    use reqwest::Method;
    let (running, shared) = running().await;
    let (receiver, inbox) = receiver().await;
    let vapi = running.vapi_url.clone();
    shared.lock().rewrites.push(("https://hooks.example.test".to_owned(), receiver));

    // A lost answer closes the connection; the effect stays.
    let fault = json!({ "provider": "vapi", "method": "POST", "path": "/assistant",
        "fault": { "kind": "answer_lost" } });
    let scripted = send(Method::POST, &format!("{vapi}/_sim/faults"), "", fault).await.unwrap();
    assert_eq!(scripted.0, 200);
    let assistants = format!("{vapi}/assistant");
    assert_eq!(send(Method::POST, &assistants, STANDARD_VAPI_KEY, json!({})).await, None);
    let list = send(Method::GET, &assistants, STANDARD_VAPI_KEY, Value::Null).await.unwrap();
    assert_eq!(list.1.as_array().unwrap().len(), 1);

    // The clock can be set ahead; a call asks the real server, once it answers.
    let number = json!({ "provider": "vapi",
        "server": { "url": "https://hooks.example.test/vapi" } });
    let numbers = format!("{vapi}/phone-number");
    let made = send(Method::POST, &numbers, STANDARD_VAPI_KEY, number).await.unwrap().1;
    let ahead = json!({ "advance_ms": 200_000 });
    send(Method::POST, &format!("{}/../_sim/clock", running.telnyx_url), "", ahead).await.unwrap();
    let path = format!("{numbers}/{}", made["id"].as_str().unwrap());
    let read = send(Method::GET, &path, STANDARD_VAPI_KEY, Value::Null).await.unwrap().1;
    let digits = read["number"].as_str().unwrap().to_owned();
    let call = format!("{vapi}/_sim/call?number={digits}");
    let first = send(Method::GET, &call, "", Value::Null).await.unwrap().1;
    assert_eq!(first["outcome"], "rings_out", "the receiver's first answer is 500");
    let second = send(Method::GET, &call, "", Value::Null).await.unwrap().1;
    assert_eq!(
        (&second["outcome"], &second["spoken"]),
        (&json!("server_reply"), &json!("Not yet."))
    );
    assert_eq!(inbox.lock().unwrap().len(), 2);
    running.shutdown();
}

#[tokio::test]
async fn a_webhook_is_delivered_again_until_it_is_taken() {
    let (running, shared) = running().await;
    let (receiver, inbox) = receiver().await;
    shared.with(|all| {
        // Overtaking its answer, the event needs no waiting here.
        all.merge_options(&json!({ "telnyx": { "webhooks": { "kind": "before_answer" } } }))
            .unwrap();
        all.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, Some(&format!("{receiver}/telnyx")));
    });
    let base = &running.telnyx_url;
    let key = STANDARD_TELNYX_KEY;
    let search = format!("{base}/available_phone_numbers?filter[limit]=1");
    let found = send(reqwest::Method::GET, &search, key, Value::Null).await.unwrap().1;
    let number = found["data"][0]["phone_number"].clone();
    let order = json!({ "phone_numbers": [{ "phone_number": number }] });
    let url = format!("{base}/number_orders");
    let (status, _) = send(reqwest::Method::POST, &url, key, order).await.unwrap();
    assert_eq!(status, 200);
    let events = inbox.lock().unwrap().clone();
    let attempts: Vec<&Value> = events.iter().map(|event| &event["meta"]["attempt"]).collect();
    assert_eq!(attempts, [&json!(1), &json!(2)], "delivered, and again, before the answer");
    assert_eq!(events[0]["data"]["id"], events[1]["data"]["id"]);
    let truth = shared.lock().truth(0);
    assert_eq!(truth["deliveries"][0]["status"], 500);
    assert_eq!(truth["deliveries"][1]["status"], 200);
}

#[tokio::test]
async fn the_projects_own_client_understands_the_shell() {
    let (running, _shared) = running().await;
    let mut request = crate::desk::request(
        simulators::Provider::Telnyx,
        "GET /balance",
        STANDARD_TELNYX_KEY,
        None,
    );
    request.url = format!("{}/balance", running.telnyx_url);
    let answer = exchange_http().send(request).await.unwrap();
    assert_eq!(answer.status, 200);
}

fn exchange_http() -> exchange::Http {
    exchange::Http::new().unwrap()
}
