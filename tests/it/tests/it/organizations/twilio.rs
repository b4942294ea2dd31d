//! An organization's own Twilio account: one organization's alone, and its secrets never come out.

use super::{ORG, change, changed, get, refused};
use it::City;
use serde_json::{Value, json};
use std::time::Duration;

const TOKEN: &str = "planted-twilio-auth-token";
const KEY_SECRET: &str = "planted-twilio-key-secret";

fn sid(last: char) -> String {
    format!("AC{}{last}", "0".repeat(31))
}

fn token(last: char) -> Value {
    json!({ "twilio": { "account_sid": sid(last), "auth_token": TOKEN } })
}

fn secret(city: &City, organization: &str) -> Value {
    let text = city.secrets.text(&format!("one/twilio/org/{organization}"));
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

#[test]
fn credentials_go_into_the_secret_and_never_come_out() {
    let city = City::new();
    let documented = json!({
        "phone_provider": "twilio",
        "twilio_account_sid": sid('a'),
        "twilio_auth_token": TOKEN,
        "twilio_phone_numbers": ["+14155550123", "+14155550124"],
    });
    let told = changed(&city, None, &documented);
    assert_eq!(told["twilio_account_sid"], sid('a'));
    assert_eq!(
        (&told["twilio_credentials"], &told["twilio_pending"]),
        (&json!("auth_token"), &json!(false))
    );
    assert_eq!(told["twilio_phone_numbers"], json!(["+14155550123", "+14155550124"]));
    let stored = secret(&city, "org-1");
    assert_eq!((&stored["account_sid"], &stored["auth_token"]), (&json!(sid('a')), &json!(TOKEN)));

    // A new key for the same account: the numbers stay.
    let key = json!({
        "accountSid": sid('a'), "apiKeySid": format!("SK{}", "0".repeat(32)),
        "apiKeySecret": KEY_SECRET,
    });
    let told = changed(&city, Some(2), &json!({ "twilio": key }));
    assert_eq!(told["twilio_credentials"], "api_key");
    assert_eq!(told["twilio_phone_numbers"], json!(["+14155550123", "+14155550124"]));
    let stored = secret(&city, "org-1");
    assert_eq!(
        (&stored["api_key_secret"], &stored["auth_token"]),
        (&json!(KEY_SECRET), &Value::Null)
    );
    assert_eq!(stored["phone_numbers"], told["twilio_phone_numbers"]);

    let mut answers = get(&city, ORG).body.to_string();
    for path in ["/api/admin/organizations", "/api/admin/organizations/org-1/history"] {
        answers += &get(&city, path).body.to_string();
    }
    let mut rows = String::new();
    city.table.inspect(|key, item| rows += &format!("{key:?} {item:?}"));
    let logs = city.logs.text() + &city.all_figures();
    assert!(logs.contains("settings changed"), "the log was read");
    for planted in [TOKEN, KEY_SECRET] {
        assert!(!answers.contains(planted) && !logs.contains(planted) && !rows.contains(planted));
    }
    assert!(!logs.contains("4155550123"), "a log line tells a whole number");
}

#[test]
fn an_account_belongs_to_one_organization() {
    let city = City::new();
    changed(&city, None, &token('a'));
    for spelling in [sid('a'), format!("AC{}A", "0".repeat(31))] {
        let body = json!({ "twilio_account_sid": spelling, "twilio_auth_token": TOKEN });
        refused(&city, change("org-2", None, &body), 409, "twilio-account-taken");
    }
    assert_eq!(secret(&city, "org-2"), Value::Null, "nothing of it was stored");
    // At once: one of them has it.
    let calls = ["org-3", "org-4"].map(|one| city.answer(change(one, None, &token('b'))));
    let answers = city.clock.run(futures_util::future::join_all(calls));
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let stored = ["org-3", "org-4"].map(|one| secret(&city, one));
    assert_eq!(stored.iter().filter(|one| !one.is_null()).count(), 1);
}

#[test]
fn an_account_that_is_left_is_free_for_others_and_its_credentials_are_gone() {
    let city = City::new();
    changed(&city, None, &token('a'));
    let told = changed(&city, Some(2), &token('b'));
    assert_eq!((&told["twilio_account_sid"], &told["version"]), (&json!(sid('b')), &json!(4)));
    assert_eq!(city.send(change("org-2", None, &token('a'))).status, 200);
    refused(&city, change("org-3", None, &token('b')), 409, "twilio-account-taken");
    let told = changed(&city, Some(4), &json!({ "twilio": null }));
    assert_eq!(
        (&told["twilio_account_sid"], &told["twilio_pending"]),
        (&Value::Null, &json!(false))
    );
    assert_eq!(secret(&city, "org-1"), json!({}));
    assert_eq!(city.send(change("org-3", None, &token('b'))).status, 200);
    let again = changed(&city, Some(6), &json!({ "twilio_account_sid": null }));
    assert_eq!(again["twilio_account_sid"], Value::Null, "once more does no harm");
}

#[test]
fn credentials_that_could_not_be_stored_are_not_believed_to_be() {
    let city = City::new();
    changed(&city, None, &token('a'));
    city.secrets.refuse(true);
    let failed = city.send(change("org-1", Some(2), &token('b')));
    assert_eq!((failed.status, it::Shown::problem(&failed)), (503, "secret-store-unavailable"));
    assert_eq!(failed.header("retry-after"), Some("60"));
    let told = get(&city, ORG).body["organization"].clone();
    assert_eq!(
        (&told["twilio_account_sid"], &told["twilio_pending"]),
        (&json!(sid('b')), &json!(true))
    );
    assert_eq!(secret(&city, "org-1")["account_sid"], sid('a'), "the row decides: not used");
    // Neither account is anybody else's until it is known what the secret says.
    for last in ['a', 'b'] {
        refused(&city, change("org-2", None, &token(last)), 409, "twilio-account-taken");
    }
    city.secrets.refuse(false);
    let early =
        refused(&city, change("org-1", Some(3), &token('b')), 409, "credentials-being-changed");
    assert_eq!(early.header("retry-after"), Some("60"));
    city.pass(Duration::from_secs(60));
    let told = changed(&city, Some(3), &token('b'));
    assert_eq!(told["twilio_pending"], false);
    assert_eq!(secret(&city, "org-1")["account_sid"], sid('b'));
    assert_eq!(city.send(change("org-2", None, &token('a'))).status, 200, "left, and free");
}

#[test]
fn credentials_that_cannot_be() {
    let city = City::new();
    let with = |more: Value| {
        let mut all = json!({ "account_sid": sid('a') });
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "twilio": all })
    };
    for (body, field) in [
        (with(json!({})), "twilio_auth_token"),
        (with(json!({ "auth_token": 5 })), "twilio"),
        (with(json!({ "account_sid": "AC1", "auth_token": TOKEN })), "twilio_account_sid"),
        (with(json!({ "api_key_sid": "SK1" })), "twilio_api_key_sid"),
        (with(json!({ "api_key_sid": "SK1", "api_key_secret": TOKEN })), "twilio_api_key_sid"),
        (with(json!({ "auth_token": TOKEN, "phone_numbers": ["415"] })), "twilio_phone_numbers"),
        (with(json!({ "auth_token": TOKEN, "token": TOKEN })), "token"),
        (json!({ "twilio": "AC" }), "twilio"),
        (json!({ "twilio": null, "twilio_auth_token": TOKEN }), "twilio"),
        (json!({ "twilio_auth_token": TOKEN }), "twilio_account_sid"),
        (json!({ "twilio_account_sid": null, "twilio_auth_token": TOKEN }), "twilio_account_sid"),
    ] {
        let answer = refused(&city, change("org-1", None, &body), 422, "field-invalid");
        let detail = it::Shown::text(&answer, "detail").to_owned();
        assert!(detail.starts_with(&format!("{field}: ")), "{body}: {detail}");
        assert!(!answer.body.to_string().contains(TOKEN), "{detail}");
    }
    assert_eq!(secret(&city, "org-1"), Value::Null);
}
