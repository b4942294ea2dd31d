use super::*;
use crate::testing::{
    ASSISTANT_ID, DIGITS, NUMBER_ID, STAMP, assistant_id, client, digits, number_id, number_json,
    server_json, stamp, transient,
};
use domain::outcome::Refusal;
use domain::vapi::Digits;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer};

fn free(area_code: Option<&str>, sip_only: bool) -> FreeNumberSpec {
    let area_code = area_code.map(|code| code.parse().unwrap());
    FreeNumberSpec { stamp: stamp(), area_code, assistant: Some(assistant_id()), sip_only }
}

fn import_spec() -> ImportSpec {
    ImportSpec {
        stamp: stamp(),
        digits: digits(),
        credential: "3d000000-0000-4000-8000-000000000004".parse().unwrap(),
        assistant: Some(assistant_id()),
    }
}

fn line(id: &VapiNumberId) -> Line<'_> {
    Line { id, provider: NumberProvider::Telnyx, linked_elsewhere: false }
}

const PATCHED: &str = "PATCH https://vapi.test/phone-number/0f0e0000-0000-4000-8000-000000000001";

#[tokio::test]
async fn a_free_number_is_created_named_linked_and_pointing_to_us() {
    let exchange = Scripted::new([answer(201, number_json(json!({ "number": null })))]);
    let created = client(&exchange).create_free_number(&free(Some("415"), false)).await;
    assert!(matches!(created, Outcome::Done(number) if number.digits == Digits::Absent));
    let body = json!({
        "provider": "vapi",
        "name": STAMP,
        "assistantId": ASSISTANT_ID,
        "numberDesiredAreaCode": "415",
        "server": server_json(),
    });
    let asked = ("POST https://vapi.test/phone-number".to_owned(), Some(body));
    assert_eq!(exchange.asked(), [asked]);
}

#[tokio::test]
async fn a_sip_address_is_made_from_the_stamp_and_has_no_area_code() {
    let exchange = Scripted::new([answer(201, number_json(json!({})))]);
    let _created = client(&exchange).create_free_number(&free(Some("415"), true)).await;
    let body = exchange.asked().remove(0).1.unwrap();
    let uri = "sip:abcdefgh-01ka0000000000000000000000-1@sip.vapi.ai";
    assert_eq!(body["sipUri"], uri);
    assert_eq!(body.get("numberDesiredAreaCode"), None);
}

#[tokio::test]
async fn a_create_whose_end_is_not_clear_is_unknown_and_never_repeated() {
    let unclear = [
        Err(ExchangeError::AnswerLost),
        answer(500, json!({})),
        answer(503, json!({})),
        answer(408, json!({})),
        answer(201, json!({ "without": "id" })),
        exchange::scripted::plain(200, "<html>"),
    ];
    for end in unclear {
        let exchange = Scripted::new([end.clone(), end]);
        let vapi = client(&exchange);
        assert_eq!(vapi.create_free_number(&free(None, false)).await, Outcome::Unknown);
        assert_eq!(vapi.import_telnyx_number(&import_spec()).await, Outcome::Unknown);
        assert_eq!(exchange.requests().len(), 2);
    }
}

#[tokio::test]
async fn a_create_that_was_not_sent_or_came_too_often_is_transient() {
    let exchange = Scripted::new([Err(ExchangeError::NotSent), answer(429, json!({}))]);
    let vapi = client(&exchange);
    assert_eq!(vapi.create_free_number(&free(None, false)).await, transient());
    assert_eq!(vapi.create_free_number(&free(None, false)).await, transient());
}

#[tokio::test]
async fn a_number_is_imported_with_its_credential() {
    let exchange = Scripted::new([answer(201, number_json(json!({ "provider": "telnyx" })))]);
    let imported = client(&exchange).import_telnyx_number(&import_spec()).await;
    assert!(matches!(imported, Outcome::Done(number) if number.digits == Digits::Known(digits())));
    let body = json!({
        "provider": "telnyx",
        "number": DIGITS,
        "credentialId": "3d000000-0000-4000-8000-000000000004",
        "name": STAMP,
        "assistantId": ASSISTANT_ID,
        "server": server_json(),
    });
    assert_eq!(exchange.asked().remove(0).1, Some(body));
}

