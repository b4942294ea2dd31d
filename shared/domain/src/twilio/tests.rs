use super::*;

const STAMP: &str = "ABCDEFGH-01KA0000000000000000000000-1";

fn text(text: &str) -> OwnersText {
    OwnersText::new(text.to_owned())
}

fn hook(url: &str) -> Hook {
    Hook { url: Some(text(url)), method: Some(HookMethod::Post) }
}

/// A number that is routed nowhere, as Twilio shows it.
fn idle() -> OwnedNumber {
    OwnedNumber {
        sid: "PN0123456789abcdef0123456789abcdef".parse().unwrap(),
        account: "AC0123456789abcdef0123456789abcdef".parse().unwrap(),
        digits: "+14155550123".parse().unwrap(),
        friendly_name: Some(text("(415) 555-0123")),
        status: OwnedStatus::InUse,
        takes_calls: true,
        voice: VoiceRouting::default(),
        sms: SmsRouting::default(),
    }
}

fn answered_by(url: &str) -> OwnedNumber {
    let voice = VoiceRouting { answer: hook(url), ..VoiceRouting::default() };
    OwnedNumber { voice, ..idle() }
}

#[test]
fn a_number_that_nobody_answers_is_free() {
    assert!(idle().is_free_to_import());
    for url in [
        "https://demo.twilio.com/welcome/voice/",
        "https://demo.twilio.com/welcome/voice",
        "http://demo.twilio.com/welcome/voice/",
        "http://demo.twilio.com/welcome/voice",
    ] {
        assert!(answered_by(url).is_free_to_import(), "{url}");
        assert!(!answered_by(url).calls_vapi(), "{url}");
    }
}

#[test]
fn a_number_that_somebody_answers_is_not_free() {
    for url in [
        "https://owner.example/voice",
        "https://api.vapi.ai/twilio/inbound_call",
        "https://demo.twilio.com/welcome/voice/2",
        "https://demo.twilio.com/welcome/voice//",
        "https://demo.twilio.com/welcome/voice/?forward=1",
        "https://demo.twilio.com.owner.example/welcome/voice/",
        "https://owner.example/demo.twilio.com/welcome/voice/",
        "demo.twilio.com/welcome/voice/",
        "https://https://demo.twilio.com/welcome/voice/",
    ] {
        assert!(!answered_by(url).is_free_to_import(), "{url}");
    }
    let trunk = VoiceRouting { trunk: Some(text("TK1")), ..VoiceRouting::default() };
    assert!(!OwnedNumber { voice: trunk, ..idle() }.is_free_to_import());
    let application = VoiceRouting { application: Some(text("AP1")), ..VoiceRouting::default() };
    assert!(!OwnedNumber { voice: application, ..idle() }.is_free_to_import());
}

#[test]
fn a_number_that_somebody_has_just_bought_or_that_takes_no_calls_is_not_free() {
    let foreign = "ZZZZZZZZ-01KA0000000000000000000009-3";
    for stamp in [STAMP, foreign] {
        let number = OwnedNumber { friendly_name: Some(text(stamp)), ..idle() };
        assert!(!number.is_free_to_import(), "{stamp}");
    }
    assert!(!OwnedNumber { takes_calls: false, ..idle() }.is_free_to_import());
    assert!(OwnedNumber { friendly_name: None, ..idle() }.is_free_to_import());
}

#[test]
fn calls_reach_vapi_by_its_url_if_nothing_goes_before_it() {
    for url in VAPI_INBOUND_URLS {
        let number = answered_by(url);
        assert!(number.calls_vapi(), "{url}");
        let trunk = VoiceRouting { trunk: Some(text("TK1")), ..number.voice.clone() };
        assert!(!OwnedNumber { voice: trunk, ..idle() }.calls_vapi());
        let application = VoiceRouting { application: Some(text("AP1")), ..number.voice };
        assert!(!OwnedNumber { voice: application, ..idle() }.calls_vapi());
    }
    for url in [
        "https://api.vapi.ai/telnyx/inbound_call",
        "https://api.vapi.ai.owner.example/twilio/inbound_call",
        "http://api.vapi.ai/twilio/inbound_call",
    ] {
        assert!(!answered_by(url).calls_vapi(), "{url}");
    }
    assert!(!idle().calls_vapi());
}

#[test]
fn a_stamp_is_known_by_the_whole_name() {
    let stamp = Stamp::try_from(STAMP.to_owned()).unwrap();
    let named = |name: &str| OwnedNumber { friendly_name: Some(text(name)), ..idle() };
    assert!(named(STAMP).is_stamped(&stamp));
    assert!(!named(&format!("{STAMP}0")).is_stamped(&stamp));
    assert!(!OwnedNumber { friendly_name: None, ..idle() }.is_stamped(&stamp));
}

#[test]
fn former_settings_are_kept_whole_and_read_without_what_later_versions_add() {
    let voice = VoiceRouting {
        answer: Hook { url: Some(text("https://owner.example/v")), method: Some(HookMethod::Get) },
        fallback: hook("https://owner.example/f"),
        status: hook("https://owner.example/s"),
        application: None,
        trunk: Some(text("TK1")),
    };
    let sms = SmsRouting { receive: hook("https://owner.example/m"), ..SmsRouting::default() };
    let former = OwnedNumber { voice, sms, ..idle() }.former_settings();
    let kept = serde_json::to_value(&former).unwrap();
    assert_eq!(kept["voice"]["answer"]["method"], "GET");
    assert_eq!(kept["friendly_name"], "(415) 555-0123");
    assert_eq!(serde_json::from_value::<FormerSettings>(kept).unwrap(), former);
    let nothing: FormerSettings = serde_json::from_str(r#"{"voice":{"answer":{}}}"#).unwrap();
    assert_eq!(nothing, FormerSettings::default());
}

#[test]
fn names_and_urls_are_not_printed() {
    let number = OwnedNumber {
        voice: VoiceRouting {
            answer: hook("https://user:planted@owner.example/?PhoneNumber=%2B14155550123"),
            trunk: Some(text("TKplanted")),
            ..VoiceRouting::default()
        },
        ..idle()
    };
    let former = number.former_settings();
    let change = SettingsChange::PutBack(&former);
    let printed = format!("{number:?} {former:?} {change:?}");
    for hidden in ["planted", "4155550123", "555-0123", "owner.example"] {
        assert!(!printed.contains(hidden), "{hidden} in {printed}");
    }
}
