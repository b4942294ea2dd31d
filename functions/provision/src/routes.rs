//! The routes, one file each.

mod admin;
mod available;
mod health;
mod number;
mod one;
mod start;

pub(crate) use admin::list;
pub(crate) use available::available;
pub(crate) use health::health;
pub(crate) use number::{release, undo};
pub(crate) use one::{cancel, mine, retry, watch};
pub(crate) use start::start;

use crate::Request;
use crate::answer::Answer;
use crate::problem::Problem;
use crate::view::{self, Viewer};
use crate::wait;
use domain::ids::{BusinessId, OrganizationId};
use runtime::World;
use store::WorkRow;

/// Whose business a call is about: the token's own, unless an operator names another.
pub(crate) async fn whose<W: World>(
    request: &Request<'_, W>,
    organization: Option<&OrganizationId>,
    business: Option<&BusinessId>,
) -> Result<(OrganizationId, BusinessId), Problem> {
    let caller = &request.caller;
    if caller.operator
        && let (Some(organization), Some(business)) = (organization, business)
    {
        return Ok((organization.clone(), business.clone()));
    }
    if caller.operator && caller.business.is_none() {
        return Err(Problem::BusinessNotNamed);
    }
    let own_organization = caller.organization.clone().ok_or(Problem::NoOrganization)?;
    let own_business = match &caller.business {
        Some(business) => business.clone(),
        None => {
            request.deps.store.business_of_user(&caller.sub).await?.ok_or(Problem::NoBusiness)?
        }
    };
    let foreign = organization.is_some_and(|named| *named != own_organization)
        || business.is_some_and(|named| *named != own_business);
    if foreign { Err(Problem::NoSuchBusiness) } else { Ok((own_organization, own_business)) }
}

/// A work as an answer: 200 when it has ended, else 202 with where to look and when.
pub(crate) fn shown<W: World>(request: &Request<'_, W>, row: &WorkRow) -> Answer {
    let viewer = if request.caller.operator { Viewer::Operator } else { Viewer::Business };
    let now = request.deps.now();
    let body = view::work(row, viewer, now, request.config.digits_watch);
    let location = format!("/api/phone/provision/{}", row.work.id);
    let settled = row.work.phase.is_ready() || row.work.phase.is_over();
    let ended = settled && !row.is_being_released();
    let answer = Answer::json(if ended { 200 } else { 202 }, body).with("location", location);
    let watch = request.config.digits_watch;
    match wait::next_news(row, now, watch) {
        Some(due) if !ended => {
            let seconds = due.since(now).as_millis().div_ceil(1000).max(1);
            answer.with("retry-after", seconds.to_string())
        }
        Some(_) | None => answer,
    }
}
