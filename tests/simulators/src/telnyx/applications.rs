//! Voice API applications, under both of their paths.

use exchange::{Method, Response};
use serde_json::{Map, Value, json};

use super::page::Page;
use super::{Ask, TelnyxSim, errors};
use crate::{reply, stamp};

const KNOWN: [&str; 15] = [
    "application_name",
    "webhook_event_url",
    "webhook_event_failover_url",
    "webhook_api_version",
    "webhook_timeout_secs",
    "active",
    "anchorsite_override",
    "call_cost_in_webhooks",
    "dtmf_type",
    "first_command_timeout",
    "first_command_timeout_secs",
    "inbound",
    "outbound",
    "redact_dtmf_debug_logging",
    "tags",
];

/// A Voice API application: where calls of a number go.
#[derive(Debug, Clone)]
pub struct Application {
    /// Numeric, 19 digits; the `connection_id` of numbers.
    pub id: u64,
    /// Name, not unique.
    pub name: String,
    /// Where call events go.
    pub webhook_event_url: String,
    /// An inactive application rejects calls.
    pub active: bool,
    rest: Map<String, Value>,
    created_ms: i64,
    updated_ms: i64,
}

impl Application {
    pub(super) fn view(&self) -> Value {
        let mut view = json!({
            "id": self.id.to_string(),
            "record_type": "call_control_application",
            "application_name": self.name,
            "webhook_event_url": self.webhook_event_url,
            "webhook_event_failover_url": "",
            "webhook_api_version": "1",
            "webhook_timeout_secs": null,
            "active": self.active,
            "anchorsite_override": "Latency",
            "dtmf_type": "RFC 2833",
            "first_command_timeout": false,
            "first_command_timeout_secs": 30,
            "call_cost_in_webhooks": false,
            "redact_dtmf_debug_logging": false,
            "inbound": { "channel_limit": null, "sip_subdomain": null },
            "outbound": { "channel_limit": null, "outbound_voice_profile_id": null },
            "tags": [],
            "created_at": stamp::millis(self.created_ms),
            "updated_at": stamp::millis(self.updated_ms),
        });
        for (name, value) in &self.rest {
            view[name] = value.clone();
        }
        view
    }

    fn connection_view(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "record_type": "call_control_application",
            "connection_name": self.name,
            "webhook_event_url": self.webhook_event_url,
            "webhook_event_failover_url": "",
            "webhook_api_version": self.version(),
            "active": self.active,
            "created_at": stamp::millis(self.created_ms),
            "updated_at": stamp::millis(self.updated_ms),
        })
    }

    /// Version "1" unless somebody said otherwise.
    fn version(&self) -> &str {
        self.rest.get("webhook_api_version").and_then(Value::as_str).unwrap_or("1")
    }

    fn change(&mut self, now_ms: i64, body: Map<String, Value>) {
        for (name, value) in body {
            match (name.as_str(), &value) {
                ("application_name", Value::String(text)) => self.name.clone_from(text),
                ("webhook_event_url", Value::String(text)) => {
                    self.webhook_event_url.clone_from(text);
                }
                ("active", Value::Bool(active)) => self.active = *active,
                (_, _) => {
                    self.rest.insert(name, value);
                }
            }
        }
        self.updated_ms = now_ms;
    }
}

impl TelnyxSim {
    pub(super) fn applications_route(
        &mut self,
        ask: &Ask<'_>,
        segments: &[&str],
    ) -> Result<Response, Response> {
        match (ask.wire.method, segments) {
            (Method::Get, ["call_control_applications"]) => {
                self.list_applications(ask, "application_name", Application::view)
            }
            (Method::Get, ["connections"]) => {
                self.list_applications(ask, "connection_name", Application::connection_view)
            }
            (Method::Post, ["call_control_applications"]) => self.create_application(ask),
            (method, [list, id]) => {
                let id = self.application_id(ask, id)?;
                let applications = &mut self.accounts[ask.account].applications;
                match (method, *list) {
                    (Method::Get, "connections") => {
                        let view = applications.get(&id).map(Application::connection_view);
                        Ok(reply::json(200, &json!({ "data": view })))
                    }
                    (Method::Get, _) => {
                        let view = applications.get(&id).map(Application::view);
                        Ok(reply::json(200, &json!({ "data": view })))
                    }
                    (Method::Patch, "call_control_applications") => self.patch_application(ask, id),
                    (Method::Delete, "call_control_applications") => {
                        // Numbers keep the id: it is then stale.
                        let gone = applications.remove(&id).map(|one| one.view());
                        Ok(reply::json(200, &json!({ "data": gone })))
                    }
                    (_, _) => Err(errors::not_found()),
                }
            }
            (_, _) => Err(errors::not_found()),
        }
    }

