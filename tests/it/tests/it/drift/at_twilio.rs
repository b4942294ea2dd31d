//! Accounts at Twilio are compared as well: the platform's, and each organization's own, which
//! holds much that is none of ours.

use super::{
    HOUR, answering, answers_again, assert_mended, assert_nobody_answers, drift, found, link,
    person, record, states, stranger, sweep, unused,
};
use it::twilio::{OWN, PLATFORM, with_account_for};
use it::{City, Person, Shown as _, from_sources};
use provision::Answer;
use runtime::Clock as _;
use serde_json::{Value, json};
use simulators::{Fault, FaultScript, Provider};
use std::time::Duration;

const SECOND: (&str, &str) = ("AC00000000000000000000000000000002", "token-of-the-second-account");
const LIST: &str = "GET /Accounts/{id}/IncomingPhoneNumbers.json";
const STRAY: &str = "+14155550177";
/// The two sources, and the account of each.
const SOURCES: [(&str, (&str, &str)); 2] = [("org_twilio", OWN), ("global_twilio", PLATFORM)];

/// Sets a number otherwise, as a person in the console does.
fn set(city: &City, number: &str, setting: (&str, &str)) {
    let now = city.clock.millis();
    city.providers.with(|all| all.twilio.change_outside(now, number, [setting])).unwrap();
}

/// A number with the stamp of the first work, in an account and at VAPI, and in no row.
fn stray(city: &City, (sid, token): (&str, &str)) {
    let stamp = city.works()[0].stamp();
    city.buys_at_twilio(sid, STRAY, &[("friendly_name", stamp.as_str())]);
    let made = json!({
        "provider": "twilio", "name": stamp.as_str(), "number": STRAY, "twilioAccountSid": sid,
        "twilioAuthToken": token, "assistantId": stranger(city),
    });
    let (status, made) = city.at_vapi("POST", "/phone-number", made);
    assert_eq!(status, 201, "{made:#}");
}

fn assigned() -> Vec<(String, usize)> {
    vec![("assigned".to_owned(), 1)]
}

#[test]
fn a_number_whose_calls_go_elsewhere_is_routed_again() {
    let elsewhere = ("voice_url", "https://calls.example.com/other");
    let trunk = ("trunk_sid", "TK00000000000000000000000000000001");
    for (source, _account) in SOURCES {
        for setting in [elsewhere, trunk] {
            let city = with_account_for(source, &[]);
            let ready = answering(&city, "harbor", source);
            set(&city, ready.text("phone_number"), setting);
            assert_mended(&city, "misrouted", &ready);
        }
    }
}

#[test]
fn a_number_that_left_its_account_is_marked_after_ten_minutes() {
    for (source, _account) in SOURCES {
        let city = with_account_for(source, &[]);
        let former = unused(&city, "harbor", source);
        let kept = answering(&city, "kept", source);
        let (gone, now) = (former.text("phone_number"), city.clock.millis());
        assert!(city.providers.with(|all| all.twilio.port_out(now, gone)));
        sweep(&city);
        assert_eq!(found(&city, "gone_at_carrier"), 1);
        let shown = &drift(&city).body["findings"][0];
        assert!(shown["twilio_sid"].as_str().unwrap().starts_with("PN"), "{shown:#}");
        assert!(states(&city).contains(&("quarantined".to_owned(), 1)));
        city.pass(Duration::from_secs(601));
        sweep(&city);
        let expected = [("assigned".to_owned(), 1), ("corrupted".to_owned(), 1)];
        assert_eq!(states(&city), expected);
        answers_again(&city, "kept", &kept);
    }
}

#[test]
fn a_number_that_left_its_account_under_somebody_is_degraded() {
    for (source, _account) in SOURCES {
        let city = with_account_for(source, &[]);
        let ready = answering(&city, "harbor", source);
        let now = city.clock.millis();
        city.providers.with(|all| all.twilio.port_out(now, ready.text("phone_number")));
        sweep(&city);
        city.pass(Duration::from_secs(601));
        sweep(&city);
        assert_eq!(city.look(&person("harbor"), ready.id()).state(), "ready_degraded");
    }
}

