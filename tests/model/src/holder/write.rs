//! Writing a decision, and what the holder makes of how that ended.

use super::{Moving, marks};
use crate::bounds::DAY;
use crate::kept::Kept;
use crate::names::{Customer, Record};
use crate::rules;
use crate::state::{Broken, Rest};
use crate::talk::{Call, End, Met, OrderSeen, Shown, Told};
use crate::witness::Witness;
use domain::number::State as At;
use domain::problem::Unresolved;
use domain::work::{Ask, Change, Decision, Event, Note, Phase, apply};
use std::sync::Arc;
use store::{Closing, Committed, Inbox, StoreError};

/// Writes one holder may try: more than the longest run makes.
const WRITES_MAX: u16 = 200;

impl Moving<'_> {
    /// Commits; `false` when the decision is not in force, with what is to be decided instead told
    /// to the holder (or nothing, when the lease is lost).
    pub(super) fn written(&mut self, decision: &Decision, closing: Closing) -> bool {
        let holds = self.state.row(self.holder.job).is_held_by(&self.holder.mark);
        match self.commit(decision, closing) {
            Ok(Committed::Written) => {
                if !holds {
                    self.state.broke(Broken::WroteWithoutLease);
                }
                self.now_written(decision);
                true
            }
            Ok(Committed::Obstacle(obstacle)) => {
                let met = Met::of(&obstacle);
                self.saw(match met {
                    Met::SlotTaken => Witness::SlotLost,
                    Met::NumberGone => Witness::ClaimLost,
                    Met::Cap => Witness::CapReached,
                    Met::DigitsTaken | Met::Superseded => Witness::DigitsLost,
                });
                self.holder.told.push_front(Told::Met(met));
                false
            }
            Ok(Committed::InboxMoved(inbox)) => {
                self.saw(Witness::InboxHadMoved);
                if inbox.cancel && matches!(closing, Closing::Creates { .. }) {
                    self.saw(Witness::CancelHeardBeforeCreate);
                }
                self.hear(inbox);
                false
            }
            Ok(Committed::LeaseLost) => {
                self.saw(Witness::LeaseWasLost);
                self.holder.told.clear();
                false
            }
            Err(error) => {
                self.state.broke(Broken::Corrupt(error.to_string()));
                self.holder.told.clear();
                false
            }
        }
    }

    fn commit(&mut self, decision: &Decision, closing: Closing) -> Result<Committed, StoreError> {
        self.holder.writes += 1;
        assert!(self.holder.writes < WRITES_MAX, "a holder does not come to an end");
        let (lease, now) = (&self.holder.lease, self.state.now);
        let marks = marks(self.holder.job, self.holder.epoch, self.holder.writes);
        let changes = &decision.changes;
        let mut work = decision.work.clone();
        work.timeline.clear();
        self.state.rows.with(self.scene.rules, async |store| {
            store.commit(lease, &work, changes, closing, now, &marks).await
        })
    }

    /// Something came into the inbox, and nothing was written: the same is decided again, with the
    /// news known.
    fn hear(&mut self, inbox: Inbox) {
        let holder = &mut self.holder;
        let news = inbox.since(holder.heard);
        holder.heard = inbox;
        let work = &holder.kept.work;
        if news.cancel && work.can_be_called_off() {
            match apply(work.clone(), &Event::CancelAsked, self.state.now) {
                Ok(work) => {
                    holder.kept = Arc::new(Kept::new(work, &self.scene.limits));
                    holder.unwritten = true;
                }
                Err(error) => self.state.broke(Broken::Illegal(error.to_string())),
            }
        } else if news.cancel {
            holder.told.push_back(Told::ask(Ask::Cancel));
        }
        holder.told.extend(super::heard(Inbox { cancel: false, ..news }));
        holder.told.push_front(self.told);
    }

    /// The table has the work, and so has the holder.
    fn now_written(&mut self, decision: &Decision) {
        let kept = Arc::new(Kept::new(decision.work.clone(), &self.scene.limits));
        let becomes_ready = matches!(kept.work.phase, Phase::Ready { .. })
            && !matches!(self.holder.kept.work.phase, Phase::Ready { .. });
        // Somebody outside may change it between the reading and the write.
        let changed = rules::is_meddled_with(self.scene, self.state, &kept.work);
        let is_true = changed || rules::is_true(self.state, &kept.work);
        if becomes_ready && !(is_true && rules::was_shown(self.told, &kept.work)) {
            self.state.broke(Broken::ReadyWasNotTrue);
        }
        self.note_rests(&decision.changes);
        self.witness(decision);
        self.state.works[self.holder.job.place()] = Arc::clone(&kept);
        self.holder.kept = kept;
        self.holder.unwritten = false;
    }

    /// A number that is given up must rest as long as its row says, and at least as long as one must
    /// that somebody called, unless its customer has it back.
    fn note_rests(&mut self, changes: &[Change]) {
        let (now, rest_days) = (self.state.now, self.scene.rest_days);
        // Who takes off what nobody has changes nothing about its rest.
        let Some(customer) = Customer::served_by(&self.holder.kept.work) else { return };
        let former = Some(customer);
        for change in changes {
            if let Change::ClaimNumber { was: _, now } = change {
                let its = |rest: &Rest| rest.number == now.id && rest.former == former;
                self.state.rests.retain(|rest| !its(rest));
            }
            if let Change::UpdateNumber { number, .. } = change
                && let At::Quarantined { until: written, .. } = number.state
            {
                let of_sky = |id| self.state.sky.was_called(Record::of(id));
                let days = if number.vapi.as_ref().is_some_and(of_sky) { rest_days } else { 0 };
                let until = now.after(DAY * days.into()).max(written);
                self.state.rests.push(Rest { number: number.id, former, until });
            }
        }
        self.state.rests.retain(|rest| rest.until > now);
    }

    fn saw(&self, witness: Witness) {
        self.scene.witnesses.saw(witness);
    }

    fn witness(&self, decision: &Decision) {
        for event in &decision.events {
            let Event::Noted(note) = event else {
                if matches!(event, Event::NumberTaken(_)) {
                    self.saw(Witness::TakenByOthers);
                }
                continue;
            };
            match note {
                Note::AnswerLost { .. } => self.saw(Witness::AnswerLost),
                Note::FoundAgain { what: Unresolved::Order } => self.saw(Witness::OrderFoundAgain),
                Note::FoundAgain { .. } => self.saw(Witness::FoundAgain),
                Note::Repeated { what: Unresolved::Order } => self.saw(Witness::OrderRepeated),
                Note::Repeated { .. } => self.saw(Witness::CreateRepeated),
                Note::LinkRepaired => self.saw(Witness::LinkRepaired),
                Note::RouteRepaired => self.saw(Witness::RouteRepaired),
                Note::DigitsLate => self.saw(Witness::DigitsWereLate),
                Note::NumberClaimed => self.saw(Witness::Claimed),
                Note::Ready if decision.work.request.reclaim.is_some() => {
                    self.saw(Witness::HadBack);
                }
                Note::NumberRested if decision.work.cancel_asked => {
                    self.saw(Witness::CancelHeardAfterPurchase);
                }
                Note::Requested
                | Note::AssistantCreated
                | Note::OwnedFound
                | Note::SourcePassed { .. }
                | Note::FreeNumberCreated
                | Note::OrderIntended { .. }
                | Note::OrderPlaced
                | Note::NumberBought
                | Note::NumberRested
                | Note::ReleaseAsked
                | Note::Released
                | Note::GivingBack
                | Note::FoundLinked
                | Note::Unlinked
                | Note::RecordRemoved
                | Note::GivenBack
                | Note::NumberTaken
                | Note::NumberImported
                | Note::DigitsArrived
                | Note::Ready
                | Note::Degraded { .. }
                | Note::NeedsPerson { .. }
                | Note::Failed { .. }
                | Note::CancelAsked
                | Note::Cancelled
                | Note::UpdateFailed { .. }
                | Note::RemovalAsked
                | Note::Removed
                | Note::NumberNamed
                | Note::Stocked
                | Note::RetryAsked => {}
            }
        }
        self.witness_told(decision);
    }

    fn witness_told(&self, decision: &Decision) {
        match self.told {
            Told::Ended(Call::CheckOrder(_), End::Done(Shown::Order(OrderSeen::Failure))) => {
                self.saw(Witness::OrderFailed);
            }
            Told::Ended(call, End::Done(Shown::Nothing))
                if call.looks_up() && decision.work.phase.intent().is_none() =>
            {
                self.saw(Witness::AbsenceBelieved);
            }
            Told::Resumed
            | Told::Cancel
            | Told::Retry
            | Told::Repeat
            | Told::Repair
            | Told::Release(..)
            | Told::Update
            | Told::Remove(_)
            | Told::Assign(_)
            | Told::Met(_)
            | Told::Ended(..) => {}
        }
    }
}
