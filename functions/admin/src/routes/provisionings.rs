//! `/api/admin/provisionings`: the work in hand, whoever it is for.

use crate::Request;
use api::view::{self, Viewer};
use api::{Answer, Problem, page, works};
use runtime::World;
use serde_json::{Value, json};
use store::WorkRow;
use store::keys;
use store::table::Cursor;

/// The states a list can be asked for.
const STATES: [&str; 10] = [
    "queued",
    "running",
    "waiting",
    "ready",
    "ready_degraded",
    "needs_person",
    "failed",
    "cancelling",
    "cancelled",
    "stocked",
];

pub(crate) async fn list<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let query = &request.call.query;
    let state = query.get("state").map_or("needs_person", String::as_str);
    if !STATES.contains(&state) {
        return Err(Problem::field("state", format!("one of {} is expected", STATES.join(", "))));
    }
    let limit = page::limit(query)?;
    let after = page::cursor(query, state, is_place)?;
    let (works, next) = request.deps.store.works_in(state, limit, after).await?;
    let (now, watch) = (request.deps.now(), request.edge.digits_watch);
    let works: Vec<Value> =
        works.iter().map(|row| view::work(row, Viewer::Operator, now, watch)).collect();
    let body = json!({
        "success": true,
        "state": state,
        "provisionings": works,
        "next_cursor": next.as_ref().map(|cursor| page::encode(state, cursor)),
    });
    Ok(Answer::json(200, body))
}

/// One provisioning, in any state; with `wait`, when there is news.
pub(crate) async fn watch<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    works::watch(request, find(request, id).await?).await
}

/// Tries a provisioning again.
pub(crate) async fn retry<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    works::retry(request, &find(request, id).await?).await
}

/// Calls a provisioning off.
pub(crate) async fn cancel<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    works::cancel(request, &find(request, id).await?).await
}

/// The provisioning of that id.
pub(crate) async fn find<W: World>(request: &Request<'_, W>, id: &str) -> Result<WorkRow, Problem> {
    let id = id.parse().map_err(|_no_id| Problem::NoSuchProvisioning)?;
    request.deps.store.work(id).await?.ok_or(Problem::NoSuchProvisioning)
}

/// Whether it is a place in the list of that state.
fn is_place(cursor: &Cursor) -> bool {
    let Some(sort) = &cursor.index_sort else { return false };
    let work = keys::parse_work(&cursor.key).filter(|work| keys::work(*work) == cursor.key);
    let place = work.zip(keys::parse_due(sort)).map(|(work, at)| keys::list_sort(at, work));
    place.as_ref() == Some(sort)
}
