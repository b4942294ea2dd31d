//! A work under its lease, right before it takes what many want: decided by the product's own
//! core, and written by its own store, one claim after another.

use crate::site::Site;
use domain::ids::{NumberId, VapiAssistantId, WorkId};
use domain::number::Slot;
use domain::outcome::{Missing, Outcome, Refusal};
use domain::source::{Passed, Source};
use domain::work::{
    CarrierReading, Change, Context, Decision, Effect, Input, Limits, LineReading, Next, Obstacle,
    PoolSearch, Work, decide,
};
use std::time::Duration;
use store::table::TableError;
use store::{Closing, Committed, Inbox, Lease, Marks, StoreError, Take};

/// How long a claimer holds its lease: over all rounds.
const LEASE: Duration = Duration::from_secs(3600);
/// So often one claimer may find that another was quicker, until it must have ended.
const ATTEMPTS_MAX: u32 = 200;

/// A holder of a work that looks for a free slot, or for a number of the pool.
#[derive(Debug)]
pub struct Claimer {
    lease: Lease,
    work: Work,
    heard: Inbox,
    marks: Marks,
    begins_at: Option<u64>,
}

/// What is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prize {
    /// A slot of the free allowance.
    Slot(Slot),
    /// A number of the pool.
    Number(NumberId),
}

/// How a claim ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What was taken; `None`: there was none left, and the source is passed over.
    pub prize: Option<Prize>,
    /// How often one was asked for. What gives up because the crowd is too dense counts as well,
    /// and is asked for again, as by a message that comes back.
    pub attempts: u32,
}

