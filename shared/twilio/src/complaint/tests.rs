use super::*;
use crate::testing::{ACCOUNT, DIGITS, TOKEN, refused};
use exchange::scripted::{answer, plain};
use serde_json::{Value, json};

fn none(_complaint: &Complaint) -> Option<Missing> {
    None
}

#[track_caller]
fn bought(status: u16, code: u32) -> Refusal<BuyRefusal> {
    Complaint::read(&refused(status, code, "words").unwrap()).refusal(&[], buy)
}

#[track_caller]
fn searched(status: u16, code: u32) -> Refusal<SearchRefusal> {
    Complaint::read(&refused(status, code, "words").unwrap()).refusal(&[], search)
}

fn in_words<R>(code: u32) -> Refusal<R> {
    Refusal::Request(format!("{code} words"))
}

#[test]
fn every_code_of_a_purchase_has_its_reason() {
    for (status, code, reason) in [
        (400, 21421, BuyRefusal::Malformed),
        (400, 21422, BuyRefusal::Taken),
        (400, 21451, BuyRefusal::NoStock),
        (400, 21452, BuyRefusal::NoStock),
        (400, 21404, BuyRefusal::TrialLimit),
        (400, 10002, BuyRefusal::TrialLimit),
        (403, 10002, BuyRefusal::TrialLimit),
        (403, 20403, BuyRefusal::AccountInactive),
        (403, 10001, BuyRefusal::AccountInactive),
        (400, 20005, BuyRefusal::AccountInactive),
        (400, 21613, BuyRefusal::AddressRequired),
        (400, 21631, BuyRefusal::AddressRequired),
        (400, 21649, BuyRefusal::BundleRequired),
    ] {
        assert_eq!(bought(status, code), Refusal::Because(reason), "{status} {code}");
    }
    for code in [21450, 21457, 21474, 20001] {
        assert_eq!(bought(400, code), in_words(code), "{code}");
    }
    // A wrong account, and nothing about the number.
    assert_eq!(bought(404, 20404), in_words(20404));
}

#[test]
fn a_search_is_refused_for_want_of_stock() {
    for (status, code) in [(400, 21451), (400, 21452), (404, 20404)] {
        let no_stock = Refusal::Because(SearchRefusal::NoStock);
        assert_eq!(searched(status, code), no_stock, "{status} {code}");
    }
    for code in [21421, 21450, 21457] {
        assert_eq!(searched(400, code), in_words(code), "{code}");
    }
}

#[test]
fn a_rejected_key_is_a_rejected_key_in_every_call() {
    assert_eq!(bought(401, 20003), Refusal::Key);
    assert_eq!(searched(401, 20003), Refusal::Key);
    // Whatever code it carries.
    assert_eq!(bought(401, 21422), Refusal::Key);
    assert_eq!(bought(403, 20003), Refusal::Key);
    let refusal = Complaint::read(&plain(403, "Forbidden").unwrap()).refusal(&[], missing);
    assert_eq!(refusal, Refusal::Key);
}

#[test]
fn missing_is_told_by_status() {
    let read = |status, code| {
        Complaint::read(&refused(status, code, "words").unwrap()).refusal(&[], missing)
    };
    assert_eq!(read(404, 20404), Refusal::Because(Missing::NotFound));
    assert_eq!(read(400, 20404), in_words(20404));
}

fn shown(body: Value) -> String {
    let refusal = Complaint::read(&answer(400, body).unwrap()).refusal(&[], none);
    let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
    text
}

#[test]
fn an_unreadable_body_leaves_the_status() {
    let text = "status 400 without a readable message";
    for body in [json!({}), json!({ "code": null, "message": [] }), json!([]), json!("no")] {
        assert_eq!(shown(body), text);
    }
    let refusal = Complaint::read(&plain(400, "<html>").unwrap()).refusal(&[], none);
    assert_eq!(refusal, Refusal::Request(text.to_owned()));
    assert_eq!(shown(json!({ "message": "only words" })), "only words");
    // A code may come as text.
    let body = json!({ "code": "21422", "status": 400 });
    let refusal = Complaint::read(&answer(400, body).unwrap()).refusal(&[], buy);
    assert_eq!(refusal, Refusal::Because(BuyRefusal::Taken));
}

#[test]
fn words_are_handed_on_without_numbers_and_keys() {
    let message = format!("{DIGITS} {TOKEN} {ACCOUNT} (415) 555-0123 {}", "x".repeat(300));
    let answer = refused(400, 1, &message).unwrap();
    let refusal = Complaint::read(&answer).refusal(&[&SecretString::from(TOKEN)], none);
    let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
    assert!(text.starts_with("1 …0123 … … (…0123 xxx"), "{text}");
    assert_eq!(text.chars().count(), 200);
}
