//! The bodies we send: a working assistant, and the server every record points back to.
//!
//! VAPI rejects a whole request for one property it does not know, so that only published ones are
//! sent.

use crate::{SECRET_HEADER, VapiSettings};
use domain::assistant::Language;
use domain::vapi::AssistantSpec;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

/// How long VAPI waits for us; `assistant-request` has its own fixed 7.5 s.
const SERVER_TIMEOUT_SECONDS: u8 = 20;

/// The messages we use of a call. `assistant-request` belongs to the number and is not listed.
const SERVER_MESSAGES: [&str; 2] = ["status-update", "end-of-call-report"];

/// Where VAPI sends what happens. The secret goes into a header of its own: the older
/// `server.secret` is no longer in the contract.
pub(crate) fn server(settings: &VapiSettings) -> Value {
    json!({
        "url": settings.server_url,
        "headers": { SECRET_HEADER: settings.server_secret.expose_secret() },
        "timeoutSeconds": SERVER_TIMEOUT_SECONDS,
    })
}

/// An assistant that greets and answers in its language. The stamp stands in `metadata`, where
/// [`crate::VapiClient::find_assistant`] looks for it; VAPI has no filter for it.
///
/// What the business set itself stands in place of ours; its allow-list has none of the fields
/// that must stay ours.
pub(crate) fn assistant(spec: &AssistantSpec, settings: &VapiSettings) -> Value {
    let mut body = ours(spec, settings);
    if let Value::Object(fields) = &mut body {
        for (name, value) in spec.persona.settings() {
            fields.insert(name.clone(), value.clone());
        }
    }
    body
}

fn ours(spec: &AssistantSpec, settings: &VapiSettings) -> Value {
    json!({
        "name": spec.name,
        "firstMessage": greeting(spec.language, &spec.name),
        "model": {
            "provider": "openai",
            "model": "gpt-4.1-mini",
            "messages": [{ "role": "system", "content": instructions(spec.language, &spec.name) }],
        },
        "voice": voice(spec.language),
        "transcriber": {
            "provider": "deepgram",
            "model": "nova-3",
            "language": transcribed(spec.language),
        },
        "server": server(settings),
        "serverMessages": SERVER_MESSAGES,
        "metadata": {
            "stamp": spec.stamp.as_str(),
            "assistantId": spec.assistant.to_string(),
            "businessId": spec.business.as_str(),
            "organizationId": spec.organization.as_str(),
        },
    })
}

fn greeting(language: Language, business: &str) -> String {
    match language {
        Language::English | Language::Multilingual => {
            format!("Thank you for calling {business}. How can I help you today?")
        }
        Language::Spanish => {
            format!("Gracias por llamar a {business}. ¿En qué puedo ayudarle hoy?")
        }
        Language::French => {
            format!("Merci d'avoir appelé {business}. Comment puis-je vous aider ?")
        }
    }
}

fn instructions(language: Language, business: &str) -> String {
    let tongue = match language {
        Language::English => "Speak English.",
        Language::Spanish => "Speak Spanish.",
        Language::French => "Speak French.",
        Language::Multilingual => "Speak the language the caller speaks; begin in English.",
    };
    format!(
        "You answer the telephone for the business \"{business}\". {tongue} Be friendly and brief: \
         one or two sentences at a time. Find out who is calling and what they need, and help as \
         far as you can. Never invent facts, prices or appointments; when you do not know, offer \
         to take a message with the caller's name and number."
    )
}

/// VAPI's voices speak English by default; their second version finds the language by itself.
fn voice(language: Language) -> Value {
    match language {
        Language::English => json!({ "provider": "vapi", "voiceId": "Elliot" }),
        Language::Spanish | Language::French | Language::Multilingual => {
            json!({ "provider": "vapi", "voiceId": "Elliot", "version": "2", "language": "auto" })
        }
    }
}

const fn transcribed(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::Spanish => "es",
        Language::French => "fr",
        Language::Multilingual => "multi",
    }
}

#[cfg(test)]
mod tests;
