//! One provisioning: watch it, call it off, try it again; and what the business has.

use crate::Request;
use crate::answer::Answer;
use crate::problem::Problem;
use crate::routes::start::idempotency;
use crate::routes::{shown, whose};
use crate::wait;
use domain::work::{Ask, Phase};
use planted::planted;
use runtime::{Message, World};
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::WorkRow;

/// `GET /api/phone/provision`: what the business has.
pub(crate) async fn mine<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (organization, business) = whose(request, None, None).await?;
    let store = &request.deps.store;
    let Some(business) = store.business(&organization, &business).await? else {
        return Ok(Answer::json(200, nothing()));
    };
    let Some(assistant) = store.assistant(business.primary).await? else {
        return Ok(Answer::json(200, nothing()));
    };
    let Some(row) = store.work(assistant.work).await? else {
        return Ok(Answer::json(200, nothing()));
    };
    let number = assistant.number.as_ref();
    let digits = number.and_then(|number| number.digits.as_ref()).map(|digits| digits.reveal());
    let mut answer = shown(request, &row);
    answer.status = 200;
    if let Value::Object(body) = &mut answer.body {
        body.insert("hasPhoneNumber".to_owned(), json!(number.is_some()));
        body.insert("phoneNumber".to_owned(), json!(digits));
        let since = number.map(|number| number.assigned_at.rfc3339());
        body.insert("assignedAt".to_owned(), json!(since));
        body.insert("business_name".to_owned(), json!(business.name));
    }
    Ok(answer)
}

fn nothing() -> Value {
    json!({
        "success": true,
        "hasPhoneNumber": false,
        "phoneNumber": null,
        "phone_number": null,
        "assignedAt": null,
        "state": null,
        "provisioning_id": null,
    })
}

/// `GET …/{id}`: how far it is; with `wait`, when there is news.
pub(crate) async fn watch<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let wait = wait::parameter(request)?;
    let row = find(request, id).await?;
    let row = wait::until_settled(request, row, wait).await?;
    let mut answer = shown(request, &row);
    answer.status = 200;
    Ok(answer)
}

/// Calls a provisioning off.
pub(crate) async fn cancel<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    let row = find(request, id).await?;
    match &row.work.phase {
        _ if row.is_being_released() => Err(Problem::BeingReleased),
        Phase::Ready { .. } | Phase::ReadyDegraded(_) => Err(Problem::AlreadyReady),
        Phase::Failed { .. } | Phase::Released => Err(Problem::AlreadyEnded),
        Phase::Cancelled => Ok(shown(request, &row)),
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::CreatingFree(_)
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Ordering(_)
        | Phase::AwaitingOrder(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::NeedsPerson(_) => ask(request, &row, Ask::Cancel).await,
    }
}

/// Tries again what failed, is degraded or waits for a person; wakes what is under way.
pub(crate) async fn retry<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let row = find(request, id).await?;
    if row.work.phase.is_in_doubt() {
        // It may send one more create: somebody must have looked at the provider.
        request.caller.must_be_operator()?;
        return ask(request, &row, Ask::Repeat).await;
    }
    match &row.work.phase {
        Phase::Ready { .. } => Err(Problem::NothingToRetry),
        Phase::Released => Err(Problem::AlreadyEnded),
        Phase::Failed { .. } | Phase::Cancelled => {
            let assistant = request.deps.store.assistant(row.work.assistant).await?;
            if assistant.is_none_or(|assistant| assistant.work != row.work.id) {
                return Err(Problem::Superseded);
            }
            ask(request, &row, Ask::Retry).await
        }
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::CreatingFree(_)
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Ordering(_)
        | Phase::AwaitingOrder(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::ReadyDegraded(_)
        | Phase::NeedsPerson(_) => ask(request, &row, Ask::Retry).await,
    }
}

pub(crate) async fn ask<W: World>(
    request: &Request<'_, W>,
    row: &WorkRow,
    ask: Ask,
) -> Result<Answer, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    let id = row.work.id;
    let route = match ask {
        Ask::Cancel => format!("cancel.{id}"),
        Ask::Retry | Ask::Repeat => format!("retry.{id}"),
        Ask::Release { .. } => format!("release.{id}"),
    };
    let work = &row.work;
    let nothing = Map::new();
    let key = idempotency(request, &work.organization, &work.business, &route, &nothing)?;
    if let Some(key) = key {
        deps.store.ask_once(&key, id, ask, now, &deps.marks()).await?;
    } else if !deps.store.ask(id, Some(ask), now, &deps.marks()).await? {
        return Err(Problem::NoSuchProvisioning);
    }
    deps.send(&Message::work(id, now), Duration::ZERO).await;
    let mut asked = row.clone();
    asked.inbox.cancel |= ask == Ask::Cancel;
    if let Ask::Release { quarantine_days } = ask {
        asked.inbox.release = Some(quarantine_days);
    }
    let mut answer = shown(request, &asked);
    answer.status = 202;
    Ok(answer.with("retry-after", "1".to_owned()))
}

/// The provisioning of that id, if it is the caller's or the caller is an operator.
async fn find<W: World>(request: &Request<'_, W>, id: &str) -> Result<WorkRow, Problem> {
    let id = id.parse().map_err(|_no_id| Problem::NoSuchProvisioning)?;
    let row = request.deps.store.work(id).await?.ok_or(Problem::NoSuchProvisioning)?;
    if request.caller.operator {
        return Ok(row);
    }
    let (organization, business) = whose(request, None, None).await?;
    let own = row.work.organization == organization && row.work.business == business;
    if own || planted!(OthersWorkShown) { Ok(row) } else { Err(Problem::NoSuchProvisioning) }
}
