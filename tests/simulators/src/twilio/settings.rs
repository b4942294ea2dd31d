//! What can be set on a number: the parameters of its form, their rules, and what stands now.

use std::collections::BTreeMap;

use exchange::Response;
use serde_json::{Map, Value, json};

use super::errors;
use super::options::Unset;
use crate::ids::is_sid;

/// Where a number bought in the console sends its calls.
pub const DEMO_VOICE_URL: &str = "https://demo.twilio.com/welcome/voice/";
/// Where it sends its messages.
pub const DEMO_SMS_URL: &str = "https://demo.twilio.com/welcome/sms/reply";

/// The longest `FriendlyName`, in characters.
const NAME_CHARACTERS_MAX: usize = 64;

/// What a setting takes.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// 1 to 64 characters.
    Name,
    /// A full URL; empty clears it.
    Url,
    /// `GET` or `POST`; empty sets it back to `POST`.
    Method,
    /// An id with these letters; empty clears it.
    Sid(&'static str),
    /// `true` or `false`.
    Flag,
}

#[derive(Debug)]
pub(super) struct Field {
    /// Its name in a form.
    parameter: &'static str,
    /// Its name in an answer.
    pub(super) name: &'static str,
    rule: Rule,
}

const fn field(parameter: &'static str, name: &'static str, rule: Rule) -> Field {
    Field { parameter, name, rule }
}

/// All settings the simulator keeps. Others (`ApiVersion`, `EmergencyStatus`,
/// `VoiceReceiveMode`, `AccountSid`) are passed over like parameters Twilio does not know.
const FIELDS: [Field; 19] = [
    field("FriendlyName", "friendly_name", Rule::Name),
    field("VoiceUrl", "voice_url", Rule::Url),
    field("VoiceMethod", "voice_method", Rule::Method),
    field("VoiceFallbackUrl", "voice_fallback_url", Rule::Url),
    field("VoiceFallbackMethod", "voice_fallback_method", Rule::Method),
    field("VoiceCallerIdLookup", "voice_caller_id_lookup", Rule::Flag),
    field("VoiceApplicationSid", VOICE_APPLICATION, Rule::Sid("AP")),
    field("TrunkSid", TRUNK, Rule::Sid("TK")),
    field("StatusCallback", "status_callback", Rule::Url),
    field("StatusCallbackMethod", "status_callback_method", Rule::Method),
    field("SmsUrl", "sms_url", Rule::Url),
    field("SmsMethod", "sms_method", Rule::Method),
    field("SmsFallbackUrl", "sms_fallback_url", Rule::Url),
    field("SmsFallbackMethod", "sms_fallback_method", Rule::Method),
    field("SmsApplicationSid", "sms_application_sid", Rule::Sid("AP")),
    field("AddressSid", "address_sid", Rule::Sid("AD")),
    field("BundleSid", "bundle_sid", Rule::Sid("BU")),
    field("IdentitySid", "identity_sid", Rule::Sid("RI")),
    field("EmergencyAddressSid", "emergency_address_sid", Rule::Sid("AD")),
];

const TRUNK: &str = "trunk_sid";
const VOICE_APPLICATION: &str = "voice_application_sid";

impl Field {
    /// Refuses a value that does not fit.
    fn check(&self, value: &str) -> Result<(), Response> {
        let named = |what: &str| format!("{} is not a valid {what}", self.parameter);
        match self.rule {
            Rule::Name if (1..=NAME_CHARACTERS_MAX).contains(&value.chars().count()) => Ok(()),
            Rule::Name => Err(errors::error(400, 20_002, &named("name of 1 to 64 characters"))),
            _ if value.is_empty() => Ok(()),
            Rule::Url if is_url(value) => Ok(()),
            Rule::Url => Err(errors::error(400, 21_402, &named("URL"))),
            Rule::Method if matches!(value, "GET" | "POST") => Ok(()),
            Rule::Method => Err(errors::error(400, 21_403, &named("method"))),
            Rule::Sid(letters) if is_sid(value, letters) => Ok(()),
            Rule::Sid(_) => Err(errors::bad_request(&named("sid"))),
            Rule::Flag if matches!(value, "true" | "false") => Ok(()),
            Rule::Flag => Err(errors::bad_request(&named("boolean"))),
        }
    }

