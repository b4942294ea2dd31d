//! What a provisioning was asked to bring.

use crate::ids::NumberId;
use crate::phone::{AreaCode, E164};
use crate::source::Source;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The kind of line wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum NumberType {
    /// A number of a place.
    #[default]
    Local,
    /// A number the callee pays for.
    TollFree,
    /// A SIP address alone; no digits are waited for.
    Sip,
}

impl NumberType {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::TollFree => "toll_free",
            Self::Sip => "sip",
        }
    }
}

/// How closely the constraints bind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The area code or number asked for, or none.
    Strict,
    /// The area code is a wish: any other of the same country and type will do.
    #[default]
    Any,
}

/// A country by its two letters (ISO 3166-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The United States, where free numbers are.
    pub const US: Self = Self(*b"US");
    /// Canada, which shares its numbering plan.
    pub const CANADA: Self = Self(*b"CA");

    /// Whether it is the United States.
    #[must_use]
    pub const fn is_us(&self) -> bool {
        matches!(&self.0, b"US")
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("US")
    }

    /// Whether its area codes are those of the North American plan.
    #[must_use]
    pub fn has_area_codes(&self) -> bool {
        matches!(&self.0, b"US" | b"CA")
    }
}

impl Default for Country {
    fn default() -> Self {
        Self::US
    }
}

/// Why a text is no country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is two capital letters, for example US")]
pub struct InvalidCountry;

impl FromStr for Country {
    type Err = InvalidCountry;
    fn from_str(text: &str) -> Result<Self, InvalidCountry> {
        match text.as_bytes() {
            [first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => {
                Ok(Self([*first, *second]))
            }
            _ => Err(InvalidCountry),
        }
    }
}

impl TryFrom<String> for Country {
    type Error = InvalidCountry;
    fn try_from(text: String) -> Result<Self, InvalidCountry> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

/// The constraints on a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Wanted {
    /// The country; the United States unless said otherwise.
    #[serde(default)]
    pub country: Country,
    /// The area code, where the country has them.
    #[serde(default)]
    pub area_code: Option<AreaCode>,
    /// How closely the area code or the picked number binds.
    #[serde(default)]
    pub matching: Match,
    /// The kind of line.
    #[serde(default)]
    pub number_type: NumberType,
    /// The very number a person picked from a search.
    #[serde(default)]
    pub picked: Option<E164>,
}

/// A provisioning request after validation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// What number is wanted.
    pub wanted: Wanted,
    /// The sources to try, in order.
    pub sources: Vec<Source>,
    /// The business's former number, to be taken back while it rests; the pool alone has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reclaim: Option<NumberId>,
}
