//! Works in the table: taken under a lease, committed by the holder alone, asked through the inbox.

use crate::Store;
use crate::changes::{self, Unwritable};
use crate::keys;
use crate::mark::{Mark, Marks};
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Attribute, Condition, Cursor, Index, Item, Key, Query, Table, Value, Write};
use domain::ids::{NumberId, WorkId};
use domain::time::Timestamp;
use domain::work::{Ask, Change, Obstacle, Work};
use planted::planted;
use std::time::Duration;

/// How much a message may come before its time: clocks differ, and delays are whole seconds.
const EARLY: Duration = Duration::from_millis(1500);

/// Every attribute of an ask.
pub const ASKS: [Attribute; 9] = [
    keys::ASK_CANCEL,
    keys::ASK_RETRY,
    keys::ASK_REPEAT,
    keys::ASK_REPAIR,
    keys::ASK_RELEASE,
    keys::ASK_RELEASE_NUMBER,
    keys::ASK_UPDATE,
    keys::ASK_REMOVE,
    keys::ASK_ASSIGN,
];

/// A number that is to be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Release {
    /// Which; a former version did not say it.
    pub number: Option<NumberId>,
    /// How many days it is to rest.
    pub quarantine_days: u16,
}

impl Release {
    /// What is asked; nothing where the number cannot be read: it is not any other one.
    fn of(item: &Item, quarantine_days: u16) -> Option<Self> {
        let number = match rows::text_of(item, keys::ASK_RELEASE_NUMBER) {
            Some(id) => Some(id.parse().ok()?),
            None => None,
        };
        Some(Self { number, quarantine_days })
    }
}

/// What came into a work's inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inbox {
    /// How much ever came in.
    pub seq: i64,
    /// Somebody asks to call it off.
    pub cancel: bool,
    /// Somebody asks to try again.
    pub retry: bool,
    /// An operator who has looked asks to try again.
    pub repeat: bool,
    /// Somebody found it otherwise than it should be.
    pub repair: bool,
    /// Somebody asks to release the number.
    pub release: Option<Release>,
    /// Somebody changed the assistant.
    pub update: bool,
    /// Somebody asks to delete the assistant, whose number is to rest so many days.
    pub remove: Option<u16>,
    /// An operator named this number.
    pub assign: Option<NumberId>,
}

impl Inbox {
    fn of(item: &Item) -> Self {
        let days = |ask: Attribute| {
            let days = || u16::try_from(rows::number(item, ask)).unwrap_or(u16::MAX);
            item.contains_key(ask).then(days)
        };
        Self {
            seq: rows::number(item, keys::INBOX_SEQ),
            cancel: item.contains_key(keys::ASK_CANCEL),
            retry: item.contains_key(keys::ASK_RETRY),
            repeat: item.contains_key(keys::ASK_REPEAT),
            repair: item.contains_key(keys::ASK_REPAIR),
            release: days(keys::ASK_RELEASE).and_then(|days| Release::of(item, days)),
            update: item.contains_key(keys::ASK_UPDATE),
            remove: days(keys::ASK_REMOVE),
            assign: rows::text_of(item, keys::ASK_ASSIGN).and_then(|id| id.parse().ok()),
        }
    }

    /// What came in after `heard`: an ask that was heard then is not heard twice.
    #[must_use]
    pub const fn since(self, heard: Self) -> Self {
        Self {
            seq: self.seq,
            cancel: self.cancel && !heard.cancel,
            retry: self.retry && !heard.retry,
            repeat: self.repeat && !heard.repeat,
            repair: self.repair && !heard.repair,
            release: if heard.release.is_none() { self.release } else { None },
            assign: if heard.assign.is_none() { self.assign } else { None },
            // Each is about a change of its own: the sequence tells of one more, the flag does not.
            update: self.update && self.seq != heard.seq,
            remove: if heard.remove.is_none() { self.remove } else { None },
        }
    }

