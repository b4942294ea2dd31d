//! One work: shown, called off, tried again. Whose it is was asked before.

use crate::view::{self, Viewer};
use crate::{Answer, Problem, Request, idempotency, wait};
use domain::work::{Ask, Phase};
use runtime::{Message, World};
use serde_json::Map;
use std::time::Duration;
use store::{Release, WorkRow};

/// A work as an answer: 200 when it has ended, else 202 with where to look and when.
#[must_use]
pub fn shown<W: World, C>(request: &Request<'_, W, C>, row: &WorkRow) -> Answer {
    let viewer = if request.caller.operator { Viewer::Operator } else { Viewer::Business };
    let now = request.deps.now();
    let watch = request.edge.digits_watch;
    let body = view::work(row, viewer, now, watch);
    let location = format!("/api/phone/provision/{}", row.work.id);
    let settled = row.work.phase.is_ready() || row.work.phase.is_over();
    let ended = settled && !row.is_being_released();
    let answer = Answer::json(if ended { 200 } else { 202 }, body).with("location", location);
    match wait::next_news(row, now, watch) {
        Some(due) if !ended => {
            let seconds = due.since(now).as_millis().div_ceil(1000).max(1);
            answer.with("retry-after", seconds.to_string())
        }
        Some(_) | None => answer,
    }
}

/// How far it is; with `wait`, when there is news.
///
/// # Errors
/// A problem when `wait` cannot be used or the table does not answer.
pub async fn watch<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    row: WorkRow,
) -> Result<Answer, Problem> {
    let wait = wait::parameter(request)?;
    let row = wait::until_settled(request, row, wait).await?;
    let mut answer = shown(request, &row);
    answer.status = 200;
    Ok(answer)
}

/// Calls a provisioning off.
///
/// # Errors
/// A problem when it is ready, has ended or is being released, or the table does not answer.
pub async fn cancel<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    row: &WorkRow,
) -> Result<Answer, Problem> {
    match &row.work.phase {
        _ if row.is_being_released() => Err(Problem::BeingReleased),
        Phase::Ready { .. } | Phase::ReadyDegraded(_) => Err(Problem::AlreadyReady),
        Phase::Failed { .. } | Phase::Released | Phase::Removed | Phase::Stocked { .. } => {
            Err(Problem::AlreadyEnded)
        }
        Phase::Removing => Err(Problem::BeingDeleted),
        Phase::Cancelled => Ok(shown(request, row)),
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::CreatingFree(_)
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Ordering(_)
        | Phase::AwaitingOrder(_)
        | Phase::Taking { .. }
        | Phase::Finding(_)
        | Phase::Adopting(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::GivingBack(_)
        | Phase::NeedsPerson(_) => ask(request, row, Ask::Cancel).await,
    }
}

/// Tries again what failed, is degraded or waits for a person; wakes what is under way.
///
/// # Errors
/// A problem when there is nothing to try, or the table does not answer.
pub async fn retry<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    row: &WorkRow,
) -> Result<Answer, Problem> {
    if row.work.phase.is_in_doubt() {
        // It may send one more create: somebody must have looked at the provider.
        request.caller.must_be_operator()?;
        return ask(request, row, Ask::Repeat).await;
    }
    match &row.work.phase {
        Phase::Ready { .. } => Err(Problem::NothingToRetry),
        Phase::Released | Phase::Removed | Phase::Stocked { .. } => Err(Problem::AlreadyEnded),
        Phase::Failed { .. } | Phase::Cancelled => {
            if let Some(recipient) = row.work.recipient() {
                let assistant = request.deps.store.assistant(recipient.assistant).await?;
                if assistant.is_none_or(|assistant| assistant.work != row.work.id) {
                    return Err(Problem::Superseded);
                }
            }
            if row.work.removal_asked() || row.inbox.remove.is_some() {
                return Err(Problem::BeingDeleted);
            }
            ask(request, row, Ask::Retry).await
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
        | Phase::Taking { .. }
        | Phase::Finding(_)
        | Phase::Adopting(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::GivingBack(_)
        | Phase::Removing
        | Phase::ReadyDegraded(_)
        | Phase::NeedsPerson(_) => ask(request, row, Ask::Retry).await,
    }
}

/// Puts an ask into the work's inbox, once per idempotency key, and wakes it.
///
/// # Errors
/// A problem when the idempotency key cannot be used or the table does not answer.
pub async fn ask<W: World, C: Sync>(
    request: &Request<'_, W, C>,
    row: &WorkRow,
    ask: Ask,
) -> Result<Answer, Problem> {
    let (deps, now) = (request.deps, request.deps.now());
    let id = row.work.id;
    let route = match ask {
        Ask::Cancel => format!("cancel.{id}"),
        Ask::Retry | Ask::Repeat => format!("retry.{id}"),
        Ask::Repair => format!("repair.{id}"),
        Ask::Release { .. } => format!("release.{id}"),
        Ask::Update => format!("update.{id}"),
        Ask::Remove { .. } => format!("remove.{id}"),
        Ask::Assign { .. } => format!("assign.{id}"),
    };
    let work = &row.work;
    let nothing = Map::new();
    let business = work.business();
    let key = idempotency::key(request, &work.organization, business, &route, &nothing)?;
    if let Some(key) = key {
        deps.store.ask_once(&key, id, ask, now, &deps.marks()).await?;
    } else if !deps.store.ask(id, Some(ask), now, &deps.marks()).await? {
        return Err(Problem::NoSuchProvisioning);
    }
    deps.send(&Message::work(id, now), Duration::ZERO).await;
    let mut asked = row.clone();
    asked.inbox.cancel |= ask == Ask::Cancel;
    if let Ask::Release { number, quarantine_days } = ask {
        asked.inbox.release = Some(Release { number, quarantine_days });
    }
    let mut answer = shown(request, &asked);
    answer.status = 202;
    Ok(answer.with("retry-after", "1".to_owned()))
}
