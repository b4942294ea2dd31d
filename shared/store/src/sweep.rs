//! The comparison with the providers: how far it is, what it found, what was suspected before.
//!
//! One sweep is under way at a time. It goes on from where its row says, whoever carries it: what a
//! run read is written with what it found, under the version it read, so that a run that dies is
//! repeated and of two at once one is in force.

use crate::Store;
use crate::keys;
use crate::mark::Marks;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Condition, Cursor, Item, Key, Table, Value, Write};
use domain::drift::{Brake, Drift, Finding, Known, Seen, Survey};
use domain::ids::{
    NumberId, OrganizationId, TelnyxNumberId, TwilioAccountSid, TwilioNumberSid, VapiNumberId,
};
use domain::number::{Guard, Number};
use domain::time::Timestamp;
use domain::twilio::Owner;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long findings and suspicions are kept.
const KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// A sweep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// When it began; its name as well.
    pub begun_at: Timestamp,
    /// When the one before it began.
    #[serde(default)]
    pub before: Option<Timestamp>,
    /// Where it is.
    pub stage: Stage,
    /// What it has read and found.
    pub survey: Survey,
    /// Runs that found something.
    pub runs: u32,
    /// Whether a person has confirmed that it may change what it found.
    pub confirmed: bool,
    /// The organizations in whose own accounts a person has confirmed it once it was over: what was
    /// left in the last one's is changed now, or was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirmed_for: Vec<OrganizationId>,
    /// The table that was swept last, by name; a restored one has another.
    pub trusted_table: Option<String>,
    /// Things that were started for what it found.
    pub mended: u64,
}

/// Where a sweep is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Stage {
    /// Reading VAPI's list.
    Vapi {
        /// The page that comes next.
        page: u32,
    },
    /// Reading Telnyx's list.
    Telnyx {
        /// The page that comes next.
        page: u32,
    },
    /// Reading the list of an account at Twilio.
    Twilio {
        /// Whose.
        owner: Owner,
        /// The page that comes next.
        page: u32,
        /// What Twilio says leads there; `None` for the first page.
        link: Option<String>,
    },
    /// Looking for the next organization that has an account of its own.
    Accounts {
        /// After which row.
        after: Option<Place>,
    },
    /// Reading our rows.
    Rows {
        /// The state, by its place among those that are read.
        state: usize,
        /// After which row.
        after: Option<Place>,
    },
    /// Starting what mends it.
    Mending {
        /// The run whose findings come next, from 1.
        run: u32,
        /// Which of them.
        next: usize,
    },
    /// Nothing is changed before a person confirms it.
    Braked {
        /// Why.
        brake: Brake,
    },
    /// It is over.
    Over,
}

/// A cursor, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pk: String,
    sk: String,
    index_sort: Option<String>,
}

impl Place {
    /// Where an organization stands in the list of all.
    #[must_use]
    pub fn of_organization(id: &OrganizationId) -> Self {
        Cursor { key: keys::organization(id), index_sort: Some(id.to_string()) }.into()
    }
}

impl From<Cursor> for Place {
    fn from(cursor: Cursor) -> Self {
        let Cursor { key: Key { pk, sk }, index_sort } = cursor;
        Self { pk, sk, index_sort }
    }
}

impl From<Place> for Cursor {
    fn from(place: Place) -> Self {
        let Place { pk, sk, index_sort } = place;
        Self { key: Key { pk, sk }, index_sort }
    }
}

impl Sweep {
    /// A sweep that begins after `before`.
    #[must_use]
    pub fn begin(before: Option<&Self>, now: Timestamp) -> Self {
        Self {
            begun_at: now,
            before: before.map(|before| before.begun_at),
            stage: Stage::Vapi { page: 1 },
            survey: Survey::default(),
            runs: 0,
            confirmed: false,
            confirmed_for: Vec::new(),
            trusted_table: before.and_then(|before| before.trusted_table.clone()),
            mended: 0,
        }
    }

