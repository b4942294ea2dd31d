//! What happened before a model begins, and how works start.
//!
//! A number that somebody has, or that nobody uses, comes into being as in production: a work gets
//! it, gives it up, and a sweep frees it, with nothing going wrong.

use crate::action::{self, Action, Around};
use crate::bounds::{self, Bounds, START};
use crate::kept::Kept;
use crate::names::{Customer, Job, Tag, deployment};
use crate::scene::Scene;
use crate::sky::{AtTelnyx, How, Sky};
use crate::state::{Doing, State};
use crate::table::{Rows, Rules};
use domain::assistant::{Assistant, Language};
use domain::ids::{Attempt, NumberId, WorkId};
use domain::number::Slot;
use domain::persona::Persona;
use domain::request::{Request, Wanted};
use domain::setup::Setup;
use domain::source::Source;
use domain::tenant::Business;
use domain::work::{Ask, Beginning, Kind, Phase, Recipient, Work};
use std::sync::Arc;
use store::table::Value;
use store::{Marks, Start, Started, keys};

/// Moves of one who carries a work with nothing going wrong: more than the longest way takes.
const MOVES_MAX: u32 = 100;

/// What happened before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Nothing.
    Nothing,
    /// The first customer has a free number of VAPI's.
    Assigned,
    /// The first customer had one and gave it up, and nobody has it.
    InPool,
    /// The first customer called off what was to bring one, and much later than anything is allowed
    /// for VAPI shows the number after all. Nothing else that is wrong went before.
    Stray,
}

/// What a work is to bring, beside what all want.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    pub(crate) customer: Customer,
    pub(crate) sources: &'a [Source],
    /// The number to be had back.
    pub(crate) reclaim: Option<NumberId>,
}

impl Scene {
    /// The state a model begins with.
    pub(crate) fn init(&self) -> State {
        let mut state = self.empty();
        let alone = Self {
            bounds: Bounds { releases: 1, cancels: 1, sweeps: 1, ..Bounds::NONE },
            witnesses: Arc::default(),
            ..self.clone()
        };
        alone.before(&mut state);
        for job in state.works.len()..self.jobs.into() {
            let customer = Customer(u8::try_from(job).unwrap());
            let wish = Wish { customer, sources: self.sources, reclaim: None };
            let started = self.start(&mut state, wish, None);
            assert_eq!(started, Ok(Started::Started));
        }
        state.mail = if self.mail { vec![1; self.jobs.into()] } else { Vec::new() };
        state.left = self.bounds;
        state
    }

    /// No works, and the slots of numbers that others have already.
    fn empty(&self) -> State {
        let mut rows = Rows::default();
        for slot in 1..=self.free_taken {
            let holder = (keys::HOLDER, Value::Text(format!("another-{slot}")));
            rows.put(&keys::slot(Slot::new(slot)), [holder].into_iter().collect());
        }
        let free_left = self.free_numbers.saturating_sub(self.free_taken);
        State {
            now: START,
            rows,
            rows_are_read: self.reads_rows(),
            works: Vec::new(),
            holders: Vec::new(),
            mail: Vec::new(),
            sky: Sky {
                lines: vec![AtTelnyx::default(); self.lines.into()],
                tells: self.webhooks,
                free_left: u8::try_from(free_left).unwrap(),
                ..Sky::default()
            },
            sweeping: Vec::new(),
            comparing: Vec::new(),
            rests: Vec::new(),
            left: self.bounds,
            comers: 0,
            broken: None,
        }
    }

    fn before(&self, state: &mut State) {
        let first = Job(0);
        match self.before {
            Before::Nothing => return,
            Before::Stray => return self.stray(state, first),
            Before::Assigned | Before::InPool => {}
        }
        state.left = self.bounds;
        let sources = &[Source::VapiFree];
        let wish = Wish { customer: first.customer(), sources, reclaim: None };
        assert_eq!(self.start(state, wish, None), Ok(Started::Started));
        self.carry(state, first);
        assert!(state.kept(first).work.phase.is_ready());
        if self.before == Before::InPool {
            let number = state.kept(first).work.phase.number().map(|number| number.id);
            self.does(state, Action::Ask(first, Ask::Release { number, quarantine_days: 0 }));
            self.carry(state, first);
            self.does(state, Action::Around(Around::Sweep));
            self.does(state, Action::Around(Around::Free));
        }
        assert_eq!(state.broken, None);
    }

