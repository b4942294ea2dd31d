//! Messages, batches and leases: processes that die amid their work, and records that are bad.

use super::asked_of;
use aws_lambda_events::event::sqs::SqsEvent;
use domain::work::{Note, Phase};
use it::queue::Letter;
use it::truth::rows;
use it::{City, Person, Shown as _, from_sources, harbor};
use serde_json::json;
use simulators::{Fault, Provider};
use std::time::Duration;
use store::keys;
use store::memory::{self, Request};
use store::table::{Item, Value};

/// How long a lease lasts: the steps' timeout and the margin.
const LEASE_MILLIS: i64 = 90_000;
/// So often a batch of five purchases waits until the orders are placed, and a little more.
const FIRST_BATCH_WAITS: u32 = 80;
/// The most waits of one invocation after which a test kills it.
const WAITS_MAX: u32 = 400;

fn business(number: usize) -> Person {
    Person::of("org-1", &format!("business-{number}"))
}

/// aws-solutions IDP 904: a worker timed out amid its batch, and the batch that came again started
/// everything under new names: 4,384 uploads became 14,727 paid executions.
#[test]
fn timeout_mid_batch_starts_nothing_twice() {
    for wait in (1..FIRST_BATCH_WAITS).step_by(4) {
        let city = City::new();
        let ids: Vec<String> = (0..5)
            .map(|number| city.post(&business(number), from_sources(&["telnyx"])).id().to_owned())
            .collect();
        city.killer.kill_at(wait);
        city.settle();
        assert!(city.killer.has_struck());
        let held = city.held();
        let once = (held.assistants.len(), held.orders, held.bought.len(), held.imported.len());
        assert_eq!((once, held.spent_cents), ((5, 5, 5, 5), 1_000), "killed at {wait}: {held:?}");
        for (number, id) in ids.iter().enumerate() {
            city.assert_answers(&city.look(&business(number), id));
        }
    }
}

/// The steps are killed with an order under way whose answer they never see.
fn killed_while_ordering(order: &Fault) -> Vec<(City, String)> {
    let mut cities = Vec::new();
    for wait in 1..WAITS_MAX {
        let city = City::new();
        city.fault(Provider::Telnyx, "POST /number_orders", order.clone());
        let asked = city.post(&harbor(), from_sources(&["telnyx"]));
        city.killer.kill_at(wait);
        city.until(|city| city.killer.has_struck() || city.works()[0].phase.is_ready());
        let sent = asked_of(&city, Provider::Telnyx);
        let sent = sent.iter().filter(|(_, line)| line == "POST /number_orders").count();
        let work = city.works().remove(0);
        let doubted = work.timeline.iter().any(|one| matches!(one.note, Note::AnswerLost { .. }));
        let open = matches!(work.phase, Phase::Ordering(_)) && !doubted;
        if !city.killer.has_struck() {
            break;
        }
        if sent == 1 && open {
            cities.push((city, asked.id().to_owned()));
        }
    }
    assert!(!cities.is_empty(), "never killed at the right moment");
    cities
}

/// vellum 6792: a number was bought, the save failed, and the number was lost.
#[test]
fn bought_then_crash_is_adopted() {
    // A delay within the deadline: the answer comes, and the process dies before it is written.
    for (city, id) in killed_while_ordering(&Fault::Delay { ms: 0 }) {
        assert_eq!(city.held().orders, 1);
        city.settle();
        let ready = city.look(&harbor(), &id);
        city.assert_one_number("telnyx", &ready);
        assert!(ready.events().contains(&"found_again"), "{:?}", ready.events());
    }
    // The process lives, and the table takes nothing for ten minutes.
    for fault in [memory::Fault::Throttled, memory::Fault::LostBefore] {
        let city = City::new();
        let providers = city.providers.clone();
        city.table.set_faults(move |_: Request<'_>| {
            let bought = !providers.lock().telnyx.accounts()[0].orders.is_empty();
            if bought { fault } else { memory::Fault::None }
        });
        let asked = city.post(&harbor(), from_sources(&["telnyx"]));
        city.pass(Duration::from_secs(600));
        assert_eq!(city.held().orders, 1);
        city.table.clear_faults();
        city.settle();
        city.assert_one_number("telnyx", &city.look(&harbor(), asked.id()));
    }
}

