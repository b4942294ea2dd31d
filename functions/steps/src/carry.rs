//! Carries one work as far as it goes: decide, write, perform, and again.
//!
//! The holder of the lease alone writes. It leaves at a wait, at an end, or when the invocation's
//! time is up; what comes next is in the row before the message is sent.

use crate::config::Config;
use crate::report::{self, Left};
use crate::{effects, watch};
use domain::ids::WorkId;
use domain::time::Timestamp;
use domain::work::{Ask, Context, Decision, Event, IllegalEvent, Input, Next, Work, apply, decide};
use planted::planted;
use runtime::{Deadline, Deps, Message, World};
use std::collections::VecDeque;
use std::time::Duration;
use store::{Closing, Committed, Inbox, Lease, Marks, StoreError, Take};

/// Decisions of one invocation: far above what the longest path takes.
const ROUNDS_MAX: u32 = 200;
/// The longest delay of the queue; longer waits are the poller's.
const DELAY_MAX: Duration = Duration::from_secs(900);

/// Why a work could not be carried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CarryError {
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One carrying of one work.
struct Carrying<'a, W: World> {
    deps: &'a Deps<W>,
    config: &'a Config,
    deadline: Deadline,
    marks: Marks,
    lease: Lease,
    work: Work,
    heard: Inbox,
    inputs: VecDeque<Input>,
    /// The input the present decision is about.
    input: Input,
    /// When the last effect was begun, whose end may be that input.
    asked_at: Timestamp,
    /// Whether the work differs from the table's in what was heard.
    unwritten: bool,
}

/// Whether to go on.
enum Step {
    GoOn,
    Stop,
}

/// Carries a work, if there is something to do about it. `sent_for` is when it was due as the
/// message was sent.
pub(crate) async fn carry<W: World>(
    deps: &Deps<W>,
    config: &Config,
    id: WorkId,
    sent_for: Option<Timestamp>,
    deadline: Deadline,
) -> Result<(), CarryError> {
    let marks = deps.marks();
    let now = deps.now();
    let taken = deps.store.take(id, sent_for, now, now.after(config.lease()), &marks).await?;
    let Take::Taken { lease, work, inbox } = taken else {
        tracing::debug!(work.id = %id, "nothing to do");
        return Ok(());
    };
    let span = tracing::info_span!(
        "work",
        work.id = %id,
        work.step = work.phase.name().as_str(),
        work.attempt = work.attempt.get(),
        work.took_over = lease.took_over,
    );
    let mut carrying = Carrying {
        deps,
        config,
        deadline,
        marks,
        lease: *lease,
        work: *work,
        heard: inbox,
        inputs: inputs(inbox),
        input: Input::Resumed,
        asked_at: now,
        unwritten: false,
    };
    tracing::Instrument::instrument(carrying.run(), span).await
}

/// What an inbox amounts to: what is asked, or that the time has come.
fn inputs(inbox: Inbox) -> VecDeque<Input> {
    let asks: VecDeque<Input> = inbox.asks().into_iter().map(Input::Asked).collect();
    if asks.is_empty() { VecDeque::from([Input::Resumed]) } else { asks }
}

