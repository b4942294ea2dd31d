use super::*;
use crate::testing::{ASSISTANT_ID, assistant_id, digits as number_digits, number_id, number_json};
use serde_json::{Value, json};

#[track_caller]
fn read(changes: Value) -> Option<VapiNumber> {
    number(serde_json::from_value(number_json(changes)).unwrap())
}

#[test]
fn a_whole_record_is_read() {
    let changes = json!({
        "provider": "telnyx",
        "server": { "url": "https://ours.test", "headers": {} },
        "sipUri": "sip:x@sip.vapi.ai",
    });
    let expected = VapiNumber {
        id: number_id(),
        provider: NumberProvider::Telnyx,
        status: NumberStatus::Active,
        digits: Digits::Known(number_digits()),
        sip_uri: Some("sip:x@sip.vapi.ai".to_owned()),
        name: Some(crate::testing::STAMP.to_owned()),
        assistant: Some(assistant_id()),
        linked_elsewhere: false,
        server_url: Some("https://ours.test".to_owned()),
        updated_at: "2026-01-01T00:00:01.000Z".to_owned(),
    };
    assert_eq!(read(changes), Some(expected));
}

#[test]
fn null_absent_and_empty_are_the_same() {
    let names = ["status", "name", "number", "assistantId", "sipUri", "server", "updatedAt"];
    let nulls: serde_json::Map<_, _> =
        names.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
    let absent: NumberWire = serde_json::from_value(json!({
        "id": crate::testing::NUMBER_ID, "provider": "vapi",
    }))
    .unwrap();
    let empty = json!({
        "status": "", "name": "", "number": "", "assistantId": "", "sipUri": "", "server": {},
        "updatedAt": "", "squadId": "", "workflowId": "",
    });
    let absent = number(absent).unwrap();
    assert_eq!(read(Value::Object(nulls)).as_ref(), Some(&absent));
    assert_eq!(read(empty).as_ref(), Some(&absent));
    assert_eq!(absent.status, NumberStatus::Active);
    assert_eq!(absent.digits, Digits::Absent);
}

#[test]
fn values_we_do_not_know_are_no_error_and_no_success() {
    let number =
        read(json!({ "status": "dreaming", "provider": "pigeon", "server": "text" })).unwrap();
    assert_eq!(number.status, NumberStatus::Unknown);
    assert_eq!(number.provider, NumberProvider::Other);
    assert_eq!(number.server_url, None);
}

#[test]
fn the_known_statuses_and_providers_are_told_apart() {
    for (text, expected) in [
        ("active", NumberStatus::Active),
        ("activating", NumberStatus::Activating),
        ("blocked", NumberStatus::Blocked),
    ] {
        assert_eq!(read(json!({ "status": text })).unwrap().status, expected);
    }
    for (text, expected) in [
        ("vapi", NumberProvider::Vapi),
        ("telnyx", NumberProvider::Telnyx),
        ("twilio", NumberProvider::Twilio),
        ("byo-phone-number", NumberProvider::Other),
    ] {
        assert_eq!(read(json!({ "provider": text })).unwrap().provider, expected);
    }
}

#[test]
fn masked_digits_are_masked_and_nonsense_is_absent() {
    for (text, expected) in [
        ("+165****8621", Digits::Masked),
        ("****", Digits::Masked),
        ("soon", Digits::Absent),
        ("4155550123", Digits::Absent),
        ("+14155550123", Digits::Known(number_digits())),
    ] {
        assert_eq!(read(json!({ "number": text })).unwrap().digits, expected, "{text}");
    }
}

#[test]
fn a_squad_a_workflow_or_a_strange_assistant_is_a_link_elsewhere() {
    for changes in [
        json!({ "squadId": ASSISTANT_ID }),
        json!({ "workflowId": ASSISTANT_ID }),
        json!({ "assistantId": "no id at all" }),
    ] {
        assert!(read(changes.clone()).unwrap().linked_elsewhere, "{changes}");
    }
    assert!(!read(json!({ "squadId": null })).unwrap().linked_elsewhere);
}

#[test]
fn a_record_without_a_usable_id_is_none() {
    for id in [json!(null), json!(""), json!("a/b"), json!({})] {
        assert_eq!(read(json!({ "id": id })), None);
    }
}

#[test]
fn a_mask_fits_by_its_visible_ends() {
    let whole = number_digits();
    for (masked, fits) in [
        ("+141****0123", true),
        ("****", true),
        ("+1******0123", true),
        ("+142****0123", false),
        ("+141****0124", false),
    ] {
        assert_eq!(mask_fits(masked, &whole), fits, "{masked}");
    }
}

#[test]
fn the_end_of_a_list_is_found_by_either_hint_or_an_empty_page() {
    let has_next =
        |page: u32, body: Value| serde_json::from_value::<PageWire>(body).unwrap().has_next(page);
    let one = number_json(json!({}));
    assert!(has_next(1, json!({ "results": [one], "metadata": { "hasNextPage": true } })));
    assert!(!has_next(1, json!({ "results": [one], "metadata": { "hasNextPage": false } })));
    assert!(has_next(1, json!({ "results": [one], "metadata": { "totalPages": 2 } })));
    assert!(!has_next(2, json!({ "results": [one], "metadata": { "totalPages": 2 } })));
    assert!(has_next(1, json!({ "results": [one] })));
    assert!(!has_next(1, json!({ "results": [], "metadata": null })));
}
