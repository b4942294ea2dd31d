//! What a business may set of its assistant itself: an allow-list, so that nobody reaches our
//! keys, our webhook or somebody else's model through it.
//!
//! Not on it, and so refused by name: `name`, `metadata`, `server`, `serverMessages`, `credentials`,
//! `credentialIds`, `hooks` and whatever VAPI adds later; within `model` its address, credentials,
//! tools and knowledge.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// The shortest call VAPI allows, in seconds (`maxDurationSeconds`).
const DURATION_SECONDS_MIN: u64 = 10;
/// Characters of a text that is spoken; VAPI's own limit for end-of-call texts.
const TEXT_LENGTH_MAX: usize = 1000;
/// Characters of everything together, as JSON.
const WHOLE_LENGTH_MAX: usize = 16 * 1024;
/// Phrases that end a call.
const PHRASES_MAX: usize = 20;
/// Messages that a model starts from.
const MESSAGES_MAX: usize = 20;
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
/// Who may have said a message; those of tools and functions would name some.
const ROLES: [&str; 3] = ["system", "assistant", "user"];

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
    pub expected: Cow<'static, str>,
}

fn not_allowed(field: impl Into<String>, expected: impl Into<Cow<'static, str>>) -> NotAllowed {
    NotAllowed { field: field.into(), expected: expected.into() }
}

/// How long the longest call is that a business may allow its assistant: a setting of the
/// deployment, between VAPI's default of ten minutes and VAPI's limit of twelve hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LongestCall(u64);

impl LongestCall {
    /// An hour, where nothing is set.
    pub const DEFAULT: Self = Self(3600);
    /// VAPI's default: how long a call lasts at most where nobody sets anything.
    pub const UNSET: Self = Self(600);
    /// VAPI's limit.
    const MAX: Self = Self(43_200);

    /// The setting, or `None` outside of 600 to 43200 seconds.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        (Self::UNSET..=Self::MAX).contains(&Self(seconds)).then_some(Self(seconds))
    }

    /// In seconds.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0
    }
}

impl Persona {
    /// Every setting there is. A body that has a value for each of them leaves nothing behind of
    /// what was set before.
    pub const FIELDS: [&str; 9] = [
        "firstMessage",
        "firstMessageMode",
        "model",
        "voice",
        "transcriber",
        "endCallMessage",
        "endCallPhrases",
        "voicemailMessage",
        "maxDurationSeconds",
    ];

    /// The settings, for VAPI.
    #[must_use]
    pub const fn settings(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The settings with some of them changed: what is named takes the place of what was there, and
    /// `null` sets it back to ours.
    ///
    /// # Errors
    /// [`NotAllowed`] with the first field that is not on the list, or has a value it cannot have.
    pub fn changed(&self, changes: &Value, longest_call: LongestCall) -> Result<Self, NotAllowed> {
        let Value::Object(changes) = changes else {
            return Err(not_allowed("assistant", "an object is expected"));
        };
        let mut fields = self.0.clone();
        for (name, value) in changes {
            if !Self::FIELDS.contains(&name.as_str()) {
                return Err(not_allowed(format!("assistant.{name}"), "this cannot be set"));
            }
            if value.is_null() {
                fields.remove(name);
            } else {
                fields.insert(name.clone(), value.clone());
            }
        }
        Self::from_json(&Value::Object(fields), longest_call)
    }

    /// Checks settings against the allow-list.
    ///
    /// # Errors
    /// [`NotAllowed`] with the first field that is not on it, or has a value it cannot have.
    pub fn from_json(value: &Value, longest_call: LongestCall) -> Result<Self, NotAllowed> {
        let Value::Object(fields) = value else {
            return Err(not_allowed("assistant", "an object is expected"));
        };
        if value.to_string().len() > WHOLE_LENGTH_MAX {
            return Err(not_allowed("assistant", "at most 16 KiB are allowed"));
        }
        for (name, value) in fields {
            field(name, value, longest_call)?;
        }
        Ok(Self(fields.clone()))
    }
}

fn field(name: &str, value: &Value, longest_call: LongestCall) -> Result<(), NotAllowed> {
    let path = || format!("assistant.{name}");
    let check = |good: bool, expected: &'static str| {
        good.then_some(()).ok_or_else(|| not_allowed(path(), expected))
    };
    match name {
        "firstMessage" | "endCallMessage" | "voicemailMessage" => {
            check(is_text(value, 0, TEXT_LENGTH_MAX), "a text of at most 1000 characters")
        }
        "firstMessageMode" => check(
            value.as_str().is_some_and(|text| FIRST_MESSAGE_MODES.contains(&text)),
            "assistant-speaks-first, assistant-speaks-first-with-model-generated-message or \
             assistant-waits-for-user",
        ),
        "endCallPhrases" => {
            let good = value.as_array().is_some_and(|all| {
                all.len() <= PHRASES_MAX && all.iter().all(|phrase| is_text(phrase, 2, 140))
            });
            check(good, "at most 20 texts of 2 to 140 characters")
        }
        "maxDurationSeconds" => {
            let longest = longest_call.seconds();
            let fits = value
                .as_u64()
                .is_some_and(|seconds| (DURATION_SECONDS_MIN..=longest).contains(&seconds));
            fits.then_some(())
                .ok_or_else(|| not_allowed(path(), format!("{DURATION_SECONDS_MIN} to {longest}")))
        }
        "model" => model(value),
        "voice" => part(name, value, &VOICE_FIELDS, "custom-voice").map(|_fields| ()),
        "transcriber" => {
            part(name, value, &TRANSCRIBER_FIELDS, "custom-transcriber").map(|_fields| ())
        }
        _ => Err(not_allowed(path(), "this cannot be set")),
    }
}

