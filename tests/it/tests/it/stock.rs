//! Numbers made ahead: bought or free, imported, routed, read back, and parked for whoever is next.

use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{CallOutcome, Fault, LogEntry, Provider};
use std::time::Duration;

/// An operator asks for numbers, with an idempotency key.
fn ask(city: &City, body: &Value) -> Answer {
    ask_at(city, "phone-pool/provision", body, "once")
}

fn ask_at(city: &City, route: &str, body: &Value, key: &str) -> Answer {
    let mut call = Person::operator().call(&format!("POST /api/admin/{route}"), body);
    call.headers.insert("idempotency-key".to_owned(), key.to_owned());
    city.send(call)
}

/// What became of them.
fn look(city: &City, asked: &Answer) -> Answer {
    let line = format!("GET /api/admin/purchases/{}", asked.text("purchase_id"));
    let answer = city.send(Person::operator().call(&line, &Value::Null));
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer
}

fn operator(city: &City, line: &str) -> Answer {
    city.send(Person::operator().call(line, &Value::Null))
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

fn all(state: &str, count: usize) -> Vec<(String, usize)> {
    vec![(state.to_owned(), count)]
}

/// The calls that a provider is sent from now on.
fn calls(city: &City, provider: Provider) -> Vec<String> {
    let all = city.providers.lock();
    let told = |entry: &LogEntry| format!("{} {}", entry.method, entry.path);
    match provider {
        Provider::Vapi => all.vapi.log().map(told).collect(),
        Provider::Telnyx => all.telnyx.log().map(told).collect(),
        Provider::Twilio => all.twilio.log().map(told).collect(),
    }
}

#[test]
fn numbers_made_ahead_answer_with_one_link_and_one_reading() {
    for source in ["vapi_free", "telnyx", "global_twilio"] {
        let city = City::new();
        city.give_platform_twilio();
        // The business's assistant is there before: what follows is about the number alone.
        let first = city.post(&harbor(), from_sources(&["pool"]));
        city.settle();
        assert_eq!(city.look(&harbor(), first.id()).state(), "needs_person");
        let asked = ask(&city, &json!({ "count": 3, "source": source }));
        assert_eq!(asked.status, 202, "{:#}", asked.body);
        assert_eq!(asked.body["pending"], 3);
        city.settle();
        let made = look(&city, &asked);
        assert_eq!((&made.body["purchased"], &made.body["pending"]), (&json!(3), &json!(0)));
        assert_eq!(made.body["success"], true);
        assert_eq!(states(&city), all("available", 3));
        assert_sound(&city, &city.held());
        let parked = made.body["numbers"][0]["number"].as_str().unwrap();
        assert_ne!(city.call(parked).outcome, CallOutcome::Assistant, "nobody answers yet");

        let all_three = [Provider::Vapi, Provider::Telnyx, Provider::Twilio];
        let before = all_three.map(|one| calls(&city, one).len());
        let retry = format!("POST /api/phone/provision/{}/retry", first.id());
        assert_eq!(city.send(harbor().call(&retry, &Value::Null)).status, 202);
        city.settle();
        let ready = city.look(&harbor(), first.id());
        city.assert_answers(&ready);
        assert_eq!(ready.text("source"), "pool");
        let since = |provider, before| calls(&city, provider).split_off(before);
        let mut at_vapi = since(Provider::Vapi, before[0]);
        at_vapi.iter_mut().for_each(|call| {
            call.truncate(call.rfind('/').unwrap_or(call.len()));
        });
        assert_eq!(at_vapi, ["PATCH /phone-number", "GET /phone-number"], "{source}");
        let at_carrier = since(Provider::Telnyx, before[1]);
        assert!(at_carrier.iter().all(|call| call.starts_with("GET")), "{at_carrier:?}");
        let readings = at_carrier.iter().filter(|call| call.contains("/phone_numbers/"));
        assert_eq!(readings.count(), usize::from(source == "telnyx"));
        let at_twilio = since(Provider::Twilio, before[2]);
        assert!(at_twilio.iter().all(|call| call.starts_with("GET")), "{at_twilio:?}");
        assert_eq!(at_twilio.len(), usize::from(source == "global_twilio"), "{at_twilio:?}");
        assert_eq!(city.held().bought.len(), if source == "vapi_free" { 0 } else { 3 });
    }
}

#[test]
fn the_same_key_makes_the_same_numbers_and_another_body_is_refused() {
    let city = City::new();
    let body = json!({ "count": 2, "source": "telnyx" });
    let first = ask(&city, &body);
    let second = ask(&city, &body);
    assert_eq!(first.text("purchase_id"), second.text("purchase_id"));
    let other = ask(&city, &json!({ "count": 3, "source": "telnyx" }));
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    city.settle();
    assert_eq!(city.held().bought.len(), 2);
    let bought = ask_at(&city, "phone-numbers/buy", &json!({ "count": 1 }), "once");
    assert_eq!(bought.status, 202, "a key is the route's own: {:#}", bought.body);
    city.settle();
    assert_eq!(city.held().bought.len(), 3);
}

#[test]
fn what_cannot_be_asked_for_is_said() {
    let city = City::new();
    for (route, body, code) in [
        ("phone-pool/provision", json!({ "count": 0 }), "field-invalid"),
        ("phone-pool/provision", json!({ "count": 26 }), "field-invalid"),
        ("phone-pool/provision", json!({ "source": "pool" }), "field-invalid"),
        ("phone-pool/provision", json!({ "source": "org_twilio" }), "field-invalid"),
        ("phone-pool/provision", json!({ "numbers": 3 }), "field-invalid"),
        ("phone-pool/provision", json!({ "type": "sip" }), "field-invalid"),
        ("phone-pool/provision", json!({ "area_code": "888", "type": "local" }), "field-invalid"),
        ("phone-numbers/buy", json!({ "count": 11 }), "field-invalid"),
        ("phone-numbers/buy", json!({ "source": "vapi_free" }), "field-invalid"),
        (
            "phone-pool/provision",
            json!({ "source": "vapi_free", "type": "toll_free" }),
            "unobtainable",
        ),
    ] {
        let answer = ask_at(&city, route, &body, "k");
        assert_eq!((answer.status, answer.problem()), (422, code), "{body}");
    }
    let answer = city.send(harbor().call("POST /api/admin/phone-pool/provision", &json!({})));
    assert_eq!((answer.status, answer.problem()), (403, "operators-only"));
    let answer = operator(&city, "GET /api/admin/purchases/01M7W31027VWDHMB8A05RA76HY");
    assert_eq!((answer.status, answer.problem()), (404, "no-such-purchase"));
    let tenant = Person::of("platform", "harbor");
    let answer = city.send(tenant.asks(json!({})));
    assert_eq!((answer.status, answer.problem()), (403, "claim-unusable"), "its money is ours");
    let operator = Person::operator().claiming("custom:organization_id", "platform");
    let look = "GET /api/admin/purchases/01M7W31027VWDHMB8A05RA76HY";
    assert_eq!(city.send(operator.call(look, &Value::Null)).problem(), "no-such-purchase");
    assert!(city.works().is_empty());
}

#[test]
fn toll_free_numbers_are_bought_by_prefix() {
    let city = City::new();
    let body = json!({ "count": 2, "areaCode": "888", "provider": "telnyx" });
    let asked = ask_at(&city, "phone-numbers/buy", &body, "k");
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let made = look(&city, &asked);
    let numbers = made.body["numbers"].as_array().unwrap();
    assert_eq!(numbers.len(), 2, "{:#}", made.body);
    assert!(numbers.iter().all(|one| one["number"].as_str().unwrap().starts_with("+1888")));
}

#[test]
fn the_allowance_used_up_leads_to_bought_ones() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "1")]);
    let asked = ask(&city, &json!({ "count": 3 }));
    city.settle();
    let held = city.held();
    assert_eq!((held.free.len(), held.bought.len()), (1, 2), "{:#}", look(&city, &asked).body);
    let asked = ask_at(&city, "phone-pool/provision", &json!({ "source": "vapi_free" }), "two");
    city.settle();
    let made = look(&city, &asked);
    assert_eq!((&made.body["success"], &made.body["purchased"]), (&json!(false), &json!(0)));
    let error = made.body["errors"][0]["error"].as_str().unwrap();
    assert!(error.contains("free numbers are used up"), "{error}");
    assert_eq!(city.held().free.len(), 1);
}