    /// What is asked, in the order it is to be heard: who cancels and retries wants it tried, who
    /// names a number wants that one, and who gives up what answers, or deletes it, wants it no
    /// more.
    #[must_use]
    pub fn asks(&self) -> Vec<Ask> {
        let cancel = self.cancel.then_some(Ask::Cancel);
        let retry = self.retry.then_some(Ask::Retry);
        let repeat = self.repeat.then_some(Ask::Repeat);
        let repair = self.repair.then_some(Ask::Repair);
        let release = self.release.map(|release| {
            let Release { number, quarantine_days } = release;
            Ask::Release { number, quarantine_days }
        });
        let update = self.update.then_some(Ask::Update);
        let remove = self.remove.map(|quarantine_days| Ask::Remove { quarantine_days });
        let assign = self.assign.map(|number| Ask::Assign { number });
        let first = cancel.into_iter().chain(assign).chain(retry);
        let number = first.chain(repeat).chain(repair).chain(release);
        number.chain(update).chain(remove).collect()
    }
}

/// A work as the table has it.
#[derive(Debug, Clone)]
pub struct WorkRow {
    /// The work.
    pub work: Work,
    /// When it is due; `None` when nothing more happens by itself.
    pub due_at: Option<Timestamp>,
    /// Until when somebody is at it, if somebody is.
    pub leased_until: Option<Timestamp>,
    /// What is asked of it and was not heard yet.
    pub inbox: Inbox,
}

impl WorkRow {
    /// Whether somebody asked to call it off, heard already or not.
    #[must_use]
    pub const fn cancel_asked(&self) -> bool {
        self.work.cancel_asked || self.inbox.cancel
    }

    /// Whether its number is being given up, heard already or not.
    #[must_use]
    pub fn is_being_released(&self) -> bool {
        let asked = self.inbox.release.is_some() || self.inbox.remove.is_some();
        asked && self.work.phase.is_ready() || self.work.phase.is_being_released()
    }
}

/// A lease on a work.
#[derive(Debug, Clone)]
pub struct Lease {
    /// The work.
    pub id: WorkId,
    /// Until when it is held.
    pub until: Timestamp,
    /// Whether its holder before died with it.
    pub took_over: bool,
    holder: Mark,
    epoch: i64,
}

/// What taking a lease brought.
#[derive(Debug)]
pub enum Take {
    /// It is ours.
    Taken {
        /// The lease.
        lease: Box<Lease>,
        /// The work.
        work: Box<Work>,
        /// Its inbox.
        inbox: Inbox,
    },
    /// There is nothing to do: it is not due, somebody is at it, or it does not exist.
    Nothing,
}

/// How the holder leaves after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closing {
    /// It goes on.
    GoesOn,
    /// It goes on with a create, unless something came into the inbox that it has not heard: who
    /// calls a work off does not want it to buy.
    Creates {
        /// What of the inbox it has heard.
        heard: Inbox,
    },
    /// It gives the lease back; the work is due then, or never by itself.
    Leaves {
        /// When it is due.
        due_at: Option<Timestamp>,
        /// What of the inbox it has heard.
        heard: Inbox,
    },
    /// Its time is up: it gives the lease back, and the next holder hears the inbox again.
    Interrupted {
        /// When the work is due.
        due_at: Timestamp,
    },
}

