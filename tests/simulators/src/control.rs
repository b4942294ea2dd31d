//! `/_sim/…`: the truth, faults and switches, for tests and people. Not part of any real API.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

mod people;
mod twilio;

use crate::faults::FaultScript;
use crate::gate::{Gate, LogEntry};
use crate::providers::{Providers, ProvidersOptions};

/// A control request that cannot be served: status and reason.
#[derive(Debug)]
pub(crate) struct Refused(pub(crate) u16, pub(crate) String);

pub(crate) type Answer = Result<Value, Refused>;

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<FaultScript>),
    One(FaultScript),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    #[serde(default)]
    seed: u64,
}

impl Providers {
    /// Serves a control request, all but `/_sim/call` and `/_sim/clock`: those need a network or a
    /// clock. Gives status and body.
    pub fn control(&mut self, now_ms: i64, method: &str, path: &str, body: &[u8]) -> (u16, Value) {
        self.telnyx.tick(now_ms);
        let rest = path.strip_prefix("/_sim/").unwrap_or(path);
        let answer = match (method, rest) {
            ("GET", "health") => Ok(json!({ "ok": true })),
            ("GET", "truth") => Ok(self.truth(now_ms)),
            ("GET", "faults") => Ok(json!(self.faults().collect::<Vec<_>>())),
            ("POST", "faults") => self.script(body),
            ("DELETE", "faults") => {
                self.clear_faults();
                Ok(json!([]))
            }
            ("GET", "options") => Ok(json!(self.options())),
            ("POST", "options") => self.change_options(body),
            ("POST", "reset") => parse(body).map(|Reset { seed }| {
                *self = Self::standard(self.options(), seed, now_ms);
                json!({ "ok": true })
            }),
            _ => self.people(now_ms, method, rest, body),
        };
        match answer {
            Ok(value) => (200, value),
            Err(Refused(status, reason)) => (status, json!({ "error": reason })),
        }
    }

    /// Everything: what is held and spent, links, routes, counts and logs.
    #[must_use]
    pub fn truth(&self, now_ms: i64) -> Value {
        let mut vapi = self.vapi.truth(now_ms);
        let mut telnyx = self.telnyx.truth();
        let mut twilio = self.twilio.truth();
        for (part, gate) in [
            (&mut vapi, &self.vapi.gate),
            (&mut telnyx, &self.telnyx.gate),
            (&mut twilio, &self.twilio.gate),
        ] {
            part["counts"] = counts(gate);
            part["log"] = json!(gate.log.iter().collect::<Vec<&LogEntry>>());
        }
        json!({
            "now_ms": now_ms, "vapi": vapi, "telnyx": telnyx, "twilio": twilio,
            "deliveries": self.deliveries,
        })
    }

    fn script(&mut self, body: &[u8]) -> Answer {
        let scripts = match parse(body)? {
            OneOrMany::Many(scripts) => scripts,
            OneOrMany::One(script) => vec![script],
        };
        for script in scripts {
            self.add_fault(script);
        }
        Ok(json!(self.faults().collect::<Vec<_>>()))
    }

    /// Changes the switches named in the body, whose shape is that of [`ProvidersOptions`].
    fn change_options(&mut self, body: &[u8]) -> Answer {
        let changes: Value = parse(body)?;
        self.merge_options(&changes).map_err(|reason| Refused(400, reason))?;
        Ok(json!(self.options()))
    }

    /// Changes only the switches named in `changes`.
    ///
    /// # Errors
    ///
    /// The reason, when a switch is unknown or its value does not fit; nothing is changed then.
    pub fn merge_options(&mut self, changes: &Value) -> Result<(), String> {
        let mut whole = json!(self.options());
        merge(&mut whole, changes);
        let options: ProvidersOptions =
            serde_json::from_value(whole).map_err(|error| error.to_string())?;
        self.set_options(options);
        Ok(())
    }
}

fn counts(gate: &Gate) -> Value {
    let entries = gate.counts.iter();
    let map: Map<String, Value> = entries
        .map(|((method, template), count)| (format!("{method} {template}"), json!(count)))
        .collect();
    Value::Object(map)
}

/// Lays `changes` over `whole`. A tagged value (`{"kind": …}`) replaces the former whole.
fn merge(whole: &mut Value, changes: &Value) {
    match (whole, changes) {
        (Value::Object(whole), Value::Object(changes)) if !changes.contains_key("kind") => {
            for (name, change) in changes {
                merge(whole.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (whole, changes) => *whole = changes.clone(),
    }
}

pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Refused(400, error.to_string()))
}
