//! Organizations: their settings, which of them owns a Twilio account, and what they have spent.

use crate::Store;
use crate::history;
use crate::keys::{self, Period};
use crate::mark::{Mark, Marks};
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Condition, Cursor, Index, Item, Key, Query, Table, Value, Write};
use domain::history::Line;
use domain::ids::{BusinessId, OrganizationId, TwilioAccountSid};
use domain::money::Cents;
use domain::tenant::{Business, Organization};
use domain::time::Timestamp;

/// An organization as the table has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRow {
    /// The organization.
    pub organization: Organization,
    /// How often its settings were written: 0 for a row of a former version.
    pub version: u64,
}

/// Settings to be written.
#[derive(Debug)]
pub struct Put<'a> {
    /// The organization as it becomes.
    pub organization: &'a Organization,
    /// The version it must still have; `None`: it must not be there.
    pub seen: Option<u64>,
    /// The Twilio account that becomes its own, or is it already.
    pub takes: Option<&'a TwilioAccountSid>,
    /// Twilio accounts that are nobody's from now on.
    pub frees: &'a [TwilioAccountSid],
    /// What its history tells of it, if anything.
    pub told: Option<&'a Line>,
}

/// How a write of settings ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is written, as this version.
    Written(u64),
    /// The settings were changed meanwhile; nothing was written.
    Outdated,
    /// The Twilio account is another organization's; nothing was written.
    AccountTaken,
}

/// Money an organization has committed, in US cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// In the UTC day asked about.
    pub day: Cents,
    /// In its UTC month.
    pub month: Cents,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads an organization.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn organization(
        &self,
        id: &OrganizationId,
    ) -> Result<Option<OrganizationRow>, StoreError> {
        self.read_one(keys::organization(id)).await?.as_ref().map(row).transpose()
    }

    /// Organizations by their id, one page. One that is only in rows of a former version is not
    /// listed before its settings are written, or a provisioning of it begins.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn organizations(
        &self,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<OrganizationRow>, Option<Cursor>), StoreError> {
        let query = Query {
            index: Index::Listing,
            partition: keys::ORGANIZATIONS.to_owned(),
            from: None,
            to: None,
            ascending: true,
            limit,
            after,
        };
        let page = self.page(&query).await?;
        let keys: Vec<Key> = page.rows.into_iter().map(|found| found.key).collect();
        if keys.is_empty() {
            return Ok((Vec::new(), page.next));
        }
        let items = self.read(&keys).await?;
        Ok((items.iter().flatten().map(row).collect::<Result<_, _>>()?, page.next))
    }

    /// Writes an organization's settings, if nobody wrote them since they were read, with the
    /// guards of its Twilio accounts; all or nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn put_organization(
        &self,
        put: &Put<'_>,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Written, StoreError> {
        let mark = marks.next();
        let id = &put.organization.id;
        let version = put.seen.unwrap_or(0).saturating_add(1);
        let mut writes = vec![Write::Put {
            key: keys::organization(id),
            item: item(put.organization, version, Some(&mark))?,
            condition: unchanged_since(put.seen),
        }];
        let owner = rows::text(id);
        let own = || {
            let own = Condition::Equals(keys::HOLDER, owner.clone());
            Condition::Any(vec![Condition::Absent, own])
        };
        if let Some(account) = put.takes {
            let item = rows::item([(keys::HOLDER, owner.clone())]);
            writes.push(Write::Put { key: keys::twilio_account(account), item, condition: own() });
        }
        let freed = put.frees.iter().map(keys::twilio_account);
        writes.extend(freed.map(|key| Write::Delete { key, condition: own() }));
        if let Some(told) = put.told {
            writes.push(history::of_settings(id, version, told, now)?);
        }
        Ok(match self.settle_all(&writes, &mark).await? {
            Settled::Written(_) => Written::Written(version),
            Settled::Refused(refused) if refused.iter().any(|refused| refused.index == 0) => {
                Written::Outdated
            }
            Settled::Refused(_) => Written::AccountTaken,
        })
    }

    /// Whether a row of ours has a number in this account.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn has_twilio_numbers(&self, account: &TwilioAccountSid) -> Result<bool, StoreError> {
        let query = Query {
            index: Index::Base,
            partition: keys::twilio_account(account).pk,
            from: Some(keys::TWILIO_NUMBERS.to_owned()),
            to: Some(format!("{}~", keys::TWILIO_NUMBERS)),
            ascending: true,
            limit: 1,
            after: None,
        };
        Ok(!self.page(&query).await?.rows.is_empty())
    }

    /// What organizations have committed in the UTC day and month of that moment, in their order;
    /// at most 50 of them.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn spent(
        &self,
        organizations: &[&OrganizationId],
        now: Timestamp,
    ) -> Result<Vec<Spent>, StoreError> {
        let (day, month) = (now.day(), now.month());
        let periods = [Period::Day(&day), Period::Month(&month)];
        let of = |id| periods.iter().map(move |period| keys::ledger(Some(id), period));
        let keys: Vec<Key> = organizations.iter().flat_map(|id| of(*id)).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let items = self.read(&keys).await?;
        let cents = |item: Option<&Option<Item>>| {
            let item = item.and_then(Option::as_ref);
            Cents::new(item.map_or(0, |item| rows::number(item, keys::COMMITTED)))
        };
        let pairs = items.chunks(periods.len());
        Ok(pairs
            .map(|pair| Spent { day: cents(pair.first()), month: cents(pair.get(1)) })
            .collect())
    }

    /// Businesses of these names that there are; at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn businesses(
        &self,
        named: &[(OrganizationId, BusinessId)],
    ) -> Result<Vec<Business>, StoreError> {
        if named.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> =
            named.iter().map(|(organization, id)| keys::business(organization, id)).collect();
        let items = self.read(&keys).await?;
        items.iter().flatten().map(|item| rows::read("business", item, keys::DOCUMENT)).collect()
    }
}

fn row(item: &Item) -> Result<OrganizationRow, StoreError> {
    let version = u64::try_from(rows::number(item, keys::VERSION)).unwrap_or(0);
    Ok(OrganizationRow { organization: rows::read("organization", item, keys::DOCUMENT)?, version })
}

/// The row of an organization that nobody has set anything for, if there is none.
pub(crate) fn first(id: &OrganizationId) -> Result<Write, StoreError> {
    let item = item(&Organization::new(id.clone()), 1, None)?;
    Ok(Write::Put { key: keys::organization(id), item, condition: Condition::Absent })
}

fn item(
    organization: &Organization,
    version: u64,
    mark: Option<&Mark>,
) -> Result<Item, StoreError> {
    let mut item = rows::item([
        (keys::DOCUMENT, rows::document("organization", organization)?),
        (keys::VERSION, number(version)),
        (keys::LIST_PK, rows::text(keys::ORGANIZATIONS)),
        (keys::LIST_SK, rows::text(&organization.id)),
    ]);
    item.extend(mark.map(|mark| (keys::WRITTEN_BY, rows::text(mark))));
    Ok(item)
}

fn number(version: u64) -> Value {
    Value::Number(i64::try_from(version).unwrap_or(i64::MAX))
}

/// That nobody wrote the settings since that version was read.
fn unchanged_since(seen: Option<u64>) -> Condition {
    match seen {
        None => Condition::Absent,
        Some(0) => Condition::All(vec![Condition::Present, Condition::Missing(keys::VERSION)]),
        Some(version) => Condition::Equals(keys::VERSION, number(version)),
    }
}
