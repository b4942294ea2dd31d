//! Who reaches what at Twilio, and what the log keeps of it.

use serde_json::json;
use simulators::twilio::{AccountStatus, KeyType};
use simulators::{Outcome, STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN};

use crate::desk::Desk;

const OTHER: &str = "ACb000000000000000000000000000000b";
const KEY: &str = "SK1000000000000000000000000000001a";
const MAIN_KEY: &str = "SK2000000000000000000000000000002a";

/// The standard account and another, each with a number; gives their ids.
fn two() -> (Desk, String, String) {
    let mut desk = Desk::new();
    let own = desk.twilio_bought(&[]).1;
    desk.providers.twilio.add_account(desk.now_ms, OTHER, "other", "other-token", 1_000);
    (desk.twilio_account, desk.twilio_login) = (OTHER, (OTHER, "other-token"));
    let theirs = desk.twilio_bought(&[]).1;
    (desk.twilio_account, desk.twilio_login) =
        (STANDARD_TWILIO_SID, (STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN));
    (desk, own, theirs)
}

#[track_caller]
fn check(desk: &mut Desk, call: &str, status: u16, code: u32) {
    let (given, body) = desk.twilio(call, &[]);
    assert_eq!((given, &body["code"]), (status, &json!(code)), "{call} {body}");
}

#[test]
fn an_account_is_read_with_its_token() {
    let mut desk = Desk::new();
    let account = desk.get_twilio(".json");
    assert_eq!(account["sid"], STANDARD_TWILIO_SID);
    assert_eq!(account["owner_account_sid"], STANDARD_TWILIO_SID);
    assert_eq!((&account["status"], &account["type"]), (&json!("active"), &json!("Full")));
    assert_eq!(account["auth_token"], STANDARD_TWILIO_TOKEN, "the real one shows it, too");
    let balance = desk.get_twilio("/Balance.json");
    let expected = json!({ "account_sid": STANDARD_TWILIO_SID, "balance": "1000.00",
        "currency": "USD" });
    assert_eq!(balance, expected);
    desk.providers.twilio.account_mut(STANDARD_TWILIO_SID).unwrap().balance_cents = -205;
    assert_eq!(desk.get_twilio("/Balance.json")["balance"], "-2.05");
}

#[test]
fn wrong_logins_reach_nothing() {
    let mut desk = Desk::new();
    for login in [
        (STANDARD_TWILIO_SID, "wrong"),
        (STANDARD_TWILIO_SID, ""),
        (OTHER, STANDARD_TWILIO_TOKEN),
        (KEY, STANDARD_TWILIO_TOKEN),
        (STANDARD_TWILIO_TOKEN, STANDARD_TWILIO_SID),
    ] {
        desk.twilio_login = login;
        check(&mut desk, "GET /IncomingPhoneNumbers.json", 401, 20_003);
    }
    let call = format!("GET /Accounts/{STANDARD_TWILIO_SID}/Balance.json");
    let token = STANDARD_TWILIO_TOKEN;
    let bearer = crate::desk::request(simulators::Provider::Twilio, &call, token, None);
    let reply = desk.providers.twilio.handle(desk.now_ms, &bearer);
    assert_eq!(reply.status(), Some(401), "a bearer token is no login here");
}

#[test]
fn another_accounts_path_is_closed_in_either_way() {
    for (mode, status, code) in [("unauthorized", 401, 20_003), ("not_found", 404, 20_404)] {
        let (mut desk, own, theirs) = two();
        desk.switch(json!({ "twilio": { "foreign_account": mode } }));
        desk.twilio_account = OTHER;
        for call in [
            "GET .json".to_owned(),
            "GET /Balance.json".to_owned(),
            "GET /IncomingPhoneNumbers.json".to_owned(),
            format!("GET /IncomingPhoneNumbers/{theirs}.json"),
            format!("DELETE /IncomingPhoneNumbers/{theirs}.json"),
            "GET /AvailablePhoneNumbers/US/Local.json".to_owned(),
        ] {
            check(&mut desk, &call, status, code);
        }
        desk.twilio_account = STANDARD_TWILIO_SID;
        // Their number under our own account does not exist.
        check(&mut desk, &format!("GET /IncomingPhoneNumbers/{theirs}.json"), 404, 20_404);
        check(&mut desk, &format!("DELETE /IncomingPhoneNumbers/{theirs}.json"), 404, 20_404);
        desk.get_twilio(&format!("/IncomingPhoneNumbers/{own}.json"));
    }
}

#[test]
fn the_log_shows_whose_credentials_went_where() {
    let (mut desk, _, _) = two();
    desk.twilio_account = OTHER;
    desk.twilio("GET /IncomingPhoneNumbers.json", &[]);
    desk.twilio_login = ("not-a-sid", "s3cret");
    desk.twilio("GET /IncomingPhoneNumbers.json", &[]);
    let log: Vec<_> = desk.providers.twilio.log().collect();
    let strange = log
        .iter()
        .filter(|entry| !entry.path.starts_with(&format!("/Accounts/{}/", entry.key)))
        .collect::<Vec<_>>();
    assert_eq!(strange.len(), 2, "{strange:#?}");
    assert_eq!(strange[0].key, STANDARD_TWILIO_SID);
    assert_eq!(strange[0].path, format!("/Accounts/{OTHER}/IncomingPhoneNumbers.json"));
    assert_eq!(strange[0].template, "/Accounts/{id}/IncomingPhoneNumbers.json");
    assert_eq!(strange[1].key, "no id");
    assert!(log.iter().any(|entry| entry.key == OTHER && entry.status == Some(201)));
    let truth = desk.providers.truth(desk.now_ms).to_string();
    for secret in [STANDARD_TWILIO_TOKEN, "other-token", "s3cret", "not-a-sid"] {
        assert!(!truth.contains(secret));
        assert!(!format!("{:?}", desk.providers).contains(secret));
    }
}

