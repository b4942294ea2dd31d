//! What Telnyx says when it refuses, and what that means.
//!
//! The body is `{"errors":[{"code":"10015","title":"…","detail":"…","source":{"pointer":"…"}}]}`,
//! with `code` as text. The published contract declares 400, 401, 404, 422 and 500 for numbers;
//! 402 and 20100 (not enough funds) stand in Telnyx's list of error codes; 409 was seen.

use domain::outcome::{Missing, Refusal};
use domain::telnyx::{DeleteNumberRefusal, OrderRefusal, SearchRefusal};
use exchange::json::{lenient, text};
use exchange::{Response, words};
use secrecy::SecretString;
use serde::Deserialize;

/// "Bad request"; on an order that names the number, the number is not to be had.
const BAD_REQUEST: &str = "10015";
/// No inventory for the filters of a search.
const NO_INVENTORY: &str = "10031";
/// Not enough funds.
const INSUFFICIENT_FUNDS: &str = "20100";
/// The number is not to be had.
const NOT_AVAILABLE: &str = "85001";

/// A 4xx answer. Its words are raw: `Debug` is deliberately absent.
pub(crate) struct Complaint {
    status: u16,
    errors: Vec<ErrorWire>,
    message: String,
    /// The message in lower case, to look for words in.
    lower: String,
}

#[derive(Deserialize)]
struct BodyWire {
    #[serde(default, deserialize_with = "lenient")]
    errors: Option<Vec<ErrorWire>>,
}

#[derive(Deserialize)]
struct ErrorWire {
    #[serde(default, deserialize_with = "text")]
    code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "text")]
    detail: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    source: Option<SourceWire>,
}

#[derive(Deserialize)]
struct SourceWire {
    #[serde(default, deserialize_with = "text")]
    pointer: Option<String>,
}

impl ErrorWire {
    fn message(&self) -> String {
        let parts = [&self.code, &self.title, &self.detail];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    fn pointer(&self) -> &str {
        let pointer = self.source.as_ref().and_then(|source| source.pointer.as_deref());
        pointer.unwrap_or_default()
    }
}

impl Complaint {
    pub(crate) fn read(response: &Response) -> Self {
        let body: Option<BodyWire> = serde_json::from_slice(&response.body).ok();
        let errors = body.and_then(|body| body.errors).unwrap_or_default();
        let message = errors.iter().map(ErrorWire::message).collect::<Vec<_>>().join("; ");
        let lower = message.to_lowercase();
        Self { status: response.status, errors, message, lower }
    }

    /// The refusal: a reason of the call first, then the key, then Telnyx's words.
    pub(crate) fn refusal<R>(
        &self,
        secrets: &[&SecretString],
        reason: impl FnOnce(&Self) -> Option<R>,
    ) -> Refusal<R> {
        if self.status == 401 {
            return Refusal::Key;
        }
        match reason(self) {
            Some(reason) => Refusal::Because(reason),
            None if self.status == 403 => Refusal::Key,
            None if self.message.is_empty() => {
                Refusal::Request(format!("status {} without a readable message", self.status))
            }
            None => Refusal::Request(words::presentable(&self.message, secrets)),
        }
    }

    fn has_code(&self, code: &str) -> bool {
        self.errors.iter().any(|error| error.code.as_deref() == Some(code))
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word))
    }

    fn points_to(&self, words: &[&str]) -> bool {
        self.errors.iter().any(|error| words.iter().any(|word| error.pointer().contains(word)))
    }

    /// Whether the complaint may be about the number ordered: it points there, or nowhere.
    fn may_mean_the_number(&self) -> bool {
        self.errors.iter().all(|error| {
            error.pointer().is_empty() || error.pointer().starts_with("/phone_numbers")
        })
    }
}

/// 404 on a read or a PATCH.
pub(crate) fn missing(complaint: &Complaint) -> Option<Missing> {
    (complaint.status == 404).then_some(Missing::NotFound)
}

/// 422 on a delete: the number's `deletion_lock_enabled`.
pub(crate) fn locked(complaint: &Complaint) -> Option<DeleteNumberRefusal> {
    (complaint.status == 422).then_some(DeleteNumberRefusal::Locked)
}

/// Why a search gives nothing.
pub(crate) fn search(complaint: &Complaint) -> Option<SearchRefusal> {
    (complaint.status == 400 && complaint.has_code(NO_INVENTORY)).then_some(SearchRefusal::NoStock)
}

/// Why an order is not taken. The clear codes go before the words, and the words before 10015,
/// which says no more than "bad request".
pub(crate) fn order(complaint: &Complaint) -> Option<OrderRefusal> {
    if complaint.has_code(NOT_AVAILABLE) {
        return Some(OrderRefusal::Taken);
    }
    let broke = ["insufficient", "balance", "funds", "payment"];
    if complaint.status == 402 || complaint.has_code(INSUFFICIENT_FUNDS) || complaint.says(&broke) {
        return Some(OrderRefusal::NoBalance);
    }
    // Not "document": a message may point to Telnyx's documentation.
    if complaint.says(&["requirement", "regulat", "documents"])
        || complaint.points_to(&["requirement", "regulatory"])
    {
        return Some(OrderRefusal::DocumentsRequired);
    }
    let unavailable =
        complaint.status == 409 || (complaint.status == 400 && complaint.has_code(BAD_REQUEST));
    (unavailable && complaint.may_mean_the_number()).then_some(OrderRefusal::Taken)
}

#[cfg(test)]
mod tests;
