//! The numbers for sale: the same seed always has the same stock.

use super::{Holder, TelnyxSim};
use crate::ids::{digest, mix};

/// Country and calling code.
const COUNTRIES: [(&str, &str); 12] = [
    ("US", "1"),
    ("CA", "1"),
    ("GB", "44"),
    ("DE", "49"),
    ("FR", "33"),
    ("AU", "61"),
    ("NL", "31"),
    ("ES", "34"),
    ("IT", "39"),
    ("IE", "353"),
    ("MX", "52"),
    ("BR", "55"),
];

/// Toll-free prefixes of the North American plan.
pub(super) const TOLL_FREE: [&str; 7] = ["800", "888", "877", "866", "855", "844", "833"];

/// Area codes of Canada.
pub(crate) const CANADA: [&str; 42] = [
    "204", "226", "236", "249", "250", "263", "289", "306", "343", "354", "365", "367", "368",
    "382", "403", "416", "418", "428", "431", "437", "438", "450", "460", "468", "474", "506",
    "514", "519", "537", "548", "579", "581", "584", "587", "604", "613", "639", "647", "672",
    "683", "705", "709",
];

/// Areas searched when a search names none.
const US_AREAS: [&str; 6] = ["415", "212", "312", "512", "206", "702"];

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) country: &'static str,
    /// `local`, `toll_free`, `mobile`, `national`.
    pub(super) kind: &'static str,
}

/// What a number is, by its digits.
pub(super) fn classify(number: &str) -> Option<Class> {
    let digits = number.strip_prefix('+')?;
    if let Some(national) = digits.strip_prefix('1') {
        let area = national.get(..3)?;
        if national.len() != 10 {
            return None;
        }
        let country = if CANADA.contains(&area) { "CA" } else { "US" };
        let kind = if TOLL_FREE.contains(&area) { "toll_free" } else { "local" };
        return Some(Class { country, kind });
    }
    let mut others = COUNTRIES.iter().filter(|(_, code)| *code != "1");
    let (country, code) = others.find(|(_, code)| digits.starts_with(code))?;
    let kind = if digits[code.len()..].starts_with('7') { "mobile" } else { "local" };
    Some(Class { country, kind })
}

/// The areas a search looks into: what it names, or some.
pub(super) fn areas<'a>(country: &str, kind: Option<&str>, named: Option<&'a str>) -> Vec<&'a str> {
    match (named, country, kind) {
        (Some(area), _, _) => vec![area],
        (None, "US" | "CA", Some("toll_free")) => TOLL_FREE.to_vec(),
        (None, "US", _) => US_AREAS.to_vec(),
        (None, "CA", _) => vec!["416", "604"],
        (None, _, Some("mobile")) => vec!["77"],
        (None, _, _) => vec!["20", "30"],
    }
}

impl TelnyxSim {
    /// The numbers of an area that are for sale to an account.
    pub(super) fn for_sale(
        &self,
        country: &str,
        area: &str,
        account: usize,
    ) -> impl Iterator<Item = String> {
        let found = COUNTRIES.iter().find(|(given, _)| *given == country);
        let (stock, code) = found.map_or((0, ""), |(_, code)| {
            (self.options.stock_by_area.get(area).copied().unwrap_or(self.options.stock), *code)
        });
        let start = mix(self.seed ^ digest(area) ^ digest(code));
        (0..u64::from(stock))
            .map(move |place| {
                // Exchanges from 200 to 599; VAPI's free numbers use those above. 7 919 has no
                // factor in common with four million: the walk meets no number twice.
                let step = (start % 4_000_000 + place * 7_919) % 4_000_000;
                format!("+{code}{area}{:03}{:04}", 200 + step / 10_000, step % 10_000)
            })
            .filter(|number| !self.holders.contains_key(number))
            .filter(move |number| !self.is_held_by_other(number, account))
    }

    /// Sells a number to somebody outside, as it happens between search and order.
    pub fn sell_elsewhere(&mut self, number: &str) -> bool {
        if self.holders.contains_key(number) {
            return false;
        }
        self.holders.insert(number.to_owned(), Holder::Elsewhere);
        true
    }
}
