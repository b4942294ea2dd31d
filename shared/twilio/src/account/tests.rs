use super::*;
use crate::testing::{ACCOUNT, TOKEN, account, client, refused, transient};
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer, plain};
use serde_json::{Value, json};

async fn read(changes: Value) -> Outcome<Account, Missing> {
    let base = json!({
        "sid": ACCOUNT, "status": "active", "type": "Full", "auth_token": TOKEN,
        "owner_account_sid": ACCOUNT, "friendly_name": "Harbor",
    });
    let exchange = Scripted::new([answer(200, crate::testing::changed(base, changes))]);
    let account = client(&exchange).read_account().await;
    assert!(!format!("{account:?}").contains(TOKEN));
    account
}

#[tokio::test]
async fn an_account_tells_its_status() {
    for (text, status) in [
        (json!("active"), AccountStatus::Active),
        (json!("suspended"), AccountStatus::Suspended),
        (json!("closed"), AccountStatus::Closed),
        (json!("resting"), AccountStatus::Unknown),
        (json!(null), AccountStatus::Unknown),
    ] {
        let expected = Account { sid: account(), status };
        assert_eq!(read(json!({ "status": text })).await, Outcome::Done(expected));
    }
}

#[tokio::test]
async fn an_account_that_is_not_the_one_asked_for_is_not_believed() {
    for sid in [json!(ACCOUNT.replace('0', "9")), json!(null), json!("AC1")] {
        assert_eq!(read(json!({ "sid": sid })).await, transient());
    }
}

#[tokio::test]
async fn an_account_that_cannot_be_opened_says_why() {
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    for (end, expected) in [
        (refused(401, 20003, "Authenticate"), Outcome::Refused(Refusal::Key)),
        (refused(403, 20003, "Test credentials"), Outcome::Refused(Refusal::Key)),
        (refused(404, 20404, "not found"), missing),
        (refused(429, 20429, ""), transient()),
        (answer(500, json!({})), transient()),
        (plain(200, "<html>"), transient()),
        (Err(ExchangeError::AnswerLost), transient()),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).read_account().await, expected);
        let line = format!("GET https://twilio.test/2010-04-01/Accounts/{ACCOUNT}.json");
        assert_eq!(exchange.asked(), [(line, None)]);
    }
}

async fn balance(body: Value) -> Outcome<Cents, Missing> {
    let exchange = Scripted::new([answer(200, body)]);
    let balance = client(&exchange).balance().await;
    let line = format!("GET https://twilio.test/2010-04-01/Accounts/{ACCOUNT}/Balance.json");
    assert_eq!(exchange.asked(), [(line, None)]);
    balance
}

#[tokio::test]
async fn a_balance_is_read_in_dollars() {
    let told = |text: &str| balance(json!({ "balance": text, "currency": "USD" }));
    assert_eq!(told("300.00").await, Outcome::Done(Cents::new(30_000)));
    assert_eq!(told("-2.5").await, Outcome::Done(Cents::new(-250)));
    assert_eq!(told("0").await, Outcome::Done(Cents::ZERO));
    assert_eq!(balance(json!({ "balance": "1.5" })).await, Outcome::Done(Cents::new(150)));
    let other = balance(json!({ "balance": "1.5", "currency": "EUR" })).await;
    assert!(matches!(other, Outcome::Refused(Refusal::Request(_))));
    assert_eq!(told("much").await, transient());
}

#[tokio::test]
async fn a_subaccount_has_no_balance() {
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(balance(json!({ "balance": null, "currency": "USD" })).await, missing);
    let exchange = Scripted::new([refused(404, 20404, ""), refused(401, 20003, "")]);
    let twilio = client(&exchange);
    assert_eq!(twilio.balance().await, missing);
    assert_eq!(twilio.balance().await, Outcome::Refused(Refusal::Key));
}
