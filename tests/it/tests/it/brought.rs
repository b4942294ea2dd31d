//! Numbers brought in by a list: looked up, imported, read back, and parked in the pool, or left as
//! they are with a word for a person.

use it::disturb::{answers_lost, killed_wherever_it_waits, writes_lost};
use it::truth::{number_states, rows};
use it::twilio::{PLATFORM, with_account_for};
use it::{City, Deployment, Person, Shown as _, from_sources, harbor};
use provision::{Answer, Call};
use serde_json::{Value, json};
use simulators::{CallOutcome, Fault, Provider, STANDARD_TELNYX_KEY};
use std::time::Duration;
use store::keys;

/// A number that somebody buys past Dialtone.
const OUTSIDE: &str = "+14155550142";
/// Another.
const OTHER: &str = "+14155550143";

fn listing(numbers: &Value) -> Call {
    let body = json!({ "numbers": numbers });
    Person::operator().call("POST /api/admin/phone-numbers", &body)
}

/// An operator brings numbers in.
fn bring(city: &Deployment, numbers: &[&str]) -> Answer {
    city.send(listing(&json!(numbers)))
}

fn operator(city: &Deployment, line: &str) -> Answer {
    city.send(Person::operator().call(line, &Value::Null))
}

/// The work of the only number that was brought in.
fn work(asked: &Answer) -> String {
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    asked.body["inserted"][0]["provisioning_id"].as_str().unwrap().to_owned()
}

fn seen(city: &Deployment, work: &str) -> Answer {
    operator(city, &format!("GET /api/admin/provisionings/{work}"))
}

fn ask(city: &Deployment, work: &str, what: &str) {
    let answer = operator(city, &format!("POST /api/admin/provisionings/{work}/{what}"));
    assert_eq!(answer.status, 202, "{:#}", answer.body);
}

/// Somebody buys a number in the Telnyx portal.
fn buy(city: &City, number: &str) {
    let now = city.clock.millis();
    let id =
        city.providers.with(|all| all.telnyx.buy_outside(now, STANDARD_TELNYX_KEY, number, None));
    assert!(id.is_some(), "{number} is for sale");
}

/// Somebody imports it in VAPI's dashboard; VAPI's id of it.
fn import(city: &City, number: &str, more: &Value) -> String {
    let credential =
        city.providers.lock().vapi.orgs()[0].credentials.iter().next().unwrap().id.clone();
    let mut body = json!({ "provider": "telnyx", "number": number, "credentialId": credential });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, made) = city.at_vapi("POST", "/phone-number", body);
    assert_eq!(status, 201, "{made:#}");
    made["id"].as_str().unwrap().to_owned()
}

