//! What VAPI's validation refuses. Problems are collected, as the real API lists them all.

use exchange::Response;
use serde_json::{Map, Value};

use super::errors::error;
use super::known::{self, Part};
use super::options::{Unknown, VapiOptions};
use crate::ids::is_uuid;

/// The problems found in one body.
#[derive(Debug)]
pub(super) struct Check<'a> {
    body: &'a Map<String, Value>,
    options: &'a VapiOptions,
    problems: Vec<String>,
}

impl<'a> Check<'a> {
    pub(super) const fn new(body: &'a Map<String, Value>, options: &'a VapiOptions) -> Self {
        Self { body, options, problems: Vec::new() }
    }

    /// The answer to a bad body, if it is one.
    pub(super) fn finish(self) -> Result<(), Response> {
        if self.problems.is_empty() { Ok(()) } else { Err(error(400, self.problems)) }
    }

    pub(super) fn problem(&mut self, text: impl Into<String>) {
        self.problems.push(text.into());
    }

    pub(super) fn known(&mut self, lists: &[&[&str]]) {
        if self.options.unknown == Unknown::Rejected {
            unknown_in(self.body, lists, "", &mut self.problems);
        }
    }

    /// A text of at most `max` characters.
    pub(super) fn text(&mut self, name: &str, max: usize) {
        match self.body.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.chars().count() <= max => {}
            Some(Value::String(_)) => {
                self.problem(format!("{name} must be shorter than or equal to {max} characters"))
            }
            Some(_) => self.problem(format!("{name} must be a string")),
        }
    }

    pub(super) fn uuid(&mut self, name: &str) {
        match self.body.get(name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if is_uuid(text) => {}
            Some(_) => self.problem(format!("{name} must be a UUID")),
        }
    }

    pub(super) fn one_of(&mut self, name: &str, values: &[&str]) {
        let good = match self.body.get(name) {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => values.contains(&text.as_str()),
            Some(_) => false,
        };
        if !good {
            let values = values.join(", ");
            self.problem(format!("{name} must be one of the following values: {values}"));
        }
    }

    pub(super) fn number(&mut self, name: &str, min: i64, max: i64) {
        let Some(value) = self.body.get(name).filter(|value| !value.is_null()) else {
            return;
        };
        match value.as_f64() {
            #[expect(clippy::cast_precision_loss, reason = "limits are small whole numbers")]
            Some(given) if (min as f64..=max as f64).contains(&given) => {}
            Some(_) => self.problem(format!("{name} must be between {min} and {max}")),
            None => self.problem(format!(
                "{name} must be a number conforming to the specified constraints"
            )),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Option<&'a Map<String, Value>> {
        match self.body.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Object(map)) => Some(map),
            Some(_) => {
                self.problem(format!("{name} must be an object"));
                None
            }
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Option<&'a Vec<Value>> {
        match self.body.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => Some(list),
            Some(_) => {
                self.problem(format!("{name} must be an array"));
                None
            }
        }
    }

    /// `server` has one shape wherever it stands.
    pub(super) fn server(&mut self) {
        let Some(server) = self.object("server") else {
            return;
        };
        let mut inner = Check::new(server, self.options);
        inner.text("url", 4_000);
        inner.uuid("credentialId");
        inner.number("timeoutSeconds", 1, 300);
        inner.object("headers");
        let problems = std::mem::take(&mut inner.problems);
        self.problems.extend(problems.into_iter().map(|text| format!("server.{text}")));
        if self.options.unknown == Unknown::Rejected {
            unknown_in(server, &[known::SERVER], "server.", &mut self.problems);
        }
    }

    pub(super) fn fallback_destination(&mut self) {
        let Some(destination) = self.object("fallbackDestination") else {
            return;
        };
        let (list, required) = match destination.get("type").and_then(Value::as_str) {
            Some("number") => (known::DESTINATION_NUMBER, "number"),
            Some("sip") => (known::DESTINATION_SIP, "sipUri"),
            _ => {
                self.problem("fallbackDestination.type must be one of: number, sip");
                return;
            }
        };
        if !destination.get(required).is_some_and(Value::is_string) {
            self.problem(format!("fallbackDestination.{required} must be a string"));
        }
        if self.options.unknown == Unknown::Rejected {
            unknown_in(destination, &[list], "fallbackDestination.", &mut self.problems);
        }
    }

    /// `model`, `voice` or `transcriber`: its provider decides what it may and must hold.
    pub(super) fn part(&mut self, name: &str, common: &[&str], parts: &[Part]) {
        let Some(part) = self.object(name) else {
            return;
        };
        let provider = part.get("provider").and_then(Value::as_str).unwrap_or("");
        let Some((_, more, required)) = parts.iter().find(|(given, _, _)| *given == provider)
        else {
            let names: Vec<&str> = parts.iter().map(|(given, _, _)| *given).collect();
            let names = names.join(", ");
            self.problem(format!("{name}.provider must be one of the following values: {names}"));
            return;
        };
        for missing in required.iter().filter(|wanted| !part.contains_key(**wanted)) {
            self.problem(format!("{name}.{missing} should not be null or undefined"));
        }
        if self.options.unknown_nested == Unknown::Rejected {
            unknown_in(part, &[common, more], &format!("{name}."), &mut self.problems);
        }
    }
}

fn unknown_in(
    body: &Map<String, Value>,
    lists: &[&[&str]],
    prefix: &str,
    problems: &mut Vec<String>,
) {
    for name in body.keys() {
        if !lists.iter().any(|list| list.contains(&name.as_str())) {
            problems.push(format!("{prefix}property {name} should not exist"));
        }
    }
}
