//! One provisioning: watch it, call it off, try it again; and what the business has.

use crate::Request;
use crate::routes::whose;
use api::{Answer, Problem, works};
use planted::planted;
use runtime::World;
use serde_json::{Value, json};
use store::WorkRow;

/// `GET /api/phone/provision`: what the business has.
pub(crate) async fn mine<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (organization, business) = whose(request, None, None).await?;
    let store = &request.deps.store;
    let Some(business) = store.business(&organization, &business).await? else {
        return Ok(Answer::json(200, nothing()));
    };
    let primary = match business.primary {
        Some(id) => store.assistant(id).await?,
        None => None,
    };
    let Some(assistant) = primary else {
        return Ok(Answer::json(200, nothing()));
    };
    let Some(row) = store.work(assistant.work).await? else {
        return Ok(Answer::json(200, nothing()));
    };
    let number = assistant.number.as_ref();
    let digits = number.and_then(|number| number.digits.as_ref()).map(|digits| digits.reveal());
    let mut answer = works::shown(request, &row);
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
    works::watch(request, find(request, id).await?).await
}

/// Calls a provisioning off.
pub(crate) async fn cancel<W: World>(
    request: &Request<'_, W>,
    id: &str,
) -> Result<Answer, Problem> {
    works::cancel(request, &find(request, id).await?).await
}

/// Tries again what failed, is degraded or waits for a person; wakes what is under way.
pub(crate) async fn retry<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    works::retry(request, &find(request, id).await?).await
}

/// The provisioning of that id, if it is the caller's or the caller is an operator.
async fn find<W: World>(request: &Request<'_, W>, id: &str) -> Result<WorkRow, Problem> {
    let id = id.parse().map_err(|_no_id| Problem::NoSuchProvisioning)?;
    let row = request.deps.store.work(id).await?.ok_or(Problem::NoSuchProvisioning)?;
    if request.caller.operator {
        return Ok(row);
    }
    let (organization, business) = whose(request, None, None).await?;
    let own = row.work.organization == organization && row.work.business() == Some(&business);
    if own || planted!(OthersWorkShown) { Ok(row) } else { Err(Problem::NoSuchProvisioning) }
}
