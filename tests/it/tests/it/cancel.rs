//! Calling off and trying again, wherever a provisioning stands.

use futures_util::future::join;
use it::truth::{assert_sound, number_states, rows_from};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use runtime::Clock as _;
use serde_json::{Value, json};
use simulators::{CallOutcome, Fault, Provider};
use std::time::Duration;
use store::memory::YieldOnce;

pub(crate) fn cancel(city: &City, id: &str) -> Answer {
    city.send(harbor().call(&format!("DELETE /api/phone/provision/{id}"), &Value::Null))
}

fn retry(city: &City, id: &str) -> Answer {
    city.send(harbor().call(&format!("POST /api/phone/provision/{id}/retry"), &Value::Null))
}

/// Called off: the business has nothing, nobody answers any number, and the table agrees.
#[track_caller]
pub(crate) fn assert_called_off(city: &City, id: &str) {
    let answer = city.look(&harbor(), id);
    assert_eq!(answer.state(), "cancelled", "{:#}", answer.body);
    assert_eq!(answer.body["phone_number"], Value::Null);
    let mine = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
    assert_eq!(mine.body["hasPhoneNumber"], json!(false));
    let linked = {
        let all = city.providers.lock();
        all.vapi.orgs()[0].numbers.iter().filter(|one| one.assistant_id().is_some()).count()
    };
    assert_eq!(linked, 0, "a number is still linked");
    let held = city.held();
    assert_sound(city, &held);
    let rested = number_states(&city.table).get("quarantined").copied().unwrap_or(0);
    assert_eq!(rested, held.free.len() + held.bought.len(), "every number rests");
}

#[test]
fn nothing_was_acquired_yet() {
    let city = City::new();
    let asked = city.post(&harbor(), json!({}));
    assert_eq!(cancel(&city, asked.id()).status, 202);
    city.settle();
    assert_called_off(&city, asked.id());
    let held = city.held();
    assert_eq!((held.assistants.len(), held.free.len(), held.orders), (0, 0, 0));
    assert_eq!(cancel(&city, asked.id()).status, 200, "once more does no harm");
}

#[test]
fn free_number_whose_digits_are_awaited_is_unlinked_and_rests() {
    for unlink in ["absent_after", "null_after"] {
        for in_patch in ["optional", "required", "forbidden"] {
            let city = City::new();
            city.switch(&json!({ "vapi": { "unlink": unlink, "provider_in_patch": in_patch } }));
            let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
            city.pass(Duration::from_secs(45));
            let answer = cancel(&city, asked.id());
            assert_eq!((answer.status, answer.header("retry-after")), (202, Some("1")));
            city.settle();
            assert_called_off(&city, asked.id());
            assert_eq!(rows_from(&city.table, "WATCH", "NUMBER#").len(), 0);
            // The digits come all the same; whoever calls them reaches nobody's assistant.
            city.pass(Duration::from_secs(300));
            let number = city.held().free.first().unwrap().clone();
            let (_, record) = city.at_vapi("GET", &format!("/phone-number/{number}"), Value::Null);
            let report = city.call(record["number"].as_str().unwrap());
            assert_eq!(report.outcome, CallOutcome::ServerReply, "{report:?}");
            assert_eq!(report.spoken.as_deref(), Some("This number is not yet assigned."));
        }
    }
}

#[test]
fn pending_order_is_awaited_and_its_number_rests_without_ever_being_linked() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.until(|city| city.held().orders == 1);
    cancel(&city, asked.id());
    city.settle();
    assert_called_off(&city, asked.id());
    let held = city.held();
    assert_eq!((held.bought.len(), held.imported.len()), (1, 0));
    // A new provisioning starts over; the old number is kept, and none is lost.
    let again = city.post(&harbor(), from_sources(&["vapi_free"]));
    assert_ne!(again.id(), asked.id());
    city.settle();
    city.assert_answers(&city.look(&harbor(), again.id()));
    assert_eq!(city.held().assistants.len(), 1, "the assistant is the same");
}

#[test]
fn order_that_fails_after_the_cancel_leaves_nothing() {
    let city = City::new();
    city.fault(Provider::Telnyx, "POST /number_orders", Fault::OrderFails);
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.until(|city| city.held().orders == 1);
    cancel(&city, asked.id());
    city.settle();
    assert_called_off(&city, asked.id());
    assert_eq!(city.held().spent_cents, 0);
}

