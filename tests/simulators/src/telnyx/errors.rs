//! Telnyx' error bodies.

use exchange::Response;
use serde_json::{Value, json};

use crate::reply;

/// One error with its code, title and text.
pub(super) fn error(status: u16, code: &str, title: &str, detail: &str) -> Response {
    with_source(status, code, title, detail, json!(null))
}

/// The same, naming the place in the body or query.
pub(super) fn with_source(
    status: u16,
    code: &str,
    title: &str,
    detail: &str,
    source: Value,
) -> Response {
    let url = format!("https://developers.telnyx.com/docs/overview/errors/{code}");
    let mut error =
        json!({ "code": code, "title": title, "detail": detail, "meta": { "url": url } });
    if !source.is_null() {
        error["source"] = source;
    }
    reply::json(status, &json!({ "errors": [error] }))
}

pub(super) fn not_found() -> Response {
    let detail = "The requested resource or URL could not be found.";
    error(404, "10005", "Resource not found", detail)
}

pub(super) fn unauthorized() -> Response {
    let detail = "No key found matching the ID with the provided secret.";
    error(401, "10009", "Authentication failed", detail)
}

/// 400 with a pointer into the body.
pub(super) fn bad_request(detail: &str, pointer: &str) -> Response {
    let source = json!({ "pointer": pointer });
    with_source(400, "10015", "Bad Request", detail, source)
}

/// 422 with a pointer into the body.
pub(super) fn missing(pointer: &str) -> Response {
    let source = json!({ "pointer": pointer });
    with_source(422, "10004", "Missing required parameter", "can't be blank", source)
}

/// The body of a scripted status.
pub(super) fn scripted(status: u16, text: Option<&str>) -> Response {
    let (code, title, usual) = match status {
        429 => ("10011", "Too many requests", "You have exceeded the maximum number of requests."),
        401 => ("10009", "Authentication failed", "The key is not valid."),
        403 => ("10010", "Authorization failed", "You do not have permission."),
        404 => ("10005", "Resource not found", "The requested resource could not be found."),
        408 | 504 => ("10008", "Request timeout", "The request took too long."),
        400 | 422 => ("10015", "Bad Request", "The request could not be understood."),
        _ => ("10007", "Unexpected error", "An unexpected error occurred."),
    };
    error(status, code, title, text.unwrap_or(usual))
}
