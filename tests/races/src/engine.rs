//! The table a race runs on.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::sync::Arc;
use store::dynamo::DynamoTable;
use store::memory::MemoryTable;
use store::table::{Index, Item, Key, Page, Query, Row, Table, TableError, Write};

/// Keys read at once: as many as the table answers in one request.
const KEYS_MAX: usize = 100;
/// Rows of one page.
const PAGE_ROWS: u16 = 1_000;
/// Pages of a partition, until it is larger than any race makes it.
const PAGES_MAX: u32 = 1_000;

/// DynamoDB, or the twin that stands for it in all other tests.
#[derive(Debug, Clone)]
pub enum Engine {
    /// DynamoDB.
    Dynamo {
        /// The table.
        table: DynamoTable,
        /// What it is reached with.
        client: Client,
        /// Its name.
        name: String,
    },
    /// The twin in memory, where tasks that run at once really overlap.
    Twin(Arc<MemoryTable>),
}

impl Engine {
    /// A table of DynamoDB.
    pub fn dynamo(client: &Client, name: &str) -> Self {
        let table = DynamoTable::new(client.clone(), name);
        Self::Dynamo { table, client: client.clone(), name: name.to_owned() }
    }

    /// An empty twin, in which others may run amid every transaction.
    pub fn twin() -> Self {
        Self::Twin(Arc::default())
    }

    /// Every item of a partition, in the order of the sort keys.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn partition(&self, partition: &str) -> Vec<Row> {
        let mut query = Query {
            index: Index::Base,
            partition: partition.to_owned(),
            from: None,
            to: None,
            ascending: true,
            limit: PAGE_ROWS,
            after: None,
        };
        let mut rows = Vec::new();
        for _page in 0..PAGES_MAX {
            let page = self.query(&query).await.expect("the table is read");
            rows.extend(page.rows);
            query.after = page.next;
            if query.after.is_none() {
                return rows;
            }
        }
        panic!("{partition} has no end after {PAGES_MAX} pages");
    }

    /// Every item whose partition key begins so, in the order of the keys.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn rows(&self, partition: &str) -> Vec<Row> {
        let (client, name) = match self {
            Self::Dynamo { client, name, .. } => (client, name),
            Self::Twin(table) => {
                let mut rows = table.rows();
                rows.retain(|row| row.key.pk.starts_with(partition));
                return rows;
            }
        };
        let pages = client.scan().table_name(name).consistent_read(true);
        let found = pages.projection_expression("pk, sk").into_paginator().items().send();
        let found: Vec<_> = found.collect::<Result<_, _>>().await.expect("the table is read");
        let mut keys: Vec<Key> = found.iter().map(key).collect();
        keys.retain(|key| key.pk.starts_with(partition));
        keys.sort();
        self.at(&keys).await
    }

    /// The items that stand at these keys.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn at(&self, keys: &[Key]) -> Vec<Row> {
        let mut rows = Vec::new();
        for keys in keys.chunks(KEYS_MAX) {
            let items = self.get(keys).await.expect("the table is read");
            let items = keys.iter().cloned().zip(items);
            rows.extend(items.filter_map(|(key, item)| Some(Row { key, item: item? })));
        }
        rows
    }
}

fn key(attributes: &HashMap<String, AttributeValue>) -> Key {
    let text = |name: &str| attributes[name].as_s().unwrap().clone();
    Key { pk: text("pk"), sk: text("sk") }
}

impl Table for Engine {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        match self {
            Self::Dynamo { table, .. } => table.get(keys).await,
            Self::Twin(table) => table.get(keys).await,
        }
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        match self {
            Self::Dynamo { table, .. } => table.query(query).await,
            Self::Twin(table) => table.query(query).await,
        }
    }

    async fn write(&self, write: &Write) -> Result<Item, TableError> {
        match self {
            Self::Dynamo { table, .. } => table.write(write).await,
            Self::Twin(table) => table.write(write).await,
        }
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TableError> {
        match self {
            Self::Dynamo { table, .. } => table.transact(writes, token).await,
            Self::Twin(table) => table.transact(writes, token).await,
        }
    }
}