fn record(city: &City, id: &str) -> Value {
    city.at_vapi("GET", &format!("/phone-number/{id}"), Value::Null).1
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

fn one(state: &str) -> Vec<(String, usize)> {
    vec![(state.to_owned(), 1)]
}

/// It is in the pool, bought by nobody here and imported once; nobody answers, and no work is at it.
#[track_caller]
fn assert_pooled(city: &City, number: &str) {
    assert_eq!(states(city), one("available"));
    let held = city.held();
    assert_eq!(held.imported, [number.to_owned()], "imported once");
    assert_eq!((held.orders, held.free.len(), held.assistants.len()), (0, 0, 0));
    let row = &rows(&city.table, "NUMBER#", "NUMBER")[0];
    assert!(!row.contains_key(keys::WORK), "no work writes about it any more");
    let Some(store::table::Value::Document(row)) = row.get(keys::DOCUMENT) else { panic!() };
    assert!(row.contains("\"origin\":\"imported\""), "{row}");
    let report = city.call(number);
    assert_eq!(report.outcome, CallOutcome::ServerReply, "{report:?}");
    assert_eq!(report.spoken.as_deref(), Some("This number is not yet assigned."));
}

/// It waits for a person because of that, and its row is nobody's.
#[track_caller]
fn assert_stopped(city: &City, work: &str, reason: &str) {
    let stopped = seen(city, work);
    assert_eq!((stopped.state(), stopped.text("kind")), ("needs_person", "stock"));
    assert_eq!(stopped.problem(), "number-not-assignable", "{:#}", stopped.body);
    assert_eq!(stopped.body["problem"]["reason"], reason);
    assert_eq!(states(city), one("unverified"));
    assert!(!rows(&city.table, "NUMBER#", "NUMBER")[0].contains_key(keys::WORK));
}

#[test]
fn a_list_is_told_apart_and_what_is_new_is_prepared_for_whoever_asks_next() {
    let city = City::new();
    buy(&city, OUTSIDE);
    buy(&city, OTHER);
    city.settle();
    let first = bring(&city, &[OTHER]);
    work(&first);
    let list = ["(415) 555-0142", "415-555-0142", OTHER, "555-0142", "+442071838750"];
    let asked = bring(&city, &list);
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    assert_eq!(asked.body["inserted"].as_array().unwrap().len(), 1);
    assert_eq!(asked.body["inserted"][0]["number"], OUTSIDE);
    assert_eq!(asked.body["duplicates"], json!([OTHER, OUTSIDE]));
    let invalid = asked.body["invalid"].as_array().unwrap();
    let invalid: Vec<&Value> = invalid.iter().map(|one| &one["number"]).collect();
    assert_eq!(invalid, ["555-0142", "+442071838750"]);
    city.settle();
    assert_eq!(states(&city), [("available".to_owned(), 2)]);
    let line = format!("GET /api/admin/purchases/{}", asked.text("purchase_id"));
    let came = operator(&city, &line);
    assert_eq!((&came.body["purchased"], &came.body["success"]), (&json!(1), &json!(true)));
    let told = seen(&city, &work(&asked));
    assert_eq!(told.events(), ["number_named", "number_imported", "stocked"]);
    let again = bring(&city, &[OUTSIDE, OTHER]);
    assert_eq!((again.status, &again.body["inserted"]), (200, &json!([])), "{:#}", again.body);
    assert_eq!(again.body["duplicates"], json!([OUTSIDE, OTHER]));

    let next = city.post(&harbor(), from_sources(&["pool"]));
    city.settle();
    let ready = city.look(&harbor(), next.id());
    city.assert_answers(&ready);
    assert_eq!(ready.text("source"), "pool");
}

#[test]
fn a_number_is_in_the_country_that_its_digits_tell() {
    let city = City::new();
    let line = "POST /api/admin/phone-numbers";
    let (us, canada, gb, free) = (OUTSIDE, "+14165550142", "+442079460018", "+18005550142");
    let jamaica = "+18765550142";
    for (country, new, wrong) in [
        (json!("GB"), vec![(gb, "GB")], vec![us, free]),
        (Value::Null, vec![(canada, "CA"), (us, "US"), (free, "US")], vec![jamaica]),
        (json!("US"), vec![("+14155550144", "US")], vec!["+14165550143", jamaica, "+442079460019"]),
        (json!("JM"), vec![(jamaica, "JM")], vec!["+18005550143"]),
    ] {
        let listed: Vec<&str> =
            new.iter().map(|(number, _country)| *number).chain(wrong.iter().copied()).collect();
        let mut body = json!({ "numbers": listed });
        if !country.is_null() {
            body["country"] = country;
        }
        let asked = city.send(Person::operator().call(line, &body));
        assert_eq!(asked.status, 202, "{:#}", asked.body);
        let invalid = asked.body["invalid"].as_array().unwrap();
        assert_eq!(invalid.iter().map(|one| &one["number"]).collect::<Vec<_>>(), wrong);
        let all = operator(&city, "GET /api/admin/phone-numbers").body["numbers"].clone();
        for (number, country) in new {
            let row = all.as_array().unwrap().iter().find(|one| one["number"] == number);
            assert_eq!(row.unwrap()["country"], country, "{all:#}");
        }
    }
    let waits = city.post(&harbor(), from_sources(&["manual"]));
    city.settle();
    let line = format!("POST /api/admin/provisionings/{}/assign", waits.id());
    let by_hand = json!({ "number": "+14155550145", "country": "CA" });
    let named = city.send(Person::operator().call(&line, &by_hand));
    assert_eq!((named.status, named.problem()), (422, "field-invalid"), "{:#}", named.body);
}

#[test]
fn the_same_key_brings_the_same_numbers_in_and_another_list_is_refused() {
    let city = City::new();
    buy(&city, OUTSIDE);
    let keyed = |numbers: Value| {
        let mut call = listing(&numbers);
        call.headers.insert("idempotency-key".to_owned(), "once".to_owned());
        city.send(call)
    };
    let first = keyed(json!([OUTSIDE, "nothing"]));
    let second = keyed(json!([OUTSIDE, "nothing"]));
    city.settle();
    let third = keyed(json!([OUTSIDE, "nothing"]));
    for again in [&second, &third] {
        assert_eq!((again.status, &again.body), (202, &first.body));
    }
    let other = keyed(json!([OTHER]));
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
    assert_eq!(states(&city), one("available"));
}

#[test]
fn what_cannot_be_brought_in_changes_nothing() {
    let city = City::new();
    let many: Vec<String> = (0..26).map(|nth| format!("+141555501{nth:02}")).collect();
    for body in [
        json!({}),
        json!({ "numbers": [] }),
        json!({ "numbers": many }),
        json!({ "numbers": OUTSIDE }),
        json!({ "numbers": [4155550142_u64] }),
        json!({ "numbers": ["555-0142", "+442071838750"] }),
        json!({ "numbers": [OUTSIDE], "organization_id": "org-1" }),
        json!({ "numbers": [OUTSIDE], "country": "Germany" }),
    ] {
        let call = Person::operator().call("POST /api/admin/phone-numbers", &body);
        let answer = city.send(call);
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{body}");
    }
    let stranger = harbor().call("POST /api/admin/phone-numbers", &json!({ "numbers": [OUTSIDE] }));
    assert_eq!(city.send(stranger).status, 403);
    assert!(city.works().is_empty() && states(&city).is_empty());
}

#[test]
fn a_number_that_no_account_of_ours_has_stops_and_may_be_tried_again() {
    let city = City::new();
    let asked = bring(&city, &[OUTSIDE]);
    let work = work(&asked);
    city.settle();
    assert_stopped(&city, &work, "found_nowhere");
    assert_eq!(city.held().imported.len(), 0);
    assert_eq!(city.figures("NeedsPerson"), 1, "alarmed");
    let line = format!("GET /api/admin/purchases/{}", asked.text("purchase_id"));
    let came = operator(&city, &line);
    assert_eq!(came.body["errors"][0]["number"], OUTSIDE);
    let assign = format!("POST /api/admin/provisionings/{work}/assign");
    let named = city.send(Person::operator().call(&assign, &json!({ "number": OTHER })));
    assert_eq!((named.status, named.problem()), (409, "not-waiting-for-number"));

    buy(&city, OUTSIDE);
    ask(&city, &work, "retry");
    city.settle();
    assert_pooled(&city, OUTSIDE);
    assert_eq!(seen(&city, &work).state(), "stocked");
}

#[test]
fn one_that_answers_for_somebody_at_vapi_is_not_touched() {
    let city = City::new();
    buy(&city, OUTSIDE);
    let (_, stranger) = city.at_vapi("POST", "/assistant", json!({ "name": "Somebody else" }));
    let id = import(&city, OUTSIDE, &json!({ "assistantId": stranger["id"] }));
    let before = record(&city, &id);
    // A list that lags shows it linked to nobody; what it is like is read by id.
    let work = work(&bring(&city, &[OUTSIDE]));
    city.settle();
    assert_stopped(&city, &work, "linked");
    assert_eq!(record(&city, &id), before, "it is as it was");

    let nobody = json!({ "assistantId": null });
    assert_eq!(city.at_vapi("PATCH", &format!("/phone-number/{id}"), nobody).0, 200);
    city.at_vapi(
        "DELETE",
        &format!("/assistant/{}", stranger["id"].as_str().unwrap()),
        Value::Null,
    );
    ask(&city, &work, "retry");
    city.settle();
    assert_pooled(&city, OUTSIDE);
}

#[test]
fn one_that_another_deployment_made_is_not_touched_by_a_list_or_by_hand() {
    let city = City::of(&["one", "two"], &[]);
    let other = &city.deployments[1];
    let asked = other.post(&harbor(), from_sources(&["telnyx"]));
    let free = other.post(&Person::of("org-1", "free"), from_sources(&["vapi_free"]));
    let waits = city.post(&harbor(), from_sources(&["manual"]));
    city.settle();
    let theirs = other.look(&harbor(), asked.id());
    let free = other.look(&Person::of("org-1", "free"), free.id());
    for (number, count) in [(theirs.text("phone_number"), 1), (free.text("phone_number"), 2)] {
        let work = work(&bring(&city, &[number]));
        let line = format!("POST /api/admin/provisionings/{}/assign", waits.id());
        city.settle();
        let stopped = seen(&city, &work);
        assert_eq!(stopped.body["problem"]["reason"], "stamped", "{:#}", stopped.body);
        city.send(Person::operator().call(&line, &json!({ "number": number })));
        city.settle();
        let by_hand = seen(&city, waits.id());
        assert_eq!(by_hand.body["problem"]["reason"], "stamped", "{:#}", by_hand.body);
        assert_eq!(states(&city), [("unverified".to_owned(), count)]);
    }
    for ready in [theirs, free] {
        let id = ready.id().to_owned();
        let person =
            if ready.text("source") == "telnyx" { harbor() } else { Person::of("org-1", "free") };
        city.assert_answers(&other.look(&person, &id));
    }
}

#[test]
fn a_stray_of_our_own_is_had_once_it_is_renamed() {
    let city = City::new();
    buy(&city, OTHER);
    let over = work(&bring(&city, &[OTHER]));
    buy(&city, OUTSIDE);
    city.settle();
    let stamp = seen(&city, &over).body["stamp"].clone();
    assert!(stamp.is_string(), "{stamp}");
    let id = import(&city, OUTSIDE, &json!({ "name": stamp }));
    let work = work(&bring(&city, &[OUTSIDE]));
    city.settle();
    assert_eq!(seen(&city, &work).body["problem"]["reason"], "stamped");
    let renamed = json!({ "name": "Front desk" });
    assert_eq!(city.at_vapi("PATCH", &format!("/phone-number/{id}"), renamed).0, 200);
    ask(&city, &work, "retry");
    city.settle();
    assert_eq!(seen(&city, &work).state(), "stocked");
    assert_eq!(states(&city), [("available".to_owned(), 2)]);
}

#[test]
fn what_somebody_has_put_into_vapi_is_made_ours_in_place() {
    let city = City::new();
    buy(&city, OUTSIDE);
    let id = import(&city, OUTSIDE, &json!({ "name": "Front desk" }));
    work(&bring(&city, &[OUTSIDE]));
    city.settle();
    assert_pooled(&city, OUTSIDE);
    assert_ne!(record(&city, &id)["name"], "Front desk");
}

#[test]
fn a_free_number_made_at_vapi_takes_its_place_in_the_allowance() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "1")]);
    for count in 1..=2 {
        assert_eq!(city.at_vapi("POST", "/phone-number", json!({ "provider": "vapi" })).0, 201);
        city.pass(Duration::from_secs(900));
        let ids: Vec<String> = city.held().free.into_iter().collect();
        let digits = |id: &String| record(&city, id)["number"].as_str().unwrap().to_owned();
        let known = it::truth::digits_guarded(&city.table);
        let number = ids.iter().map(digits).find(|one| !known.contains(one)).unwrap();
        let work = work(&bring(&city, &[&number]));
        city.settle();
        let state = if count == 1 { "stocked" } else { "needs_person" };
        assert_eq!(seen(&city, &work).state(), state);
    }
    let expected = [("available".to_owned(), 1), ("unverified".to_owned(), 1)];
    assert_eq!(states(&city), expected);
}

