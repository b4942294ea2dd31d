//! One state of a model, and when two states are the same.

use crate::action::Finding;
use crate::bounds::{Bounds, OVERDUE};
use crate::kept::{Kept, KeptNumber, distance};
use crate::names::{Customer, Job};
use crate::sky::Sky;
use crate::table::{Rows, number, text};
use crate::talk::{Call, End, Shown, Told};
use domain::ids::NumberId;
use domain::time::Timestamp;
use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use store::table::Item;
use store::{Inbox, Lease, keys};

/// Everything there is at one moment.
#[derive(Debug, Clone)]
pub(crate) struct State {
    pub(crate) now: Timestamp,
    /// The table.
    pub(crate) rows: Rows,
    /// Whether anybody reads what the rows of numbers say.
    pub(crate) rows_are_read: bool,
    /// The works, as the documents of their rows say.
    pub(crate) works: Vec<Arc<Kept>>,
    /// Who is at work.
    pub(crate) holders: Vec<Holder>,
    /// Messages under way, by work; empty where a model does not count them and any may come at
    /// any time.
    pub(crate) mail: Vec<u8>,
    /// What is true at the providers.
    pub(crate) sky: Sky,
    /// Numbers as a sweep has read them, which it is about to free.
    pub(crate) sweeping: Vec<Arc<KeptNumber>>,
    /// What comparisons with the providers have found and are at.
    pub(crate) comparing: Vec<Finding>,
    /// Numbers that must rest, whatever their rows say.
    pub(crate) rests: Vec<Rest>,
    /// What may still go wrong.
    pub(crate) left: Bounds,
    /// Those who came and are no holders: their writes are told apart by it, and nothing else is.
    pub(crate) comers: u32,
    /// The first rule that was broken on the way here, if it does not show in the state itself.
    pub(crate) broken: Option<Broken>,
}

/// A number that its business gave up, and that must rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rest {
    pub(crate) number: NumberId,
    /// Who may have it back, if anybody.
    pub(crate) former: Option<Customer>,
    /// When anybody may have it.
    pub(crate) until: Timestamp,
}

/// A rule that a transition broke.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Broken {
    /// The state machine was told what it does not wait for, or made a move that is not allowed.
    Illegal(String),
    /// The store found rows that do not fit.
    Corrupt(String),
    /// Somebody wrote a work's state without its lease.
    WroteWithoutLease,
    /// Two were at one work, and both leases were good.
    TwoHolders,
    /// Something was created that no open intent in the table tells of.
    CreatedWithoutIntent,
    /// It was written that a line is ready, and the providers said otherwise.
    ReadyWasNotTrue,
}

/// How long it matters how old an answer is: longer than any window of look-ups.
const ANSWERS_AGE: Duration = Duration::from_secs(300);

/// One who has taken a lease.
#[derive(Debug, Clone)]
pub(crate) struct Holder {
    pub(crate) job: Job,
    pub(crate) lease: Arc<Lease>,
    /// How often the lease was taken when it took it.
    pub(crate) epoch: i64,
    /// Its mark in the row's lease.
    pub(crate) mark: Arc<str>,
    /// The work as it has it.
    pub(crate) kept: Arc<Kept>,
    /// What of the inbox it has heard.
    pub(crate) heard: Inbox,
    /// What it is told next, in order.
    pub(crate) told: VecDeque<Told>,
    /// Copies of the rows that its last call showed.
    pub(crate) seen: Vec<Arc<KeptNumber>>,
    /// When the answer came that it may be told of next.
    pub(crate) asked_at: Timestamp,
    pub(crate) doing: Doing,
    /// Whether its work differs from the table's in what was heard.
    pub(crate) unwritten: bool,
    /// Whether it froze: it may still try its write, and do nothing more.
    pub(crate) frozen: bool,
    /// Writes it has tried, for their marks.
    pub(crate) writes: u16,
}

/// What a holder is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Doing {
    /// About to decide, and to write it.
    Decides,
    /// Its write is done and its call is under way, until that time at the latest.
    Calls(Call, Timestamp),
}

impl State {
    /// The row of a work.
    pub(crate) fn row(&self, job: Job) -> Row<'_> {
        Row { item: self.rows.get(job.row()).expect("a work's row is never deleted") }
    }

    pub(crate) fn jobs(&self) -> impl Iterator<Item = Job> + use<> {
        (0..u8::try_from(self.works.len()).unwrap()).map(Job)
    }

    pub(crate) fn kept(&self, job: Job) -> &Kept {
        &self.works[job.place()]
    }

    /// What tells copies of rows apart: what they say, and whether the rows still say it.
    pub(crate) fn hash_copies<H: Hasher>(&self, copies: &[Arc<KeptNumber>], hasher: &mut H) {
        copies.len().hash(hasher);
        for copy in copies {
            copy.hash_at(self.now, hasher);
            (self.rows.number(copy.number.id) == Some(copy)).hash(hasher);
        }
    }

    /// Notes a broken rule; the first one is what went wrong.
    pub(crate) fn broke(&mut self, rule: Broken) {
        self.broken.get_or_insert(rule);
    }
}

/// The row of a work, as far as it is not the work itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    item: &'a Item,
}

