//! A number is given up, rests, and goes to another business; or back to its own.

use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _, from_sources, harbor};
use provision::Answer;
use serde_json::{Value, json};
use simulators::CallOutcome;
use std::task::{Context, Waker};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// What a caller of a number that is nobody's hears.
const NOT_ASSIGNED: &str = "This number is not yet assigned.";
/// How often a call that gives a number up is asked how far it is: more than it has waits.
const POLLS_MAX: usize = 60;

fn neighbour() -> Person {
    Person::of("org-1", "neighbour")
}

/// A business whose number answers.
fn answering(city: &City, person: &Person, source: &str) -> Answer {
    let asked = city.post(person, from_sources(&[source]));
    city.settle();
    let ready = city.look(person, asked.id());
    city.assert_answers(&ready);
    ready
}

fn release(city: &City, person: &Person, ready: &Answer) -> Answer {
    let line = format!("DELETE /api/phone/numbers/{}", ready.text("number_id"));
    city.send(person.call(&line, &Value::Null))
}

fn undo(city: &City, person: &Person, ready: &Answer) -> Answer {
    let line = format!("POST /api/phone/numbers/{}/undo", ready.text("number_id"));
    city.send(person.call(&line, &Value::Null))
}

#[track_caller]
fn assert_nobody_answers(city: &City, number: &str) {
    let report = city.call(number);
    assert_eq!(report.outcome, CallOutcome::ServerReply, "{report:?}");
    assert_eq!(report.spoken.as_deref(), Some(NOT_ASSIGNED));
}

fn states(city: &City) -> Vec<(String, usize)> {
    number_states(&city.table).into_iter().collect()
}

#[test]
fn a_number_given_up_is_answered_by_nobody_and_after_its_rest_by_another() {
    for source in ["vapi_free", "telnyx"] {
        let city = City::with(&[("QUARANTINE_DAYS", "2")]);
        let ready = answering(&city, &harbor(), source);
        let number = ready.text("phone_number").to_owned();
        let asked = release(&city, &harbor(), &ready);
        assert_eq!((asked.status, asked.id()), (202, ready.id()), "{:#}", asked.body);
        city.settle();
        let released = city.look(&harbor(), ready.id());
        assert_eq!(released.state(), "released");
        assert_eq!(released.body["phone_number"], Value::Null);
        let mine = city.send(harbor().call("GET /api/phone/provision", &Value::Null));
        assert_eq!(mine.body["hasPhoneNumber"], json!(false));
        assert_nobody_answers(&city, &number);
        assert_eq!(states(&city), [("quarantined".to_owned(), 1)]);

        // While it rests nobody else has it.
        assert_eq!(city.sweep().freed, 0);
        let other = city.post(&neighbour(), from_sources(&["pool"]));
        city.settle();
        let other = city.look(&neighbour(), other.id());
        assert_eq!(
            (other.state(), other.passed()),
            ("needs_person", vec!["pool: pool_empty".to_owned()])
        );
        assert_nobody_answers(&city, &number);

        city.pass(DAY * 2);
        assert_eq!(city.sweep().freed, 1);
        let line = format!("POST /api/phone/provision/{}/retry", other.id());
        city.send(neighbour().call(&line, &Value::Null));
        city.settle();
        let other = city.look(&neighbour(), other.id());
        city.assert_answers(&other);
        assert_eq!((other.text("phone_number"), other.text("source")), (number.as_str(), "pool"));
        assert_sound(&city, &city.held());
    }
}

#[test]
fn a_number_that_nobody_called_goes_on_at_once() {
    let city = City::new();
    let asked = city.post(&harbor(), from_sources(&["vapi_free"]));
    city.settle();
    let ready = city.look(&harbor(), asked.id());
    release(&city, &harbor(), &ready);
    city.settle();
    assert_eq!(city.sweep().freed, 1);
    let other = city.post(&neighbour(), json!({}));
    city.settle();
    let other = city.look(&neighbour(), other.id());
    city.assert_answers(&other);
    assert_eq!(other.text("source"), "pool", "what we have comes first");
    assert_eq!(city.held().free.len(), 1);
}

