use super::*;
use crate::testing::{
    ACCOUNT, DIGITS, NUMBER, STAMP, TOKEN, client, digits, linked, number_json, owned_number, page,
    refused, stamp, transient,
};
use domain::outcome::Refusal;
use domain::twilio::OwnersText;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer, plain};
use serde_json::{Value, json};
use std::time::Duration;

fn spec() -> BuySpec {
    BuySpec { stamp: stamp(), digits: digits() }
}

fn bought_json(changes: Value) -> Value {
    crate::testing::changed(number_json(json!({ "friendly_name": STAMP })), changes)
}

fn bought() -> OwnedNumber {
    OwnedNumber { friendly_name: Some(OwnersText::new(STAMP.to_owned())), ..owned_number() }
}

#[tokio::test]
async fn a_purchase_names_digits_and_stamp_and_nothing_else() {
    let exchange = Scripted::new([answer(201, bought_json(json!({})))]);
    assert_eq!(client(&exchange).buy(&spec()).await, Outcome::Done(bought()));
    let line =
        format!("POST https://twilio.test/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json");
    let body = json!(format!("PhoneNumber=%2B14155550123&FriendlyName={STAMP}"));
    assert_eq!(exchange.asked(), [(line, Some(body))]);
    let request = exchange.requests().remove(0);
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    assert!(request.headers["authorization"].starts_with("Basic "));
    assert!(!request.headers["authorization"].contains(TOKEN));
    assert_eq!(request.deadline, Duration::from_secs(10));
}

#[tokio::test]
async fn a_purchase_is_sent_once_and_read_by_its_end() {
    let because = |reason| Outcome::Refused(Refusal::Because(reason));
    let mut late = refused(429, 20429, "Too Many Requests").unwrap();
    late.headers.insert("retry-after".to_owned(), "17".to_owned());
    let wait = Outcome::Transient { retry_after: Some(Duration::from_secs(17)) };
    for (end, expected) in [
        (Err(ExchangeError::NotSent), transient()),
        (Ok(late), wait),
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (answer(500, json!({})), Outcome::Unknown),
        (refused(503, 20503, "unavailable"), Outcome::Unknown),
        (answer(408, json!({})), Outcome::Unknown),
        (answer(302, json!({})), Outcome::Unknown),
        (plain(201, "bought!"), Outcome::Unknown),
        (answer(201, json!({ "sid": NUMBER })), Outcome::Unknown),
        (answer(201, bought_json(json!({ "phone_number": "+14155550124" }))), Outcome::Unknown),
        (answer(201, bought_json(json!({ "account_sid": "AC1" }))), Outcome::Unknown),
        (refused(400, 21422, "not available"), because(BuyRefusal::Taken)),
        (refused(400, 21421, "not valid"), because(BuyRefusal::Malformed)),
        (refused(400, 21452, "no numbers"), because(BuyRefusal::NoStock)),
        (refused(400, 21404, "trial"), because(BuyRefusal::TrialLimit)),
        (refused(400, 21631, "address"), because(BuyRefusal::AddressRequired)),
        (refused(400, 21649, "bundle"), because(BuyRefusal::BundleRequired)),
        (refused(401, 20003, "Authenticate"), Outcome::Refused(Refusal::Key)),
        (refused(400, 21474, "no"), Outcome::Refused(Refusal::Request("21474 no".to_owned()))),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).buy(&spec()).await, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_bought_number_is_found_by_stamp_and_digits_over_all_pages() {
    let longer = bought_json(json!({ "friendly_name": format!("{STAMP}0"), "sid": null }));
    let other = bought_json(json!({ "phone_number": "+14155550124" }));
    let link = format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json?Page=1");
    let exchange = Scripted::new([
        linked(json!([longer, other]), &json!(link)),
        page(json!([bought_json(json!({}))])),
    ]);
    let found = client(&exchange).find_bought(&stamp(), &digits()).await;
    assert_eq!(found, Outcome::Done(Some(bought())));
    let line = format!(
        "GET https://twilio.test/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json\
         ?FriendlyName={STAMP}&PageSize=200"
    );
    assert_eq!(exchange.asked().remove(0), (line, None));
}

#[tokio::test]
async fn absence_of_a_purchase_is_believed_only_of_a_whole_list() {
    let other = bought_json(json!({ "phone_number": "+14155550124" }));
    for (end, expected) in [
        (page(json!([])), Outcome::Done(None)),
        (page(json!([other])), Outcome::Done(None)),
        (page(json!([number_json(json!({ "phone_number": DIGITS }))])), Outcome::Done(None)),
        (page(json!([bought_json(json!({ "sid": null }))])), transient()),
        (page(json!([bought_json(json!({ "phone_number": null }))])), transient()),
        (page(json!([bought_json(json!({ "friendly_name": null }))])), transient()),
        (answer(502, json!({})), transient()),
        (Err(ExchangeError::AnswerLost), transient()),
        (refused(401, 20003, "Authenticate"), Outcome::Refused(Refusal::Key)),
        (
            refused(404, 20404, "no such account"),
            Outcome::Refused(Refusal::Request("20404 no such account".to_owned())),
        ),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).find_bought(&stamp(), &digits()).await, expected);
    }
}
