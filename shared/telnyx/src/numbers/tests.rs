use super::*;
use crate::testing::{
    CONNECTION_ID, DIGITS, NUMBER_ID, STAMP, changed, client, connection, digits, list, number_id,
    page, refused, transient,
};
use domain::outcome::Refusal;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer, plain};
use serde_json::{Value, json};

fn number_json(changes: Value) -> Value {
    let base = json!({
        "id": NUMBER_ID,
        "record_type": "phone_number",
        "phone_number": DIGITS,
        "status": "active",
        "connection_id": CONNECTION_ID,
        "connection_name": "Vapi",
        "customer_reference": STAMP,
        "tags": [],
    });
    changed(base, changes)
}

fn expected() -> OwnedNumber {
    OwnedNumber {
        id: number_id(),
        digits: digits(),
        status: OwnedStatus::Active,
        connection: Some(connection()),
        reference: Some(STAMP.to_owned()),
    }
}

#[tokio::test]
async fn a_number_is_found_by_its_exact_digits_over_all_pages() {
    let longer = number_json(json!({ "phone_number": "+141555501234" }));
    let exchange = Scripted::new([
        page(json!([longer, { "phone_number": "12345" }]), 2),
        page(json!([number_json(json!({}))]), 2),
    ]);
    let found = client(&exchange).find_owned(&digits()).await;
    assert_eq!(found, Outcome::Done(Some(expected())));
    let line = "GET https://telnyx.test/v2/phone_numbers?filter[phone_number]=14155550123\
                &page[number]=1&page[size]=100";
    assert_eq!(exchange.asked().remove(0), (line.to_owned(), None));
}

#[tokio::test]
async fn of_two_records_of_a_number_the_live_one_is_taken() {
    let gone = number_json(json!({ "id": "1", "status": "deleted" }));
    let pending = number_json(json!({ "id": "2", "status": "purchase-pending" }));
    let exchange = Scripted::new([
        list(json!([gone, pending, number_json(json!({}))])),
        list(json!([gone, pending])),
        list(json!([gone])),
    ]);
    let telnyx = client(&exchange);
    for status in [OwnedStatus::Active, OwnedStatus::Pending, OwnedStatus::Gone] {
        let found = telnyx.find_owned(&digits()).await.map(|number| number.unwrap().status);
        assert_eq!(found, Outcome::Done(status));
    }
}

#[tokio::test]
async fn absence_is_believed_only_of_a_whole_list() {
    let exchange = Scripted::new([
        list(json!([])),
        answer(502, json!({})),
        list(json!([number_json(json!({ "id": null }))])),
        Err(ExchangeError::NotSent),
    ]);
    let telnyx = client(&exchange);
    assert_eq!(telnyx.find_owned(&digits()).await, Outcome::Done(None));
    for _failure in 0..3 {
        assert_eq!(telnyx.find_owned(&digits()).await, transient());
    }
}

#[tokio::test]
async fn a_number_is_read_with_null_as_absent_or_is_missing() {
    let bare = json!({ "connection_id": null, "customer_reference": "" });
    let exchange = Scripted::new([
        answer(200, json!({ "data": number_json(bare) })),
        refused(404, "10005", ""),
        answer(200, json!({ "data": [] })),
    ]);
    let telnyx = client(&exchange);
    let unrouted = OwnedNumber { connection: None, reference: None, ..expected() };
    assert_eq!(telnyx.read_owned(&number_id()).await, Outcome::Done(unrouted));
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(telnyx.read_owned(&number_id()).await, missing);
    assert_eq!(telnyx.read_owned(&number_id()).await, transient());
    let line = format!("GET https://telnyx.test/v2/phone_numbers/{NUMBER_ID}");
    assert_eq!(exchange.asked().remove(0), (line, None));
}

#[tokio::test]
async fn a_route_changes_the_connection_and_nothing_else() {
    let exchange = Scripted::new([
        answer(200, json!({ "data": number_json(json!({})) })),
        refused(404, "10005", ""),
        refused(422, "10017", "no such connection"),
        Err(ExchangeError::AnswerLost),
        plain(200, ""),
    ]);
    let telnyx = client(&exchange);
    let id = number_id();
    assert_eq!(telnyx.route(&id, &connection()).await, Outcome::Done(expected()));
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(telnyx.route(&id, &connection()).await, missing);
    let refused = Refusal::Request("10017 Title no such connection".to_owned());
    assert_eq!(telnyx.route(&id, &connection()).await, Outcome::Refused(refused));
    assert_eq!(telnyx.route(&id, &connection()).await, Outcome::Unknown);
    assert_eq!(telnyx.route(&id, &connection()).await, Outcome::Unknown);
    let line = format!("PATCH https://telnyx.test/v2/phone_numbers/{NUMBER_ID}");
    let body = json!({ "connection_id": CONNECTION_ID });
    assert_eq!(exchange.asked().remove(0), (line, Some(body)));
}

#[tokio::test]
async fn a_number_is_given_back_gone_or_locked() {
    let exchange = Scripted::new([
        answer(200, json!({ "data": number_json(json!({ "status": "deleted" })) })),
        refused(404, "10005", ""),
        refused(422, "10015", "deletion lock enabled"),
        answer(500, json!({})),
        refused(403, "10010", ""),
    ]);
    let telnyx = client(&exchange);
    let id = number_id();
    assert_eq!(telnyx.delete_number(&id).await, Outcome::Done(()));
    assert_eq!(telnyx.delete_number(&id).await, Outcome::Done(()));
    let locked = Refusal::Because(DeleteNumberRefusal::Locked);
    assert_eq!(telnyx.delete_number(&id).await, Outcome::Refused(locked));
    assert_eq!(telnyx.delete_number(&id).await, Outcome::Unknown);
    assert_eq!(telnyx.delete_number(&id).await, Outcome::Refused(Refusal::Key));
    let line = format!("DELETE https://telnyx.test/v2/phone_numbers/{NUMBER_ID}");
    assert_eq!(exchange.asked().remove(0), (line, None));
}
