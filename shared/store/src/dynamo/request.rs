//! The writes of a transaction as DynamoDB wants them.

use super::attributes;
use super::expression;
use super::failure;
use crate::table::{TableError, Write};
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};

/// One write of a transaction.
pub(super) fn of_write(table: &str, write: &Write) -> Result<TransactWriteItem, TableError> {
    build(table, write).map_err(|error| failure::unbuilt(&error))
}

fn build(table: &str, write: &Write) -> Result<TransactWriteItem, BuildError> {
    let expressions = expression::of_write(write);
    let item = TransactWriteItem::builder();
    let old = ReturnValuesOnConditionCheckFailure::AllOld;
    let item = match write {
        Write::Put { key, item: attributes, .. } => item.put(
            Put::builder()
                .table_name(table)
                .set_item(Some(attributes::of_row(key, attributes)))
                .set_condition_expression(expressions.condition)
                .set_expression_attribute_names(expressions.names)
                .set_expression_attribute_values(expressions.values)
                .return_values_on_condition_check_failure(old)
                .build()?,
        ),
        Write::Update { key, .. } => item.update(
            Update::builder()
                .table_name(table)
                .set_key(Some(attributes::of_key(key)))
                .set_update_expression(expressions.update)
                .set_condition_expression(expressions.condition)
                .set_expression_attribute_names(expressions.names)
                .set_expression_attribute_values(expressions.values)
                .return_values_on_condition_check_failure(old)
                .build()?,
        ),
        Write::Delete { key, .. } => item.delete(
            Delete::builder()
                .table_name(table)
                .set_key(Some(attributes::of_key(key)))
                .set_condition_expression(expressions.condition)
                .set_expression_attribute_names(expressions.names)
                .set_expression_attribute_values(expressions.values)
                .return_values_on_condition_check_failure(old)
                .build()?,
        ),
        Write::Check { key, .. } => item.condition_check(
            ConditionCheck::builder()
                .table_name(table)
                .set_key(Some(attributes::of_key(key)))
                .set_condition_expression(expressions.condition)
                .set_expression_attribute_names(expressions.names)
                .set_expression_attribute_values(expressions.values)
                .return_values_on_condition_check_failure(old)
                .build()?,
        ),
    };
    Ok(item.build())
}
