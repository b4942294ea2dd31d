//! VAPI as the providers' notes describe it: assistants, phone numbers, credentials, calls.
//!
//! Deterministic: time comes in with every call, ids come from the seed. State is per
//! organization and reached only through one of its keys.

use std::collections::BTreeMap;

use exchange::{Method, Request, Response};
use serde_json::{Value, json};

mod assistants;
mod calls;
mod credentials;
mod errors;
mod held;
mod known;
mod list;
mod number_change;
mod number_create;
mod number_read;
mod options;
mod org;
mod twilio;
mod validate;

pub use assistants::Assistant;
pub use calls::Call;
pub(crate) use calls::{CallEnd, NewCall, target as server_target};
pub use credentials::Credential;
pub use held::Numbers;
pub use number_read::{Link, NumberKind, PhoneNumber};
pub use options::{
    CredentialAccess, DoubleImport, ImportRouting, Masking, ProviderInPatch, Unknown, Unlink,
    VapiOptions,
};
pub use org::Org;
pub(crate) use twilio::{TwilioAccess, TwilioImport};

use crate::faults::Script;
use crate::gate::{Gate, LogEntry};
use crate::ids::Ids;
use crate::outbox::Outbox;
use crate::reply::{Provider, Reply};
use crate::wire::Wire;

/// What VAPI needs of the carriers while it imports a number. Errors are the status the carrier
/// answered.
pub(crate) trait Carrier {
    /// Points an active number of the key's Telnyx account at an application.
    fn point_number(
        &mut self,
        now_ms: i64,
        key: &str,
        number: &str,
        application_id: Option<&str>,
        keep_former: bool,
    ) -> Result<(), u16>;

    /// Points a number of a Twilio account at VAPI.
    fn point_twilio(
        &mut self,
        now_ms: i64,
        access: &TwilioAccess,
        number: &str,
        import: TwilioImport,
    ) -> Result<(), u16>;
}

/// No carrier at all: every import finds the number unknown.
struct NoCarrier;

impl Carrier for NoCarrier {
    fn point_number(
        &mut self,
        _: i64,
        _: &str,
        _: &str,
        _: Option<&str>,
        _: bool,
    ) -> Result<(), u16> {
        Err(404)
    }

    fn point_twilio(
        &mut self,
        _: i64,
        _: &TwilioAccess,
        _: &str,
        _: TwilioImport,
    ) -> Result<(), u16> {
        Err(404)
    }
}

/// One request on its way through a handler.
pub(crate) struct Ask<'a> {
    pub(crate) now_ms: i64,
    pub(crate) wire: &'a Wire<'a>,
    pub(crate) script: &'a Script,
    /// Which organization asks.
    pub(crate) org: usize,
}

/// The VAPI simulator.
#[derive(Debug)]
pub struct VapiSim {
    /// The switches.
    pub options: VapiOptions,
    pub(crate) ids: Ids,
    pub(crate) orgs: Vec<Org>,
    keys: BTreeMap<String, (usize, Option<CredentialAccess>)>,
    pub(crate) gate: Gate,
    pub(crate) outbox: Outbox,
    digits_given: u64,
}

impl VapiSim {
    /// An empty VAPI. Organizations come with [`VapiSim::add_org`].
    #[must_use]
    pub fn new(options: VapiOptions, seed: u64) -> Self {
        Self {
            options,
            ids: Ids::new(seed ^ 0x5641_5049),
            orgs: Vec::new(),
            keys: BTreeMap::new(),
            gate: Gate::new(Provider::Vapi),
            outbox: Outbox::default(),
            digits_given: 0,
        }
    }

    /// Answers one request, with no carrier behind it: imports are refused.
    pub fn handle(&mut self, now_ms: i64, request: &Request) -> Reply {
        self.handle_with(now_ms, request, &mut NoCarrier)
    }