#[test]
fn a_stray_is_taken_in_and_serves_whom_its_account_serves() {
    for (source, account) in SOURCES {
        let city = with_account_for(source, &[("QUARANTINE_DAYS", "0")]);
        let ready = answering(&city, "harbor", source);
        stray(&city, account);
        sweep(&city);
        // In the account, and at VAPI.
        assert_eq!(found(&city, "stray"), 2);
        assert_eq!(states(&city), assigned());
        city.pass(HOUR);
        sweep(&city);
        assert_eq!(states(&city), [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)]);
        let line = format!("/phone-number/{}", record(&city, STRAY));
        assert!(city.at_vapi("GET", &line, Value::Null).1["assistantId"].is_null());
        answers_again(&city, "harbor", &ready);
        sweep(&city);
        assert_eq!(found(&city, "stray"), 0);
        let line = "GET /api/admin/phone-numbers";
        let shown = city.send(Person::operator().call(line, &Value::Null));
        let numbers = shown.body["numbers"].as_array().unwrap();
        assert!(numbers.iter().all(|number| number["source"] == source), "{:#}", shown.body);
        // Rested, it is everybody's, or its account's owner's alone.
        city.clock.advance_to(city.clock.now().after(HOUR * 24 * 31));
        sweep(&city);
        let other = answering_in(&city, "org-2", "pool");
        assert_eq!(other.state() == "ready", source == "global_twilio", "{:#}", other.body);
    }
}

/// What becomes of a business of this organization that asks for a number.
fn answering_in(city: &City, organization: &str, source: &str) -> Answer {
    let person = Person::of(organization, "another");
    let asked = city.post(&person, from_sources(&[source]));
    city.settle();
    city.look(&person, asked.id())
}

#[test]
fn a_stray_of_twilio_that_is_at_vapi_alone_holds_nothing_up() {
    let city = with_account_for("global_twilio", &[]);
    let ready = answering(&city, "harbor", "global_twilio");
    // There is no account at Telnyx.
    city.secrets.set("telnyx", "{}".to_owned());
    stray(&city, PLATFORM);
    set(&city, STRAY, ("friendly_name", "Renamed"));
    sweep(&city);
    city.pass(HOUR);
    link(&city, ready.text("phone_number"), &stranger(&city));
    sweep(&city);
    assert_eq!((found(&city, "stray"), found(&city, "misled")), (1, 1));
    assert_eq!(drift(&city).body["state"], "over");
    assert_eq!(states(&city), assigned());
    answers_again(&city, "harbor", &ready);
}

#[test]
fn a_stamp_that_was_copied_into_anothers_account_is_left() {
    let city = with_account_for("org_twilio", &[]);
    answering(&city, "harbor", "org_twilio");
    city.give_twilio("org-2", SECOND);
    stray(&city, SECOND);
    for _sweep in 0..3 {
        sweep(&city);
        city.pass(HOUR);
    }
    assert_eq!(found(&city, "stray"), 2);
    assert_eq!(states(&city), assigned());
}

#[test]
fn what_an_organization_has_beside_ours_is_neither_shown_nor_touched() {
    let city = with_account_for("org_twilio", &[]);
    city.give_platform_twilio();
    let ready = answering(&city, "harbor", "org_twilio");
    let anothers = format!("ZZZZZZZ9{}", &city.works()[0].stamp().as_str()[8..]);
    let line = ("voice_url", "https://calls.example.com/front-desk");
    city.buys_at_twilio(OWN.0, "+14155550171", &[("friendly_name", "Front desk"), line]);
    city.buys_at_twilio(OWN.0, "+14155550172", &[("friendly_name", &anothers), line]);
    city.buys_at_twilio(PLATFORM.0, "+14155550173", &[("friendly_name", "Reception"), line]);
    let truth = |city: &City| city.providers.lock().truth(0)["twilio"]["accounts"].clone();
    let before = truth(&city);
    for _sweep in 0..3 {
        sweep(&city);
        city.pass(HOUR);
    }
    // The platform's alone is shown.
    assert_eq!((found(&city, "foreign"), found(&city, "stray")), (1, 0));
    assert_eq!(truth(&city), before, "a comparison changes nothing at Twilio");
    assert_eq!(states(&city), assigned());
    answers_again(&city, "harbor", &ready);
}