fn is_text(value: &Value, length_min: usize, length_max: usize) -> bool {
    let fits = |text: &str| (length_min..=length_max).contains(&text.chars().count());
    value.as_str().is_some_and(fits)
}

/// The model, with the ranges VAPI's interface description gives for every provider.
fn model(value: &Value) -> Result<(), NotAllowed> {
    let fields = part("model", value, &MODEL_FIELDS, "custom-llm")?;
    let check = |name: &str, expected: &'static str, good: &dyn Fn(&Value) -> bool| {
        let good = fields.get(name).is_none_or(good);
        good.then_some(()).ok_or_else(|| not_allowed(format!("assistant.model.{name}"), expected))
    };
    check("model", "a text of at most 100 characters", &|name| is_text(name, 1, 100))?;
    check("temperature", "0 to 2", &|value| {
        value.as_f64().is_some_and(|degree| (0.0..=2.0).contains(&degree))
    })?;
    check("maxTokens", "50 to 10000", &|value| {
        value.as_u64().is_some_and(|tokens| (50..=10_000).contains(&tokens))
    })?;
    let expected = "at most 20 objects of role (system, assistant or user) and content (a text)";
    check("messages", expected, &|value| {
        value.as_array().is_some_and(|all| all.len() <= MESSAGES_MAX && all.iter().all(is_message))
    })
}

fn is_message(value: &Value) -> bool {
    let role = value.get("role").and_then(Value::as_str);
    let content = value.get("content").is_some_and(Value::is_string);
    let alone = value.as_object().is_some_and(|fields| fields.len() == 2);
    alone && content && role.is_some_and(|role| ROLES.contains(&role))
}

