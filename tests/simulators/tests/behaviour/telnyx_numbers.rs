//! Numbers held: lists, changes, release; applications.

use serde_json::{Value, json};

use crate::desk::{Desk, text};

#[test]
fn the_number_filter_is_partial_and_wants_digits_only() {
    let mut desk = Desk::new();
    let (number, id) = desk.bought();
    let count = |desk: &mut Desk, filter: &str| {
        desk.get_telnyx(&format!("/phone_numbers?{filter}"))["meta"]["total_results"].clone()
    };
    assert_eq!(count(&mut desk, &format!("filter[phone_number]={}", &number[4..9])), 1);
    let plus = format!("filter[phone_number]=%2B{}", &number[1..]);
    assert_eq!(count(&mut desk, &plus), 0);
    desk.switch(json!({ "telnyx": { "non_digits": "stripped" } }));
    assert_eq!(count(&mut desk, &plus), 1);
    let short = "GET /phone_numbers?filter[phone_number]=41";
    assert_eq!(desk.telnyx(short, Value::Null).0, 400);

    let patch = json!({ "tags": ["a", "b"], "customer_reference": "mine" });
    assert_eq!(desk.telnyx(&format!("PATCH /phone_numbers/{id}"), patch).0, 200);
    for (filter, expected) in [
        ("filter[tag]=a", 1),
        ("filter[tag]=c", 0),
        ("filter[without_tags]=true", 0),
        ("filter[customer_reference]=mine", 1),
        ("filter[customer_reference]=min", 0),
        ("filter[status]=active", 1),
        ("filter[status]=deleted", 0),
        ("filter[number_type][eq]=local", 1),
        ("filter[connection_id]=1", 0),
    ] {
        assert_eq!(count(&mut desk, filter), expected, "{filter}");
    }
}

#[test]
fn pages_of_all_numbers_are_those_of_a_filter_that_takes_all() {
    let mut desk = Desk::with(json!({ "telnyx": {
        "number_visible_after_ms": 2_000, "delete_lingers_ms": 1_000,
    } }));
    let ids: Vec<String> = (0..4).map(|_| desk.bought().1).collect();
    let same = |desk: &mut Desk, listed: usize| {
        for query in ["page[number]=1", "page[number]=2", "page[number]=2&sort=purchased_at"] {
            let path = format!("/phone_numbers?page[size]=2&{query}");
            let all = desk.get_telnyx(&path);
            assert_eq!(all["meta"]["total_results"], listed);
            let filtered = format!("{path}&filter[country_iso_alpha2]=US");
            assert_eq!(all, desk.get_telnyx(&filtered), "{query}");
        }
    };
    same(&mut desk, 4);
    let number = desk.search("filter[limit]=1").remove(0);
    desk.order(&number, "ref");
    desk.pass(4_000);
    same(&mut desk, 4);
    desk.pass(1_000);
    same(&mut desk, 5);
    assert_eq!(desk.telnyx(&format!("DELETE /phone_numbers/{}", ids[1]), Value::Null).0, 200);
    same(&mut desk, 5);
    desk.pass(1_000);
    same(&mut desk, 4);
}

#[test]
fn the_slim_list_leaves_out_tags_and_connection_unless_asked() {
    let mut desk = Desk::new();
    let (number, _) = desk.bought();
    desk.import(&number);
    let slim = desk.get_telnyx("/phone_numbers/slim")["data"][0].clone();
    assert_eq!(slim["record_type"], "phone_number_slim");
    assert_eq!((slim.get("tags"), slim.get("connection_id")), (None, None));
    let query = "include_connection=true&include_tags=true";
    let more = desk.get_telnyx(&format!("/phone_numbers/slim?{query}"))["data"][0].clone();
    assert!(more["connection_id"].is_string() && more["tags"].is_array());
}

#[test]
fn a_connection_is_set_here_but_not_under_voice() {
    let mut desk = Desk::new();
    let (_, id) = desk.bought();
    let application = text(&desk.get_telnyx("/call_control_applications")["data"][0]["id"]);
    let body = json!({ "connection_id": application });
    let voice = format!("/phone_numbers/{id}/voice");
    assert_eq!(desk.telnyx(&format!("PATCH {voice}"), body.clone()).0, 400);
    desk.switch(json!({ "telnyx": { "unknown": "ignored" } }));
    assert_eq!(desk.telnyx(&format!("PATCH {voice}"), body.clone()).0, 200);
    assert_eq!(desk.get_telnyx(&voice)["data"]["connection_id"], Value::Null, "had no effect");
    let patch = format!("PATCH /phone_numbers/{id}");
    assert_eq!(desk.telnyx(&patch, body).0, 200);
    assert_eq!(desk.get_telnyx(&voice)["data"]["connection_id"], json!(application));
    assert_eq!(desk.telnyx(&patch, json!({ "connection_id": "17" })).0, 422);
    let (status, cleared) = desk.telnyx(&patch, json!({ "connection_id": null }));
    assert_eq!((status, &cleared["data"]["connection_id"]), (200, &Value::Null));
    let settings = json!({ "tech_prefix_enabled": true });
    assert_eq!(
        desk.telnyx(&format!("PATCH {voice}"), settings).1["data"]["tech_prefix_enabled"],
        true
    );
}