#[test]
fn one_that_vapi_does_not_take_is_kept_and_called_off_it_is_left_as_it_was() {
    let city = City::new();
    buy(&city, OUTSIDE);
    let refused = Fault::Status {
        status: 400,
        retry_after_seconds: None,
        reset_seconds: None,
        text: Some("no".to_owned()),
    };
    city.fault(Provider::Vapi, "POST /phone-number", refused);
    let work = work(&bring(&city, &[OUTSIDE]));
    city.settle();
    let stopped = seen(&city, &work);
    assert_eq!((stopped.state(), stopped.problem()), ("needs_person", "import-refused"));
    assert_eq!(states(&city), one("acquiring"));
    ask(&city, &work, "cancel");
    city.settle();
    assert_eq!((seen(&city, &work).state(), states(&city)), ("cancelled", one("unverified")));
    assert_eq!(city.held().bought.len(), 1, "it stays at its carrier");
    // What was found once may be named again, for somebody this time.
    let waits = city.post(&harbor(), from_sources(&["manual"]));
    city.settle();
    let line = format!("POST /api/admin/provisionings/{}/assign", waits.id());
    city.send(Person::operator().call(&line, &json!({ "number": OUTSIDE })));
    city.settle();
    city.assert_answers(&city.look(&harbor(), waits.id()));
}

