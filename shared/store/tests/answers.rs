//! What each answer of DynamoDB is taken for, above all whether a write may have been applied.
//!
//! A stand-in gives the answers that DynamoDB Local never gives: it is neither throttled nor lost.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test's helpers may fail as loudly as a test"
)]

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use std::io::{BufRead, BufReader, Read, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;
use store::dynamo::{DynamoTable, configure};
use store::suite;
use store::table::{Condition, Item, Key, Refused, Table, TableError, Value, Write};

/// What the stand-in does with a request.
#[derive(Clone, Debug)]
enum Answer {
    /// Answers with a status and a body.
    With(u16, String),
    /// Closes the connection without a word.
    HangUp,
    /// Keeps the connection open without a word.
    Silence,
}

/// An answer that names an error.
fn error(status: u16, code: &str, more: &str) -> Answer {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Answer::With(status, format!(r#"{{"__type":"{kind}","message":"why"{more}}}"#))
}

/// A cancelled transaction with these reasons.
fn cancelled(reasons: &str) -> Answer {
    let reasons = format!(r#","CancellationReasons":[{reasons}]"#);
    error(400, "TransactionCanceledException", &reasons)
}

/// Gives these answers, the last one for ever; tells its address and how often it was asked.
fn stand_in(answers: Vec<Answer>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    // It ends with the test's process.
    thread::spawn(move || {
        let mut silent = Vec::new();
        for stream in listener.incoming().flatten() {
            read_request(&stream);
            let place = count.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            match answers[place].clone() {
                Answer::With(status, body) => write_answer(stream, status, &body),
                Answer::HangUp => drop(stream),
                Answer::Silence => silent.push(stream),
            }
        }
    });
    (address, asked)
}

fn read_request(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("a body");
}

fn write_answer(mut stream: TcpStream, status: u16, body: &str) {
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} Said\r\ncontent-type: application/x-amz-json-1.0\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .expect("it is read");
}

fn table(address: &str) -> DynamoTable {
    let timeout =
        TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(300)).build();
    let config = dynamodb_local::config(address)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeout)
        .build();
    DynamoTable::new(Client::from_conf(config), "table")
}

fn key(sk: &str) -> Key {
    Key { pk: "p".to_owned(), sk: sk.to_owned() }
}

fn writes() -> Vec<Write> {
    let condition = Condition::Absent;
    let put = |sk| Write::Put { key: key(sk), item: Item::new(), condition: condition.clone() };
    ["a", "b", "c", "d"].map(put).to_vec()
}

fn stored() -> (&'static str, Item) {
    let [name, ..] = suite::PROBES;
    let json = r#""Item":{"pk":{"S":"p"},"sk":{"S":"b"},"probe_a":{"S":"x"}}"#;
    (json, Item::from([(name, Value::Text("x".to_owned()))]))
}

/// Asks for a read, a write and a transaction, and expects the same of each.
async fn check(answer: Answer, expected: impl Fn(&TableError) -> bool) {
    let (address, asked) = stand_in(vec![answer.clone()]);
    let table = table(&address);
    let read = table.get(&[key("a")]).await.expect_err("no read");
    let batch = table.get(&[key("a"), key("b")]).await.expect_err("no read");
    let single = table.write(&writes()[0]).await.expect_err("no write");
    let transaction = table.transact(&writes(), "token").await.expect_err("no transaction");
    for told in [read, batch, single, transaction] {
        assert!(expected(&told), "{answer:?} was taken for {told:?}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

/// Expects this of a transaction.
async fn check_transaction(answer: Answer, expected: TableError) {
    let (address, _asked) = stand_in(vec![answer]);
    assert_eq!(table(&address).transact(&writes(), "token").await, Err(expected));
}

#[tokio::test]
async fn too_many_requests_are_throttled() {
    for code in
        ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
    {
        check(error(400, code, ""), |told| *told == TableError::Throttled).await;
    }
}

#[tokio::test]
async fn what_may_have_been_applied_is_an_answer_lost() {
    for answer in [
        error(500, "InternalServerError", ""),
        error(503, "ServiceUnavailable", ""),
        Answer::With(502, "<html>".to_owned()),
        Answer::With(200, "{".to_owned()),
        Answer::With(403, "<html>".to_owned()),
        Answer::HangUp,
        Answer::Silence,
    ] {
        check(answer, |told| *told == TableError::AnswerLost).await;
    }
    // Nobody listens: not even that proves that an earlier try did not arrive.
    let answer = table("http://127.0.0.1:1").write(&writes()[0]).await;
    assert_eq!(answer, Err(TableError::AnswerLost));
}

#[tokio::test]
async fn bad_requests_are_rejected_without_their_values() {
    for code in
        ["AccessDeniedException", "ResourceNotFoundException", "UnrecognizedClientException"]
    {
        let expected = format!("{code}: why");
        check(error(400, code, ""), |told| *told == TableError::Rejected(expected.clone())).await;
    }
    let quoting = Answer::With(
        400,
        r#"{"__type":"a#ValidationException","message":"bad operand: AttributeValue: {S:secret}"}"#
            .to_owned(),
    );
    let expected = "ValidationException: bad operand: AttributeValue: ".to_owned();
    check(quoting, |told| *told == TableError::Rejected(expected.clone())).await;
}

#[tokio::test]
async fn conflicts_are_told_as_such() {
    for code in ["TransactionConflictException", "TransactionInProgressException"] {
        check(error(400, code, ""), |told| *told == TableError::Conflict).await;
    }
}

#[tokio::test]
async fn refused_write_gives_the_old_item() {
    let (json, old) = stored();
    for (more, old) in [(format!(",{json}"), Some(old)), (String::new(), None)] {
        let (address, _asked) =
            stand_in(vec![error(400, "ConditionalCheckFailedException", &more)]);
        let table = table(&address);
        let update = Write::Update {
            key: key("a"),
            set: vec![(suite::PROBES[0], Value::Text("y".to_owned()))],
            add: Vec::new(),
            remove: Vec::new(),
            condition: Condition::Absent,
        };
        let delete = Write::Delete { key: key("a"), condition: Condition::Present };
        for write in [writes()[0].clone(), update, delete] {
            let expected = TableError::Refused(vec![Refused { index: 0, old: old.clone() }]);
            assert_eq!(table.write(&write).await, Err(expected));
        }
    }
}

#[tokio::test]
async fn reasons_of_a_cancelled_transaction_are_weighed() {
    let (json, old) = stored();
    let none = r#"{"Code":"None"}"#;
    let conflict = r#"{"Code":"TransactionConflict","Message":"why"}"#;
    let throttled = r#"{"Code":"ThrottlingError","Message":"why"}"#;
    let exceeded = r#"{"Code":"ProvisionedThroughputExceeded","Message":"why"}"#;
    let invalid = r#"{"Code":"ValidationError","Message":"why"}"#;
    let refused = r#"{"Code":"ConditionalCheckFailed","Message":"why"}"#;
    let with_item = format!(r#"{{"Code":"ConditionalCheckFailed","Message":"why",{json}}}"#);
    let reasons = format!("{none},{with_item},{conflict},{refused}");
    let expected = vec![Refused { index: 1, old: Some(old) }, Refused { index: 3, old: None }];
    check_transaction(cancelled(&reasons), TableError::Refused(expected)).await;
    let rejected = TableError::Rejected("ValidationError: why".to_owned());
    for (reasons, expected) in [
        (format!("{none},{conflict},{throttled},{none}"), TableError::Conflict),
        (format!("{none},{throttled},{none},{none}"), TableError::Throttled),
        (format!("{none},{none},{none},{exceeded}"), TableError::Throttled),
        (format!("{none},{invalid},{none},{none}"), rejected),
    ] {
        check_transaction(cancelled(&reasons), expected).await;
    }
    check_transaction(
        error(400, "IdempotentParameterMismatchException", ""),
        TableError::Rejected("IdempotentParameterMismatchException: why".to_owned()),
    )
    .await;
}

#[tokio::test]
async fn keys_left_out_are_asked_for_again() {
    let row = r#"{"pk":{"S":"p"},"sk":{"S":"SK"},"probe_a":{"S":"x"}}"#;
    let (row_a, row_b) = (row.replace("SK", "a"), row.replace("SK", "b"));
    let left = r#"{"table":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"b"}}],"ConsistentRead":true}}"#;
    let half = Answer::With(
        200,
        format!(r#"{{"Responses":{{"table":[{row_a}]}},"UnprocessedKeys":{left}}}"#),
    );
    let rest = Answer::With(
        200,
        format!(r#"{{"Responses":{{"table":[{row_b}]}},"UnprocessedKeys":{{}}}}"#),
    );
    let keys = [key("b"), key("c"), key("a")];
    let (address, asked) = stand_in(vec![half.clone(), rest]);
    let (_json, item) = stored();
    let expected = vec![Some(item.clone()), None, Some(item)];
    assert_eq!(table(&address).get(&keys).await, Ok(expected));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    // Not for ever.
    let (address, asked) = stand_in(vec![half]);
    assert_eq!(table(&address).get(&keys).await, Err(TableError::Throttled));
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn recommended_configuration_tries_three_times() {
    let lost = error(500, "InternalServerError", "");
    let fine = Answer::With(200, "{}".to_owned());
    for (answers, expected, tries) in [
        (vec![fine.clone()], Ok(Item::new()), 1),
        (vec![lost.clone(), Answer::HangUp, fine], Ok(Item::new()), 3),
        (vec![lost], Err(TableError::AnswerLost), 3),
        (vec![error(400, "ConditionalCheckFailedException", "")], refused(), 1),
    ] {
        let (address, asked) = stand_in(answers);
        let config = configure(dynamodb_local::config(&address)).build();
        let table = DynamoTable::new(Client::from_conf(config), "table");
        assert_eq!(table.write(&writes()[0]).await, expected);
        assert_eq!(asked.load(Ordering::SeqCst), tries);
    }
}

fn refused() -> Result<Item, TableError> {
    Err(TableError::Refused(vec![Refused { index: 0, old: None }]))
}
