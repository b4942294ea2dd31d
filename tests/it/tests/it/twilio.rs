//! Twilio as a source: the organization's own account, and the platform's.

use it::twilio::{OWN, PLATFORM, with_account_for};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{Fault, Provider, Refusal};

mod accounts;
mod disturbed;
mod fallback;
mod leaves;
mod order;
mod owned;

const BUY: &str = "POST /Accounts/{id}/IncomingPhoneNumbers.json";

/// Asks, lets everything come to rest, and looks as an operator.
fn outcome(city: &City, person: &Person, body: Value) -> Answer {
    let asked = city.post(person, body);
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let line = format!("GET /api/admin/provisionings/{}", asked.id());
    city.send(Person::operator().call(&line, &Value::Null))
}

/// The source, asked alone, is passed over for this reason, and nothing is bought.
#[track_caller]
fn is_passed(city: &City, source: &str, reason: &str) {
    let answer = outcome(city, &harbor(), from_sources(&[source]));
    assert_eq!(answer.passed(), [format!("{source}: {reason}")], "{:#}", answer.body);
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "sources-exhausted"));
    let held = city.held();
    assert_eq!((held.bought.len(), held.spent_cents, held.imported.len()), (0, 0, 0));
    it::truth::assert_sound(city, &held);
}

#[test]
fn a_number_is_bought_and_answered() {
    for (source, account) in [("org_twilio", OWN), ("global_twilio", PLATFORM)] {
        let city = with_account_for(source, &[]);
        let answer = outcome(&city, &harbor(), from_sources(&[source]));
        city.assert_one_number(source, &answer);
        assert_eq!(answer.text("phone_provider"), "twilio");
        let number = answer.text("phone_number");
        let holder = city.providers.lock().twilio.holding(number).unwrap().0.sid.clone();
        assert_eq!(holder, account.0);
        // Named after the work that bought it, and messages go where they went.
        assert!(city.at_twilio(number, "friendly_name").contains(answer.id()));
        assert_eq!(city.at_twilio(number, "sms_url"), "");
        let account: Value =
            city.providers.with(|all| all.twilio.accounts()[0].numbers.len()).into();
        assert!(account.as_u64().unwrap() <= 1);
    }
}

#[test]
fn an_area_code_binds_or_is_a_wish() {
    let city = with_account_for("org_twilio", &[]);
    city.switch(&json!({ "twilio": { "stock_by_area": { "512": 0 } } }));
    let strict = json!({ "sources": ["org_twilio"], "area_code": "512", "match": "strict" });
    let answer = outcome(&city, &harbor(), strict);
    assert_eq!(answer.passed(), ["org_twilio: no_stock"]);
    drop(city);
    let city = with_account_for("org_twilio", &[]);
    city.switch(&json!({ "twilio": { "stock_by_area": { "512": 0 } } }));
    let wish = json!({ "sources": ["org_twilio"], "area_code": "512" });
    let answer = outcome(&city, &harbor(), wish);
    city.assert_one_number("org_twilio", &answer);
    drop(city);
    let city = with_account_for("org_twilio", &[]);
    let near = json!({ "sources": ["org_twilio"], "area_code": "512", "match": "strict" });
    let answer = outcome(&city, &harbor(), near);
    city.assert_one_number("org_twilio", &answer);
    assert!(answer.text("phone_number").starts_with("+1512"));
}

#[test]
fn a_toll_free_number_has_its_own_price() {
    let city = with_account_for("org_twilio", &[]);
    let body = json!({ "sources": ["org_twilio"], "type": "toll_free" });
    let answer = outcome(&city, &harbor(), body);
    city.assert_answers(&answer);
    assert_eq!(city.held().spent_cents, 215);
    it::truth::assert_sound(&city, &city.held());
}

#[test]
fn why_it_is_passed_over() {
    let refusals = [
        (Refusal::Balance, "account_inactive"),
        (Refusal::TrialLimit, "trial_limit"),
        (Refusal::Address, "documents_required"),
        (Refusal::Bundle, "documents_required"),
    ];
    for source in ["org_twilio", "global_twilio"] {
        is_passed(&City::new(), source, "not_configured");
        for (reason, told) in refusals {
            let city = with_account_for(source, &[]);
            city.fault(Provider::Twilio, BUY, Fault::Refuse { reason });
            is_passed(&city, source, told);
        }
        let city = with_account_for(source, &[]);
        city.switch(&json!({ "twilio": { "stock": 0 } }));
        is_passed(&city, source, "no_stock");
        is_passed(
            &with_account_for(source, &[("TWILIO_LOCAL_MONTHLY_CENTS", "")]),
            source,
            "price_unknown",
        );
        is_passed(
            &with_account_for(source, &[("CAP_NUMBER_MONTHLY_CENTS", "114")]),
            source,
            "cap_reached",
        );
        is_passed(
            &with_account_for(source, &[("CAP_DAY_ORGANIZATION_CENTS", "114")]),
            source,
            "cap_reached",
        );
        is_passed(
            &with_account_for(source, &[("CAP_MONTH_OVERALL_CENTS", "114")]),
            source,
            "cap_reached",
        );
    }
}

#[test]
fn numbers_elsewhere_are_not_its_to_sell() {
    let city = with_account_for("org_twilio", &[]);
    let abroad = json!({ "sources": ["org_twilio"], "country": "GB" });
    let refused = city.post(&harbor(), abroad);
    assert!(matches!(refused.status, 202 | 422), "{:#}", refused.body);
    city.settle();
    assert_eq!(city.held().spent_cents, 0);
}

#[test]
fn buying_is_the_organizations_to_allow() {
    let city = with_account_for("org_twilio", &[]);
    city.set_up(
        "org-1",
        &json!({
            "twilio_account_sid": OWN.0, "twilio_auth_token": OWN.1, "twilio_buys_numbers": false,
        }),
    );
    is_passed(&city, "org_twilio", "buying_not_allowed");
}

#[test]
fn caps_hold_over_all_its_businesses() {
    let city = with_account_for("org_twilio", &[("CAP_MONTH_ORGANIZATION_CENTS", "400")]);
    let people: Vec<Person> =
        (0..5).map(|number| Person::of("org-1", &format!("business-{number}"))).collect();
    for person in &people {
        city.post(person, json!({ "sources": ["org_twilio"] }));
    }
    city.settle();
    let held = city.held();
    assert_eq!((held.twilio_purchases, held.spent_cents), (3, 345));
    it::truth::assert_sound(&city, &held);
}

#[test]
fn a_number_given_up_serves_its_organization_again_and_no_other() {
    let city = with_account_for("org_twilio", &[("QUARANTINE_DAYS", "0")]);
    city.give_platform_twilio();
    let first = outcome(&city, &harbor(), from_sources(&["org_twilio"]));
    let number = first.text("phone_number").to_owned();
    let gives_up = format!("DELETE /api/phone/numbers/{}", first.text("number_id"));
    assert_eq!(city.send(harbor().call(&gives_up, &Value::Null)).status, 202);
    city.settle();
    city.pass(std::time::Duration::from_secs(300));
    city.sweep();
    let from_pool = json!({ "sources": ["pool"] });
    let other = outcome(&city, &Person::of("org-2", "other"), from_pool.clone());
    assert_eq!(other.passed(), ["pool: pool_empty"], "it is another organization's");
    let second = outcome(&city, &Person::of("org-1", "second"), from_pool);
    city.assert_answers(&second);
    assert_eq!((second.text("phone_number"), second.text("source")), (number.as_str(), "pool"));
    assert_eq!(city.held().twilio_purchases, 1);
}
