//! Numbers that the account owns already go before numbers that cost something.

use super::{is_passed, outcome};
use it::twilio::{OWN, PLATFORM, with_account_for};
use it::{Person, Shown as _, from_sources, harbor};
use serde_json::json;
use std::time::Duration;

const IDLE: &str = "+14155550123";
const BUSY: &str = "+14155550124";
const THEIRS: (&str, &str) = ("voice_url", "https://calls.example.com/answer");

#[test]
fn an_idle_number_is_imported_and_how_it_was_set_is_kept() {
    for (source, account) in [("org_twilio", OWN), ("global_twilio", PLATFORM)] {
        let city = with_account_for(source, &[]);
        city.buys_at_twilio(account.0, BUSY, &[THEIRS]);
        city.buys_at_twilio(account.0, IDLE, &[("sms_url", "https://sms.example.com/in")]);
        let answer = outcome(&city, &harbor(), from_sources(&[source]));
        city.assert_answers(&answer);
        assert_eq!(answer.text("phone_number"), IDLE);
        let held = city.held();
        assert_eq!((held.twilio_purchases, held.spent_cents), (0, 0), "nothing was bought");
        assert_eq!(city.at_twilio(IDLE, "sms_url"), "https://sms.example.com/in");
        assert_eq!(city.at_twilio(BUSY, "voice_url"), THEIRS.1, "left alone");
        let works = city.works();
        let number = works[0].phase.number().unwrap();
        assert_eq!(number.origin, domain::number::Origin::Imported);
        let domain::number::Carrier::Twilio { former: Some(former), .. } = &number.carrier else {
            panic!("{:?}", number.carrier)
        };
        let was = former.voice.answer.url.as_ref().unwrap().reveal();
        assert_eq!(was, simulators::twilio::DEMO_VOICE_URL);
        assert_eq!(former.sms.receive.url.as_ref().unwrap().reveal(), "https://sms.example.com/in");
        it::truth::assert_sound(&city, &held);
    }
}

#[test]
fn what_is_not_idle_is_left_alone() {
    for busy in [
        THEIRS,
        ("trunk_sid", "TK00000000000000000000000000000001"),
        ("voice_application_sid", "AP00000000000000000000000000000001"),
        ("friendly_name", "7F3K9Q2A-01KCFN7QH2N8Z1V9W3T5R6Y8XE-1"),
    ] {
        let city = with_account_for("org_twilio", &[]);
        city.buys_at_twilio(OWN.0, BUSY, &[busy]);
        city.set_up("org-1", &json!({
            "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1, "twilio_buys_numbers": false,
        }));
        if busy.0 == "friendly_name" {
            // A name like a stamp says that somebody has just bought it for something.
            assert!(domain::ids::Stamp::parse(busy.1).is_some(), "{}", busy.1);
        }
        is_passed(&city, "org_twilio", "buying_not_allowed");
        assert_eq!(city.at_twilio(BUSY, busy.0), busy.1);
    }
}

#[test]
fn a_listed_number_is_imported_whoever_answers_it_now() {
    for theirs in [
        THEIRS,
        ("trunk_sid", "TK00000000000000000000000000000001"),
        ("voice_application_sid", "AP00000000000000000000000000000001"),
    ] {
        let city = with_account_for("org_twilio", &[]);
        city.buys_at_twilio(OWN.0, BUSY, &[theirs]);
        city.set_up(
            "org-1",
            &json!({
                "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1,
                "twilio_phone_numbers": [BUSY],
            }),
        );
        let answer = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
        city.assert_answers(&answer);
        assert_eq!(answer.text("phone_number"), BUSY);
        assert_eq!(city.held().twilio_purchases, 0);
        let works = city.works();
        let number = works[0].phase.number().unwrap();
        let domain::number::Carrier::Twilio { former: Some(former), .. } = &number.carrier else {
            panic!("{:?}", number.carrier)
        };
        let kept = match theirs.0 {
            "voice_url" => former.voice.answer.url.as_ref(),
            "trunk_sid" => former.voice.trunk.as_ref(),
            _ => former.voice.application.as_ref(),
        };
        assert_eq!(kept.unwrap().reveal(), theirs.1);
    }
}