#[test]
fn a_number_is_had_back_while_it_rests_and_by_its_own_business_alone() {
    let city = City::new();
    let ready = answering(&city, &harbor(), "vapi_free");
    release(&city, &harbor(), &ready);
    let early = undo(&city, &harbor(), &ready);
    assert_eq!((early.status, early.problem()), (409, "being-released"));
    assert_eq!(early.header("retry-after"), Some("2"));
    city.settle();
    for stranger in [neighbour(), Person::of("org-2", "harbor")] {
        let answer = undo(&city, &stranger, &ready);
        assert_eq!((answer.status, answer.problem()), (404, "no-such-number"));
    }
    let asked = undo(&city, &harbor(), &ready);
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let back = city.look(&harbor(), asked.id());
    city.assert_answers(&back);
    assert_eq!(back.text("phone_number"), ready.text("phone_number"));
    assert_eq!(back.text("vapi_assistant_id"), ready.text("vapi_assistant_id"));
    let again = undo(&city, &harbor(), &ready);
    assert_eq!((again.status, again.id()), (200, back.id()), "once more does no harm");
    assert_eq!(city.held().free.len(), 1);
}

#[test]
fn a_number_that_went_to_another_is_not_had_back() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let ready = answering(&city, &harbor(), "vapi_free");
    release(&city, &harbor(), &ready);
    city.settle();
    city.sweep();
    let other = answering(&city, &neighbour(), "pool");
    assert_eq!(other.text("phone_number"), ready.text("phone_number"));
    let answer = undo(&city, &harbor(), &ready);
    assert_eq!((answer.status, answer.problem()), (404, "no-such-number"));
    city.assert_answers(&city.look(&neighbour(), other.id()));
}

#[test]
fn whoever_calls_a_number_at_rest_is_told_so_in_the_language_it_answered_in() {
    let texts = [
        ("english", NOT_ASSIGNED),
        ("spanish", "Este número aún no está asignado."),
        ("french", "Ce numéro n'est pas encore attribué."),
    ];
    for (language, text) in texts {
        let city = City::with(&[("QUARANTINE_DAYS", "0")]);
        let mut wish = from_sources(&["vapi_free"]);
        wish["language"] = json!(language);
        let asked = city.post(&harbor(), wish);
        city.settle();
        let ready = city.look(&harbor(), asked.id());
        release(&city, &harbor(), &ready);
        city.settle();
        let number = ready.text("phone_number");
        assert_eq!(city.call(number).spoken.as_deref(), Some(text));
        // Nobody had it last once it is in the pool.
        assert_eq!(city.sweep().freed, 1);
        assert_nobody_answers(&city, number);
    }
}

#[test]
fn releasing_twice_or_what_is_not_ones_own_does_nothing_more() {
    let city = City::new();
    let ready = answering(&city, &harbor(), "vapi_free");
    for stranger in [neighbour(), Person::of("org-2", "harbor")] {
        let answer = release(&city, &stranger, &ready);
        assert_eq!((answer.status, answer.problem()), (404, "no-such-number"));
    }
    release(&city, &harbor(), &ready);
    assert_eq!(release(&city, &harbor(), &ready).status, 202);
    city.settle();
    let again = release(&city, &harbor(), &ready);
    assert_eq!((again.status, again.state()), (200, "released"));
    let cancel = format!("DELETE /api/phone/provision/{}", ready.id());
    let cancel = city.send(harbor().call(&cancel, &Value::Null));
    assert_eq!((cancel.status, cancel.problem()), (409, "already-ended"));
    let nothing = harbor().call("DELETE /api/phone/numbers/none", &Value::Null);
    assert_eq!(city.send(nothing).problem(), "no-such-number");
}

