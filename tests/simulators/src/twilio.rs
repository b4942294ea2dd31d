//! Twilio as the providers' notes describe it: search, numbers held, accounts.
//!
//! Deterministic: time comes in with every call, ids and stock come from the seed. Nothing happens
//! here by itself: a purchase is done when it is answered. State is per account and reached only
//! with its own credentials, or with those of the account it is a subaccount of.
//!
//! Deliberately not here: creating subaccounts, moving numbers between accounts (`AccountSid` in a
//! form is passed over), messages, calls over the API, and answers in XML.

use std::collections::BTreeMap;

use exchange::{Method, Request, Response};
use serde_json::{Value, json};

mod account;
mod errors;
mod import;
mod number_list;
mod numbers;
mod options;
mod portal;
mod purchase;
mod search;
mod settings;
mod signature;
mod stock;
pub(crate) mod twiml;

pub use account::{Account, AccountStatus, AccountType, KeyType, Released};
pub use numbers::{By, Former, Number};
pub use options::{AddressNeed, ForeignAccount, TwilioOptions, Unset};
pub use settings::{DEMO_SMS_URL, DEMO_VOICE_URL, Settings};
pub use signature::sign;

use account::Credential;
use stock::Kind;

use crate::faults::Script;
use crate::gate::{Gate, LogEntry};
use crate::ids::Ids;
use crate::reply::{Provider, Reply};
use crate::wire::Wire;

/// One request on its way through a handler.
pub(crate) struct Ask<'a> {
    pub(crate) now_ms: i64,
    pub(crate) wire: &'a Wire<'a>,
    pub(crate) script: &'a Script,
    /// Which account the path names.
    pub(crate) account: usize,
    /// What the request was authenticated with.
    pub(crate) credential: Credential,
}

/// Who has a number, or had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Bought by an account; the serial is the number's place there.
    Account { account: usize, serial: u64 },
    /// Somebody outside.
    Elsewhere,
    /// Nobody: it was given back, and is not for sale yet.
    Resting { until_ms: i64 },
}

/// The Twilio simulator.
#[derive(Debug)]
pub struct TwilioSim {
    /// The switches.
    pub options: TwilioOptions,
    seed: u64,
    pub(crate) ids: Ids,
    accounts: Vec<Account>,
    holders: BTreeMap<String, Holder>,
    /// Places of the numbers held, by their ids.
    places: BTreeMap<String, u64>,
    /// Numbers ever held.
    serial: u64,
    /// Searches that showed another part of the stock.
    searches: u64,
    pub(crate) gate: Gate,
}

impl TwilioSim {
    /// An empty Twilio. Accounts come with [`TwilioSim::add_account`].
    #[must_use]
    pub fn new(options: TwilioOptions, seed: u64) -> Self {
        Self {
            options,
            seed,
            ids: Ids::new(seed ^ 0x5457_494c),
            accounts: Vec::new(),
            holders: BTreeMap::new(),
            places: BTreeMap::new(),
            serial: 0,
            searches: 0,
            gate: Gate::new(Provider::Twilio),
        }
    }

    /// Answers one request.
    pub fn handle(&mut self, now_ms: i64, request: &Request) -> Reply {
        let mut wire = Wire::read(request);
        // Without the version in front nothing is found, as at the real API.
        let versioned = wire.path.strip_prefix("/2010-04-01").filter(|rest| rest.starts_with('/'));
        wire.path = versioned.unwrap_or("/not-versioned.json");
        let json_path = wire.path.strip_suffix(".json");
        let segments: Vec<&str> =
            json_path.unwrap_or("").split('/').filter(|part| !part.is_empty()).collect();
        let template = template(&segments);
        let mut drawn = self.gate.draw(wire.method, wire.path, template);
        let mut effect_status = None;
        let reply = match drawn.before.take() {
            Some(fault) => self.gate.refuse(now_ms, fault, drawn.delay_ms(), errors::scripted),
            None => {
                let answer = if json_path.is_some() {
                    self.answer(now_ms, &wire, &segments, &drawn.script)
                } else {
                    Err(errors::not_json())
                };
                let response = answer.unwrap_or_else(|refusal| refusal);
                effect_status = Some(response.status);
                drawn.finish(response, errors::scripted)
            }
        };
        let statuses = (reply.status(), effect_status);
        let keep = self.options.log_entries_max;
        self.gate.record(now_ms, &wire, template, statuses, keep);
        reply
    }