    /// What its first attempt sent has come to light after it was called off.
    fn stray(&self, state: &mut State, first: Job) {
        state.left = self.bounds;
        let wish = Wish { customer: first.customer(), sources: self.sources, reclaim: None };
        assert_eq!(self.start(state, wish, None), Ok(Started::Started));
        self.does(state, Action::Ask(first, Ask::Cancel));
        self.carry(state, first);
        assert!(matches!(state.kept(first).work.phase, Phase::Cancelled));
        state.sky.comes_to_light(Tag { job: first, attempt: Attempt::FIRST.get() }, state.now);
    }

    /// A work is carried until nothing more happens by itself, and every call is answered.
    fn carry(&self, state: &mut State, job: Job) {
        for _move in 0..MOVES_MAX {
            let action = match state.holders.first().map(|holder| holder.doing) {
                Some(Doing::Decides) => Action::Decide(0, 0),
                Some(Doing::Calls(..)) => Action::Answer(0, How::Plainly),
                None => match state.row(job).due_at() {
                    Some(due) if due > state.now => Action::Wait,
                    Some(_) => Action::Deliver(job),
                    None => return,
                },
            };
            self.does(state, action);
        }
        panic!("{:?} is not carried to a stop", state.kept(job).work.phase.name());
    }

    fn does(&self, state: &mut State, action: Action) {
        *state = action::next(self, state, action).expect("it happens");
    }

    /// Starts a work as the API does, in the place of another if it is not the customer's first.
    pub(crate) fn start(
        &self,
        state: &mut State,
        wish: Wish<'_>,
        replaces: Option<WorkId>,
    ) -> Result<Started, store::StoreError> {
        let job = Job(u8::try_from(state.works.len()).unwrap());
        let customer = wish.customer;
        let work = self.begin(job, wish, state);
        let business = Business {
            id: customer.business(),
            organization: work.organization.clone(),
            name: "Front desk".to_owned(),
            primary: Some(customer.assistant()),
            created_at: START,
            others: Vec::new(),
            contacts: Vec::new(),
        };
        let existing =
            replaces.and_then(|before| Some(assistant(&work, work.recipient()?, before)));
        let start = Start {
            work: &work,
            new_business: replaces.is_none().then_some(&business),
            new_organization: false,
            changed_business: None,
            new_user: None,
            existing: existing.as_ref(),
            idempotency: None,
        };
        let marks = Marks::new(bounds::STARTING);
        let started =
            state.rows.with(Rules::Real, async |store| store.start(&start, &marks).await)?;
        if started == Started::Started {
            state.works.push(Arc::new(Kept::new(work, &self.limits)));
        }
        Ok(started)
    }

    fn begin(&self, job: Job, wish: Wish<'_>, state: &State) -> Work {
        let Wish { customer, sources, reclaim } = wish;
        let recipient = Recipient {
            business: customer.business(),
            assistant: customer.assistant(),
            assistant_name: "Front desk".to_owned(),
            language: Language::English,
            persona: Persona::default(),
            setup: Setup::default(),
            vapi_assistant: self.assistants.then(|| customer.at_vapi()),
            update: None,
            removal_asked: false,
        };
        let beginning = Beginning {
            id: job.id(),
            kind: Kind::Answer(Box::new(recipient)),
            deployment: deployment(),
            organization: "org-1".parse().unwrap(),
            request: Request { wanted: Wanted::default(), sources: sources.to_vec(), reclaim },
            caps: bounds::caps(self.purchases),
            quarantine_days: self.rest_days,
        };
        let mut work = Work::begin(beginning, state.now);
        work.timeline.clear();
        work
    }
}

/// The customer's assistant as its row says it, before this work takes the place of that one.
fn assistant(work: &Work, recipient: &Recipient, before: WorkId) -> Assistant {
    Assistant {
        id: recipient.assistant,
        organization: work.organization.clone(),
        business: recipient.business.clone(),
        name: recipient.assistant_name.clone(),
        language: recipient.language,
        industry: Some(recipient.setup.industry),
        persona: Some(recipient.persona.clone()),
        version: 0,
        applied: 0,
        removal_asked: false,
        vapi: recipient.vapi_assistant.clone(),
        number: None,
        work: before,
        created_at: work.created_at,
    }
}
