//! What providers send, and what only pretends to come from them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use e2e::{Owner, held, on_stack};
use local::{Answer, Stack, VAPI_WEBHOOK_SECRET};
use reqwest::Method;
use serde_json::{Value, json};
use simulators::STANDARD_VAPI_KEY;

async fn post(stack: &Stack, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let body = Some(body.to_string().into_bytes());
    stack.api_without_token().send(Method::POST, path, &all, body).await.unwrap()
}

fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

#[test]
fn a_telnyx_webhook_with_a_wrong_signature_is_refused() {
    on_stack(async |stack| {
        let before = held(stack);
        let body = json!({ "data": {
            "record_type": "event",
            "event_type": "number_order.complete",
            "id": "0c0c0c0c-0000-4000-8000-000000000001",
            "payload": { "id": "0c0c0c0c-0000-4000-8000-000000000002" },
        }});
        let now = now_seconds().to_string();
        let signature = format!("{}==", "A".repeat(86));
        let signed =
            [("telnyx-timestamp", now.as_str()), ("telnyx-signature-ed25519", signature.as_str())];
        assert_eq!(post(stack, "/webhooks/telnyx", &signed, &body).await.status, 401);
        assert_eq!(post(stack, "/webhooks/telnyx", &[], &body).await.status, 401);
        let garbage = [("telnyx-timestamp", "soon"), ("telnyx-signature-ed25519", "%")];
        assert_eq!(post(stack, "/webhooks/telnyx", &garbage, &body).await.status, 401);
        assert_eq!(held(stack), before);
    });
}

#[test]
fn a_vapi_webhook_with_a_wrong_secret_is_refused() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let job = owner.provision(stack, "vapi_free").await;
        let number = job.text("phone_number").expect("a number");
        let body = json!({ "message": {
            "type": "assistant-request",
            "call": { "id": "0c0c0c0c-0000-4000-8000-000000000003" },
            "phoneNumber": { "number": number },
            "customer": { "number": "+15005550006" },
        }});
        for secret in ["", "wrong", "local-vapi-webhook-secret2"] {
            let headers = [("x-vapi-secret", secret)];
            let answer = post(stack, "/webhooks/vapi", &headers, &body).await;
            assert_eq!(answer.status, 401, "{secret}: {}", answer.text);
            let wanted = job.text("vapi_assistant_id").expect("an assistant");
            assert!(!answer.text.contains(wanted), "nothing is to be learned: {}", answer.text);
        }
        assert_eq!(post(stack, "/webhooks/vapi", &[], &body).await.status, 401);
    });
}

#[test]
fn a_number_of_nobody_is_answered_with_a_text() {
    on_stack(async |stack| {
        let body = json!({ "message": {
            "type": "assistant-request",
            "call": { "id": "0c0c0c0c-0000-4000-8000-000000000004" },
            "phoneNumber": {
                "id": "0c0c0c0c-0000-4000-8000-000000000005",
                "number": "+14155550199",
            },
            "customer": { "number": "+15005550006" },
        }});
        let secret = [("x-vapi-secret", VAPI_WEBHOOK_SECRET)];
        let answer = post(stack, "/webhooks/vapi", &secret, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.text_at("error"), Some("This number is not yet assigned."));
    });
}

#[test]
fn a_lost_link_heals_while_the_phone_rings() {
    on_stack(async |stack| {
        for source in ["vapi_free", "telnyx"] {
            let owner = Owner::new(stack).await;
            let job = owner.provision(stack, source).await;
            assert!(job.is_answered_rightly(), "{source}: {job:#?}");
            let number = job.text("phone_number").expect("a number");
            let unlinked = Some(r#"{"assistantId":null}"#);
            in_the_dashboard(stack, number, Method::PATCH, unlinked).await;

            let call = local::main_job::call(stack.vapi_url(), number).await.unwrap();
            assert_eq!(call["outcome"], "assistant", "{source}: {call:#}");
            assert_eq!(call["assistant_id"].as_str(), job.text("vapi_assistant_id"), "{source}");
            let asked = call["path"].to_string();
            assert!(asked.contains("assistant-request"), "the link was not lost: {asked}");
        }
    });
}

/// Changes or deletes a number's record, as somebody in VAPI's dashboard does.
async fn in_the_dashboard(stack: &Stack, number: &str, method: Method, body: Option<&str>) {
    let record = stack.providers().with(|providers| {
        let org = providers.vapi.org(STANDARD_VAPI_KEY).expect("the standard organization");
        let mut records = org.numbers.iter();
        let found = records.find(|record| record.digits.as_deref() == Some(number));
        found.expect("a record").id.clone()
    });
    let vapi = local::Api::new(stack.vapi_url(), Some(STANDARD_VAPI_KEY));
    let headers = [("content-type", "application/json"), ("user-agent", "dashboard")];
    let path = format!("/phone-number/{record}");
    let body = body.map(|body| body.as_bytes().to_vec());
    let answer = vapi.send(method, &path, &headers, body).await.unwrap();
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[test]
fn twilio_hears_from_us_what_to_say_when_vapi_does_not_take_a_call() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let job = owner.provision(stack, "global_twilio").await;
        assert!(job.is_answered_rightly(), "{job:#?}");
        let number = job.text("phone_number").expect("a number");
        let fallback = format!("{}/webhooks/twilio", stack.api_url());
        stack.providers().with(|providers| {
            let setting = [("voice_fallback_url", fallback.as_str())];
            providers.twilio.change_outside(0, number, setting).expect("the number is there");
        });
        in_the_dashboard(stack, number, Method::DELETE, None).await;

        let call = local::main_job::call(stack.vapi_url(), number).await.unwrap();
        assert_eq!(call["outcome"], "server_reply", "{call:#}");
        let spoken = call["spoken"].as_str().unwrap_or_default();
        assert!(spoken.contains("Please call again in a few minutes."), "{call:#}");
    });
}

#[test]
fn telnyx_reports_reach_us() {
    on_stack(async |stack| {
        let owner = Owner::new(stack).await;
        let job = owner.provision(stack, "telnyx").await;
        assert!(job.is_answered_rightly(), "{job:#?}");
        let truth = stack.providers().with(|providers| providers.truth(0));
        let deliveries = truth["deliveries"].as_array().cloned().unwrap_or_default();
        let last = deliveries.last().cloned().unwrap_or_default();
        assert_eq!(last["status"], 200, "{last:#}");
    });
}