#[test]
fn open_intent_is_looked_up_before_anything_ends() {
    for (provider, line) in [
        (Provider::Vapi, "POST /assistant"),
        (Provider::Vapi, "POST /phone-number"),
        (Provider::Telnyx, "POST /number_orders"),
    ] {
        for fault in [Fault::AnswerLost, Fault::Reset] {
            for source in ["vapi_free", "telnyx"] {
                let city = City::new();
                city.fault(provider, line, fault.clone());
                let asked = city.post(&harbor(), from_sources(&[source]));
                city.until(|city| {
                    let doubted = |work: &domain::work::Work| {
                        work.phase.intent().is_some_and(|intent| intent.doubt.is_some())
                    };
                    let works = city.works();
                    works.iter().all(doubted) || works.iter().all(|work| work.phase.is_ready())
                });
                if city.look(&harbor(), asked.id()).state() == "ready" {
                    continue;
                }
                assert_eq!(cancel(&city, asked.id()).status, 202);
                city.settle();
                assert_called_off(&city, asked.id());
            }
        }
    }
}

/// Sends `what` once the others have run so often.
pub(crate) async fn after_turns<T>(turns: u32, what: impl Future<Output = T>) -> T {
    for _turn in 0..turns {
        YieldOnce::default().await;
    }
    what.await
}

#[test]
fn cancel_may_come_at_any_moment() {
    for source in ["vapi_free", "telnyx"] {
        // In the first round everything happens up to the first wait; later rounds finish.
        for round in 0..7 {
            for turns in (0..90).step_by(3) {
                let city = City::new();
                let asked = city.post(&harbor(), from_sources(&[source]));
                city.rounds(round);
                let line = format!("DELETE /api/phone/provision/{}", asked.id());
                let called_off = city.answer(harbor().call(&line, &Value::Null));
                let both = join(city.happen(), after_turns(turns, called_off));
                let (_, answer) = city.clock.run(both);
                let heard_by = city.clock.now().after(Duration::from_secs(1));
                city.settle();
                let state = city.look(&harbor(), asked.id());
                match (answer.status, state.state()) {
                    (202, "cancelled") => assert_called_off(&city, asked.id()),
                    // It was ready before it could be heard, and not by overhearing it.
                    (202 | 409, "ready") => {
                        city.assert_one_number(source, &state);
                        assert!(state.text("assigned_at") <= &*heard_by.rfc3339(), "overheard");
                    }
                    other => panic!("{source} {round} {turns}: {other:?}\n{:#}", state.body),
                }
            }
        }
    }
}

#[test]
fn cancel_is_heard_while_slow_providers_use_up_several_invocations() {
    for source in ["vapi_free", "telnyx"] {
        for seconds in (1..120).step_by(4) {
            let city = City::new();
            city.latency.set(8_000);
            let asked = city.post(&harbor(), from_sources(&[source]));
            let line = format!("DELETE /api/phone/provision/{}", asked.id());
            let called_off = async {
                city.clock.sleep(Duration::from_secs(seconds)).await;
                city.answer(harbor().call(&line, &Value::Null)).await
            };
            let others = async {
                for _second in 0..130 {
                    while city.happen().await {}
                    city.clock.sleep(Duration::from_secs(1)).await;
                }
            };
            let (answer, ()) = city.clock.run(join(called_off, others));
            city.settle();
            let state = city.look(&harbor(), asked.id());
            match (answer.status, state.state()) {
                (202, "cancelled") => assert_called_off(&city, asked.id()),
                (409, "ready") => city.assert_one_number(source, &state),
                other => panic!("{source} {seconds}: {other:?}\n{:#}", state.body),
            }
        }
    }
}

#[test]
fn nothing_is_bought_once_a_cancel_is_accepted() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::new();
        // The assistant is being created for six seconds; the cancel comes after one.
        city.latency.set(6_000);
        let asked = city.post(&harbor(), from_sources(&[source]));
        let line = format!("DELETE /api/phone/provision/{}", asked.id());
        let called_off = async {
            city.clock.sleep(Duration::from_secs(1)).await;
            let answer = city.answer(harbor().call(&line, &Value::Null)).await;
            (answer, city.answer(harbor().asks(json!({}))).await)
        };
        let ((answer, busy), _) = city.clock.run(join(called_off, city.happen()));
        assert_eq!((answer.status, answer.state()), (202, "cancelling"));
        assert_eq!((busy.status, busy.problem()), (409, "being-cancelled"));
        city.settle();
        assert_called_off(&city, asked.id());
        let held = city.held();
        assert_eq!((held.free.len(), held.orders, held.spent_cents), (0, 0, 0), "{source}");
    }
}

