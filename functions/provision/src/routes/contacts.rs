//! Emergency contacts of a business: whom its assistants may put callers through to.
//!
//! They stand in the business's row. A change is written with an ask for the work of each of its
//! assistants, which tells VAPI.

use crate::Request;
use crate::routes::assistants::standing;
use crate::routes::{wake, whose, whose_by_query};
use api::body::{self, find, parsed, text};
use api::idempotency::known_thing;
use api::starting::{RACES_MAX, pause};
use api::{Answer, Problem, Verb, idempotency};
use domain::assistant::Language;
use domain::ids::{BusinessId, ContactId, OrganizationId, WorkId};
use domain::phone::E164;
use domain::setup::{EmergencyContact, InvalidContact};
use domain::tenant::{Business, Contact};
use runtime::World;
use serde_json::{Map, Value, json};
use store::{Becomes, Revised, Revision, Started};

/// What can be said of a contact, by its names in a request.
const FIELDS: [&str; 6] =
    ["name", "phone_number", "number", "messages", "organization_id", "business_id"];
/// The languages a message can be in.
const TONGUES: [(&str, Language); 3] =
    [("english", Language::English), ("spanish", Language::Spanish), ("french", Language::French)];

/// What is to become of the contacts.
enum Wish {
    Add(EmergencyContact),
    Change(ContactId, Map<String, Value>),
    Delete(ContactId),
}

pub(crate) async fn route<W: World>(
    request: &Request<'_, W>,
    verb: Verb,
    rest: &[&str],
) -> Result<Answer, Problem> {
    match (verb, rest) {
        (Verb::Get, []) => list(request).await,
        (Verb::Post, []) => add(request).await,
        (Verb::Get, [id]) => show(request, contact_id(id)?).await,
        (Verb::Patch, [id]) => patch(request, contact_id(id)?).await,
        (Verb::Delete, [id]) => delete(request, contact_id(id)?).await,
        (Verb::Get | Verb::Post | Verb::Put | Verb::Patch | Verb::Delete | Verb::Other, _) => {
            Err(Problem::NoSuchRoute)
        }
    }
}

fn contact_id(text: &str) -> Result<ContactId, Problem> {
    text.parse().map_err(|_no_id| Problem::NoSuchContact)
}

async fn list<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (organization, business) = whose_by_query(request).await?;
    let business = request.deps.store.business(&organization, &business).await?;
    let contacts: Vec<Value> =
        business.iter().flat_map(|business| &business.contacts).map(view).collect();
    let body = json!({ "success": true, "count": contacts.len(), "contacts": contacts });
    Ok(Answer::json(200, body))
}

async fn show<W: World>(request: &Request<'_, W>, id: ContactId) -> Result<Answer, Problem> {
    let (organization, business) = whose_by_query(request).await?;
    let business = request.deps.store.business(&organization, &business).await?;
    let contact = business.iter().flat_map(|one| &one.contacts).find(|one| one.id == id);
    contact.map(|contact| answered(200, contact)).ok_or(Problem::NoSuchContact)
}

async fn add<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    let (object, whose) = said(request).await?;
    let contact = from_fields(None, &object)?;
    change(request, &whose, "contacts.add", &object, &Wish::Add(contact)).await
}

async fn patch<W: World>(request: &Request<'_, W>, id: ContactId) -> Result<Answer, Problem> {
    let (object, whose) = said(request).await?;
    let route = format!("contacts.change.{id}");
    let wish = Wish::Change(id, object.clone());
    change(request, &whose, &route, &object, &wish).await
}

async fn delete<W: World>(request: &Request<'_, W>, id: ContactId) -> Result<Answer, Problem> {
    let whose = whose_by_query(request).await?;
    let route = format!("contacts.delete.{id}");
    change(request, &whose, &route, &Map::new(), &Wish::Delete(id)).await
}

/// The body, and whose contacts it is about.
async fn said<W: World>(
    request: &Request<'_, W>,
) -> Result<(Map<String, Value>, (OrganizationId, BusinessId)), Problem> {
    let object = body::object(&request.call.body)?;
    body::only(&object, &FIELDS)?;
    let organization: Option<OrganizationId> = parsed(&object, "organization_id")?;
    let business: Option<BusinessId> = parsed(&object, "business_id")?;
    let whose = whose(request, organization.as_ref(), business.as_ref()).await?;
    Ok((object, whose))
}

/// Writes a change of the contacts with what tells the assistants, all or nothing.
async fn change<W: World>(
    request: &Request<'_, W>,
    (organization, business): &(OrganizationId, BusinessId),
    route: &str,
    object: &Map<String, Value>,
    wish: &Wish,
) -> Result<Answer, Problem> {
    let key = idempotency::key(request, organization, Some(business), route, object)?;
    let (store, marks) = (&request.deps.store, request.deps.marks());
    let new_id = ContactId::new(request.deps.fresh());
    for race in 0..RACES_MAX {
        pause(request, race).await;
        let was = store.business(organization, business).await?.ok_or(Problem::NoBusiness)?;
        if let Some(id) = known_thing(request, key.as_ref()).await? {
            return Ok(heard_before(&was, &id));
        }
        let (becomes, answer, id) = wished(&was, wish, new_id, request.deps.now())?;
        let assistants = standing(request, &was).await?;
        let revision = Revision {
            business: Some((&was, &becomes)),
            assistants: assistants
                .iter()
                .map(|assistant| Revised { assistant, becomes: Becomes::Changed })
                .collect(),
            idempotency: key.as_ref().map(|key| (key, id.to_string())),
        };
        match store.revise(&revision, request.deps.now(), &marks).await? {
            Started::Started => {
                let works: Vec<WorkId> = assistants.iter().map(|one| one.work).collect();
                wake(request, &works).await;
                return Ok(answer);
            }
            Started::Overtaken => {}
        }
    }
    Err(Problem::Contended)
}

