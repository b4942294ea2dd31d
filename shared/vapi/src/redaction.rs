//! Nothing this crate hands out prints a key, a secret or a whole number.

use crate::testing::{
    DIGITS, KEY, SECRET, assistant_id, assistant_spec, client, digits, number_id, number_json,
    stamp,
};
use domain::assistant::Language;
use domain::setup::{EmergencyContact, EmergencyContacts, Setup};
use domain::vapi::{AssistantSpec, ImportSpec};
use exchange::scripted::{Scripted, answer};
use serde_json::json;

#[track_caller]
fn is_clean(printed: &str) {
    for planted in [KEY, SECRET, DIGITS, "4155550123"] {
        assert!(!printed.contains(planted), "{planted} in {printed}");
    }
}

#[tokio::test]
async fn debug_shows_neither_keys_nor_numbers() {
    let words = format!("{KEY} {SECRET} may not use {DIGITS}");
    let exchange = Scripted::new([
        answer(201, number_json(json!({ "provider": "telnyx" }))),
        answer(400, json!({ "message": words })),
    ]);
    let vapi = client(&exchange);
    let spec = ImportSpec {
        stamp: stamp(),
        digits: digits(),
        credential: "3d000000-0000-4000-8000-000000000004".parse().unwrap(),
        assistant: Some(assistant_id()),
    };
    let done = vapi.import_telnyx_number(&spec).await;
    let refused = vapi.read_number(&number_id()).await;
    is_clean(&format!("{vapi:?} {:?} {spec:?} {done:?} {refused:?}", vapi.settings));
    is_clean(&format!("{exchange:?} {:?}", exchange.requests()));
}

#[tokio::test]
async fn debug_shows_no_contact_of_an_assistant() {
    let words = format!("transferCall to {DIGITS} is not allowed for {KEY}");
    let exchange = Scripted::new([answer(400, json!({ "message": words }))]);
    let vapi = client(&exchange);
    let contact = EmergencyContact::new("Dana", digits()).unwrap();
    let contacts = EmergencyContacts::new(vec![contact]).unwrap();
    let setup = Setup { contacts, ..Setup::default() };
    let spec = AssistantSpec { setup, ..assistant_spec(Language::English) };
    let refused = vapi.update_assistant(&assistant_id(), &spec).await;
    is_clean(&format!("{spec:?} {refused:?} {:?}", exchange.requests()));
}

#[test]
fn every_call_can_be_awaited_on_any_thread() {
    fn sendable(_future: impl Send) {}
    let exchange = Scripted::new([]);
    let vapi = client(&exchange);
    sendable(vapi.find_assistant(&stamp(), domain::time::Timestamp::default()));
    sendable(vapi.find_number_by_digits(&digits()));
    sendable(vapi.unlink(crate::Line::from(
        &crate::wire::number(serde_json::from_value(number_json(json!({}))).unwrap()).unwrap(),
    )));
    sendable(vapi.delete_number(&number_id()));
    sendable(vapi.read_assistant(&assistant_id()));
    sendable(vapi.list_telnyx_credentials());
}
