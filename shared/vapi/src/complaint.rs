//! What VAPI says when it refuses, and what that means.
//!
//! The body is `{"statusCode":…,"message":"…" | ["…"],"error":"…"}`, but nothing promises it: the
//! front door (Cloudflare) answers some agents with 403 and a plain `error code: 1010`. VAPI has no
//! error codes, so that the reasons are read from its words; the words that are not understood are
//! handed on, masked.

use domain::outcome::{Missing, Refusal};
use domain::phone::AreaCode;
use domain::vapi::{DeleteAssistantRefusal, FreeNumberRefusal, ImportRefusal};
use exchange::{Response, words};
use secrecy::SecretString;
use serde_json::Value;

/// How the front door's own refusals begin.
const FRONT_DOOR: &str = "error code: 10";

/// Area codes taken from one message.
const HINTS_MAX: usize = 10;

/// A 4xx answer. Its words are raw: `Debug` is deliberately absent.
pub(crate) struct Complaint {
    status: u16,
    front_door: bool,
    message: String,
    /// `message` and `error` in lower case, to look for words in.
    lower: String,
}

impl Complaint {
    pub(crate) fn read(response: &Response) -> Self {
        let body: Option<Value> = serde_json::from_slice(&response.body).ok();
        let field = |name| body.as_ref().and_then(|body| body.get(name)).map(joined);
        let error = field("error").unwrap_or_default();
        let message =
            field("message").filter(|text| !text.is_empty()).unwrap_or_else(|| error.clone());
        let plain = String::from_utf8_lossy(&response.body).to_lowercase();
        Self {
            status: response.status,
            front_door: body.is_none() && plain.contains(FRONT_DOOR),
            lower: format!("{message} {error}").to_lowercase(),
            message,
        }
    }

    /// The refusal: a reason of the call first, then the key, then VAPI's words.
    pub(crate) fn refusal<R>(
        &self,
        secrets: &[&SecretString],
        reason: impl FnOnce(&Self) -> Option<R>,
    ) -> Refusal<R> {
        if self.front_door {
            let text = "vapi's front door refused the user agent (403, error code 1010)";
            return Refusal::Request(text.to_owned());
        }
        if self.status == 401 {
            return Refusal::Key;
        }
        match reason(self) {
            Some(reason) => Refusal::Because(reason),
            None if self.status == 403 => Refusal::Key,
            None => Refusal::Request(self.presentable(secrets)),
        }
    }

    /// Whether this is the 400 of an API that wants, or does not want, `provider` in a PATCH.
    pub(crate) fn is_about_provider(&self) -> bool {
        self.status == 400 && self.lower.contains("provider")
    }

    fn presentable(&self, secrets: &[&SecretString]) -> String {
        if self.message.is_empty() {
            return format!("status {} without a readable message", self.status);
        }
        words::presentable(&self.message, secrets)
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word))
    }
}

fn joined(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(joined).collect::<Vec<_>>().join("; "),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

/// 404 on a read, a PATCH or the like.
pub(crate) fn missing(complaint: &Complaint) -> Option<Missing> {
    (complaint.status == 404).then_some(Missing::NotFound)
}

/// 409 `assistant_pinned`.
pub(crate) fn pinned(complaint: &Complaint) -> Option<DeleteAssistantRefusal> {
    (complaint.status == 409).then_some(DeleteAssistantRefusal::Pinned)
}

/// Why a free number is not created. Neither status nor text of the limit is published: any 400,
/// 402 or 403 with such words counts. Limits go before payment, because a message about a limit
/// may end in advice to upgrade.
pub(crate) fn free_number(
    complaint: &Complaint,
    wanted: Option<&AreaCode>,
) -> Option<FreeNumberRefusal> {
    if complaint.says(&["area code"]) {
        let try_instead = hints(complaint, wanted);
        return Some(FreeNumberRefusal::AreaCodeUnavailable { try_instead });
    }
    if complaint.says(&["limit", "quota", "maximum"]) && !complaint.says(&["rate limit"]) {
        return Some(FreeNumberRefusal::AllowanceUsed);
    }
    if complaint.status == 402 || complaint.says(&["payment", "billing", "upgrade"]) {
        return Some(FreeNumberRefusal::PaymentRequired);
    }
    None
}

/// The area codes VAPI names instead, as in `Try one of 701, 279, 406`: all but the one wanted.
fn hints(complaint: &Complaint, wanted: Option<&AreaCode>) -> Vec<AreaCode> {
    let mut codes: Vec<AreaCode> = Vec::new();
    for word in complaint.message.split(|c: char| !c.is_ascii_digit()) {
        if let Ok(code) = word.parse()
            && wanted != Some(&code)
            && !codes.contains(&code)
        {
            codes.push(code);
        }
    }
    codes.truncate(HINTS_MAX);
    codes
}

/// Why a number is not imported. VAPI calls Telnyx during an import and quotes Telnyx's status in
/// its own words.
pub(crate) fn import(complaint: &Complaint) -> Option<ImportRefusal> {
    let at_carrier = complaint.says(&["update telnyx number"]);
    // The whole phrase: 404 is also the area code of Atlanta.
    if at_carrier && complaint.says(&["status code 404"]) {
        return Some(ImportRefusal::NotAtCarrier);
    }
    if at_carrier && complaint.says(&["status code 401", "status code 403"]) {
        return Some(ImportRefusal::CredentialInvalid);
    }
    if complaint.status == 409 || complaint.says(&["already", "in use", "identical"]) {
        return Some(ImportRefusal::AlreadyImported);
    }
    complaint.says(&["credential"]).then_some(ImportRefusal::CredentialInvalid)
}

/// Why a number is not imported from Twilio. Seen were "Existing Phone Number … Has Identical
/// `twilioAccountSid` … and `number` …", which names the account too and so goes first, and "Number
/// Not Found on Twilio"; what VAPI says of a wrong key is not known.
pub(crate) fn import_twilio(complaint: &Complaint) -> Option<ImportRefusal> {
    if complaint.status == 409 || complaint.says(&["already", "in use", "identical"]) {
        return Some(ImportRefusal::AlreadyImported);
    }
    if !complaint.says(&["twilio"]) {
        return None;
    }
    if complaint.says(&["not found", "status code 404"]) {
        return Some(ImportRefusal::NotAtCarrier);
    }
    let key = ["authenticat", "credential", "accountsid", "authtoken", "apikey", "apisecret"];
    let refused = complaint.says(&["status code 401", "status code 403"]) || complaint.says(&key);
    refused.then_some(ImportRefusal::CredentialInvalid)
}

#[cfg(test)]
mod tests;
