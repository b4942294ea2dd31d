//! Twilio's list of numbers: pages, filters, lag.

use serde_json::{Value, json};
use simulators::{Fault, FaultScript, Provider, STANDARD_TWILIO_SID};

use crate::desk::{Desk, text};

/// A desk with numbers named `n0`, `n1`, …; gives their digits, oldest first.
fn stocked(count: usize) -> (Desk, Vec<String>) {
    let mut desk = Desk::new();
    let numbers: Vec<String> = (0..count)
        .map(|place| {
            desk.pass(1_000);
            desk.twilio_bought(&[("FriendlyName", &format!("n{place}"))]).0
        })
        .collect();
    (desk, numbers)
}

fn digits(list: &Value) -> Vec<String> {
    let numbers = list["incoming_phone_numbers"].as_array().unwrap();
    numbers.iter().map(|one| text(&one["phone_number"])).collect()
}

/// Follows a list from its first page to its last.
fn all(desk: &mut Desk, first: &str) -> (Vec<String>, usize) {
    let account = format!("/2010-04-01/Accounts/{STANDARD_TWILIO_SID}");
    let (mut found, mut pages, mut next) = (Vec::new(), 0, Some(first.to_owned()));
    while let Some(path) = next {
        let page = desk.get_twilio(&path);
        found.extend(digits(&page));
        pages += 1;
        next = page["next_page_uri"].as_str().map(|uri| {
            uri.strip_prefix(&account).expect("a relative address below the account").to_owned()
        });
    }
    (found, pages)
}

#[test]
fn pages_are_followed_by_a_relative_address() {
    let (mut desk, mut numbers) = stocked(5);
    numbers.reverse();
    let first = desk.get_twilio("/IncomingPhoneNumbers.json?PageSize=2");
    assert_eq!(digits(&first), numbers[..2], "newest first");
    assert_eq!((&first["page"], &first["page_size"]), (&json!(0), &json!(2)));
    assert_eq!((&first["start"], &first["end"]), (&json!(0), &json!(1)));
    assert_eq!(first["previous_page_uri"], Value::Null);
    assert_eq!(all(&mut desk, "/IncomingPhoneNumbers.json?PageSize=2"), (numbers.clone(), 3));
    assert_eq!(all(&mut desk, "/IncomingPhoneNumbers.json?PageSize=5"), (numbers.clone(), 1));
    assert_eq!(all(&mut desk, "/IncomingPhoneNumbers.json"), (numbers.clone(), 1));
    let counted = desk.get_twilio("/IncomingPhoneNumbers.json?PageSize=2&Page=2");
    assert_eq!(digits(&counted), numbers[..2], "the count is the client's own: the token decides");
}

#[test]
fn what_comes_and_goes_between_pages_moves_no_other() {
    let (mut desk, numbers) = stocked(4);
    let first = desk.get_twilio("/IncomingPhoneNumbers.json?PageSize=2");
    let next = text(&first["next_page_uri"]);
    desk.twilio_bought(&[]);
    assert!(desk.providers.twilio.release_outside(desk.now_ms, &numbers[2]));
    let account = format!("/2010-04-01/Accounts/{STANDARD_TWILIO_SID}");
    let second = desk.get_twilio(next.strip_prefix(&account).unwrap());
    assert_eq!(digits(&second), [numbers[1].clone(), numbers[0].clone()]);
    assert_eq!(second["next_page_uri"], Value::Null);
}

#[test]
fn the_next_page_may_be_said_to_be_on_another_host() {
    let (mut desk, _) = stocked(2);
    desk.switch(json!({ "twilio": { "next_page_host": "https://elsewhere.example.test" } }));
    let page = desk.get_twilio("/IncomingPhoneNumbers.json?PageSize=1");
    let next = text(&page["next_page_uri"]);
    assert!(next.starts_with("https://elsewhere.example.test/2010-04-01/Accounts/AC"), "{next}");
    desk.switch(json!({ "twilio": { "next_page_host": null } }));
    let page = desk.get_twilio("/IncomingPhoneNumbers.json?PageSize=1");
    assert!(text(&page["next_page_uri"]).starts_with("/2010-04-01/Accounts/AC"));
}

