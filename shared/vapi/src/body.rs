//! The bodies we send: a working assistant, and the server every record points back to.
//!
//! VAPI rejects a whole request for one property it does not know, so that only published ones are
//! sent.

use crate::{SECRET_HEADER, VapiSettings};
use domain::assistant::Language;
use domain::persona::LongestCall;
use domain::setup::{AssistantServer, EmergencyContact, ServerMessage};
use domain::template::{self, Texts, Unusable};
use domain::vapi::AssistantSpec;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

/// How long VAPI waits for us; `assistant-request` has its own fixed 7.5 s.
const SERVER_TIMEOUT_SECONDS: u8 = 20;

/// The messages we use of a call. `assistant-request` belongs to the number and is not listed.
const SERVER_MESSAGES: [&str; 2] = ["status-update", "end-of-call-report"];

/// The languages that have a voice message of their own, with the codes of VAPI's `TextContent`.
const TONGUES: [(Language, &str); 3] =
    [(Language::English, "en"), (Language::Spanish, "es"), (Language::French, "fr")];

/// Where VAPI sends what happens. The secret goes into a header of its own: the older
/// `server.secret` is no longer in the contract.
pub(crate) fn server(settings: &VapiSettings) -> Value {
    json!({
        "url": settings.server_url,
        "headers": { SECRET_HEADER: settings.server_secret.expose_secret() },
        "timeoutSeconds": SERVER_TIMEOUT_SECONDS,
    })
}

/// An assistant that greets and answers in its language, as the template of its industry says. The
/// stamp stands in `metadata`, where [`crate::VapiClient::find_assistant`] looks for it; VAPI has
/// no filter for it.
///
/// What the business set itself stands in place of ours; its allow-list has none of the fields
/// that must stay ours. Each field of that list has a value here, VAPI's default where there is no
/// other, so that the body sent again in a PATCH leaves nothing of what was set before.
pub(crate) fn assistant(spec: &AssistantSpec, settings: &VapiSettings) -> Result<Value, Unusable> {
    let texts = template::texts(spec.setup.industry, spec.language, &spec.name)?;
    let mut body = ours(spec, settings, &texts);
    for (name, value) in spec.persona.settings() {
        set(&mut body, name, value.clone());
    }
    if let Some(Value::Object(model)) = body.get_mut("model") {
        complete(model, spec, &texts)?;
    }
    Ok(Value::Object(body))
}

/// The same for a change in place: what tells who it is was said when it was made.
pub(crate) fn changed_assistant(
    spec: &AssistantSpec,
    settings: &VapiSettings,
) -> Result<Value, Unusable> {
    let mut body = assistant(spec, settings)?;
    if let Value::Object(fields) = &mut body {
        fields.remove("metadata");
    }
    Ok(body)
}

fn ours(spec: &AssistantSpec, settings: &VapiSettings, texts: &Texts) -> Map<String, Value> {
    let (server, messages) = match &spec.setup.server {
        None => (server(settings), json!(SERVER_MESSAGES)),
        Some(theirs) => (platform_server(theirs), platform_messages(theirs)),
    };
    let mut body = Map::new();
    set(&mut body, "name", json!(spec.name));
    set(&mut body, "firstMessage", json!(texts.first_message));
    set(&mut body, "firstMessageMode", json!("assistant-speaks-first"));
    set(&mut body, "model", json!({ "provider": "openai", "model": "gpt-4.1-mini" }));
    set(&mut body, "voice", voice(spec.language));
    set(&mut body, "transcriber", transcriber(spec.language));
    set(&mut body, "endCallMessage", json!(texts.end_call_message));
    set(&mut body, "endCallPhrases", json!(texts.end_call_phrases));
    set(&mut body, "voicemailMessage", json!(texts.voicemail_message));
    set(&mut body, "maxDurationSeconds", json!(LongestCall::UNSET.seconds()));
    set(&mut body, "server", server);
    set(&mut body, "serverMessages", messages);
    let metadata = json!({
        "stamp": spec.stamp.as_str(),
        "assistantId": spec.assistant.to_string(),
        "businessId": spec.business.as_str(),
        "organizationId": spec.organization.as_str(),
    });
    set(&mut body, "metadata", metadata);
    body
}

fn set(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.insert(name.to_owned(), value);
}

/// What a model has whoever chose it: instructions, unless the business gave its own, and the
/// tools, which are ours alone.
fn complete(
    model: &mut Map<String, Value>,
    spec: &AssistantSpec,
    texts: &Texts,
) -> Result<(), Unusable> {
    if !model.contains_key("messages") {
        let mut instructions = texts.instructions.clone();
        if !spec.setup.contacts.is_empty() {
            instructions.push_str("\n\n");
            instructions.push_str(&texts.transfer_instructions);
        }
        set(model, "messages", json!([{ "role": "system", "content": instructions }]));
    }
    // Without messages of its own the tool says `endCallMessage`, which a business may set.
    let mut tools = vec![json!({ "type": "endCall" })];
    if !spec.setup.contacts.is_empty() {
        let destinations: Result<Vec<Value>, Unusable> =
            spec.setup.contacts.iter().map(|contact| destination(contact, spec.language)).collect();
        tools.push(json!({ "type": "transferCall", "destinations": destinations? }));
    }
    set(model, "tools", Value::Array(tools));
    Ok(())
}

/// A contact as VAPI's `TransferDestinationNumber`. The description is what the model chooses by.
fn destination(contact: &EmergencyContact, language: Language) -> Result<Value, Unusable> {
    let spoken = |language| {
        let ours = template::transfer(language, contact.name())?.message;
        Ok(contact.message(language).map_or(ours, str::to_owned))
    };
    let message = match language {
        Language::English | Language::Spanish | Language::French => json!(spoken(language)?),
        Language::Multilingual => {
            let mut contents = Vec::new();
            for (language, code) in TONGUES {
                let text = spoken(language)?;
                contents.push(json!({ "type": "text", "text": text, "language": code }));
            }
            json!({ "type": "custom-message", "contents": contents })
        }
    };
    Ok(json!({
        "type": "number",
        "number": contact.number().reveal(),
        "message": message,
        "description": template::transfer(language, contact.name())?.description,
    }))
}

/// The platform's own server. It gets neither our secret nor any other header, and the empty
/// `headers` say so to a PATCH.
fn platform_server(theirs: &AssistantServer) -> Value {
    let mut server = json!({
        "url": theirs.url.as_str(),
        "headers": {},
        "timeoutSeconds": SERVER_TIMEOUT_SECONDS,
    });
    if let (Some(credential), Some(fields)) = (&theirs.credential, server.as_object_mut()) {
        set(fields, "credentialId", json!(credential.as_str()));
    }
    server
}

/// The messages it wants, VAPI's default spelled out: left out, a PATCH would leave ours.
fn platform_messages(theirs: &AssistantServer) -> Value {
    let names: Vec<&str> = if theirs.messages.is_empty() {
        ServerMessage::DEFAULT.into_iter().map(ServerMessage::as_str).collect()
    } else {
        theirs.messages.iter().map(|message| message.as_str()).collect()
    };
    json!(names)
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

fn transcriber(language: Language) -> Value {
    let heard = match language {
        Language::English => "en",
        Language::Spanish => "es",
        Language::French => "fr",
        Language::Multilingual => "multi",
    };
    json!({ "provider": "deepgram", "model": "nova-3", "language": heard })
}

#[cfg(test)]
mod tests;
