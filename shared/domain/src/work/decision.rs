//! What `decide` answers, and the builder the steps share.

use crate::assistant::AssignedNumber;
use crate::ids::{AssistantId, NumberId, VapiAssistantId, VapiNumberId, WorkId};
use crate::ledger::{Caps, Reservation};
use crate::number::{Guard, Number, Slot};
use crate::time::Timestamp;
use crate::work::{Effect, Event, IllegalEvent, Limits, Note, Phase, Work, apply};
use ulid::Ulid;

/// What `decide` is told beside the work and the input.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The time.
    pub now: Timestamp,
    /// When the call was begun whose end is decided about: what it shows was so then, and need not
    /// be so any more. For any other input, the time.
    pub asked_at: Timestamp,
    /// An id never used before; its random part serves as randomness.
    pub fresh: Ulid,
    /// Whether this holder took the lease over from one that died.
    pub took_over: bool,
    /// The limits.
    pub limits: &'a Limits,
}

impl Context<'_> {
    /// One of so many, at random.
    pub(crate) fn one_of(&self, count: usize) -> usize {
        let count = u128::try_from(count).unwrap_or(1).max(1);
        usize::try_from(self.fresh.random().checked_rem(count).unwrap_or(0)).unwrap_or(0)
    }

    pub(crate) fn entropy(&self) -> u64 {
        u64::try_from(self.fresh.random() & u128::from(u64::MAX)).unwrap_or(0)
    }
}

/// A change to another row, written in the same transaction as the work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The assistant exists at VAPI under this id.
    AssistantCreated(AssistantId, VapiAssistantId),
    /// VAPI has been told of the assistant as it was at this version.
    AssistantApplied(AssistantId, u64),
    /// The assistant's row goes: it is no more at VAPI.
    DropAssistant(AssistantId),
    /// The assistant's number is this one, or none.
    AssistantNumber(AssistantId, Option<AssignedNumber>),
    /// This work must be the assistant's latest, and stays it.
    ConfirmLatest(AssistantId),
    /// A slot of the free allowance is taken for the work.
    TakeSlot(Slot),
    /// The slot passes from the work to the number.
    GiveSlot(Slot, NumberId),
    /// A slot of the free allowance is taken for a number that VAPI carries already.
    HoldSlot(Slot, NumberId),
    /// The work gives the slot back.
    FreeSlot(Slot),
    /// The free numbers are closed until then.
    CloseFree(Timestamp),
    /// Money is set aside, within the caps.
    Reserve(Reservation, Caps),
    /// Money set aside comes back: certainly nothing was bought.
    Unreserve(Reservation),
    /// A number's row is made, with guards for what identifies it.
    OpenNumber(Box<Number>),
    /// A number's row changes; guards are added for what identifies it newly.
    UpdateNumber {
        /// The number as it becomes.
        number: Box<Number>,
        /// What is guarded from now on and was not before.
        new_guards: Vec<Guard>,
    },
    /// A number that belongs to no work becomes this work's, if it still is as it was seen.
    ClaimNumber {
        /// As it was seen.
        was: Box<Number>,
        /// As it becomes.
        now: Box<Number>,
    },
    /// The same to put right what differs at its providers: it stays whose it is, so that one which
    /// somebody asks to take away is mended like any other.
    MendNumber {
        /// As it was seen.
        was: Box<Number>,
        /// As it becomes.
        now: Box<Number>,
    },
    /// The work's number goes into the pool, and belongs to no work any more.
    ParkNumber {
        /// The number as it becomes.
        number: Box<Number>,
        /// What is guarded from now on and was not before.
        new_guards: Vec<Guard>,
    },
    /// A number's row and guards go: certainly nothing was bought.
    DropNumber(Box<Number>),
    /// A number is given back: its row stays as this says, its guards and its slot go.
    NumberGone(Box<Number>),
    /// Calls to this number at VAPI are answered by this assistant there; by nobody if `None`.
    Answers(VapiNumberId, Option<VapiAssistantId>),
    /// The shared watch looks for the number's digits.
    Watch(VapiNumberId),
    /// The shared watch forgets it.
    Unwatch,
    /// A line in the number's history.
    History(NumberId, HistoryEvent),
}

