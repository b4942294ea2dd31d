use super::*;
use crate::testing::{client, transient};
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer};
use serde_json::{Value, json};

fn credential(last: u8, application: Value) -> Value {
    json!({
        "id": format!("3d000000-0000-4000-8000-00000000000{last}"),
        "provider": "telnyx",
        "name": "acct-a",
        "telnyxApplicationId": application,
    })
}

fn expected(last: u8, application: Option<&str>) -> TelnyxCredential {
    TelnyxCredential {
        id: format!("3d000000-0000-4000-8000-00000000000{last}").parse().unwrap(),
        application: application.map(|id| id.parse().unwrap()),
    }
}

#[tokio::test]
async fn only_telnyx_credentials_are_listed_in_order_of_id() {
    let twilio = json!({ "id": "x", "provider": "twilio", "authToken": "planted" });
    let exchange = Scripted::new([answer(
        200,
        json!([credential(2, json!(2840)), twilio, credential(1, json!("")), { "id": "y" }]),
    )]);
    let listed = client(&exchange).list_telnyx_credentials().await;
    assert_eq!(listed, Outcome::Done(vec![expected(1, None), expected(2, Some("2840"))]));
    assert_eq!(exchange.asked(), [("GET https://vapi.test/credential".to_owned(), None)]);
}

#[tokio::test]
async fn a_key_that_may_not_list_credentials_is_refused() {
    let exchange = Scripted::new([
        answer(401, json!({ "message": "Unauthorized" })),
        answer(403, json!({ "message": "Forbidden" })),
        answer(500, json!({})),
        Err(ExchangeError::NotSent),
    ]);
    let vapi = client(&exchange);
    assert_eq!(vapi.list_telnyx_credentials().await, Outcome::Refused(Refusal::Key));
    assert_eq!(vapi.list_telnyx_credentials().await, Outcome::Refused(Refusal::Key));
    assert_eq!(vapi.list_telnyx_credentials().await, transient());
    assert_eq!(vapi.list_telnyx_credentials().await, transient());
}

#[tokio::test]
async fn one_credential_is_read_and_another_providers_is_missing() {
    let exchange = Scripted::new([
        answer(200, credential(1, json!("2840"))),
        answer(200, json!({ "id": "3d", "provider": "twilio" })),
        answer(404, json!({ "message": "Not Found" })),
    ]);
    let vapi = client(&exchange);
    let id = "3d000000-0000-4000-8000-000000000001".parse().unwrap();
    assert_eq!(vapi.read_credential(&id).await, Outcome::Done(expected(1, Some("2840"))));
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(vapi.read_credential(&id).await, missing);
    assert_eq!(vapi.read_credential(&id).await, missing);
}
