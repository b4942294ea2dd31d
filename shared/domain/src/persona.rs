//! What a business may set of its assistant itself: an allow-list, so that nobody reaches our
//! keys, our webhook or somebody else's model through it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The longest call a business may allow, in seconds.
pub const DURATION_SECONDS_MAX: u64 = 3600;
/// The shortest call VAPI allows, in seconds.
const DURATION_SECONDS_MIN: u64 = 10;
/// Characters of a text that is spoken; VAPI's own limit for end-of-call texts.
const TEXT_LENGTH_MAX: usize = 1000;
/// Characters of everything together, as JSON.
const WHOLE_LENGTH_MAX: usize = 16 * 1024;
/// Phrases that end a call.
const PHRASES_MAX: usize = 20;
/// What VAPI takes as `firstMessageMode`.
const FIRST_MESSAGE_MODES: [&str; 3] = [
    "assistant-speaks-first",
    "assistant-speaks-first-with-model-generated-message",
    "assistant-waits-for-user",
];
const MODEL_FIELDS: [&str; 5] = ["provider", "model", "messages", "temperature", "maxTokens"];
const VOICE_FIELDS: [&str; 8] = [
    "provider",
    "voiceId",
    "model",
    "speed",
    "language",
    "version",
    "stability",
    "similarityBoost",
];
const TRANSCRIBER_FIELDS: [&str; 5] = ["provider", "model", "language", "languages", "smartFormat"];

/// Settings of an assistant that passed the allow-list, as VAPI takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Persona(Map<String, Value>);

/// Why settings are not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {expected}")]
pub struct NotAllowed {
    /// The field, from the top.
    pub field: String,
    /// What may stand there.
    pub expected: &'static str,
}

fn not_allowed(field: impl Into<String>, expected: &'static str) -> NotAllowed {
    NotAllowed { field: field.into(), expected }
}

impl Persona {
    /// The settings, for VAPI.
    #[must_use]
    pub const fn settings(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Checks settings against the allow-list.
    ///
    /// # Errors
    /// [`NotAllowed`] with the first field that is not on it, or has a value it cannot have.
    pub fn from_json(value: &Value) -> Result<Self, NotAllowed> {
        let Value::Object(fields) = value else {
            return Err(not_allowed("assistant", "an object is expected"));
        };
        if value.to_string().len() > WHOLE_LENGTH_MAX {
            return Err(not_allowed("assistant", "at most 16 KiB are allowed"));
        }
        for (name, value) in fields {
            field(name, value)?;
        }
        Ok(Self(fields.clone()))
    }
}

fn field(name: &str, value: &Value) -> Result<(), NotAllowed> {
    let path = || format!("assistant.{name}");
    match name {
        "firstMessage" | "endCallMessage" | "voicemailMessage" => {
            let fits = value.as_str().is_some_and(|text| text.chars().count() <= TEXT_LENGTH_MAX);
            fits.then_some(())
                .ok_or_else(|| not_allowed(path(), "a text of at most 1000 characters"))
        }
        "firstMessageMode" => {
            let known = value.as_str().is_some_and(|text| FIRST_MESSAGE_MODES.contains(&text));
            known.then_some(()).ok_or_else(|| {
                let expected = "assistant-speaks-first, \
                                assistant-speaks-first-with-model-generated-message or \
                                assistant-waits-for-user";
                not_allowed(path(), expected)
            })
        }
        "endCallPhrases" => {
            let phrases = value.as_array().is_some_and(|all| {
                all.len() <= PHRASES_MAX
                    && all.iter().all(|phrase| {
                        phrase
                            .as_str()
                            .is_some_and(|text| (2..=140).contains(&text.chars().count()))
                    })
            });
            phrases
                .then_some(())
                .ok_or_else(|| not_allowed(path(), "at most 20 texts of 2 to 140 characters"))
        }
        "maxDurationSeconds" => {
            let fits = value.as_u64().is_some_and(|seconds| {
                (DURATION_SECONDS_MIN..=DURATION_SECONDS_MAX).contains(&seconds)
            });
            fits.then_some(()).ok_or_else(|| not_allowed(path(), "10 to 3600"))
        }
        "model" => part(name, value, &MODEL_FIELDS, "custom-llm"),
        "voice" => part(name, value, &VOICE_FIELDS, "custom-voice"),
        "transcriber" => part(name, value, &TRANSCRIBER_FIELDS, "custom-transcriber"),
        _ => Err(not_allowed(path(), "this cannot be set")),
    }
}

/// A nested object with an allow-list of its own; providers that would call any address are out.
fn part(
    name: &str,
    value: &Value,
    allowed: &[&str],
    custom_provider: &str,
) -> Result<(), NotAllowed> {
    let Value::Object(fields) = value else {
        return Err(not_allowed(format!("assistant.{name}"), "an object is expected"));
    };
    if let Some(field) = fields.keys().find(|field| !allowed.contains(&field.as_str())) {
        return Err(not_allowed(format!("assistant.{name}.{field}"), "this cannot be set"));
    }
    match fields.get("provider") {
        Some(Value::String(provider)) if !provider.eq_ignore_ascii_case(custom_provider) => Ok(()),
        Some(_) | None => {
            let expected = "one of VAPI's own providers is expected";
            Err(not_allowed(format!("assistant.{name}.provider"), expected))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_business_may_set_passes() {
        let settings = json!({
            "firstMessage": "Thanks for calling.",
            "firstMessageMode": "assistant-speaks-first",
            "model": { "provider": "openai", "model": "gpt-4.1-mini", "messages": [], "temperature": 0.3 },
            "voice": { "provider": "vapi", "voiceId": "Elliot" },
            "transcriber": { "provider": "deepgram", "model": "nova-3", "language": "en" },
            "endCallPhrases": ["goodbye"],
            "maxDurationSeconds": 600,
        });
        let persona = Persona::from_json(&settings).unwrap();
        assert_eq!(Value::Object(persona.settings().clone()), settings);
    }

    #[test]
    fn what_is_ours_or_reaches_further_is_refused_by_name() {
        let refused = [
            (json!({ "server": { "url": "https://example.com" } }), "assistant.server"),
            (json!({ "metadata": {} }), "assistant.metadata"),
            (json!({ "credentialIds": [] }), "assistant.credentialIds"),
            (json!({ "name": "x" }), "assistant.name"),
            (json!({ "model": { "provider": "openai", "url": "x" } }), "assistant.model.url"),
            (json!({ "model": { "provider": "openai", "tools": [] } }), "assistant.model.tools"),
            (json!({ "model": { "provider": "custom-llm" } }), "assistant.model.provider"),
            (json!({ "voice": { "voiceId": "x" } }), "assistant.voice.provider"),
            (json!({ "transcriber": [] }), "assistant.transcriber"),
            (json!({ "firstMessage": 1 }), "assistant.firstMessage"),
            (json!({ "firstMessageMode": "sings" }), "assistant.firstMessageMode"),
            (json!({ "maxDurationSeconds": 5 }), "assistant.maxDurationSeconds"),
            (json!({ "endCallPhrases": ["x"] }), "assistant.endCallPhrases"),
            (json!([]), "assistant"),
        ];
        for (settings, field) in refused {
            assert_eq!(Persona::from_json(&settings).unwrap_err().field, field);
        }
        let long = json!({ "firstMessage": "x".repeat(1001) });
        assert_eq!(Persona::from_json(&long).unwrap_err().field, "assistant.firstMessage");
    }
}
