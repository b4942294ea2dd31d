//! What operators set for an organization: told, kept, and used by its next provisioning.

use it::{City, Person, Shown as _, harbor};
use provision::{Answer, Call};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use store::keys;
use store::table::{Condition, Table as _, Value as Attribute, Write};

mod history;
mod lists;
mod twilio;

const ORG: &str = "/api/admin/organizations/org-1";

/// A change of settings by somebody who has seen this version.
fn change(organization: &str, seen: Option<u64>, body: &Value) -> Call {
    let line = format!("PUT /api/admin/organizations/{organization}");
    let mut call = Person::operator().call(&line, body);
    if let Some(version) = seen {
        call.headers.insert("if-match".to_owned(), format!("\"{version}\""));
    }
    call
}

fn get(city: &City, path: &str) -> Answer {
    city.send(Person::operator().call(&format!("GET {path}"), &Value::Null))
}

#[track_caller]
fn changed(city: &City, seen: Option<u64>, body: &Value) -> Value {
    let answer = city.send(change("org-1", seen, body));
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    let organization = answer.body["organization"].clone();
    let version = format!("\"{}\"", organization["version"]);
    assert_eq!(answer.header("etag"), Some(version.as_str()));
    assert_eq!(get(city, ORG).body["organization"], organization, "as it is read back");
    organization
}

#[track_caller]
fn refused(city: &City, call: Call, status: u16, code: &str) -> Answer {
    let before = city.table.inspected();
    let answer = city.send(call);
    assert_eq!((answer.status, answer.problem()), (status, code), "{:#}", answer.body);
    assert!(city.table.inspected() == before, "something changed");
    answer
}

/// All rows there are.
trait Inspected {
    fn inspected(&self) -> Vec<String>;
}

impl Inspected for store::memory::MemoryTable {
    fn inspected(&self) -> Vec<String> {
        let mut rows = Vec::new();
        self.inspect(|key, item| rows.push(format!("{key:?} {item:?}")));
        rows
    }
}

#[test]
fn settings_are_made_told_changed_and_set_back() {
    let city = City::new();
    refused(
        &city,
        Person::operator().call(&format!("GET {ORG}"), &Value::Null),
        404,
        "no-such-organization",
    );
    let all = json!({
        "source_order": ["telnyx", "pool"],
        "phoneProvider": "telnyx",
        "caps": { "organization_month_cents": 1000, "number_monthly_cents": null },
        "number_type": "toll_free",
        "quarantineDays": 0,
        "allowance_warnings": { "low_percent": 50 },
        "assistant_server": { "url": "https://calls.example.com/a?key=planted-key" },
    });
    let told = changed(&city, None, &all);
    assert_eq!(told["version"], 1);
    assert_eq!(told["source_order"], json!(["telnyx", "pool"]));
    assert_eq!(
        (&told["phone_provider"], &told["number_type"]),
        (&json!("telnyx"), &json!("toll_free"))
    );
    assert_eq!(told["allowance_warnings"], json!({ "low_percent": 50, "used_up_percent": 100 }));
    assert_eq!(told["assistant_server"]["url"], "https://calls.example.com/…");
    assert_eq!(told["caps"]["organization_day_cents"], Value::Null);
    let effective = &told["effective"];
    assert_eq!(effective["caps"]["organization_day_cents"], 200, "a fifth of the month");
    assert_eq!(effective["caps"]["number_monthly_cents"], 500, "the deployment's");
    assert_eq!(effective["quarantine_days"], 0);

    let told = changed(&city, Some(1), &json!({ "source_order": null, "caps": null }));
    assert_eq!((&told["version"], &told["caps"]), (&json!(2), &Value::Null));
    assert_eq!(
        told["effective"]["source_order"],
        json!(["pool", "telnyx", "vapi_free", "org_twilio", "global_twilio", "manual"])
    );
    assert_eq!(told["effective"]["caps"]["organization_month_cents"], 10_000);
    assert_eq!(told["quarantine_days"], 0, "what is left out stays");
}

