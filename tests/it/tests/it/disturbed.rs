//! Whatever is lost, doubled or killed on the way: one number bought, and the same end.

use it::queue::Delivery;
use it::twilio::with_account_for;
use it::{City, from_sources, harbor};
use serde_json::json;
use simulators::{Fault, Provider};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::memory;
use store::memory::Request::{Transact, Write};

/// One provisioning from this source, disturbed; it must end as if nothing had happened.
#[track_caller]
fn ends_well(source: &str, disturb: impl FnOnce(&City)) -> City {
    let city = with_account_for(source, &[]);
    disturb(&city);
    let asked = city.post(&harbor(), from_sources(&[source]));
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    ends_well_in(city, source)
}

#[track_caller]
fn ends_well_in(city: City, source: &str) -> City {
    city.settle();
    // What still is under way, doubled or late, changes nothing any more.
    city.pass(Duration::from_secs(900));
    let line = "GET /api/phone/provision";
    let ready = city.send(harbor().call(line, &json!(null)));
    city.assert_one_number(source, &ready);
    city
}

#[test]
fn order_whose_answer_is_lost_is_found_and_not_repeated() {
    ends_well("telnyx", |city| {
        city.fault(Provider::Telnyx, "POST /number_orders", Fault::AnswerLost);
    });
}

#[test]
fn order_whose_answer_is_an_error_is_found_and_not_repeated() {
    for fault in [Fault::StatusAfter { status: 500 }, Fault::GarbledAfter] {
        ends_well("telnyx", |city| city.fault(Provider::Telnyx, "POST /number_orders", fault));
    }
}

#[test]
fn order_that_never_arrived_is_sent_again_once_that_is_certain() {
    for fault in [Fault::Reset, Fault::NotSent, Fault::Delay { ms: 30_000 }] {
        ends_well("telnyx", |city| city.fault(Provider::Telnyx, "POST /number_orders", fault));
    }
}

#[test]
fn order_that_stays_hidden_for_a_minute_is_not_repeated() {
    ends_well("telnyx", |city| {
        city.switch(&json!({ "telnyx": {
            "order_visible_after_ms": 60_000, "number_visible_after_ms": 60_000,
        }}));
        city.fault(Provider::Telnyx, "POST /number_orders", Fault::AnswerLost);
    });
}

#[test]
fn order_that_stays_hidden_until_it_is_repeated_is_known_by_the_refusal() {
    // The second order is refused because the number is taken: by us.
    for taken in ["bad_request10015", "conflict85001"] {
        ends_well("telnyx", |city| {
            city.switch(&json!({ "telnyx": {
                "order_visible_after_ms": 200_000, "number_visible_after_ms": 200_000,
                "taken": taken,
            }}));
            city.fault(Provider::Telnyx, "POST /number_orders", Fault::AnswerLost);
        });
    }
}

#[test]
fn assistant_whose_answer_is_lost_is_found_and_not_repeated() {
    for source in ["vapi_free", "telnyx"] {
        for fault in [Fault::AnswerLost, Fault::StatusAfter { status: 502 }, Fault::GarbledAfter] {
            ends_well(source, |city| city.fault(Provider::Vapi, "POST /assistant", fault));
        }
    }
}

#[test]
fn assistant_that_never_arrived_is_sent_again_once_that_is_certain() {
    for fault in [Fault::Reset, Fault::NotSent] {
        ends_well("vapi_free", |city| city.fault(Provider::Vapi, "POST /assistant", fault));
    }
}

#[test]
fn free_number_whose_answer_is_lost_is_found_and_not_repeated() {
    for fault in [Fault::AnswerLost, Fault::StatusAfter { status: 500 }, Fault::GarbledAfter] {
        ends_well("vapi_free", |city| city.fault(Provider::Vapi, "POST /phone-number", fault));
    }
}

#[test]
fn free_number_that_lists_late_is_not_repeated() {
    ends_well("vapi_free", |city| {
        city.switch(&json!({ "vapi": { "list_lag_ms": 100_000, "get_lag_ms": 20_000 } }));
        city.fault(Provider::Vapi, "POST /phone-number", Fault::AnswerLost);
    });
}

#[test]
fn import_whose_answer_is_lost_is_found_and_not_repeated() {
    for double in [json!({ "kind": "second_record" }), json!({ "kind": "rejects", "status": 409 })]
    {
        ends_well("telnyx", |city| {
            city.switch(&json!({ "vapi": { "double_import": double } }));
            city.fault(Provider::Vapi, "POST /phone-number", Fault::AnswerLost);
        });
    }
}

#[test]
fn import_before_the_order_has_settled_at_the_carrier_is_tried_again() {
    ends_well("telnyx", |city| {
        city.faults(Provider::Vapi, "POST /phone-number", Fault::ImportBeforeSettled, 4);
    });
}

#[test]
fn busy_and_broken_providers_are_sat_out() {
    let status = |status| Fault::Status {
        status,
        retry_after_seconds: Some(3),
        reset_seconds: None,
        text: None,
    };
    for (provider, line) in [
        (Provider::Vapi, "POST /assistant"),
        (Provider::Vapi, "GET /phone-number/{id}"),
        (Provider::Vapi, "GET /credential"),
        (Provider::Vapi, "POST /phone-number"),
        (Provider::Telnyx, "GET /available_phone_numbers"),
        (Provider::Telnyx, "POST /number_orders"),
        (Provider::Telnyx, "GET /number_orders/{id}"),
        (Provider::Telnyx, "GET /phone_numbers"),
        (Provider::Telnyx, "GET /phone_numbers/{id}"),
    ] {
        // A broken answer to a create leaves open what became of it; so often that is looked up.
        let broken = if line.starts_with("GET") { 4 } else { 1 };
        ends_well("telnyx", |city| city.faults(provider, line, status(429), 4));
        ends_well("telnyx", |city| city.faults(provider, line, status(503), broken));
    }
}

