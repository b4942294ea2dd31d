//! Lost answers, numbers sold to others, routes that differ: one number bought, and it answers.

use super::{BUY, outcome};
use it::twilio::{OWN, with_account_for};
use it::{City, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::{Fault, Provider, Refusal};
use std::sync::{Arc, Mutex};
use store::memory;

/// One provisioning, disturbed; it must end as if nothing had happened.
#[track_caller]
fn ends_well(disturb: impl Fn(&City)) {
    for source in ["org_twilio", "global_twilio"] {
        let city = with_account_for(source, &[]);
        disturb(&city);
        let answer = outcome(&city, &harbor(), from_sources(&[source]));
        city.assert_one_number(source, &answer);
    }
}

#[test]
fn a_purchase_whose_answer_is_lost_is_found_and_not_repeated() {
    for fault in [Fault::AnswerLost, Fault::StatusAfter { status: 500 }, Fault::GarbledAfter] {
        ends_well(|city| city.fault(Provider::Twilio, BUY, fault.clone()));
    }
}

#[test]
fn a_purchase_that_never_arrived_is_sent_again_once_that_is_certain() {
    for fault in [Fault::Reset, Fault::NotSent, Fault::Delay { ms: 30_000 }] {
        ends_well(|city| city.fault(Provider::Twilio, BUY, fault.clone()));
    }
}

#[test]
fn a_purchase_that_lists_late_is_not_repeated() {
    ends_well(|city| {
        city.switch(&json!({ "twilio": { "list_lag_ms": 60_000, "get_lag_ms": 20_000 } }));
        city.fault(Provider::Twilio, BUY, Fault::AnswerLost);
    });
}

#[test]
fn a_purchase_hidden_until_it_is_repeated_buys_nothing_twice() {
    // Twilio takes the second purchase of an owned number for a change of its settings.
    ends_well(|city| {
        city.switch(&json!({ "twilio": { "list_lag_ms": 200_000 } }));
        city.fault(Provider::Twilio, BUY, Fault::AnswerLost);
    });
}

#[test]
fn an_import_whose_answer_is_lost_is_found_and_not_repeated() {
    for double in [json!({ "kind": "second_record" }), json!({ "kind": "rejects", "status": 409 })]
    {
        ends_well(|city| {
            city.switch(&json!({ "vapi": { "double_import": double } }));
            city.fault(Provider::Vapi, "POST /phone-number", Fault::AnswerLost);
        });
    }
}

#[test]
fn busy_and_broken_providers_are_sat_out() {
    let status = |status| Fault::Status {
        status,
        retry_after_seconds: Some(3),
        reset_seconds: None,
        text: None,
    };
    for (provider, line) in [
        (Provider::Vapi, "POST /phone-number"),
        (Provider::Vapi, "GET /phone-number/{id}"),
        (Provider::Twilio, "GET /Accounts/{id}/IncomingPhoneNumbers.json"),
        (Provider::Twilio, "GET /Accounts/{id}/AvailablePhoneNumbers/{country}/Local.json"),
        (Provider::Twilio, BUY),
        (Provider::Twilio, "GET /Accounts/{id}/IncomingPhoneNumbers/{id}.json"),
    ] {
        let broken = if line.starts_with("GET") { 4 } else { 1 };
        ends_well(|city| city.faults(provider, line, status(429), 4));
        ends_well(|city| city.faults(provider, line, status(503), broken));
    }
}

#[test]
fn a_number_sold_to_somebody_else_meanwhile_is_not_ours_and_another_is_bought() {
    ends_well(|city| {
        city.faults(Provider::Twilio, BUY, Fault::Refuse { reason: Refusal::Taken }, 2);
    });
    let city = with_account_for("org_twilio", &[]);
    city.faults(Provider::Twilio, BUY, Fault::Refuse { reason: Refusal::Taken }, 99);
    let answer = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    assert_eq!(answer.passed(), ["org_twilio: numbers_taken"]);
    assert_eq!((city.held().spent_cents, city.held().twilio_purchases), (0, 0));
    it::truth::assert_sound(&city, &city.held());
}

#[test]
fn a_number_the_account_has_got_meanwhile_is_left_to_whoever_got_it() {
    let city = with_account_for("org_twilio", &[]);
    // The number is bought by hand between the search and the purchase, as the intent is written.
    let providers = city.providers.clone();
    let got: Arc<Mutex<Option<String>>> = Arc::default();
    let by_hand = Arc::clone(&got);
    let now = city.clock.millis();
    city.table.set_faults(move |request: memory::Request<'_>| {
        let writes = if let memory::Request::Transact(writes) = request { writes } else { &[] };
        let digits = writes.iter().find_map(|write| write.key().pk.strip_prefix("DIGITS#"));
        let mut got = by_hand.lock().unwrap();
        if let Some(digits) = digits.filter(|_| got.is_none()) {
            let named = [("friendly_name", "by hand")];
            providers.with(|all| all.twilio.buy_outside(now, OWN.0, digits, &named)).unwrap();
            *got = Some(digits.to_owned());
        }
        memory::Fault::None
    });
    let shown = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    let number = got.lock().unwrap().clone().expect("one was bought by hand");
    city.assert_answers(&shown);
    assert_ne!(shown.text("phone_number"), number);
    assert_eq!(city.at_twilio(&number, "friendly_name"), "by hand");
    assert_eq!(city.at_twilio(&number, "voice_url"), simulators::twilio::DEMO_VOICE_URL);
    assert_eq!(city.held().twilio_purchases, 1);
}

#[test]
fn a_route_that_differs_is_put_right() {
    ends_well(|city| city.switch(&json!({ "vapi": { "import_routing": "keeps_former" } })));
}

#[test]
fn a_route_that_cannot_be_put_right_is_degraded_and_repairs_itself() {
    let city = with_account_for("org_twilio", &[]);
    city.buys_at_twilio(
        OWN.0,
        "+14155550123",
        &[("trunk_sid", "TK00000000000000000000000000000001")],
    );
    city.set_up(
        "org-1",
        &json!({
            "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1,
            "twilio_phone_numbers": ["+14155550123"],
        }),
    );
    let update = "POST /Accounts/{id}/IncomingPhoneNumbers/{id}.json";
    let broken =
        Fault::Status { status: 400, retry_after_seconds: None, reset_seconds: None, text: None };
    city.faults(Provider::Twilio, update, broken, 3);
    let answer = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    assert_eq!((answer.state(), answer.problem()), ("ready_degraded", "not-routed"));
    city.pass(std::time::Duration::from_secs(120));
    let shown = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
    city.assert_answers(&shown);
    assert_eq!(city.at_twilio("+14155550123", "trunk_sid"), "");
}
