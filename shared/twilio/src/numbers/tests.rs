use super::*;
use crate::testing::{
    ACCOUNT, DIGITS, NUMBER, STAMP, client, digits, linked, number_json, number_sid, owned_number,
    page, refused, stamp, transient,
};
use domain::outcome::Refusal;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer, plain};
use serde_json::{Value, json};

fn line(method: &str, rest: &str) -> String {
    format!("{method} https://twilio.test/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers{rest}")
}

fn written(text: &str) -> Option<OwnersText> {
    Some(OwnersText::new(text.to_owned()))
}

#[tokio::test]
async fn a_number_is_found_by_its_exact_digits_over_all_pages() {
    let longer = number_json(json!({ "phone_number": format!("{DIGITS}4"), "sid": null }));
    let link = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?Page=1");
    let exchange = Scripted::new([
        linked(json!([longer]), &json!(link)),
        page(json!([number_json(json!({}))])),
    ]);
    let found = client(&exchange).find_owned(&digits()).await;
    assert_eq!(found, Outcome::Done(Some(owned_number())));
    let first = line("GET", &format!(".json?PhoneNumber={DIGITS}&PageSize=200"));
    assert_eq!(exchange.asked().remove(0), (first, None));
}

#[tokio::test]
async fn absence_is_believed_only_of_a_whole_list() {
    for (end, expected) in [
        (page(json!([])), Outcome::Done(None)),
        (
            page(json!([number_json(json!({ "phone_number": "+14155550124" }))])),
            Outcome::Done(None),
        ),
        (page(json!([number_json(json!({ "sid": null }))])), transient()),
        (page(json!([number_json(json!({ "phone_number": null }))])), transient()),
        (answer(502, json!({})), transient()),
        (Err(ExchangeError::NotSent), transient()),
        (refused(401, 20003, "Authenticate"), Outcome::Refused(Refusal::Key)),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).find_owned(&digits()).await, expected);
    }
}

#[tokio::test]
async fn a_number_is_read_or_missing() {
    let other = NUMBER.replace('0', "9");
    let exchange = Scripted::new([
        answer(200, number_json(json!({}))),
        refused(404, 20404, "not found"),
        answer(200, number_json(json!({ "sid": other }))),
        answer(200, json!([])),
        answer(500, json!({})),
    ]);
    let twilio = client(&exchange);
    assert_eq!(twilio.read_owned(&number_sid()).await, Outcome::Done(owned_number()));
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(twilio.read_owned(&number_sid()).await, missing);
    for _unreadable in 0..3 {
        assert_eq!(twilio.read_owned(&number_sid()).await, transient());
    }
    assert_eq!(exchange.asked().remove(0), (line("GET", &format!("/{NUMBER}.json")), None));
}

/// The fields of the one update sent for `change`.
async fn sent(change: SettingsChange<'_>) -> String {
    let exchange = Scripted::new([answer(200, number_json(json!({})))]);
    let updated = client(&exchange).update(&number_sid(), change).await;
    assert_eq!(updated, Outcome::Done(owned_number()));
    let (asked, body) = exchange.asked().remove(0);
    assert_eq!(asked, line("POST", &format!("/{NUMBER}.json")));
    let Some(Value::String(form)) = body else { panic!("a form was expected: {body:?}") };
    form
}

#[tokio::test]
async fn a_name_is_set_and_nothing_else() {
    assert_eq!(sent(SettingsChange::Name(&stamp())).await, format!("FriendlyName={STAMP}"));
}

#[tokio::test]
async fn former_settings_are_put_back_and_what_was_not_set_is_cleared() {
    let hook = |url: &str| Hook { url: written(url), method: Some(HookMethod::Get) };
    let former = FormerSettings {
        friendly_name: written("Front desk & bar"),
        voice: VoiceRouting {
            answer: hook("https://owner.example/v?a=1&b=2"),
            fallback: Hook { url: None, method: Some(HookMethod::Post) },
            status: Hook::default(),
            ..VoiceRouting::default()
        },
        sms: SmsRouting { receive: hook("https://owner.example/m"), ..SmsRouting::default() },
    };
    let expected = "FriendlyName=Front+desk+%26+bar\
        &VoiceUrl=https%3A%2F%2Fowner.example%2Fv%3Fa%3D1%26b%3D2&VoiceMethod=GET\
        &VoiceFallbackUrl=&VoiceFallbackMethod=POST&StatusCallback=\
        &TrunkSid=&VoiceApplicationSid=\
        &SmsUrl=https%3A%2F%2Fowner.example%2Fm&SmsMethod=GET&SmsFallbackUrl=&SmsApplicationSid=";
    assert_eq!(sent(SettingsChange::PutBack(&former)).await, expected);
    // A name that was never told is left.
    let bare = "VoiceUrl=&VoiceFallbackUrl=&StatusCallback=&TrunkSid=&VoiceApplicationSid=\
        &SmsUrl=&SmsFallbackUrl=&SmsApplicationSid=";
    assert_eq!(sent(SettingsChange::PutBack(&FormerSettings::default())).await, bare);
}

