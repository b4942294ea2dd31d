//! What people do in dashboards and portals, over HTTP: accounts, keys, numbers, documents.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Refused, parse};
use crate::faults::DigitsPlan;
use crate::providers::{Providers, STANDARD_TELNYX_KEY};
use crate::telnyx::NumberStatus;
use crate::vapi::CredentialAccess;

fn standard_key() -> String {
    STANDARD_TELNYX_KEY.to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOrg {
    name: String,
    key: String,
    #[serde(default)]
    payment_method: Option<bool>,
    #[serde(default)]
    server: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    name: String,
    key: String,
    #[serde(default)]
    balance_cents: i64,
    #[serde(default)]
    webhook_url: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewKey {
    /// A key of the same organization or account.
    of: String,
    key: String,
    #[serde(default)]
    credential_access: Option<CredentialAccess>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldKey {
    key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCredential {
    vapi_key: String,
    telnyx_key: String,
    name: String,
    /// Absent: VAPI makes an application of its own.
    #[serde(default)]
    application_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    #[serde(default = "standard_key")]
    key: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    balance_cents: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Purchase {
    #[serde(default = "standard_key")]
    key: String,
    number: String,
    #[serde(default)]
    connection_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TelnyxNumberChange {
    number: String,
    #[serde(default)]
    status: Option<NumberStatus>,
    #[serde(default)]
    deletion_locked: Option<bool>,
    /// An empty text takes the application away.
    #[serde(default)]
    connection_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Documents {
    order_id: String,
    approved: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApplicationChange {
    id: String,
    active: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VapiNumberChange {
    id: String,
    #[serde(default)]
    digits: Option<DigitsPlan>,
    #[serde(default)]
    blocked: Option<bool>,
}

impl Providers {
    pub(super) fn people(&mut self, now_ms: i64, method: &str, rest: &str, body: &[u8]) -> Answer {
        if let Some(rest) = rest.strip_prefix("twilio/") {
            return self.people_at_twilio(now_ms, method, rest, body);
        }
        match (method, rest) {
            ("POST", "vapi/orgs") => self.new_org(parse(body)?),
            ("POST", "vapi/keys") => {
                let new: NewKey = parse(body)?;
                let org = self.vapi.org(&new.of).map(|org| org.id.clone());
                let org = org.ok_or_else(|| missing("no organization has that key"))?;
                done(self.vapi.add_key(&org, &new.key, new.credential_access), "organization")
            }
            ("DELETE", "vapi/keys") => {
                done(self.vapi.revoke_key(&parse::<OldKey>(body)?.key), "key")
            }
            ("POST", "vapi/number") => self.change_vapi_number(&parse(body)?),
            ("POST", "credentials") => self.new_credential(now_ms, &parse(body)?),
            ("POST", "telnyx/accounts") => {
                let new: NewAccount = parse(body)?;
                self.telnyx.add_account(&new.name, &new.key, new.balance_cents);
                self.telnyx.set_webhook_url(&new.key, new.webhook_url.as_deref());
                self.public_key(&new.key)
            }
            ("POST", "telnyx/keys") => {
                let new: NewKey = parse(body)?;
                done(self.telnyx.add_key(&new.of, &new.key), "account")
            }
            ("DELETE", "telnyx/keys") => {
                done(self.telnyx.revoke_key(&parse::<OldKey>(body)?.key), "key")
            }
            ("GET", "telnyx/public_key") => self.public_key(STANDARD_TELNYX_KEY),
            ("POST", "telnyx/public_key") => self.public_key(&parse::<OldKey>(body)?.key),
            ("POST", "telnyx/webhook_url" | "telnyx/account") => self.change_account(&parse(body)?),
            ("POST", "telnyx/buy") => {
                let buy: Purchase = parse(body)?;
                let connection = buy.connection_id.as_deref();
                let id = self.telnyx.buy_outside(now_ms, &buy.key, &buy.number, connection);
                let id = id.ok_or_else(|| Refused(409, "not to be had".to_owned()))?;
                Ok(json!({ "id": id.to_string() }))
            }
            ("POST", "telnyx/sell") => {
                let sold: Purchase = parse(body)?;
                done(self.telnyx.sell_elsewhere(&sold.number), "number for sale")
            }
            ("POST", "telnyx/number") => self.change_telnyx_number(&parse(body)?),
            ("POST", "telnyx/documents") => {
                let documents: Documents = parse(body)?;
                let (order, approved) = (&documents.order_id, documents.approved);
                done(self.telnyx.decide_documents(now_ms, order, approved), "order")
            }
            ("POST", "telnyx/application") => {
                let change: ApplicationChange = parse(body)?;
                let id = change.id.parse().unwrap_or(0);
                done(self.telnyx.set_application_active(id, change.active), "application")
            }
            _ => Err(Refused(404, format!("no control endpoint {method} /_sim/{rest}"))),
        }
    }

    fn new_org(&mut self, new: NewOrg) -> Answer {
        let id = self.vapi.add_org(&new.name, &new.key);
        let org = self.vapi.org_mut(&new.key).ok_or_else(|| missing("no organization"))?;
        org.payment_method = new.payment_method.unwrap_or(true);
        org.server = new.server;
        Ok(json!({ "id": id }))
    }

    fn new_credential(&mut self, now_ms: i64, new: &NewCredential) -> Answer {
        let (vapi, telnyx) = (&new.vapi_key, &new.telnyx_key);
        let made = match new.application_id.as_deref() {
            Some(id) => self
                .add_credential_with(now_ms, vapi, telnyx, &new.name, Some(id))
                .map(|credential| (credential, id.to_owned())),
            None => self
                .add_credential(now_ms, vapi, telnyx, &new.name)
                .map(|(credential, id)| (credential, id.to_string())),
        };
        let (id, application) = made.ok_or_else(|| missing("one of the keys is unknown"))?;
        Ok(json!({ "id": id, "application_id": application }))
    }

    fn change_account(&mut self, change: &AccountChange) -> Answer {
        let place = self.telnyx.account_place(&change.key);
        let place = place.ok_or_else(|| missing("no account has that key"))?;
        if change.url.is_some() {
            self.telnyx.set_webhook_url(&change.key, change.url.as_deref());
        }
        if let Some(cents) = change.balance_cents {
            self.telnyx.accounts[place].balance_cents = cents;
        }
        self.public_key(&change.key)
    }

    fn public_key(&self, key: &str) -> Answer {
        let account = self.telnyx.account(key).ok_or_else(|| missing("no account has that key"))?;
        Ok(json!({ "account": account.name, "public_key": account.public_key() }))
    }

    fn change_telnyx_number(&mut self, change: &TelnyxNumberChange) -> Answer {
        let number = change.number.as_str();
        let mut found = self.telnyx.holding(number).is_some();
        if let Some(status) = change.status {
            found &= self.telnyx.set_number_status(number, status);
        }
        if let Some(locked) = change.deletion_locked {
            found &= self.telnyx.set_deletion_lock(number, locked);
        }
        if let Some(id) = change.connection_id.as_deref() {
            found &= self.telnyx.route_outside(number, Some(id).filter(|id| !id.is_empty()));
        }
        done(found, "number")
    }

    fn change_vapi_number(&mut self, change: &VapiNumberChange) -> Answer {
        let digits = change.digits.map(|plan| self.vapi.set_digits(&change.id, plan));
        let blocked = change.blocked.map(|blocked| self.vapi.set_blocked(&change.id, blocked));
        done(digits.unwrap_or(true) && blocked.unwrap_or(true), "number")
    }
}

pub(super) fn missing(reason: &str) -> Refused {
    Refused(404, reason.to_owned())
}

pub(super) fn done(found: bool, what: &str) -> Answer {
    if found { Ok(json!({ "ok": true })) } else { Err(Refused(404, format!("no such {what}"))) }
}
