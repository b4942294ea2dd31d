//! Whose account: no request of one organization carries another's credentials.

use super::{is_passed, outcome};
use it::twilio::{OWN, PLATFORM, with_account_for};
use it::world::FakeSecrets;
use it::{City, Person, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::SharedProviders;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::memory;

const SECOND: (&str, &str) = ("AC00000000000000000000000000000002", "token-of-the-second-account");

#[test]
fn two_organizations_never_carry_each_others_credentials() {
    let city = City::new();
    city.give_twilio("org-1", OWN);
    city.give_twilio("org-2", SECOND);
    city.give_platform_twilio();
    let people: Vec<(Person, (&str, &str))> = (0..6)
        .flat_map(|number| {
            let business = format!("business-{number}");
            [(Person::of("org-1", &business), OWN), (Person::of("org-2", &business), SECOND)]
        })
        .collect();
    for (person, _account) in &people {
        assert_eq!(city.post(person, json!({ "sources": ["org_twilio"] })).status, 202);
    }
    let third = Person::of("org-3", "third");
    city.post(&third, json!({ "sources": ["org_twilio", "global_twilio"] }));
    city.settle();
    for (person, account) in &people {
        let shown = city.send(person.call("GET /api/phone/provision", &Value::Null));
        city.assert_answers(&shown);
        let all = city.providers.lock();
        let (holder, _number) = all.twilio.holding(shown.text("phone_number")).unwrap();
        assert_eq!(holder.sid, account.0);
    }
    let shown = city.send(third.call("GET /api/phone/provision", &Value::Null));
    assert_eq!(shown.text("source"), "global_twilio");
    // At Twilio: who spoke is whose account it was, in every single request.
    let asked = city.asked_at_twilio();
    assert!(asked.iter().all(|(user, account)| user == account), "{asked:?}");
    let users: BTreeSet<String> = asked.into_iter().map(|(user, _)| user).collect();
    assert_eq!(users, [OWN.0, SECOND.0, PLATFORM.0].map(str::to_owned).into());
    // At VAPI: each record was imported with the credentials of the account that has the number.
    let all = city.providers.lock();
    let truth = all.truth(city.clock.millis());
    for record in truth["vapi"]["orgs"][0]["numbers"].as_array().unwrap() {
        let holder = all.twilio.holding(record["number"].as_str().unwrap()).unwrap().0;
        assert_eq!(record["twilio"]["accountSid"], holder.sid, "{record:#}");
    }
    drop(all);
    let logs = city.logs.text() + &city.all_figures();
    let mut rows = String::new();
    city.table.inspect(|key, item| rows += &format!("{key:?} {item:?}"));
    for (_sid, token) in [OWN, SECOND, PLATFORM] {
        assert!(!logs.contains(token) && !rows.contains(token));
    }
}

#[test]
fn a_secret_of_another_account_than_the_rows_is_not_used() {
    let city = with_account_for("org_twilio", &[]);
    city.open_twilio(SECOND);
    let secret = json!({ "account_sid": SECOND.0, "auth_token": SECOND.1 });
    city.secrets.set("one/twilio/org/org-1", secret.to_string());
    is_passed(&city, "org_twilio", "not_configured");
    assert!(city.asked_at_twilio().is_empty(), "nothing was asked of anybody");
}

#[test]
fn an_empty_secret_is_not_configured_and_a_wrong_one_is_rejected() {
    let city = City::new();
    for empty in [json!({}), json!({ "account_sid": "", "auth_token": "", "phone_numbers": [] })] {
        city.secrets.set("one/twilio/global", empty.to_string());
        city.pass(std::time::Duration::from_secs(600));
    }
    is_passed(&city, "global_twilio", "not_configured");
    drop(city);
    let city = with_account_for("global_twilio", &[]);
    let wrong = json!({ "account_sid": PLATFORM.0, "auth_token": "another" });
    city.secrets.set("one/twilio/global", wrong.to_string());
    is_passed(&city, "global_twilio", "key_rejected");
}

#[test]
fn an_api_key_serves_in_place_of_the_token() {
    let city = City::new();
    let key = "SK00000000000000000000000000000001";
    let (sid, _token) = OWN;
    city.providers.with(|all| {
        all.twilio.add_key(sid, key, "secret-of-the-key", simulators::twilio::KeyType::Standard)
    });
    city.set_up(
        "org-1",
        &json!({
            "twilio_account_sid": sid, "twilio_api_key_sid": key,
            "twilio_api_key_secret": "secret-of-the-key",
        }),
    );
    let answer = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    city.assert_one_number("org_twilio", &answer);
    assert!(city.asked_at_twilio().iter().all(|(user, account)| user == key && account == sid));
}

/// Another token, at Twilio and in the secret.
fn rotate(providers: &SharedProviders, secrets: &FakeSecrets) {
    const NEW: &str = "token-after-the-rotation";
    providers.with(|all| all.twilio.set_token(OWN.0, NEW));
    let secret = json!({ "account_sid": OWN.0, "auth_token": NEW });
    secrets.set("one/twilio/org/org-1", secret.to_string());
}

#[test]
fn rotated_credentials_are_read_again_wherever_the_old_ones_are_rejected() {
    // Wherever something is written for the second provisioning, the token changes.
    for at in 1.. {
        let city = with_account_for("org_twilio", &[]);
        let first = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
        city.assert_answers(&first);
        let writes = Arc::new(AtomicU32::new(0));
        let (counted, secrets) = (Arc::clone(&writes), city.secrets.clone());
        let providers = city.providers.clone();
        city.table.set_faults(move |request: memory::Request<'_>| {
            let is_write =
                matches!(request, memory::Request::Write(_) | memory::Request::Transact(_));
            if is_write && counted.fetch_add(1, Ordering::Relaxed) + 1 == at {
                rotate(&providers, &secrets);
            }
            memory::Fault::None
        });
        let person = Person::of("org-1", "second");
        city.post(&person, from_sources(&["org_twilio"]));
        city.settle();
        let shown = city.send(person.call("GET /api/phone/provision", &Value::Null));
        city.assert_answers(&shown);
        assert_eq!(city.held().twilio_purchases, 2, "at write {at}");
        it::truth::assert_sound(&city, &city.held());
        if writes.load(Ordering::Relaxed) < at {
            assert!(at > 5, "only {at} writes");
            return;
        }
    }
}

#[test]
fn an_import_with_rotated_credentials_is_sent_again_with_the_new_ones() {
    let city = with_account_for("org_twilio", &[]);
    // Until VAPI takes the number, the token is rotated and nothing else has been asked of Twilio.
    let busy = simulators::Fault::Status {
        status: 429,
        retry_after_seconds: Some(30),
        reset_seconds: None,
        text: None,
    };
    city.fault(simulators::Provider::Vapi, "POST /phone-number", busy);
    city.post(&harbor(), from_sources(&["org_twilio"]));
    city.until(|city| city.works()[0].phase.name() == domain::work::PhaseName::Bought);
    rotate(&city.providers, &city.secrets);
    city.settle();
    let shown = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
    city.assert_one_number("org_twilio", &shown);
}
