//! One HTTP exchange with a provider, and how its end is to be read.
//!
//! The provider clients build a [`Request`], hand it to an [`Exchange`] and read the [`Response`].
//! Over the network that is [`Http`]; in tests and in the simulator it is a provider simulator in
//! the same process, so that the real encoding, decoding and classification always run.
//!
//! Nothing here retries: whether a call may be repeated is the caller's knowledge.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

mod call;
mod http;
pub mod json;
pub mod reading;
#[cfg(feature = "scripted")]
pub mod scripted;
pub mod words;

pub use call::{Access, Authorization, Call};
pub use http::Http;

/// The methods the providers' APIs use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, buys, imports.
    Post,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// One request to a provider.
///
/// `Debug` prints neither headers nor body: they carry keys and whole phone numbers.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Base URL of the provider and path, without the query.
    pub url: String,
    /// Query parameters, not yet percent-encoded.
    pub query: Vec<(String, String)>,
    /// Header names in lower case, with their values.
    pub headers: BTreeMap<String, String>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
    /// How long the whole exchange may take.
    pub deadline: Duration,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// One answer of a provider, whatever its status.
///
/// `Debug` prints the status only.
#[derive(Clone)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: BTreeMap<String, String>,
    /// The raw body; not necessarily JSON.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there is no answer. The two cases decide whether a call may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    /// No byte of the request was sent: the effect has certainly not happened.
    #[error("the request was not sent")]
    NotSent,
    /// The request may have arrived: the effect may have happened.
    #[error("the answer was lost")]
    AnswerLost,
}

/// Carries one request to a provider and brings its answer.
pub trait Exchange: Send + Sync {
    /// Sends once. Never repeats by itself, and ends within `request.deadline`.
    fn send(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, ExchangeError>> + Send;
}

impl<E: Exchange> Exchange for &E {
    fn send(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, ExchangeError>> + Send {
        (*self).send(request)
    }
}

impl<E: Exchange> Exchange for std::sync::Arc<E> {
    fn send(
        &self,
        request: Request,
    ) -> impl Future<Output = Result<Response, ExchangeError>> + Send {
        self.as_ref().send(request)
    }
}