#[test]
fn a_release_may_need_repeats_and_may_linger() {
    let mut desk = Desk::with(json!({ "telnyx": { "deletes_needed": 3 } }));
    let (number, id) = desk.bought();
    let delete = format!("DELETE /phone_numbers/{id}");
    for _ in 0..2 {
        let (status, body) = desk.telnyx(&delete, Value::Null);
        assert_eq!((status, &body["data"]["status"]), (200, &json!("deleted")));
        assert_eq!(desk.get_telnyx(&format!("/phone_numbers/{id}"))["data"]["status"], "active");
    }
    assert_eq!(desk.telnyx(&delete, Value::Null).0, 200);
    assert_eq!(desk.telnyx(&delete, Value::Null).0, 404);
    assert!(!desk.search("").contains(&number), "a number given back rests");

    let mut desk = Desk::with(json!({ "telnyx": { "delete_lingers_ms": 1_000 } }));
    let (_, id) = desk.bought();
    let path = format!("/phone_numbers/{id}");
    assert_eq!(desk.telnyx(&format!("DELETE {path}"), Value::Null).0, 200);
    assert_eq!(desk.get_telnyx(&path)["data"]["status"], "deleted");
    desk.pass(1_000);
    assert_eq!(desk.telnyx(&format!("GET {path}"), Value::Null).0, 404);
}

#[test]
fn a_locked_number_refuses_its_release() {
    let mut desk = Desk::new();
    let (number, id) = desk.bought();
    assert!(desk.providers.telnyx.set_deletion_lock(&number, true));
    let delete = format!("DELETE /phone_numbers/{id}");
    assert_eq!(desk.telnyx(&delete, Value::Null).0, 422);
    assert!(desk.providers.telnyx.set_deletion_lock(&number, false));
    assert_eq!(desk.telnyx(&delete, Value::Null).0, 200);
}

#[test]
fn a_number_bought_in_the_portal_has_no_reference() {
    let mut desk = Desk::new();
    let key = simulators::STANDARD_TELNYX_KEY;
    let id = desk.providers.telnyx.buy_outside(desk.now_ms, key, "+14152223333", None).unwrap();
    let held = desk.get_telnyx(&format!("/phone_numbers/{id}"))["data"].clone();
    assert_eq!((&held["status"], &held["customer_reference"]), (&json!("active"), &Value::Null));
    assert_eq!(desk.get_telnyx("/number_orders")["data"], json!([]));
    assert_eq!(desk.providers.telnyx.buy_outside(desk.now_ms, key, "+14152223333", None), None);
}

#[test]
fn accounts_see_nothing_of_each_other() {
    let mut desk = Desk::new();
    let (_, id) = desk.bought();
    desk.providers.telnyx.add_account("other", "other", 10_000);
    desk.telnyx_key = "other";
    assert_eq!(desk.get_telnyx("/phone_numbers")["data"], json!([]));
    assert_eq!(desk.get_telnyx("/number_orders")["data"], json!([]));
    assert_eq!(desk.get_telnyx("/connections")["data"], json!([]));
    let path = format!("/phone_numbers/{id}");
    for call in [format!("GET {path}"), format!("PATCH {path}"), format!("DELETE {path}")] {
        assert_eq!(desk.telnyx(&call, json!({})).0, 404);
    }
}

#[test]
fn applications_are_made_changed_whole_and_deleted() {
    let mut desk = Desk::new();
    let body = json!({ "application_name": "mine", "webhook_event_url": "https://own.test/a" });
    let (status, made) = desk.telnyx("POST /call_control_applications", body.clone());
    assert_eq!((status, &made["data"]["webhook_api_version"]), (201, &json!("1")));
    let path = format!("/call_control_applications/{}", text(&made["data"]["id"]));
    let partial = json!({ "active": false });
    assert_eq!(desk.telnyx(&format!("PATCH {path}"), partial).0, 422, "name and URL are required");
    let mut whole = body;
    whole["active"] = json!(false);
    whole["webhook_api_version"] = json!("2");
    let (status, changed) = desk.telnyx(&format!("PATCH {path}"), whole);
    assert_eq!((status, &changed["data"]["active"]), (200, &json!(false)));
    let id = text(&made["data"]["id"]);
    let connection = desk.get_telnyx(&format!("/connections/{id}"))["data"].clone();
    assert_eq!(
        (&connection["connection_name"], &connection["active"]),
        (&json!("mine"), &json!(false))
    );
    let found =
        desk.get_telnyx("/call_control_applications?filter[application_name][contains]=MIN");
    assert_eq!(found["data"][0]["id"], json!(id));
    assert_eq!(desk.telnyx(&format!("DELETE {path}"), Value::Null).0, 200);
    assert_eq!(desk.telnyx(&format!("GET /connections/{id}"), Value::Null).0, 404);
}

#[test]
fn answers_carry_rate_headers_and_a_limit_can_be_set() {
    let mut desk = Desk::with(json!({ "telnyx": { "rate_limit":
        { "requests": 2, "window_ms": 5_000 } } }));
    let reply = desk.reply(simulators::Provider::Telnyx, "GET /balance", None);
    let simulators::Outcome::Answer(answer) = reply.outcome else { panic!("no answer") };
    assert!(answer.headers.contains_key("x-ratelimit-remaining"));
    desk.get_telnyx("/balance");
    desk.pass(1_500);
    let reply = desk.reply(simulators::Provider::Telnyx, "GET /balance", None);
    let simulators::Outcome::Answer(answer) = reply.outcome else { panic!("no answer") };
    assert_eq!((answer.status, answer.headers["x-ratelimit-reset"].as_str()), (429, "4"));
    desk.pass(3_500);
    desk.get_telnyx("/balance");
}
