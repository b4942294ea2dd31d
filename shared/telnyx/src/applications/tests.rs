use super::*;
use crate::testing::{CONNECTION_ID, client, connection, list, page, refused, transient};
use domain::outcome::Refusal;
use exchange::scripted::{Scripted, answer};
use serde_json::{Value, json};

fn application_json(id: &str, active: Value, url: &str) -> Value {
    json!({
        "id": id,
        "record_type": "call_control_application",
        "application_name": "Vapi",
        "active": active,
        "webhook_event_url": url,
    })
}

const US: &str = "https://api.vapi.ai/telnyx/inbound_call";
const EU: &str = "https://api.eu.vapi.ai/telnyx/inbound_call";

#[tokio::test]
async fn an_application_leads_to_vapi_by_its_webhook_alone() {
    for (active, url, expected) in [
        (json!(true), US, (true, true)),
        (json!(true), EU, (true, true)),
        (json!(null), "https://api.vapi.ai/telnyx/inbound_call/", (true, true)),
        (json!(false), US, (false, true)),
        (json!(true), "https://ours.test/telnyx/inbound_call", (true, false)),
        (json!(true), "https://api.vapi.ai/telnyx/inbound_call.evil.test", (true, false)),
        (json!(true), "", (true, false)),
    ] {
        let body = json!({ "data": application_json(CONNECTION_ID, active, url) });
        let exchange = Scripted::new([answer(200, body)]);
        let (active, calls_vapi) = expected;
        let application = Application { id: connection(), active, calls_vapi };
        let read = client(&exchange).read_application(&connection()).await;
        assert_eq!(read, Outcome::Done(application), "{url}");
    }
}

#[tokio::test]
async fn an_application_that_is_not_there_is_missing() {
    let exchange = Scripted::new([refused(404, "10005", ""), answer(500, json!({}))]);
    let telnyx = client(&exchange);
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(telnyx.read_application(&connection()).await, missing);
    assert_eq!(telnyx.read_application(&connection()).await, transient());
    let line = format!("GET https://telnyx.test/v2/call_control_applications/{CONNECTION_ID}");
    assert_eq!(exchange.asked().remove(0), (line, None));
}

#[tokio::test]
async fn of_several_applications_for_vapi_the_lowest_id_is_taken() {
    let exchange = Scripted::new([
        page(
            json!([
                application_json("9", json!(false), US),
                application_json("99", json!(true), "https://ours.test"),
                application_json("1000", json!(true), US),
            ]),
            2,
        ),
        page(json!([application_json("200", json!(true), EU)]), 2),
    ]);
    let found = client(&exchange).find_vapi_application().await;
    let expected = Application { id: "200".parse().unwrap(), active: true, calls_vapi: true };
    assert_eq!(found, Outcome::Done(Some(expected)));
    let line = "GET https://telnyx.test/v2/call_control_applications?page[number]=2&page[size]=100";
    assert_eq!(exchange.asked().remove(1), (line.to_owned(), None));
}

#[tokio::test]
async fn no_application_for_vapi_is_told_only_of_a_whole_list() {
    let exchange = Scripted::new([
        list(json!([application_json("9", json!(false), US)])),
        answer(503, json!({})),
    ]);
    let telnyx = client(&exchange);
    assert_eq!(telnyx.find_vapi_application().await, Outcome::Done(None));
    assert_eq!(telnyx.find_vapi_application().await, transient());
}
