use super::*;
use crate::testing::{DIGITS, KEY, refused};
use exchange::scripted::{answer, plain};
use serde_json::{Value, json};

fn none(_complaint: &Complaint) -> Option<Missing> {
    None
}

#[track_caller]
fn ordered(status: u16, code: &str, detail: &str) -> Refusal<OrderRefusal> {
    Complaint::read(&refused(status, code, detail).unwrap()).refusal(&[], order)
}

#[track_caller]
fn check(refusal: Refusal<OrderRefusal>, expected: OrderRefusal) {
    assert_eq!(refusal, Refusal::Because(expected));
}

/// A refused order whose error points into the body.
fn pointing(status: u16, pointer: &str) -> Refusal<OrderRefusal> {
    let source = json!({ "pointer": pointer });
    let body = json!({ "errors": [{ "code": "10015", "title": "Bad", "source": source }] });
    Complaint::read(&answer(status, body).unwrap()).refusal(&[], order)
}

fn shown(body: Value) -> String {
    let refusal = Complaint::read(&answer(400, body).unwrap()).refusal(&[], none);
    let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
    text
}

#[test]
fn all_errors_are_told_with_their_codes() {
    let body = json!({ "errors": [
        { "code": "10015", "title": "Bad Request", "detail": "Not well-formed" },
        { "code": 10016, "title": null },
    ]});
    assert_eq!(shown(body), "10015 Bad Request Not well-formed; 10016");
}

#[test]
fn an_unreadable_body_leaves_the_status() {
    let text = "status 400 without a readable message";
    for body in [json!({}), json!({ "errors": null }), json!({ "errors": "x" }), json!([])] {
        assert_eq!(shown(body), text);
    }
    let refusal = Complaint::read(&plain(400, "<html>").unwrap()).refusal(&[], none);
    assert_eq!(refusal, Refusal::Request(text.to_owned()));
}

#[test]
fn words_are_handed_on_without_numbers_and_keys() {
    let answer = refused(400, "1", &format!("{DIGITS} {KEY} {}", "x".repeat(300))).unwrap();
    let refusal = Complaint::read(&answer).refusal(&[&SecretString::from(KEY)], none);
    let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
    assert!(text.starts_with("1 Title …0123 … xxx"), "{text}");
    assert_eq!(text.chars().count(), 200);
}

#[test]
fn a_rejected_key_is_told_by_status() {
    assert_eq!(ordered(401, "10009", "insufficient balance"), Refusal::Key);
    assert_eq!(ordered(403, "10010", "Authorization failed"), Refusal::Key);
}

#[test]
fn a_number_that_cannot_be_had_is_taken() {
    check(ordered(400, "10015", "The number is not available"), OrderRefusal::Taken);
    check(ordered(409, "85001", "requirement"), OrderRefusal::Taken);
    check(ordered(400, "85001", ""), OrderRefusal::Taken);
    check(ordered(409, "10012", "Duplicate"), OrderRefusal::Taken);
    check(pointing(400, "/phone_numbers/0/phone_number"), OrderRefusal::Taken);
}

#[test]
fn a_bad_request_about_another_field_is_a_bad_request() {
    for status in [400, 409] {
        assert!(matches!(pointing(status, "/connection_id"), Refusal::Request(_)));
    }
}

#[test]
fn an_empty_balance_is_told_by_status_code_or_words() {
    check(ordered(402, "0", "No"), OrderRefusal::NoBalance);
    check(ordered(400, "20100", "No"), OrderRefusal::NoBalance);
    check(ordered(400, "10015", "Insufficient funds"), OrderRefusal::NoBalance);
    check(ordered(403, "10010", "Your balance is too low"), OrderRefusal::NoBalance);
}

#[test]
fn documents_are_asked_for_in_words_or_by_pointer() {
    for detail in ["Requirement group needed", "regulatory", "Missing documents"] {
        for status in [400, 422] {
            check(ordered(status, "10015", detail), OrderRefusal::DocumentsRequired);
        }
    }
    let pointer = "/phone_numbers/0/requirement_group_id";
    check(pointing(422, pointer), OrderRefusal::DocumentsRequired);
}

#[test]
fn a_422_without_such_words_is_a_bad_request() {
    let refusal = ordered(422, "10016", "Must be in +E.164 format, see the documentation");
    assert!(matches!(refusal, Refusal::Request(_)), "{refusal:?}");
    assert!(matches!(ordered(400, "10004", "Missing parameter"), Refusal::Request(_)));
}

#[test]
fn the_other_reasons_are_told_by_status_and_code() {
    let complaint = |status, code| Complaint::read(&refused(status, code, "").unwrap());
    assert_eq!(missing(&complaint(404, "10005")), Some(Missing::NotFound));
    assert_eq!(missing(&complaint(422, "10005")), None);
    assert_eq!(locked(&complaint(422, "")), Some(DeleteNumberRefusal::Locked));
    assert_eq!(locked(&complaint(400, "")), None);
    assert_eq!(search(&complaint(400, "10031")), Some(SearchRefusal::NoStock));
    assert_eq!(search(&complaint(400, "10015")), None);
}
