//! The exchange over the network: one `reqwest` client with pooled connections.

use crate::{Exchange, ExchangeError, Request, Response};
use std::collections::BTreeMap;

/// The largest answer read from a provider, in bytes. A page of 1,000 numbers is below 2 MiB.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Sends over HTTP or HTTPS.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
}

impl Http {
    /// A client that follows no redirect, uses no proxy and sets a `User-Agent`: VAPI's front
    /// door answers some default agents with 403 and `error code: 1010`.
    ///
    /// # Errors
    /// When the TLS backend cannot be set up.
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .user_agent(concat!("dialtone/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .tcp_nodelay(true)
            .retry(reqwest::retry::never())
            .build()?;
        Ok(Self { client })
    }
}

impl Exchange for Http {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        let method = match request.method {
            crate::Method::Get => reqwest::Method::GET,
            crate::Method::Post => reqwest::Method::POST,
            crate::Method::Patch => reqwest::Method::PATCH,
            crate::Method::Delete => reqwest::Method::DELETE,
        };
        let mut url =
            reqwest::Url::parse(&request.url).map_err(|_invalid| ExchangeError::NotSent)?;
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut builder = self.client.request(method, url).timeout(request.deadline);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let mut answer = builder.send().await.map_err(classify)?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                value.to_str().ok().map(|value| (name.as_str().to_owned(), value.to_owned()))
            })
            .collect::<BTreeMap<_, _>>();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|_cut| ExchangeError::AnswerLost)? {
            append(&mut body, &chunk, ANSWER_BYTES_MAX)?;
        }
        Ok(Response { status, headers, body })
    }
}

/// Adds a piece of the answer; an answer longer than `bytes_max` is as good as lost. Counting what
/// arrives, and not trusting `content-length`, also bounds an answer sent in chunks.
fn append(body: &mut Vec<u8>, chunk: &[u8], bytes_max: usize) -> Result<(), ExchangeError> {
    if body.len().saturating_add(chunk.len()) > bytes_max {
        return Err(ExchangeError::AnswerLost);
    }
    body.extend_from_slice(chunk);
    Ok(())
}

/// Only a failure to build or to connect proves that nothing was sent.
fn classify(error: reqwest::Error) -> ExchangeError {
    if error.is_builder() || error.is_connect() {
        ExchangeError::NotSent
    } else {
        ExchangeError::AnswerLost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_up_to_the_limit_and_lost_beyond_it() {
        let mut body = Vec::new();
        assert_eq!(append(&mut body, b"1234", 6), Ok(()));
        assert_eq!(append(&mut body, b"56", 6), Ok(()));
        assert_eq!(append(&mut body, b"7", 6), Err(ExchangeError::AnswerLost));
        assert_eq!(body, b"123456");
    }
}
