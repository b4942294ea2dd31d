//! A stand-in for the table: the rows of one work, with the conditions the store puts on them.
//!
//! A change whose condition cannot fail unless something is wrong fails the test.

use crate::ids::{NumberId, VapiNumberId, WorkId};
use crate::number::{Guard, Number, Slot};
use crate::source::Cap;
use crate::time::Timestamp;
use crate::work::{Allowance, Change, Obstacle};
use std::collections::{BTreeMap, BTreeSet};

/// Who has a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    Work,
    Number(NumberId),
    Foreign,
}

/// The rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) slots: BTreeMap<Slot, Holder>,
    pub(super) closed_until: Option<Timestamp>,
    /// Cents set aside, at most `cap`.
    pub(super) committed: i64,
    pub(super) cap: i64,
    pub(super) numbers: BTreeMap<NumberId, Number>,
    /// What identifies numbers, and whose it is; `None` for a foreign row.
    pub(super) guards: BTreeMap<String, Option<NumberId>>,
    pub(super) watched: Option<VapiNumberId>,
    pub(super) assistant_gone: bool,
    pub(super) superseded: bool,
    pub(super) assigned: Option<NumberId>,
}

impl Table {
    pub(super) fn allowance(&self) -> Allowance {
        Allowance { taken: self.slots.keys().copied().collect(), closed_until: self.closed_until }
    }

    /// Writes all changes, or none.
    pub(super) fn commit(&mut self, changes: &[Change], work: WorkId) -> Result<(), Obstacle> {
        let mut written = self.clone();
        let mut touched = BTreeSet::new();
        for change in changes {
            for row in rows(change) {
                assert!(touched.insert(row.clone()), "{row} is written twice in {changes:?}");
            }
            written.write(change, work)?;
        }
        *self = written;
        Ok(())
    }

    fn write(&mut self, change: &Change, work: WorkId) -> Result<(), Obstacle> {
        match change {
            Change::AssistantCreated(..)
            | Change::AssistantApplied(..)
            | Change::CloseFree(_)
            | Change::Answers(..)
            | Change::History(..) => {
                if let Change::CloseFree(until) = change {
                    self.closed_until = Some(*until);
                }
            }
            Change::DropAssistant(_) => {
                assert_eq!(self.assigned, None, "an assistant with a number is deleted");
                self.assistant_gone = true;
            }
            Change::AssistantNumber(_, assigned) => {
                if self.assistant_gone {
                    return Err(Obstacle::Superseded);
                }
                self.assigned = assigned.as_ref().map(|number| number.id);
            }
            Change::ConfirmLatest(_) if self.superseded => return Err(Obstacle::Superseded),
            Change::ConfirmLatest(_) => {}
            Change::TakeSlot(_)
            | Change::GiveSlot(..)
            | Change::HoldSlot(..)
            | Change::FreeSlot(_) => {
                return self.slot(change);
            }
            Change::Reserve(reservation, _) => {
                if self.committed + reservation.amount.get() > self.cap {
                    return Err(Obstacle::Cap(Cap::OrganizationDay));
                }
                self.committed += reservation.amount.get();
            }
            Change::Unreserve(reservation) => {
                self.committed -= reservation.amount.get();
                assert!(self.committed >= 0, "more comes back than was set aside");
            }
            Change::OpenNumber(number) => {
                let before = self.numbers.insert(number.id, number.as_ref().clone());
                assert!(before.is_none(), "the row exists");
                return self.guard(number.id, &number.guards());
            }
            Change::UpdateNumber { number, new_guards }
            | Change::ParkNumber { number, new_guards } => {
                self.own(number.id, work);
                self.numbers.insert(number.id, number.as_ref().clone());
                return self.guard(number.id, new_guards);
            }
            Change::ClaimNumber { was, now } | Change::MendNumber { was, now } => {
                if self.numbers.get(&was.id) != Some(was.as_ref()) {
                    return Err(Obstacle::NumberGone);
                }
                self.numbers.insert(now.id, now.as_ref().clone());
            }
            Change::NumberGone(_) => unreachable!("a provisioning gives nothing back"),
            Change::DropNumber(number) => {
                self.own(number.id, work);
                self.numbers.remove(&number.id);
                for guard in number.guards() {
                    let held = self.guards.remove(&name(&guard));
                    assert_eq!(held, Some(Some(number.id)), "{guard:?} is not its own");
                }
            }
            Change::Watch(id) => self.watched = Some(id.clone()),
            Change::Unwatch => self.watched = None,
        }
        Ok(())
    }

