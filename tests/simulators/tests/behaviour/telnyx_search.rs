//! Search: filters, stock, prices, accounts.

use serde_json::{Value, json};

use crate::desk::{Desk, text};

#[test]
fn a_search_offers_numbers_of_the_area_with_prices() {
    let mut desk = Desk::new();
    let query = "filter[country_code]=US&filter[national_destination_code]=415\
                 &filter[phone_number_type]=local&filter[features][]=voice&filter[limit]=3";
    let found = desk.get_telnyx(&format!("/available_phone_numbers?{query}"));
    assert_eq!(found["data"].as_array().unwrap().len(), 3);
    assert_eq!(found["meta"], json!({ "total_results": 3, "best_effort_results": 0 }));
    assert_eq!(found["meta"], found["metadata"]);
    let first = &found["data"][0];
    assert!(text(&first["phone_number"]).starts_with("+1415"));
    assert_eq!(
        first["cost_information"],
        json!({ "upfront_cost": "1.00", "monthly_cost": "1.00", "currency": "USD" })
    );
    assert_eq!(first["record_type"], "available_phone_number");
}

#[test]
fn the_same_seed_offers_the_same_numbers() {
    assert_eq!(Desk::new().search(""), Desk::new().search(""));
}

#[test]
fn features_are_taken_in_both_encodings() {
    let mut desk = Desk::with(json!({ "telnyx": { "features": ["voice", "sms"] } }));
    for (query, some) in [
        ("filter[features]=voice,sms", true),
        ("filter[features][]=voice&filter[features][]=sms", true),
        ("filter%5Bfeatures%5D%5B%5D=voice", true),
        ("filter[features]=voice,fax", false),
        ("filter[features][]=voice&filter[features][]=fax", false),
    ] {
        assert_eq!(!desk.search(query).is_empty(), some, "{query}");
    }
}

#[test]
fn patterns_toll_free_and_other_countries_are_found() {
    let mut desk = Desk::with(json!({ "telnyx": { "stock": 500 } }));
    let found = desk.search("filter[phone_number][contains]=77");
    assert!(!found.is_empty() && found.iter().all(|number| number.contains("77")));
    let found = desk.search("filter[phone_number][ends_with]=3");
    assert!(!found.is_empty() && found.iter().all(|number| number.ends_with('3')));
    let found = desk.search("filter[phone_number][starts_with]=415");
    assert!(!found.is_empty() && found.iter().all(|number| number.starts_with("+1415")));
    let found = desk.search("filter[phone_number_type]=toll_free&filter[limit]=1");
    assert!(found[0].starts_with("+1800"));
    assert!(desk.search("filter[country_code]=GB")[0].starts_with("+44"));
    assert!(desk.search("filter[country_code]=CA")[0].starts_with("+1416"));
    let toll_free_is_not_local =
        "filter[national_destination_code]=888&filter[phone_number_type]=local";
    assert!(desk.search(toll_free_is_not_local).is_empty());
}

#[test]
fn no_stock_is_an_empty_list_or_an_error() {
    let mut desk = Desk::with(json!({ "telnyx": { "stock_by_area": { "415": 0 } } }));
    let query = "filter[national_destination_code]=415";
    assert!(desk.search(query).is_empty());
    desk.switch(json!({ "telnyx": { "no_stock": "error10031" } }));
    let get = format!("GET /available_phone_numbers?{query}");
    let (status, body) = desk.telnyx(&get, Value::Null);
    assert_eq!((status, &body["errors"][0]["code"]), (400, &json!("10031")));
}

#[test]
fn best_effort_goes_beyond_the_area() {
    let mut desk = Desk::with(json!({ "telnyx": { "stock_by_area": { "907": 0 } } }));
    let query = "filter[national_destination_code]=907&filter[best_effort]=true&filter[limit]=2";
    let found = desk.get_telnyx(&format!("/available_phone_numbers?{query}"));
    assert_eq!(found["meta"], json!({ "total_results": 2, "best_effort_results": 2 }));
    assert_eq!(found["data"][0]["best_effort"], true);
}

#[test]
fn prices_can_be_set_and_left_out() {
    let mut desk = Desk::with(json!({ "telnyx": {
        "prices": { "local": { "upfront_cents": 321, "monthly_cents": 54 } },
    }}));
    let found = desk.get_telnyx("/available_phone_numbers?filter[limit]=1");
    assert_eq!(found["data"][0]["cost_information"]["upfront_cost"], "3.21");
    assert_eq!(found["data"][0]["cost_information"]["monthly_cost"], "0.54");
    desk.switch(json!({ "telnyx": { "prices_shown": false } }));
    let found = desk.get_telnyx("/available_phone_numbers?filter[limit]=1");
    assert_eq!(found["data"][0].get("cost_information"), None);
}

#[test]
fn paths_need_their_version_and_requests_their_key() {
    let mut desk = Desk::new();
    let mut request = crate::desk::request(
        simulators::Provider::Telnyx,
        "GET /balance",
        simulators::STANDARD_TELNYX_KEY,
        None,
    );
    request.url = "https://api.telnyx.com/balance".to_owned();
    let reply = desk.providers.telnyx.handle(desk.now_ms, &request);
    assert_eq!(reply.status(), Some(404));
    desk.telnyx_key = "wrong";
    let (status, body) = desk.telnyx("GET /balance", Value::Null);
    assert_eq!((status, &body["errors"][0]["code"]), (401, &json!("10009")));
}

#[test]
fn a_reservation_keeps_others_away_for_thirty_minutes() {
    let mut desk = Desk::new();
    let query = "filter[national_destination_code]=212";
    let number = desk.search(query).remove(0);
    let body = json!({ "phone_numbers": [{ "phone_number": number }], "customer_reference": "r" });
    let (status, made) = desk.telnyx("POST /number_reservations", body);
    assert_eq!((status, &made["data"]["status"]), (200, &json!("success")));
    let id = text(&made["data"]["id"]);
    assert_eq!(desk.get_telnyx(&format!("/number_reservations/{id}")), made);
    desk.providers.telnyx.add_account("other", "other", 10_000);
    desk.telnyx_key = "other";
    assert!(!desk.search(query).contains(&number));
    desk.pass(30 * 60_000);
    assert!(desk.search(query).contains(&number));
}
