//! `POST /api/onboarding/complete`: a business's record, its assistant and a provisioning, once.
//!
//! It never fails because of the phone: whatever becomes of the number, the business is there, and
//! the answer says how far the number is.

use crate::routes::assistants::with_assistant;
use crate::routes::start::answered;
use crate::routes::whose;
use api::fields::Fields;
use api::starting::{self, Purpose, RACES_MAX, Starting, Tried};
use api::{Answer, Problem, body, idempotency, wait};
use domain::ids::{BusinessId, OrganizationId};
use runtime::World;
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::WorkRow;

/// How long the answer waits for the number unless asked otherwise.
pub(crate) const WAIT: Duration = Duration::from_secs(20);

pub(crate) async fn onboarding<W: World>(
    request: &crate::Request<'_, W>,
) -> Result<Answer, Problem> {
    let wait = wait::parameter_or(request, WAIT)?;
    let object = body::object(&request.call.body)?;
    let fields = Fields::from_object(&object, request.config.longest_call)?;
    let row = started(request, &object, &fields).await?;
    let row = wait::until_settled(request, row, wait).await?;
    let mut answer = with_assistant(request, answered(request, &row), &row).await?;
    if let Value::Object(body) = &mut answer.body {
        body.insert("success".to_owned(), json!(true));
        body.insert("onboarding".to_owned(), json!("complete"));
    }
    Ok(answer)
}

async fn started<W: World>(
    request: &crate::Request<'_, W>,
    object: &Map<String, Value>,
    fields: &Fields,
) -> Result<WorkRow, Problem> {
    for race in 0..RACES_MAX {
        starting::pause(request, race).await;
        // Another call of the same user may have made the business meanwhile.
        let (organization, business, new_user) = whose_or_new(request, fields).await?;
        let route = "onboarding";
        let idempotency = idempotency::key(request, &organization, Some(&business), route, object)?;
        let starting = Starting {
            request,
            defaults: request.config.defaults(),
            organization,
            business,
            fields: fields.clone(),
            purpose: Purpose::Onboarding { new_user },
            idempotency,
            marks: request.deps.marks(),
        };
        match starting.once().await? {
            Tried::Found(row) => return Ok(*row),
            Tried::Overtaken => {}
        }
    }
    Err(Problem::Contended)
}

/// Whose business it is; a user who has none gets one, which is theirs by their `sub`.
async fn whose_or_new<W: World>(
    request: &crate::Request<'_, W>,
    fields: &Fields,
) -> Result<(OrganizationId, BusinessId, Option<String>), Problem> {
    match whose(request, fields.organization.as_ref(), fields.business.as_ref()).await {
        Ok((organization, business)) => Ok((organization, business, None)),
        Err(Problem::NoBusiness) => {
            let own = request.caller.organization.clone().ok_or(Problem::NoOrganization)?;
            let foreign = fields.organization.as_ref().is_some_and(|named| *named != own);
            if foreign || fields.business.is_some() {
                // Nobody chooses the business that becomes theirs.
                return Err(Problem::NoSuchBusiness);
            }
            let business = request.deps.fresh().to_string().parse();
            let business = business.map_err(|_no_id| Problem::Unavailable)?;
            Ok((own, business, Some(request.caller.sub.clone())))
        }
        Err(problem) => Err(problem),
    }
}
