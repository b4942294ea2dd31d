//! The exchange without network.

use std::time::Duration;

use exchange::{Exchange, ExchangeError};
use serde_json::json;
use simulators::{
    Fault, FaultScript, Provider, Providers, ProvidersOptions, STANDARD_TELNYX_KEY,
    STANDARD_VAPI_KEY, SharedProviders,
};

use crate::desk::{START_MS, request};

fn shared() -> SharedProviders {
    SharedProviders::new(Providers::standard(ProvidersOptions::default(), 7, START_MS))
}

fn create() -> exchange::Request {
    let body = json!({ "provider": "vapi" });
    request(Provider::Vapi, "POST /phone-number", STANDARD_VAPI_KEY, Some(body))
}

#[tokio::test]
async fn answers_come_through_for_both_providers() {
    let shared = shared();
    let answer = shared.vapi(|| START_MS).send(create()).await.unwrap();
    assert_eq!(answer.status, 201);
    let get = request(Provider::Telnyx, "GET /balance", STANDARD_TELNYX_KEY, None);
    let answer = shared.telnyx(|| START_MS).send(get).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn faults_become_the_two_kinds_of_failure() {
    for (fault, error, effects) in [
        (Fault::AnswerLost, ExchangeError::AnswerLost, 1),
        (Fault::Reset, ExchangeError::AnswerLost, 0),
        (Fault::NotSent, ExchangeError::NotSent, 0),
        (Fault::Delay { ms: 10_001 }, ExchangeError::AnswerLost, 1),
    ] {
        let shared = shared();
        shared.with(|all| {
            all.add_fault(FaultScript::once(Provider::Vapi, "POST", "/phone-number", fault));
        });
        let end = shared.vapi(|| START_MS).send(create()).await;
        assert_eq!(end.err(), Some(error));
        assert_eq!(shared.lock().vapi.orgs()[0].numbers.len(), effects);
    }
}

#[tokio::test]
async fn a_delay_within_the_deadline_needs_no_waiting() {
    let shared = shared();
    shared.with(|all| {
        let fault = Fault::Delay { ms: 9_000 };
        all.add_fault(FaultScript::once(Provider::Vapi, "POST", "/phone-number", fault));
    });
    let mut create = create();
    create.deadline = Duration::from_secs(9);
    assert_eq!(shared.vapi(|| START_MS).send(create).await.unwrap().status, 201);
}