impl Claimer {
    /// Takes the lease of a new work, and carries it to where it claims.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn holding(site: &Site, id: WorkId, assistant: VapiAssistantId) -> Self {
        let (marks, now) = (site.deps.marks(), site.deps.now());
        let taken = site.deps.store.take(id, None, now, now.after(LEASE), &marks).await.unwrap();
        let Take::Taken { lease, work, inbox } = taken else { panic!("{id} cannot be held") };
        let (lease, work) = (*lease, *work);
        let mut claimer = Self { lease, work, heard: inbox, marks, begins_at: None };
        for input in [Input::Resumed, Input::AssistantCreated(Outcome::Done(assistant))] {
            claimer.goes_on(site, input).await;
        }
        claimer
    }

    /// Whose claims these are.
    pub const fn id(&self) -> WorkId {
        self.work.id
    }

    /// Begins its searches of the pool at this point, and not at any.
    pub const fn begin_at(&mut self, point: u64) {
        self.begins_at = Some(point);
    }

    /// Takes a slot or a number, whichever is free; looks again when another was quicker; ends when
    /// none is left.
    ///
    /// # Panics
    /// When something else happens than that.
    pub async fn claims(&mut self, site: &Site) -> Claim {
        let mut input = Input::Resumed;
        let mut attempts = 0;
        while attempts < ATTEMPTS_MAX {
            let looks = self.goes_on(site, input).await;
            let found = self.looks(site, looks).await;
            let decision = self.decides(site, found);
            let prize = match &decision.changes[..] {
                [Change::TakeSlot(slot)] => Prize::Slot(*slot),
                [Change::ClaimNumber { now, .. }] => Prize::Number(now.id),
                [] => {
                    let [over] = &decision.work.passed[..] else { panic!("{decision:?}") };
                    let none = [
                        (Source::VapiFree, Passed::AllowanceUsed),
                        (Source::Pool, Passed::PoolEmpty),
                    ];
                    assert!(none.contains(over), "{over:?}");
                    return Claim { prize: None, attempts };
                }
                other => panic!("{other:?}"),
            };
            attempts += 1;
            input = match self.tries_to_write(site, decision).await {
                Ok(Committed::Written) => return Claim { prize: Some(prize), attempts },
                Ok(Committed::Obstacle(quicker @ (Obstacle::SlotTaken | Obstacle::NumberGone))) => {
                    Input::WriteRefused(quicker)
                }
                Err(StoreError::Unavailable(TableError::Conflict)) => Input::Resumed,
                other => panic!("{other:?}"),
            };
        }
        panic!("no end after {ATTEMPTS_MAX} attempts");
    }

    /// Looks at what is free.
    async fn looks(&self, site: &Site, effect: Effect) -> Input {
        match effect {
            Effect::ReadAllowance => {
                Input::AllowanceRead(Outcome::Done(site.deps.store.allowance().await.unwrap()))
            }
            Effect::SearchPool(search) => {
                let from = self.begins_at.unwrap_or(search.from);
                let search = PoolSearch { from, ..search };
                let found = site.deps.store.search_pool(&search).await.unwrap();
                Input::PoolSearched(Outcome::Done(found))
            }
            other => panic!("{other:?}"),
        }
    }

    /// VAPI does not want it: a slot is given back while VAPI is busy, a number that VAPI does not
    /// know is set aside for a person. It is looked for again later.
    ///
    /// # Panics
    /// When it cannot be given back.
    pub async fn gives_back(&mut self, site: &Site, prize: Prize) {
        match prize {
            Prize::Slot(_) => {
                let busy = Input::FreeCreated(Outcome::Transient { retry_after: None });
                let decision = self.decides(site, busy);
                assert!(matches!(decision.changes[..], [Change::FreeSlot(_)]), "{decision:?}");
                assert_eq!(self.writes(site, decision).await, Committed::Written);
            }
            Prize::Number(id) => {
                let unknown = || Refusal::Because(Missing::NotFound);
                self.goes_on(site, Input::Linked(Outcome::Refused(unknown()))).await;
                let vapi = Outcome::Refused(unknown());
                let reading = LineReading { vapi, carrier: CarrierReading::Vapi };
                let decision = self.decides(site, Input::LineRead(reading));
                let [Change::UpdateNumber { number, .. }, Change::History(..)] =
                    &decision.changes[..]
                else {
                    panic!("{decision:?}")
                };
                assert_eq!((number.id, number.work), (id, None));
                assert_eq!(self.writes(site, decision).await, Committed::Written);
            }
        }
    }

    /// Decides, writes if there is anything to write, and tells what is to be done.
    async fn goes_on(&mut self, site: &Site, input: Input) -> Effect {
        let decision = self.decides(site, input);
        assert_eq!(decision.changes.len(), usize::from(self.is_made_at_vapi(&decision)));
        let Next::Do(effect) = decision.next.clone() else { panic!("{decision:?}") };
        if !decision.events.is_empty() {
            assert_eq!(self.writes(site, decision).await, Committed::Written);
        }
        effect
    }

    /// Whether the decision writes down the assistant that VAPI has made.
    fn is_made_at_vapi(&self, decision: &Decision) -> bool {
        self.work.vapi_assistant().is_none() && decision.work.vapi_assistant().is_some()
    }

    fn decides(&self, site: &Site, input: Input) -> Decision {
        let (now, fresh) = (site.deps.now(), site.deps.fresh());
        // Round after round VAPI is busy or forgetful, and nobody loses patience.
        let limits = &Limits { tries: u16::MAX, lag: Duration::ZERO, ..site.steps.limits.clone() };
        let ctx = Context { now, asked_at: now, fresh, took_over: self.lease.took_over, limits };
        decide(&self.work, input, ctx).unwrap()
    }

    /// Writes a decision as the steps do, under the lease that is kept.
    async fn writes(&mut self, site: &Site, decision: Decision) -> Committed {
        self.tries_to_write(site, decision).await.unwrap()
    }

    async fn tries_to_write(
        &mut self,
        site: &Site,
        decision: Decision,
    ) -> Result<Committed, StoreError> {
        let creates = matches!(&decision.next, Next::Do(effect) if effect.creates());
        let closing =
            if creates { Closing::Creates { heard: self.heard } } else { Closing::GoesOn };
        let Decision { work, changes, .. } = decision;
        let (store, now) = (&site.deps.store, site.deps.now());
        let committed =
            store.commit(&self.lease, &work, &changes, closing, now, &self.marks).await?;
        if committed == Committed::Written {
            self.work = work;
        }
        Ok(committed)
    }
}
