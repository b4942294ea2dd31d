//! One Twilio account: who may speak for it, what it holds, what it paid.

use std::collections::BTreeMap;

use exchange::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::numbers::Number;
use super::{Ask, TwilioSim, errors};
use crate::secret::Secret;
use crate::{reply, stamp};

/// Where an account stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// In use.
    #[default]
    Active,
    /// Stopped for a while: no calls, no API.
    Suspended,
    /// Ended.
    Closed,
}

/// What an account may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountType {
    /// Everything.
    #[default]
    Full,
    /// One number, and no features that cost more.
    Trial,
}

/// What an API key reaches (docs "API keys": types of keys).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyType {
    /// All but the account itself and its keys.
    #[default]
    Standard,
    /// All, like the auth token.
    Main,
}

/// What a request was authenticated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Credential {
    Token,
    Key(KeyType),
}

/// A number the account had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Released {
    /// Its id.
    pub sid: String,
    /// E.164.
    pub phone_number: String,
    /// Its name when it went.
    pub friendly_name: String,
    /// What it had cost.
    pub paid_cents: i64,
    /// When it went.
    pub at_ms: i64,
}

/// An account: credentials of other accounts reach nothing of it, but for its parent's.
#[derive(Debug)]
pub struct Account {
    /// `AC` and 32 hexadecimal digits.
    pub sid: String,
    /// A name for people.
    pub name: String,
    /// Where it stands.
    pub status: AccountStatus,
    /// What it may do.
    pub kind: AccountType,
    /// The account it is a subaccount of; that one pays.
    pub(crate) parent: Option<usize>,
    pub(crate) auth_token: Secret,
    pub(crate) keys: BTreeMap<String, (Secret, KeyType)>,
    /// Money left.
    pub balance_cents: i64,
    /// Money its purchases cost.
    pub spent_cents: i64,
    /// Purchases made, of numbers still held or not.
    pub purchases: u32,
    /// Numbers in the order they came.
    pub numbers: BTreeMap<u64, Number>,
    /// Numbers given back, oldest first.
    pub released: Vec<Released>,
    created_ms: i64,
}

impl Account {
    pub(super) fn truth(&self, parent: Option<&str>) -> Value {
        let numbers: Vec<Value> = self.numbers.values().map(Number::truth).collect();
        let keys: Vec<Value> =
            self.keys.iter().map(|(sid, (_, kind))| json!({ "sid": sid, "type": kind })).collect();
        json!({
            "sid": self.sid,
            "name": self.name,
            "status": self.status,
            "type": self.kind,
            "parent": parent,
            "keys": keys,
            "balance_cents": self.balance_cents,
            "spent_cents": self.spent_cents,
            "purchases": self.purchases,
            "numbers": numbers,
            "released": self.released,
        })
    }
}

impl TwilioSim {
    /// Adds an account with its auth token and its balance.
    pub fn add_account(
        &mut self,
        now_ms: i64,
        sid: &str,
        name: &str,
        auth_token: &str,
        balance_cents: i64,
    ) {
        self.accounts.push(Account {
            sid: sid.to_owned(),
            name: name.to_owned(),
            status: AccountStatus::Active,
            kind: AccountType::Full,
            parent: None,
            auth_token: Secret::new(auth_token),
            keys: BTreeMap::new(),
            balance_cents,
            spent_cents: 0,
            purchases: 0,
            numbers: BTreeMap::new(),
            released: Vec::new(),
            created_ms: now_ms,
        });
    }

    /// Makes an account a subaccount of another.
    pub fn set_parent(&mut self, sid: &str, parent_sid: &str) -> bool {
        let (account, parent) = (self.place(sid), self.place(parent_sid));
        let (Some(account), Some(parent)) = (account, parent.filter(|_| sid != parent_sid)) else {
            return false;
        };
        self.accounts[account].parent = Some(parent);
        true
    }

