//! The routes, one file each.

pub(crate) mod assistant;
mod assistants;
mod available;
mod business;
pub(crate) mod contacts;
mod health;
mod number;
mod onboarding;
mod one;
mod start;

pub(crate) use assistants::{create, list};
pub(crate) use available::available;
pub(crate) use business::delete as delete_business;
pub(crate) use health::health;
pub(crate) use number::{release, undo};
pub(crate) use onboarding::onboarding;
pub(crate) use one::{cancel, mine, retry, watch};
pub(crate) use start::start;

use crate::Request;
use api::Problem;
use domain::ids::{BusinessId, InvalidId, OrganizationId, WorkId};
use runtime::{Message, World};
use std::time::Duration;

/// Whose business a call without a body is about; operators name it in the query.
pub(crate) async fn whose_by_query<W: World>(
    request: &Request<'_, W>,
) -> Result<(OrganizationId, BusinessId), Problem> {
    let query = &request.call.query;
    let named = |name: &str, camel: &str| query.get(name).or_else(|| query.get(camel));
    let organization = named("organization_id", "organizationId").map(|text| text.parse());
    let business = named("business_id", "businessId").map(|text| text.parse());
    let wrong = |name, error: InvalidId| Problem::field(name, error);
    let organization: Option<OrganizationId> =
        organization.transpose().map_err(|error| wrong("organization_id", error))?;
    let business: Option<BusinessId> =
        business.transpose().map_err(|error| wrong("business_id", error))?;
    whose(request, organization.as_ref(), business.as_ref()).await
}

/// Wakes the works of assistants that were changed.
pub(crate) async fn wake<W: World>(request: &Request<'_, W>, works: &[WorkId]) {
    let now = request.deps.now();
    for work in works {
        request.deps.send(&Message::work(*work, now), Duration::ZERO).await;
    }
}

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