#[test]
fn nothing_for_sale_fails_and_holds_nothing() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    let asked = ask(&city, &json!({ "count": 2, "source": "telnyx" }));
    city.settle();
    let made = look(&city, &asked);
    assert_eq!(made.body["errors"].as_array().unwrap().len(), 2, "{:#}", made.body);
    assert_eq!(states(&city), []);
    assert!(city.works().iter().all(|work| work.phase.name().as_str() == "failed"));
    assert_eq!(city.figures("NeedsPerson"), 0, "nobody waits for it");
    assert_eq!(city.figures("StockFailed"), 2);
}

#[test]
fn the_platform_pays_within_its_cap_and_so_does_an_organization_that_is_named() {
    let city = City::with(&[("CAP_DAY_ORGANIZATION_CENTS", "500")]);
    let asked = ask(&city, &json!({ "count": 3, "source": "telnyx" }));
    city.settle();
    let made = look(&city, &asked);
    assert_eq!(
        (&made.body["purchased"], &made.body["organization_id"]),
        (&json!(2), &json!("platform"))
    );
    assert!(made.body["errors"][0]["error"].as_str().unwrap().contains("daily spending cap"));
    assert_eq!(city.held().spent_cents, 400);
    let body = json!({ "count": 1, "organization_id": "org-1" });
    let asked = ask_at(&city, "phone-numbers/buy", &body, "two");
    city.settle();
    assert_eq!(look(&city, &asked).body["purchased"], 1, "another's cap");
    assert_sound(&city, &city.held());
}

