//! `DELETE /api/business`: a business leaves.
//!
//! All its assistants go as if each were deleted by itself, in one transaction, and its contacts
//! with them. Its numbers rest, and none is deleted at VAPI.

use crate::Request;
use crate::routes::assistants::standing;
use crate::routes::number::rest_of;
use crate::routes::{wake, whose_by_query};
use api::idempotency::known_thing;
use api::starting::{RACES_MAX, pause};
use api::{Answer, Problem, idempotency};
use domain::assistant::Assistant;
use domain::ids::{BusinessId, WorkId};
use runtime::World;
use serde_json::{Map, Value, json};
use store::{Becomes, Revised, Revision, Started};

/// Deletes the caller's business, or the one an operator names. 202: the works of its assistants
/// carry it out.
pub(crate) async fn delete<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (organization, business) = whose_by_query(request).await?;
    let key =
        idempotency::key(request, &organization, Some(&business), "business.delete", &Map::new())?;
    let (store, marks) = (&request.deps.store, request.deps.marks());
    for race in 0..RACES_MAX {
        pause(request, race).await;
        if known_thing(request, key.as_ref()).await?.is_some() {
            return Ok(answered(&business, &[]));
        }
        let was = store.business(&organization, &business).await?.ok_or(Problem::NoBusiness)?;
        let becomes = was.clone().emptied();
        if becomes == was {
            return Ok(answered(&business, &[]));
        }
        let assistants = standing(request, &was).await?;
        for number in assistants.iter().filter_map(|assistant| assistant.number.as_ref()) {
            request.must_not_be_frozen(number.id).await?;
        }
        let quarantine_days = rest_of(request, &organization).await?;
        let removed =
            |assistant| Revised { assistant, becomes: Becomes::Removed { quarantine_days } };
        let revision = Revision {
            business: Some((&was, &becomes)),
            assistants: assistants.iter().map(removed).collect(),
            idempotency: key.as_ref().map(|key| (key, business.to_string())),
        };
        match store.revise(&revision, request.deps.now(), &marks).await? {
            Started::Started => {
                let works: Vec<WorkId> = assistants.iter().map(|one| one.work).collect();
                wake(request, &works).await;
                return Ok(answered(&business, &assistants));
            }
            Started::Overtaken => {}
        }
    }
    Err(Problem::Contended)
}

/// With no assistant left to delete it is done already.
fn answered(business: &BusinessId, assistants: &[Assistant]) -> Answer {
    let (status, state) = if assistants.is_empty() { (200, "deleted") } else { (202, "deleting") };
    let shown = |one: &Assistant| json!({ "assistant_id": one.id, "provisioning_id": one.work });
    let body = json!({
        "success": true,
        "business_id": business,
        "state": state,
        "assistants": assistants.iter().map(shown).collect::<Vec<Value>>(),
    });
    Answer::json(status, body)
}
