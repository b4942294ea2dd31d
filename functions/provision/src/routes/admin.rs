//! `GET /api/admin/provisionings`: the work in hand, for operators.

use crate::Request;
use crate::answer::Answer;
use crate::problem::Problem;
use crate::view::{self, Viewer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use runtime::World;
use serde_json::{Value, json};
use store::keys;
use store::table::{Cursor, Key};

/// Works of a page unless asked otherwise.
const LIMIT_DEFAULT: u16 = 25;
/// Works of a page at most.
const LIMIT_MAX: u16 = 100;
/// The states a list can be asked for.
const STATES: [&str; 9] = [
    "queued",
    "running",
    "waiting",
    "ready",
    "ready_degraded",
    "needs_person",
    "failed",
    "cancelling",
    "cancelled",
];

pub(crate) async fn list<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let query = &request.call.query;
    let state = query.get("state").map_or("needs_person", String::as_str);
    if !STATES.contains(&state) {
        return Err(Problem::field("state", format!("one of {} is expected", STATES.join(", "))));
    }
    let limit = match query.get("limit") {
        None => LIMIT_DEFAULT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| Problem::field("limit", "a whole number, 1 to 100, is expected"))?,
    };
    let after = query.get("cursor").map(|text| cursor(text, state)).transpose()?;
    let (works, next) = request.deps.store.works_in(state, limit, after).await?;
    let (now, watch) = (request.deps.now(), request.config.digits_watch);
    let works: Vec<Value> =
        works.iter().map(|row| view::work(row, Viewer::Operator, now, watch)).collect();
    let body = json!({
        "success": true,
        "state": state,
        "provisionings": works,
        "next_cursor": next.as_ref().map(|cursor| encode(state, cursor)),
    });
    Ok(Answer::json(200, body))
}

fn encode(state: &str, cursor: &Cursor) -> String {
    let Cursor { key, index_sort } = cursor;
    let parts = json!([state, key.pk, key.sk, index_sort]);
    URL_SAFE_NO_PAD.encode(parts.to_string())
}

/// A cursor we gave out. One that was made up reads at most from another place of the same list.
fn cursor(text: &str, state: &str) -> Result<Cursor, Problem> {
    let wrong =
        || Problem::field("cursor", format!("a next_cursor of the {state} list is expected"));
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_wrong| wrong())?;
    let (of, pk, sk, sort): (String, String, String, String) =
        serde_json::from_slice(&bytes).map_err(|_wrong| wrong())?;
    let key = Key { pk, sk };
    let work = keys::parse_work(&key).filter(|work| keys::work(*work) == key);
    let place = work.zip(keys::parse_due(&sort)).map(|(work, at)| keys::list_sort(at, work));
    if of != state || place.as_ref() != Some(&sort) {
        return Err(wrong());
    }
    Ok(Cursor { key, index_sort: Some(sort) })
}
