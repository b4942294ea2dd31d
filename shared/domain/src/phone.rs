//! Telephone numbers and area codes.

use crate::request::Country;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A telephone number in E.164: `+` and 8 to 15 digits.
///
/// `Debug` and `Display` print only the last four digits; [`E164::reveal`] gives the whole number
/// to the callers that must have it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct E164(String);

/// Why a text is no E.164 number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a phone number is written as '+' and 8 to 15 digits, for example +14155550123")]
pub struct InvalidNumber;

/// Area codes of Canada (North American Numbering Plan Administrator, as of 2026).
const CANADIAN_AREA_CODES: &[&str] = &[
    "204", "226", "236", "249", "250", "257", "263", "289", "306", "343", "354", "365", "367",
    "368", "382", "403", "416", "418", "428", "431", "437", "438", "450", "460", "468", "474",
    "506", "514", "519", "548", "579", "581", "584", "587", "604", "613", "639", "647", "672",
    "683", "705", "709", "742", "753", "778", "780", "782", "807", "819", "825", "867", "873",
    "879", "902", "905", "942",
];
/// Area codes of the plan's other countries (the same source).
const OTHER_AREA_CODES: &[&str] = &[
    "242", "246", "264", "268", "284", "345", "441", "473", "649", "658", "664", "721", "758",
    "767", "784", "809", "829", "849", "868", "869", "876",
];

/// Prefixes of toll-free numbers in the North American plan.
const TOLL_FREE_PREFIXES: [&str; 7] = ["800", "888", "877", "866", "855", "844", "833"];

impl E164 {
    /// The whole number. Never log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The digits without `+`, as Telnyx's number filter wants them.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.get(1..).unwrap_or_default()
    }

    /// The North American area code, if it is such a number.
    #[must_use]
    pub fn area_code(&self) -> Option<AreaCode> {
        let national = self.0.strip_prefix("+1")?;
        if national.len() != 10 {
            return None;
        }
        national.get(..3)?.parse().ok()
    }

    /// Whether it is a number of the North American plan.
    #[must_use]
    pub fn is_north_american(&self) -> bool {
        self.0.starts_with("+1")
    }

    /// The country of a number of the United States or Canada; `None` for any other, and for a
    /// toll-free one, which is of both.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        let area_code = self.area_code().filter(|code| !code.is_toll_free())?;
        area_code.country()
    }

    /// Whether it is a North American toll-free number.
    #[must_use]
    pub fn is_toll_free(&self) -> bool {
        self.area_code().is_some_and(|code| TOLL_FREE_PREFIXES.contains(&code.as_str()))
    }

    /// Reads a number as people type it: spaces, dots, dashes and brackets are dropped, and ten
    /// digits without a country code are taken as North American.
    ///
    /// # Errors
    /// [`InvalidNumber`] when no E.164 number remains.
    pub fn from_typed(text: &str) -> Result<Self, InvalidNumber> {
        let plain: String =
            text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
        let digits = plain.bytes().all(|byte| byte.is_ascii_digit());
        match (digits, plain.len()) {
            (true, 10) => format!("+1{plain}").parse(),
            (true, 11) if plain.starts_with('1') => format!("+{plain}").parse(),
            _ => plain.parse(),
        }
    }
}

impl FromStr for E164 {
    type Err = InvalidNumber;
    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let digits = text.strip_prefix('+').ok_or(InvalidNumber)?;
        let valid = (8..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidNumber) }
    }
}

impl TryFrom<String> for E164 {
    type Error = InvalidNumber;
    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        text.parse()
    }
}

impl From<E164> for String {
    fn from(number: E164) -> Self {
        number.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…{}", self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default())
    }
}

impl fmt::Debug for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An area code the North American plan can have: three digits, the first 2 to 9, the second 0 to
/// 8, not `N11`, and none that is set aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AreaCode(String);

/// Why a text is no area code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such area code in the United States and Canada; 415 is one")]
pub struct InvalidAreaCode;

impl AreaCode {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country it is in, if that is the United States or Canada.
    #[must_use]
    pub fn country(&self) -> Option<Country> {
        if CANADIAN_AREA_CODES.contains(&self.as_str()) {
            return Some(Country::CANADA);
        }
        (!OTHER_AREA_CODES.contains(&self.as_str())).then_some(Country::US)
    }

    /// Whether it is a toll-free prefix and so no place.
    #[must_use]
    pub fn is_toll_free(&self) -> bool {
        TOLL_FREE_PREFIXES.contains(&self.as_str())
    }
}

impl FromStr for AreaCode {
    type Err = InvalidAreaCode;
    fn from_str(text: &str) -> Result<Self, InvalidAreaCode> {
        let [first, second, third] = text.as_bytes() else { return Err(InvalidAreaCode) };
        let shaped = (b'2'..=b'9').contains(first)
            && (b'0'..=b'8').contains(second)
            && third.is_ascii_digit()
            && (*second, *third) != (b'1', b'1');
        // Set aside by the plan's administration: 37x, 96x, 555.
        let set_aside = matches!((*first, *second), (b'3', b'7') | (b'9', b'6')) || text == "555";
        let valid = shaped && !set_aside;
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidAreaCode) }
    }
}

impl TryFrom<String> for AreaCode {
    type Error = InvalidAreaCode;
    fn try_from(text: String) -> Result<Self, InvalidAreaCode> {
        text.parse()
    }
}

impl From<AreaCode> for String {
    fn from(code: AreaCode) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_as_people_type_them() {
        for text in ["(415) 555-0123", "415.555.0123", "1 415 555 0123", "+14155550123"] {
            assert_eq!(E164::from_typed(text).map(String::from), Ok("+14155550123".to_owned()));
        }
        for text in ["", "+", "555-0123", "+0123456789", "+1234567890123456", "call me"] {
            assert!(E164::from_typed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_last_four_digits_are_printed() {
        let number: E164 = "+14155550123".parse().unwrap();
        assert_eq!(format!("{number} {number:?}"), "…0123 …0123");
    }

    #[test]
    fn toll_free_is_known_by_its_prefix() {
        assert!("+18005550123".parse::<E164>().unwrap().is_toll_free());
        assert!(!"+14155550123".parse::<E164>().unwrap().is_toll_free());
        assert!(!"+448005550123".parse::<E164>().unwrap().is_toll_free());
    }

    #[test]
    fn area_codes_that_cannot_be_are_refused() {
        for text in ["415", "212", "800", "907"] {
            assert!(text.parse::<AreaCode>().is_ok(), "{text}");
        }
        for text in ["", "41", "4155", "115", "911", "299", "371", "961", "555", "abc"] {
            assert!(text.parse::<AreaCode>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_survives_its_text(digits in "[1-9][0-9]{7,14}") {
            let number: E164 = format!("+{digits}").parse().unwrap();
            prop_assert_eq!(number.digits(), digits.as_str());
            prop_assert_eq!(String::from(number.clone()).parse::<E164>().unwrap(), number);
        }

        #[test]
        fn any_text_is_read_without_a_crash(text in ".*") {
            prop_assert!(E164::from_typed(&text).is_ok() || text.parse::<E164>().is_err());
            prop_assert!(text.parse::<AreaCode>().is_err() || text.len() == 3);
        }
    }
}
