//! Numbers an account holds: records, answers, changes, and how they go.

use exchange::Response;
use serde::Serialize;
use serde_json::{Value, json};

use super::account::Released;
use super::options::AddressNeed;
use super::settings::{Changes, Settings};
use super::{Ask, Holder, TwilioSim, errors};
use crate::numbering::{Class, classify};
use crate::{reply, stamp};

/// Former settings kept of one number. Beyond that the second oldest goes: the first and the
/// latest tell most.
const FORMER_MAX: usize = 16;

/// Who changed a number, or bought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A request to the API.
    Api,
    /// VAPI, importing.
    Vapi,
    /// A person in the console.
    Person,
}

/// Settings a number had, and who ended them when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The settings.
    pub settings: Settings,
    /// When they ended.
    pub until_ms: i64,
    /// Who ended them.
    pub changed_by: By,
}

/// A number an account holds.
#[derive(Debug, Clone)]
pub struct Number {
    /// `PN` and 32 hexadecimal digits.
    pub sid: String,
    /// E.164.
    pub phone_number: String,
    /// ISO country.
    pub country: &'static str,
    /// `local`, `toll_free`, `mobile`.
    pub kind: &'static str,
    /// What the purchase cost at once.
    pub paid_cents: i64,
    /// Who bought it.
    pub bought_by: By,
    /// What is set on it.
    pub settings: Settings,
    /// What was, oldest first.
    pub former: Vec<Former>,
    /// Purchase.
    pub created_ms: i64,
    updated_ms: i64,
}

impl Number {
    /// Changes settings; the former are kept if that made a difference.
    pub(super) fn change(&mut self, now_ms: i64, by: By, changes: &Changes) {
        let settings = self.settings.with(changes);
        if settings == self.settings {
            return;
        }
        if self.former.len() >= FORMER_MAX {
            self.former.remove(1);
        }
        let settings = std::mem::replace(&mut self.settings, settings);
        self.former.push(Former { settings, until_ms: now_ms, changed_by: by });
        self.updated_ms = now_ms;
    }

    pub(super) fn truth(&self) -> Value {
        let former: Vec<Value> = self
            .former
            .iter()
            .map(|one| {
                json!({ "until_ms": one.until_ms, "changed_by": one.changed_by,
                        "settings": one.settings.truth() })
            })
            .collect();
        json!({
            "sid": self.sid, "phone_number": self.phone_number, "type": self.kind,
            "paid_cents": self.paid_cents, "bought_by": self.bought_by,
            "settings": self.settings.truth(), "former": former, "created_at_ms": self.created_ms,
        })
    }
}

impl TwilioSim {
    /// The number of an account by its id, as far as it can be seen; gives its place.
    fn seen(&self, ask: &Ask<'_>, sid: &str) -> Result<u64, Response> {
        let newest_ms = ask.now_ms - self.options.get_lag_ms;
        let serial = self.places.get(sid).copied();
        serial
            .filter(|serial| {
                let number = self.accounts[ask.account].numbers.get(serial);
                number.is_some_and(|number| number.created_ms <= newest_ms)
            })
            .ok_or_else(|| errors::not_found(ask.wire.path))
    }

    pub(super) fn number_view(&self, account: usize, number: &Number) -> Value {
        let (account, options) = (&self.accounts[account].sid, &self.options);
        let mut view = number.settings.view(options.unset);
        let rest = json!({
            "sid": number.sid,
            "account_sid": account,
            "phone_number": number.phone_number,
            "type": number.kind,
            "origin": "twilio",
            "status": "in-use",
            "beta": false,
            "api_version": "2010-04-01",
            "voice_receive_mode": "voice",
            "emergency_status": "Inactive",
            "emergency_address_status": "unregistered",
            "address_requirements": need_word(options.address_need(number.country)),
            "capabilities": {
                "voice": options.can("voice"), "sms": options.can("sms"),
                "mms": options.can("mms"), "fax": options.can("fax"),
            },
            "date_created": stamp::rfc2822(number.created_ms),
            "date_updated": stamp::rfc2822(number.updated_ms),
            "uri": format!(
                "/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{}.json", number.sid
            ),
        });
        if let Value::Object(rest) = rest {
            view.extend(rest);
        }
        Value::Object(view)
    }

