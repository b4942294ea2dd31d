//! Numbers held at Twilio: by id, changed, given back.

use serde_json::{Value, json};
use simulators::STANDARD_TWILIO_SID;
use simulators::twilio::By;

use crate::desk::{Desk, text};

#[track_caller]
fn update(desk: &mut Desk, sid: &str, form: &[(&str, &str)]) -> Value {
    let (status, body) = desk.twilio(&format!("POST /IncomingPhoneNumbers/{sid}.json"), form);
    assert_eq!(status, 200, "{body}");
    body
}

fn sid(letters: &str) -> String {
    format!("{letters}{}", "0123456789abcdef".repeat(2))
}

#[test]
fn settings_are_changed_one_by_one_and_cleared_by_nothing() {
    let mut desk = Desk::new();
    let (number, id) = desk.twilio_bought(&[("VoiceUrl", "https://own.test/a")]);
    let body = update(
        &mut desk,
        &id,
        &[("VoiceFallbackUrl", "https://own.test/f"), ("VoiceMethod", "GET")],
    );
    assert_eq!(body["voice_url"], "https://own.test/a");
    assert_eq!(body["voice_fallback_url"], "https://own.test/f");
    assert_eq!(body["voice_method"], "GET");
    let body =
        update(&mut desk, &id, &[("VoiceFallbackUrl", ""), ("VoiceUrl", ""), ("VoiceMethod", "")]);
    assert_eq!((&body["voice_url"], &body["voice_fallback_url"]), (&json!(""), &json!("")));
    assert_eq!(body["voice_method"], "POST");
    let friendly = format!("(415) {}-{}", &number[5..8], &number[8..]);
    assert_eq!(body["friendly_name"], json!(friendly), "named after its digits");
    let (_, held) = desk.providers.twilio.holding(&number).unwrap();
    assert_eq!(held.former.len(), 2);
    assert_eq!(held.former[0].settings.get("voice_url"), Some("https://own.test/a"));
    assert_eq!(held.former[0].settings.get("voice_fallback_url"), None);
    assert_eq!(held.former[1].settings.get("voice_fallback_url"), Some("https://own.test/f"));
    assert_eq!(held.former[1].changed_by, By::Api);
}

#[test]
fn a_trunk_takes_away_the_application_and_the_other_way_round() {
    let mut desk = Desk::new();
    let (_, id) = desk.twilio_bought(&[]);
    let body = update(&mut desk, &id, &[("VoiceApplicationSid", &sid("AP"))]);
    assert_eq!(body["voice_application_sid"], json!(sid("AP")));
    let body = update(&mut desk, &id, &[("TrunkSid", &sid("TK"))]);
    assert_eq!(
        (&body["trunk_sid"], &body["voice_application_sid"]),
        (&json!(sid("TK")), &json!(""))
    );
    let body = update(&mut desk, &id, &[("VoiceApplicationSid", &sid("AP"))]);
    assert_eq!(body["trunk_sid"], Value::Null);
    let body = update(&mut desk, &id, &[("VoiceApplicationSid", "")]);
    assert_eq!((&body["trunk_sid"], &body["voice_application_sid"]), (&Value::Null, &json!("")));
}

#[test]
fn bad_settings_change_nothing() {
    let mut desk = Desk::new();
    let (number, id) = desk.twilio_bought(&[("FriendlyName", "good")]);
    let long = "n".repeat(65);
    for (name, value, code) in [
        ("FriendlyName", long.as_str(), 20_002),
        ("FriendlyName", "", 20_002),
        ("VoiceUrl", "own.test/a", 21_402),
        ("VoiceUrl", "https:///a", 21_402),
        ("SmsUrl", "ftp://own.test", 21_402),
        ("VoiceMethod", "PUT", 21_403),
        ("TrunkSid", "TK1", 20_001),
        ("VoiceCallerIdLookup", "yes", 20_001),
        ("VoiceFallbackUrl", "https://own.test/f", 21_405),
    ] {
        let form = [("StatusCallback", "https://own.test/s"), (name, value)];
        let call = format!("POST /IncomingPhoneNumbers/{id}.json");
        let (status, body) = desk.twilio(&call, &form);
        assert_eq!((status, &body["code"]), (400, &json!(code)), "{name}={value}");
    }
    let (_, held) = desk.providers.twilio.holding(&number).unwrap();
    assert!(held.former.is_empty());
}

