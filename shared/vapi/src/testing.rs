//! What the tests of this crate share: a client over scripted answers, and fixed ids.

use crate::{VapiClient, VapiSettings};
use domain::assistant::Language;
use domain::ids::{Stamp, VapiAssistantId, VapiNumberId};
use domain::outcome::Outcome;
use domain::phone::E164;
use domain::vapi::AssistantSpec;
use exchange::scripted::Scripted;
use exchange::{ExchangeError, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const KEY: &str = "11111111-2222-4333-8444-planted-key";
pub(crate) const SECRET: &str = "planted-webhook-secret";
pub(crate) const STAMP: &str = "ABCDEFGH-01KA0000000000000000000000-1";
pub(crate) const DIGITS: &str = "+14155550123";
pub(crate) const NUMBER_ID: &str = "0f0e0000-0000-4000-8000-000000000001";
pub(crate) const ASSISTANT_ID: &str = "7c000000-0000-4000-8000-000000000002";

pub(crate) type Answer = Result<Response, ExchangeError>;

pub(crate) fn client(exchange: &Scripted) -> VapiClient<&Scripted> {
    let settings = VapiSettings {
        base_url: "https://vapi.test/".to_owned(),
        api_key: SecretString::from(KEY),
        server_url: "https://ours.test/webhooks/vapi".to_owned(),
        server_secret: SecretString::from(SECRET),
        call_deadline: Duration::from_secs(10),
    };
    VapiClient::new(exchange, settings)
}

pub(crate) fn stamp() -> Stamp {
    Stamp::try_from(STAMP.to_owned()).unwrap()
}

pub(crate) fn digits() -> E164 {
    DIGITS.parse().unwrap()
}

pub(crate) fn number_id() -> VapiNumberId {
    NUMBER_ID.parse().unwrap()
}

pub(crate) fn assistant_id() -> VapiAssistantId {
    ASSISTANT_ID.parse().unwrap()
}

pub(crate) fn assistant_spec(language: Language) -> AssistantSpec {
    AssistantSpec {
        stamp: stamp(),
        name: "Rosa's Bakery".to_owned(),
        assistant: "01KA0000000000000000000001".parse().unwrap(),
        business: "biz_42".parse().unwrap(),
        organization: "org_7".parse().unwrap(),
        language,
        persona: domain::persona::Persona::default(),
        setup: domain::setup::Setup::default(),
    }
}

/// A number as VAPI answers, with `changes` laid over it.
pub(crate) fn number_json(changes: Value) -> Value {
    let mut number = json!({
        "id": NUMBER_ID,
        "orgId": "9a000000-0000-4000-8000-000000000003",
        "createdAt": "2026-01-01T00:00:00.000Z",
        "updatedAt": "2026-01-01T00:00:01.000Z",
        "provider": "vapi",
        "status": "active",
        "name": STAMP,
        "number": DIGITS,
        "assistantId": ASSISTANT_ID,
        "somethingNew": { "nested": true },
    });
    for (name, value) in changes.as_object().unwrap() {
        number[name] = value.clone();
    }
    number
}

pub(crate) fn transient<T, R>() -> Outcome<T, R> {
    Outcome::Transient { retry_after: None }
}

/// The server every record points to.
pub(crate) fn server_json() -> Value {
    json!({
        "url": "https://ours.test/webhooks/vapi",
        "headers": { "x-vapi-secret": SECRET },
        "timeoutSeconds": 20,
    })
}