#[test]
fn of_two_operators_who_saw_the_same_one_changes_it() {
    let city = City::new();
    changed(&city, None, &json!({ "quarantine_days": 1 }));
    let calls = [2, 3]
        .map(|days| city.answer(change("org-1", Some(1), &json!({ "quarantine_days": days }))));
    let answers = city.clock.run(futures_util::future::join_all(calls));
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let won = answers.iter().find(|answer| answer.status == 200).unwrap();
    assert_eq!(get(&city, ORG).body["organization"], won.body["organization"]);
    assert_eq!(won.body["organization"]["version"], 2);

    // Two who make the same organization at once.
    let make = |days| city.answer(change("org-2", None, &json!({ "quarantine_days": days })));
    let answers = city.clock.run(futures_util::future::join_all([make(4), make(5)]));
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}

#[test]
fn whoever_changes_settings_says_what_they_saw() {
    let city = City::new();
    let body = json!({ "quarantine_days": 7 });
    refused(&city, change("org-1", Some(1), &body), 412, "version-outdated");
    changed(&city, None, &body);
    refused(&city, change("org-1", None, &body), 428, "version-required");
    refused(&city, change("org-1", Some(2), &body), 412, "version-outdated");
    let mut odd = change("org-1", None, &body);
    odd.headers.insert("if-match".to_owned(), "*".to_owned());
    refused(&city, odd, 412, "version-outdated");
}

#[test]
fn settings_that_cannot_be() {
    let city = City::new();
    for (body, field) in [
        (json!({}), "body"),
        (json!({ "quarantine": 3 }), "quarantine"),
        (json!({ "source_order": [] }), "source_order"),
        (json!({ "source_order": ["telnyx", "telnyx"] }), "source_order"),
        (json!({ "source_order": ["carrier_pigeon"] }), "source_order"),
        (json!({ "phone_provider": "bell" }), "phone_provider"),
        (json!({ "caps": { "overall_month_cents": 1 } }), "caps"),
        (json!({ "caps": { "organization_day_cents": -1 } }), "caps"),
        (json!({ "caps": { "organization_day_cents": 1.5 } }), "caps"),
        (json!({ "number_type": "mobile" }), "number_type"),
        (json!({ "quarantine_days": 3651 }), "quarantine_days"),
        (json!({ "quarantine_days": "3" }), "quarantine_days"),
        (json!({ "allowance_warnings": { "low_percent": 0 } }), "allowance_warnings"),
        (json!({ "allowance_warnings": { "low_percent": 101 } }), "allowance_warnings"),
        (json!({ "assistant_server": { "url": "http://localhost" } }), "assistant_server"),
        (json!({ "assistant_server": "https://calls.example.com" }), "assistant_server"),
    ] {
        let answer = refused(&city, change("org-1", None, &body), 422, "field-invalid");
        assert!(answer.text("detail").starts_with(&format!("{field}: ")), "{:#}", answer.body);
    }
    let mut garbage = change("org-1", None, &Value::Null);
    garbage.body = b"{".to_vec();
    refused(&city, garbage, 400, "body-unreadable");
    refused(
        &city,
        change("a%23b", None, &json!({ "quarantine_days": 1 })),
        404,
        "no-such-organization",
    );
}

#[test]
fn a_provisioning_is_bound_by_the_settings_it_began_with() {
    let city = City::new();
    let own = json!({ "source_order": ["telnyx"], "number_type": "toll_free" });
    changed(&city, None, &own);
    let asked = city.post(&harbor(), json!({}));
    changed(&city, Some(1), &json!({ "source_order": ["vapi_free"], "number_type": "local" }));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    city.assert_answers(&ready);
    assert_eq!(ready.text("source"), "telnyx");
    let toll_free = ["+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888"];
    assert!(toll_free.iter().any(|start| ready.text("phone_number").starts_with(start)));
    // What a request says goes before what its organization set.
    let person = Person::of("org-1", "neighbour");
    let asked = city.post(&person, json!({ "area_code": "415", "sources": ["telnyx"] }));
    city.settle();
    let ready = city.look(&person, asked.id());
    assert!(ready.text("phone_number").starts_with("+1415"), "{:#}", ready.body);
}

