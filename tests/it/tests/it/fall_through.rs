//! Why a source brings no number, and what happens then.

use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{Fault, Provider, Refusal, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};

/// Asks, lets everything come to rest, and looks as an operator.
fn outcome(city: &City, body: Value) -> Answer {
    let asked = city.post(&harbor(), body);
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let line = format!("GET /api/admin/provisionings/{}", asked.id());
    city.send(Person::operator().call(&line, &Value::Null))
}

/// Telnyx, asked alone, is passed over for this reason, and a person is called.
#[track_caller]
fn telnyx_is_passed(city: &City, reason: &str) {
    let answer = outcome(city, from_sources(&["telnyx"]));
    assert_eq!(answer.passed(), [format!("telnyx: {reason}")], "{:#}", answer.body);
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "sources-exhausted"));
    assert_ne!(answer.body["problem"]["next_steps"], Value::Null);
    let held = city.held();
    assert_eq!((held.bought.len(), held.spent_cents), (0, 0));
}

#[test]
fn no_credential() {
    let city = City::new();
    let hidden = Fault::HideRecords { containing: String::new() };
    city.faults(Provider::Vapi, "GET /credential", hidden, 99);
    telnyx_is_passed(&city, "no_credential");
}

#[test]
fn several_credentials_and_the_setting_that_picks_one() {
    let add = |city: &City| {
        city.providers.with(|all| {
            let added = all.add_credential(0, STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY, "second");
            added.unwrap().0
        })
    };
    let city = City::new();
    let second = add(&city);
    telnyx_is_passed(&city, "several_credentials");
    drop(city);
    // The simulators' ids come from their seed: the second credential is the same one again.
    let city = City::with(&[("VAPI_TELNYX_CREDENTIAL_ID", &second)]);
    assert_eq!(add(&city), second);
    let answer = outcome(&city, from_sources(&["telnyx"]));
    city.assert_one_number("telnyx", &answer);
}

#[test]
fn credentials_that_may_not_be_read() {
    for access in ["unauthorized", "forbidden"] {
        let city = City::new();
        city.switch(&json!({ "vapi": { "credential_access": access } }));
        telnyx_is_passed(&city, "credentials_unreadable");
    }
}

#[test]
fn credentials_that_may_not_be_read_do_not_matter_where_a_setting_names_one() {
    let id =
        City::new().providers.lock().vapi.orgs()[0].credentials.iter().next().unwrap().id.clone();
    let city = City::with(&[("VAPI_TELNYX_CREDENTIAL_ID", &id)]);
    city.switch(&json!({ "vapi": { "credential_access": "forbidden" } }));
    let answer = outcome(&city, from_sources(&["telnyx"]));
    city.assert_one_number("telnyx", &answer);
}

#[test]
fn credential_of_the_setting_does_not_exist() {
    let id = "00000000-0000-4000-8000-000000000000";
    let city = City::with(&[("VAPI_TELNYX_CREDENTIAL_ID", id)]);
    telnyx_is_passed(&city, "credential_missing");
}

#[test]
fn no_stock_in_either_form() {
    for form in ["empty_list", "error10031"] {
        let city = City::new();
        city.switch(&json!({ "telnyx": { "stock": 0, "no_stock": form } }));
        telnyx_is_passed(&city, "no_stock");
    }
}

#[test]
fn no_balance_in_any_form() {
    for status in [402, 403, 400] {
        let city = City::new();
        city.switch(&json!({ "telnyx": { "balance_status": status } }));
        city.fault(
            Provider::Telnyx,
            "POST /number_orders",
            Fault::Refuse { reason: Refusal::Balance },
        );
        telnyx_is_passed(&city, "no_balance");
    }
}

#[test]
fn cap_of_the_organization_is_reached() {
    let city = City::with(&[("CAP_DAY_ORGANIZATION_CENTS", "199")]);
    telnyx_is_passed(&city, "cap_reached");
}

#[test]
fn cap_holds_over_all_businesses_of_an_organization() {
    let city = City::with(&[("CAP_MONTH_ORGANIZATION_CENTS", "600")]);
    let people: Vec<Person> =
        (0..5).map(|number| Person::of("org-1", &format!("business-{number}"))).collect();
    let ids: Vec<String> = people
        .iter()
        .map(|person| city.post(person, json!({ "sources": ["telnyx"] })).id().to_owned())
        .collect();
    city.settle();
    let states: Vec<String> = people
        .iter()
        .zip(&ids)
        .map(|(person, id)| city.look(person, id).state().to_owned())
        .collect();
    assert_eq!(states.iter().filter(|state| *state == "ready").count(), 3, "{states:?}");
    assert_eq!(city.held().spent_cents, 600);
    let other = Person::of("org-2", "business");
    let asked = city.post(&other, json!({ "sources": ["telnyx"] }));
    city.settle();
    city.assert_answers(&city.look(&other, asked.id()));
}

