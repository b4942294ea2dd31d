//! Conditions, judged as DynamoDB judges them.

use crate::table::{Attribute, Condition, Item, Value};

/// Does the condition hold of the item as it stands? Nothing can be said of an attribute that is
/// not there but that it is missing.
#[must_use]
pub fn holds(condition: &Condition, item: Option<&Item>) -> bool {
    match condition {
        Condition::Always => true,
        Condition::Absent => item.is_none(),
        Condition::Present => item.is_some(),
        Condition::Equals(name, expected) => {
            attribute(item, name).is_some_and(|found| same(found, expected))
        }
        Condition::Missing(name) => attribute(item, name).is_none(),
        Condition::AtMost(name, most) => match attribute(item, name) {
            Some(Value::Number(found)) => found <= most,
            Some(Value::Text(_) | Value::Document(_)) | None => false,
        },
        Condition::Differ(left, right) => match (attribute(item, left), attribute(item, right)) {
            (Some(left), Some(right)) => !same(left, right),
            (None | Some(_), None | Some(_)) => false,
        },
        Condition::All(parts) => parts.iter().all(|part| holds(part, item)),
        Condition::Any(parts) => parts.iter().any(|part| holds(part, item)),
    }
}

fn attribute(item: Option<&Item>, name: Attribute) -> Option<&Value> {
    item?.get(name)
}

/// A document is a text to DynamoDB.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Number(_), Value::Text(_) | Value::Document(_))
        | (Value::Text(_) | Value::Document(_), Value::Number(_)) => false,
        (Value::Text(_) | Value::Document(_), Value::Text(_) | Value::Document(_)) => {
            text(left) == text(right)
        }
    }
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Document(text) => Some(text),
        Value::Number(_) => None,
    }
}