#[tokio::test]
async fn trunk_and_application_are_never_sent_together_where_one_is_set() {
    let former = |trunk, application| FormerSettings {
        voice: VoiceRouting { trunk, application, ..VoiceRouting::default() },
        ..FormerSettings::default()
    };
    let trunk = former(written("TK1"), None);
    let form = sent(SettingsChange::PutBack(&trunk)).await;
    assert!(form.contains("&TrunkSid=TK1&Sms") && !form.contains("VoiceApplicationSid"), "{form}");
    let application = former(None, written("AP1"));
    let form = sent(SettingsChange::PutBack(&application)).await;
    assert!(form.contains("&VoiceApplicationSid=AP1&Sms") && !form.contains("TrunkSid"), "{form}");
    // Not possible at Twilio; the trunk would have gone before.
    let both = former(written("TK1"), written("AP1"));
    assert_eq!(sent(SettingsChange::PutBack(&both)).await, {
        sent(SettingsChange::PutBack(&trunk)).await
    });
}

#[tokio::test]
async fn what_was_read_is_what_is_put_back() {
    let routed = json!({
        "voice_url": "https://owner.example/v", "voice_method": "GET",
        "sms_url": "https://owner.example/m", "sms_method": "POST",
    });
    let exchange = Scripted::new([answer(200, number_json(routed))]);
    let Outcome::Done(number) = client(&exchange).read_owned(&number_sid()).await else {
        panic!("a number was expected")
    };
    let form = sent(SettingsChange::PutBack(&number.former_settings())).await;
    let expected = "FriendlyName=%28415%29+555-0123\
        &VoiceUrl=https%3A%2F%2Fowner.example%2Fv&VoiceMethod=GET";
    assert!(form.starts_with(expected), "{form}");
    assert!(form.contains("&SmsUrl=https%3A%2F%2Fowner.example%2Fm&SmsMethod=POST&"), "{form}");
}

#[tokio::test]
async fn an_update_whose_end_is_not_clear_is_unknown() {
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    for (end, expected) in [
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (Err(ExchangeError::NotSent), transient()),
        (answer(502, json!({})), Outcome::Unknown),
        (plain(200, ""), Outcome::Unknown),
        (refused(429, 20429, ""), transient()),
        (refused(404, 20404, ""), missing),
        (refused(401, 20003, ""), Outcome::Refused(Refusal::Key)),
        (
            refused(400, 21502, "Invalid VoiceUrl"),
            Outcome::Refused(Refusal::Request("21502 Invalid VoiceUrl".to_owned())),
        ),
    ] {
        let exchange = Scripted::new([end]);
        let updated = client(&exchange).update(&number_sid(), SettingsChange::Name(&stamp())).await;
        assert_eq!(updated, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_number_is_released_or_was_gone() {
    for (end, expected) in [
        (plain(204, ""), Outcome::Done(())),
        (refused(404, 20404, "not found"), Outcome::Done(())),
        (plain(404, ""), Outcome::Done(())),
        (answer(500, json!({})), Outcome::Unknown),
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (Err(ExchangeError::NotSent), transient()),
        (refused(429, 20429, ""), transient()),
        (refused(401, 20003, ""), Outcome::Refused(Refusal::Key)),
        (refused(400, 21600, "no"), Outcome::Refused(Refusal::Request("21600 no".to_owned()))),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).release(&number_sid()).await, expected);
        let asked = (line("DELETE", &format!("/{NUMBER}.json")), None);
        assert_eq!(exchange.asked(), [asked]);
    }
}
