//! Starting a provisioning: business, assistant, work and idempotency key in one transaction.

use crate::Store;
use crate::keys;
use crate::mark::{Mark, Marks};
use crate::organization;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Condition, Item, Key, Table, Value, Write};
use crate::work::{ask_write, due_attributes, work_attributes};
use domain::assistant::{Assistant, Language};
use domain::ids::{
    AssistantId, BusinessId, DeploymentId, Fresh, OrganizationId, VapiAssistantId, WorkId,
};
use domain::tenant::{Business, Organization};
use domain::time::Timestamp;
use domain::work::{Ask, Recipient, Work};
use planted::planted;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an idempotency key is remembered.
const IDEMPOTENCY_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// An idempotency key within its scope.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// Where it is kept.
    pub at: Key,
    /// Digest of the request it came with.
    pub request_digest: String,
}

/// What an idempotency key was used for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRequest {
    /// Digest of the request it came with.
    pub request_digest: String,
    /// The work it led to.
    pub work: WorkId,
}

/// What must be known before a provisioning starts, read in one request.
#[derive(Debug, Clone)]
pub struct Premises {
    /// The deployment's id, once made.
    pub deployment: Option<DeploymentId>,
    /// The organization's settings, if it has any.
    pub organization: Option<Organization>,
    /// The business, if it is known.
    pub business: Option<Business>,
    /// What the idempotency key was used for, if it was.
    pub known: Option<KnownRequest>,
}

/// A provisioning to be written.
#[derive(Debug)]
pub struct Start<'a> {
    /// The work.
    pub work: &'a Work,
    /// The business's row, when it is new: it must not exist.
    pub new_business: Option<&'a Business>,
    /// Whether the organization is new: its row must not exist, and is made without settings.
    pub new_organization: bool,
    /// Whether the assistant is new: its row must not exist.
    pub new_assistant: bool,
    /// The assistant's latest work, when it is not: it must still be the latest, and over.
    pub replaces: Option<WorkId>,
    /// The idempotency key, if one came.
    pub idempotency: Option<&'a IdempotencyKey>,
}

/// How a start ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It is written.
    Started,
    /// Somebody else was quicker: read again.
    Overtaken,
}

/// What never changes of an assistant, as stored.
#[derive(Serialize, Deserialize)]
struct AssistantDocument {
    organization: OrganizationId,
    business: BusinessId,
    name: String,
    language: Language,
    created_at: Timestamp,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads what must be known before a provisioning starts.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn premises(
        &self,
        organization: &OrganizationId,
        business: &BusinessId,
        idempotency: Option<&IdempotencyKey>,
    ) -> Result<Premises, StoreError> {
        let mut keys = vec![
            keys::deployment(),
            keys::organization(organization),
            keys::business(organization, business),
        ];
        keys.extend(idempotency.map(|key| key.at.clone()));
        let items = self.read(&keys).await?;
        let found = |place: usize| items.get(place).and_then(Option::as_ref);
        let known = found(3).map(known_request).transpose()?;
        Ok(Premises {
            deployment: found(0)
                .map(|item| rows::read("deployment", item, keys::DOCUMENT))
                .transpose()?,
            organization: found(1)
                .map(|item| rows::read("organization", item, keys::DOCUMENT))
                .transpose()?,
            business: found(2)
                .map(|item| rows::read("business", item, keys::DOCUMENT))
                .transpose()?,
            known,
        })
    }