#[test]
fn many_owned_numbers_go_to_many_businesses_and_each_to_one() {
    let city = with_account_for("org_twilio", &[]);
    let numbers: Vec<String> = (0..6).map(|last| format!("+1415555013{last}")).collect();
    for number in &numbers {
        city.buys_at_twilio(OWN.0, number, &[]);
    }
    let people: Vec<Person> =
        (0..8).map(|number| Person::of("org-1", &format!("business-{number}"))).collect();
    for person in &people {
        assert_eq!(city.post(person, json!({ "sources": ["org_twilio"] })).status, 202);
    }
    city.settle();
    let mut had = Vec::new();
    for person in &people {
        let shown = city.send(person.call("GET /api/phone/provision", &json!(null)));
        city.assert_answers(&shown);
        had.push(shown.text("phone_number").to_owned());
    }
    had.sort();
    had.dedup();
    assert_eq!(had.len(), 8, "one each");
    assert!(numbers.iter().all(|number| had.contains(number)), "owned ones first");
    assert_eq!(city.held().twilio_purchases, 2);
    it::truth::assert_sound(&city, &city.held());
}

#[test]
fn a_number_that_somebody_else_imported_is_left_to_them() {
    let city = with_account_for("org_twilio", &[]);
    city.buys_at_twilio(OWN.0, BUSY, &[THEIRS]);
    let (status, record) = city.at_vapi(
        "POST",
        "/phone-number",
        json!({
            "provider": "twilio", "number": BUSY, "name": "by hand",
            "twilioAccountSid": OWN.0, "twilioAuthToken": OWN.1,
        }),
    );
    assert_eq!(status, 201, "{record:#}");
    city.switch(&json!({ "vapi": { "double_import": { "kind": "rejects", "status": 409 } } }));
    city.set_up(
        "org-1",
        &json!({
            "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1, "twilio_phone_numbers": [BUSY],
        }),
    );
    let answer = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    city.assert_answers(&answer);
    assert_ne!(answer.text("phone_number"), BUSY);
    let id = record["id"].as_str().unwrap();
    assert_eq!(city.at_vapi("GET", &format!("/phone-number/{id}"), json!(null)).0, 200);
    it::truth::assert_sound(&city, &city.held());
}

#[test]
fn a_number_called_off_before_its_import_is_as_it_was() {
    let city = with_account_for("org_twilio", &[]);
    city.buys_at_twilio(OWN.0, IDLE, &[]);
    // VAPI does not take it for a while, and meanwhile it is called off.
    let busy = simulators::Fault::Status {
        status: 429,
        retry_after_seconds: Some(30),
        reset_seconds: None,
        text: None,
    };
    city.faults(simulators::Provider::Vapi, "POST /phone-number", busy, 3);
    let asked = city.post(&harbor(), from_sources(&["org_twilio"]));
    city.until(|city| city.works()[0].phase.name() == domain::work::PhaseName::Bought);
    let line = format!("DELETE /api/phone/provision/{}", asked.id());
    city.send(harbor().call(&line, &json!(null)));
    city.settle();
    assert_eq!(city.look(&harbor(), asked.id()).state(), "cancelled");
    assert!(it::truth::rows(&city.table, "NUMBER#", "NUMBER").is_empty(), "no row is left");
    assert_eq!(city.at_twilio(IDLE, "voice_url"), simulators::twilio::DEMO_VOICE_URL);
    // The next business may have it.
    city.pass(Duration::from_secs(60));
    let next = outcome(&city, &Person::of("org-1", "next"), from_sources(&["org_twilio"]));
    assert_eq!(next.text("phone_number"), IDLE);
}
