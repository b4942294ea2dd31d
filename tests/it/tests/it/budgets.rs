//! What the main job costs, by the providers' and the table's own counts.

use it::queue::Delivery;
use it::{City, Person, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::LogEntry;
use std::collections::BTreeMap;
use std::time::Duration;

/// How often a provider was sent a call: `vapi GET /phone-number/{id}`.
type Calls = BTreeMap<String, u64>;

#[derive(Debug)]
struct Bill {
    /// Calls the providers were sent.
    calls: Calls,
    /// Requests to the table.
    table: u64,
}

/// What a provisioning from this source costs, from POST to ready. The deployment's own id is made
/// by the first one ever, which is not counted.
fn bill(source: &str, options: &Value) -> Bill {
    bill_delivered(source, options, Delivery::Once)
}

fn bill_delivered(source: &str, options: &Value, delivery: Delivery) -> Bill {
    let city = City::new();
    let first = city.post(&Person::of("org-2", "first"), json!({ "sources": ["vapi_free"] }));
    city.settle();
    city.assert_answers(&city.look(&Person::of("org-2", "first"), first.id()));
    city.pass(Duration::from_secs(1800));
    city.switch(options);
    city.queue.deliver(delivery);
    let before = calls(&city);
    city.table.reset_requests();
    let asked = city.post(&harbor(), from_sources(&[source]));
    city.until(|city| city.works().iter().all(|work| work.phase.is_ready()));
    let table = city.table.reset_requests().total();
    let ready = city.look(&harbor(), asked.id());
    city.assert_answers(&ready);
    assert_eq!(ready.text("source"), source);
    let mut made = calls(&city);
    for (call, count) in before {
        *made.get_mut(&call).unwrap() -= count;
    }
    made.retain(|_, count| *count > 0);
    Bill { calls: made, table }
}

fn calls(city: &City) -> Calls {
    let all = city.providers.lock();
    let named = |whose: &'static str| {
        move |entry: &LogEntry| format!("{whose} {} {}", entry.method, entry.template)
    };
    let all: Vec<String> =
        all.vapi.log().map(named("vapi")).chain(all.telnyx.log().map(named("telnyx"))).collect();
    all.into_iter().fold(Calls::new(), |mut calls, call| {
        *calls.entry(call).or_insert(0) += 1;
        calls
    })
}

impl Bill {
    fn count(&self, call: &str) -> u64 {
        self.calls.get(call).copied().unwrap_or(0)
    }

    fn writes(&self) -> Calls {
        let writes = self.calls.iter().filter(|(call, _)| !call.contains(" GET "));
        writes.map(|(call, count)| (call.clone(), *count)).collect()
    }

    fn all(&self) -> u64 {
        self.calls.values().sum()
    }
}

fn digits_after(ms: u64) -> Value {
    json!({ "vapi": { "digits": { "kind": "after", "ms": ms } } })
}

fn settled_after(ms: u64) -> Value {
    json!({ "telnyx": { "order_settle_ms": ms, "webhooks": { "kind": "never" } } })
}

#[test]
fn free_number_costs_two_writes_at_vapi_and_ten_requests_to_the_table() {
    let bill = bill("vapi_free", &digits_after(1_000));
    let expected = [
        ("vapi GET /phone-number/{id}", 1),
        ("vapi POST /assistant", 1),
        ("vapi POST /phone-number", 1),
    ];
    assert_eq!(bill.calls, expected.map(|(call, count)| (call.to_owned(), count)).into());
    assert!(bill.table <= 10, "{bill:?}");
}

#[test]
fn look_for_digits_that_are_not_there_costs_two_requests_to_the_table() {
    let least = bill("vapi_free", &digits_after(1_000)).table;
    for (ms, misses) in [(2_500, 1), (4_000, 2), (7_000, 3), (12_000, 4), (19_000, 5)] {
        let bill = bill("vapi_free", &digits_after(ms));
        assert_eq!(bill.count("vapi GET /phone-number/{id}"), misses + 1, "{bill:?}");
        assert_eq!(bill.all(), misses + 3, "{bill:?}");
        assert!(bill.table <= least + 2 * misses, "{bill:?}");
    }
}

#[test]
fn look_of_the_watch_costs_two_requests_to_the_table() {
    let least = bill("vapi_free", &digits_after(1_000)).table;
    for ms in [25_000, 35_000, 45_000] {
        let bill = bill("vapi_free", &digits_after(ms));
        let reads = bill.count("vapi GET /phone-number/{id}");
        let looks = bill.count("vapi GET /v2/phone-number");
        assert_eq!(reads, 7, "six early ones, and the one the watch woke: {bill:?}");
        // Beside the looks: the watch is armed, learns the record, sees the news, and tells it.
        let watch = 2 * looks + 4;
        assert!(bill.table <= least + 2 * (reads - 1) + watch, "{bill:?}");
    }
}

#[test]
fn bought_number_costs_ten_calls_and_fourteen_requests_to_the_table() {
    let bill = bill("telnyx", &settled_after(500));
    let polls = bill.count("telnyx GET /number_orders/{id}");
    assert_eq!(polls, 1, "{bill:?}");
    assert!(bill.all() - polls <= 10, "{bill:?}");
    assert_eq!(bill.count("vapi POST /assistant"), 1);
    assert_eq!(bill.count("vapi POST /phone-number"), 1);
    assert_eq!(bill.count("telnyx POST /number_orders"), 1);
    assert!(bill.table <= 14, "{bill:?}");
}

#[test]
fn look_at_an_order_that_has_not_settled_costs_two_requests_to_the_table() {
    let least = bill("telnyx", &settled_after(500));
    for (ms, misses) in [(1_500, 1), (5_000, 2), (10_000, 3), (20_000, 4)] {
        let bill = bill("telnyx", &settled_after(ms));
        assert_eq!(bill.count("telnyx GET /number_orders/{id}"), misses + 1, "{bill:?}");
        assert_eq!(bill.all(), least.all() + misses, "{bill:?}");
        assert!(bill.table <= least.table + 2 * misses, "{bill:?}");
    }
}

#[test]
fn message_that_comes_twice_costs_the_providers_nothing() {
    for (source, options) in [("vapi_free", digits_after(9_000)), ("telnyx", settled_after(2_000))]
    {
        let once = bill(source, &options);
        let twice = bill_delivered(source, &options, Delivery::Twice(Duration::ZERO));
        assert_eq!(twice.calls, once.calls, "{source}");
        // A second that comes soon after the first may look a little early; it changes nothing.
        for later in [3, 900, 5_000] {
            let delivery = Delivery::Twice(Duration::from_millis(later));
            let twice = bill_delivered(source, &options, delivery);
            assert_eq!(twice.writes(), once.writes(), "{source}, {later} ms later");
        }
    }
}

#[test]
fn number_that_must_be_routed_costs_two_calls_more() {
    let least = bill("telnyx", &settled_after(500));
    let mut options = settled_after(500);
    options["vapi"] = json!({ "import_routing": "keeps_former" });
    let kept = bill("telnyx", &options);
    // The order named the application already, so that an import that keeps it keeps the right one.
    assert_eq!(kept.all(), least.all(), "{kept:?}");
    assert_eq!(kept.count("telnyx PATCH /phone_numbers/{id}"), 0);
}