/// A nested object with an allow-list of its own; providers that would call any address are out.
fn part<'a>(
    name: &str,
    value: &'a Value,
    allowed: &[&str],
    custom_provider: &str,
) -> Result<&'a Map<String, Value>, NotAllowed> {
    let Value::Object(fields) = value else {
        return Err(not_allowed(format!("assistant.{name}"), "an object is expected"));
    };
    if let Some(field) = fields.keys().find(|field| !allowed.contains(&field.as_str())) {
        return Err(not_allowed(format!("assistant.{name}.{field}"), "this cannot be set"));
    }
    match fields.get("provider") {
        Some(Value::String(provider)) if !provider.eq_ignore_ascii_case(custom_provider) => {
            Ok(fields)
        }
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

    fn checked(settings: &Value) -> Result<Persona, NotAllowed> {
        Persona::from_json(settings, LongestCall::DEFAULT)
    }

    #[test]
    fn what_a_business_may_set_passes() {
        let settings = json!({
            "firstMessage": "Thanks for calling.",
            "firstMessageMode": "assistant-speaks-first",
            "model": {
                "provider": "openai",
                "model": "gpt-4.1-mini",
                "messages": [{ "role": "system", "content": "Be kind." }],
                "temperature": 0.3,
                "maxTokens": 250,
            },
            "voice": { "provider": "vapi", "voiceId": "Elliot" },
            "transcriber": { "provider": "deepgram", "model": "nova-3", "language": "en" },
            "endCallMessage": "Goodbye.",
            "endCallPhrases": ["goodbye"],
            "voicemailMessage": "",
            "maxDurationSeconds": 600,
        });
        let persona = checked(&settings).unwrap();
        assert_eq!(Value::Object(persona.settings().clone()), settings);
        for name in Persona::FIELDS {
            assert!(settings.get(name).is_some(), "{name}");
        }
        assert_eq!(persona.settings().len(), Persona::FIELDS.len());
    }

    #[test]
    fn a_change_replaces_what_it_names_and_null_sets_it_back() {
        let before =
            checked(&json!({ "firstMessage": "Ahoy!", "maxDurationSeconds": 900 })).unwrap();
        let change = json!({ "firstMessage": null, "endCallMessage": "Bye." });
        let after = before.changed(&change, LongestCall::DEFAULT).unwrap();
        let expected = json!({ "maxDurationSeconds": 900, "endCallMessage": "Bye." });
        assert_eq!(Value::Object(after.settings().clone()), expected);
        for wrong in [json!([]), json!({ "server": null }), json!({ "firstMessage": 7 })] {
            assert!(before.changed(&wrong, LongestCall::DEFAULT).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_ours_or_reaches_further_is_refused_by_name() {
        for name in [
            "name",
            "metadata",
            "server",
            "serverMessages",
            "serverUrl",
            "credentials",
            "credentialIds",
            "hooks",
            "analysisPlan",
        ] {
            let refused = checked(&json!({ name: {} })).unwrap_err();
            assert_eq!(refused.field, format!("assistant.{name}"));
        }
        for name in ["url", "headers", "tools", "toolIds", "toolRefs", "knowledgeBase"] {
            let refused = checked(&json!({ "model": { "provider": "openai", name: 1 } }));
            assert_eq!(refused.unwrap_err().field, format!("assistant.model.{name}"));
        }
    }

    #[test]
    fn a_value_it_cannot_have_is_refused_by_name() {
        let tool = json!([{ "role": "tool", "content": "x" }]);
        let call = json!([{ "role": "user", "content": "x", "tool_calls": [] }]);
        let openai =
            |name: &str, value: Value| json!({ "model": { "provider": "openai", name: value } });
        let refused = [
            (openai("model", json!(1)), "assistant.model.model"),
            (openai("temperature", json!(2.1)), "assistant.model.temperature"),
            (openai("maxTokens", json!(10)), "assistant.model.maxTokens"),
            (openai("messages", json!("x")), "assistant.model.messages"),
            (openai("messages", tool), "assistant.model.messages"),
            (openai("messages", call), "assistant.model.messages"),
            (openai("messages", json!([1])), "assistant.model.messages"),
            (json!({ "model": { "provider": "Custom-LLM" } }), "assistant.model.provider"),
            (json!({ "voice": { "voiceId": "x" } }), "assistant.voice.provider"),
            (json!({ "voice": { "provider": "custom-voice" } }), "assistant.voice.provider"),
            (json!({ "transcriber": [] }), "assistant.transcriber"),
            (json!({ "firstMessage": 1 }), "assistant.firstMessage"),
            (json!({ "firstMessage": "x".repeat(1001) }), "assistant.firstMessage"),
            (json!({ "firstMessageMode": "sings" }), "assistant.firstMessageMode"),
            (json!({ "endCallPhrases": ["x"] }), "assistant.endCallPhrases"),
            (json!({ "endCallPhrases": vec!["bye"; 21] }), "assistant.endCallPhrases"),
            (openai("messages", json!([])), ""),
            (json!({ "unheard": "x".repeat(17_000) }), "assistant"),
            (json!([]), "assistant"),
        ];
        for (settings, field) in refused {
            let found = checked(&settings).map_or_else(|error| error.field, |_| String::new());
            assert_eq!(found, field, "{settings}");
        }
    }

    #[test]
    fn a_call_may_last_as_long_as_the_deployment_says() {
        let lasting = |seconds: Value, longest: u64| {
            let longest = LongestCall::from_seconds(longest).unwrap();
            Persona::from_json(&json!({ "maxDurationSeconds": seconds }), longest)
        };
        assert!(lasting(json!(10), 600).is_ok());
        assert!(lasting(json!(43_200), 43_200).is_ok());
        assert_eq!(lasting(json!(601), 600).unwrap_err().expected, "10 to 600");
        assert_eq!(lasting(json!(3601), 3600).unwrap_err().expected, "10 to 3600");
        for seconds in [json!(9), json!(10.5), json!("60"), json!(null)] {
            assert!(lasting(seconds.clone(), 3600).is_err(), "{seconds}");
        }
    }

    #[test]
    fn the_longest_call_is_within_what_vapi_does() {
        for seconds in [0, 599, 43_201] {
            assert_eq!(LongestCall::from_seconds(seconds), None);
        }
        assert_eq!(LongestCall::from_seconds(3600), Some(LongestCall::DEFAULT));
        assert_eq!(LongestCall::UNSET.seconds(), 600);
    }
}