/// How a commit ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Committed {
    /// It is written.
    Written,
    /// Another row stood in the way; nothing was written.
    Obstacle(Obstacle),
    /// Something came into the inbox meanwhile; nothing was written.
    InboxMoved(Inbox),
    /// The lease went to another holder; nothing was written, and nothing more may be.
    LeaseLost,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads a work.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn work(&self, id: WorkId) -> Result<Option<WorkRow>, StoreError> {
        let item = self.read_one(keys::work(id)).await?;
        item.as_ref().map(row).transpose()
    }

    /// Takes the lease of a work that is due or has something in its inbox.
    ///
    /// A message says when the work was due as it was sent. What is still due then is due now,
    /// whatever this clock says: the queue has kept the time between.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn take(
        &self,
        id: WorkId,
        sent_for: Option<Timestamp>,
        now: Timestamp,
        until: Timestamp,
        marks: &Marks,
    ) -> Result<Take, StoreError> {
        let mark = marks.next();
        let over = if planted!(LeaseNeverExpires) { i64::MIN } else { now.as_millis() };
        let free = Condition::Any(vec![
            Condition::Missing(keys::LEASE_UNTIL),
            Condition::AtMost(keys::LEASE_UNTIL, over),
        ]);
        let free = if planted!(TakeHeldLease) { Condition::Always } else { free };
        let soon = now.after(EARLY);
        let due_by = sent_for.map_or(soon, |sent_for| sent_for.max(soon));
        let due = Condition::Any(vec![
            Condition::AtMost(keys::DUE_AT, due_by.as_millis()),
            Condition::Differ(keys::INBOX_SEQ, keys::INBOX_SEEN),
        ]);
        let mut set = vec![
            (keys::LEASE_HOLDER, rows::text(&mark)),
            (keys::LEASE_UNTIL, rows::time(until)),
            (keys::WRITTEN_BY, rows::text(&mark)),
        ];
        set.extend(due_attributes(id, until));
        let write = Write::Update {
            key: keys::work(id),
            set,
            add: vec![(keys::LEASE_EPOCH, 1)],
            remove: Vec::new(),
            condition: Condition::All(vec![Condition::Present, free, due]),
        };
        match self.settle(&write, &mark).await? {
            Settled::Refused(_) => Ok(Take::Nothing),
            Settled::Written(item) => {
                let epoch = rows::number(&item, keys::LEASE_EPOCH);
                let took_over = rows::number(&item, keys::CLOSED_EPOCH) != epoch.saturating_sub(1);
                let lease = Box::new(Lease { id, until, took_over, holder: mark, epoch });
                let work = Box::new(rows::read("work", &item, keys::DOCUMENT)?);
                Ok(Take::Taken { lease, work, inbox: Inbox::of(&item) })
            }
        }
    }

    /// Writes a work and what changes with it, all or nothing, as the holder of its lease.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known; the caller must stop, and the next holder
    /// finds what was written.
    pub async fn commit(
        &self,
        lease: &Lease,
        work: &Work,
        changes: &[Change],
        closing: Closing,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<Committed, StoreError> {
        let mark = marks.next();
        let mut writes = vec![work_write(lease, work, closing, &mark)?];
        let mut obstacles = vec![None];
        for change in changes {
            match changes::writes(change, work, now) {
                Ok(guarded) => {
                    for (write, obstacle) in guarded {
                        writes.push(write);
                        obstacles.push(obstacle);
                    }
                }
                Err(Unwritable::Obstacle(obstacle)) => return Ok(Committed::Obstacle(obstacle)),
                Err(Unwritable::Error(error)) => return Err(error),
            }
        }
        let settled = match writes.as_slice() {
            [only] => self.settle(only, &mark).await?,
            several => self.settle_all(several, &mark).await?,
        };
        let refused = match settled {
            Settled::Written(_) => return Ok(Committed::Written),
            Settled::Refused(refused) => refused,
        };
        if let Some(at_work) = refused.iter().find(|refused| refused.index == 0) {
            let holds = at_work.old.as_ref().is_some_and(|old| {
                rows::text_of(old, keys::LEASE_HOLDER) == Some(lease.holder.as_str())
            });
            return Ok(match &at_work.old {
                Some(old) if holds => Committed::InboxMoved(Inbox::of(old)),
                Some(_) | None => Committed::LeaseLost,
            });
        }
        for refused in &refused {
            if let Some(Some(obstacle)) = obstacles.get(refused.index) {
                return Ok(Committed::Obstacle(obstacle.clone()));
            }
        }
        let places: Vec<usize> = refused.iter().map(|refused| refused.index).collect();
        let why = format!("its rows do not stand as its holder left them (writes {places:?})");
        Err(StoreError::Corrupt { what: "work", why })
    }

    /// Puts something into a work's inbox: an ask, or `None` for a mere wake. `false`: no such
    /// work.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn ask(
        &self,
        id: WorkId,
        ask: Option<Ask>,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<bool, StoreError> {
        let mark = marks.next();
        match self.settle(&ask_write(id, ask, now), &mark).await? {
            Settled::Written(_) => Ok(true),
            Settled::Refused(_) => Ok(false),
        }
    }

    /// Works of one part of the due index that are due at `until`, earliest first, with when: one
    /// page. A page goes on where the one before ended, whatever moved meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn due(
        &self,
        shard: u8,
        until: Timestamp,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<(WorkId, Timestamp)>, Option<Cursor>), StoreError> {
        let query = Query {
            index: Index::Due,
            partition: keys::due_partition(shard),
            from: None,
            to: Some(keys::due_until(until)),
            ascending: true,
            limit,
            after,
        };
        let page = self.page(&query).await?;
        let due = |row: &crate::table::Row| {
            let at = rows::text_of(&row.item, keys::DUE_SK).and_then(keys::parse_due)?;
            Some((keys::parse_work(&row.key)?, at))
        };
        Ok((page.rows.iter().filter_map(due).collect(), page.next))
    }

    /// Moves an overdue work to `now`, so that no other tick sends for it too. `false`: it has
    /// moved already.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn claim_due(
        &self,
        id: WorkId,
        was: Timestamp,
        now: Timestamp,
        marks: &Marks,
    ) -> Result<bool, StoreError> {
        let mark = marks.next();
        // A mark of its own: the other one on the item is the holder's.
        let mut set = vec![(keys::CLAIMED_BY, rows::text(&mark))];
        set.extend(due_attributes(id, now));
        let write = Write::Update {
            key: keys::work(id),
            set,
            add: Vec::new(),
            remove: Vec::new(),
            condition: Condition::Equals(keys::DUE_AT, rows::time(was)),
        };
        Ok(match self.settle(&write, &mark).await? {
            Settled::Written(_) => true,
            // Our own write, applied before although its answer was lost.
            Settled::Refused(refused) => refused
                .first()
                .and_then(|refused| refused.old.as_ref())
                .is_some_and(|old| rows::text_of(old, keys::CLAIMED_BY) == Some(mark.as_str())),
        })
    }

    /// Works in a state, newest first, one page.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn works_in(
        &self,
        state: &str,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<WorkRow>, Option<Cursor>), StoreError> {
        let query = Query {
            index: Index::Listing,
            partition: keys::works_in(state),
            from: None,
            to: None,
            ascending: false,
            limit,
            after,
        };
        let page = self.page(&query).await?;
        // The index shows keys only, so that a work's every write need not be written there too;
        // it may be behind, and what has left the state since is left out.
        let keys: Vec<Key> = page.rows.into_iter().map(|found| found.key).collect();
        if keys.is_empty() {
            return Ok((Vec::new(), page.next));
        }
        let listed = rows::text(keys::works_in(state));
        let items = self.read(&keys).await?;
        let still = items.iter().flatten().filter(|item| item.get(keys::LIST_PK) == Some(&listed));
        Ok((still.map(row).collect::<Result<_, _>>()?, page.next))
    }
}

