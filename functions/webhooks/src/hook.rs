//! A webhook as it came, and its answer: the edge to Lambda's own types.

use crate::fault::Rejection;
use lambda_http::http::StatusCode;
use lambda_http::http::header::{CONTENT_TYPE, HeaderValue};
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};
use std::fmt;

/// A webhook as it came.
///
/// `Debug` prints neither headers nor body: they carry secrets and whole phone numbers.
#[derive(Clone, Default)]
pub struct Hook {
    /// The method, in upper case.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query as it came, not decoded; empty without one.
    pub query: String,
    /// Names in lower case, with their values; a header that came twice stands here twice.
    pub headers: Vec<(String, String)>,
    /// The body's exact bytes, decoded from the gateway's own encoding.
    pub body: Vec<u8>,
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hook")
            .field("method", &self.method)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Hook {
    /// The one value of a header that proves something. Two of them prove nothing: who checks one
    /// and who reads the other might not be the same.
    pub(crate) fn proof(&self, name: &str) -> Result<Option<&str>, Rejection> {
        let mut values = self.headers.iter().filter(|(found, _value)| found == name);
        let first = values.next().map(|(_name, value)| value.as_str());
        match values.next() {
            None => Ok(first),
            Some(_second) => Err(Rejection::ProofTwice),
        }
    }
}

impl From<Request> for Hook {
    fn from(request: Request) -> Self {
        let (parts, body) = request.into_parts();
        let header = |(name, value): (&lambda_http::http::HeaderName, &_)| {
            (name.as_str().to_owned(), header_text(value))
        };
        Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers.iter().map(header).collect(),
            body: body.to_vec(),
        }
    }
}

fn header_text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookAnswer {
    /// HTTP status code.
    pub status: u16,
    /// The body.
    pub body: HookBody,
}

/// The body of an answer, in the form its provider takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookBody {
    /// JSON.
    Json(Value),
    /// What Twilio does with a call, as XML.
    Twiml(String),
}

impl fmt::Display for HookBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(value) => value.fmt(f),
            Self::Twiml(text) => f.write_str(text),
        }
    }
}

impl HookBody {
    const fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Json(_) => "application/json",
            Self::Twiml(_) => "text/xml; charset=utf-8",
        })
    }
}

impl HookAnswer {
    pub(crate) const fn json(status: u16, value: Value) -> Self {
        Self { status, body: HookBody::Json(value) }
    }

    pub(crate) const fn twiml(text: String) -> Self {
        Self { status: 200, body: HookBody::Twiml(text) }
    }

    /// Heard; the sender need not know more.
    pub(crate) fn heard() -> Self {
        Self::json(200, json!({}))
    }

    pub(crate) fn error(status: u16, error: &str) -> Self {
        Self::json(status, json!({ "error": error }))
    }

    /// The answer as the gateway takes it.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::Text(self.body.to_string()));
        let status = StatusCode::from_u16(self.status);
        *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, self.body.content_type());
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_taken_as_it_is() {
        let request = lambda_http::http::Request::builder()
            .method("POST")
            .uri("https://api.test/webhooks/vapi?x=1")
            .header("X-Vapi-Secret", "one")
            .header("x-vapi-secret", "two")
            .header("Authorization", "Bearer one")
            .body(Body::Binary(vec![0, 255]))
            .unwrap();
        let hook = Hook::from(request);
        assert_eq!((hook.method.as_str(), hook.path.as_str()), ("POST", "/webhooks/vapi"));
        assert_eq!((hook.query.as_str(), hook.body.as_slice()), ("x=1", [0, 255].as_slice()));
        assert_eq!(hook.proof("authorization"), Ok(Some("Bearer one")));
        assert_eq!(hook.proof("x-vapi-secret"), Err(Rejection::ProofTwice));
        assert_eq!(hook.proof("telnyx-timestamp"), Ok(None));
        let shown = format!("{hook:?}");
        assert!(!shown.contains("one") && !shown.contains("255"), "{shown}");
    }
}
