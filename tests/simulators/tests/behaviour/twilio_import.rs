//! Import of Twilio numbers: VAPI reaches into Twilio with the credentials it is given.

use serde_json::{Value, json};
use simulators::twilio::{By, KeyType};
use simulators::{STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN};

use crate::desk::{Desk, text};

const INBOUND: &str = "https://api.vapi.ai/twilio/inbound_call";
const KEY: &str = "SK1000000000000000000000000000001a";

#[track_caller]
fn import(desk: &mut Desk, body: Value, status: u16) -> Value {
    let (given, answer) = desk.vapi("POST /phone-number", body);
    assert_eq!(given, status, "{answer}");
    answer
}

#[test]
fn an_import_overwrites_the_voice_url_and_says_the_credentials_again() {
    let mut desk = Desk::new();
    let urls = [
        ("VoiceUrl", "https://own.test/v"),
        ("VoiceMethod", "GET"),
        ("SmsUrl", "https://own.test/s"),
    ];
    let (number, sid) = desk.twilio_bought(&urls);
    let mut body = desk.twilio_import(&number);
    body["smsEnabled"] = json!(false);
    body["name"] = json!("prov_01");
    let made = import(&mut desk, body, 201);
    assert_eq!((&made["provider"], &made["status"]), (&json!("twilio"), &json!("active")));
    assert_eq!((&made["number"], &made["name"]), (&json!(number), &json!("prov_01")));
    assert_eq!(made["twilioAccountSid"], STANDARD_TWILIO_SID);
    assert_eq!(made["twilioAuthToken"], STANDARD_TWILIO_TOKEN);
    assert_eq!((&made["smsEnabled"], made.get("credentialId")), (&json!(false), None));
    let held = desk.get_twilio(&format!("/IncomingPhoneNumbers/{sid}.json"));
    assert_eq!((&held["voice_url"], &held["voice_method"]), (&json!(INBOUND), &json!("POST")));
    assert_eq!(held["sms_url"], "https://own.test/s");
    assert_eq!(held["status_callback"], "");
    let (_, held) = desk.providers.twilio.holding(&number).unwrap();
    assert_eq!(held.former[0].settings.get("voice_url"), Some("https://own.test/v"));
    assert_eq!(held.former[0].changed_by, By::Vapi);
    let read = desk.get_vapi(&format!("/phone-number/{}", text(&made["id"])));
    assert_eq!(read["twilioAuthToken"], STANDARD_TWILIO_TOKEN);
    assert!(!desk.providers.truth(desk.now_ms).to_string().contains(STANDARD_TWILIO_TOKEN));
    assert!(!format!("{:?}", desk.providers).contains(STANDARD_TWILIO_TOKEN));
}

#[test]
fn messages_go_to_vapi_too_unless_they_are_declined() {
    for given in [json!(null), json!(true)] {
        let mut desk = Desk::new();
        let (number, sid) = desk.twilio_bought(&[("SmsUrl", "https://own.test/s")]);
        let mut body = desk.twilio_import(&number);
        if !given.is_null() {
            body["smsEnabled"] = given;
        }
        import(&mut desk, body, 201);
        let held = desk.get_twilio(&format!("/IncomingPhoneNumbers/{sid}.json"));
        assert_eq!(held["sms_url"], "https://api.vapi.ai/twilio/sms");
    }
}

#[test]
fn a_key_and_its_secret_do_as_well_as_the_token() {
    let mut desk = Desk::new();
    let (number, _) = desk.twilio_bought(&[]);
    let added = desk.providers.twilio.add_key(STANDARD_TWILIO_SID, KEY, "k3y", KeyType::Standard);
    assert!(added);
    desk.twilio_login = (KEY, "k3y");
    let body = desk.twilio_import(&number);
    let made = import(&mut desk, body, 201);
    assert_eq!((&made["twilioApiKey"], &made["twilioApiSecret"]), (&json!(KEY), &json!("k3y")));
    assert_eq!(made.get("twilioAuthToken"), None);
    let truth = desk.providers.truth(desk.now_ms);
    let access = &truth["vapi"]["orgs"][0]["numbers"][0]["twilio"];
    assert_eq!(*access, json!({ "accountSid": STANDARD_TWILIO_SID, "apiKey": KEY }));
}

#[test]
fn what_twilio_does_not_grant_is_refused_with_its_status() {
    let mut desk = Desk::new();
    let (number, sid) = desk.twilio_bought(&[("VoiceUrl", "https://own.test/v")]);
    let other = "ACb000000000000000000000000000000b";
    desk.providers.twilio.add_account(desk.now_ms, other, "other", "other-token", 1_000);
    let good = desk.twilio_import(&number);
    let with = |name: &str, value: &str| {
        let mut body = good.clone();
        body[name] = json!(value);
        body
    };
    let mut theirs = with("twilioAccountSid", other);
    theirs["twilioAuthToken"] = json!("other-token");
    let not_found = "Number Not Found on Twilio";
    let closed = "Couldn't Update Twilio Number. Error: Request failed with status code 401";
    for (body, words) in [
        (with("number", "+14155550123"), not_found),
        (with("twilioAuthToken", "wrong"), closed),
        (with("twilioAccountSid", other), closed),
        (theirs, not_found),
    ] {
        assert_eq!(import(&mut desk, body, 400)["message"], words);
    }
    let held = desk.get_twilio(&format!("/IncomingPhoneNumbers/{sid}.json"));
    assert_eq!(held["voice_url"], "https://own.test/v");
    assert_eq!(desk.get_vapi("/phone-number"), json!([]));
    desk.switch(json!({ "twilio": { "list_lag_ms": 60_000 } }));
    assert_eq!(import(&mut desk, good.clone(), 400)["message"], not_found);
    desk.pass(60_000);
    import(&mut desk, good, 201);
}

