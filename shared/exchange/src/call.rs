//! One call of a JSON API with a bearer key, before it becomes a request.

use crate::reading::Effect;
use crate::{Method, Request};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is asked of a provider.
pub struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Where a provider is, and with whose key it is called.
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// Its base URL.
    pub base_url: &'a str,
    /// The key.
    pub api_key: &'a SecretString,
    /// How long one call may take.
    pub deadline: Duration,
}

impl Call {
    /// Reads.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::Get, path: path.into(), query: Vec::new(), body: None }
    }

    /// Removes.
    pub fn delete(path: impl Into<String>) -> Self {
        Self { method: Method::Delete, ..Self::get(path) }
    }

    /// Creates, buys, imports.
    pub fn post(path: impl Into<String>, body: &impl Serialize) -> Self {
        // Our bodies have only text keys and cannot fail to be written.
        Self { method: Method::Post, body: serde_json::to_vec(body).ok(), ..Self::get(path) }
    }

    /// Changes in part.
    pub fn patch(path: impl Into<String>, body: &impl Serialize) -> Self {
        Self { method: Method::Patch, ..Self::post(path, body) }
    }

    /// With one more query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.push((name.to_owned(), value.to_string()));
        self
    }

    /// What the call does there.
    #[must_use]
    pub const fn effect(&self) -> Effect {
        match self.method {
            Method::Get => Effect::Reads,
            Method::Post | Method::Patch | Method::Delete => Effect::Changes,
        }
    }

    /// The call as a request.
    #[must_use]
    pub fn request(self, access: Access<'_>) -> Request {
        let key = access.api_key.expose_secret();
        let mut headers = BTreeMap::from([
            ("accept".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), format!("Bearer {key}")),
        ]);
        if self.body.is_some() {
            headers.insert("content-type".to_owned(), "application/json".to_owned());
        }
        Request {
            method: self.method,
            url: format!("{}{}", access.base_url.trim_end_matches('/'), self.path),
            query: self.query,
            headers,
            body: self.body,
            deadline: access.deadline,
        }
    }
}
