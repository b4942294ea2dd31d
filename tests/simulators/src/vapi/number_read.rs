//! Phone numbers as records and as answers; the two lists.

use exchange::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::errors::{error, not_found};
use super::list::ListQuery;
use super::twilio::TwilioAccess;
use super::{Ask, Masking, VapiOptions, VapiSim};
use crate::faults::DigitsPlan;
use crate::{reply, stamp};

/// Whose number a record maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberKind {
    /// A free number of VAPI's own.
    Vapi,
    /// Imported from Telnyx.
    Telnyx,
    /// Imported from Twilio.
    Twilio,
}

/// The assistant a number is linked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    /// None; the property is absent.
    Absent,
    /// None; the property is `null`.
    Null,
    /// This one.
    To(String),
}

/// A phone number record.
#[derive(Debug, Clone)]
pub struct PhoneNumber {
    /// UUID.
    pub id: String,
    /// UUID of its organization.
    pub org_id: String,
    /// Whose number it is.
    pub kind: NumberKind,
    /// The digits; for a free number, those it has or will have. None: SIP only.
    pub digits: Option<String>,
    /// How a free number comes to its digits.
    pub plan: DigitsPlan,
    /// Set when VAPI has blocked the record.
    pub blocked: bool,
    /// Free numbers only.
    pub sip_uri: Option<String>,
    /// Telnyx numbers only.
    pub credential_id: Option<String>,
    /// Twilio numbers only.
    pub(crate) twilio: Option<TwilioAccess>,
    /// The name, at most 40 characters.
    pub name: Option<String>,
    /// The assistant that answers.
    pub link: Link,
    /// Other properties, kept as they came: `server`, `fallbackDestination`, `squadId`, ….
    pub rest: serde_json::Map<String, Value>,
    /// Creation.
    pub created_ms: i64,
    /// Last change by a request.
    pub updated_ms: i64,
}

/// The record as it stands in an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    org_id: &'a str,
    provider: NumberKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sip_uri: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assistant_id: Option<Option<&'a str>>,
    #[serde(flatten)]
    twilio: Option<serde_json::Map<String, Value>>,
    #[serde(flatten)]
    rest: &'a serde_json::Map<String, Value>,
    created_at: String,
    updated_at: String,
}

impl PhoneNumber {
    /// `activating`, `active` or `blocked`, at this time.
    #[must_use]
    pub fn status(&self, now_ms: i64) -> &'static str {
        if self.blocked {
            return "blocked";
        }
        if self.kind != NumberKind::Vapi || self.digits.is_none() {
            return "active";
        }
        let age_ms = now_ms - self.created_ms;
        match self.plan {
            DigitsPlan::After { ms } if age_ms >= ms => "active",
            DigitsPlan::Blocked { after_ms } if age_ms >= after_ms => "blocked",
            DigitsPlan::ActiveWithout { after_ms } if age_ms >= after_ms => "active",
            DigitsPlan::After { .. }
            | DigitsPlan::Never
            | DigitsPlan::Blocked { .. }
            | DigitsPlan::ActiveWithout { .. } => "activating",
        }
    }

    /// The digits, once they are there.
    #[must_use]
    pub fn digits_now(&self, now_ms: i64) -> Option<&str> {
        let there = match (self.kind, self.plan) {
            (NumberKind::Telnyx | NumberKind::Twilio, _) => true,
            (NumberKind::Vapi, DigitsPlan::After { ms }) => now_ms - self.created_ms >= ms,
            (NumberKind::Vapi, _) => false,
        };
        self.digits.as_deref().filter(|_| there)
    }

    /// The assistant linked, if there is one.
    #[must_use]
    pub fn assistant_id(&self) -> Option<&str> {
        match &self.link {
            Link::To(id) => Some(id),
            Link::Absent | Link::Null => None,
        }
    }

    /// The last change, the arrival of digits and of a block included.
    fn updated_now(&self, now_ms: i64) -> i64 {
        let turn_ms = match self.plan {
            DigitsPlan::After { ms }
            | DigitsPlan::Blocked { after_ms: ms }
            | DigitsPlan::ActiveWithout { after_ms: ms } => self.created_ms + ms,
            DigitsPlan::Never => i64::MAX,
        };
        let turned = self.kind == NumberKind::Vapi && self.digits.is_some() && turn_ms <= now_ms;
        if turned { self.updated_ms.max(turn_ms) } else { self.updated_ms }
    }

    fn view(&self, now_ms: i64, options: &VapiOptions, in_list: bool) -> View<'_> {
        let masked = in_list
            && match options.masking {
                Masking::None => false,
                Masking::Free => self.kind == NumberKind::Vapi,
                Masking::All => true,
            };
        let digits = self.digits_now(now_ms);
        View {
            id: &self.id,
            org_id: &self.org_id,
            provider: self.kind,
            status: options.status_shown.then(|| self.status(now_ms)),
            number: digits.map(|digits| if masked { mask(digits) } else { digits.to_owned() }),
            sip_uri: self.sip_uri.as_deref(),
            credential_id: self.credential_id.as_deref(),
            name: self.name.as_deref(),
            assistant_id: match &self.link {
                Link::Absent => None,
                Link::Null => Some(None),
                Link::To(id) => Some(Some(id)),
            },
            twilio: self.twilio.as_ref().map(TwilioAccess::view),
            rest: &self.rest,
            created_at: stamp::millis(self.created_ms),
            updated_at: stamp::millis(self.updated_now(now_ms)),
        }
    }

    /// The record as an answer by id shows it.
    pub(crate) fn answer(&self, now_ms: i64, options: &VapiOptions) -> Value {
        json!(self.view(now_ms, options, false))
    }

    pub(super) fn respond(&self, status: u16, now_ms: i64, options: &VapiOptions) -> Response {
        reply::json(status, &self.view(now_ms, options, false))
    }

    pub(super) fn truth(&self, now_ms: i64) -> Value {
        json!({
            "id": self.id, "provider": self.kind, "number": self.digits,
            "digits_shown": self.digits_now(now_ms), "status": self.status(now_ms),
            "name": self.name, "assistantId": self.assistant_id(),
            "credentialId": self.credential_id,
            "twilio": self.twilio.as_ref().map(TwilioAccess::truth), "sipUri": self.sip_uri,
            "server": self.rest.get("server"), "createdAtMs": self.created_ms,
        })
    }

    fn found_by(&self, text: &str, now_ms: i64) -> bool {
        let marks = [self.name.as_deref(), self.digits_now(now_ms), self.sip_uri.as_deref()];
        marks.iter().flatten().any(|mark| mark.to_lowercase().contains(text))
    }
}

