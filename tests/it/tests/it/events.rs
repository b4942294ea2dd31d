//! The sample events, as the gateway and the queue hand them over, through the real handlers.

use aws_lambda_events::event::sqs::SqsEvent;
use it::{City, Person, Shown as _};
use provision::{Answer, Call};
use serde_json::{Value, json};

/// A sample call of the gateway, answered.
fn answered(city: &City, event: &str) -> Answer {
    let request = lambda_http::request::from_str(event).unwrap();
    city.send(Call::from_lambda(request))
}

const POST: &str = include_str!("../../../../events/provision-post.json");
const GET: &str = include_str!("../../../../events/provision-get.json");
const GET_BY_ID: &str = include_str!("../../../../events/provision-get-by-id.json");
const AVAILABLE: &str = include_str!("../../../../events/available-get.json");
const SETTINGS: &str = include_str!("../../../../events/admin-organization-put.json");
const ONBOARDING: &str = include_str!("../../../../events/onboarding-post.json");
const CHANGE: &str = include_str!("../../../../events/assistant-patch.json");
const CONTACT: &str = include_str!("../../../../events/emergency-contact-post.json");
const BATCH: &str = include_str!("../../../../events/steps-batch.json");

/// The provisioning the sample by id asks for.
const SAMPLE_ID: &str = "01JGF00000000000000000WRK1";

#[test]
fn sample_post_is_carried_to_its_end() {
    let city = City::new();
    let asked = answered(&city, POST);
    assert_eq!((asked.status, asked.state()), (202, "queued"), "{:#}", asked.body);
    // The sample has an idempotency key: the same event again is the same provisioning.
    assert_eq!(answered(&city, POST).id(), asked.id());
    assert_eq!(answered(&city, GET).body["hasPhoneNumber"], json!(false));
    city.settle();
    let mine = answered(&city, GET);
    assert_eq!(mine.body["hasPhoneNumber"], json!(true));
    assert!(mine.text("phone_number").starts_with("+1415"), "{:#}", mine.body);
    city.assert_answers(&mine);
    let by_id = answered(&city, &GET_BY_ID.replace(SAMPLE_ID, asked.id()));
    assert_eq!((by_id.status, by_id.state()), (200, "ready"));
}

#[test]
fn sample_of_an_unknown_provisioning_is_a_404() {
    let answer = answered(&City::new(), GET_BY_ID);
    assert_eq!((answer.status, answer.problem()), (404, "no-such-provisioning"));
}

#[test]
fn sample_search_finds_numbers() {
    let answer = answered(&City::new(), AVAILABLE);
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    let numbers = answer.body["numbers"].as_array().unwrap();
    assert_eq!(numbers.len(), 5);
    assert!(numbers.iter().all(|one| one["phoneNumber"].as_str().unwrap().starts_with("+1415")));
}

#[test]
fn sample_settings_are_an_operators() {
    let city = City::new();
    let answer = answered(&city, SETTINGS);
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    assert_eq!(answer.body["organization"]["effective"]["caps"]["organization_day_cents"], 1000);
    let response = answer.into_lambda().unwrap();
    assert_eq!(response.headers().get("etag").unwrap(), "\"1\"");
    let anybody = SETTINGS.replace("[operators]", "[owners]");
    assert_eq!(answered(&city, &anybody).problem(), "operators-only");
}

#[test]
fn sample_onboarding_makes_a_business_for_a_user_without_one() {
    let city = City::new();
    let asked = answered(&city, ONBOARDING);
    assert_eq!((asked.status, asked.text("name")), (202, "Corner Bakery"), "{:#}", asked.body);
    assert_eq!(answered(&city, ONBOARDING).id(), asked.id());
}

#[test]
fn sample_contact_and_sample_change_reach_the_assistant() {
    let city = City::new();
    assert_eq!(answered(&city, CONTACT).problem(), "no-business");
    let asked = answered(&city, POST);
    city.settle();
    let change = CHANGE.replace("01JGF00000000000000000AST1", asked.text("assistant_id"));
    assert_eq!(answered(&city, CHANGE).problem(), "no-such-assistant");
    assert_eq!(answered(&city, &change).status, 202);
    assert_eq!(answered(&city, CONTACT).status, 201);
    city.settle();
    let ready = answered(&city, GET);
    let path = format!("/assistant/{}", ready.text("vapi_assistant_id"));
    let assistant = city.at_vapi("GET", &path, Value::Null).1;
    assert_eq!(assistant["maxDurationSeconds"], 900);
    let transfer = &assistant["model"]["tools"][1]["destinations"][0];
    assert_eq!(transfer["number"], "+14155550199");
}

#[test]
fn sample_without_its_claims_is_a_401() {
    let mut event: Value = serde_json::from_str(POST).unwrap();
    event["requestContext"].as_object_mut().unwrap().remove("authorizer");
    let answer = answered(&City::new(), &event.to_string());
    assert_eq!((answer.status, answer.problem()), (401, "not-signed-in"));
}

#[test]
fn answers_go_back_to_the_gateway() {
    let city = City::new();
    let answer = answered(&city, POST);
    let response = answer.clone().into_lambda().unwrap();
    assert_eq!(response.status(), 202);
    let location = response.headers().get("location").unwrap();
    assert_eq!(location, &format!("/api/phone/provision/{}", answer.id()));
    assert!(response.headers().contains_key("retry-after"));
    let lambda_http::Body::Text(body) = response.body() else { panic!("a text is expected") };
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), answer.body);
}

#[test]
fn sample_batch_of_works_that_are_gone_is_acknowledged() {
    let city = City::new();
    let batch: SqsEvent = serde_json::from_str(BATCH).unwrap();
    assert_eq!(batch.records.len(), 2);
    assert_eq!(city.clock.run(city.batch(batch)), Vec::<String>::new());
    assert_eq!(city.figures("RecordFailed"), 0);
}

#[test]
fn sample_batch_carries_the_works_it_names() {
    let city = City::new();
    let person = Person::of("org-1", "business");
    let asked = city.post(&person, json!({ "sources": ["telnyx"] }));
    let batch = BATCH.replace(SAMPLE_ID, asked.id());
    let batch: SqsEvent = serde_json::from_str(&batch).unwrap();
    assert_eq!(city.clock.run(city.batch(batch)), Vec::<String>::new());
    assert_eq!(city.look(&person, asked.id()).text("step"), "awaiting_order");
}

#[test]
fn record_without_time_left_is_not_begun() {
    let city = City::new();
    let asked = city.post(&Person::of("org-1", "business"), json!({}));
    let batch: SqsEvent = serde_json::from_str(&BATCH.replace(SAMPLE_ID, asked.id())).unwrap();
    let failed = city.clock.run(city.batch_within(batch, std::time::Duration::from_secs(14)));
    assert_eq!(failed.len(), 2);
    assert!(city.held().assistants.is_empty());
    city.settle();
    assert_eq!(city.works().len(), 1);
    assert_eq!(city.held().assistants.len(), 1);
}
