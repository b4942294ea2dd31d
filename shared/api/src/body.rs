//! The body of a request, field by field, with an error that names the field.
//!
//! Both spellings are read, `area_code` and `areaCode`. Fields that nobody knows are left alone:
//! the first system's pages send some.

use crate::Problem;
use serde_json::{Map, Value};
use std::str::FromStr;

/// The body as a JSON object; no body is an empty one.
///
/// # Errors
/// A problem that says where it is none; it quotes nothing.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_),
        ) => Err(Problem::BodyUnreadable { detail: "it is something else".to_owned() }),
        Err(error) => Err(Problem::BodyUnreadable {
            detail: format!("line {}, column {}", error.line(), error.column()),
        }),
    }
}

/// The value of a field in either spelling; `null` is the same as none.
#[must_use]
pub fn find<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let told = |value: &&Value| !value.is_null();
    map.get(name).filter(told).or_else(|| map.get(&camel(name)).filter(told))
}

/// The value of a field in either spelling, `null` included: it may mean "as it was at first".
#[must_use]
pub fn given<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    map.get(name).or_else(|| map.get(&camel(name)))
}

/// Every field is one of these, in either spelling.
///
/// # Errors
/// A problem that names one that is not.
pub fn only(map: &Map<String, Value>, names: &[&str]) -> Result<(), Problem> {
    let known = |field: &str| names.iter().any(|name| *name == field || camel(name) == field);
    match map.keys().find(|field| !known(field)) {
        Some(field) => {
            let field: String = field.chars().take(FIELD_SHOWN_CHARS).collect();
            Err(Problem::field(&field, format!("there is no such field; {}", names.join(", "))))
        }
        None => Ok(()),
    }
}

/// Characters shown of a field that nobody knows.
const FIELD_SHOWN_CHARS: usize = 40;

fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut text, part| {
        let mut letters = part.chars();
        text.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        text.extend(letters);
        text
    })
}

/// The text of a field.
///
/// # Errors
/// A problem when it is no text.
pub fn text<'a>(map: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Problem> {
    match find(map, name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Problem::field(name, "a text is expected"))
        }
    }
}

/// The value that the text of a field stands for.
///
/// # Errors
/// A problem when it stands for none.
pub fn parsed<T: FromStr>(map: &Map<String, Value>, name: &str) -> Result<Option<T>, Problem>
where
    T::Err: std::fmt::Display,
{
    text(map, name)?
        .map(|text| text.parse().map_err(|error: T::Err| Problem::field(name, error)))
        .transpose()
}
