//! What a deployment's table says, read along as it changes.

use crate::invariants::n05_every_work_ends::rests;
use domain::ids::{AssistantId, BusinessId, NumberId, WorkId};
use domain::ledger::Reservation;
use domain::number::{Number, State};
use domain::stock::{Purchase, Refill};
use domain::time::Timestamp;
use domain::work::{Phase, Work};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use store::keys;
use store::memory::Changed;
use store::table::{Item, Value};
use store::{Figures, Sweep};

/// A ledger: whose, and of which day or month.
pub type LedgerKey = (String, String);

/// The table, as far as the checkers care.
#[derive(Debug, Default)]
pub struct Mirror {
    /// Works.
    pub works: BTreeMap<WorkId, Work>,
    /// Numbers.
    pub numbers: BTreeMap<NumberId, Number>,
    /// What was set aside for each number that is bought or being bought.
    pub reservations: BTreeMap<NumberId, Reservation>,
    /// Who holds which slot.
    pub slots: BTreeMap<u16, String>,
    /// Works that an operator asked for.
    pub purchased: BTreeSet<WorkId>,
    /// Works that began with a number.
    pub prepare: BTreeSet<WorkId>,
    /// Until when a number rests, or rested last, and who had it.
    pub rests: BTreeMap<NumberId, (Timestamp, BusinessId)>,
    /// Numbers that somebody asks to take away.
    pub frozen: BTreeSet<NumberId>,
    /// Assistants.
    pub assistants: BTreeMap<AssistantId, Assistant>,
    /// What the refill of the pool has under way.
    pub refill: Option<Refill>,
    /// Cents committed.
    pub ledgers: BTreeMap<LedgerKey, i64>,
    /// Works that will be looked at by themselves.
    pub due: BTreeSet<WorkId>,
    /// Works that somebody is at, or that have not heard what was asked of them.
    pub busy: BTreeSet<WorkId>,
    /// The comparison with the providers under way, or the last one.
    pub sweep: Option<Sweep>,
    /// How many numbers there are, as they were counted last.
    pub counted: Option<Figures>,
    /// Numbers that were not read back as answering since they came, or since something was known
    /// against them, by what works did about them.
    pub unproven: BTreeSet<NumberId>,
    /// What changed since the last check.
    pub news: News,
}

/// An assistant, as far as the checkers care.
#[derive(Debug)]
pub struct Assistant {
    /// Its name.
    pub name: String,
    /// How often it was changed.
    pub version: i64,
    /// Which of these changes VAPI was told of.
    pub applied: i64,
    /// Whether it is to be deleted.
    pub removal_asked: bool,
    /// VAPI's id of it.
    pub vapi: Option<String>,
}

/// What changed since the last check.
#[derive(Debug, Default)]
pub struct News {
    /// Works, with the phase they were in.
    pub works: Vec<(WorkId, Option<Phase>)>,
    /// Numbers, with the state they were in.
    pub numbers: Vec<(NumberId, Option<State>)>,
    /// Whether slots or ledgers changed.
    pub figures: bool,
}

impl News {
    /// Whether nothing changed.
    pub const fn is_empty(&self) -> bool {
        self.works.is_empty() && self.numbers.is_empty() && !self.figures
    }
}

impl Mirror {
    /// Reads one change along.
    pub fn read(&mut self, changed: &Changed) {
        let (pk, sk) = (changed.key.pk.as_str(), changed.key.sk.as_str());
        if let Some(id) = pk.strip_prefix("WORK#") {
            self.work(id.parse().unwrap(), changed);
        } else if let Some(id) = pk.strip_prefix("NUMBER#").filter(|_| sk == "NUMBER") {
            self.number(id.parse().unwrap(), changed);
        } else if let Some(id) = pk.strip_prefix("ASSISTANT#") {
            self.assistant(id.parse().unwrap(), changed);
        } else if pk == keys::FREE && sk.starts_with("SLOT#") {
            self.slot(keys::parse_slot(sk).unwrap().get(), changed);
        } else if pk.starts_with("PURCHASE#") {
            let purchase: Option<Purchase> = parse(changed.new.as_ref());
            self.purchased.extend(purchase.into_iter().flat_map(|purchase| purchase.works));
        } else if pk == keys::refill().pk {
            self.refill = parse(changed.new.as_ref());
            self.news.figures = true;
        } else if pk.starts_with("LEDGER#") {
            self.ledger(changed);
        } else if changed.key == keys::sweep() {
            self.sweep = parse(changed.new.as_ref());
        } else if changed.key == keys::figures() {
            let kept: serde_json::Value = parse(changed.new.as_ref()).unwrap_or_default();
            self.counted = serde_json::from_value(kept["figures"].clone()).ok();
        }
    }

    /// Whether nothing more happens by itself, but for the checks of a degraded line.
    pub fn is_at_rest(&self) -> bool {
        self.works.values().all(|work| {
            let waits = self.due.contains(&work.id);
            let only_checked = matches!(work.phase, Phase::ReadyDegraded(_));
            rests(work) && !self.busy.contains(&work.id) && (!waits || only_checked)
        })
    }

    fn work(&mut self, id: WorkId, changed: &Changed) {
        let item = changed.new.as_deref();
        mark(&mut self.due, id, item.is_some_and(|item| item.contains_key(keys::DUE_AT)));
        mark(&mut self.busy, id, item.is_some_and(is_busy));
        // Leases and asks do not touch the document.
        let (old, new) = (document(changed.old.as_ref()), document(changed.new.as_ref()));
        if old.zip(new).is_some_and(|(old, new)| Arc::ptr_eq(old, new)) {
            return;
        }
        let work: Work = parse(changed.new.as_ref()).expect("works are never deleted");
        if let Some((number, reservation)) = reserved(&work.phase) {
            self.reservations.entry(number).or_insert_with(|| reservation.clone());
        }
        self.judge(&work.phase);
        let begins_with_it = work.phase.number().is_some();
        let before = self.works.insert(id, work).map(|work| work.phase);
        if before.is_none() && begins_with_it {
            self.prepare.insert(id);
        }
        self.news.works.push((id, before));
    }

