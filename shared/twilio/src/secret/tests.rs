use super::*;
use crate::testing::{ACCOUNT, API_KEY, API_SECRET, DIGITS, TOKEN, digits};
use serde_json::{Value, json};

fn read(body: &Value) -> Result<Option<TwilioSecret>, InvalidSecret> {
    TwilioSecret::read(&SecretString::from(body.to_string()))
}

#[track_caller]
fn refused(body: &Value, expected: InvalidSecret) {
    assert_eq!(read(body).err(), Some(expected), "{body}");
}

fn token(secret: &TwilioSecret) -> Option<&str> {
    secret.auth_token.as_ref().map(SecretString::expose_secret)
}

#[test]
fn an_account_is_opened_by_its_token() {
    let body = json!({
        "account_sid": format!(" {ACCOUNT}\n"),
        "auth_token": format!("{TOKEN}\n"),
        "api_key_sid": "",
        "api_key_secret": null,
        "phone_numbers": [DIGITS, format!(" {DIGITS}"), "+442079460123"],
        "note": "added by hand",
    });
    let secret = read(&body).unwrap().unwrap();
    assert_eq!(secret.credentials.account.as_str(), ACCOUNT);
    let Key::AuthToken(key) = &secret.credentials.key else { panic!("a token was expected") };
    assert_eq!(key.expose_secret(), TOKEN);
    assert_eq!(token(&secret), Some(TOKEN));
    let listed = BTreeSet::from([digits(), "+442079460123".parse().unwrap()]);
    assert_eq!(secret.phone_numbers, listed);
}

#[test]
fn an_api_key_makes_the_calls_and_a_token_beside_it_verifies_webhooks() {
    let mut body = json!({
        "account_sid": ACCOUNT, "api_key_sid": API_KEY, "api_key_secret": API_SECRET,
    });
    let secret = read(&body).unwrap().unwrap();
    let Key::ApiKey { sid, secret: key } = &secret.credentials.key else {
        panic!("an API key was expected")
    };
    assert_eq!((sid.as_str(), key.expose_secret()), (API_KEY, API_SECRET));
    assert_eq!(token(&secret), None);
    assert!(secret.phone_numbers.is_empty());
    body["auth_token"] = json!(TOKEN);
    let secret = read(&body).unwrap().unwrap();
    assert!(matches!(secret.credentials.key, Key::ApiKey { .. }));
    assert_eq!(token(&secret), Some(TOKEN));
}

#[test]
fn a_secret_without_an_account_is_not_configured() {
    for body in [
        json!({}),
        json!({ "account_sid": null }),
        json!({ "account_sid": " ", "auth_token": TOKEN }),
        json!({ "account_sid": "", "auth_token": "", "phone_numbers": [] }),
    ] {
        assert!(read(&body).unwrap().is_none(), "{body}");
    }
}

#[test]
fn a_secret_that_is_half_done_is_refused_and_not_passed_over() {
    for account in ["AC1", "SK0123456789abcdef0123456789abcdef", &ACCOUNT[2..]] {
        let body = json!({ "account_sid": account, "auth_token": TOKEN });
        refused(&body, InvalidSecret::Account);
    }
    refused(&json!({ "account_sid": ACCOUNT }), InvalidSecret::NoKey);
    refused(&json!({ "account_sid": ACCOUNT, "auth_token": " " }), InvalidSecret::NoKey);
    let half = json!({ "account_sid": ACCOUNT, "auth_token": TOKEN, "api_key_sid": API_KEY });
    refused(&half, InvalidSecret::HalfKey);
    let half = json!({ "account_sid": ACCOUNT, "api_key_secret": API_SECRET });
    refused(&half, InvalidSecret::HalfKey);
    let wrong =
        json!({ "account_sid": ACCOUNT, "api_key_sid": ACCOUNT, "api_key_secret": API_SECRET });
    refused(&wrong, InvalidSecret::KeySid);
    let numbers = json!([DIGITS, "415-555-0123"]);
    let body = json!({ "account_sid": ACCOUNT, "auth_token": TOKEN, "phone_numbers": numbers });
    refused(&body, InvalidSecret::Number { place: 2 });
}

#[test]
fn a_secret_of_another_shape_is_refused_without_being_quoted() {
    for body in [
        json!(null),
        json!([]),
        json!({ "account_sid": 7 }),
        json!({ "account_sid": ACCOUNT, "auth_token": TOKEN, "phone_numbers": DIGITS }),
        json!({ "account_sid": ACCOUNT, "auth_token": TOKEN, "phone_numbers": { TOKEN: DIGITS } }),
    ] {
        let error = read(&body).unwrap_err();
        assert_eq!(error, InvalidSecret::Shape, "{body}");
        let printed = format!("{error} {error:?}");
        assert!(!printed.contains(TOKEN) && !printed.contains(DIGITS), "{printed}");
    }
    assert!(TwilioSecret::read(&SecretString::from("{")).is_err());
}