#[test]
fn bodies_are_checked() {
    let mut desk = Desk::new();
    let (number, _) = desk.twilio_bought(&[]);
    let good = desk.twilio_import(&number);
    for (name, value, part) in [
        ("number", json!("4155550123"), "E.164"),
        ("number", json!(null), "E.164"),
        ("twilioAccountSid", json!(null), "twilioAccountSid must be a string"),
        ("twilioAccountSid", json!(7), "twilioAccountSid must be a string"),
        ("twilioAuthToken", json!(null), "must be given"),
        ("smsEnabled", json!("no"), "smsEnabled must be a boolean"),
        ("credentialId", json!("x"), "property credentialId should not exist"),
        ("name", json!("n".repeat(41)), "name must be shorter"),
    ] {
        let mut body = good.clone();
        body[name] = value;
        let answer = import(&mut desk, body, 400);
        assert!(answer["message"].to_string().contains(part), "{name}: {answer}");
    }
    let mut half = good.clone();
    half["twilioAuthToken"] = json!(null);
    half["twilioApiKey"] = json!(KEY);
    import(&mut desk, half, 400);
    let telnyx = json!({ "provider": "telnyx", "number": number, "twilioAccountSid": "AC" });
    assert!(import(&mut desk, telnyx, 400)["message"].to_string().contains("should not exist"));
}

#[test]
fn a_second_import_is_refused_or_makes_a_second_record() {
    for (mode, expected) in [
        (json!({ "kind": "rejects", "status": 409 }), 409),
        (json!({ "kind": "rejects", "status": 400 }), 400),
        (json!({ "kind": "second_record" }), 201),
    ] {
        let mut desk = Desk::with(json!({ "vapi": { "double_import": mode } }));
        let (number, _) = desk.twilio_bought(&[]);
        let body = desk.twilio_import(&number);
        let first = text(&import(&mut desk, body.clone(), 201)["id"]);
        let second = import(&mut desk, body, expected);
        if expected != 201 {
            let words = format!(
                "Existing Phone Number {first} Has Identical `twilioAccountSid` \
                 {STANDARD_TWILIO_SID} and `number` {number}."
            );
            assert_eq!(second["message"], json!(words));
        }
        let records = desk.get_vapi("/phone-number").as_array().unwrap().len();
        assert_eq!(records, if expected == 201 { 2 } else { 1 });
    }
}

#[test]
fn a_former_voice_url_may_be_kept_and_a_status_callback_set() {
    let options =
        json!({ "vapi": { "import_routing": "keeps_former", "twilio_status_callback": true } });
    let mut desk = Desk::with(options);
    let (number, sid) = desk.twilio_bought(&[("VoiceUrl", "https://own.test/v")]);
    let body = desk.twilio_import(&number);
    import(&mut desk, body, 201);
    let held = desk.get_twilio(&format!("/IncomingPhoneNumbers/{sid}.json"));
    assert_eq!(held["voice_url"], "https://own.test/v");
    assert_eq!(held["status_callback"], "https://api.vapi.ai/twilio/call_status");
}

#[test]
fn a_record_is_changed_and_deleted_without_a_word_to_twilio() {
    let mut desk = Desk::new();
    let (number, sid) = desk.twilio_bought(&[]);
    let body = desk.twilio_import(&number);
    let id = text(&import(&mut desk, body, 201)["id"]);
    let assistant = desk.assistant();
    let patch = format!("PATCH /phone-number/{id}");
    let (status, body) =
        desk.vapi(&patch, json!({ "assistantId": assistant, "provider": "twilio" }));
    assert_eq!((status, &body["assistantId"]), (200, &json!(assistant)));
    assert_eq!(desk.vapi(&patch, json!({ "provider": "telnyx" })).0, 400);
    let (_, body) = desk.vapi(&patch, json!({ "twilioAuthToken": "turned" }));
    assert_eq!(body["twilioAuthToken"], "turned");
    let get = format!("/IncomingPhoneNumbers/{sid}.json");
    let before = desk.get_twilio(&get);
    assert_eq!(desk.vapi(&format!("DELETE /phone-number/{id}"), Value::Null).0, 200);
    assert_eq!(desk.get_twilio(&get), before, "still pointed at VAPI, and still billed");
    assert_eq!(before["voice_url"], INBOUND);
}
