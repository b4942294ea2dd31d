//! Lists in pages: how many at once, and where the next page begins.

use crate::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::table::{Cursor, Key};

/// Entries of a page unless asked otherwise.
const LIMIT_DEFAULT: u16 = 25;
/// Entries of a page at most.
const LIMIT_MAX: u16 = 100;

/// The `limit` parameter: how many entries a page has.
///
/// # Errors
/// A problem when it is no number from 1 to 100.
pub fn limit(query: &BTreeMap<String, String>) -> Result<u16, Problem> {
    let Some(text) = query.get("limit") else { return Ok(LIMIT_DEFAULT) };
    text.parse()
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit))
        .ok_or_else(|| Problem::field("limit", "a whole number, 1 to 100, is expected"))
}

/// A place as it is given out: a text without meaning for whoever gets it.
#[must_use]
pub fn seal(place: &Value) -> String {
    URL_SAFE_NO_PAD.encode(place.to_string())
}

/// A place that was given out; `None` for a text that cannot be one.
#[must_use]
pub fn open<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}

/// A cursor as it is given out.
#[must_use]
pub fn encode(list: &str, cursor: &Cursor) -> String {
    let Cursor { key, index_sort } = cursor;
    seal(&json!([list, key.pk, key.sk, index_sort]))
}

/// The `cursor` parameter, if one came: one that we gave out for this list. `known` says whether
/// it can be a place in it; one that was made up reads at most from another place there.
///
/// # Errors
/// A problem when it is not.
pub fn cursor(
    query: &BTreeMap<String, String>,
    list: &str,
    known: impl Fn(&Cursor) -> bool,
) -> Result<Option<Cursor>, Problem> {
    let Some(text) = query.get("cursor") else { return Ok(None) };
    let read = || {
        let (of, pk, sk, index_sort) = open::<(String, String, String, Option<String>)>(text)?;
        let cursor = Cursor { key: Key { pk, sk }, index_sort };
        (of == list && known(&cursor)).then_some(cursor)
    };
    let wrong =
        || Problem::field("cursor", format!("a next_cursor of the {list} list is expected"));
    read().map(Some).ok_or_else(wrong)
}
