use super::*;
use crate::testing::{DIGITS, KEY, SECRET};
use exchange::scripted::{answer, plain};
use serde_json::json;

fn complaint(status: u16, message: &str) -> Complaint {
    Complaint::read(&answer(status, json!({ "statusCode": status, "message": message })).unwrap())
}

fn none(_complaint: &Complaint) -> Option<Missing> {
    None
}

#[track_caller]
fn free(status: u16, message: &str) -> Refusal<FreeNumberRefusal> {
    let wanted: AreaCode = "415".parse().unwrap();
    complaint(status, message).refusal(&[], |complaint| free_number(complaint, Some(&wanted)))
}

#[track_caller]
fn imported(status: u16, message: &str) -> Refusal<ImportRefusal> {
    complaint(status, message).refusal(&[], import)
}

#[test]
fn a_message_may_be_a_text_a_list_or_missing() {
    let shown = |body| {
        let refusal = Complaint::read(&answer(400, body).unwrap()).refusal(&[], none);
        let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
        text
    };
    assert_eq!(shown(json!({ "message": "one" })), "one");
    assert_eq!(shown(json!({ "message": ["one", "two"] })), "one; two");
    assert_eq!(shown(json!({ "error": "assistant_pinned" })), "assistant_pinned");
    assert_eq!(shown(json!({ "message": 7 })), "status 400 without a readable message");
    assert_eq!(shown(json!([])), "status 400 without a readable message");
}

#[test]
fn a_body_that_is_no_json_does_not_matter() {
    let refusal = |status, body| Complaint::read(&plain(status, body).unwrap()).refusal(&[], none);
    let text = "status 400 without a readable message";
    assert_eq!(refusal(400, "<html>"), Refusal::Request(text.to_owned()));
    assert_eq!(refusal(403, "Forbidden"), Refusal::Key);
}

#[test]
fn the_front_door_refuses_the_user_agent_and_not_the_key() {
    let refusal = Complaint::read(&plain(403, "error code: 1010").unwrap()).refusal(&[], none);
    let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
    assert!(text.contains("user agent"), "{text}");
}

#[test]
fn words_are_handed_on_without_numbers_and_keys() {
    let message = format!("{DIGITS} {KEY} {SECRET} (415) 555-0123 {}", "x".repeat(300));
    let secrets = [SecretString::from(KEY), SecretString::from(SECRET)];
    let refusal = complaint(400, &message).refusal(&[&secrets[0], &secrets[1]], none);
    let Refusal::Request(text) = refusal else { panic!("{refusal:?}") };
    assert!(text.starts_with("…0123 … … (…0123 xxx"), "{text}");
    assert_eq!(text.chars().count(), 200);
}

#[test]
fn a_rejected_key_is_a_rejected_key_in_every_call() {
    assert_eq!(free(401, "Invalid Key"), Refusal::Key);
    assert_eq!(free(403, "Forbidden"), Refusal::Key);
    assert_eq!(imported(401, "credential"), Refusal::Key);
    assert_eq!(imported(403, "Forbidden"), Refusal::Key);
}

#[test]
fn a_used_up_allowance_is_told_by_its_words_under_each_status() {
    let words = [
        "You have reached the limit of free phone numbers",
        "Free number quota exceeded",
        "Maximum of 10 numbers. Upgrade your plan.",
    ];
    for status in [400, 402, 403] {
        for text in words {
            let refusal = Refusal::Because(FreeNumberRefusal::AllowanceUsed);
            assert_eq!(free(status, text), refusal, "{status} {text}");
        }
    }
    let shown = "Rate limit exceeded".to_owned();
    assert_eq!(free(400, "Rate limit exceeded"), Refusal::Request(shown));
}

#[test]
fn a_missing_payment_is_told_by_its_words_or_by_402() {
    let refusal = || Refusal::Because(FreeNumberRefusal::PaymentRequired);
    for text in ["Payment method required", "Check your billing", "Please upgrade"] {
        for status in [400, 403] {
            assert_eq!(free(status, text), refusal(), "{status} {text}");
        }
    }
    assert_eq!(free(402, "No"), refusal());
}