/// Who gives a number up twice at once, and has another one before the second call has come to its
/// end, keeps that one: wherever the second call stands.
#[test]
fn a_call_that_is_overtaken_takes_no_other_number_off_the_assistant() {
    for operator in [false, true] {
        let mut overtaken = 0;
        for polls in 0..POLLS_MAX {
            let city = City::new();
            let ready = answering(&city, &harbor(), "vapi_free");
            let id = ready.text("number_id");
            let call = if operator {
                let body = json!({ "id": id, "status": "available" });
                Person::operator().call("PATCH /api/admin/phone-numbers", &body)
            } else {
                harbor().call(&format!("DELETE /api/phone/numbers/{id}"), &Value::Null)
            };
            let mut late = Box::pin(city.answer(call));
            let mut ctx = Context::from_waker(Waker::noop());
            if (0..polls).any(|_poll| late.as_mut().poll(&mut ctx).is_ready()) {
                break;
            }
            release(&city, &harbor(), &ready);
            // What is overtaken has not sent its message, and the poller makes up for it.
            city.until(|city| city.look(&harbor(), ready.id()).state() == "released");
            let next = answering(&city, &harbor(), "vapi_free");
            assert_ne!(next.text("number_id"), id);
            let answer = city.clock.run(late);
            // It was given up, though not by this call; an operator may find that it rests already.
            let rests = operator && answer.status == 409 && answer.problem() == "number-resting";
            let given_up = matches!(answer.status, 200 | 202) || rests;
            assert!(given_up, "{operator} {polls}: {:#}", answer.body);
            city.settle();
            let kept = city.look(&harbor(), next.id());
            assert_eq!(kept.text("number_id"), next.text("number_id"), "{operator} {polls}");
            city.assert_answers(&kept);
            overtaken += 1;
        }
        assert!((6..POLLS_MAX).contains(&overtaken), "{operator}: {overtaken} waits");
    }
}

#[test]
fn whoever_gave_a_number_up_gets_another() {
    let city = City::new();
    let ready = answering(&city, &harbor(), "vapi_free");
    release(&city, &harbor(), &ready);
    let early = city.post(&harbor(), json!({}));
    assert_eq!((early.status, early.problem()), (409, "being-released"));
    city.settle();
    let asked = city.post(&harbor(), json!({}));
    assert_eq!(asked.status, 202);
    assert_ne!(asked.id(), ready.id());
    city.settle();
    let next = city.look(&harbor(), asked.id());
    city.assert_answers(&next);
    assert_eq!(next.text("vapi_assistant_id"), ready.text("vapi_assistant_id"));
    assert_ne!(next.text("phone_number"), ready.text("phone_number"));
    assert_nobody_answers(&city, ready.text("phone_number"));
    let answer = undo(&city, &harbor(), &ready);
    assert_eq!((answer.status, answer.problem()), (409, "has-another-number"));
}

#[test]
fn a_free_number_with_a_foreign_link_is_overridden() {
    let city = City::with(&[("QUARANTINE_DAYS", "0")]);
    let ready = answering(&city, &harbor(), "vapi_free");
    release(&city, &harbor(), &ready);
    city.settle();
    city.sweep();
    let (status, foreign) = city.at_vapi("POST", "/assistant", json!({ "name": "Somebody else" }));
    assert_eq!(status, 201);
    let id = city.held().free.first().unwrap().clone();
    let link = json!({ "assistantId": foreign["id"] });
    city.at_vapi("PATCH", &format!("/phone-number/{id}"), link);
    let other = answering(&city, &neighbour(), "pool");
    assert_eq!(other.text("phone_number"), ready.text("phone_number"));
}

#[test]
fn many_at_once_each_get_their_own() {
    let city = City::with(&[("QUARANTINE_DAYS", "0"), ("FREE_NUMBER_LIMIT", "10")]);
    let people: Vec<Person> = (0..10).map(|n| Person::of("org-1", &format!("first-{n}"))).collect();
    let ready: Vec<Answer> =
        people.iter().map(|person| answering(&city, person, "vapi_free")).collect();
    for (person, ready) in people.iter().zip(&ready) {
        release(&city, person, ready);
    }
    city.settle();
    assert_eq!(city.sweep().freed, 10);
    let others: Vec<Person> = (0..12).map(|n| Person::of("org-1", &format!("next-{n}"))).collect();
    let asked: Vec<Answer> =
        others.iter().map(|person| city.post(person, from_sources(&["pool"]))).collect();
    city.settle();
    let ends: Vec<Answer> =
        others.iter().zip(&asked).map(|(person, asked)| city.look(person, asked.id())).collect();
    let won: Vec<&Answer> = ends.iter().filter(|end| end.state() == "ready").collect();
    assert_eq!(won.len(), 10);
    won.iter().for_each(|end| city.assert_answers(end));
    let numbers: std::collections::BTreeSet<&str> =
        won.iter().map(|end| end.text("phone_number")).collect();
    assert_eq!(numbers.len(), 10, "no number went to two");
}
