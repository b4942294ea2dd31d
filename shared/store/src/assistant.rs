//! Assistants: what their rows say, and changes of them together with what carries those out.
//!
//! Whoever changes what an assistant is like raises its version and puts an ask into the inbox of
//! its latest work, in one transaction. A new work takes the place of the latest only if the
//! version is the one it was begun with: so each change reaches VAPI, by a create or by an update.

use crate::Store;
use crate::keys;
use crate::mark::{Mark, Marks};
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::start::{IdempotencyKey, Start, Started, thing_write};
use crate::table::{Attribute, Condition, Item, Key, Table, Value, Write};
use crate::work::ask_write;
use domain::assistant::{Assistant, Language};
use domain::ids::{AssistantId, BusinessId, OrganizationId, VapiAssistantId, WorkId};
use domain::persona::Persona;
use domain::setup::{AssistantServer, EmergencyContacts};
use domain::template::Industry;
use domain::tenant::{Business, Organization};
use domain::time::Timestamp;
use domain::work::{Ask, Recipient, Work};
use planted::planted;
use serde::{Deserialize, Serialize};

/// What is set of an assistant, as stored.
#[derive(Serialize, Deserialize)]
struct AssistantDocument {
    organization: OrganizationId,
    business: BusinessId,
    name: String,
    language: Language,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    industry: Option<Industry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    persona: Option<Persona>,
}

/// An assistant with all that VAPI is told of it.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The assistant.
    pub assistant: Assistant,
    /// Whom it may put callers through to.
    pub contacts: EmergencyContacts,
    /// Its organization's own server for its calls.
    pub server: Option<AssistantServer>,
}

/// What becomes of one assistant by a change.
#[derive(Debug, Clone, Copy)]
pub enum Becomes {
    /// It is as the row now says: VAPI is to be told.
    Changed,
    /// It is deleted; its number rests for so many days.
    Removed {
        /// Days.
        quarantine_days: u16,
    },
}

/// One assistant to be changed.
#[derive(Debug)]
pub struct Revised<'a> {
    /// The assistant: as it becomes, at the version at which it was read.
    pub assistant: &'a Assistant,
    /// What becomes of it.
    pub becomes: Becomes,
}

/// A change of assistants of one business, to be written.
#[derive(Debug, Default)]
pub struct Revision<'a> {
    /// The business as it was seen and as it becomes, where it changes.
    pub business: Option<(&'a Business, &'a Business)>,
    /// The assistants.
    pub assistants: Vec<Revised<'a>>,
    /// The idempotency key, if one came, with the id of what it led to.
    pub idempotency: Option<(&'a IdempotencyKey, String)>,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads an assistant.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn assistant(&self, id: AssistantId) -> Result<Option<Assistant>, StoreError> {
        let item = self.read_one(keys::assistant(id)).await?;
        item.map(|item| assistant(id, &item)).transpose()
    }

    /// Those of these assistants that there are, in their order; at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn assistants(&self, ids: &[AssistantId]) -> Result<Vec<Assistant>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| keys::assistant(*id)).collect();
        let items = self.read(&keys).await?;
        let found = ids.iter().zip(&items);
        found.filter_map(|(id, item)| Some(assistant(*id, item.as_ref()?))).collect()
    }

    /// Reads an assistant with all that VAPI is told of it, at one moment.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn sheet(
        &self,
        organization: &OrganizationId,
        business: &BusinessId,
        id: AssistantId,
    ) -> Result<Option<Sheet>, StoreError> {
        let keys = [
            keys::assistant(id),
            keys::business(organization, business),
            keys::organization(organization),
        ];
        let items = self.read(&keys).await?;
        let found = |place: usize| items.get(place).and_then(Option::as_ref);
        let Some(item) = found(0) else { return Ok(None) };
        let business: Option<Business> =
            found(1).map(|item| rows::read("business", item, keys::DOCUMENT)).transpose()?;
        let organization: Option<Organization> =
            found(2).map(|item| rows::read("organization", item, keys::DOCUMENT)).transpose()?;
        let contacts = business.map(|business| business.emergency_contacts()).transpose();
        Ok(Some(Sheet {
            assistant: assistant(id, item)?,
            contacts: contacts
                .map_err(|error| StoreError::Corrupt { what: "business", why: error.to_string() })?
                .unwrap_or_default(),
            server: organization.and_then(|organization| organization.assistant_server),
        }))
    }

    /// Writes a change of assistants, all or nothing, with an ask for the work of each.
    /// [`Started::Overtaken`]: one of the rows is not as it was seen, or the idempotency key was
    /// used before.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn revise(
        &self,
        revision: &Revision<'_>,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let mut writes = Vec::new();
        if let Some((was, becomes)) = revision.business {
            writes.push(business_write(was, becomes, &mark)?);
        }
        for revised in &revision.assistants {
            writes.push(revised_write(revised, &mark)?);
        }
        if let Some((key, thing)) = &revision.idempotency {
            writes.push(thing_write(key, thing, now, &mark));
        }
        writes.extend(revision.assistants.iter().map(|revised| {
            let ask = match revised.becomes {
                Becomes::Changed => Ask::Update,
                Becomes::Removed { quarantine_days } => Ask::Remove { quarantine_days },
            };
            ask_write(revised.assistant.work, Some(ask), now)
        }));
        Ok(self.settle_all(&writes, &mark).await?.into())
    }
}

