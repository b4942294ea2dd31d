//! The routes, one file each.

mod available;
mod health;
mod number;
mod one;
mod start;

pub(crate) use available::available;
pub(crate) use health::health;
pub(crate) use number::{release, undo};
pub(crate) use one::{cancel, mine, retry, watch};
pub(crate) use start::start;

use crate::Request;
use api::Problem;
use domain::ids::{BusinessId, OrganizationId};
use runtime::World;

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
