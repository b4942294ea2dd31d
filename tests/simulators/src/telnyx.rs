//! Telnyx as the providers' notes describe it: search, orders, numbers, applications.
//!
//! Deterministic: time comes in with every call, ids and inventory come from the seed. What
//! happens by itself (an order settles) happens in [`TelnyxSim::tick`], which every call runs.

use std::collections::BTreeMap;

use exchange::{Method, Request, Response};
use serde_json::{Map, Value, json};

mod account;
mod applications;
mod errors;
mod held;
mod inventory;
mod number_change;
mod number_list;
mod numbers;
mod options;
mod order;
mod order_create;
mod orders;
mod page;
mod portal;
mod reservations;
mod search;
mod voice;
mod webhook;

pub use account::Account;
pub use applications::Application;
pub use held::Numbers;
pub use numbers::{Number, NumberStatus};
pub use options::{NoStock, NonDigits, Price, TakenError, TelnyxOptions};
pub use order::{Order, OrderLine, OrderStatus};
pub use webhook::sign;

use crate::faults::Script;
use crate::gate::{Gate, LogEntry};
use crate::ids::Ids;
use crate::outbox::Outbox;
use crate::reply::{Provider, Reply};
use crate::vapi::Unknown;
use crate::wire::Wire;

/// One request on its way through a handler.
pub(crate) struct Ask<'a> {
    pub(crate) now_ms: i64,
    pub(crate) wire: &'a Wire<'a>,
    pub(crate) script: &'a Script,
    /// Which account asks.
    pub(crate) account: usize,
}

/// Who has a number, or had it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Bought by an account; the id is the number's.
    Account(usize, u64),
    /// Ordered, not yet a number.
    Ordered(usize),
    /// Sold to somebody outside, or resting after its release.
    Elsewhere,
}

/// The Telnyx simulator.
#[derive(Debug)]
pub struct TelnyxSim {
    /// The switches.
    pub options: TelnyxOptions,
    seed: u64,
    pub(crate) ids: Ids,
    pub(crate) accounts: Vec<Account>,
    keys: BTreeMap<String, usize>,
    pub(crate) holders: BTreeMap<String, Holder>,
    /// Reserved numbers: by whom, until when.
    holds: BTreeMap<String, (usize, i64)>,
    last_tick_ms: i64,
    /// Orders that end by themselves, by time.
    due: BTreeMap<(i64, u64), (usize, String)>,
    due_pushed: u64,
    pub(crate) gate: Gate,
    pub(crate) outbox: Outbox,
}

impl TelnyxSim {
    /// An empty Telnyx. Accounts come with [`TelnyxSim::add_account`].
    #[must_use]
    pub fn new(options: TelnyxOptions, seed: u64) -> Self {
        Self {
            options,
            seed,
            ids: Ids::new(seed ^ 0x5445_4c4e),
            accounts: Vec::new(),
            keys: BTreeMap::new(),
            holders: BTreeMap::new(),
            holds: BTreeMap::new(),
            last_tick_ms: 0,
            due: BTreeMap::new(),
            due_pushed: 0,
            gate: Gate::new(Provider::Telnyx),
            outbox: Outbox::default(),
        }
    }

    /// Answers one request.
    pub fn handle(&mut self, now_ms: i64, request: &Request) -> Reply {
        self.tick(now_ms);
        let mut wire = Wire::read(request);
        // Without the version in front nothing is found, as at the real API.
        let versioned = wire.path.strip_prefix("/v2").filter(|rest| rest.starts_with('/'));
        wire.path = versioned.unwrap_or("/not-versioned");
        let segments: Vec<&str> = wire.path.split('/').filter(|part| !part.is_empty()).collect();
        let template = template(&segments);
        let mut drawn = self.gate.draw(wire.method, wire.path, template);
        let mut effect_status = None;
        let reply = match drawn.before.take() {
            Some(fault) => self.gate.refuse(now_ms, fault, drawn.delay_ms(), errors::scripted),
            None => {
                let response = self.answer(now_ms, &wire, &segments, &drawn.script);
                effect_status = Some(response.status);
                drawn.finish(response, errors::scripted)
            }
        };
        let statuses = (reply.status(), effect_status);
        let keep = self.options.log_entries_max;
        self.gate.record(now_ms, &wire, template, statuses, keep);
        let webhooks_first = matches!(self.options.webhooks, crate::WebhookMode::BeforeAnswer)
            && self.outbox.has_due(now_ms);
        Reply { webhooks_first, ..reply }
    }

    fn answer(
        &mut self,
        now_ms: i64,
        wire: &Wire<'_>,
        segments: &[&str],
        script: &Script,
    ) -> Response {
        let Some(&account) = self.keys.get(wire.key) else {
            return errors::unauthorized();
        };
        let limit = self.options.rate_limit;
        let over = limit.and_then(|limit| self.gate.over_limit(now_ms, wire.key, limit));
        if let Some(seconds) = over {
            let mut response = errors::scripted(429, None);
            rate_headers(&mut response, 0, seconds);
            return response;
        }
        let ask = Ask { now_ms, wire, script, account };
        let result = match segments.first().copied() {
            Some("phone_numbers") => self.numbers_route(&ask, &segments[1..]),
            Some("call_control_applications" | "connections") => {
                self.applications_route(&ask, segments)
            }
            Some("number_reservations") => self.reservations_route(&ask, &segments[1..]),
            _ => match (wire.method, segments) {
                (Method::Get, ["available_phone_numbers"]) => self.search(&ask),
                (Method::Post, ["number_orders"]) => self.create_order(&ask),
                (Method::Get, ["number_orders"]) => self.list_orders(&ask),
                (Method::Get, ["number_orders", id]) => self.get_order(&ask, id),
                (Method::Patch, ["number_orders", id]) => self.patch_order(&ask, id),
                (Method::Patch, ["sub_number_orders", id, "cancel"]) => self.cancel(&ask, id),
                (Method::Get, ["balance"]) => Ok(self.balance(&ask)),
                (_, _) => Err(errors::not_found()),
            },
        };
        let mut response = result.unwrap_or_else(|refusal| refusal);
        rate_headers(&mut response, 199, 1);
        response
    }