fn assistant(id: AssistantId, item: &Item) -> Result<Assistant, StoreError> {
    let document: AssistantDocument = rows::read("assistant", item, keys::DOCUMENT)?;
    let unreadable = |why: &str| StoreError::Corrupt { what: "assistant", why: why.to_owned() };
    let work = rows::text_of(item, keys::WORK)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| unreadable("no work"))?;
    let vapi = rows::text_of(item, keys::VAPI)
        .map(|text| text.parse::<VapiAssistantId>())
        .transpose()
        .map_err(|error| unreadable(&error.to_string()))?;
    let number = item
        .contains_key(keys::ASSIGNED)
        .then(|| rows::read("assigned number", item, keys::ASSIGNED))
        .transpose()?;
    let count = |attribute| u64::try_from(rows::number(item, attribute)).unwrap_or(0);
    Ok(Assistant {
        id,
        organization: document.organization,
        business: document.business,
        name: document.name,
        language: document.language,
        industry: document.industry,
        persona: document.persona,
        version: count(keys::VERSION),
        applied: count(keys::APPLIED),
        removal_asked: item.contains_key(keys::REMOVAL_ASKED),
        vapi,
        number,
        work,
        created_at: document.created_at,
    })
}

/// A new assistant's row, or an old one's with the new work, if nothing came between.
pub(crate) fn start_write(start: &Start<'_>, recipient: &Recipient) -> Result<Write, StoreError> {
    let work = start.work;
    let key = keys::assistant(recipient.assistant);
    let Some(existing) = start.existing else {
        let item = rows::item([
            (keys::DOCUMENT, document(work, recipient, work.created_at)?),
            (keys::WORK, rows::text(work.id)),
        ]);
        return Ok(Write::Put { key, item, condition: Condition::Absent });
    };
    let mut set = vec![(keys::WORK, rows::text(work.id))];
    if existing.vapi.is_none() {
        // It is made at VAPI as the work says.
        set.push((keys::DOCUMENT, document(work, recipient, existing.created_at)?));
        set.push((keys::APPLIED, number(existing.version)));
    }
    let condition = if planted!(StartOverNewer) {
        Condition::Present
    } else {
        as_seen(existing.work, existing.version)
    };
    Ok(Write::Update { key, set, add: Vec::new(), remove: Vec::new(), condition })
}

/// What of an assistant follows from the work that makes it.
fn document(
    work: &Work,
    recipient: &Recipient,
    created_at: Timestamp,
) -> Result<Value, StoreError> {
    let document = AssistantDocument {
        organization: work.organization.clone(),
        business: recipient.business.clone(),
        name: recipient.assistant_name.clone(),
        language: recipient.language,
        created_at,
        industry: Some(recipient.setup.industry),
        persona: Some(recipient.persona.clone()),
    };
    rows::document("assistant", &document)
}

fn revised_write(revised: &Revised<'_>, mark: &Mark) -> Result<Write, StoreError> {
    let assistant = revised.assistant;
    let mut set = vec![(keys::WRITTEN_BY, rows::text(mark))];
    match revised.becomes {
        Becomes::Changed => {
            let document = AssistantDocument {
                organization: assistant.organization.clone(),
                business: assistant.business.clone(),
                name: assistant.name.clone(),
                language: assistant.language,
                created_at: assistant.created_at,
                industry: assistant.industry,
                persona: assistant.persona.clone(),
            };
            set.push((keys::DOCUMENT, rows::document("assistant", &document)?));
            set.push((keys::VERSION, number(assistant.version.saturating_add(1))));
        }
        Becomes::Removed { .. } => set.push((keys::REMOVAL_ASKED, Value::Number(1))),
    }
    let (key, add, remove) = (keys::assistant(assistant.id), Vec::new(), Vec::new());
    let condition = as_seen(assistant.work, assistant.version);
    Ok(Write::Update { key, set, add, remove, condition })
}

/// That the assistant is to stay, its latest work is this one, and nobody changed it since.
fn as_seen(work: WorkId, version: u64) -> Condition {
    let unchanged = Condition::Equals(keys::VERSION, number(version));
    let unchanged = if version == 0 {
        Condition::Any(vec![Condition::Missing(keys::VERSION), unchanged])
    } else {
        unchanged
    };
    Condition::All(vec![
        Condition::Equals(keys::WORK, rows::text(work)),
        Condition::Missing(keys::REMOVAL_ASKED),
        unchanged,
    ])
}

/// A business that changes, if it is as it was seen.
pub(crate) fn business_write(
    was: &Business,
    becomes: &Business,
    mark: &Mark,
) -> Result<Write, StoreError> {
    Ok(Write::Update {
        key: keys::business(&becomes.organization, &becomes.id),
        set: vec![
            (keys::DOCUMENT, rows::document("business", becomes)?),
            (keys::WRITTEN_BY, rows::text(mark)),
        ],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Equals(keys::DOCUMENT, rows::document("business", was)?),
    })
}

/// VAPI has been told of the assistant as it was at this version.
pub(crate) fn applied_write(id: AssistantId, version: u64) -> Write {
    let set: Vec<(Attribute, Value)> = vec![(keys::APPLIED, number(version))];
    let (add, remove) = (Vec::new(), Vec::new());
    Write::Update { key: keys::assistant(id), set, add, remove, condition: Condition::Present }
}

/// The row of an assistant that is deleted by this work.
pub(crate) fn drop_write(id: AssistantId, work: WorkId) -> Write {
    let condition = Condition::Equals(keys::WORK, rows::text(work));
    Write::Delete { key: keys::assistant(id), condition }
}

fn number(count: u64) -> Value {
    Value::Number(i64::try_from(count).unwrap_or(i64::MAX))
}