impl<'a> Row<'a> {
    /// The mark of the lease's holder.
    pub(crate) fn holder(self) -> Option<&'a str> {
        text(self.item, keys::LEASE_HOLDER)
    }

    /// How often the lease was taken.
    pub(crate) fn epoch(self) -> i64 {
        number(self.item, keys::LEASE_EPOCH).unwrap_or(0)
    }

    fn time(self, name: store::table::Attribute) -> Option<Timestamp> {
        number(self.item, name).map(Timestamp::from_millis)
    }

    pub(crate) fn due_at(self) -> Option<Timestamp> {
        self.time(keys::DUE_AT)
    }

    pub(crate) fn leased_until(self) -> Option<Timestamp> {
        self.time(keys::LEASE_UNTIL)
    }

    /// Whether the holder with this mark has the lease.
    pub(crate) fn is_held_by(self, mark: &str) -> bool {
        self.holder() == Some(mark)
    }

    pub(crate) fn has_unheard(self) -> bool {
        number(self.item, keys::INBOX_SEQ) != number(self.item, keys::INBOX_SEEN)
    }

    pub(crate) fn inbox_seq(self) -> i64 {
        number(self.item, keys::INBOX_SEQ).unwrap_or(0)
    }

    /// How often the lease was taken and not closed by its last holder, as far as that matters: a
    /// free row's next holder took over unless this is 0, a held row's did unless it is 1.
    fn unclosed(self) -> i64 {
        let count = |name| number(self.item, name).unwrap_or(0);
        let most = if self.leased_until().is_some() { 2 } else { 1 };
        (count(keys::LEASE_EPOCH) - count(keys::CLOSED_EPOCH)).min(most)
    }

    /// `overdue`: how long it matters that it is due, which is as long as a poller waits.
    fn hash_at<H: Hasher>(self, now: Timestamp, overdue: Duration, hasher: &mut H) {
        let due = self.due_at().map(|at| distance(at, now, overdue));
        let leased = self.leased_until().map(|at| distance(at, now, Duration::ZERO));
        (due, leased, self.unclosed(), self.has_unheard()).hash(hasher);
        let asked = |name| self.item.contains_key(name);
        (asked(keys::ASK_CANCEL), asked(keys::ASK_RETRY), asked(keys::ASK_REPEAT)).hash(hasher);
        asked(keys::ASK_REPAIR).hash(hasher);
        number(self.item, keys::ASK_RELEASE).hash(hasher);
        text(self.item, keys::ASK_RELEASE_NUMBER).hash(hasher);
    }
}

/// Two states are the same when everything that can follow is: see [`Kept`] for times. How often a
/// lease was taken and how much came into an inbox counts only as far as a condition asks.
impl Hash for State {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let now = self.now;
        self.rows.hash_all(hasher);
        if self.rows_are_read {
            for number in self.rows.numbers() {
                number.hash_at(now, hasher);
            }
        }
        let overdue = if self.mail.is_empty() { Duration::ZERO } else { OVERDUE };
        self.works.len().hash(hasher);
        for job in self.jobs() {
            self.row(job).hash_at(now, overdue, hasher);
            self.kept(job).hash_at(now, hasher);
        }
        for holder in &self.holders {
            holder.hash_at(now, self, hasher);
        }
        self.mail.hash(hasher);
        self.sky.hash_at(now, hasher);
        self.hash_copies(&self.sweeping, hasher);
        for finding in &self.comparing {
            finding.hash_at(self, hasher);
        }
        for rest in &self.rests {
            let until = distance(rest.until, now, Duration::ZERO);
            (rest.number, rest.former, until).hash(hasher);
        }
        self.left.hash(hasher);
        self.broken.hash(hasher);
    }
}

/// Only for the checker's own bounds; it tells states apart by their hash.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        let hash = |state: &Self| {
            let mut hasher = std::hash::DefaultHasher::new();
            state.hash(&mut hasher);
            hasher.finish()
        };
        hash(self) == hash(other)
    }
}

impl Holder {
    fn hash_at<H: Hasher>(&self, now: Timestamp, state: &State, hasher: &mut H) {
        let row = state.row(self.job);
        (self.job, self.lease.took_over, self.unwritten, self.frozen).hash(hasher);
        row.is_held_by(&self.mark).hash(hasher);
        let heard = self.heard;
        (heard.cancel, heard.retry, heard.repeat, heard.repair, heard.release).hash(hasher);
        (heard.seq == row.inbox_seq()).hash(hasher);
        self.told.hash(hasher);
        let shows_rows = |told: &Told| matches!(told, Told::Ended(_, End::Done(Shown::Rows)));
        if self.told.iter().any(shows_rows) {
            state.hash_copies(&self.seen, hasher);
        }
        if let Some(Told::Ended(..)) = self.told.front() {
            distance(self.asked_at, now, ANSWERS_AGE).hash(hasher);
            self.kept.hash_before(self.asked_at, hasher);
        }
        match self.doing {
            Doing::Decides => 0.hash(hasher),
            Doing::Calls(call, by) => (call, distance(by, now, Duration::ZERO)).hash(hasher),
        }
        self.kept.hash_at(now, hasher);
    }
}