#[test]
fn an_area_code_without_stock_brings_its_hints() {
    let message = "Area code 415 is currently not available. Try one of 701, 279, 406 or 279.";
    let try_instead = ["701", "279", "406"].map(|code| code.parse().unwrap()).to_vec();
    let refusal = FreeNumberRefusal::AreaCodeUnavailable { try_instead };
    assert_eq!(free(400, message), Refusal::Because(refusal));
    let refusal = FreeNumberRefusal::AreaCodeUnavailable { try_instead: vec![] };
    assert_eq!(free(400, "no numbers in this area code"), Refusal::Because(refusal));
}

#[test]
fn other_words_about_a_free_number_are_handed_on() {
    let text = "property colour should not exist";
    assert_eq!(free(400, text), Refusal::Request(text.to_owned()));
    assert_eq!(free(409, "Conflict"), Refusal::Request("Conflict".to_owned()));
}

#[test]
fn an_import_is_refused_for_its_own_reasons() {
    let at_carrier = "Couldn't Update Telnyx Number. Error: Request failed with status code";
    for (status, text, reason) in [
        (400, format!("{at_carrier} 404"), ImportRefusal::NotAtCarrier),
        (400, format!("{at_carrier} 401"), ImportRefusal::CredentialInvalid),
        (400, format!("{at_carrier} 403"), ImportRefusal::CredentialInvalid),
        (400, "Number already exists".to_owned(), ImportRefusal::AlreadyImported),
        (400, "This number is in use".to_owned(), ImportRefusal::AlreadyImported),
        (409, "Conflict".to_owned(), ImportRefusal::AlreadyImported),
        (400, "credentialId must be a UUID".to_owned(), ImportRefusal::CredentialInvalid),
        (404, "Couldn't find credential".to_owned(), ImportRefusal::CredentialInvalid),
    ] {
        assert_eq!(imported(status, &text), Refusal::Because(reason), "{status} {text}");
    }
}

#[test]
fn an_import_from_twilio_is_refused_for_its_own_reasons() {
    let account = "AC0123456789abcdef0123456789abcdef";
    let identical = format!(
        "Existing Phone Number 4cc740d4-cfd7-4f25-9a46-e8e1ebd9cec8 Has Identical \
         `twilioAccountSid` {account} and `number` {DIGITS}."
    );
    let imported = |status, text: &str| complaint(status, text).refusal(&[], import_twilio);
    for (status, text, reason) in [
        (400, identical.as_str(), ImportRefusal::AlreadyImported),
        (400, "This number is already imported", ImportRefusal::AlreadyImported),
        (409, "Conflict", ImportRefusal::AlreadyImported),
        (400, "Number Not Found on Twilio", ImportRefusal::NotAtCarrier),
        (404, "Twilio: Request failed with status code 404", ImportRefusal::NotAtCarrier),
        (400, "Twilio: Request failed with status code 401", ImportRefusal::CredentialInvalid),
        (400, "Couldn't authenticate with Twilio", ImportRefusal::CredentialInvalid),
        (400, "twilioAuthToken must be a string", ImportRefusal::CredentialInvalid),
        (400, "twilioAccountSid is invalid", ImportRefusal::CredentialInvalid),
    ] {
        assert_eq!(imported(status, text), Refusal::Because(reason), "{status} {text}");
    }
    for text in ["number must be a valid phone number", "Twilio is out of order", "Not found"] {
        assert_eq!(imported(400, text), Refusal::Request(text.to_owned()));
    }
    // These are about VAPI's own key.
    assert_eq!(imported(401, "Invalid Key"), Refusal::Key);
    assert_eq!(imported(403, "Forbidden"), Refusal::Key);
}

#[test]
fn an_area_code_404_is_no_status_404() {
    let text = "Couldn't Update Telnyx Number +14045550123. Error: status code 500";
    assert!(matches!(imported(400, text), Refusal::Request(_)));
}

#[test]
fn missing_and_pinned_are_told_by_status() {
    assert_eq!(missing(&complaint(404, "")), Some(Missing::NotFound));
    assert_eq!(missing(&complaint(400, "not found")), None);
    let pinned_body = json!({ "error": "assistant_pinned", "message": "in use" });
    let complaint = Complaint::read(&answer(409, pinned_body).unwrap());
    assert_eq!(pinned(&complaint), Some(DeleteAssistantRefusal::Pinned));
}
