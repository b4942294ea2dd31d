//! Orders: what they cost, when they settle, how they fail.

use serde_json::{Value, json};
use simulators::{Fault, FaultScript, Provider, Refusal, STANDARD_TELNYX_KEY};

use crate::desk::{Desk, text};

fn spent_cents(desk: &Desk) -> i64 {
    desk.providers.telnyx.account(STANDARD_TELNYX_KEY).unwrap().spent_cents
}

#[test]
fn an_order_settles_after_its_time_and_the_number_has_another_id() {
    let mut desk = Desk::new();
    let number = desk.search("filter[limit]=1").remove(0);
    let (status, order) = desk.order(&number, "prov_01");
    let order = &order["data"];
    assert_eq!((status, &order["status"]), (200, &json!("pending")));
    assert_eq!(
        (&order["customer_reference"], &order["phone_numbers_count"]),
        (&json!("prov_01"), &json!(1))
    );
    assert_eq!(desk.number_id(&number), None);
    assert_eq!(spent_cents(&desk), 200, "charged at once");

    desk.pass(3_000);
    let path = format!("/number_orders/{}", text(&order["id"]));
    let settled = desk.get_telnyx(&path);
    assert_eq!(settled["data"]["status"], "success");
    assert_eq!(settled["data"]["phone_numbers"][0]["status"], "success");
    let id = desk.number_id(&number).unwrap();
    assert_eq!(id.len(), 19);
    let held = desk.get_telnyx(&format!("/phone_numbers/{id}"));
    assert_eq!(held["data"]["status"], "active");
    assert_eq!(held["data"]["customer_reference"], "prov_01");
    for wrong in [&order["id"], &order["phone_numbers"][0]["id"]] {
        let get = format!("GET /phone_numbers/{}", text(wrong));
        let (status, body) = desk.telnyx(&get, Value::Null);
        assert_eq!((status, &body["errors"][0]["code"]), (404, &json!("10005")));
    }
}

#[test]
fn orders_and_numbers_may_lag() {
    let mut desk = Desk::with(json!({ "telnyx": {
        "order_visible_after_ms": 1_000, "number_visible_after_ms": 2_000,
    }}));
    let number = desk.search("filter[limit]=1").remove(0);
    let get = format!("GET /number_orders/{}", text(&desk.order(&number, "r").1["data"]["id"]));
    assert_eq!(desk.telnyx(&get, Value::Null).0, 404);
    assert_eq!(desk.get_telnyx("/number_orders")["data"], json!([]));
    desk.pass(3_000);
    assert_eq!(desk.telnyx(&get, Value::Null).1["data"]["status"], "success");
    assert_eq!(desk.number_id(&number), None, "the order has succeeded, the number lags");
    assert_eq!(desk.import(&number).0, 400);
    desk.pass(2_000);
    assert!(desk.number_id(&number).is_some());
}

#[test]
fn a_number_may_show_while_its_order_is_pending() {
    let mut desk = Desk::with(json!({ "telnyx": { "pending_number_visible": true } }));
    let number = desk.search("filter[limit]=1").remove(0);
    desk.order(&number, "r");
    let id = desk.number_id(&number).unwrap();
    let path = format!("/phone_numbers/{id}");
    assert_eq!(desk.get_telnyx(&path)["data"]["status"], "purchase-pending");
    desk.pass(3_000);
    assert_eq!(desk.get_telnyx(&path)["data"]["status"], "active");
}

#[test]
fn only_offered_numbers_that_nobody_has_can_be_ordered() {
    for (mode, status, code) in
        [("bad_request10015", 400, "10015"), ("conflict85001", 409, "85001")]
    {
        let mut desk = Desk::with(json!({ "telnyx": { "taken": mode } }));
        let offered = desk.search("filter[limit]=2");
        let refused = |desk: &mut Desk, number: &str| {
            let (given, body) = desk.order(number, "r");
            assert_eq!((given, &body["errors"][0]["code"]), (status, &json!(code)));
        };
        refused(&mut desk, "+14152345678");
        assert!(desk.providers.telnyx.sell_elsewhere(&offered[0]));
        refused(&mut desk, &offered[0]);
        assert_eq!(desk.order(&offered[1], "r").0, 200);
        refused(&mut desk, &offered[1]);
        assert_eq!(spent_cents(&desk), 200);
        assert!(!desk.search("").contains(&offered[1]));
    }
}

#[test]
fn two_orders_with_one_reference_both_succeed_and_both_cost() {
    let mut desk = Desk::new();
    for number in desk.search("filter[limit]=2") {
        assert_eq!(desk.order(&number, "same").0, 200);
    }
    desk.pass(3_000);
    let list = desk.get_telnyx("/number_orders?filter[customer_reference]=same");
    assert_eq!(list["meta"]["total_results"], 2);
    assert_eq!(spent_cents(&desk), 400);
    let none = desk.get_telnyx("/number_orders?filter[customer_reference]=sam");
    assert_eq!(none["data"], json!([]));
    let pending = desk.get_telnyx("/number_orders?filter[status]=pending");
    assert_eq!(pending["data"], json!([]));
    let met = desk.get_telnyx("/number_orders?filter[requirements_met]=true&page[size]=1");
    assert_eq!(
        met["meta"],
        json!({ "total_pages": 2, "total_results": 2, "page_number": 1,
        "page_size": 1 })
    );
}