#[test]
fn numbers_are_filtered_in_part_and_names_in_whole() {
    let (mut desk, numbers) = stocked(3);
    let count = |desk: &mut Desk, query: &str| {
        digits(&desk.get_twilio(&format!("/IncomingPhoneNumbers.json?{query}"))).len()
    };
    let one = &numbers[1];
    let whole = format!("PhoneNumber=%2B{}", &one[1..]);
    assert_eq!(count(&mut desk, &whole), 1);
    let beginning = format!("PhoneNumber=%2B{}", &one[1..one.len() - 1]);
    assert!(count(&mut desk, &beginning) >= 1, "a filter that is cut short still matches");
    assert_eq!(count(&mut desk, "PhoneNumber=415"), 3);
    let wild = format!("PhoneNumber={}***{}", &one[2..5], &one[8..]);
    assert_eq!(count(&mut desk, &wild), 1);
    // A plus sign that was not encoded has become a space.
    assert_eq!(count(&mut desk, &format!("PhoneNumber={one}")), 0);
    for (query, expected) in [
        ("FriendlyName=n1", 1),
        ("FriendlyName=n", 0),
        ("FriendlyName=N1", 0),
        ("Origin=twilio", 3),
        ("Origin=hosted", 0),
        ("Beta=false", 3),
        ("Whatever=1", 3),
    ] {
        assert_eq!(count(&mut desk, query), expected, "{query}");
    }
    let filtered = desk.get_twilio("/IncomingPhoneNumbers.json?PhoneNumber=%2B1415&PageSize=1");
    let next = text(&filtered["next_page_uri"]);
    assert!(next.contains("PhoneNumber=%2B1415&PageSize=1&Page=1&PageToken=PA"), "{next}");
    assert_eq!(all(&mut desk, "/IncomingPhoneNumbers.json?PhoneNumber=%2B1415&PageSize=1").1, 3);
}

#[test]
fn classes_have_lists_of_their_own() {
    let (mut desk, numbers) = stocked(1);
    let free = desk.twilio_search("US/TollFree.json").remove(0);
    desk.twilio("POST /IncomingPhoneNumbers.json", &[("PhoneNumber", &free)]);
    assert_eq!(digits(&desk.get_twilio("/IncomingPhoneNumbers/Local.json")), numbers);
    assert_eq!(digits(&desk.get_twilio("/IncomingPhoneNumbers/TollFree.json")), [free]);
    assert!(digits(&desk.get_twilio("/IncomingPhoneNumbers/Mobile.json")).is_empty());
}

#[test]
fn a_list_may_lag_and_may_hide() {
    let (mut desk, numbers) = stocked(2);
    desk.switch(json!({ "twilio": { "list_lag_ms": 1_000 } }));
    let listed = |desk: &mut Desk| digits(&desk.get_twilio("/IncomingPhoneNumbers.json"));
    assert_eq!(listed(&mut desk), [numbers[0].clone()]);
    desk.pass(1_000);
    assert_eq!(listed(&mut desk).len(), 2);
    let path = "/Accounts/{id}/IncomingPhoneNumbers.json";
    for (containing, left) in [("n1", 1), ("", 0)] {
        let fault = Fault::HideRecords { containing: containing.to_owned() };
        desk.providers.add_fault(FaultScript::once(Provider::Twilio, "GET", path, fault));
        assert_eq!(listed(&mut desk).len(), left);
    }
    assert_eq!(listed(&mut desk).len(), 2);
}

#[test]
fn bad_pages_are_refused() {
    let mut desk = Desk::new();
    for query in
        ["PageSize=0", "PageSize=1001", "PageSize=x", "Page=-1", "PageToken=PAx", "PageToken=12"]
    {
        let (status, body) = desk.twilio(&format!("GET /IncomingPhoneNumbers.json?{query}"), &[]);
        assert_eq!((status, &body["code"]), (400, &json!(20001)), "{query}");
    }
}