#[test]
fn a_list_of_many_pages_is_read_to_its_end() {
    for (source, (sid, _token)) in SOURCES {
        let city = with_account_for(source, &[]);
        let ready = answering(&city, "harbor", source);
        // Ours is the oldest, and so on the last page.
        for number in 0..250 {
            let digits = format!("+1415556{number:04}");
            city.buys_at_twilio(sid, &digits, &[("voice_url", "https://calls.example.com/own")]);
        }
        set(&city, ready.text("phone_number"), ("voice_url", "https://calls.example.com/other"));
        let before = city.providers.lock().twilio.calls_counted("GET", &LIST[4..]);
        sweep(&city);
        let asked = city.providers.lock().twilio.calls_counted("GET", &LIST[4..]) - before;
        assert_eq!((found(&city, "misrouted"), asked), (1, 3));
        answers_again(&city, "harbor", &ready);
    }
}

#[test]
fn a_list_that_breaks_off_or_skips_records_changes_nothing() {
    for (source, (sid, _token)) in SOURCES {
        let city = with_account_for(source, &[]);
        let ready = answering(&city, "harbor", source);
        unused(&city, "former", source);
        for number in 0..150 {
            city.buys_at_twilio(sid, &format!("+1415556{number:04}"), &[]);
        }
        let hidden = || Fault::HideRecords { containing: String::new() };
        for fault in [hidden(), Fault::AnswerLost] {
            let breaks_off = fault == Fault::AnswerLost;
            let (method, path) = LIST.split_once(' ').unwrap();
            let script = FaultScript::once(Provider::Twilio, method, path, fault);
            // What breaks off does so behind the first page.
            let skip = u32::from(breaks_off);
            for _sweep in 0..3 {
                let script = FaultScript { times: 9, skip, ..script.clone() };
                city.providers.with(|all| all.add_fault(script));
                sweep(&city);
                assert_eq!(found(&city, "gone_at_carrier"), if breaks_off { 0 } else { 2 });
                assert_eq!(drift(&city).body["state"], "over");
                city.providers.with(|all| all.clear_faults());
                city.pass(HOUR);
            }
        }
        answers_again(&city, "harbor", &ready);
        assert_eq!(states(&city), [("assigned".to_owned(), 1), ("quarantined".to_owned(), 1)]);
    }
}

#[test]
fn with_the_credentials_of_another_account_of_the_platform_nothing_changes_there() {
    for rests in [false, true] {
        let city = with_account_for("global_twilio", &[]);
        let get = if rests { unused } else { answering };
        get(&city, "harbor", "global_twilio");
        let before = (city.held(), states(&city));
        city.open_twilio(SECOND);
        let secret = json!({ "account_sid": SECOND.0, "auth_token": SECOND.1 });
        let ours = city.secrets.text("one/twilio/global").unwrap();
        city.secrets.set("one/twilio/global", secret.to_string());
        for _sweep in 0..3 {
            city.pass(HOUR);
            sweep(&city);
            // Nothing is missing in an account that nobody read, and all else is compared.
            assert_eq!(found(&city, "gone_at_carrier"), 0);
            assert_eq!(drift(&city).body["state"], "over");
        }
        assert!((city.held(), states(&city)) == before);
        city.secrets.set("one/twilio/global", ours);
        city.pass(HOUR);
        sweep(&city);
        assert_eq!(drift(&city).body["state"], "over");
        assert!((city.held(), states(&city)) == before);
    }
}

