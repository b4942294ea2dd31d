//! API Gateway: calls of people and of providers become events of its HTTP API.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use simulators::server::wall_ms;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::figures::Counting;
use crate::lambda::{Ended, Lambda, Name};

/// The largest body a provider may send.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Who calls, as the authorizer would say.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) organization: String,
    pub(crate) business: String,
    pub(crate) operator: bool,
}

impl Person {
    pub(crate) fn operator() -> Self {
        let (organization, business) = ("platform".to_owned(), "desk".to_owned());
        Self { organization, business, operator: true }
    }

    fn authorizer(&self) -> Value {
        let sub = format!("{}.{}", self.organization, self.business);
        let mut claims = json!({
            "sub": sub,
            "token_use": "id",
            "custom:organization_id": self.organization,
            "custom:business_id": self.business,
        });
        if self.operator {
            claims["cognito:groups"] = json!("[operators]");
        }
        json!({ "jwt": { "claims": claims, "scopes": null } })
    }
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) const fn is_good(&self) -> bool {
        self.status >= 200 && self.status < 300
    }

    /// A text in the body.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// A call of the API by a person; one whose function died is answered as the gateway does.
pub(crate) async fn call(
    lambda: &Lambda,
    person: &Person,
    line: &str,
    key: Option<&str>,
    body: Option<&Value>,
) -> Answer {
    let (method, path) = line.split_once(' ').unwrap_or(("GET", line));
    let mut headers = BTreeMap::from([("content-type", "application/json")]);
    if let Some(key) = key {
        headers.insert("idempotency-key", key);
    }
    let body = body.map(Value::to_string);
    let mut event = event(method, path, json!(headers), body.as_deref());
    event["requestContext"]["authorizer"] = person.authorizer();
    let (status, text) = answered(lambda.invoke(Name::Provision, &event).await);
    Answer { status, body: serde_json::from_str(&text).unwrap_or_default() }
}

/// The gateway's providers' side, listening.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) url: String,
    listener: TcpListener,
}

impl Front {
    pub(crate) async fn listen() -> anyhow::Result<Self> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(address).await.context("no port is free")?;
        Ok(Self { url: format!("http://{}", listener.local_addr()?), listener })
    }

    /// Takes webhooks from now on.
    pub(crate) fn serve(self, lambda: Arc<Lambda>, counting: Counting) -> JoinHandle<()> {
        let router = Router::new().fallback(move |request: Request| {
            let (lambda, counting) = (Arc::clone(&lambda), counting.clone());
            async move {
                counting.with(|figures| figures.webhooks += 1);
                hear(&lambda, request).await
            }
        });
        tokio::spawn(async move {
            if let Err(error) = axum::serve(self.listener, router).await {
                eprintln!("the gateway ended: {error}");
            }
        })
    }
}

async fn hear(lambda: &Lambda, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap_or_default();
    let headers: BTreeMap<&str, &str> = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    // Signatures cover the bytes; both providers send UTF-8.
    let text = String::from_utf8_lossy(&body);
    let event = event(parts.method.as_str(), parts.uri.path(), json!(headers), Some(&text));
    let (status, text) = answered(lambda.invoke(Name::Webhooks, &event).await);
    let mut response = Response::new(Body::from(text));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response
}

fn event(method: &str, path: &str, headers: Value, body: Option<&str>) -> Value {
    let route = format!("{method} {path}");
    json!({
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "soak", "stage": "$default",
            "domainName": "soak.test", "domainPrefix": "soak",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "203.0.113.10", "userAgent": "soak",
            },
            "requestId": "soak", "routeKey": route,
            "time": "20/Nov/2026:00:00:00 +0000", "timeEpoch": wall_ms(),
        },
        "body": body, "isBase64Encoded": false,
    })
}

/// What the gateway answers; it has its own answers where the function has none.
fn answered(ended: Ended) -> (u16, String) {
    match ended {
        Ended::Answered(answer) => {
            let status = answer.get("statusCode").and_then(Value::as_u64);
            let status = status.and_then(|status| u16::try_from(status).ok()).unwrap_or(502);
            let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
            (status, body.to_owned())
        }
        Ended::Failed | Ended::Died => (500, r#"{"message":"Internal Server Error"}"#.to_owned()),
        Ended::TimedOut => (503, r#"{"message":"Service Unavailable"}"#.to_owned()),
    }
}
