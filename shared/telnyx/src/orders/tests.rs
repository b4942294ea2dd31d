use super::*;
use crate::testing::{
    Answer, CONNECTION_ID, DIGITS, KEY, ORDER_ID, STAMP, changed, client, connection, digits, list,
    order_id, page, refused, settings, stamp, transient,
};
use crate::{TelnyxClient, TelnyxSettings};
use domain::ids::ConnectionId;
use domain::outcome::Refusal;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer, plain};
use serde_json::{Value, json};
use std::time::Duration;

fn spec(connection: Option<ConnectionId>) -> OrderSpec {
    OrderSpec { stamp: stamp(), digits: digits(), connection }
}

fn order_json(changes: Value) -> Value {
    let base = json!({
        "id": ORDER_ID,
        "record_type": "number_order",
        "status": "pending",
        "customer_reference": STAMP,
        "requirements_met": true,
        "phone_numbers": [{ "id": "line", "phone_number": DIGITS, "status": "pending" }],
    });
    changed(base, changes)
}

fn expected(status: OrderStatus) -> Order {
    Order { id: order_id(), status, reference: Some(STAMP.to_owned()), digits: vec![digits()] }
}

#[tokio::test]
async fn an_order_names_one_number_the_stamp_and_the_application() {
    let exchange = Scripted::new([answer(200, json!({ "data": order_json(json!({})) }))]);
    let placed = client(&exchange).place_order(&spec(Some(connection()))).await;
    assert_eq!(placed, Outcome::Done(expected(OrderStatus::Pending)));
    let body = json!({
        "phone_numbers": [{ "phone_number": DIGITS }],
        "customer_reference": STAMP,
        "connection_id": CONNECTION_ID,
    });
    let asked = ("POST https://telnyx.test/v2/number_orders".to_owned(), Some(body));
    assert_eq!(exchange.asked(), [asked]);
    let request = exchange.requests().remove(0);
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.deadline, Duration::from_secs(10));
}

#[tokio::test]
async fn a_messaging_profile_is_sent_only_when_set() {
    let exchange = Scripted::new([answer(200, json!({ "data": order_json(json!({})) }))]);
    let profile = Some("profile-1".to_owned());
    let with = TelnyxSettings { messaging_profile_id: profile, ..settings() };
    let _placed = TelnyxClient::new(&exchange, with).place_order(&spec(None)).await;
    let body = json!({
        "phone_numbers": [{ "phone_number": DIGITS }],
        "customer_reference": STAMP,
        "messaging_profile_id": "profile-1",
    });
    assert_eq!(exchange.asked().remove(0).1, Some(body));
}

