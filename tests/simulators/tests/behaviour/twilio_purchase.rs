//! Buying at Twilio: what is charged, what is refused, and what a repeat does.

use serde_json::{Value, json};
use simulators::twilio::{AccountType, By};
use simulators::{Fault, FaultScript, Outcome, Provider, Refusal, STANDARD_TWILIO_SID};

use crate::desk::{Desk, text};

const BUY: &str = "POST /IncomingPhoneNumbers.json";

fn money(desk: &Desk) -> (i64, i64, u32) {
    let account = desk.providers.twilio.account(STANDARD_TWILIO_SID).unwrap();
    (account.balance_cents, account.spent_cents, account.purchases)
}

#[track_caller]
fn refused(desk: &mut Desk, call: &str, form: &[(&str, &str)], code: u32) {
    let before = money(desk);
    let (status, body) = desk.twilio(call, form);
    assert_eq!((status, &body["code"]), (400, &json!(code)), "{form:?} {body}");
    assert_eq!(body["status"], 400);
    assert_eq!(body["more_info"], json!(format!("https://www.twilio.com/docs/errors/{code}")));
    assert_eq!(money(desk), before);
}

#[test]
fn a_purchase_is_done_when_it_is_answered() {
    let mut desk = Desk::new();
    let number = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
    let form = [
        ("PhoneNumber", number.as_str()),
        ("FriendlyName", "prov_01 & co"),
        ("VoiceUrl", "https://own.test/voice?tenant=4"),
        ("SomethingUnknown", "1"),
    ];
    let (status, made) = desk.twilio(BUY, &form);
    assert_eq!(status, 201, "{made}");
    let sid = text(&made["sid"]);
    assert!(sid.starts_with("PN") && sid.len() == 34);
    assert_eq!(made["account_sid"], STANDARD_TWILIO_SID);
    assert_eq!(made["phone_number"], json!(number));
    assert_eq!(made["friendly_name"], "prov_01 & co");
    assert_eq!(made["voice_url"], "https://own.test/voice?tenant=4");
    assert_eq!((&made["voice_method"], &made["status"]), (&json!("POST"), &json!("in-use")));
    assert_eq!((&made["sms_url"], &made["trunk_sid"]), (&json!(""), &Value::Null));
    assert_eq!(
        made["capabilities"],
        json!({ "voice": true, "sms": true, "mms": true, "fax": false })
    );
    assert_eq!(made["date_created"], "Thu, 01 Jan 2026 00:00:01 +0000");
    assert_eq!(desk.get_twilio(&format!("/IncomingPhoneNumbers/{sid}.json")), made);
    assert_eq!(money(&desk), (99_885, 115, 1));
    let (account, held) = desk.providers.twilio.holding(&number).unwrap();
    assert_eq!((account.sid.as_str(), held.paid_cents), (STANDARD_TWILIO_SID, 115));
    assert_eq!(held.bought_by, By::Api);
    assert!(!desk.twilio_search("US/Local.json?AreaCode=415").contains(&number));
}

#[test]
fn buying_a_number_one_has_changes_it_and_costs_nothing() {
    let mut desk = Desk::new();
    let urls = [("FriendlyName", "first"), ("VoiceUrl", "https://own.test/a")];
    let (number, sid) = desk.twilio_bought(&urls);
    let before = money(&desk);
    desk.pass(5_000);
    let again = [
        ("PhoneNumber", number.as_str()),
        ("FriendlyName", "second"),
        ("SmsUrl", "https://own.test/s"),
    ];
    let (status, body) = desk.twilio(BUY, &again);
    assert_eq!((status, &body["sid"]), (201, &json!(sid)));
    assert_eq!(body["friendly_name"], "second");
    assert_eq!(body["voice_url"], "https://own.test/a", "what was not sent stays");
    assert_eq!(body["date_created"], "Thu, 01 Jan 2026 00:00:01 +0000");
    assert_eq!(body["date_updated"], "Thu, 01 Jan 2026 00:00:06 +0000");
    assert_eq!(money(&desk), before);
}