#[test]
fn forms_are_read_strictly() {
    let mut desk = Desk::new();
    let (_, id) = desk.twilio_bought(&[]);
    let mut send = |kind: &str, body: &str| {
        let path = format!("POST /Accounts/{STANDARD_TWILIO_SID}/IncomingPhoneNumbers/{id}.json");
        let mut request = crate::desk::request(simulators::Provider::Twilio, &path, "", None);
        let token = simulators::STANDARD_TWILIO_TOKEN;
        let login = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            format!("{STANDARD_TWILIO_SID}:{token}"),
        );
        request.headers.insert("authorization".to_owned(), format!("Basic {login}"));
        request.headers.insert("content-type".to_owned(), kind.to_owned());
        request.body = Some(body.as_bytes().to_vec());
        crate::desk::parts(desk.providers.twilio.handle(desk.now_ms, &request))
    };
    let form = "application/x-www-form-urlencoded; charset=UTF-8";
    assert_eq!(send(form, "FriendlyName=a+b%20c").1["friendly_name"], "a b c");
    assert_eq!(send(form, "FriendlyName=50%").0, 400);
    assert_eq!(send(form, "FriendlyName=%zz").0, 400);
    let (status, body) = send("application/json", r#"{"FriendlyName":"json"}"#);
    assert_eq!((status, &body["friendly_name"]), (200, &json!("a b c")), "JSON is not read");
}

#[test]
fn a_number_given_back_is_gone_and_rests() {
    let mut desk = Desk::with(json!({ "twilio": { "cooldown_ms": 60_000 } }));
    let (number, id) = desk.twilio_bought(&[("FriendlyName", "gone")]);
    let path = format!("/IncomingPhoneNumbers/{id}.json");
    assert_eq!(desk.twilio(&format!("DELETE {path}"), &[]), (204, Value::Null));
    for call in ["GET", "POST", "DELETE"] {
        let (status, body) = desk.twilio(&format!("{call} {path}"), &[]);
        assert_eq!((status, &body["code"]), (404, &json!(20404)));
        assert!(text(&body["message"]).starts_with("The requested resource /2010-04-01/Accounts/"));
    }
    let buy = [("PhoneNumber", number.as_str())];
    let (status, body) = desk.twilio("POST /IncomingPhoneNumbers.json", &buy);
    assert_eq!((status, &body["code"]), (400, &json!(21422)));
    assert!(!desk.twilio_search("US/Local.json?AreaCode=415").contains(&number));
    let account = desk.providers.twilio.account(STANDARD_TWILIO_SID).unwrap();
    assert_eq!(account.released[0].phone_number, number);
    assert_eq!((account.released[0].friendly_name.as_str(), account.spent_cents), ("gone", 115));
    desk.pass(60_000);
    let (status, body) = desk.twilio("POST /IncomingPhoneNumbers.json", &buy);
    assert_eq!(status, 201, "for sale again: {body}");
    assert_ne!(body["sid"], json!(id));
}

#[test]
fn a_new_number_may_be_missing_by_its_id() {
    let mut desk = Desk::with(json!({ "twilio": { "get_lag_ms": 2_000 } }));
    let (_, id) = desk.twilio_bought(&[]);
    let get = format!("GET /IncomingPhoneNumbers/{id}.json");
    assert_eq!(desk.twilio(&get, &[]).0, 404);
    desk.pass(2_000);
    assert_eq!(desk.twilio(&get, &[]).0, 200);
}

#[test]
fn the_first_and_the_latest_settings_are_remembered() {
    let mut desk = Desk::new();
    let (number, id) = desk.twilio_bought(&[("VoiceUrl", "https://own.test/0")]);
    for place in 1..=20 {
        update(&mut desk, &id, &[("VoiceUrl", &format!("https://own.test/{place}"))]);
    }
    update(&mut desk, &id, &[("VoiceUrl", "https://own.test/20")]);
    let (_, held) = desk.providers.twilio.holding(&number).unwrap();
    let urls: Vec<_> = held.former.iter().filter_map(|one| one.settings.get("voice_url")).collect();
    assert_eq!((urls[0], urls[urls.len() - 1]), ("https://own.test/0", "https://own.test/19"));
    assert_eq!(urls.len(), 16);
}
