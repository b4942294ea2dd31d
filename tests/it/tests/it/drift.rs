//! What the providers hold is compared with the table: each difference is found and mended, judged by
//! who answers a call; and where it cannot be true, nothing changes.

use it::deployment::Settings;
use it::truth::{number_states, rows};
use it::twilio::with_account_for;
use it::{City, Deployment, Person, Shown as _, from_sources};
use provision::Answer;
use serde_json::{Value, json};
use simulators::telnyx::NumberStatus;
use simulators::{CallOutcome, Fault, Provider, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use std::time::Duration;

mod at_twilio;
mod confirmed;
mod paged;

const HOUR: Duration = Duration::from_secs(3600);
/// What a caller of a number that is nobody's hears.
const NOT_ASSIGNED: &str = "This number is not yet assigned.";

fn person(name: &str) -> Person {
    Person::of("org-1", name)
}

/// A business whose number answers, an hour ago.
fn answering(city: &City, name: &str, source: &str) -> Answer {
    let asked = city.post(&person(name), from_sources(&[source]));
    city.settle();
    let ready = city.look(&person(name), asked.id());
    city.assert_answers(&ready);
    city.pass(HOUR);
    ready
}

/// A number that a business had and gave up.
fn unused(city: &City, name: &str, source: &str) -> Answer {
    let ready = answering(city, name, source);
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    city.send(person(name).call(&line, &Value::Null));
    city.settle();
    ready
}

/// One sweep with all that comes of it.
fn sweep(city: &City) {
    city.sweep();
    city.settle();
}

fn record(city: &City, number: &str) -> String {
    let all = city.providers.lock();
    let mut numbers = all.vapi.orgs()[0].numbers.iter();
    numbers.find(|one| one.digits.as_deref() == Some(number)).unwrap().id.clone()
}

fn link(city: &City, number: &str, assistant: &Value) {
    let line = format!("/phone-number/{}", record(city, number));
    let (status, _) = city.at_vapi("PATCH", &line, json!({ "assistantId": assistant }));
    assert_eq!(status, 200);
}

fn stranger(city: &City) -> Value {
    let (status, made) = city.at_vapi("POST", "/assistant", json!({ "name": "Somebody else" }));
    assert_eq!(status, 201);
    made["id"].clone()
}

fn drift(city: &City) -> Answer {
    city.send(Person::operator().call("GET /api/admin/drift", &Value::Null))
}

fn found(city: &City, kind: &str) -> u64 {
    drift(city).body["drift"][kind]["found"].as_u64().unwrap()
}

#[track_caller]
fn assert_nobody_answers(city: &City, number: &str) {
    let report = city.call(number);
    assert_eq!(report.outcome, CallOutcome::ServerReply, "{report:?}");
    assert_eq!(report.spoken.as_deref(), Some(NOT_ASSIGNED));
}

#[track_caller]
fn answers_again(city: &City, name: &str, ready: &Answer) {
    city.assert_answers(&city.look(&person(name), ready.id()));
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

/// A sweep finds what differs at harbor's number and mends it, and the next finds nothing.
#[track_caller]
fn assert_mended(city: &City, kind: &str, ready: &Answer) {
    sweep(city);
    assert_eq!(found(city, kind), 1);
    answers_again(city, "harbor", ready);
    sweep(city);
    assert_eq!(found(city, kind), 0);
    assert_eq!(drift(city).body["state"], "over");
}

#[test]
fn a_number_that_answers_for_another_or_for_nobody_is_linked_again() {
    for source in ["vapi_free", "telnyx", "global_twilio"] {
        for to in ["stranger", "nobody"] {
            let city = with_account_for(source, &[]);
            let ready = answering(&city, "harbor", source);
            let to = if to == "stranger" { stranger(&city) } else { Value::Null };
            link(&city, ready.text("phone_number"), &to);
            assert_mended(&city, "misled", &ready);
        }
    }
}

#[test]
fn a_number_that_nobody_has_is_taken_off_whoever_is_linked() {
    for rests in ["0", "30"] {
        let city = City::with(&[("QUARANTINE_DAYS", rests)]);
        let former = unused(&city, "harbor", "vapi_free");
        let number = former.text("phone_number");
        sweep(&city);
        link(&city, number, &stranger(&city));
        assert_eq!(city.call(number).outcome, CallOutcome::Assistant);
        sweep(&city);
        assert_eq!(found(&city, "linked"), 1);
        assert_nobody_answers(&city, number);
        // One of the pool is there again with the next sweep, and for nobody before.
        sweep(&city);
        let state = if rests == "0" { "available" } else { "quarantined" };
        assert_eq!(states(&city), [(state.to_owned(), 1)]);
        assert_eq!(found(&city, "linked"), 0);
    }
}

#[test]
fn a_number_that_is_routed_elsewhere_is_routed_again() {
    let city = City::new();
    let ready = answering(&city, "harbor", "telnyx");
    let number = ready.text("phone_number").to_owned();
    assert!(city.providers.with(|all| all.telnyx.route_outside(&number, None)));
    assert_eq!(city.call(&number).outcome, CallOutcome::RingsOut);
    sweep(&city);
    assert_eq!(found(&city, "misrouted"), 1);
    answers_again(&city, "harbor", &ready);
}

#[test]
fn a_number_that_somebody_wants_to_take_away_is_mended_and_stays_frozen() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let ready = answering(&city, "harbor", "telnyx");
    let former = unused(&city, "former", "telnyx");
    sweep(&city);
    let (kept, free) = (ready.text("phone_number"), former.text("phone_number"));
    let now = city.clock.millis();
    city.providers.with(|all| {
        all.telnyx.tell_port_out(now, kept, "p-1", "pending");
        all.telnyx.tell_port_out(now, free, "p-2", "pending");
    });
    city.pass(Duration::from_secs(5));
    let stranger = stranger(&city);
    link(&city, kept, &stranger);
    link(&city, free, &stranger);
    city.providers.with(|all| all.telnyx.route_outside(kept, None));
    for _sweep in 0..2 {
        sweep(&city);
    }
    answers_again(&city, "harbor", &ready);
    assert_nobody_answers(&city, free);
    // It left the pool to be unlinked, and does not come back before the request is off.
    let expected = [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)];
    assert_eq!(states(&city), expected);
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    let refused = city.send(person("harbor").call(&line, &Value::Null));
    assert_eq!((refused.status, refused.problem()), (409, "number-frozen"));
    city.providers.with(|all| all.telnyx.set_number_status(free, NumberStatus::PortedOut));
    sweep(&city);
    city.pass(Duration::from_secs(601));
    sweep(&city);
    let expected = [("assigned".to_owned(), 1), ("corrupted".to_owned(), 1)];
    assert_eq!(states(&city), expected);
}