    pub(crate) fn handle_with(
        &mut self,
        now_ms: i64,
        request: &Request,
        carrier: &mut dyn Carrier,
    ) -> Reply {
        let wire = Wire::read(request);
        let segments: Vec<&str> = wire.path.split('/').filter(|part| !part.is_empty()).collect();
        let template = template(&segments);
        let mut drawn = self.gate.draw(wire.method, wire.path, template);
        let mut effect_status = None;
        let reply = match drawn.before.take() {
            Some(fault) => self.gate.refuse(now_ms, fault, drawn.delay_ms(), errors::scripted),
            None => {
                let response = self.answer(now_ms, &wire, &segments, &drawn.script, carrier);
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
        carrier: &mut dyn Carrier,
    ) -> Response {
        if self.options.user_agent_required && !wire.user_agent {
            return crate::reply::raw(403, "text/plain", b"error code: 1010".to_vec());
        }
        let Some(&(org, access)) = self.keys.get(wire.key) else {
            return errors::unauthorized();
        };
        if let Some(limit) = self.options.rate_limit
            && let Some(seconds) = self.gate.over_limit(now_ms, wire.key, limit)
        {
            let mut response = errors::scripted(429, None);
            let reset = self.gate.reset_value(now_ms, seconds);
            response.headers.insert("x-ratelimit-reset".to_owned(), reset);
            return response;
        }
        let ask = Ask { now_ms, wire, script, org };
        let result = match (wire.method, segments) {
            (Method::Post, ["phone-number"]) => self.create_number(&ask, carrier),
            (Method::Get, ["phone-number"]) => self.list_numbers(&ask),
            (Method::Get, ["v2", "phone-number"]) => self.search_numbers(&ask),
            (Method::Get, ["phone-number", id]) => self.get_number(&ask, id),
            (Method::Patch, ["phone-number", id]) => self.patch_number(&ask, id),
            (Method::Delete, ["phone-number", id]) => self.delete_number(&ask, id),
            (Method::Post, ["assistant"]) => self.create_assistant(&ask),
            (Method::Get, ["assistant"]) => self.list_assistants(&ask),
            (Method::Get, ["assistant", id]) => self.get_assistant(&ask, id),
            (Method::Patch, ["assistant", id]) => self.patch_assistant(&ask, id),
            (Method::Delete, ["assistant", id]) => self.delete_assistant(&ask, id),
            (Method::Get, ["credential"]) => self.list_credentials(&ask, access),
            (Method::Get, ["credential", id]) => self.get_credential(&ask, access, id),
            (Method::Get, ["call"]) => self.list_calls(&ask),
            (Method::Get, ["call", id]) => self.get_call(&ask, id),
            (method, _) => Err(errors::no_route(method.as_str(), wire.path)),
        };
        result.unwrap_or_else(|refusal| refusal)
    }

    /// The organization a key belongs to.
    #[must_use]
    pub fn org(&self, key: &str) -> Option<&Org> {
        self.keys.get(key).and_then(|(org, _)| self.orgs.get(*org))
    }

    pub(crate) fn org_mut(&mut self, key: &str) -> Option<&mut Org> {
        let (org, _) = *self.keys.get(key)?;
        self.orgs.get_mut(org)
    }

    /// All organizations.
    #[must_use]
    pub fn orgs(&self) -> &[Org] {
        &self.orgs
    }

    /// Adds an organization with its first key; gives its id.
    pub fn add_org(&mut self, name: &str, key: &str) -> String {
        let org = Org::new(self.ids.uuid(), name);
        let id = org.id.clone();
        self.keys.insert(key.to_owned(), (self.orgs.len(), None));
        self.orgs.push(org);
        id
    }

    /// Adds another key to an organization, perhaps one that may not read credentials.
    pub fn add_key(&mut self, org_id: &str, key: &str, access: Option<CredentialAccess>) -> bool {
        let place = self.orgs.iter().position(|org| org.id == org_id);
        place.is_some_and(|org| {
            self.keys.insert(key.to_owned(), (org, access));
            true
        })
    }

    /// Takes a key away, as a person rotating keys does.
    pub fn revoke_key(&mut self, key: &str) -> bool {
        self.keys.remove(key).is_some()
    }

    /// The request log, oldest first.
    pub fn log(&self) -> impl Iterator<Item = &LogEntry> {
        self.gate.log.iter()
    }

    /// How often a method and path template were called.
    #[must_use]
    pub fn calls_counted(&self, method: &str, template: &str) -> u64 {
        let mut counts = self.gate.counts.iter();
        counts.find(|((m, t), _)| *m == method && *t == template).map_or(0, |(_, count)| *count)
    }

    pub(crate) fn truth(&self, now_ms: i64) -> Value {
        let orgs: Vec<Value> = self.orgs.iter().map(|org| org.truth(now_ms)).collect();
        json!({ "orgs": orgs })
    }
}

/// The path with its ids taken out.
fn template(segments: &[&str]) -> &'static str {
    match segments {
        ["phone-number"] => "/phone-number",
        ["phone-number", _] => "/phone-number/{id}",
        ["v2", "phone-number"] => "/v2/phone-number",
        ["assistant"] => "/assistant",
        ["assistant", _] => "/assistant/{id}",
        ["credential"] => "/credential",
        ["credential", _] => "/credential/{id}",
        ["call"] => "/call",
        ["call", _] => "/call/{id}",
        _ => "other",
    }
}
