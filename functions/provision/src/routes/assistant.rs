//! One assistant: shown, changed, deleted.
//!
//! A change is written with an ask for the assistant's work, which tells VAPI; of two changes at
//! once one is written upon the other, and the last one written is what VAPI is left with.

use crate::Request;
use crate::routes::assistants::shown;
use crate::routes::number::rest_of;
use crate::routes::{wake, whose};
use api::body::find as field;
use api::fields;
use api::idempotency::known_thing;
use api::starting::{RACES_MAX, pause};
use api::{Answer, Problem, Verb, body, idempotency};
use domain::assistant::{Assistant, assistant_name};
use domain::ids::AssistantId;
use domain::persona::LongestCall;
use domain::work::Recipient;
use runtime::World;
use serde_json::{Map, Value, json};
use store::{Becomes, IdempotencyKey, Revised, Revision, Started};

/// What of an assistant can be changed, by its names in a request.
const FIELDS: [&str; 8] = [
    "business_data",
    "business_name",
    "language",
    "language_preference",
    "industry",
    "industry_code",
    "assistant",
    "organization_id",
];

pub(crate) async fn route<W: World>(
    request: &Request<'_, W>,
    verb: Verb,
    id: &str,
) -> Result<Answer, Problem> {
    match verb {
        Verb::Get => show(request, id).await,
        Verb::Patch => patch(request, id).await,
        Verb::Delete => delete(request, id).await,
        Verb::Post | Verb::Put | Verb::Other => Err(Problem::NoSuchRoute),
    }
}

async fn show<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let assistant = find(request, id).await?;
    answer(request, 200, &assistant).await
}

/// Changes an assistant in place. 202: VAPI is told by its work.
async fn patch<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &FIELDS)?;
    let marks = request.deps.marks();
    for race in 0..RACES_MAX {
        pause(request, race).await;
        let assistant = find(request, id).await?;
        let key = key(request, &assistant, "change", &object)?;
        if known_thing(request, key.as_ref()).await?.is_some() {
            return answer(request, 202, &assistant).await;
        }
        let store = &request.deps.store;
        let row = store.work(assistant.work).await?.ok_or(Problem::NoSuchAssistant)?;
        let latest = row.work.recipient().ok_or(Problem::NoSuchAssistant)?;
        let changed = changed(&assistant, latest, &object, request.config.longest_call)?;
        let revised = Revised { assistant: &changed, becomes: Becomes::Changed };
        let revision = Revision {
            business: None,
            assistants: vec![revised],
            idempotency: key.as_ref().map(|key| (key, assistant.id.to_string())),
        };
        match store.revise(&revision, request.deps.now(), &marks).await? {
            Started::Started => {
                wake(request, &[assistant.work]).await;
                let version = assistant.version.saturating_add(1);
                return answer(request, 202, &Assistant { version, ..changed }).await;
            }
            Started::Overtaken => {}
        }
    }
    Err(Problem::Contended)
}

/// The assistant with what a request changes of it.
fn changed(
    assistant: &Assistant,
    latest: &Recipient,
    object: &Map<String, Value>,
    longest_call: LongestCall,
) -> Result<Assistant, Problem> {
    let was = assistant.character(latest);
    let persona = match field(object, "assistant") {
        None => was.persona,
        Some(changes) => was
            .persona
            .changed(changes, longest_call)
            .map_err(|error| Problem::field(&error.field, error.expected))?,
    };
    Ok(Assistant {
        name: fields::business_name(object)?.map_or(was.name, |name| assistant_name(&name)),
        language: fields::language(object)?.unwrap_or(was.language),
        industry: Some(fields::industry(object)?.unwrap_or(was.industry)),
        persona: Some(persona),
        ..assistant.clone()
    })
}

