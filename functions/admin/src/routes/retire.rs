//! `DELETE /api/admin/phone-numbers?id=`: a number is taken out of use, or given back.
//!
//! Retiring is one conditional write; giving back is a work.

use crate::{Request, view};
use api::{Answer, Problem, works};
use domain::ids::{NumberId, WorkId};
use domain::number::{Number, State};
use domain::work::{NotGivable, Work, give_back};
use runtime::{Message, World};
use serde_json::json;
use std::time::Duration;
use store::{Inbox, Started, WorkRow};

/// Retires a number, or with `release` gives it back.
pub(crate) async fn remove<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let query = &request.call.query;
    let id =
        query.get("id").ok_or_else(|| Problem::field("id", "the id of a number is expected"))?;
    let id = id.parse().map_err(|_no_id| Problem::NoSuchNumber)?;
    let number = read(request, id).await?;
    match query.get("release").map(String::as_str) {
        None | Some("false") => retire(request, number).await,
        Some("true") => release(request, number).await,
        Some(_) => Err(Problem::field("release", "true or false is expected")),
    }
}

pub(crate) async fn read<W: World>(
    request: &Request<'_, W>,
    id: NumberId,
) -> Result<Number, Problem> {
    request.deps.store.number(id).await?.ok_or(Problem::NoSuchNumber)
}

/// Takes a number nobody uses out of use; it stays ours, and bills.
pub(crate) async fn retire<W: World>(
    request: &Request<'_, W>,
    was: Number,
) -> Result<Answer, Problem> {
    let free = match &was.state {
        State::Retired => return Ok(shown(&was)),
        State::Available { .. }
        | State::Quarantined { .. }
        | State::Suspended
        | State::Unverified
        | State::Corrupted => was.work.is_none(),
        State::Acquiring
        | State::Reserved
        | State::Assigned { .. }
        | State::Releasing
        | State::Released => false,
    };
    if !free {
        return Err(Problem::NumberNotFree { state: was.state.name() });
    }
    request.must_not_be_frozen(was.id).await?;
    let now = Number { state: State::Retired, ..was.clone() };
    match request.deps.store.set_aside(&was, &now, &request.deps.marks()).await? {
        Started::Started => Ok(shown(&now)),
        Started::Overtaken => {
            let found = read(request, was.id).await?;
            if found == now { Ok(shown(&now)) } else { Err(Problem::Contended) }
        }
    }
}

async fn release<W: World>(request: &Request<'_, W>, number: Number) -> Result<Answer, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    request.must_not_be_frozen(number.id).await?;
    let deployment = deps.store.deployment().await?.ok_or(Problem::NoSuchNumber)?;
    let id = WorkId::new(deps.fresh());
    let state = number.state.name();
    let giving = give_back(number, id, deployment, now).map_err(|why| match why {
        NotGivable::InUse | NotGivable::Busy => Problem::NumberNotFree { state },
        NotGivable::Gone | NotGivable::Unidentified => Problem::NotGivable { why: why.to_string() },
    })?;
    match deps.store.start_giving_back(&giving, &deps.marks()).await? {
        Started::Overtaken => Err(Problem::Contended),
        Started::Started => {
            deps.send(&Message::work(id, now), Duration::ZERO).await;
            Ok(begun(request, giving.work))
        }
    }
}

/// A number that is as it is to be, as an answer.
pub(crate) fn shown(number: &Number) -> Answer {
    Answer::json(200, json!({ "success": true, "number": view::number(number, &[]) }))
}

/// A work that has just been written, as an answer.
pub(crate) fn begun<W: World>(request: &Request<'_, W>, work: Work) -> Answer {
    let due_at = Some(work.created_at);
    let row = WorkRow { work, due_at, leased_until: None, inbox: Inbox::default() };
    let mut answer = works::shown(request, &row);
    answer.status = 202;
    answer
}
