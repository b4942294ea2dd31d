//! What DynamoDB refuses to take at all, whatever stands in the table.
//!
//! Both tables ask here before they do anything, so that a request the twin takes is one that
//! DynamoDB takes, and a mistake shows in the first test that makes it.

use crate::layout;
use crate::table::{Attribute, Condition, Item, Key, Query, TableError, Value, Write};

/// Most keys of one read, and most writes of one transaction.
pub const KEYS_MAX: usize = 100;
/// Longest token of a transaction, in bytes.
pub const TOKEN_LENGTH_MAX: usize = 36;
/// Largest item, in bytes, attribute names included.
pub const ITEM_BYTES_MAX: usize = 400 * 1024;
/// Longest partition key, in bytes.
pub const PARTITION_BYTES_MAX: usize = 2048;
/// Longest sort key, in bytes.
pub const SORT_BYTES_MAX: usize = 1024;

/// A read by key.
pub fn get(keys: &[Key]) -> Result<(), TableError> {
    count(keys.len())?;
    keys.iter().try_for_each(key)?;
    distinct(keys.iter().collect())
}

/// A query.
pub fn query(query: &Query) -> Result<(), TableError> {
    if query.limit == 0 {
        return rejected("a page of no rows");
    }
    partition(&query.partition)?;
    query.from.iter().chain(&query.to).try_for_each(|bound| sort(bound))?;
    if let (Some(from), Some(to)) = (&query.from, &query.to)
        && from > to
    {
        return rejected("a range that ends before it begins");
    }
    let Some(after) = &query.after else {
        return Ok(());
    };
    key(&after.key)?;
    let position = match (query.index.secondary(), &after.index_sort) {
        (None, None) if after.key.pk == query.partition => &after.key.sk,
        (Some(_), Some(index_sort)) => index_sort,
        (None | Some(_), None | Some(_)) => return rejected("a cursor of another query"),
    };
    let inside = query.from.as_ref().is_none_or(|from| from <= position)
        && query.to.as_ref().is_none_or(|to| to >= position);
    if inside { Ok(()) } else { rejected("a cursor outside of the range") }
}

/// A transaction.
pub fn transact(writes: &[Write], token: &str) -> Result<(), TableError> {
    if writes.is_empty() || token.is_empty() || token.len() > TOKEN_LENGTH_MAX {
        return rejected("a transaction without a write or without a token of its size");
    }
    count(writes.len())?;
    writes.iter().try_for_each(write)?;
    distinct(writes.iter().map(Write::key).collect())
}

/// A write.
pub fn write(write: &Write) -> Result<(), TableError> {
    key(write.key())?;
    match write {
        Write::Put { item, condition: held, .. } => {
            item.iter().try_for_each(|(name, value)| attribute(name, value))?;
            condition(held)
        }
        Write::Update { set, add, remove, condition: held, .. } => {
            set.iter().try_for_each(|(name, value)| attribute(name, value))?;
            add.iter().try_for_each(|(name, sum)| attribute(name, &Value::Number(*sum)))?;
            let mut names: Vec<Attribute> = set.iter().map(|(name, _)| *name).collect();
            names.extend(add.iter().map(|(name, _)| *name));
            names.extend(remove);
            if names.is_empty() {
                return rejected("an update that changes nothing");
            }
            names.sort_unstable();
            if names.is_sorted_by(|left, right| left < right) {
                condition(held)
            } else {
                rejected("an update that changes an attribute twice")
            }
        }
        Write::Delete { condition: held, .. } | Write::Check { condition: held, .. } => {
            condition(held)
        }
    }
}

/// The size of an item as DynamoDB counts it, in bytes; a number is taken at its largest.
#[must_use]
pub fn size(key: &Key, item: &Item) -> usize {
    let attributes: usize = item.iter().map(|(name, value)| name.len() + value_size(value)).sum();
    layout::PK.len() + key.pk.len() + layout::SK.len() + key.sk.len() + attributes
}

fn value_size(value: &Value) -> usize {
    /// Nineteen digits, two to a byte, and one byte over.
    const NUMBER_BYTES_MAX: usize = 11;
    match value {
        Value::Text(text) => text.len(),
        Value::Number(_) => NUMBER_BYTES_MAX,
        Value::Document(text) => text.len(),
    }
}

fn condition(held: &Condition) -> Result<(), TableError> {
    match held {
        Condition::Equals(name, value) => attribute(name, value),
        Condition::Differ(left, right) if left == right => {
            rejected("a comparison of an attribute with itself")
        }
        Condition::All(parts) | Condition::Any(parts) => parts.iter().try_for_each(condition),
        Condition::Always
        | Condition::Absent
        | Condition::Present
        | Condition::Missing(_)
        | Condition::AtMost(..)
        | Condition::Differ(..) => Ok(()),
    }
}

/// An attribute must be ours and hold what its name says: only the name tells a document from a
/// text once it is stored, and an index takes nothing but texts.
fn attribute(name: Attribute, value: &Value) -> Result<(), TableError> {
    if layout::known(name).is_none() {
        return Err(TableError::Rejected(format!("attribute {name} is not in the list")));
    }
    let fits = match value {
        Value::Document(_) => layout::is_document(name),
        Value::Text(text) if layout::is_index_key(name) => !text.is_empty(),
        Value::Text(_) => !layout::is_document(name),
        Value::Number(_) => !layout::is_document(name) && !layout::is_index_key(name),
    };
    if fits {
        Ok(())
    } else {
        Err(TableError::Rejected(format!("attribute {name} does not take such a value")))
    }
}

fn key(key: &Key) -> Result<(), TableError> {
    partition(&key.pk)?;
    sort(&key.sk)
}

fn partition(text: &str) -> Result<(), TableError> {
    if text.is_empty() || text.len() > PARTITION_BYTES_MAX {
        return rejected("a partition key that is empty or too long");
    }
    Ok(())
}

fn sort(text: &str) -> Result<(), TableError> {
    if text.is_empty() || text.len() > SORT_BYTES_MAX {
        return rejected("a sort key that is empty or too long");
    }
    Ok(())
}

fn count(keys: usize) -> Result<(), TableError> {
    if keys > KEYS_MAX {
        return rejected("more keys than one request takes");
    }
    Ok(())
}

fn distinct(mut keys: Vec<&Key>) -> Result<(), TableError> {
    keys.sort_unstable();
    if keys.is_sorted_by(|left, right| left < right) {
        return Ok(());
    }
    rejected("the same key twice")
}

fn rejected(reason: &str) -> Result<(), TableError> {
    Err(TableError::Rejected(reason.to_owned()))
}
