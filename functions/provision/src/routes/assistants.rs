//! Assistants of a business: made, and listed.

use crate::Request;
use crate::routes::onboarding::WAIT;
use crate::routes::start::answered;
use crate::routes::{whose, whose_by_query};
use api::fields::Fields;
use api::starting::{Purpose, Starting};
use api::{Answer, Problem, body, idempotency, page, wait};
use domain::assistant::Assistant;
use domain::figures;
use domain::ids::{AssistantId, NumberId};
use domain::number::Number;
use domain::tenant::Business;
use runtime::World;
use serde_json::{Value, json};
use store::WorkRow;

/// `POST /api/assistants/create`: a new assistant of the business, with a provisioning for it.
pub(crate) async fn create<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let wait = wait::parameter_or(request, WAIT)?;
    let object = body::object(&request.call.body)?;
    let fields = Fields::from_object(&object, request.config.longest_call)?;
    if fields.assistant.is_some() {
        return Err(Problem::field("assistant_id", "a new assistant gets an id of its own"));
    }
    let (organization, business) =
        whose(request, fields.organization.as_ref(), fields.business.as_ref()).await?;
    let route = "assistants.create";
    let idempotency = idempotency::key(request, &organization, Some(&business), route, &object)?;
    let purpose = Purpose::Assistant;
    let marks = request.deps.marks();
    let defaults = request.config.defaults();
    let starting =
        Starting { request, defaults, organization, business, fields, purpose, idempotency, marks };
    let row = starting.run().await?;
    let row = wait::until_settled(request, row, wait).await?;
    with_assistant(request, answered(request, &row), &row).await
}

/// The answer about a work with the assistant it is for.
pub(crate) async fn with_assistant<W: World>(
    request: &Request<'_, W>,
    mut answer: Answer,
    row: &WorkRow,
) -> Result<Answer, Problem> {
    let Some(recipient) = row.work.recipient() else { return Ok(answer) };
    let assistant = request.deps.store.assistant(recipient.assistant).await?;
    let shown = match assistant {
        Some(assistant) => shown(request, &assistant).await?,
        None => Value::Null,
    };
    if let Value::Object(body) = &mut answer.body {
        body.insert("name".to_owned(), json!(recipient.assistant_name));
        body.insert("assistant".to_owned(), shown);
    }
    Ok(answer)
}

/// `GET /api/assistants/list`: the business's assistants, oldest first.
pub(crate) async fn list<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (organization, business) = whose_by_query(request).await?;
    let limit = usize::from(page::limit(&request.call.query)?);
    let after = after(request)?;
    let store = &request.deps.store;
    let business = store.business(&organization, &business).await?;
    let mut ids: Vec<AssistantId> =
        business.iter().flat_map(|business| business.assistants()).collect();
    // Ids are in the order in which they were given.
    ids.sort_unstable();
    ids.retain(|id| after.is_none_or(|after| *id > after));
    let more = ids.len() > limit;
    ids.truncate(limit);
    let next = ids.last().filter(|_last| more).map(|last| page::seal(&json!([LIST, last])));
    let assistants = store.assistants(&ids).await?;
    let numbers = numbers(request, &assistants).await?;
    let primary = business.and_then(|business| business.primary);
    let views: Vec<Value> = assistants
        .iter()
        .map(|assistant| {
            let mut view = view(assistant, number_of(assistant, &numbers));
            if let Value::Object(view) = &mut view {
                view.insert("is_primary".to_owned(), json!(primary == Some(assistant.id)));
            }
            view
        })
        .collect();
    let body = json!({
        "success": true,
        "count": views.len(),
        "assistants": views,
        "next_cursor": next,
    });
    Ok(Answer::json(200, body))
}

/// What the cursor of this list begins with.
const LIST: &str = "assistants";

fn after<W: World>(request: &Request<'_, W>) -> Result<Option<AssistantId>, Problem> {
    let Some(text) = request.call.query.get("cursor") else { return Ok(None) };
    let place: Option<(String, AssistantId)> = page::open(text);
    match place {
        Some((list, id)) if list == LIST => Ok(Some(id)),
        Some(_) | None => {
            Err(Problem::field("cursor", "a next_cursor of the assistants list is expected"))
        }
    }
}

/// One assistant, with the number it answers on.
pub(crate) async fn shown<W: World>(
    request: &Request<'_, W>,
    assistant: &Assistant,
) -> Result<Value, Problem> {
    let numbers = numbers(request, std::slice::from_ref(assistant)).await?;
    Ok(view(assistant, number_of(assistant, &numbers)))
}

async fn numbers<W: World>(
    request: &Request<'_, W>,
    assistants: &[Assistant],
) -> Result<Vec<Number>, Problem> {
    let ids: Vec<NumberId> = assistants
        .iter()
        .filter_map(|assistant| assistant.number.as_ref().map(|number| number.id))
        .collect();
    Ok(request.deps.store.numbers(&ids).await?)
}

fn number_of<'a>(assistant: &Assistant, numbers: &'a [Number]) -> Option<&'a Number> {
    let id = assistant.number.as_ref()?.id;
    numbers.iter().find(|number| number.id == id)
}

fn view(assistant: &Assistant, number: Option<&Number>) -> Value {
    let assigned = assistant.number.as_ref();
    let digits = assigned.and_then(|number| number.digits.as_ref()).map(|digits| digits.reveal());
    json!({
        "id": assistant.id,
        "assistant_id": assistant.id,
        "vapi_assistant_id": assistant.vapi,
        "business_id": assistant.business,
        "name": assistant.name,
        "language": assistant.language,
        "industry": assistant.industry,
        "assistant": assistant.persona,
        "vapi_phone_number": digits,
        "phone_provider": number.map(|number| figures::provider(&number.carrier)),
        "sip_uri": number.and_then(|number| number.sip_uri.as_deref()),
        "number_id": assigned.map(|number| number.id),
        "assigned_at": assigned.map(|number| number.assigned_at.rfc3339()),
        "up_to_date": assistant.is_up_to_date(),
        "provisioning_id": assistant.work,
        "created_at": assistant.created_at.rfc3339(),
    })
}

/// The business's assistants that are to stay.
pub(crate) async fn standing<W: World>(
    request: &Request<'_, W>,
    business: &Business,
) -> Result<Vec<Assistant>, Problem> {
    let ids: Vec<_> = business.assistants().collect();
    let mut assistants = request.deps.store.assistants(&ids).await?;
    assistants.retain(|assistant| !assistant.removal_asked);
    Ok(assistants)
}
