//! The numbering plan the carriers share: countries, classes, areas, and each area's numbers.

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
pub(crate) const TOLL_FREE: [&str; 7] = ["800", "888", "877", "866", "855", "844", "833"];

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
pub(crate) struct Class {
    pub(crate) country: &'static str,
    /// `local`, `toll_free`, `mobile`, `national`.
    pub(crate) kind: &'static str,
}

/// What a number is, by its digits.
pub(crate) fn classify(number: &str) -> Option<Class> {
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
pub(crate) fn areas<'a>(country: &str, kind: Option<&str>, named: Option<&'a str>) -> Vec<&'a str> {
    match (named, country, kind) {
        (Some(area), _, _) => vec![area],
        (None, "US" | "CA", Some("toll_free")) => TOLL_FREE.to_vec(),
        (None, "US", _) => US_AREAS.to_vec(),
        (None, "CA", _) => vec!["416", "604"],
        (None, _, Some("mobile")) => vec!["77"],
        (None, _, _) => vec!["20", "30"],
    }
}

/// The calling code of a country.
pub(crate) fn calling_code(country: &str) -> Option<&'static str> {
    COUNTRIES.iter().find(|(given, _)| *given == country).map(|(_, code)| *code)
}

/// Numbers of one area that carriers sell: exchanges from 200 to 599. VAPI's free numbers use
/// those above.
const NUMBERS: u64 = 4_000_000;
/// Has no factor in common with [`NUMBERS`]: the walk meets no number twice.
const STEP: u64 = 7_919;
/// Undoes [`STEP`]: their product leaves 1 when divided by [`NUMBERS`].
const STEP_BACK: u64 = 17_679;

/// A walk through all numbers of one area, from a place that the seed decides. Telnyx sells from
/// its beginning, Twilio from its end, so that the two never offer the same number.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk<'a> {
    code: &'a str,
    area: &'a str,
    start: u64,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(seed: u64, code: &'a str, area: &'a str) -> Self {
        let start = mix(seed ^ digest(area) ^ digest(code)) % NUMBERS;
        Self { code, area, start }
    }

    /// The number at a place, counted from the beginning.
    pub(crate) fn forward(&self, place: u64) -> String {
        let at = (self.start + place % NUMBERS * STEP) % NUMBERS;
        format!("+{}{}{:03}{:04}", self.code, self.area, 200 + at / 10_000, at % 10_000)
    }

    /// The number at a place, counted from the end.
    pub(crate) fn backward(&self, place: u64) -> String {
        self.forward(NUMBERS - 1 - place % NUMBERS)
    }

    /// Where a number stands, counted from the end; `None` if it is not of this walk.
    pub(crate) fn place_backward(&self, number: &str) -> Option<u64> {
        let local = number.strip_prefix('+')?.strip_prefix(self.code)?.strip_prefix(self.area)?;
        let (exchange, line) = local.split_at_checked(3)?;
        let (exchange, line) = (exchange.parse::<u64>().ok()?, line.parse::<u64>().ok()?);
        if local.len() != 7 || !(200..600).contains(&exchange) {
            return None;
        }
        let at = (exchange - 200) * 10_000 + line;
        Some(NUMBERS - 1 - (at + NUMBERS - self.start) * STEP_BACK % NUMBERS)
    }
}

/// Calling code and area of a number that carriers sell.
pub(crate) fn split_number(number: &str) -> Option<(&'static str, &str)> {
    let code = calling_code(classify(number)?.country)?;
    let national = number.strip_prefix('+')?.strip_prefix(code)?;
    let area = national.get(..national.len().checked_sub(7)?)?;
    Some((code, area))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_is_found_back_and_its_ends_do_not_meet() {
        let walk = Walk::new(7, "1", "415");
        let mut seen = std::collections::BTreeSet::new();
        for place in 0..2_000 {
            let number = walk.backward(place);
            assert_eq!(walk.place_backward(&number), Some(place), "{number}");
            assert_eq!(split_number(&number), Some(("1", "415")));
            assert!(seen.insert(number) && seen.insert(walk.forward(place)));
        }
        assert_eq!(walk.place_backward("+14159990000"), None);
        assert_eq!(walk.place_backward("+12125550000"), None);
        assert_eq!(split_number("+442055501234"), Some(("44", "205")));
    }
}