#[test]
fn one_called_off_is_kept_and_read_back_before_it_goes_into_the_pool() {
    let city = City::new();
    let asked = ask(&city, &json!({ "count": 1, "source": "vapi_free" }));
    city.pass(Duration::from_secs(1));
    let work = asked.body["provisioning_ids"][0].as_str().unwrap().to_owned();
    let cancel = format!("POST /api/admin/provisionings/{work}/cancel");
    assert_eq!(operator(&city, &cancel).status, 202);
    city.settle();
    assert_eq!(states(&city), all("quarantined", 1));
    let made = look(&city, &asked);
    assert_eq!(made.body["errors"][0]["error"], "it was called off");
    let swept = city.sweep();
    assert_eq!((swept.freed, swept.prepared), (0, 1));
    city.settle();
    assert_eq!(states(&city), all("available", 1));
    let next = city.post(&harbor(), from_sources(&["pool"]));
    city.settle();
    city.assert_answers(&city.look(&harbor(), next.id()));
}

#[test]
fn one_that_somebody_linked_meanwhile_is_unlinked_first() {
    let city = City::new();
    let other = city.post(&Person::of("org-2", "other"), from_sources(&["vapi_free"]));
    city.settle();
    let ready = city.look(&Person::of("org-2", "other"), other.id());
    let asked = ask(&city, &json!({ "count": 1, "source": "vapi_free" }));
    city.until(|city| city.held().free.len() == 2);
    let own = city.providers.lock().vapi.orgs()[0].numbers.iter().last().unwrap().id.clone();
    let link = json!({ "provider": "vapi", "assistantId": ready.text("vapi_assistant_id") });
    assert_eq!(city.at_vapi("PATCH", &format!("/phone-number/{own}"), link).0, 200);
    city.settle();
    assert_eq!(look(&city, &asked).body["purchased"], 1);
    let (_, record) = city.at_vapi("GET", &format!("/phone-number/{own}"), Value::Null);
    assert!(record["assistantId"].is_null(), "{record:#}");
}

#[test]
fn what_is_not_routed_waits_for_a_person_and_not_in_the_pool() {
    let city = City::new();
    let switch = |active: bool| {
        city.providers.with(|all| {
            let ids: Vec<u64> = all.telnyx.accounts()[0].applications.keys().copied().collect();
            ids.iter().for_each(|id| {
                all.telnyx.set_application_active(*id, active);
            });
        });
    };
    switch(false);
    let asked = ask(&city, &json!({ "count": 1, "source": "telnyx" }));
    city.settle();
    assert_eq!(states(&city), all("acquiring", 1));
    let work = asked.body["provisioning_ids"][0].as_str().unwrap().to_owned();
    let shown = operator(&city, &format!("GET /api/admin/provisionings/{work}"));
    assert_eq!((shown.state(), shown.text("kind")), ("needs_person", "stock"));
    switch(true);
    // What an application is like is remembered for ten minutes.
    city.pass(Duration::from_secs(660));
    let retry = format!("POST /api/admin/provisionings/{work}/retry");
    assert_eq!(operator(&city, &retry).status, 202);
    city.settle();
    assert_eq!(states(&city), all("available", 1));
    let listed = operator(&city, "GET /api/admin/provisionings?state=stocked");
    assert_eq!(listed.body["provisionings"][0]["provisioning_id"], work.as_str());
}

#[test]
fn lost_answers_make_no_number_twice() {
    for (source, provider, line) in [
        ("vapi_free", Provider::Vapi, "POST /phone-number"),
        ("telnyx", Provider::Vapi, "POST /phone-number"),
        ("telnyx", Provider::Telnyx, "POST /number_orders"),
    ] {
        for fault in [Fault::AnswerLost, Fault::NotSent, Fault::StatusAfter { status: 500 }] {
            let city = City::new();
            city.fault(provider, line, fault.clone());
            ask(&city, &json!({ "count": 2, "source": source }));
            city.settle();
            assert_eq!(states(&city), all("available", 2), "{source}, {fault:?}");
            let held = city.held();
            assert_eq!(held.free.len() + held.bought.len(), 2);
            assert_sound(&city, &held);
        }
    }
}

#[test]
fn killed_at_any_wait_each_number_is_made_once() {
    for source in ["vapi_free", "telnyx"] {
        let mut wait = 1;
        loop {
            let city = City::new();
            city.killer.kill_at(wait);
            ask(&city, &json!({ "count": 1, "source": source }));
            city.settle();
            if !city.killer.has_struck() {
                break;
            }
            assert_eq!(states(&city), all("available", 1), "killed at wait {wait}");
            let held = city.held();
            assert_eq!(held.free.len() + held.bought.len(), 1, "killed at wait {wait}");
            assert_sound(&city, &held);
            wait += 1;
        }
        assert!(wait > 20, "there are waits to be killed at: {wait}");
    }
}