pub(crate) fn row(item: &Item) -> Result<WorkRow, StoreError> {
    let time = |attribute: Attribute| {
        item.contains_key(attribute).then(|| Timestamp::from_millis(rows::number(item, attribute)))
    };
    Ok(WorkRow {
        work: rows::read("work", item, keys::DOCUMENT)?,
        due_at: time(keys::DUE_AT),
        leased_until: time(keys::LEASE_UNTIL),
        inbox: Inbox::of(item),
    })
}

/// Something for the inbox of a work.
///
/// It makes the work due, so that the poller finds it if the message that follows is lost; a holder
/// at work says anew when it is due as it leaves. It carries no mark: the one on the item is the
/// holder's, and asking twice is asking once.
pub(crate) fn ask_write(id: WorkId, ask: Option<Ask>, now: Timestamp) -> Write {
    let mut set = due_attributes(id, now).to_vec();
    let mut remove = Vec::new();
    if let Some(ask) = ask {
        set.push(ask_attribute(ask));
    }
    if let Some(Ask::Release { number, .. }) = ask {
        match number {
            Some(number) => set.push((keys::ASK_RELEASE_NUMBER, rows::text(number))),
            None => remove.push(keys::ASK_RELEASE_NUMBER),
        }
    }
    Write::Update {
        key: keys::work(id),
        set,
        add: vec![(keys::INBOX_SEQ, 1)],
        remove,
        condition: Condition::Present,
    }
}

