//! Everything goes wrong at once, drawn from a seed; then the faults stop, and all must be well.

use futures_util::future::join_all;
use it::queue::Delivery;
use it::truth::{assert_sound, number_states};
use it::{City, Person, Shown as _};
use serde_json::{Value, json};
use simulators::{Fault, Provider, Refusal};
use std::sync::Mutex;
use std::time::Duration;
use store::memory;

/// Storms there are; each is another one.
const SEEDS: u64 = 30;

/// A small generator: the same numbers for the same seed.
struct Dice(Mutex<u64>);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) % sides
    }
}

fn dice(seed: u64) -> Dice {
    Dice(Mutex::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1))
}

const LINES: [(Provider, &str); 14] = [
    (Provider::Vapi, "POST /assistant"),
    (Provider::Vapi, "GET /assistant"),
    (Provider::Vapi, "POST /phone-number"),
    (Provider::Vapi, "GET /v2/phone-number"),
    (Provider::Vapi, "GET /phone-number/{id}"),
    (Provider::Vapi, "PATCH /phone-number/{id}"),
    (Provider::Vapi, "GET /credential"),
    (Provider::Telnyx, "GET /available_phone_numbers"),
    (Provider::Telnyx, "POST /number_orders"),
    (Provider::Telnyx, "GET /number_orders"),
    (Provider::Telnyx, "GET /number_orders/{id}"),
    (Provider::Telnyx, "GET /phone_numbers"),
    (Provider::Telnyx, "GET /phone_numbers/{id}"),
    (Provider::Telnyx, "GET /call_control_applications/{id}"),
];

fn fault(dice: &Dice) -> Fault {
    let status = |status| Fault::Status {
        status,
        retry_after_seconds: None,
        reset_seconds: None,
        text: None,
    };
    match dice.roll(12) {
        0..=2 => Fault::AnswerLost,
        3 => Fault::Reset,
        4 => Fault::NotSent,
        5 => status(429),
        6 => status(503),
        7 => Fault::StatusAfter { status: 500 },
        8 => Fault::GarbledAfter,
        9 => Fault::Delay { ms: 20_000 },
        10 => Fault::Refuse { reason: Refusal::Taken },
        _ => Fault::OrderFails,
    }
}

/// One step of the storm: something breaks, somebody meddles.
fn gust(city: &City, dice: &Dice, asked: &[(Person, String)]) {
    for _fault in 0..dice.roll(6) {
        let line = usize::try_from(dice.roll(14)).unwrap();
        let (provider, line) = LINES[line];
        city.faults(provider, line, fault(dice), u32::try_from(1 + dice.roll(2)).unwrap());
    }
    if dice.roll(3) < 2 {
        city.killer.kill_at(u32::try_from(1 + dice.roll(60)).unwrap());
    }
    city.queue.deliver(match dice.roll(6) {
        0 => Delivery::Twice(Duration::ZERO),
        1 => Delivery::Twice(Duration::from_secs(dice.roll(20))),
        2 => Delivery::Lost,
        3 => Delivery::Refused,
        _ => Delivery::Once,
    });
    let kind =
        ["never", "twice", "normal", "before_answer"][usize::try_from(dice.roll(4)).unwrap()];
    city.switch(&json!({
        "telnyx": {
            "webhooks": { "kind": kind },
            "order_visible_after_ms": dice.roll(2) * 20_000,
            "order_settle_ms": dice.roll(40_000),
        },
        "vapi": { "list_lag_ms": dice.roll(2) * 20_000, "get_lag_ms": dice.roll(2) * 5_000 },
    }));
    if !asked.is_empty() && dice.roll(2) == 0 {
        let (person, id) =
            &asked[usize::try_from(dice.roll(u64::try_from(asked.len()).unwrap())).unwrap()];
        let line = match dice.roll(3) {
            0 => format!("DELETE /api/phone/provision/{id}"),
            1 => format!("POST /api/phone/provision/{id}/retry"),
            _ => "POST /api/phone/provision".to_owned(),
        };
        city.send(person.call(&line, &Value::Null));
    }
}

/// The storm of this seed, and how it ends.
fn weather(seed: u64) {
    let city = City::with(&[("FREE_NUMBER_LIMIT", "3")]);
    let dice = std::sync::Arc::new(dice(seed));
    let table = std::sync::Arc::clone(&dice);
    city.table.set_faults(move |_: memory::Request<'_>| match table.roll(14) {
        0 => memory::Fault::LostAfter,
        1 => memory::Fault::LostBefore,
        2 => memory::Fault::Throttled,
        3 => memory::Fault::Conflict,
        _ => memory::Fault::None,
    });
    let people: Vec<Person> = (0..6)
        .map(|number| Person::of(&format!("org-{}", number % 2), &format!("business-{number}")))
        .collect();
    let mut asked: Vec<(Person, String)> = Vec::new();
    for turn in 0..14 {
        gust(&city, &dice, &asked);
        if turn < 3 {
            let some = people.iter().skip(turn * 2).take(2);
            let posts = some.clone().map(|person| city.answer(person.asks(json!({}))));
            let answers = city.clock.run(join_all(posts));
            asked.extend(some.cloned().zip(answers.iter().map(|one| one.id().to_owned())));
            asked.retain(|(_, id)| !id.is_empty());
        }
        city.pass(Duration::from_secs(1 + dice.roll(50)));
    }
    calm(&city, &people);
}

/// The faults stop; whoever has nothing asks again; everything must end well.
fn calm(city: &City, people: &[Person]) {
    city.table.clear_faults();
    city.queue.deliver(Delivery::Once);
    city.providers.with(simulators::Providers::clear_faults);
    city.switch(&json!({
        "telnyx": { "order_visible_after_ms": 0, "order_settle_ms": 3_000 },
        "vapi": { "list_lag_ms": 0, "get_lag_ms": 0 },
    }));
    city.killer.spare();
    city.settle();
    for _again in 0..4 {
        for person in people {
            let answer = city.post(person, json!({}));
            if answer.state() == "needs_person" || answer.state() == "ready_degraded" {
                let line = format!("POST /api/admin/provisionings/{}/retry", answer.id());
                city.send(Person::operator().call(&line, &Value::Null));
            }
        }
        city.pass(Duration::from_secs(900));
        city.settle();
    }
    let held = city.held();
    assert_sound(city, &held);
    let mut numbers = std::collections::BTreeSet::new();
    for person in people {
        let mine = city.send(person.call("GET /api/phone/provision", &Value::Null));
        city.assert_answers(&mine);
        assert!(numbers.insert(mine.text("phone_number").to_owned()), "given twice");
    }
    let states = number_states(&city.table);
    assert_eq!(states.get("assigned"), Some(&people.len()), "{states:?}");
    let all = states.values().sum::<usize>();
    assert_eq!(all, held.free.len() + held.bought.len(), "{states:?} {held:?}");
    assert_eq!(held.assistants.len(), people.len(), "one assistant each");
}

#[test]
fn all_is_well_after_every_storm() {
    for seed in 0..SEEDS {
        let stormy = std::panic::catch_unwind(|| weather(seed));
        assert!(stormy.is_ok(), "the storm of seed {seed}");
    }
}
