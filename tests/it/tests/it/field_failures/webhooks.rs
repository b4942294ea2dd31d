//! Webhooks that come twice, and a table that is away.

use super::asked_of;
use crate::cancel::after_turns;
use futures_util::future::join_all;
use it::truth::rows;
use it::{City, Shown as _, from_sources, harbor};
use serde_json::{Value, json};
use simulators::Provider;
use std::time::Duration;
use store::memory::{self, Request};
use store::{keys, table};
use webhooks::Hook;

/// An order that has settled, its webhook not heard yet.
fn settled_order() -> (City, String, Hook) {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.until(|city| city.held().orders == 1);
    let soon = city.clock.millis() + 10_000;
    let mut due = city.providers.with(|all| {
        all.telnyx.tick(soon);
        all.take_webhooks(soon)
    });
    let delivery = due.pop().unwrap();
    let hook = city.hook(&delivery.url, &delivery.headers, &delivery.body).unwrap();
    (city, asked.id().to_owned(), hook)
}

fn woken(city: &City) -> Option<table::Value> {
    rows(&city.table, "WORK#", "WORK").remove(0).get(keys::INBOX_SEQ).cloned()
}

/// elizaOS 31768: whether a webhook had been heard was checked, and marked only later; a second
/// delivery in between was acted upon as well.
#[test]
fn webhook_claim_is_insert_if_absent() {
    for turns in 0..12 {
        let (city, id, hook) = settled_order();
        let sent = city.queue.sent();
        let deliveries = (0..4).map(|place| after_turns(place * turns, city.hear(hook.clone())));
        let answers = city.clock.run(join_all(deliveries));
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        assert_eq!(city.queue.sent() - sent, 1, "woken once");
        assert_eq!(woken(&city), Some(table::Value::Number(1)));
        city.settle();
        city.assert_one_number("telnyx", &city.look(&harbor(), &id));
    }
}

/// elizaOS 31768 as well: where the database did not answer, a webhook was acted upon unchecked.
#[test]
fn db_down_means_5xx_not_act() {
    for fault in [memory::Fault::Throttled, memory::Fault::LostBefore] {
        let (city, id, hook) = settled_order();
        let before = (city.table.rows(), city.queue.sent());
        let asked = |city: &City| {
            (asked_of(city, Provider::Vapi).len(), asked_of(city, Provider::Telnyx).len())
        };
        let calls = asked(&city);
        city.table.set_faults(move |_: Request<'_>| fault);
        let answer = city.clock.run(city.hear(hook.clone()));
        assert_eq!(answer.status, 500);
        assert_eq!(city.post(&harbor(), json!({})).status, 503);
        let line = format!("DELETE /api/phone/provision/{id}");
        assert_eq!(city.send(harbor().call(&line, &Value::Null)).status, 503);
        city.pass(Duration::from_secs(120));
        assert_eq!(calls, asked(&city), "nothing is asked of a provider without the table");
        assert_eq!((city.table.rows(), city.queue.sent()), before);
        assert_eq!(city.figures("WebhookFailed"), 1);

        // The provider sends it again.
        city.table.clear_faults();
        assert_eq!(city.clock.run(city.hear(hook)).status, 200);
        assert_eq!(woken(&city), Some(table::Value::Number(1)));
        city.settle();
        city.assert_one_number("telnyx", &city.look(&harbor(), &id));
    }
}
