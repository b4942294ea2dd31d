//! What the tests of this crate share: a client over scripted answers, and fixed ids.

use crate::credentials::{Credentials, Key};
use crate::{TwilioClient, TwilioSettings};
use domain::ids::{Stamp, TwilioAccountSid, TwilioNumberSid};
use domain::outcome::Outcome;
use domain::phone::E164;
use domain::twilio::{
    Hook, HookMethod, OwnedNumber, OwnedStatus, OwnersText, SmsRouting, VoiceRouting,
};
use exchange::scripted::{Scripted, answer};
use exchange::{ExchangeError, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
pub(crate) const NUMBER: &str = "PN0123456789abcdef0123456789abcdef";
pub(crate) const TOKEN: &str = "planted-auth-token";
pub(crate) const API_KEY: &str = "SK0123456789abcdef0123456789abcdef";
pub(crate) const API_SECRET: &str = "planted-api-key-secret";
pub(crate) const STAMP: &str = "ABCDEFGH-01KA0000000000000000000000-1";
pub(crate) const DIGITS: &str = "+14155550123";

pub(crate) type Answer = Result<Response, ExchangeError>;

pub(crate) fn account() -> TwilioAccountSid {
    ACCOUNT.parse().unwrap()
}

pub(crate) fn credentials() -> Credentials {
    Credentials { account: account(), key: Key::AuthToken(SecretString::from(TOKEN)) }
}

pub(crate) fn api_key() -> Credentials {
    let key = Key::ApiKey { sid: API_KEY.parse().unwrap(), secret: SecretString::from(API_SECRET) };
    Credentials { account: account(), key }
}

pub(crate) fn settings() -> TwilioSettings {
    TwilioSettings {
        base_url: "https://twilio.test/".to_owned(),
        ..TwilioSettings::new(credentials(), Duration::from_secs(10))
    }
}

pub(crate) fn client(exchange: &Scripted) -> TwilioClient<&Scripted> {
    TwilioClient::new(exchange, settings())
}

pub(crate) fn stamp() -> Stamp {
    Stamp::try_from(STAMP.to_owned()).unwrap()
}

pub(crate) fn digits() -> E164 {
    DIGITS.parse().unwrap()
}

pub(crate) fn number_sid() -> TwilioNumberSid {
    NUMBER.parse().unwrap()
}

pub(crate) fn transient<T, R>() -> Outcome<T, R> {
    Outcome::Transient { retry_after: None }
}

/// A number as Twilio answers, routed nowhere, with `changes` laid over it.
pub(crate) fn number_json(changes: Value) -> Value {
    let number = json!({
        "sid": NUMBER,
        "account_sid": ACCOUNT,
        "phone_number": DIGITS,
        "friendly_name": "(415) 555-0123",
        "status": "in-use",
        "origin": "twilio",
        "capabilities": { "voice": true, "sms": true, "mms": true, "fax": false },
        "voice_url": "", "voice_method": "POST",
        "voice_fallback_url": null, "voice_fallback_method": "POST",
        "status_callback": "", "status_callback_method": "POST",
        "voice_application_sid": "", "trunk_sid": null,
        "sms_url": "", "sms_method": "POST",
        "sms_fallback_url": "",
        "sms_application_sid": "",
    });
    changed(number, changes)
}

/// The number of [`number_json`] in our words.
pub(crate) fn owned_number() -> OwnedNumber {
    let post = || Hook { url: None, method: Some(HookMethod::Post) };
    OwnedNumber {
        sid: number_sid(),
        account: account(),
        digits: digits(),
        friendly_name: Some(OwnersText::new("(415) 555-0123".to_owned())),
        status: OwnedStatus::InUse,
        takes_calls: true,
        voice: VoiceRouting {
            answer: post(),
            fallback: post(),
            status: post(),
            application: None,
            trunk: None,
        },
        sms: SmsRouting { receive: post(), fallback: Hook::default(), application: None },
    }
}

/// The last page of a list of numbers.
pub(crate) fn page(numbers: Value) -> Answer {
    linked(numbers, &Value::Null)
}

/// A page of numbers with what it says of the next one.
pub(crate) fn linked(numbers: Value, next: &Value) -> Answer {
    answer(200, json!({ "incoming_phone_numbers": numbers, "next_page_uri": next, "page": 0 }))
}

/// A refusal as Twilio writes it.
pub(crate) fn refused(status: u16, code: u32, message: &str) -> Answer {
    let more = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({ "code": code, "message": message, "more_info": more, "status": status });
    answer(status, body)
}

/// `changes` laid over `base`.
pub(crate) fn changed(mut base: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}
