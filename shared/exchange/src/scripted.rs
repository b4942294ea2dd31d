//! An exchange that answers from a list, for the clients' own tests.
//!
//! It records what was asked, so that a test can compare the request as it would go out.

use crate::{Exchange, ExchangeError, Method, Request, Response};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Answers each request with the next prepared answer; with `NotSent` when there is none left.
#[derive(Debug, Default)]
pub struct Scripted {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Result<Response, ExchangeError>>,
    requests: Vec<Request>,
}

/// An answer with a JSON body.
pub fn answer(status: u16, body: Value) -> Result<Response, ExchangeError> {
    Ok(Response { status, headers: BTreeMap::new(), body: body.to_string().into_bytes() })
}

/// An answer whose body is no JSON.
pub fn plain(status: u16, body: &str) -> Result<Response, ExchangeError> {
    Ok(Response { status, headers: BTreeMap::new(), body: body.as_bytes().to_vec() })
}

impl Scripted {
    /// An exchange that gives these answers, in this order.
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Result<Response, ExchangeError>>) -> Self {
        let state = State { answers: answers.into_iter().collect(), requests: Vec::new() };
        Self { state: Mutex::new(state) }
    }

    /// Everything asked so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// The requests as a test compares them: method, URL with query, and body; one that is no JSON
    /// is a text.
    #[must_use]
    pub fn asked(&self) -> Vec<(String, Option<Value>)> {
        self.state().requests.iter().map(asked).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn asked(request: &Request) -> (String, Option<Value>) {
    let query: Vec<_> =
        request.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    let line = format!("{} {}{mark}{}", request.method.as_str(), request.url, query.join("&"));
    let text = |body| Value::String(String::from_utf8_lossy(body).into_owned());
    let read = |body| serde_json::from_slice(body).unwrap_or_else(|_form| text(body));
    let body = request.body.as_deref().map(read);
    debug_assert!(request.method != Method::Get || body.is_none(), "a GET carries no body");
    (line, body)
}

impl Exchange for Scripted {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        let mut state = self.state();
        state.requests.push(request);
        state.answers.pop_front().unwrap_or(Err(ExchangeError::NotSent))
    }
}
