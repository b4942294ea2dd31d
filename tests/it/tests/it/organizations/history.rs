//! Histories: who had a number, and what happened in an organization.

use super::{change, get, refused};
use it::{City, Person, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use std::time::Duration;
use store::keys;
use store::table::{Condition, Table as _, Value as Attribute, Write};

fn lines(city: &City, path: &str, limit: u16) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    for _page in 0..10 {
        let answer = get(city, &format!("{path}?limit={limit}{cursor}"));
        assert_eq!(answer.status, 200, "{:#}", answer.body);
        found.extend(answer.body["history"].as_array().unwrap().iter().cloned());
        match answer.text("next_cursor") {
            "" => return found,
            next => cursor = format!("&cursor={next}"),
        }
    }
    panic!("more than ten pages");
}

fn events(lines: &[Value]) -> Vec<&str> {
    lines.iter().map(|line| line["event"].as_str().unwrap()).collect()
}

#[test]
fn a_number_that_changed_hands_tells_who_had_it() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    let id = ready.text("number_id").to_owned();
    city.send(harbor().call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null));
    city.settle();
    city.sweep();
    city.pass(Duration::from_secs(1));
    let neighbour = Person::of("org-2", "neighbour");
    let next = city.post(&neighbour, from_sources(&["pool"]));
    city.settle();
    city.assert_answers(&city.look(&neighbour, next.id()));

    let told = lines(&city, &format!("/api/admin/phone-numbers/{id}/history"), 2);
    assert_eq!(events(&told), ["assigned", "rested", "assigned"], "newest first");
    let had: Vec<(&Value, &Value)> =
        told.iter().map(|line| (&line["organization_id"], &line["business_id"])).collect();
    let first = (&json!("org-1"), &json!("harbor"));
    assert_eq!(had, [(&json!("org-2"), &json!("neighbour")), first, first]);
    assert_eq!(told[0]["provisioning_id"], next.id());
    assert_eq!(told[0]["number"], ready.text("phone_number"));

    assert_eq!(city.send(change("org-1", Some(1), &json!({ "quarantine_days": 3 }))).status, 200);
    let told = lines(&city, "/api/admin/organizations/org-1/history", 1);
    assert_eq!(events(&told), ["settings_changed", "rested", "assigned"]);
    assert_eq!(
        (&told[0]["by"], &told[0]["changed"]),
        (&json!("operator"), &json!(["quarantine_days"]))
    );
    assert_eq!(told[1]["number"], ready.text("phone_number"));
    let told = lines(&city, "/api/admin/organizations/org-2/history", 25);
    assert_eq!(events(&told), ["assigned"]);
    // A cursor of one history is not a place in another.
    let page = get(&city, "/api/admin/organizations/org-1/history?limit=1");
    for path in ["organizations/org-2".to_owned(), format!("phone-numbers/{id}")] {
        let line = format!("GET /api/admin/{path}/history?cursor={}", page.text("next_cursor"));
        refused(&city, Person::operator().call(&line, &Value::Null), 422, "field-invalid");
    }
}

#[test]
fn a_line_of_a_former_version_names_its_work_alone() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let id = city.look(&harbor(), asked.id()).text("number_id").to_owned();
    let work = city.works()[0].id;
    let at = domain::time::Timestamp::from_millis(1_000);
    let item = [
        (keys::SCHEMA_VERSION, Attribute::Number(keys::SCHEMA)),
        (keys::WORK, Attribute::Text(work.to_string())),
        (keys::AT, Attribute::Number(1_000)),
    ];
    let key = keys::history(id.parse().unwrap(), at, "rested", work);
    let put = Write::Put { key, item: item.into(), condition: Condition::Absent };
    city.clock.run(city.table.write(&put)).unwrap();
    let told = lines(&city, &format!("/api/admin/phone-numbers/{id}/history"), 25);
    assert_eq!(events(&told), ["assigned", "rested"]);
    assert_eq!(
        (&told[1]["provisioning_id"], &told[1]["business_id"]),
        (&json!(work), &Value::Null)
    );
    assert_eq!(told[1]["number_id"], id);
}

#[test]
fn what_is_not_there_has_no_history() {
    let city = City::new();
    for (path, code) in [
        ("phone-numbers/01JGF00000000000000000ABCD", "no-such-number"),
        ("phone-numbers/x", "no-such-number"),
        ("organizations/org-9", "no-such-organization"),
        ("organizations/%00", "no-such-organization"),
    ] {
        let line = format!("GET /api/admin/{path}/history");
        refused(&city, Person::operator().call(&line, &Value::Null), 404, code);
    }
}