    /// Makes the deployment's id, unless it was made: the id that stands is the answer.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn make_deployment(
        &self,
        fresh: Fresh,
        marks: &Marks,
    ) -> Result<DeploymentId, StoreError> {
        let mark = marks.next();
        let id = DeploymentId::new(fresh);
        let item = rows::item([
            (keys::DOCUMENT, rows::document("deployment", &id)?),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ]);
        let put = Write::Put { key: keys::deployment(), item, condition: Condition::Absent };
        match self.settle(&put, &mark).await? {
            Settled::Written(_) => Ok(id),
            Settled::Refused(_) => {
                let item = self.read_one(keys::deployment()).await?;
                rows::read("deployment", &item.unwrap_or_default(), keys::DOCUMENT)
            }
        }
    }

    /// Reads an assistant.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn assistant(&self, id: AssistantId) -> Result<Option<Assistant>, StoreError> {
        let item = self.read_one(keys::assistant(id)).await?;
        item.map(|item| assistant(id, &item)).transpose()
    }

    /// Reads a business.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn business(
        &self,
        organization: &OrganizationId,
        id: &BusinessId,
    ) -> Result<Option<Business>, StoreError> {
        let item = self.read_one(keys::business(organization, id)).await?;
        item.map(|item| rows::read("business", &item, keys::DOCUMENT)).transpose()
    }

    /// The business of a user without a business claim, if one was recorded.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn business_of_user(&self, sub: &str) -> Result<Option<BusinessId>, StoreError> {
        let item = self.read_one(keys::user(sub)).await?;
        item.map(|item| rows::read("user", &item, keys::DOCUMENT)).transpose()
    }

    /// What an idempotency key was used for, if it was.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn known(&self, key: &IdempotencyKey) -> Result<Option<KnownRequest>, StoreError> {
        let item = self.read_one(key.at.clone()).await?;
        item.as_ref().map(known_request).transpose()
    }

    /// Remembers that an idempotency key led to a work that was there already.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn remember(
        &self,
        key: &IdempotencyKey,
        work: WorkId,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        match self.settle(&idempotency_write(key, work, now, &mark), &mark).await? {
            Settled::Written(_) => Ok(Started::Started),
            Settled::Refused(_) => Ok(Started::Overtaken),
        }
    }

    /// Puts an ask into a work's inbox, once per idempotency key. [`Started::Overtaken`]: the key
    /// was used before, or there is no such work.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn ask_once(
        &self,
        key: &IdempotencyKey,
        work: WorkId,
        ask: Ask,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Started, StoreError> {
        let mark = marks.next();
        let writes = [idempotency_write(key, work, now, &mark), ask_write(work, Some(ask), now)];
        match self.settle_all(&writes, &mark).await? {
            Settled::Written(_) => Ok(Started::Started),
            Settled::Refused(_) => Ok(Started::Overtaken),
        }
    }

    /// Writes a provisioning, all or nothing; it is due at once.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn start(&self, start: &Start<'_>, marks: &Marks) -> Result<Started, StoreError> {
        let mark = marks.next();
        let work = start.work;
        let item = work_item(work, &mark)?;
        let mut writes =
            vec![Write::Put { key: keys::work(work.id), item, condition: Condition::Absent }];
        if start.new_organization {
            writes.push(organization::first(&work.organization)?);
        }
        if let Some(business) = start.new_business {
            let key = keys::business(&business.organization, &business.id);
            let item = rows::item([(keys::DOCUMENT, rows::document("business", business)?)]);
            writes.push(Write::Put { key, item, condition: Condition::Absent });
        }
        writes.extend(work.recipient().map(|to| assistant_write(start, to)).transpose()?);
        if let Some(before) = start.replaces {
            let key = keys::work(before);
            let condition = Condition::Equals(keys::OVER, Value::Number(1));
            writes.push(Write::Check { key, condition });
        }
        let at = work.created_at;
        let idempotency = start.idempotency.filter(|_key| !planted!(KeyNotKept));
        writes.extend(idempotency.map(|key| idempotency_write(key, work.id, at, &mark)));
        match self.settle_all(&writes, &mark).await? {
            Settled::Written(_) => Ok(Started::Started),
            Settled::Refused(_) => Ok(Started::Overtaken),
        }
    }
}

/// The item of a new work, due at once.
pub(crate) fn work_item(work: &Work, mark: &Mark) -> Result<Item, StoreError> {
    let mut item = rows::item(work_attributes(work)?);
    item.extend(due_attributes(work.id, work.created_at));
    item.extend([
        (keys::WRITTEN_BY, rows::text(mark)),
        (keys::INBOX_SEQ, Value::Number(0)),
        (keys::INBOX_SEEN, Value::Number(0)),
        (keys::LEASE_EPOCH, Value::Number(0)),
        (keys::CLOSED_EPOCH, Value::Number(0)),
    ]);
    Ok(item)
}

fn known_request(item: &Item) -> Result<KnownRequest, StoreError> {
    let unreadable = |why: &str| StoreError::Corrupt { what: "idempotency", why: why.to_owned() };
    let request_digest =
        rows::text_of(item, keys::DIGEST).ok_or_else(|| unreadable("no digest"))?.to_owned();
    let work = rows::text_of(item, keys::WORK)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| unreadable("no work"))?;
    Ok(KnownRequest { request_digest, work })
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
    Ok(Assistant {
        id,
        organization: document.organization,
        business: document.business,
        name: document.name,
        language: document.language,
        vapi,
        number,
        work,
        created_at: document.created_at,
    })
}

/// A new assistant's row, or an old one's with the new work, if none came between.
fn assistant_write(start: &Start<'_>, recipient: &Recipient) -> Result<Write, StoreError> {
    let work = start.work;
    let key = keys::assistant(recipient.assistant);
    if start.new_assistant {
        let document = AssistantDocument {
            organization: work.organization.clone(),
            business: recipient.business.clone(),
            name: recipient.assistant_name.clone(),
            language: recipient.language,
            created_at: work.created_at,
        };
        let item = rows::item([
            (keys::DOCUMENT, rows::document("assistant", &document)?),
            (keys::WORK, rows::text(work.id)),
        ]);
        return Ok(Write::Put { key, item, condition: Condition::Absent });
    }
    let condition = match start.replaces {
        Some(before) if !planted!(StartOverNewer) => {
            Condition::Equals(keys::WORK, rows::text(before))
        }
        Some(_) | None => Condition::Present,
    };
    let set = vec![(keys::WORK, rows::text(work.id))];
    Ok(Write::Update { key, set, add: Vec::new(), remove: Vec::new(), condition })
}

pub(crate) fn idempotency_write(
    key: &IdempotencyKey,
    work: WorkId,
    now: Timestamp,
    mark: &Mark,
) -> Write {
    let item = rows::item([
        (keys::DIGEST, rows::text(&key.request_digest)),
        (keys::WORK, rows::text(work)),
        (keys::TTL, Value::Number(now.after(IDEMPOTENCY_KEPT).as_seconds())),
        (keys::WRITTEN_BY, rows::text(mark)),
    ]);
    Write::Put { key: key.at.clone(), item, condition: Condition::Absent }
}