#[test]
fn one_called_off_while_it_is_looked_up_is_nobodys() {
    let city = City::new();
    buy(&city, OUTSIDE);
    let slow =
        Fault::Status { status: 503, retry_after_seconds: None, reset_seconds: None, text: None };
    city.faults(Provider::Telnyx, "GET /phone_numbers", slow, 3);
    let work = work(&bring(&city, &[OUTSIDE]));
    city.until(|city| city.works().iter().any(|work| work.tries > 0));
    let held = operator(&city, "GET /api/admin/phone-numbers?status=suspended");
    let id = held.body["numbers"][0]["id"].as_str().unwrap().to_owned();
    let retired = operator(&city, &format!("DELETE /api/admin/phone-numbers?id={id}"));
    assert_eq!((retired.status, retired.problem()), (409, "number-not-free"));
    ask(&city, &work, "cancel");
    city.settle();
    assert_eq!((seen(&city, &work).state(), states(&city)), ("cancelled", one("unverified")));
    assert_eq!(city.held().imported.len(), 0);
}

#[test]
fn one_in_the_platform_s_account_at_twilio_is_imported_and_keeps_how_it_was_set() {
    let theirs = ("voice_url", "https://calls.example.com/answer");
    let city = with_account_for("global_twilio", &[]);
    city.buys_at_twilio(PLATFORM.0, OUTSIDE, &[theirs]);
    let anothers = ("friendly_name", "7F3K9Q2A-01KCFN7QH2N8Z1V9W3T5R6Y8XE-1");
    city.buys_at_twilio(PLATFORM.0, OTHER, &[anothers]);
    let asked = bring(&city, &[OUTSIDE, OTHER]);
    city.settle();
    assert_eq!(states(&city), [("available".to_owned(), 1), ("unverified".to_owned(), 1)]);
    let line = format!("GET /api/admin/purchases/{}", asked.text("purchase_id"));
    let errors = operator(&city, &line).body["errors"].clone();
    assert_eq!(errors.as_array().unwrap().len(), 1, "{errors:#}");
    assert_eq!(errors[0]["number"], OTHER);
    assert_eq!(city.held().imported, [OUTSIDE.to_owned()]);
    assert_eq!(city.at_twilio(OTHER, anothers.0), anothers.1);
    assert_ne!(city.at_twilio(OUTSIDE, theirs.0), theirs.1);

    let next = city.post(&harbor(), from_sources(&["pool"]));
    city.settle();
    let ready = city.look(&harbor(), next.id());
    city.assert_answers(&ready);
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    city.send(harbor().call(&line, &Value::Null));
    city.settle();
    let line =
        format!("DELETE /api/admin/phone-numbers?id={}&release=true", ready.text("number_id"));
    assert_eq!(operator(&city, &line).status, 202);
    city.settle();
    assert_eq!(city.at_twilio(OUTSIDE, theirs.0), theirs.1, "it is as it was");
}

