//! How a call to a provider ended.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How a call to a provider ended. Never a plain yes or no: a purchase whose answer was lost is
/// neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T, R> {
    /// It happened, and this came of it.
    Done(T),
    /// It certainly did not happen, and repeating it unchanged would not help.
    Refused(Refusal<R>),
    /// It certainly did not happen; the same call may succeed later.
    Transient {
        /// How long the provider asked to wait, if it said so.
        retry_after: Option<Duration>,
    },
    /// It may have happened: look it up before anything is repeated.
    Unknown,
}

/// Why a provider refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal<R> {
    /// There is no key for this provider.
    NotConfigured,
    /// The key was rejected (401) or lacks the right (403).
    Key,
    /// The provider says that the request itself is wrong; its words, without numbers and keys.
    Request(String),
    /// A reason that this call knows.
    Because(R),
}

impl<T, R> Outcome<T, R> {
    /// The same end with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Outcome<U, R> {
        match self {
            Self::Done(value) => Outcome::Done(change(value)),
            Self::Refused(refusal) => Outcome::Refused(refusal),
            Self::Transient { retry_after } => Outcome::Transient { retry_after },
            Self::Unknown => Outcome::Unknown,
        }
    }
}

/// The reason of a call that knows none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoReason {}

/// The one reason why a thing cannot be read: it is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// 404: not there, or not there yet.
    NotFound,
}
