use super::*;
use crate::testing::{
    Answer, NUMBER_ID, STAMP, client, digits, number_id, number_json, stamp, transient,
};
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer};
use serde_json::{Value, json};

fn page(numbers: Value, next: bool) -> Answer {
    answer(200, json!({ "results": numbers, "metadata": { "hasNextPage": next } }))
}

/// A number with an id that ends in `last`.
fn other(last: u8, changes: Value) -> Value {
    let mut number = number_json(changes);
    number["id"] = json!(format!("0f0e0000-0000-4000-8000-00000000001{last}"));
    number
}

fn id(found: Outcome<Option<VapiNumber>, NoReason>) -> Option<String> {
    match found {
        Outcome::Done(number) => number.map(|number| number.id.to_string()),
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => panic!("{found:?}"),
    }
}

#[tokio::test]
async fn a_stamp_is_compared_exactly_and_over_all_pages() {
    let lower = other(1, json!({ "name": STAMP.to_lowercase() }));
    let longer = other(2, json!({ "name": format!("{STAMP}2") }));
    let exchange = Scripted::new([
        page(json!([lower, longer]), true),
        page(json!([number_json(json!({}))]), false),
    ]);
    let found = client(&exchange).find_number(&stamp()).await;
    assert_eq!(id(found).as_deref(), Some(NUMBER_ID));
    let asked: Vec<_> = exchange.asked().into_iter().map(|(line, _body)| line).collect();
    let line = |page| {
        format!(
            "GET https://vapi.test/v2/phone-number?search={STAMP}&page={page}&limit=100\
             &sortOrder=ASC"
        )
    };
    assert_eq!(asked, [line(1), line(2)]);
}

#[tokio::test]
async fn of_several_with_one_stamp_the_oldest_is_taken() {
    let young = other(1, json!({ "createdAt": "2026-01-01T00:00:09.000Z" }));
    let exchange = Scripted::new([page(json!([young, number_json(json!({}))]), false)]);
    assert_eq!(id(client(&exchange).find_number(&stamp()).await).as_deref(), Some(NUMBER_ID));
}

#[tokio::test]
async fn an_empty_list_is_absence() {
    let exchange = Scripted::new([page(json!([]), false)]);
    assert_eq!(client(&exchange).find_number(&stamp()).await, Outcome::Done(None));
}

#[tokio::test]
async fn what_could_not_be_read_is_never_absence() {
    let failures = [
        answer(500, json!({})),
        answer(429, json!({})),
        Err(ExchangeError::AnswerLost),
        Err(ExchangeError::NotSent),
        answer(200, json!({ "results": null })),
        answer(200, json!([])),
        page(json!([{ "name": "a record without an id" }]), false),
    ];
    for failure in failures {
        let exchange = Scripted::new([page(json!([]), true), failure]);
        assert_eq!(client(&exchange).find_number(&stamp()).await, transient());
    }
}

#[tokio::test]
async fn a_list_without_end_is_left_without_an_answer() {
    let exchange =
        Scripted::new((0..50).map(|_page| page(json!([other(1, json!({ "name": "x" }))]), true)));
    assert_eq!(client(&exchange).find_number(&stamp()).await, transient());
    assert_eq!(exchange.requests().len(), PAGES_MAX as usize);
}

#[tokio::test]
async fn whole_digits_are_found_without_another_read() {
    let exchange = Scripted::new([page(
        json!([other(1, json!({ "number": "+141555501234" })), number_json(json!({}))]),
        false,
    )]);
    let found = client(&exchange).find_number_by_digits(&digits()).await;
    assert_eq!(id(found).as_deref(), Some(NUMBER_ID));
    let asked = exchange.asked();
    assert!(asked[0].0.contains("?search=14155550123&"), "{}", asked[0].0);
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn masked_digits_are_confirmed_by_id() {
    let exchange = Scripted::new([
        page(
            json!([
                other(1, json!({ "number": "+199****0123" })),
                other(2, json!({ "number": "+141****0123" })),
                other(3, json!({ "number": "+141****0123" })),
                number_json(json!({ "number": "+141****0123" })),
            ]),
            false,
        ),
        answer(200, other(2, json!({ "number": "+14155990123" }))),
        answer(404, json!({})),
        answer(200, number_json(json!({}))),
    ]);
    let found = client(&exchange).find_number_by_digits(&digits()).await;
    assert_eq!(id(found).as_deref(), Some(NUMBER_ID));
    assert_eq!(exchange.requests().len(), 4);
}

#[tokio::test]
async fn a_masked_hit_that_cannot_be_read_is_no_absence() {
    let masked = || page(json!([number_json(json!({ "number": "+141****0123" }))]), false);
    let exchange =
        Scripted::new([masked(), answer(500, json!({})), masked(), answer(401, json!({}))]);
    let vapi = client(&exchange);
    assert_eq!(vapi.find_number_by_digits(&digits()).await, transient());
    let refused = Outcome::Refused(Refusal::Key);
    assert_eq!(vapi.find_number_by_digits(&digits()).await, refused);
}

#[tokio::test]
async fn masked_hits_are_confirmed_up_to_a_limit() {
    let masked: Vec<_> = (0..30).map(|_one| number_json(json!({ "number": "****" }))).collect();
    let elsewhere = || answer(200, number_json(json!({ "number": "+14155990123" })));
    let exchange = Scripted::new(
        [page(json!(masked), false)].into_iter().chain((0..30).map(|_one| elsewhere())),
    );
    assert_eq!(client(&exchange).find_number_by_digits(&digits()).await, transient());
    assert_eq!(exchange.requests().len(), 1 + CONFIRMED_MAX);
}

#[tokio::test]
async fn all_numbers_are_listed_page_by_page() {
    let exchange = Scripted::new([
        page(json!([number_json(json!({})), other(1, json!({ "number": "+141****0123" }))]), true),
        page(json!([]), false),
        answer(403, json!({ "message": "Forbidden" })),
    ]);
    let vapi = client(&exchange);
    let first = reading::done::<_, (), _>(vapi.list_numbers(1).await).unwrap();
    assert_eq!(first.numbers[0].id, number_id());
    assert_eq!(first.numbers[1].digits, Digits::Masked);
    assert_eq!(first.next, Some(2));
    assert_eq!(
        vapi.list_numbers(2).await,
        Outcome::Done(NumberPage { numbers: vec![], next: None })
    );
    assert_eq!(vapi.list_numbers(1).await, Outcome::Refused(Refusal::Key));
    let line = "GET https://vapi.test/v2/phone-number?page=1&limit=100&sortOrder=ASC";
    assert_eq!(exchange.asked().remove(0).0, line);
}
