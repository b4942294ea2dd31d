//! The deployed API, as a client sees it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use reqwest::Method;
use serde_json::Value;

/// Longer than the API holds a request open.
const REQUEST_LIMIT: Duration = Duration::from_secs(40);

/// One client of the API.
#[derive(Debug, Clone)]
pub struct Api {
    url: String,
    token: Option<String>,
    client: reqwest::Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: BTreeMap<String, String>,
    /// The body; null if it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Answer {
    /// A text in the body.
    #[must_use]
    pub fn text_at(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

impl Api {
    /// A client of the API at a URL.
    #[must_use]
    pub fn new(url: &str, token: Option<&str>) -> Self {
        let client = reqwest::Client::builder().no_proxy().timeout(REQUEST_LIMIT).build();
        Self {
            url: url.trim_end_matches('/').to_owned(),
            token: token.map(str::to_owned),
            client: client.unwrap_or_default(),
        }
    }

    /// GET.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::GET, path, &[], None).await
    }

    /// POST of a JSON body.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let json = [("content-type", "application/json")];
        self.send(Method::POST, path, &json, Some(body.to_string().into_bytes())).await
    }

    /// PUT of a JSON body.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let json = [("content-type", "application/json")];
        self.send(Method::PUT, path, &json, Some(body.to_string().into_bytes())).await
    }

    /// DELETE.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        self.send(Method::DELETE, path, &[], None).await
    }

    /// Any request; headers given here come beside the token.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.with_context(|| format!("{method} {path}"))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = headers.collect();
        let text = response.text().await.with_context(|| format!("{method} {path}"))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, headers, body, text })
    }
}
