//! Twilio's error bodies. The codes are those of its error dictionary.

use exchange::Response;
use serde_json::json;

use crate::reply;

/// One error with its code and text.
pub(super) fn error(status: u16, code: u32, message: &str) -> Response {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body =
        json!({ "code": code, "message": message, "more_info": more_info, "status": status });
    reply::json(status, &body)
}

pub(super) fn unauthenticated() -> Response {
    error(401, 20_003, "Authenticate")
}

/// The account is suspended or closed.
pub(super) fn forbidden() -> Response {
    error(403, 20_403, "Forbidden")
}

/// The path is named with its version, as it was sent.
pub(super) fn not_found(path: &str) -> Response {
    error(404, 20_404, &format!("The requested resource /2010-04-01{path} was not found"))
}

pub(super) fn bad_request(message: &str) -> Response {
    error(400, 20_001, message)
}

/// Without `.json` the real API speaks XML. Here there is nothing but this.
pub(super) fn not_json() -> Response {
    let body = "<?xml version='1.0' encoding='UTF-8'?>\n<TwilioResponse><RestException>\
                <Code>20404</Code><Message>The simulator speaks JSON only: the path must end in \
                .json</Message><Status>404</Status></RestException></TwilioResponse>";
    reply::raw(404, "application/xml", body.as_bytes().to_vec())
}

/// The body of a scripted status.
pub(super) fn scripted(status: u16, text: Option<&str>) -> Response {
    let (code, usual) = match status {
        400 => (20_001, "Bad Request"),
        401 => (20_003, "Authenticate"),
        403 => (20_403, "Forbidden"),
        404 => (20_404, "The requested resource was not found"),
        429 => (20_429, "Too Many Requests"),
        503 => (20_503, "Service unavailable"),
        _ => (20_500, "An internal server error has occurred"),
    };
    error(status, code, text.unwrap_or(usual))
}
