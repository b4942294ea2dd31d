//! Tri-state fields for partial updates, and tolerant fields for answers.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A field of a PATCH body: left out means unchanged, `null` means cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Field<T> {
    /// Not in the body at all.
    #[default]
    Unchanged,
    /// An explicit `null`.
    Cleared,
    /// A value.
    Set(T),
}

impl<T> Field<T> {
    /// For `#[serde(skip_serializing_if = "Field::is_unchanged")]`.
    pub const fn is_unchanged(&self) -> bool {
        matches!(self, Self::Unchanged)
    }
}

impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unchanged | Self::Cleared => serializer.serialize_none(),
            Self::Set(value) => serializer.serialize_some(value),
        }
    }
}

/// Reads a field, and takes `null` and any other shape as absent.
///
/// Providers add and change fields without notice. For `#[serde(default, deserialize_with = …)]`.
///
/// # Errors
/// Only when the answer is no JSON at all.
pub fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// Reads a text field; `null`, an empty text and any other shape count as absent.
///
/// An integer is taken digit by digit, never through a floating-point number: Telnyx's ids pass
/// 2^53.
///
/// # Errors
/// Only when the answer is no JSON at all.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Serialize)]
    struct Patch {
        #[serde(skip_serializing_if = "Field::is_unchanged")]
        link: Field<&'static str>,
    }

    #[test]
    fn a_field_is_left_out_cleared_or_set() {
        let written = |link| serde_json::to_value(Patch { link }).unwrap();
        assert_eq!(written(Field::Unchanged), json!({}));
        assert_eq!(written(Field::Cleared), json!({ "link": null }));
        assert_eq!(written(Field::Set("a")), json!({ "link": "a" }));
    }

    #[derive(Deserialize)]
    struct Answer {
        #[serde(default, deserialize_with = "text")]
        id: Option<String>,
        #[serde(default, deserialize_with = "lenient")]
        met: Option<bool>,
    }

    #[test]
    fn null_absent_and_misshapen_fields_are_the_same() {
        for body in ["{}", r#"{"id":null,"met":null}"#, r#"{"id":"","met":"yes"}"#] {
            let answer: Answer = serde_json::from_str(body).unwrap();
            assert_eq!((answer.id, answer.met), (None, None), "{body}");
        }
    }

    #[test]
    fn a_numeric_id_keeps_every_digit() {
        let answer: Answer = serde_json::from_str(r#"{"id":1293384261075731499}"#).unwrap();
        assert_eq!(answer.id.as_deref(), Some("1293384261075731499"));
    }
}
