use super::*;
use crate::testing::{DIGITS, changed, client, digits, list, refused, transient};
use domain::request::Wanted;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer};
use serde_json::{Value, json};

const BASE: &str = "GET https://telnyx.test/v2/available_phone_numbers\
                    ?filter[country_code]=US&filter[features][]=voice&filter[limit]=5";

fn wanted(area_code: Option<&str>, matching: Match) -> Search {
    let area_code = area_code.map(|code| code.parse().unwrap());
    let wanted = Wanted { area_code, matching, ..Wanted::default() };
    Search { wanted, contains: None, exactly: None, limit: 5 }
}

fn toll_free(area_code: Option<&str>) -> Search {
    let mut search = wanted(area_code, Match::Strict);
    search.wanted.number_type = NumberType::TollFree;
    search
}

fn sale(number: &str) -> Value {
    json!({ "phone_number": number, "features": [{ "name": "voice" }] })
}

async fn asked(search: &Search) -> String {
    let exchange = Scripted::new([list(json!([]))]);
    let _found = client(&exchange).search(search).await;
    exchange.asked().remove(0).0
}

async fn found(search: &Search, offers: Value) -> Outcome<Vec<String>, SearchRefusal> {
    let exchange = Scripted::new([list(offers)]);
    let found = client(&exchange).search(search).await;
    found.map(|offers| offers.iter().map(|offer| offer.digits.reveal().to_owned()).collect())
}

const NO_STOCK: Outcome<Vec<String>, SearchRefusal> =
    Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));

#[tokio::test]
async fn each_wish_has_its_filters() {
    let local = format!("{BASE}&filter[phone_number_type]=local");
    assert_eq!(asked(&wanted(None, Match::Any)).await, local);
    let area = format!("{local}&filter[national_destination_code]=415");
    assert_eq!(asked(&wanted(Some("415"), Match::Strict)).await, area);
    let best_effort = format!("{area}&filter[best_effort]=true");
    assert_eq!(asked(&wanted(Some("415"), Match::Any)).await, best_effort);
    let contains = Search { contains: Some("777".to_owned()), ..wanted(None, Match::Any) };
    assert_eq!(asked(&contains).await, format!("{local}&filter[phone_number][contains]=777"));
    let toll = format!("{BASE}&filter[phone_number_type]=toll_free");
    assert_eq!(asked(&toll_free(None)).await, toll);
    let prefix = format!("{toll}&filter[national_destination_code]=888");
    assert_eq!(asked(&toll_free(Some("888"))).await, prefix);
}

#[tokio::test]
async fn a_picked_number_is_asked_for_by_its_parts() {
    let mut search = Search { exactly: Some(digits()), ..wanted(Some("212"), Match::Any) };
    let parts = "&filter[national_destination_code]=415&filter[phone_number][ends_with]=5550123";
    assert_eq!(asked(&search).await, format!("{BASE}{parts}"));
    search.exactly = Some("+442079460123".parse().unwrap());
    let whole = "&filter[phone_number][contains]=442079460123";
    assert_eq!(asked(&search).await, format!("{BASE}{whole}"));
}

#[tokio::test]
async fn a_picked_number_is_compared_exactly() {
    let search = Search { exactly: Some(digits()), ..wanted(None, Match::Any) };
    let near = sale("+14155550124");
    assert_eq!(
        found(&search, json!([near, sale(DIGITS)])).await,
        Outcome::Done(vec![DIGITS.to_owned()])
    );
    assert_eq!(found(&search, json!([near])).await, NO_STOCK);
}

#[tokio::test]
async fn a_strict_area_code_is_checked_again_and_a_wish_is_not() {
    let offers = json!([sale("+12125550100"), sale(DIGITS)]);
    let strict = found(&wanted(Some("415"), Match::Strict), offers.clone()).await;
    assert_eq!(strict, Outcome::Done(vec![DIGITS.to_owned()]));
    let any = found(&wanted(Some("415"), Match::Any), offers).await;
    assert_eq!(any, Outcome::Done(vec!["+12125550100".to_owned(), DIGITS.to_owned()]));
    let elsewhere = json!([sale("+12125550100")]);
    assert_eq!(found(&wanted(Some("415"), Match::Strict), elsewhere).await, NO_STOCK);
}

#[tokio::test]
async fn a_number_of_the_other_type_is_left_out() {
    let offers = json!([sale("+18005550100"), changed(sale(DIGITS), json!({}))]);
    let local = found(&wanted(None, Match::Any), offers.clone()).await;
    assert_eq!(local, Outcome::Done(vec![DIGITS.to_owned()]));
    let free = found(&toll_free(None), json!([sale("+18005550100")])).await;
    assert_eq!(free, Outcome::Done(vec!["+18005550100".to_owned()]));
}

#[tokio::test]
async fn a_sip_address_is_not_for_sale() {
    let mut search = wanted(None, Match::Any);
    search.wanted.number_type = NumberType::Sip;
    let exchange = Scripted::new([]);
    let found = client(&exchange).search(&search).await;
    assert_eq!(found, Outcome::Refused(Refusal::Because(SearchRefusal::NoStock)));
    assert!(exchange.requests().is_empty());
}

#[tokio::test]
async fn an_empty_search_ends_in_one_way_and_a_failed_one_in_another() {
    for (end, expected) in [
        (list(json!([])), Outcome::Refused(Refusal::Because(SearchRefusal::NoStock))),
        (refused(400, "10031", "none"), Outcome::Refused(Refusal::Because(SearchRefusal::NoStock))),
        (refused(401, "10009", ""), Outcome::Refused(Refusal::Key)),
        (refused(403, "10010", ""), Outcome::Refused(Refusal::Key)),
        (
            refused(422, "10015", "bad filter"),
            Outcome::Refused(Refusal::Request("10015 Title bad filter".to_owned())),
        ),
        (answer(500, json!({})), transient()),
        (answer(429, json!({})), transient()),
        (answer(200, json!({ "data": null })), transient()),
        (Err(ExchangeError::AnswerLost), transient()),
        (Err(ExchangeError::NotSent), transient()),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).search(&wanted(None, Match::Any)).await, expected);
    }
}