    /// The organizations whose own accounts are left as they are, as no person has confirmed it: whose,
    /// what differs, and how much of it.
    pub fn left(&self) -> impl Iterator<Item = (&OrganizationId, Drift, u64)> {
        let is_confirmed =
            |whose: &OrganizationId| self.confirmed || self.confirmed_for.contains(whose);
        self.survey.left().filter(move |(whose, _drift, _found)| !is_confirmed(whose))
    }

    /// Whether it changes what it found: all but what is left, or of that alone what a person has
    /// confirmed for its organization.
    #[must_use]
    pub fn changes(&self, finding: &Finding) -> bool {
        let is_left = self.survey.leaves(finding);
        match self.confirmed_for.last() {
            Some(organization) => is_left && finding.tenant() == Some(organization),
            None => self.confirmed || !is_left,
        }
    }

    /// The sweep as it goes on when a person confirms it: one that the brake holds, or once it is over
    /// what it left in this organization's own account. `None`: there is nothing to confirm.
    #[must_use]
    pub fn confirm(&self, organization: Option<OrganizationId>) -> Option<Self> {
        let begin = Stage::Mending { run: 1, next: 0 };
        match (&self.stage, organization) {
            (Stage::Braked { brake }, None) => {
                let stage = match brake {
                    Brake::TooMuch { .. } | Brake::Restored => begin,
                    // It was stopped before it had read everything.
                    Brake::OtherAccount { .. } => Stage::Vapi { page: 1 },
                };
                let confirmed_for = Vec::new();
                Some(Self { confirmed: true, confirmed_for, stage, ..self.clone() })
            }
            (Stage::Over, Some(organization)) => {
                self.left().find(|(whose, _drift, _found)| **whose == organization)?;
                let mut confirmed_for = self.confirmed_for.clone();
                confirmed_for.push(organization);
                Some(Self { confirmed_for, stage: begin, ..self.clone() })
            }
            (
                Stage::Vapi { .. }
                | Stage::Telnyx { .. }
                | Stage::Twilio { .. }
                | Stage::Accounts { .. }
                | Stage::Rows { .. }
                | Stage::Mending { .. }
                | Stage::Braked { .. }
                | Stage::Over,
                Some(_) | None,
            ) => None,
        }
    }

    /// Whether it goes on by itself.
    #[must_use]
    pub const fn goes_on(&self) -> bool {
        match self.stage {
            Stage::Vapi { .. }
            | Stage::Telnyx { .. }
            | Stage::Twilio { .. }
            | Stage::Accounts { .. }
            | Stage::Rows { .. }
            | Stage::Mending { .. } => true,
            Stage::Braked { .. } | Stage::Over => false,
        }
    }
}

/// A sweep as the table has it.
#[derive(Debug, Clone)]
pub struct SweepRow {
    /// The sweep.
    pub sweep: Sweep,
    version: i64,
}

/// Something that differs, until it is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Suspicion {
    /// Since when every sweep has found it so.
    since: Timestamp,
    /// The last sweep that did, by its name.
    sweep: Timestamp,
}

/// What the lists have shown, between two runs of one sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// At VAPI.
    pub at_vapi: Seen,
    /// At Telnyx.
    pub at_telnyx: Seen,
    /// At Twilio, in all accounts.
    pub at_twilio: Seen,
}