#[test]
fn an_area_code_buys_another_number_every_time() {
    let mut desk = Desk::with(json!({ "twilio": { "stock_by_area": { "907": 2 } } }));
    let area = [("AreaCode", "907")];
    let (first, second) = (desk.twilio(BUY, &area), desk.twilio(BUY, &area));
    assert_eq!((first.0, second.0), (201, 201));
    assert_ne!(first.1["phone_number"], second.1["phone_number"]);
    refused(&mut desk, BUY, &area, 21_452);
    for bad in ["90", "9071", "90x", "107", "888", "911"] {
        refused(&mut desk, BUY, &[("AreaCode", bad)], 21_451);
    }
    assert_eq!(money(&desk).2, 2);
}

#[test]
fn what_cannot_be_bought_is_refused_with_its_code() {
    let mut desk = Desk::new();
    let offers = desk.twilio_search("US/Local.json?AreaCode=415");
    assert!(desk.providers.twilio.sell_elsewhere(desk.now_ms, &offers[0]));
    desk.providers.twilio.add_account(0, "ACb", "b", "b", 1_000);
    let theirs = desk.providers.twilio.buy_outside(desk.now_ms, "ACb", &offers[1], &[]);
    assert!(theirs.is_some());
    refused(&mut desk, BUY, &[], 21_450);
    refused(&mut desk, BUY, &[("FriendlyName", "x")], 21_450);
    for bad in ["4155550123", "+1 415 555 0123", "+0415555", "hello", "+1415555012"] {
        refused(&mut desk, BUY, &[("PhoneNumber", bad)], 21_421);
    }
    for gone in [offers[0].as_str(), offers[1].as_str(), "+14159990000"] {
        refused(&mut desk, BUY, &[("PhoneNumber", gone)], 21_422);
    }
}

#[test]
fn sub_resources_take_numbers_of_their_class_only() {
    let mut desk = Desk::new();
    let local = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
    let free = desk.twilio_search("US/TollFree.json").remove(0);
    let calls =
        ["POST /IncomingPhoneNumbers/Local.json", "POST /IncomingPhoneNumbers/TollFree.json"];
    for call in calls {
        refused(&mut desk, call, &[("AreaCode", "415")], 21_457);
        refused(&mut desk, call, &[], 21_421);
    }
    refused(&mut desk, calls[0], &[("PhoneNumber", &free)], 21_422);
    assert_eq!(desk.twilio(calls[0], &[("PhoneNumber", &local)]).0, 201);
    assert_eq!(desk.twilio(calls[1], &[("PhoneNumber", &free)]).0, 201);
    assert_eq!(money(&desk).1, 115 + 215);
}

#[test]
fn a_trial_account_may_have_one_number() {
    let mut desk = Desk::new();
    desk.providers.twilio.account_mut(STANDARD_TWILIO_SID).unwrap().kind = AccountType::Trial;
    let (number, _) = desk.twilio_bought(&[]);
    let other = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
    refused(&mut desk, BUY, &[("PhoneNumber", &other)], 21_404);
    let again = [("PhoneNumber", number.as_str()), ("FriendlyName", "again")];
    assert_eq!(desk.twilio(BUY, &again).0, 201, "its own may be bought again");
}

#[test]
fn addresses_and_bundles_are_asked_for_where_they_are_needed() {
    let mut desk = Desk::with(json!({ "twilio": {
        "addresses": { "GB": "any" }, "bundle_countries": ["IT"],
    }}));
    let sid = |letters: &str| format!("{letters}{}", "0a".repeat(16));
    for (country, parameter, letters, code) in
        [("GB", "AddressSid", "AD", 21_631), ("IT", "BundleSid", "BU", 21_649)]
    {
        let number = desk.twilio_search(&format!("{country}/Local.json")).remove(0);
        refused(&mut desk, BUY, &[("PhoneNumber", &number)], code);
        refused(&mut desk, BUY, &[("PhoneNumber", &number), (parameter, "AD1")], 20_001);
        let with = [("PhoneNumber", number.as_str()), (parameter, &sid(letters))];
        assert_eq!(desk.twilio(BUY, &with).0, 201);
    }
}

