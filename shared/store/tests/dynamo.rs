//! DynamoDB does what every table must, and the twin does what DynamoDB does, on DynamoDB Local.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers may fail as loudly as a test"
)]

#[path = "dynamo/sameness.rs"]
mod sameness;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;
use dynamodb_local::DynamoDbLocal;
use std::sync::OnceLock;
use store::dynamo::{DynamoTable, configure};
use store::limits;
use store::suite;
use store::table::{Condition, Item, Key, Table, TableError, Value, Write};

/// A table of its own for each test, in one DynamoDB Local for all of them. `None` where there is
/// none to be had.
async fn table(name: &str) -> Option<(Client, DynamoTable)> {
    // It ends with this process although nobody drops it.
    static LOCAL: OnceLock<Option<DynamoDbLocal>> = OnceLock::new();
    let local = LOCAL
        .get_or_init(|| DynamoDbLocal::start_if_possible().expect("DynamoDB Local starts"))
        .as_ref()?;
    local.create_table(name).await.expect("the table is made");
    // A client's connections belong to the runtime of one test.
    let client = local.client();
    Some((client.clone(), DynamoTable::new(client, name)))
}

fn key(sk: &str) -> Key {
    Key { pk: "p".to_owned(), sk: sk.to_owned() }
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

#[tokio::test]
async fn dynamodb_passes_the_suite() {
    let Some((_client, table)) = table("suite").await else {
        return;
    };
    suite::run(&table, "suite").await.unwrap_or_else(|failure| panic!("{failure:?}"));
}

#[tokio::test]
async fn attributes_of_a_newer_version_are_ignored() {
    let Some((client, table)) = table("newer").await else {
        return;
    };
    let [known, ..] = suite::PROBES;
    client
        .put_item()
        .table_name("newer")
        .item("pk", text("p"))
        .item("sk", text("newer"))
        .item(known, text("known"))
        .item("attribute_of_tomorrow", AttributeValue::Bool(true))
        .send()
        .await
        .expect("it is written");
    let expected = Item::from([(known, Value::Text("known".to_owned()))]);
    let found = table.get(&[key("newer")]).await.expect("it is read");
    assert_eq!(found, [Some(expected.clone())]);
    // An update leaves them where they are.
    let write = Write::Update {
        key: key("newer"),
        set: vec![(known, Value::Text("known".to_owned()))],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Present,
    };
    assert_eq!(table.write(&write).await, Ok(expected));
    let stored = client.get_item().table_name("newer");
    let stored = stored.key("pk", text("p")).key("sk", text("newer")).send().await;
    let stored = stored.expect("it is read").item.expect("it is there");
    assert_eq!(stored.get("attribute_of_tomorrow"), Some(&AttributeValue::Bool(true)));
}

#[tokio::test]
async fn known_attributes_of_another_kind_are_rejected() {
    let Some((client, table)) = table("kinds").await else {
        return;
    };
    let [known, ..] = suite::PROBES;
    for (sk, value) in [
        ("fraction", AttributeValue::N("1.5".to_owned())),
        ("huge", AttributeValue::N("9223372036854775808".to_owned())),
        ("truth", AttributeValue::Bool(true)),
    ] {
        let put = client.put_item().table_name("kinds").item("pk", text("p")).item("sk", text(sk));
        put.item(known, value).send().await.expect("it is written");
        let answer = table.get(&[key(sk)]).await;
        assert!(matches!(answer, Err(TableError::Rejected(_))), "{sk}: {answer:?}");
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_rejects() {
    let Some((client, _table)) = table("there").await else {
        return;
    };
    let elsewhere = DynamoTable::new(client, "not-there");
    let answer = elsewhere.get(&[key("a")]).await;
    let Err(TableError::Rejected(reason)) = answer else { panic!("{answer:?}") };
    assert!(reason.starts_with("ResourceNotFoundException"), "{reason}");
}

#[tokio::test]
async fn the_recommended_configuration_works() {
    let Some((client, _table)) = table("configured").await else {
        return;
    };
    let config = configure(client.config().to_builder()).build();
    let table = DynamoTable::new(Client::from_conf(config), "configured");
    assert_eq!(table.get(&[key("a"), key("b")]).await, Ok(vec![None, None]));
}

/// What `limits` refuses on its own account is what DynamoDB would refuse; here it is asked.
#[tokio::test]
async fn limits_of_writes_are_dynamodbs_own() {
    let Some((client, _table)) = table("limits-write").await else {
        return;
    };
    let number = AttributeValue::N("1".to_owned());
    let long = text(&"x".repeat(limits::SORT_BYTES_MAX + 1));
    for (name, value) in [
        ("sk", text("")),
        ("sk", long),
        ("sk", number.clone()),
        ("due_pk", text("")),
        ("list_sk", text("")),
        ("due_sk", number),
    ] {
        let put = client.put_item().table_name("limits-write");
        let put = put.item("pk", text("p")).item("sk", text("a")).item(name, value.clone());
        let error = put.send().await.expect_err("it is refused");
        assert_eq!(error.code(), Some("ValidationException"), "{name}: {value:?}");
    }
    let update = client.update_item().table_name("limits-write");
    let update = update.key("pk", text("p")).key("sk", text("a"));
    let update = update.update_expression("SET a = :a REMOVE a");
    let update = update.expression_attribute_values(":a", text("a"));
    let error = update.send().await.expect_err("it is refused");
    assert_eq!(error.code(), Some("ValidationException"), "one attribute changed twice");
}

#[tokio::test]
async fn limits_of_queries_are_dynamodbs_own() {
    let Some((client, _table)) = table("limits-query").await else {
        return;
    };
    let query = |condition: &str| {
        let query = client.query().table_name("limits-query").key_condition_expression(condition);
        query.expression_attribute_values(":p", text("p"))
    };
    let between = query("pk = :p AND sk BETWEEN :b AND :a")
        .expression_attribute_values(":a", text("a"))
        .expression_attribute_values(":b", text("b"));
    let outside = query("pk = :p AND sk >= :b")
        .expression_attribute_values(":b", text("b"))
        .exclusive_start_key("pk", text("p"))
        .exclusive_start_key("sk", text("a"));
    let elsewhere = query("pk = :p")
        .exclusive_start_key("pk", text("elsewhere"))
        .exclusive_start_key("sk", text("a"));
    for (name, query) in [
        ("no rows", query("pk = :p").limit(0)),
        ("a range backwards", between),
        ("a cursor outside of the range", outside),
        ("a cursor of another partition", elsewhere),
    ] {
        let error = query.send().await.expect_err("it is refused");
        assert_eq!(error.code(), Some("ValidationException"), "{name}");
    }
}
