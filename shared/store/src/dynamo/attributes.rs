//! Items and keys to DynamoDB's attributes and back.

use crate::layout;
use crate::table::{Attribute, Cursor, Item, Key, Query, Row, TableError, Value};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::sync::Arc;

/// Attributes as the SDK has them.
pub(super) type Attributes = HashMap<String, AttributeValue>;

pub(super) fn of_value(value: &Value) -> AttributeValue {
    match value {
        Value::Text(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Document(text) => AttributeValue::S(text.as_ref().to_owned()),
    }
}

pub(super) fn of_key(key: &Key) -> Attributes {
    Attributes::from([
        (layout::PK.to_owned(), AttributeValue::S(key.pk.clone())),
        (layout::SK.to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

pub(super) fn of_row(key: &Key, item: &Item) -> Attributes {
    let mut attributes = of_key(key);
    attributes.extend(item.iter().map(|(name, value)| ((*name).to_owned(), of_value(value))));
    attributes
}

/// Where a query goes on.
pub(super) fn of_cursor(query: &Query) -> Option<Attributes> {
    let cursor = query.after.as_ref()?;
    let mut attributes = of_key(&cursor.key);
    if let (Some(index), Some(sort)) = (query.index.secondary(), &cursor.index_sort) {
        let partition = AttributeValue::S(query.partition.clone());
        attributes.insert(index.partition.to_owned(), partition);
        attributes.insert(index.sort.to_owned(), AttributeValue::S(sort.clone()));
    }
    Some(attributes)
}

pub(super) fn into_row(mut attributes: Attributes) -> Result<Row, TableError> {
    let key = take_key(&mut attributes)?;
    Ok(Row { key, item: into_item(attributes)? })
}

/// Attributes that this version does not know are left out: a newer one may have written them.
pub(super) fn into_item(attributes: Attributes) -> Result<Item, TableError> {
    attributes
        .into_iter()
        .filter_map(|(name, value)| layout::known(&name).map(|name| (name, value)))
        .map(|(name, value)| Ok((name, into_value(name, value)?)))
        .collect()
}

pub(super) fn into_cursor(
    mut last: Attributes,
    index_sort: Option<Attribute>,
) -> Result<Cursor, TableError> {
    let key = take_key(&mut last)?;
    let index_sort = index_sort.map(|name| take_text(&mut last, name)).transpose()?;
    Ok(Cursor { key, index_sort })
}

fn into_value(name: Attribute, value: AttributeValue) -> Result<Value, TableError> {
    if let AttributeValue::N(number) = value {
        return number.parse().map(Value::Number).map_err(|_unparsed| unreadable(name));
    }
    let AttributeValue::S(text) = value else {
        return Err(unreadable(name));
    };
    Ok(if layout::is_document(name) { Value::Document(Arc::from(text)) } else { Value::Text(text) })
}

fn take_key(attributes: &mut Attributes) -> Result<Key, TableError> {
    Ok(Key { pk: take_text(attributes, layout::PK)?, sk: take_text(attributes, layout::SK)? })
}

fn take_text(attributes: &mut Attributes, name: Attribute) -> Result<String, TableError> {
    match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        Some(_) | None => Err(unreadable(name)),
    }
}

fn unreadable(name: Attribute) -> TableError {
    TableError::Rejected(format!("the stored attribute {name} is none of ours"))
}