#[test]
fn steps_may_be_killed_wherever_they_wait() {
    for source in ["vapi_free", "org_twilio", "global_twilio", "telnyx"] {
        let mut struck = 0;
        for wait in 1.. {
            let city = ends_well(source, |city| city.killer.kill_at(wait));
            if !city.killer.has_struck() {
                break;
            }
            struck += 1;
        }
        assert!(struck > 30, "{source}: killed at {struck} places only");
    }
}

#[test]
fn slow_providers_use_up_several_invocations_and_nothing_is_done_twice() {
    for source in ["vapi_free", "org_twilio", "telnyx"] {
        for millis in [3_000, 6_000, 7_500, 8_000, 9_000, 9_900] {
            let city = ends_well(source, |city| city.latency.set(millis));
            assert_eq!(city.queue.set_aside(), 0, "{source}, {millis} ms");
            let took = ready_after(&city);
            assert!(took < Duration::from_secs(400), "{source}, {millis} ms: took {took:?}");
        }
    }
}

#[test]
fn call_that_starts_it_may_be_killed_wherever_it_waits_and_is_made_again() {
    for wait in 1.. {
        let city = City::new();
        city.killer.kill_at(wait);
        let call = || city.answer(harbor().asks(from_sources(&["telnyx"])));
        let killed = city.clock.run(city.killer.watch(call())).is_none();
        city.killer.spare();
        city.clock.run(call());
        ends_well_in(city, "telnyx");
        if !killed {
            assert!(wait > 6, "killed at {wait} places only");
            return;
        }
    }
}

#[test]
fn every_message_may_come_twice() {
    for source in ["vapi_free", "org_twilio", "telnyx"] {
        for later in [0, 1, 400, 5_000, 60_000] {
            ends_well(source, |city| {
                city.queue.deliver(Delivery::Twice(Duration::from_millis(later)));
            });
        }
    }
}

#[test]
fn every_message_may_be_lost_or_refused() {
    for source in ["vapi_free", "org_twilio", "telnyx"] {
        for delivery in [Delivery::Lost, Delivery::Refused] {
            let city = with_account_for(source, &[]);
            city.queue.deliver(delivery);
            city.post(&harbor(), from_sources(&[source]));
            city.pass(Duration::from_secs(180));
            city.queue.deliver(Delivery::Once);
            ends_well_in(city, source);
        }
    }
}

#[test]
fn webhooks_may_come_never_twice_late_or_before_the_answer() {
    for mode in [
        json!({ "kind": "never" }),
        json!({ "kind": "twice" }),
        json!({ "kind": "before_answer" }),
        json!({ "kind": "late", "ms": 60_000 }),
        json!({ "kind": "out_of_order", "ms": 10_000 }),
    ] {
        ends_well("telnyx", |city| city.switch(&json!({ "telnyx": { "webhooks": mode } })));
    }
}

#[test]
fn webhook_before_the_answer_helps_where_the_answer_is_lost() {
    ends_well("telnyx", |city| {
        city.switch(&json!({ "telnyx": { "webhooks": { "kind": "before_answer" } } }));
        city.fault(Provider::Telnyx, "POST /number_orders", Fault::AnswerLost);
    });
}

/// Something goes wrong with the write of each number in turn, until there is no such write. It
/// costs a moment, and not the time until somebody finds a work that was left.
#[track_caller]
fn each_write(source: &str, fault: memory::Fault) {
    let undisturbed = ready_after(&ends_well(source, |_| ()));
    for at in 1.. {
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let city = ends_well(source, |city| {
            city.table.set_faults(move |request: memory::Request<'_>| match request {
                Write(_) | Transact(_) if counted.fetch_add(1, Ordering::Relaxed) + 1 == at => {
                    fault
                }
                _ => memory::Fault::None,
            });
        });
        let late = ready_after(&city).saturating_sub(undisturbed);
        assert!(late < Duration::from_secs(5), "{source}: write {at} cost {late:?}");
        if count.load(Ordering::Relaxed) < at {
            assert!(at > 5, "{source}: only {at} writes");
            return;
        }
    }
}

/// How long the city's only provisioning took.
fn ready_after(city: &City) -> Duration {
    let work = city.works().remove(0);
    work.timeline.last().unwrap().at.since(work.created_at)
}

#[test]
fn every_write_to_the_table_may_lose_its_answer() {
    for source in ["vapi_free", "org_twilio", "telnyx"] {
        each_write(source, memory::Fault::LostAfter);
    }
}

#[test]
fn every_write_to_the_table_may_be_lost_repeated_or_throttled() {
    for source in ["vapi_free", "org_twilio", "telnyx"] {
        for fault in [
            memory::Fault::LostBefore,
            memory::Fault::Repeated,
            memory::Fault::Throttled,
            memory::Fault::Conflict,
        ] {
            each_write(source, fault);
        }
    }
}
