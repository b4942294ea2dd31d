//! The table in DynamoDB.
//!
//! Nothing is decided here: requests are translated, and answers translated back. Whatever may
//! have been applied without our seeing the answer comes back as [`TableError::AnswerLost`].

mod attributes;
mod expression;
mod failure;
mod request;

use crate::layout;
use crate::limits;
use crate::table::{Index, Item, Key, Page, Query, Refused, Row, Table, TableError, Write};
use attributes::Attributes;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{
    KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use expression::Expressions;
use std::collections::BTreeMap;
use std::time::Duration;

/// A read by key is asked for again this often when DynamoDB leaves keys out.
const READ_ROUNDS_MAX: u8 = 4;
/// Tries of one request, the first included.
const TRIES_MAX: u32 = 3;
/// Longest wait for one try, and for all of them.
const TRY_MAX: Duration = Duration::from_secs(2);
const REQUEST_MAX: Duration = Duration::from_secs(5);

/// The table in DynamoDB.
#[derive(Debug, Clone)]
pub struct DynamoTable {
    client: Client,
    name: String,
}

impl DynamoTable {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    async fn get_one(&self, key: &Key) -> Result<Vec<Option<Item>>, TableError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(attributes::of_key(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| failure::plain(&error))?;
        Ok(vec![output.item.map(attributes::into_item).transpose()?])
    }

    async fn get_batch(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        let mut found: BTreeMap<Key, Item> = BTreeMap::new();
        let mut wanted = keys.iter().map(attributes::of_key).collect();
        for _round in 0..READ_ROUNDS_MAX {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(true)
                .build()
                .map_err(|error| failure::unbuilt(&error))?;
            let output = self
                .client
                .batch_get_item()
                .request_items(&self.name, request)
                .send()
                .await
                .map_err(|error| failure::plain(&error))?;
            let rows = output.responses.and_then(|mut tables| tables.remove(&self.name));
            for row in rows.unwrap_or_default() {
                let Row { key, item } = attributes::into_row(row)?;
                found.insert(key, item);
            }
            match output.unprocessed_keys.and_then(|mut tables| tables.remove(&self.name)) {
                Some(rest) if !rest.keys.is_empty() => wanted = rest.keys,
                Some(_) | None => return Ok(keys.iter().map(|key| found.remove(key)).collect()),
            }
        }
        Err(TableError::Throttled)
    }

    async fn put(&self, key: &Key, item: &Item, held: Expressions) -> Result<Item, TableError> {
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(attributes::of_row(key, item)))
            .set_condition_expression(held.condition)
            .set_expression_attribute_names(held.names)
            .set_expression_attribute_values(held.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
            .map_err(|error| {
                failure::conditional(&error, |error| {
                    if let PutItemError::ConditionalCheckFailedException(refused) = error {
                        Some(refused.item.clone())
                    } else {
                        None
                    }
                })
            })?;
        Ok(item.clone())
    }

    async fn update(&self, key: &Key, change: Expressions) -> Result<Item, TableError> {
        let output = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(attributes::of_key(key)))
            .set_update_expression(change.update)
            .set_condition_expression(change.condition)
            .set_expression_attribute_names(change.names)
            .set_expression_attribute_values(change.values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
            .map_err(|error| {
                failure::conditional(&error, |error| {
                    if let UpdateItemError::ConditionalCheckFailedException(refused) = error {
                        Some(refused.item.clone())
                    } else {
                        None
                    }
                })
            })?;
        output.attributes.map_or_else(|| Ok(Item::new()), attributes::into_item)
    }

    async fn delete(&self, key: &Key, held: Expressions) -> Result<Item, TableError> {
        self.client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(attributes::of_key(key)))
            .set_condition_expression(held.condition)
            .set_expression_attribute_names(held.names)
            .set_expression_attribute_values(held.values)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
            .map_err(|error| {
                failure::conditional(&error, |error| {
                    if let DeleteItemError::ConditionalCheckFailedException(refused) = error {
                        Some(refused.item.clone())
                    } else {
                        None
                    }
                })
            })?;
        Ok(Item::new())
    }

    async fn transaction(&self, writes: &[Write], token: Option<&str>) -> Result<(), TableError> {
        let items: Vec<TransactWriteItem> = writes
            .iter()
            .map(|write| request::of_write(&self.name, write))
            .collect::<Result<_, _>>()?;
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .set_client_request_token(token.map(str::to_owned))
            .send()
            .await;
        match sent {
            Ok(_consumed) => Ok(()),
            Err(error) => Err(match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    failure::cancelled(cancelled)
                }
                Some(_) | None => failure::plain(&error),
            }),
        }
    }
}

/// How a client for this table should be set up: a few quick tries with a limit to each.
///
/// The SDK may repeat a write whose answer was lost. That is harmless here: every write that may
/// not happen twice has a condition that its own success makes false, so the repeat comes back as
/// [`TableError::Refused`] with our own `written_by` in the old item, which the callers read as
/// success; a repeated transaction is recognized by its token. Waits longer than these belong to
/// the queue.
#[must_use]
pub fn configure(config: Builder) -> Builder {
    config
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(TRIES_MAX)
                .with_initial_backoff(Duration::from_millis(50)),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(1))
                .operation_attempt_timeout(TRY_MAX)
                .operation_timeout(REQUEST_MAX)
                .build(),
        )
}

impl Table for DynamoTable {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        limits::get(keys)?;
        match keys {
            [] => Ok(Vec::new()),
            [key] => self.get_one(key).await,
            keys => self.get_batch(keys).await,
        }
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        limits::query(query)?;
        let range = expression::range(query);
        let secondary = query.index.secondary();
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(secondary.map(|index| index.name.to_owned()))
            .set_consistent_read((query.index == Index::Base).then_some(true))
            .set_key_condition_expression(range.condition)
            .set_expression_attribute_names(range.names)
            .set_expression_attribute_values(range.values)
            .scan_index_forward(query.ascending)
            .limit(i32::from(query.limit))
            .set_exclusive_start_key(attributes::of_cursor(query))
            .send()
            .await
            .map_err(|error| failure::plain(&error))?;
        let rows = output.items.unwrap_or_default();
        Ok(Page {
            rows: rows.into_iter().map(attributes::into_row).collect::<Result<_, _>>()?,
            next: output
                .last_evaluated_key
                .map(|last| attributes::into_cursor(last, secondary.map(|index| index.sort)))
                .transpose()?,
        })
    }

    async fn write(&self, write: &Write) -> Result<Item, TableError> {
        limits::write(write)?;
        match write {
            Write::Put { key, item, condition } => {
                self.put(key, item, expression::condition(condition)).await
            }
            Write::Update { key, .. } => self.update(key, expression::of_write(write)).await,
            Write::Delete { key, condition } => {
                self.delete(key, expression::condition(condition)).await
            }
            // There is no such request but in a transaction. It changes nothing, so it needs no
            // token.
            Write::Check { .. } => {
                self.transaction(std::slice::from_ref(write), None).await?;
                Ok(Item::new())
            }
        }
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TableError> {
        limits::transact(writes, token)?;
        self.transaction(writes, Some(token)).await
    }
}

/// The item of a failed condition, as it stood.
fn refused(index: usize, old: Option<Attributes>) -> Result<Refused, TableError> {
    // DynamoDB Local gives an empty item where there is none.
    let old = old.filter(|attributes| attributes.contains_key(layout::PK));
    Ok(Refused { index, old: old.map(attributes::into_item).transpose()? })
}