    fn slot(&mut self, change: &Change) -> Result<(), Obstacle> {
        match change {
            Change::TakeSlot(slot) | Change::HoldSlot(slot, _) if self.slots.contains_key(slot) => {
                return Err(Obstacle::SlotTaken);
            }
            Change::TakeSlot(slot) => {
                self.slots.insert(*slot, Holder::Work);
            }
            Change::HoldSlot(slot, number) => {
                self.slots.insert(*slot, Holder::Number(*number));
            }
            Change::GiveSlot(slot, number) => {
                let held = self.slots.insert(*slot, Holder::Number(*number));
                assert_eq!(held, Some(Holder::Work));
            }
            Change::FreeSlot(slot) => {
                assert_eq!(self.slots.remove(slot), Some(Holder::Work));
            }
            other => unreachable!("{other:?} is about no slot"),
        }
        Ok(())
    }

    /// The row names the work that may write about the number.
    fn own(&self, id: NumberId, work: WorkId) {
        let row = self.numbers.get(&id).map(|number| number.work);
        assert_eq!(row, Some(Some(work)), "the number's lease is not the work's");
    }

    fn guard(&mut self, id: NumberId, guards: &[Guard]) -> Result<(), Obstacle> {
        for guard in guards {
            let name = name(guard);
            if self.guards.contains_key(&name) {
                let mine = self.guards.get(&name) == Some(&Some(id));
                assert!(!mine, "{name} is guarded twice for the same number");
                return Err(Obstacle::DigitsTaken);
            }
            self.guards.insert(name, Some(id));
        }
        Ok(())
    }

    /// Every row's identity is guarded, and for this row.
    pub(super) fn check_guards(&self) {
        for number in self.numbers.values() {
            for guard in number.guards() {
                let held = self.guards.get(&name(&guard));
                assert_eq!(held, Some(&Some(number.id)), "{guard:?} is not guarded");
            }
        }
    }
}

pub(super) fn name(guard: &Guard) -> String {
    match guard {
        Guard::Digits(digits) => format!("digits {}", digits.reveal()),
        Guard::Vapi(id) => format!("vapi {id}"),
        Guard::Telnyx(id) => format!("telnyx {id}"),
        Guard::Twilio(_account, id) => format!("twilio {id}"),
    }
}

/// What a decision guards anew.
pub(super) fn new_guards(changes: &[Change]) -> Vec<String> {
    let guards = changes.iter().flat_map(|change| match change {
        Change::OpenNumber(number) => number.guards(),
        Change::UpdateNumber { new_guards, .. } => new_guards.clone(),
        _ => Vec::new(),
    });
    guards.map(|guard| name(&guard)).collect()
}

/// The rows a change writes: no transaction may write one twice.
fn rows(change: &Change) -> Vec<String> {
    let guards = |guards: &[Guard]| guards.iter().map(name).collect::<Vec<_>>();
    match change {
        Change::AssistantCreated(id, _)
        | Change::AssistantNumber(id, _)
        | Change::AssistantApplied(id, _)
        | Change::DropAssistant(id)
        | Change::ConfirmLatest(id) => vec![format!("assistant {id}")],
        Change::TakeSlot(slot)
        | Change::GiveSlot(slot, _)
        | Change::HoldSlot(slot, _)
        | Change::FreeSlot(slot) => {
            vec![format!("slot {}", slot.get())]
        }
        Change::CloseFree(_) => vec!["closed".to_owned()],
        Change::Reserve(..) | Change::Unreserve(_) => vec!["ledgers".to_owned()],
        Change::OpenNumber(number) | Change::DropNumber(number) | Change::NumberGone(number) => {
            [vec![format!("number {}", number.id)], guards(&number.guards())].concat()
        }
        Change::UpdateNumber { number, new_guards } | Change::ParkNumber { number, new_guards } => {
            [vec![format!("number {}", number.id)], guards(new_guards)].concat()
        }
        Change::ClaimNumber { now, .. } | Change::MendNumber { now, .. } => {
            vec![format!("number {}", now.id)]
        }
        Change::Answers(id, _) => vec![name(&Guard::Vapi(id.clone()))],
        Change::Watch(_) | Change::Unwatch => vec!["watch".to_owned()],
        Change::History(id, event) => vec![format!("history {id} {event:?}")],
    }
}
