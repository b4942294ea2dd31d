//! Who calls the API, and with what.

use provision::{Answer, Call};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A signed-in user.
#[derive(Debug, Clone)]
pub struct Person {
    claims: BTreeMap<String, String>,
}

impl Person {
    /// A user of a business.
    pub fn of(organization: &str, business: &str) -> Self {
        Self::nobody()
            .claiming("sub", &format!("user-of-{business}"))
            .claiming("token_use", "id")
            .claiming("custom:organization_id", organization)
            .claiming("custom:business_id", business)
            .claiming("cognito:groups", "[not-admin not-operators]")
    }

    /// An operator, of no business.
    pub fn operator() -> Self {
        Self::nobody()
            .claiming("sub", "operator")
            .claiming("token_use", "id")
            .claiming("cognito:groups", "[operators]")
    }

    /// Somebody without a token.
    pub fn nobody() -> Self {
        Self { claims: BTreeMap::new() }
    }

    /// With this claim.
    pub fn claiming(mut self, name: &str, value: &str) -> Self {
        self.claims.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Without this claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// A call: `"GET /api/phone/provision?wait=5"`, with a JSON body unless it is null.
    pub fn call(&self, line: &str, body: &Value) -> Call {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        Call {
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers: BTreeMap::new(),
            body: if body.is_null() { Vec::new() } else { body.to_string().into_bytes() },
            claims: self.claims.clone(),
        }
    }

    /// The usual call: a number for the business.
    pub fn asks(&self, body: Value) -> Call {
        self.call("POST /api/phone/provision", &body)
    }
}

/// The usual user.
pub fn harbor() -> Person {
    Person::of("org-1", "harbor")
}

/// A request of the business "Harbor Heating & Air" for numbers of these sources.
pub fn from_sources(sources: &[&str]) -> Value {
    json!({ "business_data": { "business_name": "Harbor Heating & Air" }, "sources": sources })
}

/// Short ways into an answer.
pub trait Shown {
    /// A text of the body; empty when it is not there.
    fn text(&self, name: &str) -> &str;
    /// The state it shows.
    fn state(&self) -> &str {
        self.text("state")
    }
    /// The id of the provisioning.
    fn id(&self) -> &str {
        self.text("provisioning_id")
    }
    /// The code of what stands in the way; empty when nothing does.
    fn problem(&self) -> &str;
    /// The events of the timeline, in order.
    fn events(&self) -> Vec<&str>;
    /// Why sources were passed over: `source: reason`.
    fn passed(&self) -> Vec<String>;
}

impl Shown for Answer {
    fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn problem(&self) -> &str {
        let inside = self.body.pointer("/problem/code").and_then(Value::as_str);
        let kind = self.text("type").strip_prefix("urn:dialtone:problem:");
        inside.or(kind).unwrap_or_default()
    }

    fn events(&self) -> Vec<&str> {
        let timeline = self.body["timeline"].as_array().unwrap();
        timeline.iter().map(|entry| entry["event"].as_str().unwrap()).collect()
    }

    fn passed(&self) -> Vec<String> {
        let timeline = self.body["timeline"].as_array().unwrap();
        let passed = timeline.iter().filter(|entry| entry["event"] == "source_passed");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        passed
            .map(|entry| format!("{}: {}", text(&entry["source"]), text(&entry["reason"])))
            .collect()
    }
}
