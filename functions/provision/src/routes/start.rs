//! `POST /api/phone/provision`: start, or return the one that is live or ready.

use crate::routes::whose;
use api::fields::Fields;
use api::starting::{Purpose, Starting};
use api::works::shown;
use api::{Answer, Problem, body, idempotency, wait};
use runtime::World;
use serde_json::{Value, json};
use store::WorkRow;

pub(crate) async fn start<W: World>(request: &crate::Request<'_, W>) -> Result<Answer, Problem> {
    let wait = wait::parameter(request)?;
    let object = body::object(&request.call.body)?;
    let fields = Fields::from_object(&object, request.config.longest_call)?;
    let (organization, business) =
        whose(request, fields.organization.as_ref(), fields.business.as_ref()).await?;
    let idempotency =
        idempotency::key(request, &organization, Some(&business), "provision", &object)?;
    let purpose = Purpose::Number;
    let starting = Starting {
        request,
        defaults: request.config.defaults(),
        organization,
        business,
        fields,
        purpose,
        idempotency,
        marks: request.deps.marks(),
    };
    let row = starting.run().await?;
    let was_ready = row.work.phase.is_ready();
    let row = wait::until_settled(request, row, wait).await?;
    let mut answer = answered(request, &row);
    if let Value::Object(body) = &mut answer.body {
        body.insert("alreadyAssigned".to_owned(), json!(was_ready));
    }
    Ok(answer)
}

/// A start as an answer: 200 says that there is a number; whatever else came of it, there is none.
pub(crate) fn answered<W: World>(request: &crate::Request<'_, W>, row: &WorkRow) -> Answer {
    let mut answer = shown(request, row);
    answer.status = if row.work.phase.is_ready() { 200 } else { 202 };
    answer
}