    fn application_id(&self, ask: &Ask<'_>, id: &str) -> Result<u64, Response> {
        let id = id.parse::<u64>().ok();
        id.filter(|id| self.accounts[ask.account].applications.contains_key(id))
            .ok_or_else(errors::not_found)
    }

    fn list_applications(
        &self,
        ask: &Ask<'_>,
        name: &str,
        view: impl Fn(&Application) -> Value,
    ) -> Result<Response, Response> {
        let page = Page::read(ask.wire, 250)?;
        let contains = ask.wire.query(&format!("filter[{name}][contains]")).unwrap_or("");
        let contains = contains.to_lowercase();
        let rows: Vec<&Application> = self.accounts[ask.account]
            .applications
            .values()
            .rev()
            .filter(|one| one.name.to_lowercase().contains(&contains))
            .filter(|one| !ask.script.hides(&[Some(&one.name), Some(&one.webhook_event_url)]))
            .collect();
        Ok(page.answer(&rows, |one| view(one)))
    }

    fn create_application(&mut self, ask: &Ask<'_>) -> Result<Response, Response> {
        let body = self.application_body(ask)?;
        let id = self.ids.numeric();
        let mut application = Application {
            id,
            name: String::new(),
            webhook_event_url: String::new(),
            active: true,
            rest: Map::new(),
            created_ms: ask.now_ms,
            updated_ms: ask.now_ms,
        };
        application.change(ask.now_ms, body);
        let view = application.view();
        self.accounts[ask.account].applications.insert(id, application);
        Ok(reply::json(201, &json!({ "data": view })))
    }

    /// Not partial in truth: name and URL are required here too.
    fn patch_application(&mut self, ask: &Ask<'_>, id: u64) -> Result<Response, Response> {
        let body = self.application_body(ask)?;
        let found = self.accounts[ask.account].applications.get_mut(&id);
        let application = found.ok_or_else(errors::not_found)?;
        application.change(ask.now_ms, body);
        Ok(reply::json(200, &json!({ "data": application.view() })))
    }

    fn application_body(&self, ask: &Ask<'_>) -> Result<Map<String, Value>, Response> {
        let body = self.body(ask, &KNOWN)?;
        for required in ["application_name", "webhook_event_url"] {
            let given = body.get(required).and_then(Value::as_str).unwrap_or("");
            if given.is_empty() {
                return Err(errors::missing(&format!("/{required}")));
            }
        }
        let version = body.get("webhook_api_version");
        if version.is_some_and(|text| *text != "1" && *text != "2") {
            return Err(errors::bad_request("must be \"1\" or \"2\"", "/webhook_api_version"));
        }
        Ok(body)
    }

    /// Makes an application as a person in the portal, or VAPI, would; gives its id.
    pub fn add_application(
        &mut self,
        now_ms: i64,
        key: &str,
        name: &str,
        url: &str,
    ) -> Option<u64> {
        let account = self.account_place(key)?;
        let id = self.ids.numeric();
        let application = Application {
            id,
            name: name.to_owned(),
            webhook_event_url: url.to_owned(),
            active: true,
            rest: Map::from_iter([("webhook_api_version".to_owned(), json!("2"))]),
            created_ms: now_ms,
            updated_ms: now_ms,
        };
        self.accounts[account].applications.insert(id, application);
        Some(id)
    }
}
