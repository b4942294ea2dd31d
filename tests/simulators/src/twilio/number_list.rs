//! `GET …/IncomingPhoneNumbers.json` and its sub-resources: filters and pages.

use exchange::Response;
use serde_json::{Value, json};

use super::numbers::Number;
use super::stock::Kind;
use super::{Ask, TwilioSim, errors};
use crate::reply;
use crate::wire::{Wire, encode_query};

/// Records of a page when the request does not say (spec: "default is 50").
const PAGE_SIZE_DEFAULT: usize = 50;
/// The most a page holds (spec: "maximum is 1000").
const PAGE_SIZE_MAX: usize = 1_000;

/// Which page is asked for. `Page` is the client's own count (spec: "simply for client state");
/// what counts is the token, which names the record the page comes after.
#[derive(Debug, Clone, Copy)]
struct Page {
    size: usize,
    number: usize,
    /// Only numbers that came before the one of this place; newest come first.
    before: Option<u64>,
}

impl Page {
    fn read(wire: &Wire<'_>) -> Result<Self, Response> {
        let size = page_size(wire)?;
        let number = match wire.query("Page").map(str::parse) {
            None => 0,
            Some(Ok(number)) => number,
            Some(Err(_)) => return Err(errors::bad_request("Page must be a whole number")),
        };
        let token = |text: &str| u64::from_str_radix(text.strip_prefix("PA")?, 16).ok();
        let before = match wire.query("PageToken") {
            None => None,
            Some(text) => {
                Some(token(text).ok_or_else(|| errors::bad_request("Invalid PageToken"))?)
            }
        };
        Ok(Self { size, number, before })
    }

    /// The token of the page after the one that ends with the number of this place.
    fn token(last: u64) -> String {
        format!("PA{last:032x}")
    }
}

/// The `PageSize` of a request.
pub(super) fn page_size(wire: &Wire<'_>) -> Result<usize, Response> {
    match wire.query("PageSize").map(str::parse) {
        None => Ok(PAGE_SIZE_DEFAULT),
        Some(Ok(size)) if (1..=PAGE_SIZE_MAX).contains(&size) => Ok(size),
        Some(_) => Err(errors::bad_request("PageSize must be between 1 and 1000")),
    }
}

/// The filters of the list.
struct Filter<'a> {
    digits: Option<&'a str>,
    name: Option<&'a str>,
    hosted_only: bool,
    kind: Option<Kind>,
}

impl<'a> Filter<'a> {
    fn read(wire: &'a Wire<'_>, kind: Option<Kind>) -> Self {
        let given = |name: &str| wire.query(name).filter(|text| !text.is_empty());
        Self {
            digits: given("PhoneNumber"),
            name: given("FriendlyName"),
            hosted_only: given("Origin") == Some("hosted"),
            kind,
        }
    }

    fn takes(&self, number: &Number) -> bool {
        !self.hosted_only
            && self.digits.is_none_or(|pattern| contains(&number.phone_number, pattern))
            && self.name.is_none_or(|name| number.settings.get("friendly_name") == Some(name))
            && self.kind.is_none_or(|kind| kind.as_str() == number.kind)
    }

    /// The query of another page of the same list.
    fn query(&self, page: Page, number: usize, token: Option<&str>) -> String {
        let (size, number) = (page.size.to_string(), number.to_string());
        let mut pairs = Vec::new();
        for (name, value) in [
            ("PhoneNumber", self.digits),
            ("FriendlyName", self.name),
            ("Origin", self.hosted_only.then_some("hosted")),
            ("PageSize", Some(&size)),
            ("Page", Some(&number)),
            ("PageToken", token),
        ] {
            pairs.extend(value.map(|value| (name, value)));
        }
        encode_query(&pairs)
    }
}

/// Whether a number contains a pattern in which `*` is any digit (spec: "partial numbers").
fn contains(number: &str, pattern: &str) -> bool {
    let fits = |window: &[u8]| {
        window.iter().zip(pattern.bytes()).all(|(digit, wanted)| match wanted {
            b'*' => digit.is_ascii_digit(),
            wanted => *digit == wanted,
        })
    };
    number.as_bytes().windows(pattern.len().max(1)).any(fits)
}

impl TwilioSim {
    pub(super) fn list_numbers(
        &self,
        ask: &Ask<'_>,
        kind: Option<Kind>,
    ) -> Result<Response, Response> {
        let page = Page::read(ask.wire)?;
        let filter = Filter::read(ask.wire, kind);
        let newest_ms = ask.now_ms - self.options.list_lag_ms;
        let before = page.before.unwrap_or(u64::MAX);
        let mut rows: Vec<(u64, &Number)> = self.accounts[ask.account]
            .numbers
            .range(..before)
            .rev()
            .map(|(serial, number)| (*serial, number))
            .filter(|(_, number)| number.created_ms <= newest_ms && filter.takes(number))
            .filter(|(_, number)| {
                let name = number.settings.get("friendly_name");
                !ask.script.hides(&[Some(&number.phone_number), name])
            })
            .take(page.size + 1)
            .collect();
        let more = rows.len() > page.size;
        rows.truncate(page.size);
        let path = format!("/2010-04-01{}", ask.wire.path);
        let uri = |number: usize, token: Option<&str>| {
            format!("{path}?{}", filter.query(page, number, token))
        };
        let next = rows.last().filter(|_| more).map(|(last, _)| {
            let host = self.options.next_page_host.as_deref().unwrap_or("");
            format!("{host}{}", uri(page.number + 1, Some(&Page::token(*last))))
        });
        let views: Vec<Value> =
            rows.iter().map(|(_, number)| self.number_view(ask.account, number)).collect();
        let start = page.number * page.size;
        Ok(reply::json(
            200,
            &json!({
                "incoming_phone_numbers": views,
                "page": page.number,
                "page_size": page.size,
                "start": start,
                "end": start + views.len().saturating_sub(1),
                "first_page_uri": uri(0, None),
                "previous_page_uri": page.number.checked_sub(1).map(|number| uri(number, None)),
                "next_page_uri": next,
                "uri": uri(page.number, ask.wire.query("PageToken")),
            }),
        ))
    }
}
