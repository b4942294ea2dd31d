//! Twilio's switches.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gate::RateLimit;
use crate::telnyx::Price;

/// What the path of another account answers to credentials that are good elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForeignAccount {
    /// 401 with code 20003.
    #[default]
    Unauthorized,
    /// 404 with code 20404.
    NotFound,
}

/// How a setting that nobody has set stands in an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unset {
    /// URLs and application ids as an empty text, all else as `null`: as seen in the field.
    #[default]
    Mixed,
    /// All as `null`.
    Null,
}

/// The address a country's numbers want of their owner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressNeed {
    /// None.
    #[default]
    None,
    /// Any in the world.
    Any,
    /// One in the country.
    Local,
    /// One outside of it.
    Foreign,
}

/// The switches. All can be changed while the simulator runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TwilioOptions {
    /// How long a number is missing from lists after its purchase.
    pub list_lag_ms: i64,
    /// How long a number is missing by its id after its purchase.
    pub get_lag_ms: i64,
    /// Numbers for sale in an area.
    pub stock: u32,
    /// The same for single areas.
    pub stock_by_area: BTreeMap<String, u32>,
    /// Whether each search shows another part of the stock first.
    pub search_shuffled: bool,
    /// What a list's `next_page_uri` begins with: scheme and host of somebody else. Absent: it is
    /// relative, as the real one is.
    pub next_page_host: Option<String>,
    /// How long a number given back is for sale to nobody.
    pub cooldown_ms: i64,
    /// Prices by `local`, `toll_free`, `mobile`.
    pub prices: BTreeMap<String, Price>,
    /// What numbers can do: `voice`, `sms`, `mms`, `fax`.
    pub capabilities: Vec<String>,
    /// Countries whose numbers want an address (21631 without one).
    pub addresses: BTreeMap<String, AddressNeed>,
    /// Countries whose numbers want a regulatory bundle (21649 without one).
    pub bundle_countries: Vec<String>,
    /// Numbers a trial account may hold (21404 beyond).
    pub trial_numbers_max: u32,
    /// Status of a purchase that the balance does not cover. No document names it.
    pub balance_status: u16,
    /// Code of the same. No document names it; 20005 is said of an account without funds.
    pub balance_code: u32,
    /// What another account's path answers.
    pub foreign_account: ForeignAccount,
    /// Whether a suspended or closed account can still be read itself; all else is 403.
    pub suspended_reads_account: bool,
    /// Whether a standard API key may read the account, which the documents deny.
    pub standard_keys_read_account: bool,
    /// How settings that are not set stand in answers.
    pub unset: Unset,
    /// Whether a number bought through the API points at Twilio's demo, as one from the console.
    pub bought_with_demo: bool,
    /// Beginnings of URLs that do not answer Twilio: a call goes to the fallback then.
    pub unreachable: Vec<String>,
    /// Requests per window, if limited.
    pub rate_limit: Option<RateLimit>,
    /// Entries the request log keeps.
    pub log_entries_max: usize,
}

impl Default for TwilioOptions {
    fn default() -> Self {
        let price = |class: &str, monthly_cents| {
            (class.to_owned(), Price { upfront_cents: 0, monthly_cents })
        };
        Self {
            list_lag_ms: 0,
            get_lag_ms: 0,
            stock: 50,
            stock_by_area: BTreeMap::new(),
            search_shuffled: false,
            next_page_host: None,
            cooldown_ms: 30 * 86_400_000,
            prices: [price("local", 115), price("toll_free", 215), price("mobile", 300)].into(),
            capabilities: ["voice", "sms", "mms"].map(str::to_owned).to_vec(),
            addresses: BTreeMap::new(),
            bundle_countries: ["DE", "FR", "AU", "ES"].map(str::to_owned).to_vec(),
            trial_numbers_max: 1,
            balance_status: 403,
            balance_code: 20_005,
            foreign_account: ForeignAccount::Unauthorized,
            suspended_reads_account: true,
            standard_keys_read_account: false,
            unset: Unset::Mixed,
            bought_with_demo: false,
            unreachable: Vec::new(),
            rate_limit: None,
            log_entries_max: 10_000,
        }
    }
}

impl TwilioOptions {
    /// What the purchase of a number of this class costs at once, first month included.
    pub(crate) fn price_cents(&self, class: &str) -> i64 {
        let price = self.prices.get(class).or_else(|| self.prices.get("local"));
        price.map_or(0, |price| price.upfront_cents + price.monthly_cents)
    }

    pub(crate) fn address_need(&self, country: &str) -> AddressNeed {
        self.addresses.get(country).copied().unwrap_or_default()
    }

    pub(crate) fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|one| one == capability)
    }

    /// Whether a URL answers Twilio at all.
    pub(crate) fn reaches(&self, url: &str) -> bool {
        !self.unreachable.iter().any(|beginning| url.starts_with(beginning.as_str()))
    }
}
