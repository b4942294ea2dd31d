//! A call as the routes see it, whatever carried it here.

use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt as _};
use std::collections::BTreeMap;

/// An HTTP call.
#[derive(Clone, Default)]
pub struct Call {
    /// The method, in capitals.
    pub method: String,
    /// The path, percent-encoded as it came.
    pub path: String,
    /// Query parameters, decoded; of a repeated one the first.
    pub query: BTreeMap<String, String>,
    /// Header names in lower case, with their values.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    pub body: Vec<u8>,
    /// What the gateway's authorizer says of the caller. Never read from anywhere else.
    pub claims: BTreeMap<String, String>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// The methods the routes know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
    /// `DELETE`.
    Delete,
    /// Any other.
    Other,
}

impl Call {
    /// From what Lambda was handed.
    #[must_use]
    pub fn from_lambda(request: lambda_http::Request) -> Self {
        let claims = match request.request_context_ref() {
            Some(RequestContext::ApiGatewayV2(context)) => context
                .authorizer
                .as_ref()
                .and_then(|authorizer| authorizer.jwt.as_ref())
                .map(|jwt| jwt.claims.clone().into_iter().collect())
                .unwrap_or_default(),
            _ => BTreeMap::new(),
        };
        let query = request
            .query_string_parameters_ref()
            .map(|all| {
                let all: Vec<_> = all.iter().collect();
                all.into_iter().rev().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
            })
            .unwrap_or_default();
        let headers = request
            .headers()
            .iter()
            // What is no ASCII must stay to be refused where it is read.
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let path = request.raw_http_path().to_owned();
        let (parts, body) = request.into_parts();
        let body = match body {
            Body::Empty => Vec::new(),
            Body::Text(text) => text.into_bytes(),
            Body::Binary(bytes) => bytes,
            // The enum is not ours and may grow.
            _ => Vec::new(),
        };
        Self { method: parts.method.as_str().to_owned(), path, query, headers, body, claims }
    }

    /// The method.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self.method.as_str() {
            "GET" => Verb::Get,
            "POST" => Verb::Post,
            "PUT" => Verb::Put,
            "PATCH" => Verb::Patch,
            "DELETE" => Verb::Delete,
            _ => Verb::Other,
        }
    }

    /// The path without what names one thing, for logs.
    pub(crate) fn shape(&self) -> String {
        let named = |part: &str| part.len() > 20 || part.contains('%') || part.contains('+');
        let parts = self.path.split('/').map(|part| if named(part) { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// The parts of the path, still percent-encoded.
    #[must_use]
    pub fn parts(&self) -> Vec<&str> {
        self.path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}
