use super::*;
use crate::testing::{
    ASSISTANT_ID, Answer, KEY, STAMP, assistant_id, assistant_spec, client, stamp, transient,
};
use domain::assistant::Language;
use domain::outcome::Refusal;
use exchange::ExchangeError;
use exchange::scripted::{Scripted, answer, plain};
use serde_json::{Value, json};

fn after() -> Timestamp {
    // 2026-01-01T00:05:00Z: five minutes after the time that is asked for.
    Timestamp::from_millis(1_767_225_900_000)
}

/// An assistant made `second` seconds after the hour.
fn assistant(id: &str, second: u32, stamp: &str) -> Value {
    json!({
        "id": id,
        "createdAt": format!("2026-01-01T00:{:02}:{:02}.000Z", second / 60, second % 60),
        "metadata": { "stamp": stamp },
    })
}

/// A full page of foreign assistants, newest first, ending at `last`.
fn full_page(last: u32) -> Vec<Value> {
    (0..100).rev().map(|n| assistant("foreign", last + n, "another")).collect()
}

async fn find(answers: impl IntoIterator<Item = Answer>) -> (Found, Vec<String>) {
    let exchange = Scripted::new(answers);
    let found = client(&exchange).find_assistant(&stamp(), after()).await;
    (found, exchange.asked().into_iter().map(|(line, _body)| line).collect())
}

type Found = Outcome<Option<VapiAssistantId>, NoReason>;

