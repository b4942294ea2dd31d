//! What Twilio says when it refuses, and what that means.
//!
//! The body is `{"code":21422,"message":"…","more_info":"https://…/21422","status":400}`; the code
//! is the reason, and its meaning stands in Twilio's list of error codes. 401 carries 20003, and
//! 429 carries 20429; both are told by their status.

use domain::outcome::{Missing, Refusal};
use domain::twilio::{BuyRefusal, SearchRefusal};
use exchange::json::text;
use exchange::{Response, words};
use secrecy::SecretString;
use serde::Deserialize;

/// "Account is not active."
const NOT_ACTIVE: &str = "10001";
/// "Account not active", out of funds or a trial not begun.
const OUT_OF_FUNDS: &str = "20005";
/// "Forbidden", which is said of a suspended or closed account.
const SUSPENDED: &str = "20403";
/// The feature is not for trial accounts.
const NOT_FOR_TRIALS: &str = "10002";
/// "Trial accounts are allowed only one Twilio number."
const TRIAL_HAS_ITS_NUMBER: &str = "21404";
/// The digits are no phone number.
const NUMBER_MALFORMED: &str = "21421";
/// The number is not to be had.
const NUMBER_UNAVAILABLE: &str = "21422";
/// There is no such area code.
const AREA_CODE_INVALID: &str = "21451";
/// The area code has no number.
const AREA_CODE_EMPTY: &str = "21452";
/// The number asks for an address on file.
const ADDRESS_MISSING: &str = "21613";
/// The number asks for an address that satisfies its requirement.
const ADDRESS_UNSUITED: &str = "21631";
/// The number asks for an approved regulatory bundle.
const BUNDLE_MISSING: &str = "21649";

/// A 4xx answer. Its words are raw: `Debug` is deliberately absent.
pub(crate) struct Complaint {
    status: u16,
    code: Option<String>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct BodyWire {
    #[serde(default, deserialize_with = "text")]
    code: Option<String>,
    #[serde(default, deserialize_with = "text")]
    message: Option<String>,
}

impl Complaint {
    pub(crate) fn read(response: &Response) -> Self {
        let body: Option<BodyWire> = serde_json::from_slice(&response.body).ok();
        let (code, message) = body.map_or((None, None), |body| (body.code, body.message));
        Self { status: response.status, code, message }
    }

    /// The refusal: a reason of the call first, then the key, then Twilio's words.
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
            None => Refusal::Request(self.presentable(secrets)),
        }
    }

    fn presentable(&self, secrets: &[&SecretString]) -> String {
        let parts: Vec<&str> =
            [&self.code, &self.message].into_iter().flatten().map(String::as_str).collect();
        if parts.is_empty() {
            return format!("status {} without a readable message", self.status);
        }
        words::presentable(&parts.join(" "), secrets)
    }
}

/// 404 on a read or an update. A wrong account or subaccount is answered in the same way.
pub(crate) fn missing(complaint: &Complaint) -> Option<Missing> {
    (complaint.status == 404).then_some(Missing::NotFound)
}

/// Why a search gives nothing. 404 is the answer for a country or a type that is not sold.
pub(crate) fn search(complaint: &Complaint) -> Option<SearchRefusal> {
    let empty = matches!(complaint.code.as_deref(), Some(AREA_CODE_INVALID | AREA_CODE_EMPTY));
    (empty || complaint.status == 404).then_some(SearchRefusal::NoStock)
}

/// Why a number is not sold. That an area code is missing (21450), in the wrong place (21457), or
/// that a number is in another account (21474) would be our own mistake, and is told in words.
pub(crate) fn buy(complaint: &Complaint) -> Option<BuyRefusal> {
    match complaint.code.as_deref()? {
        NUMBER_UNAVAILABLE => Some(BuyRefusal::Taken),
        NUMBER_MALFORMED => Some(BuyRefusal::Malformed),
        AREA_CODE_INVALID | AREA_CODE_EMPTY => Some(BuyRefusal::NoStock),
        TRIAL_HAS_ITS_NUMBER | NOT_FOR_TRIALS => Some(BuyRefusal::TrialLimit),
        NOT_ACTIVE | OUT_OF_FUNDS | SUSPENDED => Some(BuyRefusal::AccountInactive),
        ADDRESS_MISSING | ADDRESS_UNSUITED => Some(BuyRefusal::AddressRequired),
        BUNDLE_MISSING => Some(BuyRefusal::BundleRequired),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