impl<W: World> Carrying<'_, W> {
    async fn run(&mut self) -> Result<(), CarryError> {
        for _round in 0..ROUNDS_MAX {
            let Some(input) = self.inputs.pop_front() else { return Ok(()) };
            self.input = input.clone();
            let step = match self.decide(input) {
                Ok(decision) => self.act(decision).await?,
                Err(error) => self.park(error).await?,
            };
            match step {
                Step::GoOn => {}
                Step::Stop => return Ok(()),
            }
        }
        tracing::error!("a work took more rounds than there are; it goes on later");
        self.leave_for_later().await
    }

    fn decide(&self, input: Input) -> Result<Decision, IllegalEvent> {
        let now = self.deps.now();
        let ctx = Context {
            now,
            asked_at: if input.is_end() { self.asked_at } else { now },
            fresh: self.deps.fresh(),
            took_over: self.lease.took_over,
            limits: &self.config.limits,
        };
        decide(&self.work, input, ctx)
    }

    /// Writes a decision, then does what it says.
    async fn act(&mut self, decision: Decision) -> Result<Step, CarryError> {
        let decided = !decision.events.is_empty() || !decision.changes.is_empty();
        let unwritten = decided || self.unwritten;
        match &decision.next {
            Next::Do(effect) => {
                let creates = effect.creates();
                let (needed, closing) = if creates {
                    (self.config.create_needs(), Closing::Creates { heard: self.heard })
                } else {
                    (self.config.calls.deadline, Closing::GoesOn)
                };
                if !self.deadline.allows(needed, self.deps.now()) {
                    return self.out_of_time(decision, unwritten && !creates).await;
                }
                let skipped = creates && planted!(IntentNotWritten);
                if unwritten && !skipped && !self.written(&decision, closing).await? {
                    return Ok(Step::GoOn);
                }
                let effect = effect.clone();
                let policy = self.config.calls.until(self.deadline);
                self.adopt(decision.work, &decision.events);
                self.asked_at = self.deps.now();
                let end = effects::perform(self.deps, self.config, policy, effect).await;
                self.inputs.push_front(end);
                Ok(Step::GoOn)
            }
            Next::Wait { until, watched } => {
                let left = Left::Waits { until: *until, watched: *watched };
                self.leave(decision, left).await
            }
            Next::End => self.leave(decision, Left::Ends).await,
        }
    }

    /// Leaves the work, unless there is more to hear first.
    async fn leave(&mut self, decision: Decision, left: Left) -> Result<Step, CarryError> {
        let due_at = match left {
            Left::Waits { until, .. } => Some(until),
            Left::Ends => None,
        };
        let closing = if self.inputs.is_empty() {
            Closing::Leaves { due_at, heard: self.heard }
        } else {
            Closing::GoesOn
        };
        if !self.written(&decision, closing).await? {
            return Ok(if self.inputs.is_empty() { Step::Stop } else { Step::GoOn });
        }
        self.adopt(decision.work, &decision.events);
        if closing == Closing::GoesOn {
            return Ok(Step::GoOn);
        }
        if let Left::Waits { until, watched } = left {
            let delay = until.since(self.deps.now());
            if delay <= DELAY_MAX {
                self.deps.send(&Message::work(self.work.id, until), delay).await;
            }
            if watched {
                watch::arm(self.deps, self.config).await;
            }
        }
        Ok(Step::Stop)
    }

    /// Commits; `false` when the decision is not in force, with what is to be decided instead
    /// waiting among the inputs (or nothing, when the lease is lost).
    async fn written(&mut self, decision: &Decision, closing: Closing) -> Result<bool, CarryError> {
        let committed = self.commit(decision, closing).await?;
        match committed {
            Committed::Written => Ok(true),
            Committed::Obstacle(_) if planted!(ObstacleIgnored) => Ok(true),
            Committed::Obstacle(obstacle) => {
                self.inputs.push_front(Input::WriteRefused(obstacle));
                Ok(false)
            }
            Committed::InboxMoved(inbox) => {
                self.hear(inbox);
                Ok(false)
            }
            Committed::LeaseLost => {
                tracing::warn!("the lease went to another holder; this one stops");
                self.inputs.clear();
                Ok(false)
            }
        }
    }

    /// Something came into the inbox, and nothing was written: the same is decided again, with the
    /// news known.
    fn hear(&mut self, inbox: Inbox) {
        let heard = if planted!(NewsForgotten) { inbox } else { self.heard };
        let news = inbox.since(heard);
        self.heard = inbox;
        // Who deletes the assistant wants no number for it either.
        let called_off = news.cancel || news.remove.is_some();
        if called_off && self.work.can_be_called_off() {
            match apply(self.work.clone(), &Event::CancelAsked, self.deps.now()) {
                Ok(work) => (self.work, self.unwritten) = (work, true),
                Err(error) => tracing::error!(%error, "a cancel could not be noted"),
            }
        } else if news.cancel {
            self.inputs.push_back(Input::Asked(Ask::Cancel));
        }
        self.inputs.extend(inputs(Inbox { cancel: false, ..news }));
        self.inputs.push_front(self.input.clone());
    }

    /// The work as it now stands in the table; what is new about it is told.
    fn adopt(&mut self, work: Work, events: &[Event]) {
        let before = std::mem::replace(&mut self.work, work);
        self.unwritten = false;
        report::told(self.deps, &before, &self.work, events);
    }

    async fn commit(&self, decision: &Decision, closing: Closing) -> Result<Committed, StoreError> {
        let (store, now) = (&self.deps.store, self.deps.now());
        let changes = &decision.changes;
        store.commit(&self.lease, &decision.work, changes, closing, now, &self.marks).await
    }

    /// Leaves before an effect there is no time for. What was learnt is written, except with the
    /// intent of a create: an intent is a create that is sent. The next holder makes that decision
    /// again, and looks up what this one learnt.
    async fn out_of_time(
        &mut self,
        decision: Decision,
        writable: bool,
    ) -> Result<Step, CarryError> {
        if !writable {
            self.leave_for_later().await?;
            return Ok(Step::Stop);
        }
        let now = self.deps.now();
        let closing = Closing::Interrupted { due_at: now };
        if !self.written(&decision, closing).await? {
            return Ok(Step::GoOn);
        }
        self.adopt(decision.work, &decision.events);
        self.deps.send(&Message::work(self.work.id, now), Duration::ZERO).await;
        Ok(Step::Stop)
    }

    /// Gives the lease back with the work due at once, and asks to be called again.
    async fn leave_for_later(&self) -> Result<(), CarryError> {
        let now = self.deps.now();
        let (store, marks) = (&self.deps.store, &self.marks);
        let closing = Closing::Interrupted { due_at: now };
        store.commit(&self.lease, &self.work, &[], closing, now, marks).await?;
        self.deps.send(&Message::work(self.work.id, now), Duration::ZERO).await;
        Ok(())
    }

    /// An input that cannot happen is a bug: the work is set aside as it stands, and alarmed.
    async fn park(&mut self, error: IllegalEvent) -> Result<Step, CarryError> {
        tracing::error!(%error, phase = self.work.phase.name().as_str(), "work parked");
        self.deps.metrics.count(self.deps.now(), "WorkParked", None);
        let closing = Closing::Leaves { due_at: None, heard: self.heard };
        let (store, now) = (&self.deps.store, self.deps.now());
        store.commit(&self.lease, &self.work, &[], closing, now, &self.marks).await?;
        Ok(Step::Stop)
    }
}