#[tokio::test]
async fn an_assistant_is_created_once_and_answers_with_its_id() {
    let exchange = Scripted::new([answer(201, json!({ "id": ASSISTANT_ID }))]);
    let spec = assistant_spec(Language::English);
    let created = client(&exchange).create_assistant(&spec).await;
    assert_eq!(created, Outcome::Done(assistant_id()));
    let request = exchange.requests().remove(0);
    assert_eq!(request.url, "https://vapi.test/assistant");
    assert_eq!(request.headers["authorization"], format!("Bearer {KEY}"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.deadline, Duration::from_secs(10));
}

#[tokio::test]
async fn a_create_is_read_by_its_status() {
    let request = |text: &str| Outcome::Refused(Refusal::Request(text.to_owned()));
    let wait = |seconds| Outcome::Transient { retry_after: Some(Duration::from_secs(seconds)) };
    let mut late = answer(429, json!({})).unwrap();
    late.headers.insert("x-ratelimit-reset".to_owned(), "1767225690".to_owned());
    late.headers.insert("date".to_owned(), "Thu, 01 Jan 2026 00:00:00 GMT".to_owned());
    for (end, expected) in [
        (Err(ExchangeError::NotSent), transient()),
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (Ok(late), wait(90)),
        (answer(500, json!({})), Outcome::Unknown),
        (answer(504, json!({})), Outcome::Unknown),
        (answer(408, json!({})), Outcome::Unknown),
        (plain(201, "created"), Outcome::Unknown),
        (answer(201, json!({ "id": null })), Outcome::Unknown),
        (answer(401, json!({})), Outcome::Refused(Refusal::Key)),
        (answer(403, json!({})), Outcome::Refused(Refusal::Key)),
        (answer(400, json!({ "message": ["a", "b"] })), request("a; b")),
        (answer(409, json!({ "message": "Conflict" })), request("Conflict")),
    ] {
        let exchange = Scripted::new([end]);
        let spec = assistant_spec(Language::English);
        assert_eq!(client(&exchange).create_assistant(&spec).await, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}

/// An assistant as VAPI answers, with `changes` laid over it.
fn answered(changes: Value) -> Value {
    let mut assistant = json!({
        "id": ASSISTANT_ID,
        "orgId": "9a000000-0000-4000-8000-000000000003",
        "name": "Rosa's Bakery",
        "metadata": {
            "stamp": STAMP,
            "assistantId": "01KA0000000000000000000001",
            "businessId": "biz_42",
            "organizationId": "org_7",
        },
        "server": { "url": "https://ours.test/webhooks/vapi", "headers": { "x-vapi-secret": "x" } },
        "latestVersion": null,
    });
    for (name, value) in changes.as_object().unwrap() {
        assistant[name] = value.clone();
    }
    assistant
}

fn known() -> VapiAssistant {
    VapiAssistant {
        id: assistant_id(),
        name: Some("Rosa's Bakery".to_owned()),
        stamp: Some(stamp()),
        assistant: Some("01KA0000000000000000000001".parse().unwrap()),
        business: Some("biz_42".parse().unwrap()),
        organization: Some("org_7".parse().unwrap()),
        server_url: Some("https://ours.test/webhooks/vapi".to_owned()),
    }
}

#[tokio::test]
async fn an_assistant_is_changed_in_place_by_the_body_that_creates_it() {
    let spec = assistant_spec(Language::French);
    let exchange = Scripted::new([
        answer(201, json!({ "id": ASSISTANT_ID })),
        answer(200, answered(json!({}))),
        answer(200, answered(json!({}))),
    ]);
    let vapi = client(&exchange);
    assert_eq!(vapi.create_assistant(&spec).await, Outcome::Done(assistant_id()));
    assert_eq!(vapi.update_assistant(&assistant_id(), &spec).await, Outcome::Done(known()));
    assert_eq!(vapi.update_assistant(&assistant_id(), &spec).await, Outcome::Done(known()));
    let asked = exchange.asked();
    let line = format!("PATCH https://vapi.test/assistant/{ASSISTANT_ID}");
    assert_eq!((&asked[1].0, &asked[2].0), (&line, &line));
    // All but what tells who it is, which never changes.
    let mut made = asked[0].1.clone().unwrap();
    assert!(made.as_object_mut().unwrap().remove("metadata").is_some());
    assert_eq!((Some(&made), Some(&made)), (asked[1].1.as_ref(), asked[2].1.as_ref()));
}

#[tokio::test]
async fn a_change_is_read_by_its_status() {
    let request = |text: &str| Outcome::Refused(Refusal::Request(text.to_owned()));
    let gone = Outcome::Refused(Refusal::Because(Missing::NotFound));
    for (end, expected) in [
        (Err(ExchangeError::NotSent), transient()),
        (Err(ExchangeError::AnswerLost), Outcome::Unknown),
        (answer(429, json!({})), transient()),
        (answer(500, json!({})), Outcome::Unknown),
        (plain(200, "changed"), Outcome::Unknown),
        (answer(200, json!({ "id": null })), Outcome::Unknown),
        (answer(401, json!({})), Outcome::Refused(Refusal::Key)),
        (answer(404, json!({})), gone),
        (answer(400, json!({ "message": ["a", "b"] })), request("a; b")),
    ] {
        let exchange = Scripted::new([end]);
        let spec = assistant_spec(Language::English);
        assert_eq!(client(&exchange).update_assistant(&assistant_id(), &spec).await, expected);
        assert_eq!(exchange.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_assistant_is_read_back() {
    let foreign = json!({
        "name": null, "metadata": { "stamp": "Front desk", "businessId": 7 }, "server": null,
    });
    let bare = VapiAssistant {
        name: None,
        stamp: None,
        assistant: None,
        business: Some("7".parse().unwrap()),
        organization: None,
        server_url: None,
        ..known()
    };
    let exchange = Scripted::new([
        answer(200, answered(json!({}))),
        answer(200, answered(foreign)),
        answer(404, json!({ "message": "Not Found" })),
        answer(500, json!({})),
        answer(200, json!([])),
    ]);
    let vapi = client(&exchange);
    assert_eq!(vapi.read_assistant(&assistant_id()).await, Outcome::Done(known()));
    assert_eq!(vapi.read_assistant(&assistant_id()).await, Outcome::Done(bare));
    let gone = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(vapi.read_assistant(&assistant_id()).await, gone);
    assert_eq!(vapi.read_assistant(&assistant_id()).await, transient());
    assert_eq!(vapi.read_assistant(&assistant_id()).await, transient());
    let line = format!("GET https://vapi.test/assistant/{ASSISTANT_ID}");
    assert_eq!(exchange.asked().remove(0), (line, None));
}

#[tokio::test]
async fn an_assistant_is_found_by_its_exact_stamp() {
    let longer = assistant("b", 2, &format!("{STAMP}1"));
    let plain = json!({ "id": "c", "metadata": "text" });
    let (found, asked) =
        find([answer(200, json!([longer, plain, assistant(ASSISTANT_ID, 1, STAMP)]))]).await;
    assert_eq!(found, Outcome::Done(Some(assistant_id())));
    let line = "GET https://vapi.test/assistant?limit=100&createdAtGe=2026-01-01T00:00:00Z";
    assert_eq!(asked, [line]);
}

#[tokio::test]
async fn of_several_assistants_the_oldest_is_taken() {
    let (found, _asked) = find([answer(
        200,
        json!([
            assistant("young", 9, STAMP),
            assistant(ASSISTANT_ID, 1, STAMP),
            assistant("z-of-the-same-second", 1, STAMP),
        ]),
    )])
    .await;
    assert_eq!(found, Outcome::Done(Some(assistant_id())));
}

#[tokio::test]
async fn the_next_page_ends_where_the_last_one_ended() {
    let (found, asked) = find([
        answer(200, json!(full_page(30))),
        answer(200, json!([assistant("foreign", 30, "x"), assistant(ASSISTANT_ID, 7, STAMP)])),
    ])
    .await;
    assert_eq!(found, Outcome::Done(Some(assistant_id())));
    assert!(asked[1].ends_with("&createdAtLe=2026-01-01T00:00:30.000Z"), "{}", asked[1]);
}

#[tokio::test]
async fn absence_is_believed_only_of_a_whole_list() {
    assert_eq!(find([answer(200, json!([]))]).await.0, Outcome::Done(None));
    let mut ascending = full_page(30);
    ascending.reverse();
    let stuck = vec![assistant("foreign", 30, "x"); 100];
    let undated = vec![json!({ "id": "foreign" }); 100];
    for answers in [
        vec![answer(200, json!(ascending))],
        vec![answer(200, json!(stuck)), answer(200, json!(stuck))],
        vec![answer(200, json!(undated))],
        vec![answer(200, json!(full_page(30))), answer(500, json!({}))],
        vec![answer(200, json!({ "results": [] }))],
        vec![answer(200, json!([assistant("a/b", 1, STAMP)]))],
    ] {
        assert_eq!(find(answers).await.0, transient());
    }
}

#[tokio::test]
async fn a_list_of_assistants_without_end_is_left() {
    let pages = (0..40).map(|page| answer(200, json!(full_page(4_000 - page * 90))));
    let (found, asked) = find(pages).await;
    assert_eq!((found, asked.len()), (transient(), PAGES_MAX));
}

#[tokio::test]
async fn an_assistant_is_deleted_gone_or_pinned() {
    let exchange = Scripted::new([
        answer(200, json!({ "id": ASSISTANT_ID })),
        answer(404, json!({})),
        answer(409, json!({ "error": "assistant_pinned", "message": "still in use" })),
        Err(ExchangeError::AnswerLost),
    ]);
    let vapi = client(&exchange);
    assert_eq!(vapi.delete_assistant(&assistant_id()).await, Outcome::Done(()));
    assert_eq!(vapi.delete_assistant(&assistant_id()).await, Outcome::Done(()));
    let pinned = Refusal::Because(DeleteAssistantRefusal::Pinned);
    assert_eq!(vapi.delete_assistant(&assistant_id()).await, Outcome::Refused(pinned));
    assert_eq!(vapi.delete_assistant(&assistant_id()).await, Outcome::Unknown);
    let line = format!("DELETE https://vapi.test/assistant/{ASSISTANT_ID}");
    assert_eq!(exchange.asked().remove(0), (line, None));
}
