//! VAPI's error bodies, in the style of its framework (`NestJS`).

use exchange::Response;
use serde_json::{Value, json};

use crate::reply;

/// `{"statusCode":…,"message":…,"error":…}`; `message` is a text or a list of texts.
pub(super) fn error(status: u16, message: impl Into<Value>) -> Response {
    let name = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Error",
    };
    let message: Value = message.into();
    reply::json(status, &json!({ "statusCode": status, "message": message, "error": name }))
}

/// The body of a scripted status.
pub(super) fn scripted(status: u16, text: Option<&str>) -> Response {
    let usual = match status {
        429 => "Rate limit exceeded",
        500 => "Internal server error",
        _ => "The request could not be served",
    };
    error(status, text.unwrap_or(usual))
}

pub(super) fn unauthorized() -> Response {
    error(
        401,
        "Invalid Key. Hot tip, you may be using the private key instead of the public key, or vice \
         versa.",
    )
}

pub(super) fn not_found(what: &str, id: &str) -> Response {
    error(404, format!("Couldn't find {what} {id}"))
}

pub(super) fn no_route(method: &str, path: &str) -> Response {
    error(404, format!("Cannot {method} {path}"))
}