#[test]
fn what_is_gone_is_marked_after_ten_minutes_and_not_before() {
    let city = City::new();
    let former = unused(&city, "harbor", "vapi_free");
    let kept = answering(&city, "kept", "vapi_free");
    let line = format!("/phone-number/{}", record(&city, former.text("phone_number")));
    city.at_vapi("DELETE", &line, Value::Null);
    sweep(&city);
    assert_eq!(found(&city, "gone_at_vapi"), 1);
    let before = [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)];
    assert_eq!(states(&city), before);
    city.pass(Duration::from_secs(590));
    sweep(&city);
    assert_eq!(states(&city), before);
    city.pass(Duration::from_secs(20));
    sweep(&city);
    assert_eq!(states(&city), [("assigned".to_owned(), 1), ("corrupted".to_owned(), 1)]);
    answers_again(&city, "kept", &kept);
}

#[test]
fn what_was_there_in_between_is_not_gone() {
    let city = City::new();
    let former = unused(&city, "harbor", "vapi_free");
    answering(&city, "kept", "vapi_free");
    let number = former.text("phone_number").to_owned();
    let by_id = format!("GET /phone-number/{}", record(&city, &number));
    let look = |is_shown: bool| {
        city.pass(HOUR);
        if !is_shown {
            let gone = Fault::Status {
                status: 404,
                retry_after_seconds: None,
                reset_seconds: None,
                text: None,
            };
            let hidden = Fault::HideRecords { containing: number.clone() };
            city.faults(Provider::Vapi, &by_id, gone, 9);
            city.faults(Provider::Vapi, "GET /v2/phone-number", hidden, 9);
        }
        sweep(&city);
        assert_eq!(found(&city, "gone_at_vapi"), u64::from(!is_shown));
        city.providers.with(|all| all.clear_faults());
    };
    [false, true, false].into_iter().for_each(look);
    let before = [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)];
    assert_eq!(states(&city), before);
    look(false);
    assert_eq!(states(&city), [("assigned".to_owned(), 1), ("corrupted".to_owned(), 1)]);
}

