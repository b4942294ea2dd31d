use super::*;
use crate::testing::{client, refused, transient};
use exchange::scripted::{Scripted, answer};
use serde_json::{Value, json};

async fn read(data: Value) -> Outcome<Cents, NoReason> {
    let exchange = Scripted::new([answer(200, json!({ "data": data }))]);
    client(&exchange).balance().await
}

#[tokio::test]
async fn what_can_be_spent_is_the_credit_or_else_the_balance() {
    let whole = json!({
        "balance": "300.00", "credit_limit": "100.00", "available_credit": "400.00",
        "currency": "USD",
    });
    assert_eq!(read(whole).await, Outcome::Done(Cents::new(40_000)));
    assert_eq!(read(json!({ "balance": "1.5" })).await, Outcome::Done(Cents::new(150)));
    assert_eq!(read(json!({ "balance": "-2.00" })).await, Outcome::Done(Cents::new(-200)));
}

#[tokio::test]
async fn a_balance_in_other_money_is_no_balance() {
    let read = read(json!({ "balance": "300.00", "currency": "EUR" })).await;
    assert!(matches!(read, Outcome::Refused(Refusal::Request(_))));
}

#[tokio::test]
async fn a_balance_that_cannot_be_read_is_asked_for_again() {
    assert_eq!(read(json!({ "balance": "much" })).await, transient());
    assert_eq!(read(json!({})).await, transient());
    let exchange = Scripted::new([refused(403, "10010", "")]);
    assert_eq!(client(&exchange).balance().await, Outcome::Refused(Refusal::Key));
    let line = "GET https://telnyx.test/v2/balance".to_owned();
    assert_eq!(exchange.asked(), [(line, None)]);
}