#[test]
fn number_that_costs_too_much_a_month() {
    let city = City::with(&[("CAP_NUMBER_MONTHLY_CENTS", "99")]);
    telnyx_is_passed(&city, "cap_reached");
}

#[test]
fn price_that_is_not_told_is_not_paid() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "prices_shown": false } }));
    telnyx_is_passed(&city, "price_unknown");
}

#[test]
fn source_without_a_secret() {
    for without in ["secret", "key"] {
        let city = City::new();
        if without == "secret" {
            city.secrets.remove("telnyx");
        } else {
            city.secrets.set("telnyx", json!({ "api_key": "", "public_key": "" }).to_string());
        }
        telnyx_is_passed(&city, "not_configured");
        let available = city.send(harbor().call("GET /api/phone/available", &Value::Null));
        assert_eq!((available.status, available.problem()), (503, "telnyx-not-configured"));
    }
}

#[test]
fn key_that_is_rejected() {
    let city = City::new();
    city.set_keys(STANDARD_VAPI_KEY, "wrong");
    telnyx_is_passed(&city, "key_rejected");
}

#[test]
fn nothing_works_without_vapi_and_goes_on_once_it_is_set_up() {
    let city = City::new();
    city.secrets.remove("vapi");
    let answer = outcome(&city, json!({}));
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "not-configured"));
    city.set_keys(STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY);
    city.pass(std::time::Duration::from_secs(600));
    let line = format!("POST /api/phone/provision/{}/retry", answer.id());
    assert_eq!(city.send(harbor().call(&line, &Value::Null)).status, 202);
    city.settle();
    city.assert_one_number("vapi_free", &city.look(&harbor(), answer.id()));
}

#[test]
fn used_up_allowance_leads_to_a_bought_number() {
    for options in [
        json!({ "vapi": { "free_limit": 0 } }),
        json!({ "vapi": { "free_limit": 0, "limit_status": 403, "limit_text": "Quota exceeded" } }),
    ] {
        let city = City::new();
        city.switch(&options);
        let answer = outcome(&city, json!({}));
        city.assert_one_number("telnyx", &answer);
        assert_eq!(
            answer.passed(),
            [
                "pool: pool_empty",
                "vapi_free: allowance_used",
                "org_twilio: not_configured",
                "global_twilio: not_configured"
            ]
        );
        // The business reads neither milestones nor whose account lacks what.
        let seen = city.look(&harbor(), answer.id());
        assert!(seen.body["timeline"].to_string().contains("the free numbers are used up"));
        // VAPI is not asked again for a day, then once.
        let asked = |city: &City| {
            city.providers.lock().vapi.log().filter(|one| one.template == "/phone-number").count()
        };
        let before = asked(&city);
        let second = Person::of("org-1", "second");
        let id = city.post(&second, json!({})).id().to_owned();
        city.settle();
        assert_eq!(city.look(&second, &id).text("source"), "telnyx");
        assert_eq!(asked(&city) - before, 1, "the import alone");
    }
}

#[test]
fn closed_allowance_is_probed_after_a_day() {
    let city = City::new();
    city.switch(&json!({ "vapi": { "free_limit": 0 } }));
    outcome(&city, json!({}));
    city.switch(&json!({ "vapi": { "free_limit": 10 } }));
    for (hours, source) in [(1, "telnyx"), (24, "vapi_free")] {
        city.pass(std::time::Duration::from_secs(hours * 3600));
        let person = Person::of("org-1", &format!("after-{hours}"));
        let asked = city.post(&person, json!({}));
        city.settle();
        assert_eq!(city.look(&person, asked.id()).text("source"), source);
    }
}

#[test]
fn payment_method_is_missing() {
    let city = City::new();
    city.fault(Provider::Vapi, "POST /phone-number", Fault::Refuse { reason: Refusal::Payment });
    let answer = outcome(&city, json!({}));
    city.assert_one_number("telnyx", &answer);
    assert_eq!(
        answer.passed(),
        [
            "pool: pool_empty",
            "vapi_free: payment_required",
            "org_twilio: not_configured",
            "global_twilio: not_configured"
        ]
    );
}

