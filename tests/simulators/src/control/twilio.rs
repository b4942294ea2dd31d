//! What people do in Twilio's console, over HTTP: accounts, keys, numbers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::people::{done, missing};
use super::{Answer, Refused, parse};
use crate::ids::is_sid;
use crate::providers::{Providers, STANDARD_TWILIO_SID};
use crate::twilio::{AccountStatus, AccountType, KeyType};

fn standard_sid() -> String {
    STANDARD_TWILIO_SID.to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    name: String,
    auth_token: String,
    /// Absent: drawn from the seed.
    #[serde(default)]
    sid: Option<String>,
    #[serde(default)]
    balance_cents: i64,
    #[serde(default, rename = "type")]
    kind: AccountType,
    /// The account it is a subaccount of.
    #[serde(default)]
    parent: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    #[serde(default = "standard_sid")]
    sid: String,
    #[serde(default)]
    balance_cents: Option<i64>,
    #[serde(default)]
    status: Option<AccountStatus>,
    #[serde(default, rename = "type")]
    kind: Option<AccountType>,
    #[serde(default)]
    auth_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    #[serde(default = "standard_sid")]
    sid: String,
    key: String,
    secret: String,
    #[serde(default, rename = "type")]
    kind: KeyType,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldKey {
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purchase {
    #[serde(default = "standard_sid")]
    sid: String,
    number: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sale {
    number: String,
}

/// How a number leaves its account.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Fate {
    Released,
    PortedOut,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NumberChange {
    number: String,
    #[serde(default)]
    settings: BTreeMap<String, String>,
    #[serde(default)]
    fate: Option<Fate>,
}

impl Providers {
    pub(super) fn people_at_twilio(
        &mut self,
        now_ms: i64,
        method: &str,
        rest: &str,
        body: &[u8],
    ) -> Answer {
        match (method, rest) {
            ("POST", "accounts") => self.new_twilio_account(now_ms, &parse(body)?),
            ("POST", "account") => self.change_twilio_account(&parse(body)?),
            ("POST", "keys") => {
                let new: NewKey = parse(body)?;
                if !is_sid(&new.key, "SK") {
                    return Err(Refused(400, "key must be SK and 32 digits".to_owned()));
                }
                let added = self.twilio.add_key(&new.sid, &new.key, &new.secret, new.kind);
                done(added, "account")
            }
            ("DELETE", "keys") => done(self.twilio.revoke_key(&parse::<OldKey>(body)?.key), "key"),
            ("POST", "buy") => self.buy_at_twilio(now_ms, &parse(body)?),
            ("POST", "sell") => {
                let number = parse::<Sale>(body)?.number;
                done(self.twilio.sell_elsewhere(now_ms, &number), "number for sale")
            }
            ("POST", "number") => self.change_twilio_number(now_ms, &parse(body)?),
            _ => Err(Refused(404, format!("no control endpoint {method} /_sim/twilio/{rest}"))),
        }
    }

    fn new_twilio_account(&mut self, now_ms: i64, new: &NewAccount) -> Answer {
        let sid = new.sid.clone().unwrap_or_else(|| self.twilio.ids.sid("AC"));
        if !is_sid(&sid, "AC") || self.twilio.account(&sid).is_some() {
            return Err(Refused(400, "sid must be new, AC and 32 digits".to_owned()));
        }
        if new.parent.as_deref().is_some_and(|parent| self.twilio.account(parent).is_none()) {
            return Err(missing("no such parent"));
        }
        let (name, token) = (&new.name, &new.auth_token);
        self.twilio.add_account(now_ms, &sid, name, token, new.balance_cents);
        if let Some(parent) = &new.parent {
            self.twilio.set_parent(&sid, parent);
        }
        if let Some(account) = self.twilio.account_mut(&sid) {
            account.kind = new.kind;
        }
        Ok(json!({ "sid": sid }))
    }

    fn change_twilio_account(&mut self, change: &AccountChange) -> Answer {
        if let Some(token) = &change.auth_token {
            self.twilio.set_token(&change.sid, token);
        }
        let account = self.twilio.account_mut(&change.sid);
        let account = account.ok_or_else(|| missing("no such account"))?;
        account.balance_cents = change.balance_cents.unwrap_or(account.balance_cents);
        account.status = change.status.unwrap_or(account.status);
        account.kind = change.kind.unwrap_or(account.kind);
        Ok(json!({ "ok": true }))
    }

    /// A number another carrier has cannot be had here.
    fn buy_at_twilio(&mut self, now_ms: i64, buy: &Purchase) -> Answer {
        let settings: Vec<(&str, &str)> = pairs(&buy.settings).collect();
        let free = self.telnyx.holding(&buy.number).is_none();
        let bought = free
            .then(|| self.twilio.buy_outside(now_ms, &buy.sid, &buy.number, &settings))
            .flatten();
        let sid = bought.ok_or_else(|| Refused(409, "not to be had".to_owned()))?;
        Ok(json!({ "sid": sid }))
    }

    fn change_twilio_number(&mut self, now_ms: i64, change: &NumberChange) -> Answer {
        let number = change.number.as_str();
        self.twilio
            .change_outside(now_ms, number, pairs(&change.settings))
            .map_err(|wrong| Refused(404, format!("no such {wrong}, or not with this value")))?;
        done(
            match change.fate {
                None => true,
                Some(Fate::Released) => self.twilio.release_outside(now_ms, number),
                Some(Fate::PortedOut) => self.twilio.port_out(now_ms, number),
            },
            "number",
        )
    }
}

fn pairs(settings: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::ProvidersOptions;

    #[test]
    fn control_answers_name_no_secret() {
        let mut providers = Providers::standard(ProvidersOptions::default(), 1, 0);
        let body = br#"{ "name": "b", "auth_token": "tok3n", "balance_cents": 5 }"#;
        let made = providers.people_at_twilio(0, "POST", "accounts", body).unwrap();
        let truth = providers.truth(0);
        assert_eq!(truth["twilio"]["accounts"][1]["sid"], made["sid"]);
        assert!(
            !truth.to_string().contains("tok3n") && !format!("{providers:?}").contains("tok3n")
        );
    }
}
