//! What is left in an organization's own account is mended once a person confirms it, and nothing else
//! is with it.

use super::{HOUR, answered_by_stranger, answering, drift, found, link, repair, stranger, sweep};
use it::deployment::Settings;
use it::twilio::with_account_for;
use it::{City, Deployment, Person, Shown as _, from_sources};
use provision::Answer;
use serde_json::{Value, json};
use simulators::{STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};

const VAPI: &str = "https://api.vapi.ai/twilio/inbound_call";
const ELSEWHERE: &str = "https://calls.example.com/other";
/// What the log says of an account that is left.
const LEFT: &str = "too much differs in its own account";

fn set(city: &City, ready: &Answer) {
    let (now, number) = (city.clock.millis(), ready.text("phone_number"));
    let setting = [("voice_url", ELSEWHERE)];
    city.providers.with(|all| all.twilio.change_outside(now, number, setting)).unwrap();
}

/// A city where `org-1` has 21 numbers in its own account, whose calls all go elsewhere.
fn city() -> (City, Vec<Answer>) {
    let settings = [("CAP_DAY_ORGANIZATION_CENTS", "100000"), ("TABLE_NAME", "first")];
    let city = with_account_for("org_twilio", &settings);
    let own: Vec<Answer> =
        (0..21).map(|name| answering(&city, &format!("own-{name}"), "org_twilio")).collect();
    own.iter().for_each(|ready| set(&city, ready));
    (city, own)
}

/// How many of them are set to this.
fn set_to(city: &City, own: &[Answer], url: &str) -> usize {
    let is_so = |ready: &&Answer| city.at_twilio(ready.text("phone_number"), "voice_url") == url;
    own.iter().filter(is_so).count()
}

fn confirm(city: &City, sweep: &Value, organization: &str) -> Answer {
    let body = json!({ "confirm": true, "sweep": sweep, "organization_id": organization });
    repair(city, body)
}

#[track_caller]
fn assert_nothing(answer: &Answer) {
    assert_eq!((answer.status, answer.problem()), (409, "nothing-to-confirm"), "{:#}", answer.body);
}

#[test]
fn what_was_left_of_one_organization_is_mended_alone() {
    let (city, own) = city();
    let other = Person::of("org-2", "other");
    let asked = city.post(&other, from_sources(&["vapi_free"]));
    city.settle();
    let others = city.look(&other, asked.id());
    let stranger = stranger(&city);
    link(&city, others.text("phone_number"), &stranger);
    sweep(&city);
    city.assert_answers(&city.look(&other, asked.id()));
    let shown = drift(&city).body;
    assert_eq!((&shown["state"], &shown["started"]), (&json!("over"), &json!(1)));
    assert_eq!(shown["left"][0]["organization_id"], "org-1");
    assert!(city.logs.text().contains(LEFT));
    assert_eq!(set_to(&city, &own, ELSEWHERE), 21);

    // What differs of others by now is the next sweep's.
    link(&city, others.text("phone_number"), &stranger);
    let name = &shown["sweep"];
    assert_nothing(&confirm(&city, name, "org-2"));
    assert_nothing(&confirm(&city, &json!("2026-01-01T00:00:00Z"), "org-1"));
    assert_nothing(&confirm(&city, &Value::Null, "org-1"));
    assert_nothing(&repair(&city, json!({ "confirm": true, "sweep": name })));
    assert_eq!(confirm(&city, name, "no organization!").problem(), "field-invalid");
    let dry = repair(&city, json!({ "sweep": name, "organization_id": "org-1" }));
    assert_eq!((dry.status, &dry.body["state"]), (200, &json!("over")));
    city.settle();
    assert_eq!(set_to(&city, &own, ELSEWHERE), 21);

    let confirmed = confirm(&city, name, "org-1");
    assert_eq!(confirmed.status, 202, "{:#}", confirmed.body);
    assert_eq!(confirmed.body["state"], "mending");
    assert_nothing(&confirm(&city, name, "org-1"));
    city.settle();
    assert_eq!(set_to(&city, &own, VAPI), 21);
    assert_eq!(answered_by_stranger(&city, std::slice::from_ref(&others)), 1, "not confirmed");
    let over = drift(&city).body;
    assert_eq!((&over["state"], &over["started"]), (&json!("over"), &json!(22)));
    assert_eq!((&over["left"], &over["confirmed_for"]), (&json!([]), &json!(["org-1"])));
    assert_eq!(over["confirmed"], false);
    assert_nothing(&confirm(&city, name, "org-1"));

    city.pass(HOUR);
    sweep(&city);
    assert_eq!((found(&city, "misrouted"), found(&city, "misled")), (0, 1));
    city.assert_answers(&city.look(&other, asked.id()));
    // A sweep that is no longer the last confirms nothing.
    assert_nothing(&confirm(&city, name, "org-1"));
}

#[test]
fn a_sweep_that_was_confirmed_leaves_nothing_and_says_so() {
    let (city, own) = city();
    answering(&city, "bought", "telnyx");
    city.providers.with(|all| all.telnyx.add_account("another", "KEY_other", 10_000));
    city.set_keys(STANDARD_VAPI_KEY, "KEY_other");
    sweep(&city);
    let shown = drift(&city).body;
    assert_eq!(shown["brake"]["why"], "other_account", "{shown:#}");
    // One that is braked is confirmed for all, or not at all.
    assert_nothing(&confirm(&city, &shown["sweep"], "org-1"));
    city.set_keys(STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY);
    let confirmed = repair(&city, json!({ "confirm": true, "sweep": shown["sweep"] }));
    assert_eq!(confirmed.status, 202, "{:#}", confirmed.body);
    city.settle();
    let over = drift(&city).body;
    assert_eq!((&over["state"], &over["left"]), (&json!("over"), &json!([])), "{over:#}");
    assert_eq!(over["drift"]["misrouted"]["found"], 21);
    assert_eq!(set_to(&city, &own, VAPI), 21);
    assert!(!city.logs.text().contains(LEFT));
}

#[test]
fn what_was_left_before_a_restore_is_not_mended_after_it() {
    let (mut city, own) = city();
    sweep(&city);
    let old = city.table.rows();
    let settings: Settings = [("TABLE_NAME", "second".to_owned())].into();
    let restored = Deployment::new("one", &city.clock, &city.providers, settings);
    restored.table.restore(&old);
    city.deployments[0] = restored;
    let shown = drift(&city).body;
    assert_eq!((&shown["state"], &shown["left"][0]["found"]), (&json!("over"), &json!(21)));
    assert_eq!(confirm(&city, &shown["sweep"], "org-1").status, 202);
    city.settle();
    assert_eq!(drift(&city).body["brake"]["why"], "restored");
    assert_eq!(set_to(&city, &own, ELSEWHERE), 21, "nothing changed");
    city.pass(HOUR);
    sweep(&city);
    assert_eq!(drift(&city).body["brake"]["why"], "restored", "a person is asked as ever");
}
