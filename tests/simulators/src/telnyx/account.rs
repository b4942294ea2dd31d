//! One Telnyx account and what it holds.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use ed25519_dalek::SigningKey;
use exchange::Response;
use serde_json::{Value, json};

use super::applications::Application;
use super::held::Numbers;
use super::numbers::Number;
use super::order::Order;
use super::reservations::Reservation;
use super::{Ask, TelnyxSim};
use crate::ids::{digest, mix};
use crate::reply;
use crate::table::Table;

/// An account: keys of other accounts reach nothing of it.
#[derive(Debug)]
pub struct Account {
    /// A name for people, unique.
    pub name: String,
    /// Money left.
    pub balance_cents: i64,
    /// Money gone, without what was paid back.
    pub spent_cents: i64,
    /// Numbers by id, oldest first.
    pub numbers: Numbers,
    /// Orders.
    pub orders: Table<Order>,
    /// Voice API applications by id.
    pub applications: BTreeMap<u64, Application>,
    /// Numbers a search has offered; only these can be ordered.
    pub(crate) offered: BTreeSet<String>,
    pub(crate) reservations: Table<Reservation>,
    /// Where number orders are reported.
    pub webhook_url: Option<String>,
    pub(crate) signing_key: SigningKey,
}

impl Account {
    /// The public key webhooks are checked with: base64 of its 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> String {
        let bytes = self.signing_key.verifying_key().to_bytes();
        base64::engine::general_purpose::STANDARD.encode(bytes)
    }

    pub(super) fn truth(&self) -> Value {
        let numbers: Vec<Value> = self.numbers.values().map(Number::truth).collect();
        let orders: Vec<Value> = self.orders.iter().map(Order::truth).collect();
        let applications: Vec<Value> = self.applications.values().map(Application::view).collect();
        json!({
            "name": self.name,
            "balance_cents": self.balance_cents,
            "spent_cents": self.spent_cents,
            "webhook_url": self.webhook_url,
            "public_key": self.public_key(),
            "numbers": numbers,
            "orders": orders,
            "applications": applications,
        })
    }
}

impl TelnyxSim {
    /// Adds an account with its first key and its balance.
    pub fn add_account(&mut self, name: &str, key: &str, balance_cents: i64) {
        let mut seed = [0_u8; 32];
        for (place, chunk) in (0_u64..).zip(seed.chunks_mut(8)) {
            chunk.copy_from_slice(&mix(self.seed ^ digest(name) ^ mix(place)).to_be_bytes());
        }
        self.keys.insert(key.to_owned(), self.accounts.len());
        self.accounts.push(Account {
            name: name.to_owned(),
            balance_cents,
            spent_cents: 0,
            numbers: Numbers::default(),
            orders: Table::default(),
            applications: BTreeMap::new(),
            offered: BTreeSet::new(),
            reservations: Table::default(),
            webhook_url: None,
            signing_key: SigningKey::from_bytes(&seed),
        });
    }

    /// Adds another key to the account of a key.
    pub fn add_key(&mut self, of_key: &str, key: &str) -> bool {
        let place = self.account_place(of_key);
        place.is_some_and(|place| {
            self.keys.insert(key.to_owned(), place);
            true
        })
    }

    /// Takes a key away.
    pub fn revoke_key(&mut self, key: &str) -> bool {
        self.keys.remove(key).is_some()
    }

    /// Says where the account's number orders are reported, as the portal does.
    pub fn set_webhook_url(&mut self, key: &str, url: Option<&str>) -> bool {
        let place = self.account_place(key);
        place.is_some_and(|place| {
            self.accounts[place].webhook_url = url.map(str::to_owned);
            true
        })
    }

    pub(super) fn charge(&mut self, account: usize, cents: i64) {
        let account = &mut self.accounts[account];
        account.balance_cents -= cents;
        account.spent_cents += cents;
    }

    pub(super) fn balance(&self, ask: &Ask<'_>) -> Response {
        let balance = decimal(self.accounts[ask.account].balance_cents);
        reply::json(
            200,
            &json!({ "data": {
                "record_type": "balance", "balance": balance, "currency": "USD",
                "credit_limit": "0.00", "available_credit": balance, "pending": "0.00",
            }}),
        )
    }
}

/// Cents as the decimal text of dollars.
pub(super) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.abs() / 100, cents.abs() % 100)
}