/// The business with its contacts as wished, the answer, and which contact it is about.
fn wished(
    was: &Business,
    wish: &Wish,
    new_id: ContactId,
    now: domain::time::Timestamp,
) -> Result<(Business, Answer, ContactId), Problem> {
    let mut contacts = was.contacts.clone();
    let there = |id: &ContactId| was.contacts.iter().position(|contact| contact.id == *id);
    let (answer, id) = match wish {
        Wish::Add(contact) => {
            let added = Contact { id: new_id, contact: contact.clone(), created_at: now };
            let answer = answered(201, &added);
            contacts.push(added);
            (answer, new_id)
        }
        Wish::Change(id, object) => {
            let place = there(id).and_then(|place| contacts.get_mut(place));
            let contact = place.ok_or(Problem::NoSuchContact)?;
            contact.contact = from_fields(Some(&contact.contact), object)?;
            (answered(200, contact), *id)
        }
        Wish::Delete(id) => {
            let place = there(id).ok_or(Problem::NoSuchContact)?;
            contacts.remove(place);
            (gone(*id), *id)
        }
    };
    let becomes = was.clone().with_contacts(contacts).map_err(refused)?;
    Ok((becomes, answer, id))
}

/// The same request again: the contact as it is now, if it is there.
fn heard_before(business: &Business, id: &str) -> Answer {
    let contact = business.contacts.iter().find(|contact| contact.id.to_string() == id);
    contact.map_or_else(
        || Answer::json(200, json!({ "success": true, "id": id })),
        |contact| answered(200, contact),
    )
}

/// A contact from what a request says of it, upon what it was before.
fn from_fields(
    before: Option<&EmergencyContact>,
    object: &Map<String, Value>,
) -> Result<EmergencyContact, Problem> {
    let name = text(object, "name")?.or_else(|| before.map(EmergencyContact::name));
    let name = name.ok_or_else(|| Problem::field("name", "whom to put callers through to"))?;
    let field = if find(object, "number").is_some() { "number" } else { "phone_number" };
    let number = match text(object, field)? {
        Some(typed) => E164::from_typed(typed).map_err(|error| Problem::field(field, error))?,
        None => before
            .map(|contact| contact.number().clone())
            .ok_or_else(|| Problem::field("phone_number", "where the contact is reached"))?,
    };
    let contact = EmergencyContact::new(name, number).map_err(refused)?;
    match find(object, "messages") {
        Some(messages) => with_messages(contact, messages),
        None => TONGUES.into_iter().try_fold(contact, |contact, (_name, language)| {
            match before.and_then(|before| before.message(language)) {
                Some(message) => contact.with_message(language, message).map_err(refused),
                None => Ok(contact),
            }
        }),
    }
}

fn with_messages(contact: EmergencyContact, messages: &Value) -> Result<EmergencyContact, Problem> {
    let expected = "an object with a text for english, spanish or french is expected";
    let wrong = || Problem::field("messages", expected);
    let all = messages.as_object().ok_or_else(wrong)?;
    all.iter().try_fold(contact, |contact, (name, message)| {
        let tongue = TONGUES.into_iter().find(|(known, _language)| known == name);
        let (_name, language) = tongue.ok_or_else(wrong)?;
        contact.with_message(language, message.as_str().ok_or_else(wrong)?).map_err(refused)
    })
}

fn refused(invalid: InvalidContact) -> Problem {
    match invalid {
        InvalidContact::TooMany => Problem::TooManyContacts,
        InvalidContact::Name => Problem::field("name", invalid),
        InvalidContact::Message | InvalidContact::MessageLanguage => {
            Problem::field("messages", invalid)
        }
        InvalidContact::SameNumber => Problem::field("phone_number", invalid),
    }
}

fn answered(status: u16, contact: &Contact) -> Answer {
    let mut body = view(contact);
    if let Value::Object(body) = &mut body {
        body.insert("success".to_owned(), json!(true));
    }
    Answer::json(status, body).with("location", format!("/api/emergency-contacts/{}", contact.id))
}

fn gone(id: ContactId) -> Answer {
    Answer::json(200, json!({ "success": true, "id": id }))
}

fn view(one: &Contact) -> Value {
    let said = TONGUES.into_iter().filter_map(|(name, language)| {
        let message = one.contact.message(language)?;
        Some((name.to_owned(), json!(message)))
    });
    json!({
        "id": one.id,
        "name": one.contact.name(),
        "phone_number": one.contact.number().reveal(),
        "messages": said.collect::<Map<String, Value>>(),
        "created_at": one.created_at.rfc3339(),
    })
}