    pub(super) fn get_number(&self, ask: &Ask<'_>, sid: &str) -> Result<Response, Response> {
        let serial = self.seen(ask, sid)?;
        Ok(self.respond(ask, serial, 200))
    }

    pub(super) fn respond(&self, ask: &Ask<'_>, serial: u64, status: u16) -> Response {
        let number = self.accounts[ask.account].numbers.get(&serial).expect("was just found");
        reply::json(status, &self.number_view(ask.account, number))
    }

    pub(super) fn update_number(&mut self, ask: &Ask<'_>, sid: &str) -> Result<Response, Response> {
        let serial = self.seen(ask, sid)?;
        let changes = Changes::of_form(&super::form(ask)?)?;
        self.rewrite(ask, serial, &changes)?;
        Ok(self.respond(ask, serial, 200))
    }

    /// Lays changes over the settings of a number the account holds.
    pub(super) fn rewrite(
        &mut self,
        ask: &Ask<'_>,
        serial: u64,
        changes: &Changes,
    ) -> Result<(), Response> {
        let numbers = &mut self.accounts[ask.account].numbers;
        let number = numbers.get_mut(&serial).ok_or_else(|| errors::not_found(ask.wire.path))?;
        number.settings.with(changes).check()?;
        number.change(ask.now_ms, By::Api, changes);
        Ok(())
    }

    pub(super) fn delete_number(&mut self, ask: &Ask<'_>, sid: &str) -> Result<Response, Response> {
        let serial = self.seen(ask, sid)?;
        self.release(ask.now_ms, ask.account, serial);
        Ok(reply::raw(204, "application/json", Vec::new()))
    }

    /// The number leaves the account and rests; nobody gets it meanwhile.
    pub(super) fn release(&mut self, now_ms: i64, account: usize, serial: u64) {
        if let Some(number) = self.accounts[account].numbers.remove(&serial) {
            self.places.remove(&number.sid);
            let until_ms = now_ms + self.options.cooldown_ms;
            self.holders.insert(number.phone_number.clone(), Holder::Resting { until_ms });
            self.accounts[account].released.push(Released {
                sid: number.sid,
                phone_number: number.phone_number,
                friendly_name: number.settings.get("friendly_name").unwrap_or("").to_owned(),
                paid_cents: number.paid_cents,
                at_ms: now_ms,
            });
        }
    }

    /// A number the account now holds and has paid for, with these settings; gives its place.
    pub(super) fn new_number(
        &mut self,
        now_ms: i64,
        account: usize,
        phone_number: &str,
        by: By,
        changes: &Changes,
    ) -> u64 {
        let class = classify(phone_number).unwrap_or(Class { country: "US", kind: "local" });
        let paid_cents = self.options.price_cents(class.kind);
        self.charge(account, paid_cents);
        self.serial += 1;
        let mut changes = changes.clone();
        changes.or_set("friendly_name", &friendly(phone_number));
        let number = Number {
            sid: self.ids.sid("PN"),
            phone_number: phone_number.to_owned(),
            country: class.country,
            kind: class.kind,
            paid_cents,
            bought_by: by,
            settings: Settings::default().with(&changes),
            former: Vec::new(),
            created_ms: now_ms,
            updated_ms: now_ms,
        };
        self.places.insert(number.sid.clone(), self.serial);
        self.accounts[account].numbers.insert(self.serial, number);
        let holder = Holder::Account { account, serial: self.serial };
        self.holders.insert(phone_number.to_owned(), holder);
        self.serial
    }
}

/// `(415) 555-0123`; numbers of other countries as they are.
pub(super) fn friendly(number: &str) -> String {
    match number.strip_prefix("+1").map(|rest| (rest.get(..3), rest.get(3..6), rest.get(6..))) {
        Some((Some(area), Some(exchange), Some(line))) => format!("({area}) {exchange}-{line}"),
        Some(_) | None => number.to_owned(),
    }
}

pub(super) const fn need_word(need: AddressNeed) -> &'static str {
    match need {
        AddressNeed::None => "none",
        AddressNeed::Any => "any",
        AddressNeed::Local => "local",
        AddressNeed::Foreign => "foreign",
    }
}
