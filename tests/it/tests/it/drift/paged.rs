//! What a comparison found is shown page by page, however much it is, and all of it can be adopted.

use super::{answering, drift, link, repair, stranger, sweep};
use it::twilio::{PLATFORM, with_account_for};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How long a provider takes when a run has time for one page of its list.
const ONE_PAGE_MILLIS: u64 = 21_000;

/// So many numbers in the platform's account at Twilio that nobody knows.
fn foreign(city: &City, count: usize) -> BTreeSet<String> {
    let numbers: BTreeSet<String> =
        (0..count).map(|number| format!("+1415556{number:04}")).collect();
    for number in &numbers {
        city.buys_at_twilio(PLATFORM.0, number, &[("friendly_name", "Reception")]);
    }
    numbers
}

fn shown(city: &City, query: &str) -> Answer {
    let line = format!("GET /api/admin/drift?{query}");
    city.send(Person::operator().call(&line, &Value::Null))
}

/// The findings of all pages, by their numbers, and how many each page has.
fn pages(city: &City, query: &str) -> (Vec<String>, Vec<usize>) {
    let (mut numbers, mut sizes) = (Vec::new(), Vec::new());
    let mut page = shown(city, query);
    loop {
        assert_eq!(page.status, 200, "{:#}", page.body);
        let findings = page.body["findings"].as_array().unwrap();
        numbers.extend(findings.iter().filter_map(|one| one["number"].as_str().map(str::to_owned)));
        sizes.push(findings.len());
        let Some(next) = page.body["next_cursor"].as_str() else { return (numbers, sizes) };
        page = shown(city, &format!("{query}&cursor={next}"));
    }
}

#[test]
fn all_findings_are_shown_page_by_page_and_by_kind() {
    let city = with_account_for("global_twilio", &[]);
    let ready = answering(&city, "harbor", "vapi_free");
    link(&city, ready.text("phone_number"), &stranger(&city));
    let numbers = foreign(&city, 230);
    sweep(&city);
    for (query, expected) in [
        ("", vec![100, 100, 31]),
        ("run=1", vec![100, 100, 31]),
        ("limit=60", vec![60, 60, 60, 51]),
        ("drift=foreign", vec![100, 100, 30]),
        ("drift=misled", vec![1]),
        ("drift=stray", vec![0]),
        ("run=2", vec![0]),
    ] {
        let (found, sizes) = pages(&city, query);
        assert_eq!(sizes, expected, "{query}");
        if expected.len() > 1 {
            assert_eq!(found.len(), numbers.len(), "each once");
            assert_eq!(BTreeSet::from_iter(found), numbers, "{query}");
        }
    }
    assert_eq!(drift(&city).body["findings"].as_array().unwrap().len(), 100);

    let next = drift(&city).body["next_cursor"].as_str().unwrap().to_owned();
    let elsewhere = format!("run=2&cursor={next}");
    for wrong in ["limit=0", "limit=101", "run=x", "drift=none", "cursor=none", &elsewhere] {
        let refused = shown(&city, wrong);
        assert_eq!((refused.status, refused.problem()), (422, "field-invalid"), "{wrong}");
    }
    // Another comparison has a list of its own.
    city.pass(super::HOUR);
    sweep(&city);
    assert_eq!(shown(&city, &format!("cursor={next}")).problem(), "field-invalid");
}

#[test]
fn numbers_that_were_found_in_any_run_are_adopted() {
    let city = with_account_for("global_twilio", &[]);
    // Nothing is compared before somebody asked for a number.
    city.post(&harbor(), from_sources(&["manual"]));
    city.settle();
    let numbers = foreign(&city, 2_150);
    city.latency.set(ONE_PAGE_MILLIS);
    sweep(&city);
    city.latency.set(0);
    let runs = drift(&city).body["runs"].as_u64().unwrap();
    assert!(runs > 20, "only {runs} runs");
    let (found, _sizes) = pages(&city, "drift=foreign");
    assert_eq!(found.len(), numbers.len(), "each once");
    assert_eq!(found.iter().cloned().collect::<BTreeSet<_>>(), numbers);
    // A page of one run goes on in that run alone.
    let (last, _sizes) = pages(&city, &format!("run={runs}&limit=20"));
    assert_eq!(last, found[found.len() - last.len()..]);

    let (first, last) = (found.first().unwrap(), found.last().unwrap());
    let adopted = repair(&city, json!({ "adopt": [last, first, "+14155550199"] }));
    assert_eq!(adopted.status, 202, "{:#}", adopted.body);
    let inserted = adopted.body["inserted"].as_array().unwrap();
    let inserted: Vec<_> = inserted.iter().map(|one| one["number"].as_str().unwrap()).collect();
    assert_eq!(inserted, [last, first]);
    assert_eq!(adopted.body["invalid"][0]["number"], "+14155550199");
}