#[test]
fn too_little_money_is_refused_and_nothing_is_bought() {
    for status in [402, 403] {
        let mut desk = Desk::with(json!({ "telnyx": { "balance_status": status } }));
        desk.providers.telnyx.add_account("poor", "poor", 199);
        desk.telnyx_key = "poor";
        let number = desk.search("filter[limit]=1").remove(0);
        let (given, body) = desk.order(&number, "r");
        assert_eq!((given, &body["errors"][0]["title"]), (status, &json!("Insufficient Funds")));
        assert_eq!(desk.get_telnyx("/balance")["data"]["balance"], "1.99");
        assert_eq!(desk.get_telnyx("/number_orders")["data"], json!([]));
    }
}

#[test]
fn some_numbers_wait_for_documents() {
    let mut desk = Desk::with(json!({ "telnyx": { "documents_countries": ["GB"] } }));
    let offered = desk.search("filter[country_code]=GB&filter[limit]=2");
    for (number, approved) in offered.iter().zip([true, false]) {
        let order = text(&desk.order(number, "r").1["data"]["id"]);
        desk.pass(60_000);
        let waiting = desk.get_telnyx(&format!("/number_orders/{order}"))["data"].clone();
        assert_eq!(
            (&waiting["status"], &waiting["requirements_met"]),
            (&json!("pending"), &json!(false))
        );
        assert_eq!(
            waiting["phone_numbers"][0]["regulatory_requirements"].as_array().unwrap().len(),
            1
        );
        let id = desk.number_id(number).unwrap();
        let held = desk.get_telnyx(&format!("/phone_numbers/{id}"));
        assert_eq!(held["data"]["status"], "requirement-info-pending");
        let before = spent_cents(&desk);
        assert!(desk.providers.telnyx.decide_documents(desk.now_ms, &order, approved));
        let decided = desk.get_telnyx(&format!("/number_orders/{order}"));
        let expected = if approved { "success" } else { "failure" };
        assert_eq!(decided["data"]["status"], expected);
        assert_eq!(spent_cents(&desk) < before, !approved, "a failure is paid back");
        assert_eq!(desk.number_id(number).is_some(), approved);
    }
}

#[test]
fn a_scripted_failure_is_paid_back() {
    let mut desk = Desk::new();
    let path = "/number_orders";
    let script = FaultScript::once(Provider::Telnyx, "POST", path, Fault::OrderFails);
    desk.providers.add_fault(script);
    let number = desk.search("filter[limit]=1").remove(0);
    let order = text(&desk.order(&number, "r").1["data"]["id"]);
    desk.pass(3_000);
    assert_eq!(desk.get_telnyx(&format!("{path}/{order}"))["data"]["status"], "failure");
    assert_eq!((spent_cents(&desk), desk.number_id(&number)), (0, None));
}

#[test]
fn a_scripted_document_need_can_be_cancelled() {
    let mut desk = Desk::new();
    let fault = Fault::Refuse { reason: Refusal::Documents };
    let script = FaultScript::once(Provider::Telnyx, "POST", "/v2/number_orders", fault);
    desk.providers.add_fault(script);
    let number = desk.search("filter[limit]=1").remove(0);
    let order = desk.order(&number, "r").1["data"].clone();
    desk.pass(3_000);
    let cancel =
        format!("PATCH /sub_number_orders/{}/cancel", text(&order["sub_number_orders_ids"][0]));
    assert_eq!(desk.telnyx(&cancel, Value::Null).0, 200);
    assert_eq!(desk.telnyx(&cancel, Value::Null).0, 422);
    let path = format!("/number_orders/{}", text(&order["id"]));
    assert_eq!(desk.get_telnyx(&path)["data"]["status"], "failure");
    assert_eq!(spent_cents(&desk), 0);
}

#[test]
fn order_bodies_are_checked() {
    let mut desk = Desk::new();
    let number = desk.search("filter[limit]=1").remove(0);
    let line = json!([{ "phone_number": number }]);
    for (body, status, code) in [
        (json!({}), 422, "10004"),
        (json!({ "phone_numbers": [] }), 422, "10004"),
        (json!({ "phone_numbers": [{ "phone_number": "4155550123" }] }), 400, "10016"),
        (json!({ "phone_numbers": [{ "phone_number": number, "x": 1 }] }), 400, "10015"),
        (json!({ "phone_numbers": line, "reference": "r" }), 400, "10015"),
        (json!({ "phone_numbers": line, "connection_id": "17" }), 422, "10017"),
    ] {
        let (given, answer) = desk.telnyx("POST /number_orders", body.clone());
        assert_eq!((given, &answer["errors"][0]["code"]), (status, &json!(code)), "{body}");
    }
    desk.switch(json!({ "telnyx": { "unknown": "ignored" } }));
    let body = json!({ "phone_numbers": line, "reference": "r" });
    assert_eq!(desk.telnyx("POST /number_orders", body).0, 200);
}

#[test]
fn an_order_can_be_relabelled_and_carries_its_settings_to_the_number() {
    let mut desk = Desk::new();
    let number = desk.search("filter[limit]=1").remove(0);
    let application = text(&desk.get_telnyx("/connections")["data"][0]["id"]);
    let profile = "abc85f64-5717-4562-b3fc-2c9600000000";
    let body = json!({ "phone_numbers": [{ "phone_number": number }],
        "connection_id": application, "messaging_profile_id": profile });
    let order = text(&desk.telnyx("POST /number_orders", body).1["data"]["id"]);
    let path = format!("/number_orders/{order}");
    let patch = json!({ "customer_reference": "later" });
    assert_eq!(desk.telnyx(&format!("PATCH {path}"), patch).0, 200);
    assert_eq!(desk.get_telnyx(&path)["data"]["customer_reference"], "later");
    desk.pass(3_000);
    let id = desk.number_id(&number).unwrap();
    let held = desk.get_telnyx(&format!("/phone_numbers/{id}"))["data"].clone();
    assert_eq!(held["connection_id"], json!(application));
    assert_eq!(held["messaging_profile_id"], profile);
}