    fn numbers_route(&mut self, ask: &Ask<'_>, rest: &[&str]) -> Result<Response, Response> {
        match (ask.wire.method, rest) {
            (Method::Get, []) => self.list_numbers(ask, false),
            (Method::Get, ["slim"]) => self.list_numbers(ask, true),
            (Method::Get, [id]) => self.get_number(ask, id),
            (Method::Patch, [id]) => self.patch_number(ask, id),
            (Method::Delete, [id]) => self.delete_number(ask, id),
            (Method::Get, [id, "voice"]) => self.get_voice(ask, id),
            (Method::Patch, [id, "voice"]) => self.patch_voice(ask, id),
            (_, _) => Err(errors::not_found()),
        }
    }

    /// Lets everything happen that is due by now.
    pub fn tick(&mut self, now_ms: i64) {
        self.last_tick_ms = now_ms;
        while let Some(entry) = self.due.first_entry() {
            if entry.key().0 > now_ms {
                break;
            }
            let ((at_ms, _), (account, order)) = entry.remove_entry();
            self.settle(at_ms, account, &order);
        }
    }

    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        let settling = self.due.keys().next().map(|(at_ms, _)| *at_ms);
        settling.into_iter().chain(self.outbox.next_due_ms()).min()
    }

    pub(crate) fn schedule(&mut self, at_ms: i64, account: usize, order: &str) {
        self.due.insert((at_ms, self.due_pushed), (account, order.to_owned()));
        self.due_pushed += 1;
    }

    /// A body with no other properties than these.
    pub(crate) fn body(
        &self,
        ask: &Ask<'_>,
        known: &[&str],
    ) -> Result<Map<String, Value>, Response> {
        let body = ask
            .wire
            .object()
            .map_err(|_| errors::bad_request("The request body is not valid JSON.", "/"))?;
        self.check_known(&body, known, "")?;
        Ok(body)
    }

    pub(crate) fn check_known(
        &self,
        body: &Map<String, Value>,
        known: &[&str],
        place: &str,
    ) -> Result<(), Response> {
        let unknown = body.keys().find(|name| !known.contains(&name.as_str()));
        match unknown {
            Some(name) if self.options.unknown == Unknown::Rejected => Err(errors::bad_request(
                &format!("'{name}' is not a known parameter."),
                &format!("{place}/{name}"),
            )),
            Some(_) | None => Ok(()),
        }
    }

    /// The account a key belongs to.
    #[must_use]
    pub fn account(&self, key: &str) -> Option<&Account> {
        self.keys.get(key).and_then(|place| self.accounts.get(*place))
    }

    pub(crate) fn account_place(&self, key: &str) -> Option<usize> {
        self.keys.get(key).copied()
    }

    /// All accounts.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The request log, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &LogEntry> {
        self.gate.log.iter()
    }

    /// How often a method and path template (without `/v2`) were called.
    #[must_use]
    pub fn calls_counted(&self, method: &str, template: &str) -> u64 {
        let mut counts = self.gate.counts.iter();
        counts.find(|((m, t), _)| *m == method && *t == template).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn truth(&self) -> Value {
        let accounts: Vec<Value> = self.accounts.iter().map(Account::truth).collect();
        json!({ "accounts": accounts })
    }
}

fn rate_headers(response: &mut Response, remaining: u32, reset_seconds: u64) {
    let mut set = |name: &str, value: String| {
        response.headers.insert(name.to_owned(), value);
    };
    set("x-ratelimit-limit", "200".to_owned());
    set("x-ratelimit-remaining", remaining.to_string());
    set("x-ratelimit-reset", reset_seconds.to_string());
}

/// The path with its ids taken out.
fn template(segments: &[&str]) -> &'static str {
    match segments {
        ["available_phone_numbers"] => "/available_phone_numbers",
        ["number_orders"] => "/number_orders",
        ["number_orders", _] => "/number_orders/{id}",
        ["sub_number_orders", _, "cancel"] => "/sub_number_orders/{id}/cancel",
        ["phone_numbers"] => "/phone_numbers",
        ["phone_numbers", "slim"] => "/phone_numbers/slim",
        ["phone_numbers", _] => "/phone_numbers/{id}",
        ["phone_numbers", _, "voice"] => "/phone_numbers/{id}/voice",
        ["call_control_applications"] => "/call_control_applications",
        ["call_control_applications", _] => "/call_control_applications/{id}",
        ["connections"] => "/connections",
        ["connections", _] => "/connections/{id}",
        ["number_reservations"] => "/number_reservations",
        ["number_reservations", _] => "/number_reservations/{id}",
        ["balance"] => "/balance",
        _ => "other",
    }
}