#[tokio::test]
async fn an_order_is_sent_once_and_read_by_its_end() {
    let because = |reason| Outcome::Refused(Refusal::Because(reason));
    let mut late = answer(429, json!({})).unwrap();
    late.headers.insert("x-ratelimit-reset".to_owned(), "17".to_owned());
    let wait = Outcome::Transient { retry_after: Some(Duration::from_secs(17)) };
    for (end, expected) in [
        (Err(ExchangeError::NotSent), transient()),
        (Ok(late), wait),
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (answer(500, json!({})), Outcome::Unknown),
        (answer(503, json!({})), Outcome::Unknown),
        (answer(408, json!({})), Outcome::Unknown),
        (plain(200, "bought!"), Outcome::Unknown),
        (answer(200, json!({ "data": { "status": "success" } })), Outcome::Unknown),
        (refused(400, "10015", ""), because(OrderRefusal::Taken)),
        (refused(409, "85001", ""), because(OrderRefusal::Taken)),
        (refused(402, "20100", ""), because(OrderRefusal::NoBalance)),
        (refused(422, "1", "requirements"), because(OrderRefusal::DocumentsRequired)),
        (refused(401, "10009", ""), Outcome::Refused(Refusal::Key)),
        (
            refused(422, "10016", "+E.164"),
            Outcome::Refused(Refusal::Request("10016 Title +E.164".to_owned())),
        ),
    ] {
        let exchange = Scripted::new([end]);
        assert_eq!(client(&exchange).place_order(&spec(None)).await, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_order_is_read_or_missing() {
    let exchange = Scripted::new([
        answer(200, json!({ "data": order_json(json!({ "status": "success" })) })),
        refused(404, "10005", ""),
        answer(500, json!({})),
    ]);
    let telnyx = client(&exchange);
    // The line still says pending.
    let pending = Outcome::Done(expected(OrderStatus::Pending));
    assert_eq!(telnyx.read_order(&order_id()).await, pending);
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(telnyx.read_order(&order_id()).await, missing);
    assert_eq!(telnyx.read_order(&order_id()).await, transient());
    let line = format!("GET https://telnyx.test/v2/number_orders/{ORDER_ID}");
    assert_eq!(exchange.asked().remove(0), (line, None));
}

async fn find(answers: impl IntoIterator<Item = Answer>) -> Outcome<Option<Order>, NoReason> {
    client(&Scripted::new(answers)).find_order(&stamp(), &digits()).await
}

/// An order with our stamp, an id that ends in `last`, and a status.
fn other(last: u8, status: &str) -> Value {
    let id = format!("aaaaaaaa-bbbb-4ccc-8ddd-00000000000{last}");
    order_json(
        json!({ "id": id, "phone_numbers": [{ "phone_number": DIGITS, "status": status }], "status": status }),
    )
}

#[tokio::test]
async fn an_order_is_found_by_its_exact_reference_over_all_pages() {
    let longer = order_json(json!({ "customer_reference": format!("{STAMP}0") }));
    let exchange = Scripted::new([
        page(json!([longer, { "id": null }]), 2),
        page(json!([order_json(json!({}))]), 2),
    ]);
    let found = client(&exchange).find_order(&stamp(), &digits()).await;
    assert_eq!(found, Outcome::Done(Some(expected(OrderStatus::Pending))));
    let asked: Vec<_> = exchange.asked().into_iter().map(|(line, _body)| line).collect();
    let line = |page| {
        format!(
            "GET https://telnyx.test/v2/number_orders?filter[customer_reference]={STAMP}\
             &page[number]={page}&page[size]=100"
        )
    };
    assert_eq!(asked, [line(1), line(2)]);
}

#[tokio::test]
async fn of_several_orders_the_most_successful_is_taken() {
    let ranked = ["success", "pending", "dreaming", "failure"];
    for first in 0..ranked.len() {
        let orders: Vec<_> =
            ranked[first..].iter().rev().zip(1..).map(|(status, n)| other(n, status)).collect();
        let found = reading(find([list(json!(orders))]).await);
        let read = wire::order(serde_json::from_value(other(1, ranked[first])).unwrap()).unwrap();
        assert_eq!(found.unwrap().status, read.status);
    }
    let twins = json!([other(2, "success"), other(1, "success")]);
    assert!(reading(find([list(twins)]).await).unwrap().id.as_str().ends_with('1'));
}

fn reading(found: Outcome<Option<Order>, NoReason>) -> Option<Order> {
    exchange::reading::done::<_, (), _>(found).unwrap()
}

#[tokio::test]
async fn absence_is_believed_only_of_a_whole_list() {
    assert_eq!(find([list(json!([]))]).await, Outcome::Done(None));
    for failure in [
        answer(500, json!({})),
        answer(429, json!({})),
        Err(ExchangeError::AnswerLost),
        answer(200, json!({ "data": {} })),
        list(json!([order_json(json!({ "id": null }))])),
    ] {
        assert_eq!(find([page(json!([]), 2), failure]).await, transient());
    }
    assert_eq!(find([refused(401, "10009", "")]).await, Outcome::Refused(Refusal::Key));
}

#[tokio::test]
async fn a_list_without_end_is_left_without_an_answer() {
    let foreign = json!([{ "id": "foreign" }]);
    let exchange = Scripted::new((0..60).map(|_page| answer(200, json!({ "data": foreign }))));
    assert_eq!(client(&exchange).find_order(&stamp(), &digits()).await, transient());
    assert_eq!(exchange.requests().len(), 20);
}