    fn answer(
        &mut self,
        now_ms: i64,
        wire: &Wire<'_>,
        segments: &[&str],
        script: &Script,
    ) -> Result<Response, Response> {
        let Some((user, password)) = &wire.basic else {
            return Err(errors::unauthenticated());
        };
        let speaker = self.authenticate(user, password.reveal());
        let (speaker, credential) = speaker.ok_or_else(errors::unauthenticated)?;
        if let Some(limit) = self.options.rate_limit
            && self.gate.over_limit(now_ms, user, limit).is_some()
        {
            return Err(errors::scripted(429, None));
        }
        let ["Accounts", sid, rest @ ..] = segments else {
            return Err(errors::not_found(wire.path));
        };
        let account =
            self.reach(speaker, sid).ok_or_else(|| match self.options.foreign_account {
                ForeignAccount::Unauthorized => errors::unauthenticated(),
                ForeignAccount::NotFound => errors::not_found(wire.path),
            })?;
        let ask = Ask { now_ms, wire, script, account, credential };
        let stopped = self.accounts[account].status != AccountStatus::Active;
        if stopped && !(rest.is_empty() && self.options.suspended_reads_account) {
            return Err(errors::forbidden());
        }
        match (wire.method, rest) {
            (Method::Get, []) if self.may_read_account(credential) => Ok(self.get_account(&ask)),
            (Method::Get, []) => Err(errors::unauthenticated()),
            (Method::Get, ["Balance"]) => self.get_balance(&ask),
            (Method::Get, ["AvailablePhoneNumbers", country, class]) => {
                let kind = Kind::of(class).ok_or_else(|| errors::not_found(wire.path))?;
                self.search(&ask, country, kind)
            }
            (_, ["IncomingPhoneNumbers", rest @ ..]) => self.numbers_route(&ask, rest),
            (_, _) => Err(errors::not_found(wire.path)),
        }
    }

    const fn may_read_account(&self, credential: Credential) -> bool {
        match credential {
            Credential::Token | Credential::Key(KeyType::Main) => true,
            Credential::Key(KeyType::Standard) => self.options.standard_keys_read_account,
        }
    }

    fn numbers_route(&mut self, ask: &Ask<'_>, rest: &[&str]) -> Result<Response, Response> {
        let kind = rest.first().and_then(|segment| Kind::of(segment));
        match (ask.wire.method, rest, kind) {
            (Method::Get, [], None) | (Method::Get, [_], Some(_)) => self.list_numbers(ask, kind),
            (Method::Post, [], None) | (Method::Post, [_], Some(_)) => {
                self.create_number(ask, kind)
            }
            (Method::Get, [sid], None) => self.get_number(ask, sid),
            (Method::Post, [sid], None) => self.update_number(ask, sid),
            (Method::Delete, [sid], None) => self.delete_number(ask, sid),
            (_, _, _) => Err(errors::not_found(ask.wire.path)),
        }
    }

    /// The request log, oldest first. An entry's `key` is the account or key id of the
    /// authorization, its `path` has the id of the account that was meant.
    pub fn log(&self) -> impl Iterator<Item = &LogEntry> {
        self.gate.log.iter()
    }

    /// How often a method and path template (without `/2010-04-01`) were called.
    #[must_use]
    pub fn calls_counted(&self, method: &str, template: &str) -> u64 {
        let mut counts = self.gate.counts.iter();
        counts.find(|((m, t), _)| *m == method && *t == template).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn truth(&self) -> Value {
        let sid = |place: usize| self.accounts[place].sid.as_str();
        let accounts: Vec<Value> =
            self.accounts.iter().map(|account| account.truth(account.parent.map(sid))).collect();
        json!({ "accounts": accounts })
    }
}

/// The parameters of a form body.
fn form(ask: &Ask<'_>) -> Result<Vec<(String, String)>, Response> {
    ask.wire.form().map_err(|_| errors::bad_request("The form cannot be read"))
}

/// The path with its ids taken out.
fn template(segments: &[&str]) -> &'static str {
    match segments {
        ["Accounts", _] => "/Accounts/{id}.json",
        ["Accounts", _, "Balance"] => "/Accounts/{id}/Balance.json",
        ["Accounts", _, "AvailablePhoneNumbers", _, "Local"] => {
            "/Accounts/{id}/AvailablePhoneNumbers/{country}/Local.json"
        }
        ["Accounts", _, "AvailablePhoneNumbers", _, "TollFree"] => {
            "/Accounts/{id}/AvailablePhoneNumbers/{country}/TollFree.json"
        }
        ["Accounts", _, "AvailablePhoneNumbers", _, "Mobile"] => {
            "/Accounts/{id}/AvailablePhoneNumbers/{country}/Mobile.json"
        }
        ["Accounts", _, "IncomingPhoneNumbers"] => "/Accounts/{id}/IncomingPhoneNumbers.json",
        ["Accounts", _, "IncomingPhoneNumbers", "Local"] => {
            "/Accounts/{id}/IncomingPhoneNumbers/Local.json"
        }
        ["Accounts", _, "IncomingPhoneNumbers", "TollFree"] => {
            "/Accounts/{id}/IncomingPhoneNumbers/TollFree.json"
        }
        ["Accounts", _, "IncomingPhoneNumbers", "Mobile"] => {
            "/Accounts/{id}/IncomingPhoneNumbers/Mobile.json"
        }
        ["Accounts", _, "IncomingPhoneNumbers", _] => {
            "/Accounts/{id}/IncomingPhoneNumbers/{id}.json"
        }
        _ => "other",
    }
}