#[test]
fn the_same_key_retries_and_cancels_once() {
    let city = City::new();
    city.providers.with(|all| all.vapi.revoke_key(simulators::STANDARD_VAPI_KEY));
    let asked = city.post(&harbor(), json!({}));
    city.settle();
    assert_eq!(city.look(&harbor(), asked.id()).state(), "needs_person");
    let line = format!("POST /api/phone/provision/{}/retry", asked.id());
    for _press in 0..3 {
        let mut call = harbor().call(&line, &Value::Null);
        call.headers.insert("idempotency-key".to_owned(), "press-1".to_owned());
        assert_eq!(city.send(call).status, 202);
        city.settle();
    }
    assert_eq!(city.look(&harbor(), asked.id()).body["attempt"], json!(2));
}

#[test]
fn ready_provisioning_is_released_and_not_cancelled() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&[source]));
        city.settle();
        let refused = cancel(&city, asked.id());
        assert_eq!((refused.status, refused.problem()), (409, "already-ready"));
        city.settle();
        city.assert_one_number(source, &city.look(&harbor(), asked.id()));
    }
}

#[test]
fn failed_provisioning_is_retried_with_the_same_id() {
    let city = City::new();
    let number = city.send(harbor().call("GET /api/phone/available", &Value::Null));
    let picked = number.body["numbers"][0]["phone_number"].as_str().unwrap().to_owned();
    city.providers.with(|all| all.telnyx.sell_elsewhere(&picked));
    let asked = city.post(&harbor(), json!({ "number": picked }));
    city.settle();
    let failed = city.look(&harbor(), asked.id());
    assert_eq!((failed.state(), failed.problem()), ("failed", "number-taken"));
    let refused = cancel(&city, asked.id());
    assert_eq!((refused.status, refused.problem()), (409, "already-ended"));
    assert_eq!(retry(&city, asked.id()).status, 202);
    city.settle();
    let again = city.look(&harbor(), asked.id());
    assert_eq!((again.state(), &again.body["attempt"]), ("failed", &json!(2)));
    // A newer provisioning takes its place.
    let newer = city.post(&harbor(), json!({}));
    assert_ne!(newer.id(), asked.id());
    let refused = retry(&city, asked.id());
    assert_eq!((refused.status, refused.problem()), (409, "superseded"));
    city.settle();
    city.assert_one_number("vapi_free", &city.look(&harbor(), newer.id()));
}

#[test]
fn retry_and_a_new_provisioning_at_once_leave_one_alive() {
    for turns in 0..40 {
        let city = City::new();
        let taken = json!({ "number": "+14155550123", "sources": ["telnyx"] });
        let asked = city.post(&harbor(), taken);
        city.settle();
        let line = format!("POST /api/phone/provision/{}/retry", asked.id());
        let retried = city.answer(harbor().call(&line, &Value::Null));
        let newer = city.answer(harbor().asks(from_sources(&["vapi_free"])));
        let both = join(retried, after_turns(turns, newer));
        city.clock.run(join(both, after_turns(6, city.happen())));
        city.settle();
        let held = city.held();
        assert!(held.assistants.len() == 1 && held.free.len() <= 1, "{turns}: {held:?}");
        assert_sound(&city, &held);
        let mine = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
        assert_eq!(mine.state() == "ready", held.free.len() == 1, "{turns} {:#}", mine.body);
    }
}

#[test]
fn waiting_for_a_person_can_be_called_off() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    assert_eq!(city.look(&harbor(), asked.id()).state(), "needs_person");
    assert_eq!(cancel(&city, asked.id()).status, 202);
    city.pass(Duration::from_secs(5));
    assert_called_off(&city, asked.id());
}

#[test]
fn waiting_for_a_person_goes_on_after_a_retry() {
    let city = City::new();
    city.switch(&json!({ "telnyx": { "stock": 0 } }));
    let asked = city.post(&harbor(), from_sources(&["telnyx"]));
    city.settle();
    city.switch(&json!({ "telnyx": { "stock": 50 } }));
    let line = format!("POST /api/admin/provisionings/{}/retry", asked.id());
    assert_eq!(city.send(Person::operator().call(&line, &Value::Null)).status, 202);
    city.pass(Duration::from_secs(30));
    city.assert_one_number("telnyx", &city.look(&harbor(), asked.id()));
}

#[test]
fn cancelled_provisioning_can_be_retried() {
    let city = City::new();
    let asked = city.post(&harbor(), json!({}));
    cancel(&city, asked.id());
    city.settle();
    assert_eq!(retry(&city, asked.id()).status, 202);
    city.pass(Duration::from_secs(300));
    city.assert_one_number("vapi_free", &city.look(&harbor(), asked.id()));
}

#[test]
fn cancel_and_retry_at_once_mean_that_it_is_tried() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    cancel(&city, asked.id());
    retry(&city, asked.id());
    city.settle();
    city.pass(Duration::from_secs(600));
    let end = city.look(&harbor(), asked.id());
    city.assert_one_number("vapi_free", &end);
}
