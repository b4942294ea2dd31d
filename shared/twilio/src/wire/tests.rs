use super::*;
use crate::testing::{
    ACCOUNT, DIGITS, NUMBER, account, changed, digits, number_json, number_sid, owned_number,
};
use serde_json::json;

fn read(changes: Value) -> Option<OwnedNumber> {
    owned(serde_json::from_value(number_json(changes)).unwrap(), &account())
}

fn sold(changes: Value, asked: NumberType) -> Option<Offer> {
    let base = json!({
        "phone_number": DIGITS, "friendly_name": "(415) 555-0123", "region": "CA",
        "locality": "San Francisco", "iso_country": "US", "address_requirements": "none",
        "beta": false, "capabilities": { "voice": true, "SMS": true, "MMS": true },
    });
    offer(serde_json::from_value(changed(base, changes)).unwrap(), asked)
}

#[test]
fn a_number_is_read_with_all_its_routing() {
    let number = read(json!({
        "voice_url": "https://owner.example/v", "voice_method": "GET",
        "voice_fallback_url": "https://owner.example/f", "voice_fallback_method": "POST",
        "status_callback": "https://owner.example/s", "status_callback_method": "PUT",
        "voice_application_sid": "AP1", "trunk_sid": "TK1",
        "sms_url": "https://owner.example/m", "sms_method": "POST",
        "sms_fallback_url": "https://owner.example/n", "sms_application_sid": "AP2",
        "status": "in-use", "something_new": { "nested": true },
    }))
    .unwrap();
    let text = |text: &str| Some(OwnersText::new(text.to_owned()));
    let hook = |url, method| Hook { url: text(url), method };
    let voice = VoiceRouting {
        answer: hook("https://owner.example/v", Some(HookMethod::Get)),
        fallback: hook("https://owner.example/f", Some(HookMethod::Post)),
        status: hook("https://owner.example/s", None),
        application: text("AP1"),
        trunk: text("TK1"),
    };
    let sms = SmsRouting {
        receive: hook("https://owner.example/m", Some(HookMethod::Post)),
        fallback: hook("https://owner.example/n", None),
        application: text("AP2"),
    };
    assert_eq!(number, OwnedNumber { voice, sms, ..owned_number() });
}

#[test]
fn null_empty_and_absent_fields_are_the_same() {
    let empty = json!({
        "voice_url": "", "voice_fallback_url": null, "trunk_sid": "", "sms_url": [],
        "voice_application_sid": "", "status": null, "capabilities": null, "account_sid": null,
    });
    assert_eq!(read(empty), Some(owned_number()));
    let bare = json!({ "sid": NUMBER, "phone_number": DIGITS });
    let number = owned(serde_json::from_value(bare).unwrap(), &account()).unwrap();
    assert_eq!((number.sid, number.digits), (number_sid(), digits()));
    assert_eq!((number.friendly_name, number.status), (None, OwnedStatus::InUse));
    assert_eq!(number.voice, VoiceRouting::default());
}

#[test]
fn another_word_for_the_status_is_never_taken_as_in_use() {
    for status in ["released", "In-Use", "suspended"] {
        assert_eq!(read(json!({ "status": status })).unwrap().status, OwnedStatus::Unknown);
    }
}

#[test]
fn a_number_that_takes_no_calls_says_so() {
    for changes in [
        json!({ "capabilities": { "voice": false, "sms": true } }),
        json!({ "voice_receive_mode": "fax" }),
    ] {
        assert!(!read(changes).unwrap().takes_calls);
    }
    assert!(
        read(json!({ "voice_receive_mode": "voice", "capabilities": {} })).unwrap().takes_calls
    );
}

#[test]
fn a_number_without_usable_ids_or_of_another_account_is_unreadable() {
    let other = ACCOUNT.replace('0', "9");
    for changes in [
        json!({ "sid": null }),
        json!({ "sid": "PN1" }),
        json!({ "sid": NUMBER.replace("PN", "AC") }),
        json!({ "phone_number": null }),
        json!({ "phone_number": "4155550123" }),
        json!({ "account_sid": other }),
        json!({ "account_sid": "mine" }),
    ] {
        assert_eq!(read(changes.clone()), None, "{changes}");
    }
    // Written otherwise, it is still the same account.
    let shouted = format!("AC{}", ACCOUNT[2..].to_uppercase());
    assert!(read(json!({ "account_sid": shouted })).is_some());
}

#[test]
fn an_offer_has_its_place_and_its_type() {
    let expected = Offer {
        digits: digits(),
        number_type: NumberType::Local,
        locality: Some("San Francisco".to_owned()),
        region: Some("CA".to_owned()),
    };
    // The digits tell the type, whatever was asked for.
    assert_eq!(sold(json!({}), NumberType::TollFree), Some(expected));
    let toll_free = json!({ "phone_number": "+18005550123", "locality": null, "region": "" });
    let offer = sold(toll_free, NumberType::Local).unwrap();
    let place = (offer.locality, offer.region);
    assert_eq!((offer.number_type, place), (NumberType::TollFree, (None, None)));
    for asked in [NumberType::Local, NumberType::TollFree] {
        let british = json!({ "phone_number": "+442079460123" });
        assert_eq!(sold(british, asked).unwrap().number_type, asked);
    }
}

#[test]
fn a_number_without_voice_or_digits_is_no_offer() {
    let sold = |changes| sold(changes, NumberType::Local);
    assert_eq!(sold(json!({ "capabilities": { "voice": false } })), None);
    assert_eq!(sold(json!({ "phone_number": null })), None);
    assert_eq!(sold(json!({ "phone_number": "4155550123" })), None);
    assert!(sold(json!({ "capabilities": null })).is_some());
    assert!(sold(json!({ "capabilities": {} })).is_some());
}

#[test]
fn a_requirement_that_is_not_none_needs_an_address() {
    let needs = |required: Value| {
        let wire: OfferWire =
            serde_json::from_value(json!({ "address_requirements": required })).unwrap();
        wire.needs_address()
    };
    for required in ["any", "local", "foreign", "lunar"] {
        assert!(needs(json!(required)), "{required}");
    }
    assert!(!needs(json!("none")));
    assert!(!needs(json!(null)));
}

#[test]
fn what_follows_a_page_is_a_link_the_end_or_unreadable() {
    let next = |uri: Value| {
        let page = json!({ "incoming_phone_numbers": [], "next_page_uri": uri });
        serde_json::from_value::<Owned>(page).unwrap().parts().1
    };
    assert_eq!(next(json!(null)), Next::End);
    assert_eq!(next(json!("")), Next::End);
    assert_eq!(next(json!("/x")), Next::Link("/x".to_owned()));
    for other in [json!(false), json!(2), json!(["/x"]), json!({ "uri": "/x" })] {
        assert_eq!(next(other), Next::Unreadable);
    }
    let page: Owned = serde_json::from_value(json!({ "incoming_phone_numbers": [] })).unwrap();
    assert_eq!(page.parts().1, Next::End);
}
