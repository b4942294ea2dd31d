//! A pool of many numbers, with the rows that the product writes.

use std::collections::HashMap;

use anyhow::{Context, bail};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use races::{Engine, Site, at_once, stocked};
use store::layout;
use store::table::{Row, Value};

/// Items of one request: DynamoDB's own limit.
const BATCH: usize = 25;
/// Requests under way at once.
const AT_ONCE: usize = 8;
/// Times what was left of a batch is sent again.
const TRIES_MAX: u32 = 10;

/// Fills a table: the numbers are made and freed in the twin, and their rows and places copied.
/// What guards their digits and ids is left out: no claim looks at it.
pub(crate) async fn pool(client: &Client, table: &str, numbers: usize) -> anyhow::Result<()> {
    let twin = Site::new(Engine::twin(), &[]);
    stocked(&twin, numbers).await;
    let mut rows = twin.rows("NUMBER#").await;
    rows.extend(twin.rows("POOL#").await);
    drop(twin);
    let requests = rows.iter().map(request).collect::<anyhow::Result<Vec<_>>>()?;
    let batches: Vec<Vec<WriteRequest>> = requests.chunks(BATCH).map(<[_]>::to_vec).collect();
    for group in batches.chunks(AT_ONCE) {
        let sent = group.iter().cloned().map(|batch| {
            let (client, table) = (client.clone(), table.to_owned());
            async move { written(&client, &table, batch).await }
        });
        at_once(sent.collect::<Vec<_>>()).await.into_iter().collect::<anyhow::Result<()>>()?;
    }
    Ok(())
}

fn request(row: &Row) -> anyhow::Result<WriteRequest> {
    let mut item = HashMap::from([
        (layout::PK.to_owned(), AttributeValue::S(row.key.pk.clone())),
        (layout::SK.to_owned(), AttributeValue::S(row.key.sk.clone())),
    ]);
    item.extend(row.item.iter().map(|(name, value)| {
        let value = match value {
            Value::Text(text) => AttributeValue::S(text.clone()),
            Value::Document(text) => AttributeValue::S(text.as_ref().to_owned()),
            Value::Number(number) => AttributeValue::N(number.to_string()),
        };
        ((*name).to_owned(), value)
    }));
    let put = PutRequest::builder().set_item(Some(item)).build().context("a row")?;
    Ok(WriteRequest::builder().put_request(put).build())
}

async fn written(client: &Client, table: &str, mut batch: Vec<WriteRequest>) -> anyhow::Result<()> {
    for _try in 0..TRIES_MAX {
        let sent = client.batch_write_item().request_items(table, batch).send().await?;
        let left = sent.unprocessed_items.and_then(|mut tables| tables.remove(table));
        match left {
            Some(left) if !left.is_empty() => batch = left,
            Some(_) | None => return Ok(()),
        }
    }
    bail!("rows were left out {TRIES_MAX} times")
}
