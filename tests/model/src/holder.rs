//! A holder at work: what the steps' shell does with a decision, in single moves.
//!
//! The shell in production runs from one wait to the next without stopping. Here it stops at every
//! place where others may come between: before a decision is written (deciding reads nothing but
//! the holder's own copy, so the two are one move), and while a call is under way. Decisions are
//! the real `decide`, writes the real [`store::Store`]; the order of the two, and what is heard
//! when, follow `carry` of the steps.

use crate::bounds::CALL;
use crate::names::Job;
use crate::scene::Scene;
use crate::state::{Broken, Doing, Holder, State};
use crate::talk::{Call, Told};
use crate::witness::Witness;
use domain::ids::Fresh;
use domain::work::{Context, Decision, Next, decide};
use std::collections::VecDeque;
use std::sync::Arc;
use store::{Closing, Inbox, Marks, Take};

mod write;

/// Messages that are counted; more of the same change nothing.
const MAIL_MAX: u8 = 2;

/// Marks that no other write of a run has: by work, lease and place.
fn marks(job: Job, epoch: i64, write: u16) -> Marks {
    let epoch = u128::try_from(epoch).unwrap();
    Marks::new(Fresh(u128::from(job.0) << 80 | epoch << 16 | u128::from(write)))
}

/// A message comes for a work: somebody takes its lease, if there is something to do.
pub(crate) fn deliver(scene: &Scene, state: &mut State, job: Job) -> bool {
    let (now, until) = (state.now, state.now.after(scene.lease));
    let epoch = state.row(job).epoch();
    let marks = marks(job, epoch, 0);
    let taken = state
        .rows
        .with(scene.rules, async |store| store.take(job.id(), None, now, until, &marks).await);
    let (lease, work, inbox) = match taken {
        Ok(Take::Taken { lease, work, inbox }) => (lease, work, inbox),
        Ok(Take::Nothing) => return false,
        Err(error) => {
            state.broke(Broken::Corrupt(error.to_string()));
            return true;
        }
    };
    let kept = Arc::clone(&state.works[job.place()]);
    debug_assert_eq!(*work, kept.work, "the document says what the state has");
    if lease.took_over {
        scene.witnesses.saw(Witness::TookOver);
    }
    let is_good = |holder: &Holder| holder.job == job && !holder.frozen && holder.lease.until > now;
    if state.holders.iter().any(is_good) {
        state.broke(Broken::TwoHolders);
    }
    let Some(mark) = state.row(job).holder().map(Arc::from) else {
        state.broke(Broken::Corrupt("a lease was taken and nobody stands in it".to_owned()));
        return true;
    };
    let holder = Holder {
        job,
        lease: Arc::from(*lease),
        epoch,
        mark,
        kept,
        heard: inbox,
        told: heard(inbox),
        seen: Vec::new(),
        asked_at: now,
        doing: Doing::Decides,
        unwritten: false,
        frozen: false,
        writes: 0,
    };
    state.holders.push(holder);
    state.holders.sort_by_key(|holder| (holder.job, holder.frozen));
    true
}

/// What an inbox amounts to: what is asked, or that the time has come.
fn heard(inbox: Inbox) -> VecDeque<Told> {
    let asks: VecDeque<Told> = inbox.asks().into_iter().map(Told::ask).collect();
    if asks.is_empty() { VecDeque::from([Told::Resumed]) } else { asks }
}

/// Somebody sends for a work.
pub(crate) fn send(state: &mut State, job: Job) {
    if let Some(mail) = state.mail.get_mut(job.place()) {
        *mail = MAIL_MAX.min(*mail + 1);
    }
}

/// One move of a holder that decides, taken out of the state for it.
pub(crate) struct Moving<'a> {
    scene: &'a Scene,
    state: &'a mut State,
    holder: Holder,
    told: Told,
}

/// How a move ended for the holder.
enum Moved {
    GoesOn,
    IsGone,
}

/// The holder decides what it was told, writes the decision, and does what it says. `choice`: what
/// chance picks among several.
pub(crate) fn decides(scene: &Scene, state: &mut State, place: usize, choice: u8) {
    let moving = Moving::of(scene, state, place);
    moving.run(choice, Moving::act);
}