    fn view(&self, value: Option<&str>, unset: Unset) -> Value {
        match (self.rule, value, unset) {
            (Rule::Flag, value, _) => json!(value == Some("true")),
            (_, Some(value), _) => json!(value),
            (Rule::Method, None, _) => json!("POST"),
            (Rule::Url | Rule::Sid("AP"), None, Unset::Mixed) => json!(""),
            (_, None, _) => Value::Null,
        }
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        !host.is_empty() && !text.contains(|sign: char| sign.is_whitespace() || sign.is_control())
    })
}

/// New values, checked; an empty one clears.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes(Vec<(&'static str, String)>);

impl Changes {
    /// What a form changes. Parameters that are no setting are passed over.
    pub(super) fn of_form(form: &[(String, String)]) -> Result<Self, Response> {
        let mut changes = Self::default();
        for (parameter, value) in form {
            if let Some(field) = FIELDS.iter().find(|field| field.parameter == parameter) {
                field.check(value)?;
                changes.0.push((field.name, value.clone()));
            }
        }
        Ok(changes)
    }

    /// What a person changes, by the names that answers use. The error is the name of a setting
    /// that is none, or whose value does not fit.
    pub(super) fn by_name<'a>(
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, String> {
        let mut changes = Self::default();
        for (name, value) in settings {
            let field = FIELDS.iter().find(|field| field.name == name);
            let field = field.filter(|field| field.check(value).is_ok());
            changes.0.push((field.ok_or_else(|| name.to_owned())?.name, value.to_owned()));
        }
        Ok(changes)
    }

    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        self.0.push((name, value.to_owned()));
    }

    /// Adds what is not named yet.
    pub(super) fn or_set(&mut self, name: &'static str, value: &str) {
        if self.0.iter().all(|(given, _)| *given != name) {
            self.set(name, value);
        }
    }

    /// Whether a setting gets a value.
    pub(super) fn names(&self, name: &str) -> bool {
        self.0.iter().any(|(given, value)| *given == name && !value.is_empty())
    }
}

/// The settings of a number, by the names that answers use. What nobody set is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<&'static str, String>);

impl Settings {
    /// A setting by its name in an answer, for example `voice_url`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// These settings with some changed. A trunk takes away the voice application, and the other
    /// way round, as Twilio's document says.
    pub(super) fn with(&self, changes: &Changes) -> Self {
        let mut all = self.0.clone();
        for (name, value) in &changes.0 {
            if value.is_empty() {
                all.remove(name);
                continue;
            }
            match *name {
                TRUNK => all.remove(VOICE_APPLICATION),
                VOICE_APPLICATION => all.remove(TRUNK),
                _ => None,
            };
            all.insert(name, value.clone());
        }
        Self(all)
    }

    /// Refuses a fallback without a URL it could stand in for (21405).
    pub(super) fn check(&self) -> Result<(), Response> {
        if self.get("voice_fallback_url").is_some() && self.get("voice_url").is_none() {
            let text = "Cannot set VoiceFallbackUrl without setting Url";
            return Err(errors::error(400, 21_405, text));
        }
        Ok(())
    }

    /// All settings as an answer shows them.
    pub(super) fn view(&self, unset: Unset) -> Map<String, Value> {
        FIELDS
            .iter()
            .map(|field| (field.name.to_owned(), field.view(self.get(field.name), unset)))
            .collect()
    }

    /// What is set, and nothing else.
    pub(super) fn truth(&self) -> Value {
        json!(self.0)
    }
}
