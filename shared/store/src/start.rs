//! Starting a provisioning: business, assistant, work and idempotency key in one transaction.

use crate::Store;
use crate::assistant;
use crate::keys;
use crate::mark::{Mark, Marks};
use crate::organization;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Attribute, Condition, Item, Key, Table, Value, Write};
use crate::work::{ask_write, due_attributes, work_attributes};
use domain::assistant::Assistant;
use domain::ids::{BusinessId, DeploymentId, Fresh, OrganizationId, WorkId};
use domain::tenant::{Business, Organization};
use domain::time::Timestamp;
use domain::work::{Ask, Work};
use planted::planted;
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

/// The same where it led to something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownThing {
    /// Digest of the request it came with.
    pub request_digest: String,
    /// The id of what it led to.
    pub id: String,
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
    /// The business as it was seen and as it becomes, when it is not new and changes.
    pub changed_business: Option<(&'a Business, &'a Business)>,
    /// The user, by the issuer's `sub`, whose business it is from now on: nobody else's row says so.
    pub new_user: Option<&'a str>,
    /// The assistant as it was seen; `None`: it is new, and its row must not exist. Its work must
    /// still be the latest, and may be replaced.
    pub existing: Option<&'a Assistant>,
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

impl From<Settled> for Started {
    fn from(settled: Settled) -> Self {
        match settled {
            Settled::Written(_) => Self::Started,
            Settled::Refused(_) => Self::Overtaken,
        }
    }
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

    /// What an idempotency key that leads to no work was used for, if it was.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn known_thing(
        &self,
        key: &IdempotencyKey,
    ) -> Result<Option<KnownThing>, StoreError> {
        let item = self.read_one(key.at.clone()).await?;
        let text = |item: &Item, attribute| {
            let unreadable = || "an attribute is missing".to_owned();
            let text = rows::text_of(item, attribute).map(str::to_owned);
            text.ok_or_else(|| StoreError::Corrupt { what: "idempotency", why: unreadable() })
        };
        item.map(|item| {
            let request_digest = text(&item, keys::DIGEST)?;
            Ok(KnownThing { request_digest, id: text(&item, keys::HOLDER)? })
        })
        .transpose()
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
        Ok(self.settle(&idempotency_write(key, work, now, &mark), &mark).await?.into())
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
        Ok(self.settle_all(&writes, &mark).await?.into())
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
        if let Some((was, becomes)) = start.changed_business {
            writes.push(assistant::business_write(was, becomes, &mark)?);
        }
        let recipient = work.recipient();
        if let (Some(sub), Some(recipient)) = (start.new_user, recipient) {
            writes.push(user_write(sub, &recipient.business)?);
        }
        writes.extend(recipient.map(|to| assistant::start_write(start, to)).transpose()?);
        if let Some(existing) = start.existing {
            writes.push(over_check(existing.work));
        }
        let at = work.created_at;
        let idempotency = start.idempotency.filter(|_key| !planted!(KeyNotKept));
        writes.extend(idempotency.map(|key| idempotency_write(key, work.id, at, &mark)));
        Ok(self.settle_all(&writes, &mark).await?.into())
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

/// That a work is over, and that nobody asks it to tell VAPI of a change.
fn over_check(work: WorkId) -> Write {
    let over = Condition::Equals(keys::OVER, Value::Number(1));
    let condition = Condition::All(vec![over, Condition::Missing(keys::ASK_UPDATE)]);
    Write::Check { key: keys::work(work), condition }
}

fn user_write(sub: &str, business: &BusinessId) -> Result<Write, StoreError> {
    let item = rows::item([(keys::DOCUMENT, rows::document("user", business)?)]);
    Ok(Write::Put { key: keys::user(sub), item, condition: Condition::Absent })
}

pub(crate) fn idempotency_write(
    key: &IdempotencyKey,
    work: WorkId,
    now: Timestamp,
    mark: &Mark,
) -> Write {
    key_write(key, (keys::WORK, rows::text(work)), now, mark)
}

/// That an idempotency key led to the thing of this id.
pub(crate) fn thing_write(key: &IdempotencyKey, id: &str, now: Timestamp, mark: &Mark) -> Write {
    key_write(key, (keys::HOLDER, rows::text(id)), now, mark)
}

fn key_write(
    key: &IdempotencyKey,
    led_to: (Attribute, Value),
    now: Timestamp,
    mark: &Mark,
) -> Write {
    let item = rows::item([
        (keys::DIGEST, rows::text(&key.request_digest)),
        led_to,
        (keys::TTL, Value::Number(now.after(IDEMPOTENCY_KEPT).as_seconds())),
        (keys::WRITTEN_BY, rows::text(mark)),
    ]);
    Write::Put { key: key.at.clone(), item, condition: Condition::Absent }
}