/// The same, but before the call the invocation's time is up. `false`: there is no call to come.
pub(crate) fn is_interrupted(scene: &Scene, state: &mut State, place: usize) -> bool {
    state.left.interrupts -= 1;
    let moving = Moving::of(scene, state, place);
    let calls = matches!(moving.decide(0), Ok(Decision { next: Next::Do(_), .. }));
    if calls {
        moving.run(0, Moving::out_of_time);
    }
    calls
}

impl<'a> Moving<'a> {
    fn of(scene: &'a Scene, state: &'a mut State, place: usize) -> Self {
        let mut holder = state.holders.remove(place);
        let told = holder.told.pop_front().expect("a holder that decides was told something");
        Self { scene, state, holder, told }
    }

    fn run(mut self, choice: u8, act: impl FnOnce(&mut Self, Decision) -> Moved) {
        let moved = match self.decide(choice) {
            Ok(decision) => act(&mut self, decision),
            Err(error) => {
                self.state.broke(Broken::Illegal(error.to_string()));
                Moved::IsGone
            }
        };
        let told = !self.holder.told.is_empty() || matches!(self.holder.doing, Doing::Calls(..));
        if matches!(moved, Moved::GoesOn) && told {
            self.state.holders.push(self.holder);
            self.state.holders.sort_by_key(|holder| (holder.job, holder.frozen));
        }
    }

    fn decide(&self, choice: u8) -> Result<Decision, domain::work::IllegalEvent> {
        let ctx = Context {
            now: self.state.now,
            asked_at: self.holder.asked_at,
            fresh: self.fresh(choice),
            took_over: self.holder.lease.took_over,
            limits: &self.scene.limits,
        };
        decide(&self.holder.kept.work, self.told.input(self.state.now, &self.holder.seen), ctx)
    }

    /// An id that no row of the work has.
    fn fresh(&self, choice: u8) -> Fresh {
        let job = self.holder.job;
        let mut nth = 0;
        for (key, _item) in self.state.rows.iter().filter(|(key, _)| key.sk == "NUMBER") {
            let Some(id) = key.pk.strip_prefix("NUMBER#").and_then(|id| id.parse().ok()) else {
                continue;
            };
            if let Some((known, place)) = Job::of_number(id)
                && known == job
            {
                nth = nth.max(place + 1);
            }
        }
        job.fresh(nth, choice)
    }

    /// Writes a decision, then does what it says.
    fn act(&mut self, decision: Decision) -> Moved {
        let unwritten = is_news(&decision) || self.holder.unwritten;
        let Next::Do(effect) = &decision.next else { return self.leave(&decision) };
        let closing = if effect.creates() {
            Closing::Creates { heard: self.holder.heard }
        } else {
            Closing::GoesOn
        };
        let call = Call::of(effect);
        if unwritten && !self.written(&decision, closing) {
            return Moved::GoesOn;
        }
        if self.holder.frozen {
            return Moved::IsGone;
        }
        self.holder.doing = Doing::Calls(call, self.state.now.after(CALL));
        Moved::GoesOn
    }

    /// Leaves the work, unless there is more to hear first.
    fn leave(&mut self, decision: &Decision) -> Moved {
        let due_at = match decision.next {
            Next::Wait { until, .. } => Some(until),
            Next::End | Next::Do(_) => None,
        };
        let closing = if self.holder.told.is_empty() {
            Closing::Leaves { due_at, heard: self.holder.heard }
        } else {
            Closing::GoesOn
        };
        if !self.written(decision, closing) || closing == Closing::GoesOn {
            return Moved::GoesOn;
        }
        if due_at.is_some() {
            send(self.state, self.holder.job);
        }
        Moved::IsGone
    }

    /// Leaves before a call there is no time for. What was learnt is written, except with the
    /// intent of a create.
    fn out_of_time(&mut self, decision: Decision) -> Moved {
        let creates = matches!(&decision.next, Next::Do(effect) if effect.creates());
        let unwritten = is_news(&decision) || self.holder.unwritten;
        let closing = Closing::Interrupted { due_at: self.state.now };
        let decision = if unwritten && !creates {
            decision
        } else {
            let work = self.holder.kept.work.clone();
            Decision { events: Vec::new(), work, changes: Vec::new(), next: Next::End }
        };
        if !self.written(&decision, closing) {
            return Moved::GoesOn;
        }
        send(self.state, self.holder.job);
        Moved::IsGone
    }
}

fn is_news(decision: &Decision) -> bool {
    !decision.events.is_empty() || !decision.changes.is_empty()
}
