//! All numbers as operators see them: the list, its figures, the free allowance.

use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn get(city: &City, path: &str) -> Answer {
    let answer = city.send(Person::operator().call(&format!("GET {path}"), &Value::Null));
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    answer
}

fn business(number: usize) -> Person {
    Person::of("org-1", &format!("business-{number}"))
}

/// Five numbers: three that answer, one that rests, one in the pool.
fn city() -> (City, Vec<Answer>) {
    let city = City::with(&[("QUARANTINE_DAYS", "0"), ("FREE_NUMBER_LIMIT", "5")]);
    let sources = ["vapi_free", "vapi_free", "telnyx", "vapi_free", "vapi_free"];
    let ask =
        |(number, source): (usize, &&str)| city.post(&business(number), from_sources(&[source]));
    let asked: Vec<Answer> = sources.iter().enumerate().map(ask).collect();
    city.settle();
    let look = |(number, asked): (usize, &Answer)| city.look(&business(number), asked.id());
    let ready: Vec<Answer> = asked.iter().enumerate().map(look).collect();
    for number in [4, 3] {
        let id = ready[number].text("number_id");
        let line = format!("DELETE /api/phone/numbers/{id}");
        assert_eq!(city.send(business(number).call(&line, &Value::Null)).status, 202);
        city.settle();
        if number == 4 {
            assert_eq!(city.sweep().freed, 1);
        }
    }
    (city, ready)
}

