//! Conditions, changes and ranges as DynamoDB's expressions.
//!
//! An attribute's placeholder is its own name behind `#`, so that each name is given once however
//! often it is used, and none collides with a reserved word.

use super::attributes;
use crate::layout;
use crate::table::{Attribute, Condition, Query, Value, Write};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;
use std::fmt::Write as _;

/// The expressions of one write or query, and what their placeholders stand for. What is empty is
/// `None`: DynamoDB takes no empty ones.
#[derive(Debug, Default)]
pub(super) struct Expressions {
    pub(super) condition: Option<String>,
    pub(super) update: Option<String>,
    pub(super) names: Option<HashMap<String, String>>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

/// A condition by itself.
pub(super) fn condition(held: &Condition) -> Expressions {
    let mut builder = Builder::default();
    let condition = builder.condition(held);
    builder.finish(condition, None)
}

/// A condition that is always spoken out, where DynamoDB insists on one.
pub(super) fn check(held: &Condition) -> Expressions {
    let mut builder = Builder::default();
    let condition = builder.condition(held).unwrap_or_else(|| {
        let pk = builder.name(layout::PK);
        format!("attribute_exists({pk}) OR attribute_not_exists({pk})")
    });
    builder.finish(Some(condition), None)
}

/// The condition of a write and, of an update, its change.
pub(super) fn of_write(write: &Write) -> Expressions {
    match write {
        Write::Put { condition: held, .. } | Write::Delete { condition: held, .. } => {
            condition(held)
        }
        Write::Check { condition: held, .. } => check(held),
        Write::Update { set, add, remove, condition: held, .. } => {
            let mut builder = Builder::default();
            let update = builder.update(set, add, remove);
            let condition = builder.condition(held);
            builder.finish(condition, update)
        }
    }
}

/// The partition and range of a query.
pub(super) fn range(query: &Query) -> Expressions {
    let mut builder = Builder::default();
    let (partition, sort) = query
        .index
        .secondary()
        .map_or((layout::PK, layout::SK), |index| (index.partition, index.sort));
    let mut condition = format!("{} = {}", builder.name(partition), builder.text(&query.partition));
    // Only one condition may be made of the sort key.
    let bounds = match (&query.from, &query.to) {
        (None, None) => None,
        (Some(from), None) => Some(format!(">= {}", builder.text(from))),
        (None, Some(to)) => Some(format!("<= {}", builder.text(to))),
        (Some(from), Some(to)) => {
            Some(format!("BETWEEN {} AND {}", builder.text(from), builder.text(to)))
        }
    };
    if let Some(bounds) = bounds {
        condition = format!("{condition} AND {} {bounds}", builder.name(sort));
    }
    builder.finish(Some(condition), None)
}

#[derive(Default)]
struct Builder {
    names: HashMap<String, String>,
    values: HashMap<String, AttributeValue>,
}

impl Builder {
    fn finish(self, condition: Option<String>, update: Option<String>) -> Expressions {
        Expressions {
            condition,
            update,
            names: (!self.names.is_empty()).then_some(self.names),
            values: (!self.values.is_empty()).then_some(self.values),
        }
    }

    fn name(&mut self, attribute: Attribute) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    fn text(&mut self, text: &str) -> String {
        self.value(AttributeValue::S(text.to_owned()))
    }

    fn number(&mut self, number: i64) -> String {
        self.value(AttributeValue::N(number.to_string()))
    }

    /// `None` where nothing is asked.
    fn condition(&mut self, held: &Condition) -> Option<String> {
        match held {
            Condition::Always => None,
            Condition::Absent => Some(format!("attribute_not_exists({})", self.name(layout::PK))),
            Condition::Present => Some(format!("attribute_exists({})", self.name(layout::PK))),
            Condition::Equals(name, value) => {
                Some(format!("{} = {}", self.name(name), self.value(attributes::of_value(value))))
            }
            Condition::Missing(name) => Some(format!("attribute_not_exists({})", self.name(name))),
            Condition::AtMost(name, most) => {
                Some(format!("{} <= {}", self.name(name), self.number(*most)))
            }
            // By itself `<>` holds where one of the two is missing.
            Condition::Differ(left, right) => {
                let (left, right) = (self.name(left), self.name(right));
                Some(format!(
                    "(attribute_exists({left}) AND attribute_exists({right}) AND {left} <> {right})"
                ))
            }
            Condition::All(parts) => {
                let parts: Vec<String> =
                    parts.iter().filter_map(|part| self.condition(part)).collect();
                joined(&parts, " AND ")
            }
            // One part that always holds settles it; no part at all never holds.
            Condition::Any(parts) if parts.iter().any(asks_nothing) => None,
            Condition::Any(parts) if parts.is_empty() => {
                let pk = self.name(layout::PK);
                Some(format!("(attribute_exists({pk}) AND attribute_not_exists({pk}))"))
            }
            Condition::Any(parts) => {
                let parts: Vec<String> =
                    parts.iter().filter_map(|part| self.condition(part)).collect();
                joined(&parts, " OR ")
            }
        }
    }

    fn update(
        &mut self,
        set: &[(Attribute, Value)],
        add: &[(Attribute, i64)],
        remove: &[Attribute],
    ) -> Option<String> {
        let set: Vec<String> = set
            .iter()
            .map(|(name, value)| {
                format!("{} = {}", self.name(name), self.value(attributes::of_value(value)))
            })
            .collect();
        let add: Vec<String> = add
            .iter()
            .map(|(name, more)| format!("{} {}", self.name(name), self.number(*more)))
            .collect();
        let remove: Vec<String> = remove.iter().map(|name| self.name(name)).collect();
        let mut update = String::new();
        for (word, parts) in [("SET", set), ("ADD", add), ("REMOVE", remove)] {
            if !parts.is_empty() {
                // Writing to a string cannot fail.
                let _infallible = write!(update, "{word} {} ", parts.join(", "));
            }
        }
        let update = update.trim_end();
        (!update.is_empty()).then(|| update.to_owned())
    }
}

/// Does the condition hold of anything? No placeholder may be made for a part that is left out:
/// DynamoDB rejects unused ones.
fn asks_nothing(held: &Condition) -> bool {
    match held {
        Condition::Always => true,
        Condition::All(parts) => parts.iter().all(asks_nothing),
        Condition::Any(parts) => parts.iter().any(asks_nothing),
        Condition::Absent
        | Condition::Present
        | Condition::Equals(..)
        | Condition::Missing(_)
        | Condition::AtMost(..)
        | Condition::Differ(..) => false,
    }
}

/// DynamoDB rejects brackets around a single bracketed part, so a lone part stays as it is.
fn joined(parts: &[String], word: &str) -> Option<String> {
    match parts {
        [] => None,
        [part] => Some(part.clone()),
        parts => Some(format!("({})", parts.join(word))),
    }
}
