use super::*;
use crate::testing::{ACCOUNT, DIGITS, client, digits, refused, transient};
use domain::request::Wanted;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer};
use serde_json::{Value, json};

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
    json!({ "phone_number": number, "address_requirements": "none",
            "capabilities": { "voice": true } })
}

fn with_address(number: &str) -> Value {
    json!({ "phone_number": number, "address_requirements": "any" })
}

fn listed(offers: Value) -> crate::testing::Answer {
    answer(200, json!({ "available_phone_numbers": offers, "uri": "/2010-04-01/x" }))
}

fn line(place: &str, filters: &str) -> String {
    format!(
        "GET https://twilio.test/2010-04-01/Accounts/{ACCOUNT}/AvailablePhoneNumbers/{place}.json\
         ?VoiceEnabled=true&PageSize=5{filters}"
    )
}

async fn asked(search: &Search) -> String {
    let exchange = Scripted::new([listed(json!([]))]);
    let _found = client(&exchange).search(search).await;
    exchange.asked().remove(0).0
}

async fn found(search: &Search, offers: Value) -> Outcome<Vec<String>, SearchRefusal> {
    let exchange = Scripted::new([listed(offers)]);
    let found = client(&exchange).search(search).await;
    found.map(|offers| offers.iter().map(|offer| offer.digits.reveal().to_owned()).collect())
}

fn only(number: &str) -> Outcome<Vec<String>, SearchRefusal> {
    Outcome::Done(vec![number.to_owned()])
}

const NO_STOCK: Outcome<Vec<String>, SearchRefusal> =
    Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));

#[tokio::test]
async fn each_wish_has_its_place_and_filters() {
    assert_eq!(asked(&wanted(None, Match::Any)).await, line("US/Local", ""));
    for matching in [Match::Strict, Match::Any] {
        let area = asked(&wanted(Some("415"), matching)).await;
        assert_eq!(area, line("US/Local", "&AreaCode=415"));
    }
    assert_eq!(asked(&toll_free(None)).await, line("US/TollFree", ""));
    assert_eq!(asked(&toll_free(Some("888"))).await, line("US/TollFree", "&AreaCode=888"));
    let mut abroad = wanted(Some("415"), Match::Any);
    abroad.wanted.country = "GB".parse().unwrap();
    assert_eq!(asked(&abroad).await, line("GB/Local", ""));
    let contains = Search { contains: Some("777".to_owned()), ..wanted(None, Match::Any) };
    assert_eq!(asked(&contains).await, line("US/Local", "&Contains=777"));
    // Twilio takes no pattern of one character.
    let contains = Search { contains: Some("7".to_owned()), ..wanted(None, Match::Any) };
    assert_eq!(asked(&contains).await, line("US/Local", ""));
}

#[tokio::test]
async fn a_picked_number_is_asked_for_by_its_own_digits() {
    let mut search = Search { exactly: Some(digits()), ..toll_free(Some("888")) };
    search.contains = Some("777".to_owned());
    assert_eq!(asked(&search).await, line("US/Local", "&Contains=4155550123"));
    search.exactly = Some("+18005550123".parse().unwrap());
    assert_eq!(asked(&search).await, line("US/TollFree", "&Contains=8005550123"));
    search.exactly = Some("+442079460123".parse().unwrap());
    search.wanted = Wanted { country: "GB".parse().unwrap(), ..Wanted::default() };
    assert_eq!(asked(&search).await, line("GB/Local", "&Contains=442079460123"));
}

#[tokio::test]
async fn a_picked_number_is_compared_exactly() {
    let search = Search { exactly: Some(digits()), ..wanted(None, Match::Any) };
    let near = sale("+14155550124");
    assert_eq!(found(&search, json!([near, sale(DIGITS)])).await, only(DIGITS));
    assert_eq!(found(&search, json!([near])).await, NO_STOCK);
}

#[tokio::test]
async fn what_binds_is_checked_again() {
    let offers = json!([sale("+12125550100"), sale(DIGITS)]);
    let strict = found(&wanted(Some("415"), Match::Strict), offers.clone()).await;
    assert_eq!(strict, only(DIGITS));
    let any = found(&wanted(Some("415"), Match::Any), offers.clone()).await;
    assert_eq!(any, Outcome::Done(vec!["+12125550100".to_owned(), DIGITS.to_owned()]));
    let contains = Search { contains: Some("3".to_owned()), ..wanted(None, Match::Any) };
    assert_eq!(found(&contains, offers).await, only(DIGITS));
    let both = json!([sale("+18005550100"), sale(DIGITS)]);
    assert_eq!(found(&wanted(None, Match::Any), both.clone()).await, only(DIGITS));
    assert_eq!(found(&toll_free(None), both).await, only("+18005550100"));
}

#[tokio::test]
async fn numbers_that_need_an_address_are_left_out_and_told_apart_from_none() {
    let search = wanted(Some("415"), Match::Strict);
    let some = json!([with_address("+14155550100"), sale(DIGITS)]);
    assert_eq!(found(&search, some).await, only(DIGITS));
    let all = json!([with_address("+14155550100")]);
    let needed = Outcome::Refused(Refusal::Because(SearchRefusal::AddressRequired));
    assert_eq!(found(&search, all).await, needed);
    // One that does not fit anyway says nothing.
    let elsewhere = json!([with_address("+12125550100")]);
    assert_eq!(found(&search, elsewhere).await, NO_STOCK);
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
    let no_stock = || Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));
    for (end, expected) in [
        (listed(json!([])), no_stock()),
        (refused(400, 21452, "none"), no_stock()),
        (refused(400, 21451, "no such area code"), no_stock()),
        (refused(404, 20404, "not found"), no_stock()),
        (refused(401, 20003, "Authenticate"), Outcome::Refused(Refusal::Key)),
        (refused(403, 20003, ""), Outcome::Refused(Refusal::Key)),
        (
            refused(400, 21450, "AreaCode"),
            Outcome::Refused(Refusal::Request("21450 AreaCode".to_owned())),
        ),
        (answer(500, json!({})), transient()),
        (refused(429, 20429, ""), transient()),
        (answer(200, json!({ "available_phone_numbers": null })), transient()),
        (answer(200, json!({})), transient()),
        (Err(ExchangeError::AnswerLost), transient()),
        (Err(ExchangeError::NotSent), transient()),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).search(&wanted(None, Match::Any)).await, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}