impl Shown {
    /// Nothing yet.
    #[must_use]
    pub fn new(sweep: &Sweep) -> Self {
        let salt = u64::try_from(sweep.begun_at.as_millis()).unwrap_or(0);
        let seen = Seen::new(salt);
        Self { at_vapi: seen.clone(), at_telnyx: seen.clone(), at_twilio: seen }
    }
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// The sweep under way, or the last one.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn sweep(&self) -> Result<Option<SweepRow>, StoreError> {
        let Some(item) = self.read_one(keys::sweep()).await? else { return Ok(None) };
        let sweep = rows::read("sweep", &item, keys::DOCUMENT)?;
        Ok(Some(SweepRow { sweep, version: rows::number(&item, keys::VERSION) }))
    }

    /// Writes where a sweep is now, with what this run found, if it still is where it was read.
    /// `None`: another run was quicker, and nothing was written.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn keep_sweep(
        &self,
        was: Option<&SweepRow>,
        sweep: Sweep,
        findings: &[Finding],
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Option<SweepRow>, StoreError> {
        let mark = marks.next();
        let version = was.map_or(0, |was| was.version).saturating_add(1);
        let item = rows::item([
            (keys::DOCUMENT, rows::document("sweep", &sweep)?),
            (keys::VERSION, Value::Number(version)),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ]);
        let condition = match was {
            Some(was) => Condition::Equals(keys::VERSION, Value::Number(was.version)),
            None => Condition::Absent,
        };
        let mut writes = vec![Write::Put { key: keys::sweep(), item, condition }];
        if !findings.is_empty() {
            let item = rows::item([
                (keys::DOCUMENT, rows::document("findings", &findings)?),
                (keys::TTL, Value::Number(now.after(KEPT).as_seconds())),
            ]);
            let key = keys::findings(sweep.begun_at, sweep.runs);
            writes.push(Write::Put { key, item, condition: Condition::Always });
        }
        let settled = match writes.as_slice() {
            [only] => self.settle(only, &mark).await?,
            several => self.settle_all(several, &mark).await?,
        };
        Ok(match settled {
            Settled::Written(_) => Some(SweepRow { sweep, version }),
            Settled::Refused(_) => None,
        })
    }

    /// What a run of a sweep found.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn findings(&self, sweep: &Sweep, run: u32) -> Result<Vec<Finding>, StoreError> {
        let item = self.read_one(keys::findings(sweep.begun_at, run)).await?;
        let found = item.map(|item| rows::read("findings", &item, keys::DOCUMENT)).transpose()?;
        Ok(found.unwrap_or_default())
    }

    /// Keeps what the lists have shown, for the next run.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn keep_shown(
        &self,
        sweep: &Sweep,
        shown: &Shown,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<(), StoreError> {
        let Shown { at_vapi, at_telnyx, at_twilio } = shown;
        for (what, seen) in [("vapi", at_vapi), ("telnyx", at_telnyx), ("twilio", at_twilio)] {
            let mark = marks.next();
            let item = rows::item([
                (keys::DOCUMENT, rows::document("shown", seen)?),
                (keys::TTL, Value::Number(now.after(KEPT).as_seconds())),
                (keys::WRITTEN_BY, rows::text(&mark)),
            ]);
            let key = keys::shown(sweep.begun_at, what);
            let put = Write::Put { key, item, condition: Condition::Always };
            self.settle(&put, &mark).await?;
        }
        Ok(())
    }

    /// What the lists had shown by the end of the run before; nothing before the first.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn shown(&self, sweep: &Sweep) -> Result<Shown, StoreError> {
        let at = |what| keys::shown(sweep.begun_at, what);
        let items = self.read(&[at("vapi"), at("telnyx"), at("twilio")]).await?;
        let seen = |place: usize| -> Result<Option<Seen>, StoreError> {
            let item = items.get(place).and_then(Option::as_ref);
            item.map(|item| rows::read("shown", item, keys::DOCUMENT)).transpose()
        };
        let new = Shown::new(sweep);
        Ok(Shown {
            at_vapi: seen(0)?.unwrap_or(new.at_vapi),
            at_telnyx: seen(1)?.unwrap_or(new.at_telnyx),
            at_twilio: seen(2)?.unwrap_or(new.at_twilio),
        })
    }

    /// Since when something is suspected in every sweep: from now on, unless the sweep before
    /// suspected it as well. What a sweep found in order in between begins anew.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the end cannot be known.
    pub async fn suspected(
        &self,
        sweep: &Sweep,
        finding: &Finding,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Timestamp, StoreError> {
        let key = suspicion(finding);
        let known = self.read_one(key.clone()).await?;
        // One that cannot be read begins anew.
        let known: Option<Suspicion> =
            known.and_then(|item| rows::read("suspicion", &item, keys::DOCUMENT).ok());
        let goes_on =
            |known: &Suspicion| known.sweep == sweep.begun_at || Some(known.sweep) == sweep.before;
        let since = known.filter(goes_on).map_or(now, |known| known.since);
        let mark = marks.next();
        let suspicion = Suspicion { since, sweep: sweep.begun_at };
        let item = rows::item([
            (keys::DOCUMENT, rows::document("suspicion", &suspicion)?),
            (keys::TTL, Value::Number(now.after(KEPT).as_seconds())),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ]);
        let put = Write::Put { key, item, condition: Condition::Always };
        self.settle(&put, &mark).await?;
        Ok(since)
    }

    /// A suspicion turned out to be none.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn unsuspected(&self, finding: &Finding, marks: &Marks) -> Result<(), StoreError> {
        let delete = Write::Delete { key: suspicion(finding), condition: Condition::Always };
        self.settle(&delete, &marks.next()).await.map(|_settled| ())
    }

    /// What our rows say of these records of VAPI: two reads, for at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn known_at_vapi(
        &self,
        ids: &[VapiNumberId],
    ) -> Result<BTreeMap<VapiNumberId, Known>, StoreError> {
        let guards: Vec<Guard> = ids.iter().cloned().map(Guard::Vapi).collect();
        let (items, numbers) = self.guarded(&guards).await?;
        let known = ids.iter().zip(items).filter_map(|(id, item)| {
            let item = item?;
            let number = numbers.get(&holder(&item)?)?.clone();
            let answers = rows::text_of(&item, keys::ANSWERS).and_then(|id| id.parse().ok());
            Some((id.clone(), Known { number, answers }))
        });
        Ok(known.collect())
    }

    /// Our rows of these numbers of Telnyx: two reads, for at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn known_at_telnyx(
        &self,
        ids: &[TelnyxNumberId],
    ) -> Result<BTreeMap<TelnyxNumberId, Number>, StoreError> {
        self.rows_of(ids, Guard::Telnyx).await
    }

    /// Our rows of these numbers of an account at Twilio: two reads, for at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn known_at_twilio(
        &self,
        account: &TwilioAccountSid,
        ids: &[TwilioNumberSid],
    ) -> Result<BTreeMap<TwilioNumberSid, Number>, StoreError> {
        self.rows_of(ids, |id| Guard::Twilio(account.clone(), id)).await
    }

    async fn rows_of<I: Clone + Ord>(
        &self,
        ids: &[I],
        guard: impl Fn(I) -> Guard,
    ) -> Result<BTreeMap<I, Number>, StoreError> {
        let guards: Vec<Guard> = ids.iter().cloned().map(guard).collect();
        let (items, numbers) = self.guarded(&guards).await?;
        let known = ids
            .iter()
            .zip(items)
            .filter_map(|(id, item)| Some((id.clone(), numbers.get(&holder(&item?)?)?.clone())));
        Ok(known.collect())
    }

    async fn guarded(
        &self,
        guards: &[Guard],
    ) -> Result<(Vec<Option<Item>>, BTreeMap<NumberId, Number>), StoreError> {
        if guards.is_empty() {
            return Ok((Vec::new(), BTreeMap::new()));
        }
        let keys: Vec<Key> = guards.iter().map(keys::guard).collect();
        let items = self.read(&keys).await?;
        let mut ids: Vec<NumberId> = items.iter().flatten().filter_map(holder).collect();
        ids.sort_unstable();
        ids.dedup();
        let numbers = self.numbers(&ids).await?;
        Ok((items, numbers.into_iter().map(|number| (number.id, number)).collect()))
    }
}

/// Where it is kept since when something is suspected.
fn suspicion(finding: &Finding) -> Key {
    let vapi = finding.vapi.as_ref().map(VapiNumberId::as_str);
    let telnyx = finding.telnyx.as_ref().map(TelnyxNumberId::as_str);
    let twilio = finding.twilio.as_ref().map(|at| at.id.as_str());
    keys::suspicion(finding.drift.as_str(), vapi.or(telnyx).or(twilio).unwrap_or_default())
}

fn holder(item: &Item) -> Option<NumberId> {
    rows::text_of(item, keys::HOLDER)?.parse().ok()
}