    /// Adds an API key to an account.
    pub fn add_key(&mut self, account_sid: &str, key: &str, secret: &str, kind: KeyType) -> bool {
        self.account_mut(account_sid).is_some_and(|account| {
            account.keys.insert(key.to_owned(), (Secret::new(secret), kind));
            true
        })
    }

    /// Takes an API key away from whatever account has it.
    pub fn revoke_key(&mut self, key: &str) -> bool {
        self.accounts.iter_mut().any(|account| account.keys.remove(key).is_some())
    }

    /// Gives an account another auth token; the former works no more.
    pub fn set_token(&mut self, account_sid: &str, auth_token: &str) -> bool {
        self.account_mut(account_sid).is_some_and(|account| {
            account.auth_token = Secret::new(auth_token);
            true
        })
    }

    /// An account by its id.
    #[must_use]
    pub fn account(&self, sid: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.sid == sid)
    }

    /// The same, to be changed.
    pub fn account_mut(&mut self, sid: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.sid == sid)
    }

    /// All accounts.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    fn place(&self, sid: &str) -> Option<usize> {
        self.accounts.iter().position(|account| account.sid == sid)
    }

    /// Who speaks, and with what.
    pub(super) fn authenticate(&self, user: &str, password: &str) -> Option<(usize, Credential)> {
        self.accounts.iter().enumerate().find_map(|(place, account)| {
            if account.sid == user {
                let good = account.auth_token.reveal() == password;
                return good.then_some((place, Credential::Token));
            }
            let (secret, kind) = account.keys.get(user)?;
            (secret.reveal() == password).then_some((place, Credential::Key(*kind)))
        })
    }

    /// The account a path names, if the speaker's account is that one or its parent.
    pub(super) fn reach(&self, speaker: usize, sid: &str) -> Option<usize> {
        let place = self.place(sid)?;
        let own = place == speaker || self.accounts[place].parent == Some(speaker);
        own.then_some(place)
    }

    /// The account that pays for another's purchases.
    pub(super) fn payer(&self, account: usize) -> usize {
        self.accounts[account].parent.unwrap_or(account)
    }

    pub(super) fn charge(&mut self, account: usize, cents: i64) {
        let payer = self.payer(account);
        self.accounts[payer].balance_cents -= cents;
        self.accounts[account].spent_cents += cents;
        self.accounts[account].purchases += 1;
    }

    pub(super) fn get_account(&self, ask: &Ask<'_>) -> Response {
        let account = &self.accounts[ask.account];
        let owner = &self.accounts[self.payer(ask.account)];
        // The token is shown to those who have one already; a key gets an empty text.
        let token = match ask.credential {
            Credential::Token => account.auth_token.reveal(),
            Credential::Key(_) => "",
        };
        let path = format!("/2010-04-01/Accounts/{}", account.sid);
        let created = stamp::rfc2822(account.created_ms);
        reply::json(
            200,
            &json!({
                "sid": account.sid,
                "friendly_name": account.name,
                "status": account.status,
                "type": account.kind,
                "auth_token": token,
                "owner_account_sid": owner.sid,
                "date_created": created,
                "date_updated": created,
                "uri": format!("{path}.json"),
                "subresource_uris": {
                    "available_phone_numbers": format!("{path}/AvailablePhoneNumbers.json"),
                    "balance": format!("{path}/Balance.json"),
                    "incoming_phone_numbers": format!("{path}/IncomingPhoneNumbers.json"),
                },
            }),
        )
    }

    /// A subaccount has no balance of its own.
    pub(super) fn get_balance(&self, ask: &Ask<'_>) -> Result<Response, Response> {
        let account = &self.accounts[ask.account];
        if account.parent.is_some() {
            return Err(errors::not_found(ask.wire.path));
        }
        let cents = account.balance_cents;
        let sign = if cents < 0 { "-" } else { "" };
        let cents = cents.unsigned_abs();
        let balance = format!("{sign}{}.{:02}", cents / 100, cents % 100);
        let body = json!({ "account_sid": account.sid, "balance": balance, "currency": "USD" });
        Ok(reply::json(200, &body))
    }
}