fn twilio_spec(assistant: Option<VapiAssistantId>) -> TwilioImportSpec {
    TwilioImportSpec {
        stamp: stamp(),
        digits: digits(),
        account: TWILIO_ACCOUNT.parse().unwrap(),
        assistant,
        messages: ImportedMessages::default(),
    }
}

const TWILIO_ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_number_is_imported_from_twilio_with_either_key_and_its_messages_left_alone() {
    let secret = SecretString::from("opensesame");
    let sid = "SK0123456789abcdef0123456789abcdef".parse().unwrap();
    let echoed = || {
        let shown = json!({ "provider": "twilio", "twilioAuthToken": "opensesame" });
        answer(201, number_json(shown))
    };
    let exchange = Scripted::new([echoed(), echoed()]);
    let vapi = client(&exchange);
    let token = TwilioKey::AuthToken(&secret);
    let imported = vapi.import_twilio_number(&twilio_spec(Some(assistant_id())), token).await;
    let Outcome::Done(number) = imported else { panic!("a number was expected") };
    assert_eq!(number.provider, NumberProvider::Twilio);
    assert_eq!(number.digits, Digits::Known(digits()));
    let api_key = TwilioKey::ApiKey { sid: &sid, secret: &secret };
    let with_messages = TwilioImportSpec { messages: ImportedMessages::Vapi, ..twilio_spec(None) };
    let _imported = vapi.import_twilio_number(&with_messages, api_key).await;
    let line = || "POST https://vapi.test/phone-number".to_owned();
    let linked = json!({
        "provider": "twilio",
        "number": DIGITS,
        "twilioAccountSid": TWILIO_ACCOUNT,
        "twilioAuthToken": "opensesame",
        "smsEnabled": false,
        "name": STAMP,
        "assistantId": ASSISTANT_ID,
        "server": server_json(),
    });
    let unlinked = json!({
        "provider": "twilio",
        "number": DIGITS,
        "twilioAccountSid": TWILIO_ACCOUNT,
        "twilioApiKey": "SK0123456789abcdef0123456789abcdef",
        "twilioApiSecret": "opensesame",
        "smsEnabled": true,
        "name": STAMP,
        "server": server_json(),
    });
    assert_eq!(exchange.asked(), [(line(), Some(linked)), (line(), Some(unlinked))]);
}

