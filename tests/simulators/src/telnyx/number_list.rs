//! `GET /phone_numbers` and `/phone_numbers/slim`: filters and pages.

use exchange::Response;
use serde_json::{Value, json};

use super::numbers::Number;
use super::options::NonDigits;
use super::page::Page;
use super::{Ask, TelnyxSim, errors};

/// What the slim list never shows.
const NOT_SLIM: [&str; 5] = [
    "connection_name",
    "deletion_lock_enabled",
    "messaging_profile_id",
    "messaging_profile_name",
    "source_type",
];

impl TelnyxSim {
    pub(super) fn list_numbers(&self, ask: &Ask<'_>, slim: bool) -> Result<Response, Response> {
        let page = Page::read(ask.wire, 20)?;
        let filter = NumberFilter::read(ask, self.options.non_digits)?;
        let oldest_first = ask.wire.query("sort") == Some("purchased_at");
        let numbers = &self.accounts[ask.account].numbers;
        let view = |number: &Number| self.listed(ask, number, slim);
        // The whole list is not looked through for each of its pages: there may be a thousand.
        if filter.is_open() && !ask.script.hides_some() && numbers.are_seen(ask.now_ms) {
            let shown = numbers.page(page.skipped(), page.size(), oldest_first).into_iter();
            return Ok(page.answer_of(numbers.len(), shown.map(view).collect()));
        }
        let mut rows: Vec<&Number> = numbers
            .values()
            .rev()
            .filter(|number| self.is_seen(number, ask.now_ms))
            .filter(|number| filter.takes(number))
            .filter(|number| {
                !ask.script
                    .hides(&[Some(&number.phone_number), number.customer_reference.as_deref()])
            })
            .collect();
        if oldest_first {
            rows.reverse();
        }
        Ok(page.answer(&rows, |number| view(number)))
    }

    /// A number as a list shows it.
    fn listed(&self, ask: &Ask<'_>, number: &Number, slim: bool) -> Value {
        let mut view = self.number_view(ask.account, number);
        if slim && let Some(view) = view.as_object_mut() {
            view.insert("record_type".to_owned(), json!("phone_number_slim"));
            if ask.wire.query("include_tags") != Some("true") {
                view.remove("tags");
            }
            if ask.wire.query("include_connection") != Some("true") {
                view.remove("connection_id");
            }
            for left_out in NOT_SLIM {
                view.remove(left_out);
            }
        }
        view
    }
}

/// The filters of the list.
struct NumberFilter<'a> {
    digits: Option<String>,
    /// The number filter has signs that match nothing.
    nothing: bool,
    exact: Vec<(&'static str, &'a str)>,
    without_tags: bool,
}

impl<'a> NumberFilter<'a> {
    fn read(ask: &'a Ask<'_>, non_digits: NonDigits) -> Result<Self, Response> {
        let filter = |name: &str| ask.wire.query(&format!("filter[{name}]"));
        let mut nothing = false;
        let mut digits = None;
        if let Some(text) = filter("phone_number") {
            let only: String = text.chars().filter(char::is_ascii_digit).collect();
            if only.len() < 3 {
                let source = json!({ "parameter": "filter[phone_number]" });
                let detail = "must have at least three digits";
                return Err(errors::with_source(400, "10015", "Bad Request", detail, source));
            }
            nothing = only != text && non_digits == NonDigits::MatchNothing;
            digits = Some(only);
        }
        let names = [
            "status",
            "connection_id",
            "tag",
            "customer_reference",
            "billing_group_id",
            "country_iso_alpha2",
            "number_type][eq",
        ];
        let exact =
            names.into_iter().filter_map(|name| filter(name).map(|text| (name, text))).collect();
        let without_tags = filter("without_tags") == Some("true");
        Ok(Self { digits, nothing, exact, without_tags })
    }

    /// Whether it takes every number.
    fn is_open(&self) -> bool {
        self.digits.is_none() && self.exact.is_empty() && !self.without_tags
    }

    fn takes(&self, number: &Number) -> bool {
        let by_digits = self
            .digits
            .as_deref()
            .is_none_or(|digits| !self.nothing && number.phone_number.contains(digits));
        let tags = !self.without_tags || number.tags.is_empty();
        by_digits
            && tags
            && self.exact.iter().all(|(name, text)| match *name {
                "status" => json!(number.status) == *text,
                "connection_id" => number.connection_id.as_deref() == Some(text),
                "tag" => number.tags.iter().any(|tag| tag == text),
                "customer_reference" => number.customer_reference.as_deref() == Some(text),
                "billing_group_id" => number.billing_group_id.as_deref() == Some(text),
                "country_iso_alpha2" => number.country == *text,
                _ => number.kind == *text,
            })
    }
}
