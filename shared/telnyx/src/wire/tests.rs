use super::*;
use crate::testing::{CONNECTION_ID, DIGITS, NUMBER_ID, ORDER_ID, changed, connection, digits};
use serde_json::{Value, json};

fn offer_json(changes: Value) -> Value {
    let base = json!({
        "record_type": "available_phone_number",
        "phone_number": DIGITS,
        "cost_information": {
            "upfront_cost": "1.00", "monthly_cost": "2.505", "currency": "USD",
        },
        "region_information": [
            { "region_type": "rate_center", "region_name": "SNFC CNTRL" },
            { "region_type": "state", "region_name": "CA" },
        ],
        "features": [{ "name": "sms" }, { "name": "voice" }],
    });
    changed(base, changes)
}

fn sold(changes: Value) -> Option<Offer> {
    offer(serde_json::from_value(offer_json(changes)).unwrap(), NumberType::Local)
}

#[test]
fn an_offer_is_read_with_its_price_rounded_up() {
    let expected = Offer {
        digits: digits(),
        number_type: NumberType::Local,
        upfront: Some(Cents::new(100)),
        monthly: Some(Cents::new(251)),
        locality: Some("SNFC CNTRL".to_owned()),
        region: Some("CA".to_owned()),
    };
    assert_eq!(sold(json!({})), Some(expected));
}

#[test]
fn a_price_that_is_not_in_dollars_is_unknown() {
    for cost in [
        json!(null),
        json!({ "upfront_cost": "1.00", "monthly_cost": "1.00" }),
        json!({ "upfront_cost": "1.00", "monthly_cost": "1.00", "currency": "EUR" }),
        json!({ "upfront_cost": "free", "monthly_cost": null, "currency": "USD" }),
        json!({ "upfront_cost": "-1.00", "currency": "USD" }),
    ] {
        let offer = sold(json!({ "cost_information": cost })).unwrap();
        assert_eq!((offer.upfront, offer.monthly), (None, None));
    }
}

#[test]
fn a_number_without_voice_or_digits_is_no_offer() {
    assert_eq!(sold(json!({ "features": [{ "name": "sms" }] })), None);
    assert_eq!(sold(json!({ "phone_number": null })), None);
    assert_eq!(sold(json!({ "phone_number": "4155550123" })), None);
    assert!(sold(json!({ "features": null })).is_some());
    assert!(sold(json!({ "features": [] })).is_some());
}

#[test]
fn the_type_is_told_by_telnyx_or_by_the_digits() {
    for (changes, expected) in [
        (json!({ "phone_number_type": "toll_free" }), NumberType::TollFree),
        (json!({ "phone_number_type": "tollfree" }), NumberType::TollFree),
        (json!({ "phone_number_type": "local" }), NumberType::Local),
        (json!({ "phone_number": "+18005550123" }), NumberType::TollFree),
        (json!({}), NumberType::Local),
    ] {
        assert_eq!(sold(changes).unwrap().number_type, expected);
    }
}

fn read_order(status: Option<&str>, lines: Value) -> Order {
    let body = json!({ "id": ORDER_ID, "status": status, "phone_numbers": lines });
    order(serde_json::from_value(body).unwrap()).unwrap()
}

#[test]
fn the_lines_word_goes_before_the_orders() {
    for (order, line, expected) in [
        ("success", "pending", OrderStatus::Pending),
        ("pending", "success", OrderStatus::Success),
        ("success", "failure", OrderStatus::Failure),
        ("pending", "dreaming", OrderStatus::Unknown),
    ] {
        let read = read_order(Some(order), json!([{ "status": line, "phone_number": DIGITS }]));
        assert_eq!(read.status, expected, "{order} {line}");
        assert_eq!(read.digits, [digits()]);
    }
}

#[test]
fn an_order_without_lines_speaks_for_itself() {
    for lines in [json!(null), json!([]), json!([{ "status": null }])] {
        assert_eq!(read_order(Some("success"), lines.clone()).status, OrderStatus::Success);
        assert_eq!(read_order(None, lines).status, OrderStatus::Unknown);
    }
}

#[test]
fn lines_that_differ_say_nothing() {
    let lines = json!([{ "status": "success" }, { "status": "failure" }]);
    assert_eq!(read_order(Some("success"), lines).status, OrderStatus::Unknown);
}

#[test]
fn unmet_requirements_ask_for_documents_only_while_pending() {
    for (status, expected) in [
        ("pending", OrderStatus::DocumentsRequired),
        ("success", OrderStatus::Success),
        ("failure", OrderStatus::Failure),
    ] {
        let line = json!([{ "status": status, "requirements_met": false }]);
        assert_eq!(read_order(Some("pending"), line).status, expected);
        let body = json!({ "id": ORDER_ID, "status": status, "requirements_met": false });
        let read = order(serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!(read.status, expected);
    }
    let unsure = json!([{ "status": "pending", "requirements_met": null }]);
    assert_eq!(read_order(None, unsure).status, OrderStatus::Pending);
}

#[test]
fn the_statuses_of_owned_numbers_are_told_apart() {
    for (text, expected) in [
        (json!("active"), OwnedStatus::Active),
        (json!("purchase-pending"), OwnedStatus::Pending),
        (json!("port-pending"), OwnedStatus::Pending),
        (json!("provision-pending"), OwnedStatus::Pending),
        (json!("requirement-info-pending"), OwnedStatus::Pending),
        (json!("requirement-info-under-review"), OwnedStatus::Pending),
        (json!("requirement-info-exception"), OwnedStatus::Pending),
        (json!("deleted"), OwnedStatus::Gone),
        (json!("purchase-failed"), OwnedStatus::Gone),
        (json!("port-failed"), OwnedStatus::Gone),
        (json!("ported-out"), OwnedStatus::Gone),
        (json!("port-out-pending"), OwnedStatus::Gone),
        (json!("emergency-only"), OwnedStatus::Unknown),
        (json!("dreaming"), OwnedStatus::Unknown),
        (json!(null), OwnedStatus::Unknown),
    ] {
        let body = json!({ "id": NUMBER_ID, "phone_number": DIGITS, "status": text });
        let number = owned(serde_json::from_value(body).unwrap()).unwrap();
        assert_eq!(number.status, expected, "{text}");
    }
}

#[test]
fn ids_keep_every_digit_even_when_sent_as_numbers() {
    let body = format!(
        r#"{{"id":{NUMBER_ID},"phone_number":"{DIGITS}","connection_id":{CONNECTION_ID}}}"#
    );
    let number = owned(serde_json::from_str(&body).unwrap()).unwrap();
    assert_eq!(number.id.as_str(), NUMBER_ID);
    assert_eq!(number.connection, Some(connection()));
}

#[test]
fn the_end_of_a_list_is_found_by_its_pages_or_an_empty_one() {
    let has_next = |page, body| serde_json::from_value::<Many<Value>>(body).unwrap().has_next(page);
    assert!(has_next(1, json!({ "data": [1], "meta": { "total_pages": 2 } })));
    assert!(!has_next(2, json!({ "data": [1], "meta": { "total_pages": 2 } })));
    assert!(has_next(1, json!({ "data": [1] })));
    assert!(has_next(1, json!({ "data": [1], "meta": null })));
    assert!(!has_next(1, json!({ "data": [] })));
}