#[test]
fn an_organizations_own_cap_stops_its_purchases_and_nobody_elses() {
    let city = City::new();
    changed(&city, None, &json!({ "caps": { "organization_day_cents": 199 } }));
    let buys = json!({ "sources": ["telnyx"] });
    let asked = city.post(&harbor(), buys.clone());
    let other = Person::of("org-2", "bakery");
    let bought = city.post(&other, buys);
    city.settle();
    let stopped = city.look(&harbor(), asked.id());
    assert_eq!(stopped.passed(), ["telnyx: cap_reached"]);
    city.assert_answers(&city.look(&other, bought.id()));
    let spend = |id: &str| {
        let answer = get(&city, &format!("/api/admin/organizations/{id}"));
        answer.body["organization"]["spend"].clone()
    };
    assert_eq!(spend("org-1")["month_committed_cents"], 0);
    assert_eq!(spend("org-2")["month_committed_cents"], 200);
    assert_eq!(spend("org-2")["day_committed_cents"], 200);
    assert_eq!(spend("org-1")["day_cap_cents"], 199);
}

#[test]
fn each_organization_is_warned_of_the_allowance_as_it_wishes() {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "2")]);
    city.post(&harbor(), json!({ "sources": ["vapi_free"] }));
    city.settle();
    let allowance = || get(&city, ORG).body["organization"]["allowance"].clone();
    let half =
        json!({ "used": 1, "limit": 2, "remaining": 1, "percent_used": 50, "warning": null });
    assert_eq!(allowance(), half);
    changed(&city, Some(1), &json!({ "allowance_warnings": { "low_percent": 50 } }));
    assert_eq!(allowance()["warning"], "low");
    changed(
        &city,
        Some(2),
        &json!({ "allowanceWarnings": { "lowPercent": 5, "usedUpPercent": 50 } }),
    );
    assert_eq!(allowance()["warning"], "used_up");
}

#[test]
fn settings_written_by_a_former_version_are_read_and_changed() {
    let city = City::new();
    let document = json!({
        "id": "org-1", "sources": ["vapi_free"],
        "caps": { "organization_day": 700, "organization_month": 800, "overall_day": 1,
                  "overall_month": 1, "number_monthly": 900 },
    });
    let item = BTreeMap::from([
        (keys::SCHEMA_VERSION, Attribute::Number(keys::SCHEMA)),
        (keys::DOCUMENT, Attribute::Document(document.to_string().into())),
    ]);
    let key = keys::organization(&"org-1".parse().unwrap());
    let put = Write::Put { key, item, condition: Condition::Absent };
    city.clock.run(city.table.write(&put)).unwrap();
    let told = get(&city, ORG).body["organization"].clone();
    assert_eq!((&told["version"], &told["updated_at"]), (&json!(0), &Value::Null));
    assert_eq!(told["effective"]["caps"]["organization_day_cents"], 700);
    assert_eq!(told["effective"]["caps"]["overall_day_cents"], 10_000, "nobody's own to say");
    refused(
        &city,
        change("org-1", None, &json!({ "quarantine_days": 1 })),
        428,
        "version-required",
    );
    let told = changed(&city, Some(0), &json!({ "quarantine_days": 1 }));
    assert_eq!((&told["version"], &told["source_order"]), (&json!(1), &json!(["vapi_free"])));
}

#[test]
fn settings_are_written_once_also_when_the_tables_answer_is_lost() {
    let city = City::new();
    city.table.set_faults({
        let left = std::sync::atomic::AtomicU32::new(1);
        move |request: store::memory::Request<'_>| {
            let transacts = matches!(request, store::memory::Request::Transact(_));
            let lost = transacts && left.swap(0, std::sync::atomic::Ordering::Relaxed) == 1;
            if lost { store::memory::Fault::LostAfter } else { store::memory::Fault::None }
        }
    });
    let told = changed(&city, None, &json!({ "quarantine_days": 1 }));
    assert_eq!(told["version"], 1);
    city.pass(Duration::from_secs(1));
}