/// `+16505558621` as `+165****8621`.
fn mask(digits: &str) -> String {
    let tail = digits.len().saturating_sub(4);
    format!("{}****{}", &digits[..digits.len().min(4)], &digits[tail..])
}

impl VapiSim {
    /// Whether an answer to a list may hold this record.
    fn is_listed(&self, ask: &Ask<'_>, query: &ListQuery, number: &PhoneNumber) -> bool {
        number.created_ms <= ask.now_ms - self.options.list_lag_ms
            && query.takes(number.created_ms, number.updated_now(ask.now_ms))
            && !ask.script.hides(&[number.digits.as_deref(), number.name.as_deref()])
    }

    /// Whether it may hold every record there is.
    fn are_all_listed(&self, ask: &Ask<'_>, query: &ListQuery) -> bool {
        let visible_ms = ask.now_ms - self.options.list_lag_ms;
        query.is_open()
            && !ask.script.hides_some()
            && self.orgs[ask.org].numbers.are_made_by(visible_ms)
    }

    pub(super) fn list_numbers(&self, ask: &Ask<'_>) -> Result<Response, Response> {
        let query = ListQuery::read(ask.wire)?;
        let newest_first = self.orgs[ask.org].numbers.iter().rev();
        let views: Vec<View<'_>> = newest_first
            .filter(|number| self.is_listed(ask, &query, number))
            .take(query.limit)
            .map(|number| number.view(ask.now_ms, &self.options, true))
            .collect();
        Ok(reply::json(200, &views))
    }

    pub(super) fn search_numbers(&self, ask: &Ask<'_>) -> Result<Response, Response> {
        let query = ListQuery::read(ask.wire)?;
        let search = ask.wire.query("search").unwrap_or("").to_lowercase();
        if search.chars().count() > 100 {
            let text = "search must be shorter than or equal to 100 characters";
            return Err(error(400, vec![text]));
        }
        let page = match ask.wire.query("page").unwrap_or("1").parse::<usize>() {
            Ok(page) if page >= 1 => page,
            Ok(_) | Err(_) => return Err(error(400, vec!["page must not be less than 1"])),
        };
        let oldest_first = ask.wire.query("sortOrder") == Some("ASC");
        let size = query.limit.max(1);
        let skipped = (page - 1) * size;
        let numbers = &self.orgs[ask.org].numbers;
        // The whole list is not looked through for each of its pages: there may be a thousand.
        let (total, shown) = if search.is_empty() && self.are_all_listed(ask, &query) {
            (numbers.len(), numbers.page(skipped, size, oldest_first))
        } else {
            let mut found = numbers.searched(&search);
            found.retain(|number| {
                self.is_listed(ask, &query, number)
                    && (search.is_empty() || number.found_by(&search, ask.now_ms))
            });
            if !oldest_first {
                found.reverse();
            }
            (found.len(), found.into_iter().skip(skipped).take(size).collect())
        };
        let pages = total.div_ceil(size);
        let views: Vec<View<'_>> =
            shown.iter().map(|number| number.view(ask.now_ms, &self.options, true)).collect();
        Ok(reply::json(
            200,
            &json!({
                "results": views,
                "metadata": {
                    "itemsPerPage": size, "totalItems": total, "currentPage": page,
                    "totalPages": pages, "hasNextPage": page < pages, "nextCursor": null,
                },
            }),
        ))
    }

    pub(super) fn get_number(&self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let visible_ms = ask.now_ms - self.options.get_lag_ms;
        let found = self.orgs[ask.org].numbers.get(id);
        let number = found
            .filter(|number| number.created_ms <= visible_ms)
            .ok_or_else(|| not_found("phone number", id))?;
        Ok(number.respond(200, ask.now_ms, &self.options))
    }
}