    /// What a work's phase says of its number.
    fn judge(&mut self, phase: &Phase) {
        match phase {
            Phase::Ready { line } => {
                self.unproven.remove(&line.number.id);
            }
            Phase::Stocked { number } => {
                self.unproven.remove(number);
            }
            Phase::AwaitingDigits(_)
            | Phase::Finding(_)
            | Phase::Adopting(_)
            | Phase::Bought(_)
            | Phase::Importing(_)
            | Phase::Proving(_)
            | Phase::ReadyDegraded(_) => {
                self.unproven.extend(phase.number().map(|number| number.id));
            }
            Phase::NeedsPerson(stuck) => self.judge(&stuck.at),
            // These say nothing of it, or have none.
            Phase::Queued
            | Phase::CreatingAssistant { .. }
            | Phase::Claiming
            | Phase::CheckingAllowance
            | Phase::CreatingFree(_)
            | Phase::Scouting
            | Phase::Ordering(_)
            | Phase::AwaitingOrder(_)
            | Phase::Taking { .. }
            | Phase::Releasing(_)
            | Phase::Unlinking(_)
            | Phase::GivingBack(_)
            | Phase::Failed { .. }
            | Phase::Cancelled
            | Phase::Released
            | Phase::Removing
            | Phase::Removed => {}
        }
    }

    fn number(&mut self, id: NumberId, changed: &Changed) {
        let new = changed.new.as_deref();
        if new.is_some_and(|item| item.contains_key(keys::PORT_OUT)) {
            self.frozen.insert(id);
        } else {
            self.frozen.remove(&id);
        }
        let before = match parse::<Number>(changed.new.as_ref()) {
            Some(number) => {
                if let State::Quarantined { until, former: Some(former), .. } = &number.state {
                    self.rests.insert(id, (*until, former.clone()));
                }
                let before = self.numbers.insert(id, number);
                if before.is_none() {
                    self.unproven.insert(id);
                }
                before
            }
            None => {
                self.reservations.remove(&id);
                self.numbers.remove(&id)
            }
        };
        self.news.numbers.push((id, before.map(|number| number.state)));
    }

    fn assistant(&mut self, id: AssistantId, changed: &Changed) {
        let Some(item) = changed.new.as_deref() else {
            self.assistants.remove(&id);
            return;
        };
        let number = |attribute| match item.get(attribute) {
            Some(Value::Number(number)) => *number,
            Some(Value::Text(_) | Value::Document(_)) | None => 0,
        };
        let vapi = match item.get(keys::VAPI) {
            Some(Value::Text(vapi)) => Some(vapi.clone()),
            Some(Value::Number(_) | Value::Document(_)) | None => None,
        };
        let document: serde_json::Value = parse(changed.new.as_ref()).unwrap_or_default();
        let assistant = Assistant {
            name: document["name"].as_str().unwrap_or_default().to_owned(),
            version: number(keys::VERSION),
            applied: number(keys::APPLIED),
            removal_asked: item.contains_key(keys::REMOVAL_ASKED),
            vapi,
        };
        self.assistants.insert(id, assistant);
    }

    fn slot(&mut self, slot: u16, changed: &Changed) {
        match changed.new.as_ref().and_then(|item| item.get(keys::HOLDER)) {
            Some(Value::Text(holder)) => self.slots.insert(slot, holder.clone()),
            Some(_) | None => self.slots.remove(&slot),
        };
        self.news.figures = true;
    }

    fn ledger(&mut self, changed: &Changed) {
        let key = (changed.key.pk.clone(), changed.key.sk.clone());
        if let Some(Value::Number(cents)) =
            changed.new.as_ref().and_then(|item| item.get(keys::COMMITTED))
        {
            self.ledgers.insert(key, *cents);
        }
        self.news.figures = true;
    }
}

fn mark(set: &mut BTreeSet<WorkId>, id: WorkId, is_in: bool) {
    if is_in {
        set.insert(id);
    } else {
        set.remove(&id);
    }
}

fn is_busy(item: &Item) -> bool {
    item.contains_key(keys::LEASE_HOLDER) || item.get(keys::INBOX_SEQ) != item.get(keys::INBOX_SEEN)
}

fn document(item: Option<&Arc<Item>>) -> Option<&Arc<str>> {
    match item?.get(keys::DOCUMENT)? {
        Value::Document(text) => Some(text),
        Value::Text(_) | Value::Number(_) => None,
    }
}

/// What is in an item's document.
pub fn parse<T: DeserializeOwned>(item: Option<&Arc<Item>>) -> Option<T> {
    let text = document(item)?;
    Some(serde_json::from_str(text).expect("the store writes what it can read"))
}

/// The money a phase has set aside, and for which number.
fn reserved(phase: &Phase) -> Option<(NumberId, &Reservation)> {
    match phase {
        Phase::Ordering(ordering) => Some((ordering.number.id, &ordering.reservation)),
        Phase::AwaitingOrder(awaiting) => Some((awaiting.number.id, &awaiting.reservation)),
        Phase::NeedsPerson(stuck) => reserved(&stuck.at),
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::CreatingFree(_)
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Taking { .. }
        | Phase::Finding(_)
        | Phase::Adopting(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::GivingBack(_)
        | Phase::Ready { .. }
        | Phase::ReadyDegraded(_)
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removing
        | Phase::Removed
        | Phase::Stocked { .. } => None,
    }
}