/// One number brought in, disturbed; it must end as if nothing had happened.
#[track_caller]
fn ends_well(disturb: impl FnOnce(&City)) -> City {
    let city = City::new();
    buy(&city, OUTSIDE);
    disturb(&city);
    let mut call = listing(&json!([OUTSIDE]));
    call.headers.insert("idempotency-key".to_owned(), "one".to_owned());
    // Whoever is not answered asks again.
    for _call in 0..3 {
        if city.send(call.clone()).status < 500 {
            break;
        }
    }
    city.settle();
    city.pass(Duration::from_secs(900));
    assert_pooled(&city, OUTSIDE);
    city
}

#[test]
fn steps_may_be_killed_wherever_they_wait_while_a_number_is_brought_in() {
    killed_wherever_it_waits(|disturb| ends_well(disturb));
}

#[test]
fn answers_may_be_lost_while_a_number_is_brought_in() {
    answers_lost(|disturb| ends_well(disturb));
}

#[test]
fn writes_may_be_lost_while_a_number_is_brought_in() {
    writes_lost(|disturb| ends_well(disturb));
}

#[test]
fn what_the_comparison_found_elsewhere_is_adopted() {
    let city = City::new();
    let repair =
        |body: &Value| city.send(Person::operator().call("POST /api/admin/drift/repair", body));
    let none = repair(&json!({ "adopt": [OUTSIDE] }));
    assert_eq!((none.status, none.problem()), (422, "field-invalid"), "nothing was compared yet");
    city.post(&harbor(), from_sources(&["manual"]));
    city.settle();
    buy(&city, OUTSIDE);
    buy(&city, OTHER);
    import(&city, OTHER, &json!({}));
    let sweep = || {
        city.pass(Duration::from_secs(3600));
        city.sweep();
        city.settle();
        let drift = operator(&city, "GET /api/admin/drift");
        let findings = drift.body["findings"].as_array().unwrap().clone();
        let foreign = findings.iter().filter(|one| one["drift"] == "foreign");
        foreign.filter_map(|one| one["number"].as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    let foreign = sweep();
    assert!([OUTSIDE, OTHER].iter().all(|one| foreign.iter().any(|found| found == one)));
    for body in [
        json!({ "adopt": [] }),
        json!({ "adopt": "all" }),
        json!({ "adopt": ["+14155550199"] }),
        json!({ "adopt": [OUTSIDE], "confirm": true }),
    ] {
        let refused = repair(&body);
        assert_eq!((refused.status, refused.problem()), (422, "field-invalid"), "{body}");
    }
    assert_eq!(states(&city), []);

    let body = json!({ "adopt": [OUTSIDE, OTHER, "+14155550199"] });
    let mut call = Person::operator().call("POST /api/admin/drift/repair", &body);
    call.headers.insert("idempotency-key".to_owned(), "once".to_owned());
    let adopted = city.send(call.clone());
    assert_eq!(adopted.status, 202, "{:#}", adopted.body);
    assert_eq!(adopted.body["inserted"].as_array().unwrap().len(), 2);
    assert_eq!(adopted.body["invalid"][0]["number"], "+14155550199");
    city.settle();
    assert_eq!(states(&city), [("available".to_owned(), 2)]);
    assert_eq!((city.held().imported.len(), city.held().orders), (2, 0));
    assert_eq!(sweep(), [""; 0], "they are in the table now");
    assert_eq!(city.send(call).body, adopted.body);
    let again = repair(&json!({ "adopt": [OUTSIDE] }));
    assert_eq!((again.status, &again.body["duplicates"]), (200, &json!([OUTSIDE])));
}