/// Deletes an assistant: its work takes the number off it, deletes it at VAPI, and then its row.
async fn delete<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    let marks = request.deps.marks();
    for race in 0..RACES_MAX {
        pause(request, race).await;
        let Some(assistant) = known(request, id).await? else {
            return deleted_before(request, id).await;
        };
        if assistant.removal_asked {
            return Ok(being_deleted(&assistant));
        }
        if let Some(number) = &assistant.number {
            request.must_not_be_frozen(number.id).await?;
        }
        let (organization, business) = (&assistant.organization, &assistant.business);
        let key = key(request, &assistant, "delete", &Map::new())?;
        let store = &request.deps.store;
        let was = store.business(organization, business).await?.ok_or(Problem::NoSuchAssistant)?;
        let becomes = was.clone().without_assistant(assistant.id);
        let quarantine_days = rest_of(request, organization).await?;
        let becomes_of_it = Becomes::Removed { quarantine_days };
        let revision = Revision {
            business: Some((&was, &becomes)),
            assistants: vec![Revised { assistant: &assistant, becomes: becomes_of_it }],
            idempotency: key.as_ref().map(|key| (key, assistant.id.to_string())),
        };
        match store.revise(&revision, request.deps.now(), &marks).await? {
            Started::Started => {
                wake(request, &[assistant.work]).await;
                return Ok(being_deleted(&assistant));
            }
            Started::Overtaken => {}
        }
    }
    Err(Problem::Contended)
}

fn being_deleted(assistant: &Assistant) -> Answer {
    let body = json!({
        "success": true,
        "assistant_id": assistant.id,
        "state": "deleting",
        "provisioning_id": assistant.work,
    });
    let location = format!("/api/phone/provision/{}", assistant.work);
    Answer::json(202, body).with("location", location).with("retry-after", "1".to_owned())
}

/// The same request again, after it was carried out.
async fn deleted_before<W: World>(request: &Request<'_, W>, id: &str) -> Result<Answer, Problem> {
    if request.caller.operator {
        return Err(Problem::NoSuchAssistant);
    }
    let (organization, business) = whose(request, None, None).await?;
    let route = format!("assistants.delete.{}", parsed(id)?);
    let key = idempotency::key(request, &organization, Some(&business), &route, &Map::new())?;
    let known = known_thing(request, key.as_ref()).await?;
    let id = known.ok_or(Problem::NoSuchAssistant)?;
    let body = json!({ "success": true, "assistant_id": id, "state": "deleted" });
    Ok(Answer::json(200, body))
}

fn key<W: World>(
    request: &Request<'_, W>,
    assistant: &Assistant,
    what: &str,
    object: &Map<String, Value>,
) -> Result<Option<IdempotencyKey>, Problem> {
    let route = format!("assistants.{what}.{}", assistant.id);
    let (organization, business) = (&assistant.organization, &assistant.business);
    idempotency::key(request, organization, Some(business), &route, object)
}

fn parsed(id: &str) -> Result<AssistantId, Problem> {
    id.parse().map_err(|_no_id| Problem::NoSuchAssistant)
}

/// The assistant of that id, if it is to stay and is the caller's, or the caller is an operator.
async fn find<W: World>(request: &Request<'_, W>, id: &str) -> Result<Assistant, Problem> {
    let found = known(request, id).await?;
    found.filter(|assistant| !assistant.removal_asked).ok_or(Problem::NoSuchAssistant)
}

/// The same also while it is being deleted.
async fn known<W: World>(request: &Request<'_, W>, id: &str) -> Result<Option<Assistant>, Problem> {
    let found = request.deps.store.assistant(parsed(id)?).await?;
    if request.caller.operator {
        return Ok(found);
    }
    let (organization, business) = whose(request, None, None).await?;
    Ok(found.filter(|one| one.organization == organization && one.business == business))
}

async fn answer<W: World>(
    request: &Request<'_, W>,
    status: u16,
    assistant: &Assistant,
) -> Result<Answer, Problem> {
    let mut body = shown(request, assistant).await?;
    if let Value::Object(body) = &mut body {
        body.insert("success".to_owned(), json!(true));
    }
    let location = format!("/api/assistants/{}", assistant.id);
    Ok(Answer::json(status, body).with("location", location))
}