#[test]
fn what_is_gone_under_somebody_waits_for_a_person() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::new();
        let ready = answering(&city, "harbor", source);
        answering(&city, "kept", source);
        let number = ready.text("phone_number").to_owned();
        if source == "telnyx" {
            let gone = NumberStatus::PortedOut;
            city.providers.with(|all| all.telnyx.set_number_status(&number, gone));
        } else {
            let line = format!("/phone-number/{}", record(&city, &number));
            city.at_vapi("DELETE", &line, Value::Null);
        }
        sweep(&city);
        assert_eq!(city.look(&person("harbor"), ready.id()).state(), "ready");
        city.pass(Duration::from_secs(601));
        sweep(&city);
        // A record may lag its creation; it is asked for again.
        city.pass(Duration::from_secs(300));
        let state = city.look(&person("harbor"), ready.id());
        let waits = if source == "telnyx" { "ready_degraded" } else { "needs_person" };
        assert_eq!(state.state(), waits, "{:#}", state.body);
    }
}

#[test]
fn a_list_that_skips_records_changes_nothing() {
    let city = City::new();
    let ready = answering(&city, "harbor", "telnyx");
    let former = unused(&city, "former", "vapi_free");
    for _sweep in 0..3 {
        let hidden = || Fault::HideRecords { containing: String::new() };
        city.faults(Provider::Vapi, "GET /v2/phone-number", hidden(), 5);
        city.faults(Provider::Telnyx, "GET /phone_numbers", hidden(), 5);
        sweep(&city);
        assert!(found(&city, "gone_at_vapi") > 0);
        city.providers.with(|all| all.clear_faults());
        city.pass(HOUR);
    }
    answers_again(&city, "harbor", &ready);
    assert_eq!(states(&city), [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)]);
    assert_nobody_answers(&city, former.text("phone_number"));
}

#[test]
fn a_stray_is_taken_in_after_an_hour_and_answered_by_nobody() {
    let city = City::new();
    let ready = answering(&city, "harbor", "vapi_free");
    let stamp = city.works()[0].stamp();
    let made =
        json!({ "provider": "vapi", "name": stamp.as_str(), "assistantId": stranger(&city) });
    assert_eq!(city.at_vapi("POST", "/phone-number", made).0, 201);
    sweep(&city);
    assert_eq!(found(&city, "stray"), 1);
    assert_eq!(states(&city), [("assigned".to_owned(), 1)]);
    city.pass(HOUR);
    sweep(&city);
    assert_eq!(states(&city), [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)]);
    let held = city.held();
    it::truth::assert_sound(&city, &held);
    let linked = city.providers.lock().vapi.orgs()[0]
        .numbers
        .iter()
        .filter(|one| one.assistant_id().is_some())
        .count();
    assert_eq!(linked, 1, "the business's own alone");
    answers_again(&city, "harbor", &ready);
    sweep(&city);
    assert_eq!(found(&city, "stray"), 0);
}

#[test]
fn a_stray_of_a_living_work_is_left_to_it() {
    let city = City::with(&[("DIGITS_GIVE_UP_SECONDS", "864000")]);
    city.switch(&json!({ "vapi": { "digits": { "kind": "never" } } }));
    city.post(&person("harbor"), from_sources(&["vapi_free"]));
    city.pass(Duration::from_secs(60));
    let stamp = city.works()[0].stamp();
    let made = json!({ "provider": "vapi", "name": stamp.as_str() });
    assert_eq!(city.at_vapi("POST", "/phone-number", made).0, 201);
    for _sweep in 0..3 {
        city.sweep();
        city.pass(HOUR);
    }
    assert_eq!(found(&city, "stray"), 1);
    assert_eq!(states(&city), [("acquiring".to_owned(), 1)]);
}

#[test]
fn what_is_others_is_never_touched() {
    let city = City::new();
    answering(&city, "harbor", "vapi_free");
    let anothers = format!("ZZZZZZZ9{}", &city.works()[0].stamp().as_str()[8..]);
    for name in [anothers.as_str(), "Front desk"] {
        let made = json!({ "provider": "vapi", "name": name, "assistantId": stranger(&city) });
        assert_eq!(city.at_vapi("POST", "/phone-number", made).0, 201);
    }
    let before = city.held();
    for _sweep in 0..3 {
        sweep(&city);
        city.pass(HOUR);
    }
    assert_eq!((found(&city, "foreign"), found(&city, "stray")), (1, 0));
    assert_eq!(city.held(), before);
    assert_eq!(states(&city), [("assigned".to_owned(), 1)]);
}

/// Many businesses whose numbers all lose their link.
fn misled(city: &City, count: usize) -> Vec<Answer> {
    let names: Vec<String> = (0..count).map(|n| format!("business-{n}")).collect();
    let asked: Vec<Answer> =
        names.iter().map(|name| city.post(&person(name), from_sources(&["vapi_free"]))).collect();
    city.settle();
    city.pass(HOUR);
    let pairs = names.iter().zip(&asked);
    let ready: Vec<Answer> =
        pairs.map(|(name, asked)| city.look(&person(name), asked.id())).collect();
    let stranger = stranger(city);
    ready.iter().for_each(|ready| link(city, ready.text("phone_number"), &stranger));
    ready
}

