//! Lists: masks, lags, filters, pages; keys and organizations.

use serde_json::{Value, json};

use crate::desk::{DIGITS_MS, Desk, text};

#[test]
fn lists_mask_the_digits_of_free_numbers_unless_told_otherwise() {
    for (masking, masked) in [("none", false), ("free", true), ("all", true)] {
        let mut desk = Desk::with(json!({ "vapi": { "masking": masking } }));
        let id = desk.free_number();
        desk.pass(DIGITS_MS);
        let whole = text(&desk.get_vapi(&format!("/phone-number/{id}"))["number"]);
        for listed in [
            text(&desk.get_vapi("/phone-number")[0]["number"]),
            text(&desk.get_vapi("/v2/phone-number")["results"][0]["number"]),
        ] {
            assert_eq!(listed != whole, masked);
            assert_eq!(listed.contains("****"), masked);
            assert_eq!(listed.len(), whole.len());
        }
    }
}

#[test]
fn lists_and_reads_may_lag_behind_creation() {
    let mut desk = Desk::with(json!({ "vapi": { "list_lag_ms": 500, "get_lag_ms": 200 } }));
    let id = desk.free_number();
    let assistant = desk.assistant();
    let path = format!("GET /phone-number/{id}");
    assert_eq!(desk.vapi(&path, Value::Null).0, 404);
    assert_eq!(desk.vapi(&format!("GET /assistant/{assistant}"), Value::Null).0, 404);
    desk.pass(200);
    assert_eq!(desk.vapi(&path, Value::Null).0, 200);
    assert_eq!(desk.get_vapi("/phone-number"), json!([]));
    assert_eq!(desk.get_vapi("/assistant"), json!([]));
    desk.pass(300);
    assert_eq!(desk.get_vapi("/phone-number")[0]["id"], json!(id));
    assert_eq!(desk.get_vapi("/assistant")[0]["id"], json!(assistant));
}

#[test]
fn the_bare_list_is_newest_first_and_filters_by_date_and_limit() {
    let mut desk = Desk::new();
    let ids: Vec<String> = (0..3)
        .map(|_| {
            desk.pass(1_000);
            desk.free_number()
        })
        .collect();
    let id_of = |value: &Value| text(&value["id"]);
    let all = desk.get_vapi("/phone-number");
    assert_eq!(all.as_array().unwrap().iter().map(id_of).rev().collect::<Vec<_>>(), ids);
    assert_eq!(desk.get_vapi("/phone-number?limit=1").as_array().unwrap().len(), 1);
    let second = text(&all[1]["createdAt"]);
    for (filter, expected) in [("Lt", 1), ("Le", 2), ("Gt", 1), ("Ge", 2)] {
        let found = desk.get_vapi(&format!("/phone-number?createdAt{filter}={second}"));
        assert_eq!(found.as_array().unwrap().len(), expected, "{filter}");
    }
    assert_eq!(desk.vapi("GET /phone-number?limit=1001", Value::Null).0, 400);
    assert_eq!(desk.vapi("GET /phone-number?createdAtGt=soon", Value::Null).0, 400);
}

#[test]
fn the_second_list_pages_and_searches_name_digits_and_sip_uri() {
    let mut desk = Desk::new();
    for name in ["Prov_01", "prov_02", "other"] {
        desk.vapi("POST /phone-number", json!({ "provider": "vapi", "name": name }));
        desk.pass(1_000);
    }
    let found = desk.get_vapi("/v2/phone-number?search=PROV&limit=1&page=2");
    assert_eq!(found["results"][0]["name"], "Prov_01");
    assert_eq!(
        found["metadata"],
        json!({ "itemsPerPage": 1, "totalItems": 2, "currentPage": 2, "totalPages": 2,
                "hasNextPage": false, "nextCursor": null })
    );
    let ascending = desk.get_vapi("/v2/phone-number?sortOrder=ASC");
    assert_eq!(ascending["results"][0]["name"], "Prov_01");
    desk.pass(DIGITS_MS);
    let id = text(&ascending["results"][2]["id"]);
    let digits = text(&desk.get_vapi(&format!("/phone-number/{id}"))["number"]);
    let found = desk.get_vapi(&format!("/v2/phone-number?search={}", &digits[5..]));
    assert_eq!(found["results"][0]["id"], json!(id));
}