#[test]
fn area_code_without_free_numbers_binds_or_not() {
    let no_415 = json!({ "vapi": { "areas_without_stock": ["415"] } });
    let city = City::new();
    city.switch(&no_415);
    let answer = outcome(&city, json!({ "area_code": "415", "match": "strict" }));
    city.assert_one_number("telnyx", &answer);
    assert_eq!(
        answer.passed(),
        [
            "pool: pool_empty",
            "vapi_free: area_code_unavailable",
            "org_twilio: not_configured",
            "global_twilio: not_configured"
        ]
    );
    assert!(answer.text("phone_number").starts_with("+1415"));
    drop(city);

    let city = City::new();
    city.switch(&no_415);
    let answer = outcome(&city, json!({ "areaCode": "415", "match": "any" }));
    city.assert_one_number("vapi_free", &answer);
    assert!(!answer.text("phone_number").starts_with("+1415"));
}

#[test]
fn area_code_without_numbers_for_sale_binds_or_not() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock_by_area": { "415": 0 } } }));
    let body = json!({ "area_code": "415", "match": "strict", "sources": ["telnyx"] });
    let answer = outcome(&city, body);
    assert_eq!(answer.passed(), ["telnyx: no_stock"]);
    drop(city);

    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock_by_area": { "415": 0 } } }));
    let answer = outcome(&city, json!({ "area_code": "415", "sources": ["telnyx"] }));
    city.assert_one_number("telnyx", &answer);
    assert!(!answer.text("phone_number").starts_with("+1415"));
}

#[test]
fn toll_free_numbers_are_bought() {
    let city = City::new();
    let answer = outcome(&city, json!({ "type": "toll_free", "area_code": "888" }));
    city.assert_answers(&answer);
    assert_eq!(
        answer.passed(),
        [
            "pool: pool_empty",
            "vapi_free: wrong_type",
            "org_twilio: not_configured",
            "global_twilio: not_configured"
        ]
    );
    assert!(answer.text("phone_number").starts_with("+1888"));
    assert_eq!(city.held().spent_cents, 300);
}

#[test]
fn other_countries_have_no_free_numbers() {
    let city = City::new();
    let answer = outcome(&city, json!({ "country": "CA" }));
    city.assert_one_number("telnyx", &answer);
    assert_eq!(
        answer.passed(),
        [
            "pool: pool_empty",
            "vapi_free: wrong_country",
            "org_twilio: not_configured",
            "global_twilio: not_configured"
        ]
    );
}

#[test]
fn sip_address_alone_is_ready_without_digits() {
    let city = City::new();
    let answer = outcome(&city, json!({ "type": "sip" }));
    assert_eq!(answer.state(), "ready", "{:#}", answer.body);
    assert_eq!(answer.body["phone_number"], Value::Null);
    assert!(answer.text("sip_uri").starts_with("sip:"));
}

#[test]
fn what_no_source_has_is_refused_before_it_begins() {
    let city = City::new();
    for body in [
        json!({ "type": "sip", "sources": ["telnyx"] }),
        json!({ "type": "toll_free", "sources": ["vapi_free"] }),
        json!({ "number": "+14155550123", "sources": ["vapi_free"] }),
        json!({ "country": "DE", "sources": ["vapi_free"] }),
    ] {
        let answer = city.post(&Person::of("org-1", "second"), body.clone());
        assert_eq!(answer.status, 422, "{body}");
    }
    assert!(city.held().assistants.is_empty());
}

#[test]
fn order_that_is_refused_for_want_of_documents_costs_nothing() {
    let city = City::new();
    let text = Some("Regulatory requirements are not met for this number.".to_owned());
    let fault = Fault::Status { status: 422, retry_after_seconds: None, reset_seconds: None, text };
    city.fault(Provider::Telnyx, "POST /number_orders", fault);
    telnyx_is_passed(&city, "documents_required");
}

#[test]
fn order_that_waits_for_documents_needs_a_person_and_goes_on_by_itself() {
    let city = City::new();
    let answer = outcome(&city, json!({ "country": "DE" }));
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "documents-required"));
    let order = city.providers.lock().telnyx.accounts()[0].orders.iter().next().unwrap().id.clone();
    let now = city.clock.millis();
    city.providers.with(|all| all.telnyx.decide_documents(now, &order, true));
    // The webhook tells, and it goes on by itself.
    city.pass(std::time::Duration::from_secs(60));
    city.settle();
    city.assert_answers(&city.look(&harbor(), answer.id()));
    assert_eq!(city.held().bought.len(), 1);
}

#[test]
fn order_that_fails_at_the_carrier_is_followed_by_another() {
    for taken in ["bad_request10015", "conflict85001"] {
        let city = City::new();
        city.switch(&json!({ "telnyx": { "taken": taken } }));
        city.fault(Provider::Telnyx, "POST /number_orders", Fault::OrderFails);
        let answer = outcome(&city, from_sources(&["telnyx"]));
        city.assert_answers(&answer);
        let held = city.held();
        assert_eq!((held.bought.len(), held.spent_cents), (1, 200));
        it::truth::assert_sound(&city, &held);
    }
}