fn answered_by_stranger(city: &City, ready: &[Answer]) -> usize {
    let astray = |ready: &&Answer| {
        let report = city.call(ready.text("phone_number"));
        report.assistant_id.as_deref() != Some(ready.text("vapi_assistant_id"))
    };
    ready.iter().filter(astray).count()
}

fn repair(city: &City, body: Value) -> Answer {
    city.send(Person::operator().call("POST /api/admin/drift/repair", &body))
}

#[test]
fn too_much_of_one_kind_waits_for_a_person() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "40")]);
    city.switch(&json!({ "vapi": { "free_limit": 40 } }));
    let ready = misled(&city, 21);
    sweep(&city);
    let shown = drift(&city);
    assert_eq!(shown.body["state"], "braked", "{:#}", shown.body);
    assert_eq!(shown.body["brake"]["why"], "too_much");
    assert_eq!(city.figures("SweepBraked"), 1);
    assert_eq!(answered_by_stranger(&city, &ready), 21, "nothing changed");

    let dry = repair(&city, json!({}));
    assert_eq!((dry.status, dry.body["findings"].as_array().unwrap().len()), (200, 21));
    city.settle();
    assert_eq!(answered_by_stranger(&city, &ready), 21);
    let wrong = repair(&city, json!({ "confirm": true, "sweep": "2026-01-01T00:00:00Z" }));
    assert_eq!((wrong.status, wrong.problem()), (409, "nothing-to-confirm"));
    let confirmed = repair(&city, json!({ "confirm": true, "sweep": shown.body["sweep"] }));
    assert_eq!(confirmed.status, 202, "{:#}", confirmed.body);
    city.settle();
    assert_eq!(answered_by_stranger(&city, &ready), 0);
    let again = repair(&city, json!({ "confirm": true, "sweep": shown.body["sweep"] }));
    assert_eq!(again.problem(), "nothing-to-confirm");
    let business = city.send(person("business-0").call("GET /api/admin/drift", &Value::Null));
    assert_eq!(business.status, 403);
}

#[test]
fn twenty_are_mended_without_a_word() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "40")]);
    city.switch(&json!({ "vapi": { "free_limit": 40 } }));
    let ready = misled(&city, 20);
    sweep(&city);
    assert_eq!(answered_by_stranger(&city, &ready), 0);
    assert_eq!(drift(&city).body["started"], 20);
}

#[test]
fn with_the_key_of_another_account_nothing_changes() {
    let city = City::new();
    let ready = answering(&city, "harbor", "telnyx");
    let before = city.held();
    city.providers.with(|all| all.telnyx.add_account("another", "KEY_other", 10_000));
    city.set_keys(STANDARD_VAPI_KEY, "KEY_other");
    for _sweep in 0..3 {
        city.pass(HOUR);
        sweep(&city);
        let shown = drift(&city);
        assert_eq!(shown.body["brake"]["why"], "other_account", "{:#}", shown.body);
        assert_eq!(shown.body["brake"]["provider"], "telnyx");
    }
    assert_eq!((city.held(), states(&city)), (before, vec![("assigned".to_owned(), 1)]));
    city.set_keys(STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY);
    city.pass(HOUR);
    sweep(&city);
    assert_eq!(drift(&city).body["state"], "over");
    answers_again(&city, "harbor", &ready);
}

#[test]
fn where_all_numbers_rest_the_key_of_another_account_is_noticed_as_well() {
    for (source, provider) in [("vapi_free", "vapi"), ("telnyx", "telnyx")] {
        let city = City::new();
        unused(&city, "harbor", source);
        city.providers.with(|all| {
            all.vapi.add_org("another", "key-of-another");
            all.telnyx.add_account("another", "KEY_other", 10_000);
        });
        match provider {
            "vapi" => city.set_keys("key-of-another", STANDARD_TELNYX_KEY),
            _ => city.set_keys(STANDARD_VAPI_KEY, "KEY_other"),
        }
        for _sweep in 0..3 {
            city.pass(HOUR);
            sweep(&city);
            assert_eq!(drift(&city).body["brake"]["provider"], provider);
        }
        assert_eq!(states(&city), [("quarantined".to_owned(), 1)]);
    }
}