#[test]
fn a_search_for_digits_finds_them_wherever_they_stand_and_nowhere_else() {
    let mut desk = Desk::new();
    let (number, _) = desk.bought();
    let imported = text(&desk.import(&number).1["id"]);
    let free = desk.free_number();
    let found = |desk: &mut Desk, digits: &str| -> Vec<String> {
        let path = format!("/v2/phone-number?sortOrder=ASC&search={digits}");
        let found = desk.get_vapi(&path);
        let found = found["results"].as_array().unwrap().iter();
        found.map(|one| text(&one["id"])).collect()
    };
    let digits = &number[1..];
    for part in [digits, &digits[1..], &digits[..9], &digits[4..], &digits[7..]] {
        assert_eq!(found(&mut desk, part), [imported.as_str()], "{part}");
    }
    let renamed = |desk: &mut Desk, name: &str| {
        let path = format!("PATCH /phone-number/{free}");
        assert_eq!(desk.vapi(&path, json!({ "name": name })).0, 200);
        found(desk, digits).len()
    };
    assert_eq!(renamed(&mut desk, &format!("before {digits}")), 2, "in a name");
    assert_eq!(renamed(&mut desk, &format!("9{digits}9 after")), 2, "in more digits");
    assert_eq!(renamed(&mut desk, &format!("{}-{}", &digits[..5], &digits[5..])), 1);
    assert_eq!(desk.vapi(&format!("DELETE /phone-number/{imported}"), Value::Null).0, 200);
    assert_eq!(found(&mut desk, digits), Vec::<String>::new());
}

#[test]
fn pages_of_all_numbers_are_those_of_a_filter_that_takes_all() {
    let mut desk = Desk::with(json!({ "vapi": { "list_lag_ms": 500 } }));
    let ids: Vec<String> = (0..6)
        .map(|_| {
            desk.pass(300);
            desk.free_number()
        })
        .collect();
    desk.vapi(&format!("DELETE /phone-number/{}", ids[2]), Value::Null);
    for (passed, listed) in [(0, 3), (300, 4), (300, 5)] {
        desk.pass(passed);
        for query in ["page=1", "page=2", "page=3", "page=1&sortOrder=ASC", "page=2&sortOrder=ASC"]
        {
            let path = format!("/v2/phone-number?limit=2&{query}");
            let all = desk.get_vapi(&path);
            assert_eq!(all["metadata"]["totalItems"], listed);
            let filtered = format!("{path}&createdAtGe=2000-01-01T00:00:00.000Z");
            assert_eq!(all, desk.get_vapi(&filtered), "{query}");
        }
    }
}

#[test]
fn organizations_see_nothing_of_each_other() {
    let mut desk = Desk::new();
    let id = desk.free_number();
    let assistant = desk.assistant();
    desk.providers.vapi.add_org("other", "other-key");
    desk.vapi_key = "other-key";
    assert_eq!(desk.get_vapi("/phone-number"), json!([]));
    for path in [format!("/phone-number/{id}"), format!("/assistant/{assistant}")] {
        assert_eq!(desk.vapi(&format!("GET {path}"), Value::Null).0, 404);
        assert_eq!(desk.vapi(&format!("DELETE {path}"), Value::Null).0, 404);
    }
    let body = json!({ "provider": "vapi", "assistantId": assistant });
    assert_eq!(desk.vapi("POST /phone-number", body).0, 400);
}

#[test]
fn a_wrong_or_revoked_key_is_401() {
    let mut desk = Desk::new();
    desk.vapi_key = "wrong";
    let (status, body) = desk.vapi("GET /phone-number", Value::Null);
    assert_eq!((status, &body["error"]), (401, &json!("Unauthorized")));
    desk.vapi_key = simulators::STANDARD_VAPI_KEY;
    desk.providers.vapi.revoke_key(simulators::STANDARD_VAPI_KEY);
    assert_eq!(desk.vapi("GET /phone-number", Value::Null).0, 401);
}

#[test]
fn credentials_show_no_key_and_may_be_closed_to_a_key() {
    let mut desk = Desk::new();
    let list = desk.get_vapi("/credential");
    assert!(!list.to_string().contains(simulators::STANDARD_TELNYX_KEY));
    assert_eq!(list[0]["provider"], "telnyx");
    assert!(list[0]["telnyxApplicationId"].is_string());
    let path = format!("/credential/{}", text(&list[0]["id"]));
    assert_eq!(desk.get_vapi(&path), list[0]);
    for (access, status) in [("forbidden", 403), ("unauthorized", 401), ("allowed", 200)] {
        desk.switch(json!({ "vapi": { "credential_access": access } }));
        assert_eq!(desk.vapi("GET /credential", Value::Null).0, status);
        assert_eq!(desk.vapi(&format!("GET {path}"), Value::Null).0, status);
    }
    let org = desk.providers.vapi.orgs()[0].id.clone();
    let closed = Some(simulators::vapi::CredentialAccess::Forbidden);
    desk.providers.vapi.add_key(&org, "narrow", closed);
    desk.vapi_key = "narrow";
    assert_eq!(desk.vapi("GET /credential", Value::Null).0, 403);
    assert_eq!(desk.vapi("GET /phone-number", Value::Null).0, 200);
}
