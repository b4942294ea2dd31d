//! Nothing this crate hands out prints a key or a whole number.

use crate::testing::{
    API_KEY, API_SECRET, DIGITS, TOKEN, api_key, client, digits, number_json, number_sid, refused,
    settings, stamp,
};
use crate::{TwilioClient, TwilioSecret, TwilioSettings};
use domain::outcome::Outcome;
use domain::twilio::{BuySpec, SettingsChange};
use exchange::scripted::{Scripted, answer};
use secrecy::SecretString;
use serde_json::json;

#[track_caller]
fn is_clean(printed: &str) {
    for planted in [TOKEN, API_KEY, API_SECRET, DIGITS, "4155550123", "555-0123", "hunter2"] {
        assert!(!printed.contains(planted), "{planted} in {printed}");
    }
}

#[tokio::test]
async fn debug_shows_neither_keys_nor_numbers() {
    let words = format!("{TOKEN} {API_SECRET} may not have {DIGITS} or (415) 555-0123");
    let owned = json!({ "voice_url": format!("https://owner:hunter2@pbx.example/{DIGITS}") });
    for credentials in [crate::testing::credentials(), api_key()] {
        let used =
            format!("{credentials:?} {:?} {:?}", credentials.key, credentials.authorization());
        is_clean(&used);
        let exchange = Scripted::new([
            refused(400, 1, &words.replace(other_than(&credentials), "")),
            answer(200, number_json(owned.clone())),
            answer(200, number_json(owned.clone())),
        ]);
        let settings = TwilioSettings { credentials, ..settings() };
        let twilio = TwilioClient::new(&exchange, settings.clone());
        let spec = BuySpec { stamp: stamp(), digits: digits() };
        let refused = twilio.buy(&spec).await;
        let done = twilio.read_owned(&number_sid()).await;
        let Outcome::Done(number) = &done else { panic!("a number was expected: {done:?}") };
        let former = number.former_settings();
        let change = SettingsChange::PutBack(&former);
        let put_back = twilio.update(&number_sid(), change).await;
        is_clean(&format!("{twilio:?} {settings:?} {spec:?} {refused:?} {done:?} {put_back:?}"));
        is_clean(&format!("{former:?} {change:?} {exchange:?} {:?}", exchange.requests()));
    }
}

/// The secret that Twilio cannot know when it is called with these.
fn other_than(credentials: &crate::Credentials) -> &'static str {
    match credentials.key {
        crate::Key::AuthToken(_) => API_SECRET,
        crate::Key::ApiKey { .. } => TOKEN,
    }
}

#[test]
fn a_secret_that_was_read_is_not_printed() {
    let body = json!({
        "account_sid": crate::testing::ACCOUNT, "auth_token": TOKEN, "api_key_sid": API_KEY,
        "api_key_secret": API_SECRET, "phone_numbers": [DIGITS],
    });
    let secret = TwilioSecret::read(&SecretString::from(body.to_string())).unwrap().unwrap();
    is_clean(&format!("{secret:?}"));
}

#[test]
fn every_call_can_be_awaited_on_any_thread() {
    fn sendable(_future: impl Send) {}
    let exchange = Scripted::new([]);
    let twilio = client(&exchange);
    let (stamp, digits, sid) = (stamp(), digits(), number_sid());
    sendable(twilio.find_bought(&stamp, &digits));
    sendable(twilio.find_owned(&digits));
    sendable(twilio.list_owned());
    sendable(twilio.read_owned(&sid));
    sendable(twilio.update(&sid, SettingsChange::Name(&stamp)));
    sendable(twilio.release(&sid));
    sendable(twilio.read_account());
    sendable(twilio.balance());
}
