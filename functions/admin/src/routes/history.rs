//! Who had a number, and what happened in an organization.

use crate::{Request, view};
use api::{Answer, Problem, page};
use domain::ids::{NumberId, OrganizationId};
use domain::number::Number;
use runtime::World;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::table::Cursor;
use store::{HistoryLine, keys};

/// The name of the lists in their cursors.
const LIST: &str = "history";

/// A number's history, newest first.
pub(crate) async fn of_number<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    let id: NumberId = id.parse().map_err(|_no_id| Problem::NoSuchNumber)?;
    let store = &request.deps.store;
    let number = store.number(id).await?.ok_or(Problem::NoSuchNumber)?;
    let (limit, after) = asked(request, &keys::number(id).pk)?;
    let (lines, next) = store.number_history(id, limit, after).await?;
    Ok(shown(&lines, std::slice::from_ref(&number), next.as_ref()))
}

/// What happened to an organization's numbers and settings, newest first.
pub(crate) async fn of_organization<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    let id: OrganizationId = id.parse().map_err(|_no_id| Problem::NoSuchOrganization)?;
    let store = &request.deps.store;
    store.organization(&id).await?.ok_or(Problem::NoSuchOrganization)?;
    let (limit, after) = asked(request, &keys::organization(&id).pk)?;
    let (lines, next) = store.organization_history(&id, limit, after).await?;
    let named: BTreeSet<NumberId> = lines.iter().filter_map(|told| told.line.number).collect();
    let numbers = store.numbers(&named.into_iter().collect::<Vec<_>>()).await?;
    Ok(shown(&lines, &numbers, next.as_ref()))
}

fn asked<W: World>(
    request: &Request<'_, W>,
    partition: &str,
) -> Result<(u16, Option<Cursor>), Problem> {
    let query = &request.call.query;
    let is_place = |cursor: &Cursor| {
        let of_it = cursor.key.pk == partition && cursor.index_sort.is_none();
        of_it && keys::parse_history(&cursor.key.sk).is_some()
    };
    Ok((page::limit(query)?, page::cursor(query, LIST, is_place)?))
}

fn shown(lines: &[HistoryLine], numbers: &[Number], next: Option<&Cursor>) -> Answer {
    let number = |told: &HistoryLine| numbers.iter().find(|one| Some(one.id) == told.line.number);
    let lines: Vec<Value> = lines.iter().map(|told| view::history(told, number(told))).collect();
    let next = next.map(|cursor| page::encode(LIST, cursor));
    Answer::json(200, json!({ "success": true, "history": lines, "next_cursor": next }))
}
