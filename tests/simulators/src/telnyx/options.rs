//! Telnyx' switches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gate::RateLimit;
use crate::outbox::WebhookMode;
use crate::vapi::Unknown;

/// What a search without result answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoStock {
    /// 200 with an empty list.
    #[default]
    EmptyList,
    /// 400 with code 10031.
    Error10031,
}

/// What an order for a number no longer for sale answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakenError {
    /// 400 with code 10015.
    #[default]
    BadRequest10015,
    /// 409 with code 85001.
    Conflict85001,
}

/// What a number filter with other signs than digits matches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NonDigits {
    /// Nothing, as the contract says.
    #[default]
    MatchNothing,
    /// What the digits alone match.
    Stripped,
}

/// Prices of one class of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Once.
    pub upfront_cents: i64,
    /// Every month, the first at once.
    pub monthly_cents: i64,
}

/// The switches. All can be changed while the simulator runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelnyxOptions {
    /// Time from the order to its end.
    pub order_settle_ms: i64,
    /// How long an order is missing by id and in lists.
    pub order_visible_after_ms: i64,
    /// How long a number is missing after its order succeeded.
    pub number_visible_after_ms: i64,
    /// Whether a number shows as `purchase-pending` before its order ends.
    pub pending_number_visible: bool,
    /// What a search without result answers.
    pub no_stock: NoStock,
    /// What an order for a taken number answers.
    pub taken: TakenError,
    /// What a number filter with other signs than digits matches.
    pub non_digits: NonDigits,
    /// Status when the balance does not suffice: 402, 403 or 400.
    pub balance_status: u16,
    /// Numbers for sale per area code or toll-free prefix.
    pub stock: u32,
    /// The same for single areas; 0 for none.
    pub stock_by_area: BTreeMap<String, u32>,
    /// Prices by `local`, `toll_free`, `mobile`, `national`.
    pub prices: BTreeMap<String, Price>,
    /// Whether search results carry prices.
    pub prices_shown: bool,
    /// What numbers can do.
    pub features: Vec<String>,
    /// Countries whose numbers wait for documents.
    pub documents_countries: Vec<String>,
    /// `local`, `toll_free`, …: classes whose numbers wait for documents.
    pub documents_classes: Vec<String>,
    /// DELETEs needed until a number is gone; those before answer 200 all the same.
    pub deletes_needed: u32,
    /// How long a deleted number still shows, as `deleted`.
    pub delete_lingers_ms: i64,
    /// Unknown properties in bodies. Telnyx itself is laxer.
    pub unknown: Unknown,
    /// How webhooks are delivered.
    pub webhooks: WebhookMode,
    /// Requests per window, if limited.
    pub rate_limit: Option<RateLimit>,
    /// Entries the request log keeps.
    pub log_entries_max: usize,
}

impl Default for TelnyxOptions {
    fn default() -> Self {
        let price = |upfront_cents, monthly_cents| Price { upfront_cents, monthly_cents };
        Self {
            order_settle_ms: 3_000,
            order_visible_after_ms: 0,
            number_visible_after_ms: 0,
            pending_number_visible: false,
            no_stock: NoStock::EmptyList,
            taken: TakenError::BadRequest10015,
            non_digits: NonDigits::MatchNothing,
            balance_status: 402,
            stock: 50,
            stock_by_area: BTreeMap::new(),
            prices: [
                ("local", price(100, 100)),
                ("toll_free", price(100, 200)),
                ("mobile", price(300, 300)),
                ("national", price(200, 200)),
            ]
            .into_iter()
            .map(|(class, price)| (class.to_owned(), price))
            .collect(),
            prices_shown: true,
            features: ["sms", "mms", "voice", "fax", "emergency"].map(str::to_owned).to_vec(),
            documents_countries: ["DE", "FR", "AU", "ES"].map(str::to_owned).to_vec(),
            documents_classes: Vec::new(),
            deletes_needed: 1,
            delete_lingers_ms: 0,
            unknown: Unknown::Rejected,
            webhooks: WebhookMode::Normal,
            rate_limit: None,
            log_entries_max: 10_000,
        }
    }
}

impl TelnyxOptions {
    /// The price of a class; one nobody named costs as `local`.
    pub(crate) fn price(&self, class: &str) -> Price {
        let free = Price { upfront_cents: 0, monthly_cents: 0 };
        self.prices.get(class).or_else(|| self.prices.get("local")).copied().unwrap_or(free)
    }
}
