//! `/assistant`.

use exchange::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::errors::{error, not_found};
use super::known;
use super::list::ListQuery;
use super::validate::Check;
use super::{Ask, VapiSim};
use crate::{reply, stamp};

const FIRST_MESSAGE_MODES: [&str; 3] = [
    "assistant-speaks-first",
    "assistant-speaks-first-with-model-generated-message",
    "assistant-waits-for-user",
];

/// An assistant: its body as it came, and what VAPI adds.
#[derive(Debug, Clone)]
pub struct Assistant {
    /// UUID.
    pub id: String,
    /// UUID of its organization.
    pub org_id: String,
    /// What was sent.
    pub body: Map<String, Value>,
    /// Creation.
    pub created_ms: i64,
    /// Last change.
    pub updated_ms: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    org_id: &'a str,
    #[serde(flatten)]
    body: &'a Map<String, Value>,
    created_at: String,
    updated_at: String,
    latest_version: Option<&'a str>,
}

impl Assistant {
    fn view(&self) -> View<'_> {
        View {
            id: &self.id,
            org_id: &self.org_id,
            body: &self.body,
            created_at: stamp::millis(self.created_ms),
            updated_at: stamp::millis(self.updated_ms),
            latest_version: None,
        }
    }

    /// Whether this assistant wants a kind of server message; those named here are default.
    pub(crate) fn wants(&self, kind: &str) -> bool {
        match self.body.get("serverMessages").and_then(Value::as_array) {
            Some(list) => list.iter().any(|one| one.as_str() == Some(kind)),
            None => true,
        }
    }
}

impl VapiSim {
    pub(super) fn create_assistant(&mut self, ask: &Ask<'_>) -> Result<Response, Response> {
        let mut body = self.assistant_body(ask)?;
        body.retain(|_, value| !value.is_null());
        let assistant = Assistant {
            id: self.ids.uuid(),
            org_id: self.orgs[ask.org].id.clone(),
            body,
            created_ms: ask.now_ms,
            updated_ms: ask.now_ms,
        };
        let answer = reply::json(201, &assistant.view());
        let id = assistant.id.clone();
        self.orgs[ask.org].assistants.insert(&id, assistant);
        Ok(answer)
    }

    pub(super) fn list_assistants(&self, ask: &Ask<'_>) -> Result<Response, Response> {
        let query = ListQuery::read(ask.wire)?;
        let visible_ms = ask.now_ms - self.options.list_lag_ms;
        let views: Vec<View<'_>> = self.orgs[ask.org]
            .assistants
            .iter()
            .rev()
            .filter(|one| one.created_ms <= visible_ms)
            .filter(|one| query.takes(one.created_ms, one.updated_ms))
            .filter(|one| !ask.script.hides(&[one.body.get("name").and_then(Value::as_str)]))
            .take(query.limit)
            .map(Assistant::view)
            .collect();
        Ok(reply::json(200, &views))
    }

    pub(super) fn get_assistant(&self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let visible_ms = ask.now_ms - self.options.get_lag_ms;
        let found = self.orgs[ask.org].assistants.get(id);
        let assistant = found
            .filter(|one| one.created_ms <= visible_ms)
            .ok_or_else(|| not_found("assistant", id))?;
        Ok(reply::json(200, &assistant.view()))
    }

    pub(super) fn patch_assistant(
        &mut self,
        ask: &Ask<'_>,
        id: &str,
    ) -> Result<Response, Response> {
        if self.orgs[ask.org].assistants.get(id).is_none() {
            return Err(not_found("assistant", id));
        }
        let body = self.assistant_body(ask)?;
        let assistants = &mut self.orgs[ask.org].assistants;
        let assistant = assistants.get_mut(id).ok_or_else(|| not_found("assistant", id))?;
        for (name, value) in body {
            if value.is_null() {
                assistant.body.remove(&name);
            } else {
                assistant.body.insert(name, value);
            }
        }
        assistant.updated_ms = ask.now_ms;
        Ok(reply::json(200, &assistant.view()))
    }

    pub(super) fn delete_assistant(
        &mut self,
        ask: &Ask<'_>,
        id: &str,
    ) -> Result<Response, Response> {
        let org = &mut self.orgs[ask.org];
        if org.assistants.get(id).is_none() {
            return Err(not_found("assistant", id));
        }
        let linked = org.numbers.iter().any(|number| number.assistant_id() == Some(id));
        if linked && self.options.assistant_pinned {
            let message = "Assistant is still used by a phone number";
            let body = json!({ "error": "assistant_pinned", "message": message });
            return Err(reply::json(409, &body));
        }
        let assistant = org.assistants.remove(id).ok_or_else(|| not_found("assistant", id))?;
        Ok(reply::json(200, &assistant.view()))
    }

    fn assistant_body(&self, ask: &Ask<'_>) -> Result<Map<String, Value>, Response> {
        let body = ask.wire.object().map_err(|_| error(400, "Unexpected token in JSON"))?;
        let mut check = Check::new(&body, &self.options);
        check.known(&[known::ASSISTANT]);
        check.text("name", 40);
        check.text("firstMessage", 100_000);
        check.text("endCallMessage", 1_000);
        check.text("voicemailMessage", 1_000);
        check.one_of("firstMessageMode", &FIRST_MESSAGE_MODES);
        check.number("maxDurationSeconds", 10, 43_200);
        check.object("metadata");
        check.list("endCallPhrases");
        check.list("credentialIds");
        check.list("hooks");
        check.server();
        check.part("model", known::MODEL, known::MODELS);
        check.part("voice", known::VOICE, known::VOICES);
        check.part("transcriber", known::TRANSCRIBER, known::TRANSCRIBERS);
        for message in check.list("serverMessages").into_iter().flatten() {
            if !message.as_str().is_some_and(|text| known::SERVER_MESSAGES.contains(&text)) {
                check.problem("each value in serverMessages must be one of the known messages");
                break;
            }
        }
        check.finish()?;
        Ok(body)
    }
}
