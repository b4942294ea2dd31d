//! Numbers for sale, whoever sells them.

use crate::money::Cents;
use crate::phone::E164;
use crate::request::NumberType;
use serde::{Deserialize, Serialize};

/// A number for sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The number.
    pub digits: E164,
    /// Local or toll-free.
    pub number_type: NumberType,
    /// What is paid once, if it is known in US dollars.
    pub upfront: Option<Cents>,
    /// What is paid every month, if it is known in US dollars.
    pub monthly: Option<Cents>,
    /// Place, as the carrier writes it, for people.
    pub locality: Option<String>,
    /// State or province.
    pub region: Option<String>,
}

impl Offer {
    /// What an order commits: upfront and the first month. `None` when a part is unknown.
    #[must_use]
    pub fn committed(&self) -> Option<Cents> {
        Some(self.upfront?.plus(self.monthly?))
    }
}
