//! The whole table, read at once, in the words of the domain.

use std::collections::{BTreeMap, HashMap};

use anyhow::Context;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{NumberId, WorkId};
use domain::number::Number;
use domain::work::{Phase, Work};
use serde::de::DeserializeOwned;
use store::keys;
use store::table::Attribute;

/// Pages of the table: far above what a soak writes.
const PAGES_MAX: u32 = 1_000;

/// One item.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    pub(crate) pk: String,
    pub(crate) sk: String,
    texts: BTreeMap<String, String>,
    numbers: BTreeMap<String, i64>,
}

impl Row {
    fn of(item: HashMap<String, AttributeValue>) -> anyhow::Result<Self> {
        let mut row = Self::default();
        let item: BTreeMap<String, AttributeValue> = item.into_iter().collect();
        for (name, value) in item {
            match value {
                AttributeValue::S(text) if name == "pk" => row.pk = text,
                AttributeValue::S(text) if name == "sk" => row.sk = text,
                AttributeValue::S(text) => drop(row.texts.insert(name, text)),
                AttributeValue::N(number) => drop(row.numbers.insert(name, number.parse()?)),
                other => anyhow::bail!("{name} is {other:?}, which we never write"),
            }
        }
        Ok(row)
    }

    pub(crate) fn text(&self, name: Attribute) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }

    pub(crate) fn number(&self, name: Attribute) -> Option<i64> {
        self.numbers.get(name).copied()
    }

    fn document<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        let text = self.text(keys::DOCUMENT).with_context(|| format!("{} has none", self.pk))?;
        serde_json::from_str(text).with_context(|| format!("the document of {}", self.pk))
    }
}

/// A work with its item.
#[derive(Debug, Clone)]
pub(crate) struct WorkItem {
    pub(crate) work: Work,
    pub(crate) row: Row,
}

impl WorkItem {
    /// Whether nothing more happens to it by itself that would change its state.
    pub(crate) fn is_at_rest(&self) -> bool {
        let ended = match &self.work.phase {
            Phase::Ready { .. }
            | Phase::ReadyDegraded(_)
            | Phase::NeedsPerson(_)
            | Phase::Failed { .. }
            | Phase::Cancelled
            | Phase::Released
            | Phase::Removed
            | Phase::Stocked { .. } => true,
            Phase::Queued
            | Phase::Removing
            | Phase::CreatingAssistant { .. }
            | Phase::Claiming
            | Phase::CheckingAllowance
            | Phase::CreatingFree(_)
            | Phase::AwaitingDigits(_)
            | Phase::Scouting
            | Phase::Ordering(_)
            | Phase::AwaitingOrder(_)
            | Phase::Taking { .. }
            | Phase::Finding(_)
            | Phase::Adopting(_)
            | Phase::Bought(_)
            | Phase::Importing(_)
            | Phase::Proving(_)
            | Phase::Releasing(_)
            | Phase::Unlinking(_)
            | Phase::GivingBack(_) => false,
        };
        ended && self.row.text(keys::LEASE_HOLDER).is_none() && self.has_heard_all()
    }

    /// Whether everything in its inbox was heard.
    fn has_heard_all(&self) -> bool {
        let none = store::ASKS.iter().all(|ask| self.row.number(ask).is_none());
        let of = |name| self.row.number(name).unwrap_or(0);
        none && of(keys::INBOX_SEQ) == of(keys::INBOX_SEEN)
    }
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) works: BTreeMap<WorkId, WorkItem>,
    pub(crate) numbers: BTreeMap<NumberId, (Number, Row)>,
    rows: BTreeMap<(String, String), Row>,
}

impl Snapshot {
    /// Reads it.
    pub(crate) async fn read(client: &Client, table: &str) -> anyhow::Result<Self> {
        let mut snapshot = Self::default();
        let mut from = None;
        for _page in 0..PAGES_MAX {
            let asked = client.scan().table_name(table).consistent_read(true);
            let page = asked.set_exclusive_start_key(from).send().await?;
            for item in page.items.unwrap_or_default() {
                snapshot.take(Row::of(item)?)?;
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                return Ok(snapshot);
            }
        }
        anyhow::bail!("the table has more than {PAGES_MAX} pages")
    }

    fn take(&mut self, row: Row) -> anyhow::Result<()> {
        match row.sk.as_str() {
            "WORK" => {
                let work: Work = row.document()?;
                self.works.insert(work.id, WorkItem { work, row: row.clone() });
            }
            "NUMBER" => {
                let number: Number = row.document()?;
                self.numbers.insert(number.id, (number, row.clone()));
            }
            _ => {}
        }
        self.rows.insert((row.pk.clone(), row.sk.clone()), row);
        Ok(())
    }

    /// An item.
    pub(crate) fn row(&self, key: &store::table::Key) -> Option<&Row> {
        self.rows.get(&(key.pk.clone(), key.sk.clone()))
    }

    /// Items whose keys begin so.
    pub(crate) fn rows<'a>(&'a self, pk: &'a str, sk: &'a str) -> impl Iterator<Item = &'a Row> {
        self.rows.values().filter(move |row| row.pk.starts_with(pk) && row.sk.starts_with(sk))
    }

    /// How many works stand in each phase.
    pub(crate) fn phases(&self) -> BTreeMap<&'static str, u64> {
        let mut phases = BTreeMap::new();
        for item in self.works.values() {
            *phases.entry(item.work.phase.name().as_str()).or_insert(0) += 1;
        }
        phases
    }
}