#[test]
fn a_balance_too_small_buys_nothing() {
    let mut desk = Desk::new();
    desk.providers.twilio.account_mut(STANDARD_TWILIO_SID).unwrap().balance_cents = 114;
    let number = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
    let form = [("PhoneNumber", number.as_str())];
    let (status, body) = desk.twilio(BUY, &form);
    assert_eq!((status, &body["code"]), (403, &json!(20005)));
    desk.switch(json!({ "twilio": { "balance_status": 402, "balance_code": 21999 } }));
    let (status, body) = desk.twilio(BUY, &form);
    assert_eq!((status, &body["code"]), (402, &json!(21999)));
    assert_eq!(desk.get_twilio("/Balance.json")["balance"], "1.14");
}

#[test]
fn every_refusal_can_be_asked_for() {
    let mut desk = Desk::new();
    let number = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
    for (reason, code) in [
        (Refusal::Taken, 21_422),
        (Refusal::TrialLimit, 21_404),
        (Refusal::Address, 21_631),
        (Refusal::Bundle, 21_649),
    ] {
        let path = "/Accounts/{id}/IncomingPhoneNumbers.json";
        let fault = Fault::Refuse { reason };
        desk.providers.add_fault(FaultScript::once(Provider::Twilio, "POST", path, fault));
        refused(&mut desk, BUY, &[("PhoneNumber", &number)], code);
    }
    let path = "/2010-04-01/Accounts/*";
    for (reason, status) in [(Refusal::Balance, 403), (Refusal::Stock, 400)] {
        let fault = Fault::Refuse { reason };
        desk.providers.add_fault(FaultScript::once(Provider::Twilio, "POST", path, fault));
        let form = [("AreaCode", "415")];
        assert_eq!(desk.twilio(BUY, &form).0, status);
    }
    assert_eq!(money(&desk).2, 0);
}

#[test]
fn a_lost_answer_has_bought_and_a_reset_has_not() {
    for (fault, bought) in [(Fault::AnswerLost, 1), (Fault::Reset, 0), (Fault::NotSent, 0)] {
        let mut desk = Desk::new();
        let number = desk.twilio_search("US/Local.json?AreaCode=415").remove(0);
        let path = "/Accounts/{id}/IncomingPhoneNumbers.json";
        desk.providers.add_fault(FaultScript::once(Provider::Twilio, "POST", path, fault));
        let reply = desk.twilio_reply(BUY, &[("PhoneNumber", &number)]);
        assert!(matches!(reply.outcome, Outcome::Lost { .. } | Outcome::NotSent));
        assert_eq!(money(&desk).2, bought);
        assert_eq!(desk.twilio(BUY, &[("PhoneNumber", &number)]).0, 201);
        assert_eq!(money(&desk).2, 1, "the repeat of the same number is no second purchase");
    }
}

#[test]
fn a_number_bought_over_the_api_may_point_at_the_demo() {
    let mut desk = Desk::with(json!({ "twilio": { "bought_with_demo": true, "unset": "null" } }));
    let (_, sid) = desk.twilio_bought(&[]);
    let held = desk.get_twilio(&format!("/IncomingPhoneNumbers/{sid}.json"));
    assert_eq!(held["voice_url"], "https://demo.twilio.com/welcome/voice/");
    assert_eq!(held["sms_url"], "https://demo.twilio.com/welcome/sms/reply");
    assert_eq!(held["voice_application_sid"], Value::Null);
}
