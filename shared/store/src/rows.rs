//! Items from what the domain knows, and back.

use crate::keys;
use crate::settle::StoreError;
use crate::table::{Attribute, Item, Value};
use domain::time::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A document of a value the domain can serialize.
pub(crate) fn document<T: Serialize>(what: &'static str, value: &T) -> Result<Value, StoreError> {
    serde_json::to_string(value)
        .map(|text| Value::Document(Arc::from(text)))
        .map_err(|error| StoreError::Corrupt { what, why: error.to_string() })
}

/// The value of a document.
pub(crate) fn read<T: DeserializeOwned>(
    what: &'static str,
    item: &Item,
    attribute: Attribute,
) -> Result<T, StoreError> {
    let schema = number(item, keys::SCHEMA_VERSION);
    if schema > keys::SCHEMA {
        let why = format!("it is of layout {schema}, newer than this version knows");
        return Err(StoreError::Corrupt { what, why });
    }
    match item.get(attribute) {
        Some(Value::Document(text)) => serde_json::from_str(text)
            .map_err(|error| StoreError::Corrupt { what, why: error.to_string() }),
        Some(Value::Text(_) | Value::Number(_)) | None => {
            Err(StoreError::Corrupt { what, why: format!("{attribute} is no document") })
        }
    }
}

/// An item with its schema version.
pub(crate) fn item(attributes: impl IntoIterator<Item = (Attribute, Value)>) -> Item {
    let schema = (keys::SCHEMA_VERSION, Value::Number(keys::SCHEMA));
    std::iter::once(schema).chain(attributes).collect()
}

/// A text attribute.
pub(crate) fn text(value: impl ToString) -> Value {
    Value::Text(value.to_string())
}

/// A time attribute, in milliseconds.
pub(crate) const fn time(at: Timestamp) -> Value {
    Value::Number(at.as_millis())
}

/// The number in an attribute; zero when it is not there.
pub(crate) fn number(item: &Item, attribute: Attribute) -> i64 {
    match item.get(attribute) {
        Some(Value::Number(number)) => *number,
        Some(Value::Text(_) | Value::Document(_)) | None => 0,
    }
}

/// The text in an attribute.
pub(crate) fn text_of(item: &Item, attribute: Attribute) -> Option<&str> {
    match item.get(attribute) {
        Some(Value::Text(text)) => Some(text),
        Some(Value::Number(_) | Value::Document(_)) | None => None,
    }
}
