//! The documented order of sources.

use super::outcome;
use it::{City, Person, Shown as _};
use serde_json::json;
use simulators::{Fault, Provider, Refusal};
use std::cell::RefCell;

fn business(number: u32) -> Person {
    Person::of("org-1", &format!("business-{number}"))
}

#[test]
fn ten_free_numbers_then_the_organizations_twilio_the_platforms_telnyx_and_a_person() {
    let city = City::with(&[("CAP_DAY_ORGANIZATION_CENTS", "100000")]);
    city.give_twilio("org-1", it::twilio::OWN);
    city.give_platform_twilio();
    let ids = RefCell::new(Vec::new());
    let ask = |number| {
        let answer = outcome(&city, &business(number), json!({}));
        ids.borrow_mut().push(answer.id().to_owned());
        answer
    };
    let empty = "pool: pool_empty";
    let used = "vapi_free: allowance_used";
    for number in 1..=10 {
        let answer = ask(number);
        assert_eq!((answer.text("source"), answer.passed()), ("vapi_free", vec![empty.to_owned()]));
        city.assert_answers(&answer);
    }
    for number in 11..=13 {
        let answer = ask(number);
        city.assert_answers(&answer);
        assert_eq!(answer.text("source"), "org_twilio");
        assert_eq!(answer.passed(), [empty, used]);
    }
    // The organization's account has run dry.
    city.providers.with(|all| all.twilio.account_mut(it::twilio::OWN.0).unwrap().balance_cents = 0);
    let dry = "org_twilio: account_inactive";
    for number in 14..=15 {
        let answer = ask(number);
        city.assert_answers(&answer);
        assert_eq!(answer.text("source"), "global_twilio");
        assert_eq!(answer.passed(), [empty, used, dry]);
    }
    let platform = it::twilio::PLATFORM.0;
    city.providers.with(|all| all.twilio.account_mut(platform).unwrap().balance_cents = 0);
    let answer = ask(16);
    city.assert_answers(&answer);
    assert_eq!(answer.text("source"), "telnyx");
    let platform_dry = "global_twilio: account_inactive";
    assert_eq!(answer.passed(), [empty, used, dry, platform_dry]);
    city.fault(Provider::Telnyx, "POST /number_orders", Fault::Refuse { reason: Refusal::Balance });
    let answer = ask(17);
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "sources-exhausted"));
    let poor = "telnyx: no_balance";
    assert_eq!(answer.passed(), [empty, used, dry, platform_dry, poor]);
    assert!(city.held().assistants.contains(answer.text("vapi_assistant_id")));
    // A business reads that another way is tried, and nobody's account by name.
    for (number, id) in (1..).zip(ids.borrow().iter()) {
        let line = format!("GET /api/phone/provision/{id}");
        let shown = city.send(business(number).call(&line, &json!(null)));
        let timeline = shown.body["timeline"].as_array().unwrap();
        let texts: Vec<&str> = timeline.iter().filter_map(|entry| entry["text"].as_str()).collect();
        let told = texts.join("; ");
        assert_eq!(told.contains("free numbers are used up"), number > 10, "{told}");
        let ours = ["Twilio", "Telnyx", "suspended", "balance"];
        assert!(!ours.iter().any(|word| told.contains(word)), "{told}");
    }
    // An alarm rings each time that an account at Twilio has none left.
    assert_eq!(city.figures("TwilioPoolEmpty"), 2 + 2 + 2);
    it::truth::assert_sound(&city, &city.held());
}

#[test]
fn an_organization_that_prefers_twilio_has_its_own_before_free_numbers() {
    let city = City::new();
    city.give_twilio("org-1", it::twilio::OWN);
    city.set_up("org-1", &json!({ "phone_provider": "twilio" }));
    let answer = outcome(&city, &business(1), json!({}));
    city.assert_one_number("org_twilio", &answer);
    assert_eq!(answer.passed(), ["pool: pool_empty"]);
    // Another organization has the documented order.
    let answer = outcome(&city, &Person::of("org-2", "other"), json!({}));
    assert_eq!(answer.text("source"), "vapi_free");
}

#[test]
fn what_only_one_request_cannot_have_rings_no_alarm() {
    let city = City::new();
    city.give_twilio("org-1", it::twilio::OWN);
    let (sid, token) = it::twilio::OWN;
    let settings = json!({
        "twilio_account_sid": sid, "twilio_auth_token": token, "twilio_buys_numbers": false,
    });
    city.set_up("org-1", &settings);
    city.buys_at_twilio(it::twilio::OWN.0, "+14155550171", &[]);
    let wanted = json!({ "sources": ["org_twilio"], "area_code": "907", "match": "strict" });
    let answer = outcome(&city, &business(1), wanted);
    assert_eq!(answer.passed(), ["org_twilio: buying_not_allowed"]);
    assert_eq!(city.figures("TwilioPoolEmpty"), 0);
    let answer = outcome(&city, &business(2), json!({ "sources": ["org_twilio"] }));
    city.assert_answers(&answer);
    let answer = outcome(&city, &business(3), json!({ "sources": ["org_twilio"] }));
    assert_eq!(answer.passed(), ["org_twilio: buying_not_allowed"]);
    assert_eq!(city.figures("TwilioPoolEmpty"), 1);
}

#[test]
fn without_any_account_a_person_is_called_and_told_why() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "0")]);
    city.secrets.remove("telnyx");
    let answer = outcome(&city, &business(1), json!({}));
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "sources-exhausted"));
    let passed = answer.passed();
    for told in [
        "pool: pool_empty",
        "vapi_free: allowance_used",
        "org_twilio: not_configured",
        "global_twilio: not_configured",
        "telnyx: not_configured",
    ] {
        assert!(passed.contains(&told.to_owned()), "{told} is not in {passed:?}");
    }
}