#[tokio::test]
async fn an_import_from_twilio_is_sent_once_and_read_by_its_end() {
    let secret = SecretString::from("opensesame");
    for (end, expected) in [
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (answer(500, json!({})), Outcome::Unknown),
        (answer(201, json!({ "without": "id" })), Outcome::Unknown),
        (Err(ExchangeError::NotSent), transient()),
        (answer(429, json!({})), transient()),
        (answer(401, json!({})), Outcome::Refused(Refusal::Key)),
        (
            answer(400, json!({ "message": "Number Not Found on Twilio" })),
            Outcome::Refused(Refusal::Because(ImportRefusal::NotAtCarrier)),
        ),
    ] {
        let exchange = Scripted::new([end]);
        let key = TwilioKey::AuthToken(&secret);
        let imported = client(&exchange).import_twilio_number(&twilio_spec(None), key).await;
        assert_eq!(imported, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_twilio_key_is_neither_kept_nor_printed() {
    let (token, sid) = ("planted-auth-token", "SK0123456789abcdef0123456789abcdef");
    let api_secret = "planted-api-secret";
    let spec = twilio_spec(None);
    let (token_secret, key_secret) = (SecretString::from(token), SecretString::from(api_secret));
    let key_sid = sid.parse().unwrap();
    for key in [
        TwilioKey::AuthToken(&token_secret),
        TwilioKey::ApiKey { sid: &key_sid, secret: &key_secret },
    ] {
        let shown = match key {
            TwilioKey::AuthToken(_) => json!({ "provider": "twilio", "twilioAuthToken": token }),
            TwilioKey::ApiKey { .. } => {
                json!({ "provider": "twilio", "twilioApiKey": sid, "twilioApiSecret": api_secret })
            }
        };
        let words = match key {
            TwilioKey::AuthToken(_) => format!("no colour {token} for {DIGITS}"),
            TwilioKey::ApiKey { .. } => format!("no colour {sid}:{api_secret} for {DIGITS}"),
        };
        let exchange = Scripted::new([
            answer(201, number_json(shown)),
            answer(400, json!({ "message": words })),
        ]);
        let vapi = client(&exchange);
        let done = vapi.import_twilio_number(&spec, key).await;
        let refused = vapi.import_twilio_number(&spec, key).await;
        assert!(matches!(done, Outcome::Done(_)));
        assert!(matches!(&refused, Outcome::Refused(Refusal::Request(_))), "{refused:?}");
        let printed = format!("{spec:?} {key:?} {done:?} {refused:?} {exchange:?}");
        for planted in [token, sid, api_secret, DIGITS, "4155550123"] {
            assert!(!printed.contains(planted), "{planted} in {printed}");
        }
    }
}

#[tokio::test]
async fn a_number_is_read_or_missing() {
    let exchange = Scripted::new([
        answer(200, number_json(json!({}))),
        answer(404, json!({ "message": "Not Found" })),
        answer(500, json!({})),
        Err(ExchangeError::AnswerLost),
    ]);
    let vapi = client(&exchange);
    assert!(matches!(vapi.read_number(&number_id()).await, Outcome::Done(_)));
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(vapi.read_number(&number_id()).await, missing);
    assert_eq!(vapi.read_number(&number_id()).await, transient());
    assert_eq!(vapi.read_number(&number_id()).await, transient());
}

#[tokio::test]
async fn a_link_changes_the_assistant_and_nothing_else() {
    let exchange = Scripted::new([answer(200, number_json(json!({})))]);
    let linked = client(&exchange).link(line(&number_id()), &assistant_id()).await;
    assert!(matches!(linked, Outcome::Done(_)));
    let body = json!({ "assistantId": ASSISTANT_ID });
    assert_eq!(exchange.asked(), [(PATCHED.to_owned(), Some(body))]);
}

#[tokio::test]
async fn an_unlink_sends_an_explicit_null() {
    let exchange = Scripted::new([answer(200, number_json(json!({ "assistantId": null })))]);
    let unlinked = client(&exchange).unlink(line(&number_id())).await;
    assert!(matches!(unlinked, Outcome::Done(number) if number.assistant.is_none()));
    assert_eq!(exchange.asked().remove(0).1, Some(json!({ "assistantId": null })));
}

#[tokio::test]
async fn a_squad_or_workflow_is_cleared_only_where_one_is_linked() {
    let exchange =
        Scripted::new([answer(200, number_json(json!({}))), answer(200, number_json(json!({})))]);
    let vapi = client(&exchange);
    let id = number_id();
    let elsewhere = Line { linked_elsewhere: true, ..line(&id) };
    let _linked = vapi.link(elsewhere, &assistant_id()).await;
    let _unlinked = vapi.unlink(elsewhere).await;
    let bodies: Vec<_> = exchange.asked().into_iter().map(|(_line, body)| body.unwrap()).collect();
    assert_eq!(
        bodies,
        [
            json!({ "assistantId": ASSISTANT_ID, "squadId": null, "workflowId": null }),
            json!({ "assistantId": null, "squadId": null, "workflowId": null }),
        ]
    );
}

#[tokio::test]
async fn provider_is_named_once_when_vapi_asks_for_it() {
    let wanted = json!({ "message": ["provider must be one of the following values: vapi"] });
    let exchange = Scripted::new([answer(400, wanted), answer(200, number_json(json!({})))]);
    let linked = client(&exchange).link(line(&number_id()), &assistant_id()).await;
    assert!(matches!(linked, Outcome::Done(_)));
    let bodies: Vec<_> = exchange.asked().into_iter().map(|(_line, body)| body.unwrap()).collect();
    assert_eq!(
        bodies,
        [
            json!({ "assistantId": ASSISTANT_ID }),
            json!({ "provider": "telnyx", "assistantId": ASSISTANT_ID }),
        ]
    );
}

#[tokio::test]
async fn provider_is_never_named_to_an_api_that_does_not_ask() {
    let exchange = Scripted::new([answer(400, json!({ "message": "assistantId must be a UUID" }))]);
    let linked = client(&exchange).link(line(&number_id()), &assistant_id()).await;
    let refusal = Refusal::Request("assistantId must be a UUID".to_owned());
    assert_eq!(linked, Outcome::Refused(refusal));
    assert_eq!(exchange.requests().len(), 1);
}

#[tokio::test]
async fn a_second_no_about_provider_is_final() {
    let no = || answer(400, json!({ "message": "property provider should not exist" }));
    let exchange = Scripted::new([no(), no(), no()]);
    let linked = client(&exchange).link(line(&number_id()), &assistant_id()).await;
    assert!(matches!(linked, Outcome::Refused(Refusal::Request(_))));
    assert_eq!(exchange.requests().len(), 2);
}

#[tokio::test]
async fn a_provider_without_a_name_is_not_tried() {
    let exchange = Scripted::new([answer(400, json!({ "message": "provider is required" }))]);
    let id = number_id();
    let other = Line { provider: NumberProvider::Other, ..line(&id) };
    let unlinked = client(&exchange).unlink(other).await;
    assert!(matches!(unlinked, Outcome::Refused(Refusal::Request(_))));
    assert_eq!(exchange.requests().len(), 1);
}

#[tokio::test]
async fn a_link_whose_end_is_not_clear_is_unknown() {
    let exchange = Scripted::new([
        Err(ExchangeError::AnswerLost),
        answer(502, json!({})),
        answer(404, json!({})),
    ]);
    let vapi = client(&exchange);
    assert_eq!(vapi.unlink(line(&number_id())).await, Outcome::Unknown);
    assert_eq!(vapi.unlink(line(&number_id())).await, Outcome::Unknown);
    let missing = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(vapi.unlink(line(&number_id())).await, missing);
}

#[tokio::test]
async fn a_number_that_is_gone_is_deleted() {
    let exchange = Scripted::new([
        answer(200, number_json(json!({}))),
        exchange::scripted::plain(204, ""),
        answer(404, json!({ "message": "Not Found" })),
        answer(500, json!({})),
        answer(401, json!({})),
    ]);
    let vapi = client(&exchange);
    for _time in 0..3 {
        assert_eq!(vapi.delete_number(&number_id()).await, Outcome::Done(()));
    }
    assert_eq!(vapi.delete_number(&number_id()).await, Outcome::Unknown);
    assert_eq!(vapi.delete_number(&number_id()).await, Outcome::Refused(Refusal::Key));
    let deleted = format!("DELETE https://vapi.test/phone-number/{NUMBER_ID}");
    assert_eq!(exchange.asked().remove(0), (deleted, None));
}

#[tokio::test]
async fn a_number_has_calls_when_the_list_shows_one() {
    let exchange = Scripted::new([
        answer(200, json!([{ "id": "call" }])),
        answer(200, json!([])),
        answer(200, json!({ "not": "a list" })),
    ]);
    let vapi = client(&exchange);
    assert_eq!(vapi.has_calls(&number_id()).await, Outcome::Done(true));
    assert_eq!(vapi.has_calls(&number_id()).await, Outcome::Done(false));
    assert_eq!(vapi.has_calls(&number_id()).await, transient());
    let asked = format!("GET https://vapi.test/call?phoneNumberId={NUMBER_ID}&limit=1");
    assert_eq!(exchange.asked().remove(0).0, asked);
}