#[test]
fn after_a_restore_nothing_changes_before_it_is_confirmed() {
    let mut city = City::with(&[("TABLE_NAME", "first")]);
    let kept = answering(&city, "kept", "vapi_free");
    let leaving = answering(&city, "leaving", "vapi_free");
    sweep(&city);
    let old = city.table.rows();
    // After the moment that is restored, one number changes hands.
    let line = format!("DELETE /api/phone/numbers/{}", leaving.text("number_id"));
    city.send(person("leaving").call(&line, &Value::Null));
    city.settle();
    city.pass(HOUR);
    let settings: Settings = [("TABLE_NAME", "second".to_owned())].into();
    let restored = Deployment::new("one", &city.clock, &city.providers, settings);
    restored.table.restore(&old);
    city.deployments[0] = restored;
    let before = city.held();
    sweep(&city);
    let shown = drift(&city);
    assert_eq!(shown.body["brake"]["why"], "restored", "{:#}", shown.body);
    assert_eq!(found(&city, "misled"), 1);
    assert_eq!(city.held(), before);
    let record = record(&city, leaving.text("phone_number"));
    let (_, unlinked) = city.at_vapi("GET", &format!("/phone-number/{record}"), Value::Null);
    assert!(unlinked["assistantId"].is_null(), "nothing changed");
    repair(&city, json!({ "confirm": true, "sweep": shown.body["sweep"] }));
    city.settle();
    answers_again(&city, "leaving", &leaving);
    answers_again(&city, "kept", &kept);
    city.pass(HOUR);
    sweep(&city);
    assert_eq!(drift(&city).body["state"], "over");
}

#[test]
fn a_death_at_any_wait_of_a_sweep_leads_to_the_same_end() {
    for wait in 1.. {
        let city = City::with(&[("QUARANTINE_DAYS", "30")]);
        let ready = answering(&city, "harbor", "telnyx");
        let former = unused(&city, "former", "vapi_free");
        let number = ready.text("phone_number").to_owned();
        let stranger = stranger(&city);
        link(&city, &number, &stranger);
        link(&city, former.text("phone_number"), &stranger);
        city.providers.with(|all| all.telnyx.route_outside(&number, None));
        city.sweep();
        city.killer.kill_at(wait);
        city.settle();
        city.killer.spare();
        let struck = city.killer.has_struck();
        // The next one makes good what was left.
        city.pass(HOUR);
        sweep(&city);
        answers_again(&city, "harbor", &ready);
        assert_nobody_answers(&city, former.text("phone_number"));
        let expected = [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)];
        assert_eq!(states(&city), expected, "killed at {wait}");
        let held = rows(&city.table, "NUMBER#", "NUMBER");
        assert!(held.iter().all(|row| !row.contains_key(store::keys::WORK)), "killed at {wait}");
        if !struck {
            assert!(wait > 40, "only {wait} waits");
            return;
        }
    }
}

#[test]
fn sweeps_beside_each_other_do_the_same_once() {
    let city = City::new();
    let ready = answering(&city, "harbor", "telnyx");
    link(&city, ready.text("phone_number"), &stranger(&city));
    city.sweep();
    city.sweep();
    city.sweep();
    city.settle();
    answers_again(&city, "harbor", &ready);
    assert_eq!(city.figures("Repaired"), 1);
}

#[test]
fn a_sweeper_that_is_not_to_compare_leaves_the_providers_alone() {
    let city = City::with(&[("COMPARES_WITH_PROVIDERS", "false")]);
    let ready = answering(&city, "harbor", "vapi_free");
    link(&city, ready.text("phone_number"), &stranger(&city));
    sweep(&city);
    assert_eq!(answered_by_stranger(&city, &[ready]), 1);
    assert_eq!(drift(&city).body["sweep"], Value::Null);
}

#[test]
fn a_degraded_line_whose_checks_are_used_up_is_looked_at_again() {
    let city = City::new();
    let ready = answering(&city, "harbor", "telnyx");
    let number = ready.text("phone_number").to_owned();
    let switch = |active: bool| {
        city.providers.with(|all| {
            let ids: Vec<u64> = all.telnyx.accounts()[0].applications.keys().copied().collect();
            ids.iter().for_each(|id| {
                all.telnyx.set_application_active(*id, active);
            });
        });
    };
    switch(false);
    city.providers.with(|all| all.telnyx.route_outside(&number, None));
    sweep(&city);
    assert_eq!(city.look(&person("harbor"), ready.id()).state(), "ready_degraded");
    city.pass(HOUR * 40);
    switch(true);
    assert_eq!(city.look(&person("harbor"), ready.id()).state(), "ready_degraded");
    sweep(&city);
    answers_again(&city, "harbor", &ready);
}