/// Powertools 8049: after a timeout the same payload runs again, by design; a withdrawal was paid
/// twice.
#[test]
fn expired_lease_takes_over_by_lookup() {
    for (order, orders) in [(Fault::AnswerLost, 1), (Fault::Reset, 2)] {
        for (city, id) in killed_while_ordering(&order) {
            let before = asked_of(&city, Provider::Telnyx);
            let killed_at = before.last().unwrap().0;
            // While the dead holder's lease lasts, whoever else comes does nothing.
            let seconds = (killed_at + LEASE_MILLIS - city.clock.millis()) / 1_000 - 1;
            city.pass(Duration::from_secs(u64::try_from(seconds).unwrap()));
            assert_eq!(asked_of(&city, Provider::Telnyx).len(), before.len());
            city.settle();
            city.assert_one_number("telnyx", &city.look(&harbor(), &id));
            let after = asked_of(&city, Provider::Telnyx).split_off(before.len());
            assert_eq!(after[0].1, "GET /number_orders", "the next holder looks first");
            let again = after.iter().filter(|(_, line)| line == "POST /number_orders");
            assert_eq!(1 + again.clone().count(), orders);
            assert!(again.clone().all(|(at, _)| at - after[0].0 >= super::WINDOW_MILLIS));
        }
    }
}

fn work_row(city: &City) -> Item {
    rows(&city.table, "WORK#", "WORK").remove(0)
}

fn number_of(item: &Item, attribute: &str) -> Option<i64> {
    match item.get(attribute) {
        Some(Value::Number(number)) => Some(*number),
        Some(Value::Text(_) | Value::Document(_)) | None => None,
    }
}

/// Powertools 4759: with no time left the lock was written without its expiry, and every later run
/// found the work in progress, for ever.
#[test]
fn zero_remaining_time_still_sets_lease() {
    let mut leases = 0;
    for left_millis in [0, 1, 1_000, 14_999, 15_000, 15_001, 20_000] {
        for wait in 1..=8 {
            let city = City::new();
            let asked = city.post(&harbor(), from_sources(&["telnyx"]));
            let mut event = SqsEvent::default();
            event.records = city.queue.take_due().concat().iter().map(Letter::record).collect();
            city.killer.kill_at(wait);
            let batch = city.batch_within(event, Duration::from_millis(left_millis));
            city.clock.run(city.killer.watch(batch));
            let (row, now) = (work_row(&city), city.clock.millis());
            if row.contains_key(keys::LEASE_HOLDER) {
                let until = number_of(&row, keys::LEASE_UNTIL).expect("a lease with an end");
                assert!((now..=now + LEASE_MILLIS).contains(&until), "until {until} at {now}");
                assert_eq!(number_of(&row, keys::DUE_AT), Some(until), "the poller finds it then");
                leases += 1;
            }
            city.settle();
            city.assert_one_number("telnyx", &city.look(&harbor(), asked.id()));
        }
    }
    assert!(leases > 10, "{leases} leases were left behind");
}

/// oxbow 7: one record did not get its lock and panicked, and the whole batch came back.
#[test]
fn one_bad_record_fails_alone() {
    let city = City::new();
    let ids: Vec<String> = (0..4)
        .map(|number| city.post(&business(number), from_sources(&["telnyx"])).id().to_owned())
        .collect();
    let record = |id: &str, body: String| json!({ "messageId": id, "body": body });
    let work = |id: &str| json!({ "version": 1, "kind": "work", "work_id": id }).to_string();
    // The third one's lease is held: by somebody who has just died.
    let alone = json!({ "Records": [record("held", work(&ids[2]))] });
    let alone: SqsEvent = serde_json::from_value(alone).unwrap();
    city.killer.kill_at(2);
    assert_eq!(city.clock.run(city.killer.watch(city.batch(alone))), None);
    let leases = rows(&city.table, "WORK#", "WORK");
    assert_eq!(leases.iter().filter(|row| row.contains_key(keys::LEASE_HOLDER)).count(), 1);
    // The first one's row does not let itself be written, and at the second there is a bug.
    let (bad, bug) = (ids[0].clone(), ids[1].clone());
    city.table.set_faults(move |request: Request<'_>| match request {
        Request::Write(write) if write.key().pk.ends_with(&bad) => memory::Fault::Throttled,
        Request::Write(write) if write.key().pk.ends_with(&bug) => panic!("a bug of one record"),
        Request::Get(_) | Request::Query(_) | Request::Write(_) | Request::Transact(_) => {
            memory::Fault::None
        }
    });
    let batch = json!({ "Records": [
        record("bad", work(&ids[0])),
        record("bug", work(&ids[1])),
        record("held", work(&ids[2])),
        record("good", work(&ids[3])),
        record("odd", "{\"version\":9}".to_owned()),
        record("empty", String::new()),
    ]});
    let batch: SqsEvent = serde_json::from_value(batch).unwrap();
    assert_eq!(city.clock.run(city.batch(batch)), ["bad", "bug"]);
    assert_eq!(city.look(&business(3), &ids[3]).text("step"), "awaiting_order");
    assert_eq!((city.figures("RecordFailed"), city.figures("MessageUnreadable")), (2, 2));
    city.table.clear_faults();
    city.settle();
    for (number, id) in ids.iter().enumerate() {
        city.assert_answers(&city.look(&business(number), id));
    }
}
