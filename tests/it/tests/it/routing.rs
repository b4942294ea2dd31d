//! Ready means that it answers: links and routes are read back, and put right where they differ.

use it::{City, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::{CallOutcome, Fault, Provider, STANDARD_TELNYX_KEY};
use std::time::Duration;

fn application(city: &City) -> u64 {
    let all = city.providers.lock();
    *all.telnyx.accounts()[0].applications.keys().next().unwrap()
}

fn set_active(city: &City, active: bool) {
    let id = application(city);
    assert!(city.providers.with(|all| all.telnyx.set_application_active(id, active)));
}

fn count(city: &City, provider: Provider, method: &str, template: &str) -> u64 {
    let all = city.providers.lock();
    match provider {
        Provider::Vapi => all.vapi.calls_counted(method, template),
        Provider::Telnyx => all.telnyx.calls_counted(method, template),
        Provider::Twilio => all.twilio.calls_counted(method, template),
    }
}

/// A bought number whose import must wait, so that people can meddle with it before.
fn bought_before_import(city: &City) -> (String, String) {
    city.switch(&json!({ "telnyx": { "webhooks": { "kind": "never" } } }));
    city.fault(Provider::Vapi, "POST /phone-number", Fault::ImportBeforeSettled);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.until(|city| {
        !city.held().bought.is_empty() && city.providers.lock().faults().next().is_none()
    });
    let number = city.held().bought.first().unwrap().clone();
    (asked.id().to_owned(), number)
}

#[test]
fn number_that_keeps_a_foreign_application_is_routed_by_hand() {
    for former in ["none", "foreign"] {
        let city = City::new();
        city.switch(&json!({ "vapi": { "import_routing": "keeps_former" } }));
        let (id, number) = bought_before_import(&city);
        city.providers.with(|all| {
            let url = "https://pbx.test/inbound";
            let other = all.telnyx.add_application(0, STANDARD_TELNYX_KEY, "pbx", url).unwrap();
            let former = (former == "foreign").then(|| other.to_string());
            assert!(all.telnyx.route_outside(&number, former.as_deref()));
        });
        city.settle();
        let ready = city.look(&harbor(), &id);
        city.assert_one_number("telnyx", &ready);
        // Where the number had no application, the import itself gives it one.
        let by_hand = u64::from(former == "foreign");
        assert_eq!(count(&city, Provider::Telnyx, "PATCH", "/phone_numbers/{id}"), by_hand);
        assert_eq!(count(&city, Provider::Telnyx, "GET", "/phone_numbers/{id}"), 1 + by_hand);
        assert_eq!(city.figures("RouteRepaired"), usize::from(former == "foreign"));
        assert_eq!(city.figures("RoutingSucceeded"), 1);
    }
}

#[test]
fn route_whose_answer_is_lost_is_read_back() {
    for fault in [Fault::AnswerLost, Fault::Reset, Fault::StatusAfter { status: 500 }] {
        let city = City::new();
        city.switch(&json!({ "vapi": { "import_routing": "keeps_former" } }));
        let (id, number) = bought_before_import(&city);
        city.providers.with(|all| {
            let url = "https://pbx.test/inbound";
            let other = all.telnyx.add_application(0, STANDARD_TELNYX_KEY, "pbx", url).unwrap();
            all.telnyx.route_outside(&number, Some(&other.to_string()))
        });
        city.fault(Provider::Telnyx, "PATCH /phone_numbers/{id}", fault);
        city.settle();
        city.assert_one_number("telnyx", &city.look(&harbor(), &id));
    }
}

#[test]
fn stale_application_degrades_and_is_repaired_by_itself() {
    let city = City::new();
    set_active(&city, false);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    let degraded = city.look(&harbor(), asked.id());
    assert_eq!((degraded.state(), degraded.problem()), ("ready_degraded", "not-routed"));
    assert_ne!(degraded.text("phone_number"), "");
    assert_eq!(city.call(degraded.text("phone_number")).outcome, CallOutcome::RingsOut);
    assert_eq!((city.figures("RoutingFailed"), city.figures("RoutingSucceeded")), (1, 0));
    city.pass(Duration::from_secs(3600));
    assert_eq!(city.look(&harbor(), asked.id()).state(), "ready_degraded");
    assert_eq!(city.figures("RoutingFailed"), 1, "alarmed once");

    set_active(&city, true);
    city.pass(Duration::from_secs(3700));
    city.assert_one_number("telnyx", &city.look(&harbor(), asked.id()));
    assert_eq!(city.figures("RoutingSucceeded"), 1);
}

#[test]
fn stale_application_is_repaired_on_request() {
    let city = City::new();
    set_active(&city, false);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    city.pass(Duration::from_secs(3 * 3600));
    let retry = format!("POST /api/phone/provision/{}/retry", asked.id());
    assert_eq!(city.send(harbor().call(&retry, &Value::Null)).status, 202);
    city.pass(Duration::from_secs(5));
    assert_eq!(city.look(&harbor(), asked.id()).state(), "ready_degraded");
    set_active(&city, true);
    assert_eq!(city.send(harbor().call(&retry, &Value::Null)).status, 202);
    city.pass(Duration::from_secs(5));
    city.assert_one_number("telnyx", &city.look(&harbor(), asked.id()));
    let again = city.send(harbor().call(&retry, &Value::Null));
    assert_eq!((again.status, again.problem()), (409, "nothing-to-retry"));
}

#[test]
fn stale_application_gives_way_to_another_that_answers() {
    let city = City::new();
    set_active(&city, false);
    city.providers.with(|all| {
        let url = simulators::VAPI_INBOUND_URL;
        all.telnyx.add_application(0, STANDARD_TELNYX_KEY, "Vapi", url).unwrap()
    });
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    assert_eq!(ready.state(), "ready", "{:#}", ready.body);
}

#[test]
fn degraded_number_that_vanishes_from_vapi_needs_a_person() {
    let city = City::new();
    set_active(&city, false);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    let gone =
        Fault::Status { status: 404, retry_after_seconds: None, reset_seconds: None, text: None };
    city.faults(Provider::Vapi, "GET /phone-number/{id}", gone, 99);
    city.pass(Duration::from_secs(7200));
    let answer = city.look(&harbor(), asked.id());
    assert_eq!((answer.state(), answer.problem()), ("needs_person", "number-vanished"));
}

/// Somebody takes the assistant off the number while its digits are awaited.
fn unlinked_meanwhile(city: &City) -> String {
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.until(|city| city.held().free.len() == 1);
    city.pass(Duration::from_secs(30));
    let id = city.held().free.first().unwrap().clone();
    let unlink = json!({ "assistantId": null });
    assert_eq!(city.at_vapi("PATCH", &format!("/phone-number/{id}"), unlink).0, 200);
    asked.id().to_owned()
}

#[test]
fn link_that_was_lost_is_put_right() {
    for in_patch in ["optional", "required", "forbidden"] {
        let city = City::new();
        let id = unlinked_meanwhile(&city);
        city.switch(&json!({ "vapi": { "provider_in_patch": in_patch } }));
        city.settle();
        let ready = city.look(&harbor(), &id);
        city.assert_one_number("vapi_free", &ready);
        assert!(ready.events().contains(&"link_repaired"), "{:?}", ready.events());
    }
}

#[test]
fn link_whose_answer_is_lost_is_read_back() {
    for fault in [Fault::AnswerLost, Fault::Reset] {
        let city = City::new();
        let id = unlinked_meanwhile(&city);
        city.fault(Provider::Vapi, "PATCH /phone-number/{id}", fault);
        city.settle();
        city.assert_one_number("vapi_free", &city.look(&harbor(), &id));
    }
}

#[test]
fn link_that_does_not_hold_needs_a_person() {
    let city = City::new();
    let id = unlinked_meanwhile(&city);
    let refused =
        Fault::Status { status: 400, retry_after_seconds: None, reset_seconds: None, text: None };
    city.faults(Provider::Vapi, "PATCH /phone-number/{id}", refused, 99);
    city.settle();
    let stuck = city.look(&harbor(), &id);
    assert_eq!((stuck.state(), stuck.problem()), ("needs_person", "link-lost"));
    city.providers.with(simulators::Providers::clear_faults);
    city.pass(Duration::from_secs(60));
    city.send(harbor().call(&format!("POST /api/phone/provision/{id}/retry"), &Value::Null));
    city.settle();
    city.assert_one_number("vapi_free", &city.look(&harbor(), &id));
}

#[test]
fn number_that_somebody_else_imported_needs_a_person() {
    let city = City::new();
    let (id, number) = bought_before_import(&city);
    let credential =
        city.providers.lock().vapi.orgs()[0].credentials.iter().next().unwrap().id.clone();
    let body = json!({ "provider": "telnyx", "number": number, "credentialId": credential });
    let (status, foreign) = city.at_vapi("POST", "/phone-number", body);
    assert_eq!(status, 201);
    city.settle();
    let stuck = city.look(&harbor(), &id);
    assert_eq!((stuck.state(), stuck.problem()), ("needs_person", "already-imported"));
    assert_eq!(city.held().bought.len(), 1, "the number is kept");
    let foreign = foreign["id"].as_str().unwrap();
    assert_eq!(city.at_vapi("DELETE", &format!("/phone-number/{foreign}"), Value::Null).0, 200);
    city.send(harbor().call(&format!("POST /api/phone/provision/{id}/retry"), &Value::Null));
    city.settle();
    city.assert_one_number("telnyx", &city.look(&harbor(), &id));
}

#[test]
fn lists_may_mask_digits_and_lag_behind() {
    for masking in ["none", "free", "all"] {
        for source in ["vapi_free", "telnyx"] {
            let city = City::new();
            city.switch(&json!({ "vapi": {
                "masking": masking, "list_lag_ms": 15_000, "get_lag_ms": 15_000,
            }}));
            city.fault(Provider::Vapi, "POST /phone-number", Fault::AnswerLost);
            let asked = city.post(&harbor(), from_sources(&[source]));
            city.settle();
            city.assert_one_number(source, &city.look(&harbor(), asked.id()));
        }
    }
}

#[test]
fn records_without_a_status_count_as_active() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::new();
        city.switch(&json!({ "vapi": { "status_shown": false } }));
        let asked = city.post(&harbor(), from_sources(&[source]));
        city.settle();
        city.assert_one_number(source, &city.look(&harbor(), asked.id()));
    }
}
