//! What becomes of numbers whose organization leaves, or that nobody uses any more.

use super::{BUY, outcome};
use it::truth::number_states;
use it::twilio::{OWN, with_account_for};
use it::{City, Person, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::{Fault, Provider};
use std::collections::BTreeSet;
use std::time::Duration;

fn person(number: usize) -> Person {
    Person::of("org-1", &format!("business-{number}"))
}

fn digits(number: usize) -> String {
    format!("+141555501{number:02}")
}

fn answered_by(number: usize) -> String {
    format!("https://calls.example.com/line-{number}")
}

/// A business gives its number up.
fn gives_up(city: &City, person: &Person) {
    let shown = city.send(person.call("GET /api/phone/provision", &Value::Null));
    let line = format!("DELETE /api/phone/numbers/{}", shown.text("number_id"));
    assert_eq!(city.send(person.call(&line, &Value::Null)).status, 202);
}

/// Everything under way ends, and what has rested is in the pool.
fn settled(city: &City) {
    city.settle();
    city.pass(Duration::from_secs(300));
    city.sweep();
}

/// The account leaves the organization; the status and code of the answer.
fn leaves(city: &City) -> (u16, String) {
    let path = "/api/admin/organizations/org-1";
    let known = city.send(Person::operator().call(&format!("GET {path}"), &Value::Null));
    let mut call = Person::operator().call(&format!("PUT {path}"), &json!({ "twilio": null }));
    let version = known.header("etag").unwrap().to_owned();
    call.headers.insert("if-match".to_owned(), version);
    let answer = city.send(call);
    (answer.status, answer.problem().to_owned())
}

#[test]
fn twenty_numbers_are_imported_eight_are_used_and_each_is_as_it_was_when_the_organization_leaves() {
    let city = with_account_for("org_twilio", &[("QUARANTINE_DAYS", "0")]);
    let numbers: Vec<String> = (0..20).map(digits).collect();
    for (number, text) in numbers.iter().enumerate() {
        let voice = answered_by(number);
        let own = [("voice_url", voice.as_str()), ("friendly_name", "front desk")];
        city.buys_at_twilio(OWN.0, text, &own);
    }
    city.set_up("org-1", &json!({
        "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1, "twilio_phone_numbers": numbers,
        "twilio_buys_numbers": false,
    }));
    for number in 0..20 {
        assert_eq!(city.post(&person(number), from_sources(&["org_twilio"])).status, 202);
    }
    city.settle();
    let mut had = BTreeSet::new();
    for number in 0..20 {
        let shown = city.send(person(number).call("GET /api/phone/provision", &Value::Null));
        city.assert_answers(&shown);
        had.insert(shown.text("phone_number").to_owned());
    }
    assert_eq!(had, numbers.iter().cloned().collect());
    // Eight are used; the organization cannot leave while its numbers are here.
    (8..20).for_each(|number| gives_up(&city, &person(number)));
    settled(&city);
    assert_eq!(leaves(&city), (409, "twilio-account-in-use".to_owned()));
    assert_eq!(city.give_all_back(), 12);
    city.settle();
    assert_eq!(leaves(&city), (409, "twilio-account-in-use".to_owned()), "eight are used");
    (0..8).for_each(|number| gives_up(&city, &person(number)));
    settled(&city);
    assert_eq!(city.give_all_back(), 8);
    city.settle();
    assert_eq!(leaves(&city), (200, String::new()));
    for (number, text) in numbers.iter().enumerate() {
        assert_eq!(city.at_twilio(text, "voice_url"), answered_by(number), "as it was");
        assert_eq!(city.at_twilio(text, "friendly_name"), "front desk");
    }
    let held = city.held();
    assert!(held.imported.is_empty(), "no record is left at VAPI: {:?}", held.imported);
    let all = city.providers.lock();
    let account = all.twilio.account(OWN.0).unwrap();
    assert_eq!((account.numbers.len(), account.released.len()), (20, 0), "none was deleted");
    drop(all);
    assert_eq!(number_states(&city.table).get("released"), Some(&20));
    assert!(it::truth::digits_guarded(&city.table).is_empty(), "their digits are free");
}

#[test]
fn a_trunk_is_put_back_and_so_are_settings_after_a_lost_answer() {
    let city = with_account_for("org_twilio", &[("QUARANTINE_DAYS", "0")]);
    let trunk = ("trunk_sid", "TK00000000000000000000000000000001");
    city.buys_at_twilio(OWN.0, &digits(0), &[trunk, ("sms_url", "https://sms.example.com/in")]);
    city.set_up(
        "org-1",
        &json!({
            "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1,
            "twilio_phone_numbers": [digits(0)],
        }),
    );
    let answer = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    city.assert_answers(&answer);
    assert_eq!(city.at_twilio(&digits(0), "trunk_sid"), "");
    gives_up(&city, &harbor());
    settled(&city);
    let update = "POST /Accounts/{id}/IncomingPhoneNumbers/{id}.json";
    city.fault(Provider::Twilio, update, Fault::AnswerLost);
    assert_eq!(city.give_all_back(), 1);
    city.settle();
    assert_eq!(city.at_twilio(&digits(0), trunk.0), trunk.1);
    assert_eq!(city.at_twilio(&digits(0), "sms_url"), "https://sms.example.com/in");
}

#[test]
fn a_number_that_was_bought_is_released_at_twilio() {
    let city = with_account_for(
        "global_twilio",
        &[("QUARANTINE_DAYS", "0"), ("GIVE_BACK_AFTER_DAYS", "0"), ("POOL_MINIMUM", "0")],
    );
    city.fault(Provider::Twilio, BUY, Fault::AnswerLost);
    let answer = outcome(&city, &harbor(), from_sources(&["global_twilio"]));
    city.assert_one_number("global_twilio", &answer);
    gives_up(&city, &harbor());
    settled(&city);
    city.sweep();
    city.settle();
    let all = city.providers.lock();
    let released: usize = all.twilio.accounts().iter().map(|one| one.released.len()).sum();
    let held: usize = all.twilio.accounts().iter().map(|one| one.numbers.len()).sum();
    assert_eq!((released, held), (1, 0));
}
