//! One HTTP request to a simulator.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use exchange::Method;
use serde_json::{Value, json};

use super::{Shell, deliver};
use crate::call::{CallStep, ServerReply};
use crate::reply::{Outcome, Provider};
use crate::wire::decode_query;

/// Bodies beyond this are refused.
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(super) async fn answer(shell: Shell, provider: Provider, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return json_response(413, &json!({ "error": "the body is too large" }));
    };
    let path = parts.uri.path();
    if path.starts_with("/_sim/") {
        let query = decode_query(parts.uri.query().unwrap_or(""));
        return control(&shell, parts.method.as_str(), path, &query, &body).await;
    }
    let method = match parts.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        _ => return json_response(405, &json!({ "error": "this method is not simulated" })),
    };
    let headers: BTreeMap<String, String> = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let request = exchange::Request {
        method,
        url: parts.uri.to_string(),
        query: Vec::new(),
        headers,
        body: (!body.is_empty()).then(|| body.to_vec()),
        deadline: Duration::from_secs(60),
    };
    serve_api(&shell, provider, &request).await
}

async fn serve_api(shell: &Shell, provider: Provider, request: &exchange::Request) -> Response {
    let now_ms = shell.now_ms();
    // Under one lock, so that the delivery task cannot take the overtaking webhooks.
    let (reply, first) = shell.providers.with(|providers| {
        let reply = providers.handle(now_ms, provider, request);
        let first = if reply.webhooks_first {
            providers.take_webhooks_stamped(now_ms, super::wall_ms())
        } else {
            Vec::new()
        };
        (reply, first)
    });
    for delivery in first {
        deliver::deliver(shell, delivery).await;
    }
    if reply.delay_ms > 0 {
        wait(Duration::from_millis(reply.delay_ms)).await;
    }
    match reply.outcome {
        Outcome::Answer(answer) => {
            let mut response = Response::new(Body::from(answer.body));
            *response.status_mut() =
                StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            for (name, value) in answer.headers {
                if let (Ok(name), Ok(value)) =
                    (name.parse::<header::HeaderName>(), HeaderValue::from_str(&value))
                {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
        // Unwinding, without a panic's message, ends the connection's task and so closes it.
        Outcome::Lost { .. } | Outcome::NotSent => {
            std::panic::resume_unwind(Box::new("the simulator drops this connection"))
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a scripted delay over HTTP is a real one")]
async fn wait(time: Duration) {
    tokio::time::sleep(time).await;
}

async fn control(
    shell: &Shell,
    method: &str,
    path: &str,
    query: &[(String, String)],
    body: &Bytes,
) -> Response {
    let (status, body) = match (method, path) {
        ("GET", "/_sim/call") => call(shell, query).await,
        ("GET", "/_sim/clock") => (200, json!({ "now_ms": shell.now_ms() })),
        ("POST", "/_sim/clock") => advance(shell, body),
        _ => shell.providers.lock().control(shell.now_ms(), method, path, body),
    };
    json_response(status, &body)
}

/// `POST /_sim/clock {"advance_ms": …}`: the simulators' clock jumps ahead.
fn advance(shell: &Shell, body: &Bytes) -> (u16, Value) {
    let by =
        serde_json::from_slice::<Value>(body).ok().and_then(|body| body["advance_ms"].as_i64());
    match by {
        Some(by_ms) if by_ms >= 0 => {
            shell.ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
            (200, json!({ "now_ms": shell.now_ms() }))
        }
        Some(_) | None => (400, json!({ "error": "advance_ms must be a number from 0 up" })),
    }
}

/// `GET /_sim/call?number=+1…`: a call, with VAPI's or Twilio's question put to the real server.
async fn call(shell: &Shell, query: &[(String, String)]) -> (u16, Value) {
    let Some((_, number)) = query.iter().find(|(name, _)| name == "number") else {
        return (400, json!({ "error": "number is missing" }));
    };
    // An unescaped plus sign has become a space.
    let number = number.trim();
    let number = if number.starts_with('+') { number.to_owned() } else { format!("+{number}") };
    let step = shell.providers.lock().call(shell.now_ms(), &number);
    let report = match step {
        CallStep::Done(report) => report,
        CallStep::NeedsServer(question) => {
            let deadline = Duration::from_millis(question.deadline_ms);
            let (url, headers, body) = (question.url, question.headers, question.body);
            let reply = deliver::post(shell, &url, &headers, body, deadline).await;
            let reply = reply.map(|(status, body)| ServerReply { status, body });
            let now_ms = shell.now_ms();
            shell.providers.lock().finish_call(now_ms, question.pending, reply.as_ref())
        }
    };
    (200, json!(report))
}

fn json_response(status: u16, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
