use super::*;
use crate::testing::{ACCOUNT, client, digits, linked, number_json, page, settings, transient};
use exchange::scripted::{Scripted, answer, plain};
use exchange::{Access, ExchangeError};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::time::Duration;

fn list() -> String {
    format!("/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json")
}

/// Numbers that differ in their digits.
fn numbers(count: u32) -> Value {
    let number = |place: u32| {
        let digits = format!("+1415{:07}", 5_550_000 + place);
        number_json(json!({ "phone_number": digits }))
    };
    (0..count).map(number).collect()
}

#[tokio::test]
async fn a_list_is_read_over_its_links() {
    let link = format!("{}?PageSize=200&Page=1&PageToken=PA%2Fb%2B1", list());
    let exchange = Scripted::new([linked(numbers(2), &json!(link)), page(numbers(1))]);
    let read = client(&exchange).list_owned().await;
    assert!(matches!(read, Outcome::Done(numbers) if numbers.len() == 3));
    let asked: Vec<_> = exchange.asked().into_iter().map(|(line, _body)| line).collect();
    let base = format!("GET https://twilio.test{}", list());
    let next = format!("{base}?PageSize=200&Page=1&PageToken=PA/b+1");
    assert_eq!(asked, [format!("{base}?PageSize=200"), next]);
    let authorized = exchange
        .requests()
        .into_iter()
        .map(|mut request| request.headers.remove("authorization").unwrap());
    let header = settings().credentials.authorization().header();
    assert_eq!(authorized.collect::<Vec<_>>(), [header.clone(), header]);
}