#[test]
fn an_organizations_account_that_cannot_be_read_is_passed_over() {
    let another = json!({ "account_sid": SECOND.0, "auth_token": SECOND.1 });
    let rejected = json!({ "account_sid": OWN.0, "auth_token": "revoked" });
    for secret in [another, rejected, json!({})] {
        let city = with_account_for("org_twilio", &[]);
        city.give_platform_twilio();
        city.open_twilio(SECOND);
        let own = answering(&city, "own", "org_twilio");
        let other = answering(&city, "other", "global_twilio");
        city.secrets.set("one/twilio/org/org-1", secret.to_string());
        city.pass(HOUR);
        let elsewhere = ("voice_url", "https://calls.example.com/other");
        set(&city, own.text("phone_number"), elsewhere);
        set(&city, other.text("phone_number"), elsewhere);
        for _sweep in 0..2 {
            sweep(&city);
            assert_eq!(drift(&city).body["state"], "over");
            assert_eq!(found(&city, "gone_at_carrier"), 0);
            city.pass(HOUR);
        }
        answers_again(&city, "other", &other);
        assert_eq!(city.at_twilio(own.text("phone_number"), "voice_url"), elsewhere.1);
        assert!(city.asked_at_twilio().iter().all(|(_user, account)| account != SECOND.0));
    }
}

#[test]
fn what_an_organization_does_in_its_own_account_holds_nobody_else_up() {
    let city = with_account_for("org_twilio", &[("CAP_DAY_ORGANIZATION_CENTS", "100000")]);
    let elsewhere = ("voice_url", "https://calls.example.com/other");
    let theirs: Vec<Answer> =
        (0..21).map(|name| answering(&city, &format!("own-{name}"), "org_twilio")).collect();
    let other = Person::of("org-2", "other");
    let asked = city.post(&other, from_sources(&["vapi_free"]));
    city.settle();
    let other_ready = city.look(&other, asked.id());
    theirs.iter().for_each(|ready| set(&city, ready.text("phone_number"), elsewhere));
    link(&city, other_ready.text("phone_number"), &stranger(&city));
    sweep(&city);
    let shown = drift(&city).body;
    assert_eq!((&shown["state"], &shown["brake"]), (&json!("over"), &Value::Null), "{shown:#}");
    let left = json!([{ "organization_id": "org-1", "drift": "misrouted", "found": 21 }]);
    assert_eq!(shown["left"], left);
    city.assert_answers(&city.look(&other, asked.id()));
    let set_as = |ready: &Answer| city.at_twilio(ready.text("phone_number"), "voice_url");
    assert!(theirs.iter().all(|ready| set_as(ready) == elsewhere.1), "left as it is");
    // One is put right by its people, and the rest is no more than may be mended.
    let vapi = "https://api.vapi.ai/twilio/inbound_call";
    set(&city, theirs[0].text("phone_number"), ("voice_url", vapi));
    sweep(&city);
    assert!(theirs.iter().all(|ready| set_as(ready) == vapi));
}

#[test]
fn every_account_is_asked_with_its_own_credentials_and_no_others() {
    let city = with_account_for("org_twilio", &[]);
    city.give_twilio("org-2", SECOND);
    city.give_platform_twilio();
    // More organizations than are looked at in one step, most of them without an account.
    for number in 0..60 {
        city.set_up(&format!("org-1{number:02}"), &json!({ "quarantine_days": 14 }));
    }
    answering(&city, "harbor", "org_twilio");
    answering(&city, "pier", "global_twilio");
    let before = city.asked_at_twilio().len();
    sweep(&city);
    let asked = city.asked_at_twilio().split_off(before);
    let each = [PLATFORM.0, OWN.0, SECOND.0].map(|sid| (sid.to_owned(), sid.to_owned()));
    assert_eq!(asked, each);
}

#[test]
fn a_death_at_any_wait_of_a_sweep_over_accounts_leads_to_the_same_end() {
    for wait in 1.. {
        let city = with_account_for("org_twilio", &[]);
        city.give_platform_twilio();
        let ready = answering(&city, "harbor", "org_twilio");
        let former = unused(&city, "former", "global_twilio");
        set(&city, ready.text("phone_number"), ("voice_url", "https://calls.example.com/other"));
        link(&city, former.text("phone_number"), &stranger(&city));
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
        if !struck {
            assert!(wait > 40, "only {wait} waits");
            return;
        }
    }
}