fn ids(answer: &Answer) -> Vec<String> {
    let numbers = answer.body["numbers"].as_array().unwrap();
    numbers.iter().map(|number| number["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn numbers_are_listed_with_what_they_are_and_whose() {
    let (city, ready) = city();
    let answer = get(&city, "/api/admin/phone-numbers?status=assigned");
    assert_eq!(answer.body["success"], true);
    let bought = ready[2].text("number_id");
    let numbers = answer.body["numbers"].as_array().unwrap();
    let one = numbers.iter().find(|number| number["id"] == bought).unwrap();
    for (field, value) in [
        ("number", json!(ready[2].text("phone_number"))),
        ("status", json!("assigned")),
        ("state", json!("assigned")),
        ("assigned_to", json!("business-2")),
        ("business_name", json!("Harbor Heating & Air")),
        ("assigned_at", ready[2].body["assigned_at"].clone()),
        ("provider", json!("telnyx")),
        ("source", json!("telnyx")),
        ("type", json!("local")),
        ("monthly_cost", json!("1.00")),
        ("organization_id", json!("org-1")),
    ] {
        assert_eq!(one[field], value, "{field}");
    }
    let statistics = answer.body["statistics"].clone();
    assert_eq!((&statistics["total"], &statistics["available"]), (&json!(5), &json!(1)));
    assert_eq!((&statistics["assigned"], &statistics["suspended"]), (&json!(3), &json!(1)));
    let rests = get(&city, "/api/admin/phone-numbers?status=suspended");
    assert_eq!(ids(&rests), [ready[3].text("number_id")]);
    let one = &rests.body["numbers"][0];
    assert_eq!((&one["state"], &one["assigned_to"]), (&json!("quarantined"), &Value::Null));
    assert!(one["rests_until"].is_string());
    assert_eq!(
        ids(&get(&city, "/api/admin/phone-numbers?status=available")),
        [ready[4].text("number_id")]
    );
}

#[test]
fn all_numbers_are_on_some_page_once() {
    let (city, ready) = city();
    let expected: BTreeSet<String> =
        ready.iter().map(|answer| answer.text("number_id").to_owned()).collect();
    for limit in [1, 2, 3, 5] {
        let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let answer = get(&city, &format!("/api/admin/phone-numbers?limit={limit}{cursor}"));
            assert!(ids(&answer).len() <= limit);
            found.extend(ids(&answer));
            pages += 1;
            match answer.text("next_cursor") {
                "" => break,
                next => cursor = format!("&cursor={next}"),
            }
            assert!(pages < 12, "the list ends");
        }
        assert_eq!(found.len(), expected.len(), "limit {limit}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected, "limit {limit}");
    }
}

#[test]
fn numbers_of_one_business_or_organization() {
    let (city, ready) = city();
    let other = Person::of("org-2", "business-1");
    let asked = city.post(&other, from_sources(&["telnyx"]));
    city.settle();
    let theirs = city.look(&other, asked.id()).text("number_id").to_owned();
    let own = ready[1].text("number_id").to_owned();
    let of = |query: &str| {
        let (mut found, mut cursor) = (BTreeSet::new(), String::new());
        for _page in 0..6 {
            let answer = get(&city, &format!("/api/admin/phone-numbers?limit=1&{query}{cursor}"));
            found.extend(ids(&answer));
            match answer.text("next_cursor") {
                "" => return found,
                next => cursor = format!("&cursor={next}"),
            }
        }
        panic!("the list does not end");
    };
    assert_eq!(of("businessId=business-1"), [own.clone(), theirs.clone()].into());
    assert_eq!(of("businessId=business-1&organizationId=org-1"), [own].into());
    assert_eq!(of("organization_id=org-2"), [theirs].into());
    assert_eq!(of("businessId=business-3"), BTreeSet::new(), "it gave its number up");
    assert_eq!(of("status=available&businessId=business-1"), BTreeSet::new());
}

#[test]
fn lists_that_cannot_be() {
    let (city, _) = city();
    let page = get(&city, "/api/admin/phone-numbers?status=assigned&limit=1");
    let foreign = format!("status=available&cursor={}", page.text("next_cursor"));
    for query in ["status=odd", "limit=0", "limit=101", "cursor=x", "businessId=a%23b", &foreign] {
        let line = format!("GET /api/admin/phone-numbers?{query}");
        let answer = city.send(Person::operator().call(&line, &Value::Null));
        assert_eq!((answer.status, answer.problem()), (422, "field-invalid"), "{query}");
    }
}

#[test]
fn the_sweeper_counts_and_says_when() {
    let (city, _) = city();
    assert_eq!(city.sweep().counted, Some(5));
    assert!(city.all_figures().contains("\"Numbers\":"));
    let kept = city.clock.run(async {
        let table = std::sync::Arc::clone(&city.table);
        let store = store::Store::new(table, it::world::NoPause);
        store.figures().await.unwrap().0.unwrap()
    });
    assert_eq!(kept.tally.counts().total(), 5);
    assert_eq!(kept.counted_at, runtime::Clock::now(&city.clock));
}

#[test]
fn a_count_that_was_left_off_is_gone_on_with() {
    let (city, _) = city();
    let store = || store::Store::new(std::sync::Arc::clone(&city.table), it::world::NoPause);
    let begun = city.clock.run(async {
        let counting = store::Counting::begin(runtime::Clock::now(&city.clock));
        let counting = store().count_on(counting).await.unwrap();
        let marks = store::Marks::new(domain::ids::Fresh(1));
        store().keep_figures(None, Some(counting.clone()), &marks).await.unwrap();
        counting
    });
    city.pass(std::time::Duration::from_secs(60));
    // What was counted before is not counted again, and what is freed meanwhile was not there.
    let sweep = city.sweep();
    assert_eq!((sweep.freed, sweep.counted), (1, Some(4)));
    let (figures, left) = city.clock.run(store().figures()).unwrap();
    assert_eq!((figures.unwrap().counted_at, left), (begun.begun_at, None));
}

#[test]
fn the_free_allowance_is_watched_at_eighty_and_a_hundred_percent() {
    let (city, _) = city();
    let pool = get(&city, "/api/admin/phone-pool");
    for (field, value) in [
        ("total", json!(4)),
        ("limit", json!(5)),
        ("assigned", json!(2)),
        ("unassigned", json!(2)),
        ("remaining", json!(1)),
        ("percent_used", json!(80)),
    ] {
        assert_eq!(pool.body[field], value, "{field}");
    }
    let warning = &pool.body["warning"];
    assert_eq!(warning["level"], "low");
    assert!(warning["links"].to_string().contains("https://dashboard.vapi.ai/phone-numbers"));
    assert!(city.all_figures().contains("\"AllowanceUsedPercent\":80"));
    let classes = pool.body["by_class"].as_array().unwrap();
    let by: Vec<(&Value, &Value, &Value)> = classes
        .iter()
        .map(|class| (&class["provider"], &class["total"], &class["available"]))
        .collect();
    let (free, bought) =
        ((&json!("vapi"), &json!(4), &json!(1)), (&json!("telnyx"), &json!(1), &json!(0)));
    assert_eq!(by.len(), 2);
    assert!(by.contains(&free) && by.contains(&bought), "{by:?}");

    let asked = city.post(&business(7), from_sources(&["vapi_free"]));
    city.pass(std::time::Duration::from_secs(3));
    let pool = get(&city, "/api/admin/phone-pool");
    assert_eq!((&pool.body["percent_used"], &pool.body["remaining"]), (&json!(100), &json!(0)));
    assert_eq!(pool.body["warning"]["level"], "used_up");
    assert_eq!(pool.body["waiting"][0]["provisioning_id"], asked.id());
    assert_eq!(pool.body["stuck"], json!([]));
    city.settle();
    let stuck = city.post(&business(8), from_sources(&["vapi_free"]));
    city.settle();
    let pool = get(&city, "/api/admin/phone-pool");
    assert_eq!(pool.body["waiting"], json!([]));
    assert_eq!(pool.body["stuck"][0]["provisioning_id"], stuck.id());
    assert_eq!(pool.body["stuck"][0]["problem"]["code"], "sources-exhausted");
}

#[test]
fn provisionings_are_listed_over_more_than_one_page() {
    let (city, ready) = city();
    let (mut found, mut cursor) = (BTreeSet::new(), String::new());
    for _page in 0..4 {
        let answer = get(&city, &format!("/api/admin/provisionings?state=ready&limit=2{cursor}"));
        for one in answer.body["provisionings"].as_array().unwrap() {
            assert!(found.insert(one["provisioning_id"].as_str().unwrap().to_owned()), "twice");
        }
        match answer.text("next_cursor") {
            "" => break,
            next => cursor = format!("&cursor={next}"),
        }
    }
    let expected: BTreeSet<String> = ready[..3].iter().map(|one| one.id().to_owned()).collect();
    assert_eq!(found, expected);
}

#[test]
fn an_operator_calls_a_provisioning_off_and_tries_it_again() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    let line = |what: &str| format!("POST /api/admin/provisionings/{}/{what}", asked.id());
    let answer = city.send(Person::operator().call(&line("cancel"), &Value::Null));
    assert_eq!((answer.status, &answer.body["cancel_asked"]), (202, &json!(true)));
    city.settle();
    assert_eq!(city.look(&harbor(), asked.id()).state(), "cancelled");
    let answer = city.send(Person::operator().call(&line("retry"), &Value::Null));
    assert_eq!(answer.status, 202, "{:#}", answer.body);
    city.settle();
    city.assert_answers(&city.look(&harbor(), asked.id()));
}