/// What the history of a number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryEvent {
    /// It was assigned to the work's business and assistant.
    Assigned,
    /// It was taken off them and put to rest.
    Rested,
    /// It turned out to be unusable.
    Corrupted,
    /// It was prepared, and put into the pool.
    Stocked,
    /// It was given back, and is ours no more.
    GivenBack,
    /// A work had made it, and no row had it.
    Adopted,
}

/// What to do once the decision is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Perform this, and come back with its end.
    Do(Effect),
    /// Stop until then, or until woken.
    Wait {
        /// Until when.
        until: Timestamp,
        /// Whether the shared digits watch must be running.
        watched: bool,
    },
    /// Stop; nothing more happens by itself.
    End,
}

/// What `decide` answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What happened; nothing to write if empty (and `changes` too).
    pub events: Vec<Event>,
    /// The work after the events.
    pub work: Work,
    /// What else is written in the same transaction.
    pub changes: Vec<Change>,
    /// What to do after the write.
    pub next: Next,
}

/// A decision being made: the events so far, already applied.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) work: Work,
    pub(crate) ctx: Context<'a>,
    events: Vec<Event>,
    changes: Vec<Change>,
}

/// What a step answers.
pub(crate) type Decided = Result<Decision, IllegalEvent>;

impl<'a> Plan<'a> {
    pub(crate) fn new(work: &Work, ctx: Context<'a>) -> Self {
        Self { work: work.clone(), ctx, events: Vec::new(), changes: Vec::new() }
    }

    /// Goes on with a decision that was made.
    pub(crate) fn going_on(decision: Decision, ctx: Context<'a>) -> Self {
        let Decision { events, work, changes, next: _ } = decision;
        Self { work, ctx, events, changes }
    }

    pub(crate) const fn now(&self) -> Timestamp {
        self.ctx.now
    }

    pub(crate) const fn work_id(&self) -> WorkId {
        self.work.id
    }

    pub(crate) fn record(mut self, event: Event) -> Result<Self, IllegalEvent> {
        self.work = apply(self.work, &event, self.ctx.now)?;
        self.events.push(event);
        Ok(self)
    }

    pub(crate) fn enter(self, phase: Phase) -> Result<Self, IllegalEvent> {
        self.record(Event::Entered(Box::new(phase)))
    }

    pub(crate) fn note(self, note: Note) -> Result<Self, IllegalEvent> {
        self.record(Event::Noted(note))
    }

    pub(crate) fn change(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }

    pub(crate) fn changes(mut self, changes: impl IntoIterator<Item = Change>) -> Self {
        self.changes.extend(changes);
        self
    }

    /// The number's row changes and nothing new identifies it.
    pub(crate) fn update(self, number: Number) -> Self {
        self.change(Change::UpdateNumber { number: Box::new(number), new_guards: Vec::new() })
    }

    pub(crate) fn perform(self, effect: Effect) -> Decided {
        Ok(self.finish(Next::Do(effect)))
    }

    pub(crate) fn wait(self, until: Timestamp) -> Decided {
        Ok(self.finish(Next::Wait { until, watched: false }))
    }

    pub(crate) fn wait_watched(self, until: Timestamp, watched: bool) -> Decided {
        Ok(self.finish(Next::Wait { until, watched }))
    }

    pub(crate) fn end(self) -> Decided {
        Ok(self.finish(Next::End))
    }

    /// The input is not one the phase waits for.
    pub(crate) fn unexpected(&self) -> Decided {
        Err(IllegalEvent::Input { at: self.work.phase.name() })
    }

    fn finish(self, next: Next) -> Decision {
        Decision { events: self.events, work: self.work, changes: self.changes, next }
    }
}
