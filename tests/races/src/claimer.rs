//! A work under its lease, right before it takes a slot: decided by the product's own core, and
//! written by its own store, one claim after another.

use crate::site::Site;
use domain::ids::{VapiAssistantId, WorkId};
use domain::number::Slot;
use domain::outcome::Outcome;
use domain::source::{Passed, Source};
use domain::work::{
    Change, Context, Decision, Effect, Input, Limits, Next, Obstacle, Work, decide,
};
use std::time::Duration;
use store::{Closing, Committed, Inbox, Lease, Marks, Take};

/// How long a claimer holds its lease: over all rounds.
const LEASE: Duration = Duration::from_secs(3600);
/// So often one claimer may find that another was quicker, until it must have ended.
const ATTEMPTS_MAX: u32 = 200;

/// A holder of a work that looks for a free slot.
#[derive(Debug)]
pub struct Claimer {
    lease: Lease,
    work: Work,
    heard: Inbox,
    marks: Marks,
}

/// How a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The slot that was taken; `None`: there was none left, and the source is passed over.
    pub slot: Option<Slot>,
    /// How often a slot was asked for.
    pub attempts: u32,
}

impl Claimer {
    /// Takes the lease of a new work, and carries it to where it needs a slot.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn holding(site: &Site, id: WorkId, assistant: VapiAssistantId) -> Self {
        let (marks, now) = (site.deps.marks(), site.deps.now());
        let taken = site.deps.store.take(id, None, now, now.after(LEASE), &marks).await.unwrap();
        let Take::Taken { lease, work, inbox } = taken else { panic!("{id} cannot be held") };
        let mut claimer = Self { lease: *lease, work: *work, heard: inbox, marks };
        for input in [Input::Resumed, Input::AssistantCreated(Outcome::Done(assistant))] {
            let decision = claimer.decides(site, input);
            assert_eq!(claimer.writes(site, decision).await, Committed::Written);
        }
        claimer
    }

    /// Whose claims these are.
    pub const fn id(&self) -> WorkId {
        self.work.id
    }

    /// Takes a slot, whichever is free; reads again when another was quicker; ends when none is
    /// left.
    ///
    /// # Panics
    /// When something else happens than that.
    pub async fn claims(&mut self, site: &Site) -> Claim {
        let mut input = Input::Resumed;
        let mut attempts = 0;
        while attempts < ATTEMPTS_MAX {
            let decision = self.decides(site, input);
            assert_eq!(
                (&decision.next, decision.changes.len()),
                (&Next::Do(Effect::ReadAllowance), 0)
            );
            let allowance = site.deps.store.allowance().await.unwrap();
            let decision = self.decides(site, Input::AllowanceRead(Outcome::Done(allowance)));
            let [Change::TakeSlot(slot)] = decision.changes[..] else {
                assert_eq!(decision.work.passed, [(Source::VapiFree, Passed::AllowanceUsed)]);
                return Claim { slot: None, attempts };
            };
            attempts += 1;
            match self.writes(site, decision).await {
                Committed::Written => return Claim { slot: Some(slot), attempts },
                Committed::Obstacle(Obstacle::SlotTaken) => {
                    input = Input::WriteRefused(Obstacle::SlotTaken);
                }
                other => panic!("{other:?}"),
            }
        }
        panic!("no end after {ATTEMPTS_MAX} attempts");
    }

    /// VAPI is busy: the slot is given back, and looked for again later.
    ///
    /// # Panics
    /// When it cannot be given back.
    pub async fn gives_back(&mut self, site: &Site) {
        let busy = Input::FreeCreated(Outcome::Transient { retry_after: None });
        let decision = self.decides(site, busy);
        assert!(matches!(decision.changes[..], [Change::FreeSlot(_)]), "{decision:?}");
        assert_eq!(self.writes(site, decision).await, Committed::Written);
    }

    fn decides(&self, site: &Site, input: Input) -> Decision {
        let (now, fresh) = (site.deps.now(), site.deps.fresh());
        // Round after round VAPI is busy, and nobody loses patience.
        let limits = &Limits { tries: u16::MAX, ..site.steps.limits.clone() };
        let ctx = Context { now, asked_at: now, fresh, took_over: self.lease.took_over, limits };
        decide(&self.work, input, ctx).unwrap()
    }

    /// Writes a decision as the steps do, under the lease that is kept.
    async fn writes(&mut self, site: &Site, decision: Decision) -> Committed {
        let creates = matches!(&decision.next, Next::Do(effect) if effect.creates());
        let closing =
            if creates { Closing::Creates { heard: self.heard } } else { Closing::GoesOn };
        let Decision { work, changes, .. } = decision;
        let (store, now) = (&site.deps.store, site.deps.now());
        let committed =
            store.commit(&self.lease, &work, &changes, closing, now, &self.marks).await.unwrap();
        if committed == Committed::Written {
            self.work = work;
        }
        committed
    }
}