#[tokio::test]
async fn a_link_that_leads_elsewhere_is_not_followed() {
    let list = list();
    let other = list.replace('0', "9");
    for link in [
        json!(format!("https://api.twilio.com{list}?Page=1")),
        json!(format!("https://evil.test{list}?Page=1")),
        json!(format!("//evil.test{list}?Page=1")),
        json!(format!("@evil.test{list}?Page=1")),
        json!(format!("{other}?Page=1")),
        json!(format!("{list}/../../Accounts.json?Page=1")),
        json!(format!("{list}%2F..?Page=1")),
        json!(format!("/2010-04-01/Accounts/{ACCOUNT}/Keys.json?Page=1")),
        json!(format!("{list}?Page=1#?")),
        json!(format!("{list}#?Page=1")),
        json!(format!("{list}?Page={}", "1".repeat(LINK_LENGTH_MAX))),
        json!(list),
        json!("?Page=1"),
        json!(1),
        json!({ "uri": format!("{list}?Page=1") }),
    ] {
        let exchange = Scripted::new([linked(numbers(1), &link), page(json!([]))]);
        assert_eq!(client(&exchange).list_owned().await, transient(), "{link}");
        assert_eq!(exchange.requests().len(), 1, "{link}");
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_given_up() {
    let link = json!(format!("{}?Page=1", list()));
    let exchange = Scripted::new((0..=PAGES_MAX).map(|_page| linked(numbers(1), &link)));
    assert_eq!(client(&exchange).list_owned().await, transient());
    assert_eq!(u32::try_from(exchange.requests().len()), Ok(PAGES_MAX));
}

#[tokio::test]
async fn a_list_of_too_many_numbers_is_given_up() {
    let limit = u32::try_from(NUMBERS_MAX).unwrap();
    let exchange = Scripted::new([page(numbers(limit))]);
    let read = client(&exchange).list_owned().await;
    assert!(matches!(read, Outcome::Done(numbers) if numbers.len() == NUMBERS_MAX));
    let link = json!(format!("{}?Page=1", list()));
    for end in [page(numbers(limit + 1)), linked(numbers(limit), &link)] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).list_owned().await, transient());
        assert_eq!(exchange.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_is_not_an_empty_one() {
    let link = json!(format!("{}?Page=1", list()));
    for end in [
        answer(200, json!({})),
        answer(200, json!({ "incoming_phone_numbers": null })),
        answer(200, json!({ "numbers": [] })),
        page(json!([number_json(json!({ "sid": null }))])),
        page(json!([number_json(json!({ "phone_number": null }))])),
        page(json!(["number"])),
        plain(200, "<html>"),
        plain(200, ""),
        answer(500, json!({})),
        answer(503, json!({})),
        answer(408, json!({})),
        answer(429, json!({ "code": 20429, "message": "Too Many Requests", "status": 429 })),
        answer(302, json!({})),
        Err(ExchangeError::NotSent),
        Err(ExchangeError::AnswerLost),
    ] {
        for before in [0_usize, 1] {
            let pages = (0..before).map(|_page| linked(numbers(1), &link)).chain([end.clone()]);
            let twilio = Scripted::new(pages);
            assert_eq!(client(&twilio).list_owned().await, transient());
            let pages = (0..before).map(|_page| linked(numbers(1), &link)).chain([end.clone()]);
            let twilio = Scripted::new(pages);
            assert_eq!(client(&twilio).find_owned(&digits()).await, transient());
        }
    }
}

#[tokio::test]
async fn a_page_leads_to_the_next() {
    let link = format!("{}?PageSize=100&Page=1&PageToken=PA%2Fb", list());
    let unreadable = number_json(json!({ "sid": null }));
    let mut both = numbers(2);
    both.as_array_mut().unwrap().push(unreadable);
    let exchange = Scripted::new([linked(both, &json!(link)), page(numbers(1))]);
    let twilio = client(&exchange);
    let Outcome::Done(first) = twilio.list_page(None).await else { panic!("it is a page") };
    assert_eq!((first.numbers.len(), first.next.as_deref()), (2, Some(link.as_str())));
    let Outcome::Done(last) = twilio.list_page(first.next.as_deref()).await else {
        panic!("it is a page")
    };
    assert_eq!((last.numbers.len(), last.next), (1, None));
    let asked: Vec<_> = exchange.asked().into_iter().map(|(line, _body)| line).collect();
    let base = format!("GET https://twilio.test{}", list());
    assert_eq!(
        asked,
        [format!("{base}?PageSize=100"), format!("{base}?PageSize=100&Page=1&PageToken=PA/b")]
    );
}

#[tokio::test]
async fn a_page_that_leads_elsewhere_is_none() {
    let other = list().replace('0', "9");
    for link in [format!("https://evil.test{}?Page=1", list()), format!("{other}?Page=1")] {
        let exchange = Scripted::new([linked(numbers(1), &json!(link)), page(numbers(1))]);
        let twilio = client(&exchange);
        assert_eq!(twilio.list_page(None).await, transient(), "{link}");
        assert_eq!(twilio.list_page(Some(&link)).await, transient(), "{link}");
        assert_eq!(exchange.requests().len(), 1, "{link}");
    }
    let exchange = Scripted::new([linked(numbers(1), &json!(1))]);
    assert_eq!(client(&exchange).list_page(None).await, transient());
}

proptest! {
    /// Whatever a link says, the request goes to the list of our account or nowhere.
    #[test]
    fn no_link_leads_out_of_the_list(
        start in prop_oneof![
            Just(String::new()), Just(list()), Just(format!("{}?", list())),
            Just(format!("https://api.twilio.com{}?", list())), Just("//".to_owned()),
        ],
        rest in "[ -~]{0,40}",
    ) {
        let settings = settings();
        if let Some(call) = follow(&list(), &format!("{start}{rest}")) {
            let request = call.request(Access {
                base_url: "https://twilio.test",
                authorization: settings.credentials.authorization(),
                deadline: Duration::from_secs(1),
            });
            prop_assert_eq!(request.method.as_str(), "GET");
            prop_assert_eq!(request.url, format!("https://twilio.test{}", list()));
            prop_assert!(request.body.is_none());
        }
    }
}
