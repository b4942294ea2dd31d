//! Two deployments over one account at each provider: neither touches what is the other's.

use it::deployment::Deployment;
use it::truth::digits_guarded;
use it::{City, Person, Shown as _};
use serde_json::json;
use simulators::{Fault, Provider};
use std::collections::BTreeSet;

fn person(number: usize) -> Person {
    Person::of("org-1", &format!("business-{number}"))
}

#[test]
fn deployments_that_share_accounts_never_touch_each_others_numbers() {
    let city = City::of(&["one", "two"], &[]);
    // Lost answers make both look around among numbers that carry the other's stamps.
    for line in ["POST /phone-number", "POST /assistant"] {
        city.faults(Provider::Vapi, line, Fault::AnswerLost, 3);
    }
    city.faults(Provider::Telnyx, "POST /number_orders", Fault::AnswerLost, 3);
    let mut asked = Vec::new();
    for (place, deployment) in city.deployments.iter().enumerate() {
        for number in 0..4 {
            let source = if number % 2 == 0 { "vapi_free" } else { "telnyx" };
            let answer = deployment.post(&person(number), json!({ "sources": [source] }));
            asked.push((place, number, answer.id().to_owned()));
        }
    }
    city.settle();

    let mut numbers = BTreeSet::new();
    for (place, number, id) in &asked {
        let ready = city.deployments[*place].look(&person(*number), id);
        city.assert_answers(&ready);
        assert!(numbers.insert(ready.text("phone_number").to_owned()), "given twice");
    }
    let held = city.held();
    assert_eq!((held.free.len(), held.bought.len(), held.assistants.len()), (4, 4, 8));
    let [one, two]: [BTreeSet<String>; 2] =
        [0, 1].map(|place: usize| digits_guarded(&city.deployments[place].table));
    assert_eq!((one.len(), two.len()), (4, 4));
    assert!(one.is_disjoint(&two), "one number in two tables");
}

#[test]
fn foreign_numbers_count_against_the_allowance_only() {
    let city = City::of(&["one", "two"], &[]);
    city.switch(&json!({ "vapi": { "free_limit": 3 } }));
    let ask = |deployment: &Deployment, number| {
        let answer = deployment.post(&person(number), json!({}));
        answer.id().to_owned()
    };
    for number in 0..2 {
        ask(&city.deployments[0], number);
    }
    city.settle();
    let ids: Vec<String> = (0..3).map(|number| ask(&city.deployments[1], number)).collect();
    city.settle();
    let sources: Vec<String> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let ready = city.deployments[1].look(&person(number), id);
            city.assert_answers(&ready);
            ready.text("source").to_owned()
        })
        .collect();
    let free = sources.iter().filter(|source| *source == "vapi_free").count();
    assert_eq!(free, 1, "{sources:?}");
    assert_eq!(city.held().free.len(), 3);
}
