//! A work with what tells it from others: its content without times, and the times that matter.
//!
//! Two states that differ only by how late it is are one state: what is decided depends on how long
//! ago something was, never on the date. So times are compared by their distance from now, and
//! beyond the longest time anything waits for they count as equal. Times nothing is decided by
//! (when a row was made, when a number was linked) do not count at all. The timeline is for people
//! and read by no decision: it is emptied after each.

use domain::number::{Line, Number, State};
use domain::time::Timestamp;
use domain::work::{Doubt, Intent, Limits, Phase, Work};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// A work as the table or a holder has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    /// The work.
    pub(crate) work: Work,
    content: u64,
    ages: Vec<Age>,
}

/// A number as its row or a copy of the row has it.
///
/// A row is claimed or freed if it is still as it was seen, times included. A time that is over and
/// one that is now differ: what is written now may be the same again, what was written before may
/// not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptNumber {
    /// The number.
    pub(crate) number: Number,
    content: u64,
    times: Vec<Timestamp>,
}

impl KeptNumber {
    pub(crate) fn new(number: Number) -> Self {
        let mut still = number.clone();
        let times = times(&mut still).map(std::mem::take).collect();
        still.created_at = Timestamp::default();
        let text = serde_json::to_vec(&still).unwrap();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self { number, content: hasher.finish(), times }
    }

    /// What tells it from others at this time.
    pub(crate) fn hash_at<H: Hasher>(&self, now: Timestamp, hasher: &mut H) {
        self.content.hash(hasher);
        for time in &self.times {
            distance(*time, now, Duration::from_millis(1)).hash(hasher);
        }
    }
}

/// A time that is decided by, and how long after it that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Age {
    since: Timestamp,
    matters_for: Duration,
}

impl Kept {
    pub(crate) fn new(mut work: Work, limits: &Limits) -> Self {
        work.timeline.clear();
        let mut still = work.clone();
        still.created_at = Timestamp::default();
        // Counts only where a record that was just made is not there by its id, which no provider
        // of a model answers.
        still.entered_at = Timestamp::default();
        let mut ages = Vec::new();
        still_phase(&mut still.phase, limits, &mut ages);
        let text = serde_json::to_vec(&still).unwrap();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        Self { work, content: hasher.finish(), ages }
    }

    /// What tells it from others at this time.
    pub(crate) fn hash_at<H: Hasher>(&self, now: Timestamp, hasher: &mut H) {
        self.content.hash(hasher);
        for age in &self.ages {
            distance(age.since, now, age.matters_for).hash(hasher);
        }
    }

    /// Which of its times are no later than another, however long ago both are: an answer to what
    /// was asked before a doubt arose says nothing about it.
    pub(crate) fn hash_before<H: Hasher>(&self, at: Timestamp, hasher: &mut H) {
        for age in &self.ages {
            (age.since <= at).hash(hasher);
        }
    }
}

/// How far a time lies from now, in milliseconds: below zero in the past, where all that is further
/// away than what matters is the same.
pub(crate) fn distance(at: Timestamp, now: Timestamp, matters_for: Duration) -> i64 {
    let past = i64::try_from(matters_for.as_millis()).unwrap();
    (at.as_millis() - now.as_millis()).max(-past)
}

fn take(since: &mut Timestamp, matters_for: Duration, ages: &mut Vec<Age>) {
    ages.push(Age { since: std::mem::take(since), matters_for });
}

fn still_phase(phase: &mut Phase, limits: &Limits, ages: &mut Vec<Age>) {
    match phase {
        Phase::Queued
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::Scouting
        | Phase::Taking { .. }
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removing
        | Phase::Removed
        | Phase::Stocked { .. } => {}
        Phase::CreatingAssistant { intent } => still_intent(intent, limits, ages),
        Phase::CreatingFree(creating) => still_intent(&mut creating.intent, limits, ages),
        Phase::AwaitingDigits(awaiting) => {
            still_line(&mut awaiting.line, ages);
            take(&mut awaiting.since, limits.digits_give_up, ages);
        }
        Phase::Ordering(ordering) => {
            still_number(&mut ordering.number);
            still_intent(&mut ordering.intent, limits, ages);
        }
        Phase::AwaitingOrder(awaiting) => {
            still_number(&mut awaiting.number);
            take(&mut awaiting.since, limits.order_give_up, ages);
        }
        Phase::Finding(finding) => still_number(&mut finding.number),
        Phase::Adopting(adopting) => still_line(&mut adopting.line, ages),
        Phase::Bought(bought) => {
            still_number(&mut bought.number);
            take(&mut bought.since, limits.import_patience, ages);
        }
        Phase::Importing(importing) => {
            still_number(&mut importing.bought.number);
            take(&mut importing.bought.since, limits.import_patience, ages);
            still_intent(&mut importing.intent, limits, ages);
        }
        Phase::Proving(proving) => still_line(&mut proving.line, ages),
        Phase::Releasing(releasing) => still_line(&mut releasing.line, ages),
        Phase::Unlinking(unlinking) => still_line(&mut unlinking.line, ages),
        Phase::GivingBack(giving) => still_number(&mut giving.number),
        Phase::Ready { line } => still_line(line, ages),
        Phase::ReadyDegraded(degraded) => still_line(&mut degraded.line, ages),
        Phase::NeedsPerson(stuck) => still_phase(&mut stuck.at, limits, ages),
    }
}

fn still_intent(intent: &mut Intent, limits: &Limits, ages: &mut Vec<Age>) {
    intent.opened_at = Timestamp::default();
    if let Some(Doubt { since, misses: _ }) = &mut intent.doubt {
        take(since, limits.lookup_window, ages);
    }
}

/// A link that may still take effect is waited out; one that may not is as good as none.
fn still_line(line: &mut Line, ages: &mut Vec<Age>) {
    still_number(&mut line.number);
    if let Some(lands_by) = &mut line.link_lands_by {
        take(lands_by, Duration::ZERO, ages);
    }
}

fn still_number(number: &mut Number) {
    number.created_at = Timestamp::default();
    for time in times(number) {
        *time = Timestamp::default();
    }
}

/// When it was linked, and since or until when it is what it is.
fn times(number: &mut Number) -> impl Iterator<Item = &mut Timestamp> {
    let of_state = match &mut number.state {
        State::Assigned { since: at, .. }
        | State::Quarantined { until: at, .. }
        | State::Available { since: at } => Some(at),
        State::Acquiring
        | State::Reserved
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => None,
    };
    number.linked_at.iter_mut().chain(of_state)
}