fn ask_attribute(ask: Ask) -> (Attribute, Value) {
    match ask {
        Ask::Cancel => (keys::ASK_CANCEL, Value::Number(1)),
        Ask::Retry => (keys::ASK_RETRY, Value::Number(1)),
        Ask::Repeat => (keys::ASK_REPEAT, Value::Number(1)),
        Ask::Repair => (keys::ASK_REPAIR, Value::Number(1)),
        Ask::Release { number: _, quarantine_days } => {
            (keys::ASK_RELEASE, Value::Number(i64::from(quarantine_days)))
        }
        Ask::Update => (keys::ASK_UPDATE, Value::Number(1)),
        Ask::Remove { quarantine_days } => {
            (keys::ASK_REMOVE, Value::Number(i64::from(quarantine_days)))
        }
        Ask::Assign { number } => (keys::ASK_ASSIGN, rows::text(number)),
    }
}

/// When a work is due, in the item and in the index.
pub(crate) fn due_attributes(id: WorkId, at: Timestamp) -> [(Attribute, Value); 3] {
    [
        (keys::DUE_AT, rows::time(at)),
        (keys::DUE_PK, rows::text(keys::due_partition(keys::due_shard(id)))),
        (keys::DUE_SK, rows::text(keys::due_sort(at, id))),
    ]
}

/// What of a work's item follows from the work.
pub(crate) fn work_attributes(work: &Work) -> Result<Vec<(Attribute, Value)>, StoreError> {
    let over = work.may_be_replaced();
    let state = domain::work::progress(work, work.entered_at).state;
    Ok(vec![
        (keys::DOCUMENT, rows::document("work", work)?),
        (keys::OVER, Value::Number(i64::from(over))),
        (keys::LIST_PK, rows::text(keys::works_in(state))),
        (keys::LIST_SK, rows::text(keys::list_sort(work.created_at, work.id))),
    ])
}

fn work_write(
    lease: &Lease,
    work: &Work,
    closing: Closing,
    mark: &Mark,
) -> Result<Write, StoreError> {
    let mut set = work_attributes(work)?;
    set.push((keys::WRITTEN_BY, rows::text(mark)));
    let mut remove = Vec::new();
    let mut conditions = Vec::new();
    if !planted!(CommitWithoutLease) {
        conditions.push(Condition::Equals(keys::LEASE_HOLDER, rows::text(&lease.holder)));
    }
    match closing {
        Closing::GoesOn => {}
        Closing::Creates { heard: _ } if planted!(CreateWithoutHearing) => {}
        Closing::Creates { heard } => {
            conditions.push(Condition::Equals(keys::INBOX_SEQ, Value::Number(heard.seq)));
        }
        Closing::Interrupted { due_at } => {
            set.push((keys::CLOSED_EPOCH, Value::Number(lease.epoch)));
            remove.extend([keys::LEASE_HOLDER, keys::LEASE_UNTIL]);
            set.extend(due_attributes(work.id, due_at));
        }
        Closing::Leaves { due_at, heard } => {
            if !planted!(CloseWithoutHearing) {
                conditions.push(Condition::Equals(keys::INBOX_SEQ, Value::Number(heard.seq)));
            }
            set.push((keys::INBOX_SEEN, Value::Number(heard.seq)));
            set.push((keys::CLOSED_EPOCH, Value::Number(lease.epoch)));
            remove.extend([keys::LEASE_HOLDER, keys::LEASE_UNTIL]);
            remove.extend(ASKS);
            match due_at {
                Some(at) if !planted!(DueNotWritten) => set.extend(due_attributes(work.id, at)),
                Some(_) | None => remove.extend([keys::DUE_AT, keys::DUE_PK, keys::DUE_SK]),
            }
        }
    }
    let condition = Condition::All(conditions);
    Ok(Write::Update { key: keys::work(work.id), set, add: Vec::new(), remove, condition })
}