#[test]
fn api_keys_open_what_their_type_allows() {
    let mut desk = Desk::new();
    let all = &mut desk.providers.twilio;
    assert!(all.add_key(STANDARD_TWILIO_SID, KEY, "k3y", KeyType::Standard));
    assert!(all.add_key(STANDARD_TWILIO_SID, MAIN_KEY, "k3y", KeyType::Main));
    assert!(!all.add_key(OTHER, KEY, "k3y", KeyType::Main));
    desk.twilio_login = (KEY, "k3y");
    desk.get_twilio("/IncomingPhoneNumbers.json");
    desk.twilio_bought(&[]);
    check(&mut desk, "GET .json", 401, 20_003);
    desk.switch(json!({ "twilio": { "standard_keys_read_account": true } }));
    assert_eq!(desk.get_twilio(".json")["auth_token"], "");
    desk.switch(json!({ "twilio": { "standard_keys_read_account": false } }));
    desk.twilio_login = (MAIN_KEY, "k3y");
    assert_eq!(desk.get_twilio(".json")["sid"], STANDARD_TWILIO_SID);
    assert!(desk.providers.twilio.revoke_key(MAIN_KEY));
    assert!(!desk.providers.twilio.revoke_key(MAIN_KEY));
    check(&mut desk, "GET .json", 401, 20_003);
    assert!(desk.providers.twilio.set_token(STANDARD_TWILIO_SID, "new"));
    desk.twilio_login = (STANDARD_TWILIO_SID, "new");
    desk.get_twilio(".json");
}

#[test]
fn a_parent_speaks_for_its_subaccount_and_pays_for_it() {
    let (mut desk, _, theirs) = two();
    assert!(desk.providers.twilio.set_parent(OTHER, STANDARD_TWILIO_SID));
    desk.twilio_account = OTHER;
    assert_eq!(desk.get_twilio(".json")["owner_account_sid"], STANDARD_TWILIO_SID);
    desk.get_twilio(&format!("/IncomingPhoneNumbers/{theirs}.json"));
    desk.twilio_bought(&[]);
    let (parent, child) =
        (&desk.providers.twilio.accounts()[0], &desk.providers.twilio.accounts()[1]);
    assert_eq!((parent.numbers.len(), child.numbers.len()), (1, 2));
    assert_eq!((parent.balance_cents, parent.spent_cents), (100_000 - 230, 115));
    assert_eq!((child.balance_cents, child.spent_cents), (1_000 - 115, 230));
    check(&mut desk, "GET /Balance.json", 404, 20_404);
    desk.twilio_login = (OTHER, "other-token");
    desk.get_twilio("/IncomingPhoneNumbers.json");
    desk.twilio_account = STANDARD_TWILIO_SID;
    check(&mut desk, "GET /IncomingPhoneNumbers.json", 401, 20_003);
}

#[test]
fn a_suspended_account_can_only_be_read() {
    let (mut desk, own, _) = two();
    for (status, word) in
        [(AccountStatus::Suspended, "suspended"), (AccountStatus::Closed, "closed")]
    {
        desk.providers.twilio.account_mut(STANDARD_TWILIO_SID).unwrap().status = status;
        assert_eq!(desk.get_twilio(".json")["status"], word);
        check(&mut desk, &format!("GET /IncomingPhoneNumbers/{own}.json"), 403, 20_403);
        check(&mut desk, &format!("DELETE /IncomingPhoneNumbers/{own}.json"), 403, 20_403);
    }
    desk.switch(json!({ "twilio": { "suspended_reads_account": false } }));
    check(&mut desk, "GET .json", 403, 20_403);
}

#[test]
fn paths_need_their_version_and_their_json() {
    let mut desk = Desk::new();
    let reply = desk.twilio_reply("GET /IncomingPhoneNumbers", &[]);
    let Outcome::Answer(answer) = reply.outcome else { panic!("no answer") };
    assert_eq!((answer.status, answer.headers["content-type"].as_str()), (404, "application/xml"));
    for call in ["GET /Calls.json", "PATCH /IncomingPhoneNumbers.json", "POST /Balance.json"] {
        check(&mut desk, call, 404, 20_404);
    }
    let path = format!("GET /../Accounts/{STANDARD_TWILIO_SID}/Balance.json");
    let request = crate::desk::request(simulators::Provider::Twilio, &path, "", None);
    assert_eq!(desk.providers.twilio.handle(desk.now_ms, &request).status(), Some(401));
}

#[test]
fn too_many_requests_are_counted_per_login() {
    let limit = json!({ "requests": 2, "window_ms": 5_000 });
    let mut desk = Desk::with(json!({ "twilio": { "rate_limit": limit } }));
    desk.get_twilio("/Balance.json");
    desk.get_twilio("/Balance.json");
    check(&mut desk, "GET /Balance.json", 429, 20_429);
    let added = desk.providers.twilio.add_key(STANDARD_TWILIO_SID, KEY, "k3y", KeyType::Standard);
    assert!(added);
    desk.twilio_login = (KEY, "k3y");
    desk.get_twilio("/Balance.json");
    desk.pass(5_000);
    desk.twilio_login = (STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN);
    desk.get_twilio("/Balance.json");
}
