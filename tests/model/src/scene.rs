//! One model: who wants what, what there is to be had, and what may go wrong.

use crate::action::{self, Action};
use crate::bounds::{self, Bounds, START};
use crate::kept::Kept;
use crate::names::{Job, Line, deployment};
use crate::rules;
use crate::sky::{AtTelnyx, Sky};
use crate::state::State;
use crate::table::{Rows, Rules};
use crate::witness::Witnesses;
use domain::assistant::Language;
use domain::ids::Fresh;
use domain::number::Slot;
use domain::persona::Persona;
use domain::request::{Request, Wanted};
use domain::setup::Setup;
use domain::source::Source;
use domain::tenant::Business;
use domain::work::{Beginning, Limits, Work};
use stateright::{Model, Property};
use std::sync::Arc;
use std::time::Duration;
use store::table::Value;
use store::{Marks, Start, Started, keys};

/// The invocation that starts the works; those of holders are told apart by work and number.
const STARTING: Fresh = Fresh(u128::MAX);

/// A condition on a state.
pub(crate) type Condition = fn(&Scene, &State) -> bool;

/// A model.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// Provisionings, all alike.
    pub(crate) jobs: u8,
    /// Where they may get a number, in order.
    pub(crate) sources: &'static [Source],
    /// Numbers Telnyx has for sale.
    pub(crate) lines: u8,
    /// Free numbers VAPI allows.
    pub(crate) free_numbers: u16,
    /// Those others have already.
    pub(crate) free_taken: u16,
    /// Purchases there is money for.
    pub(crate) purchases: u8,
    /// Whether the assistants are at VAPI from the beginning.
    pub(crate) assistants: bool,
    /// Whether messages are counted, and the poller makes up for lost ones; otherwise any message
    /// may come at any time.
    pub(crate) mail: bool,
    /// Whether settled orders are told by webhooks.
    pub(crate) webhooks: bool,
    pub(crate) bounds: Bounds,
    /// How long after a call's deadline what it made may remain unseen.
    pub(crate) lag: Duration,
    /// How the table judges.
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
    /// What must be true somewhere.
    pub(crate) sometimes: Vec<(&'static str, Condition)>,
    /// What must happen somewhere, and did.
    pub(crate) witnesses: Arc<Witnesses>,
}

impl Scene {
    fn begin(&self, job: Job) -> Work {
        let beginning = Beginning {
            id: job.id(),
            deployment: deployment(),
            organization: "org-1".parse().unwrap(),
            business: format!("business-{}", job.0).parse().unwrap(),
            assistant: job.assistant(),
            assistant_name: "Front desk".to_owned(),
            language: Language::English,
            persona: Persona::default(),
            setup: Setup::default(),
            vapi_assistant: self.assistants.then(|| job.at_vapi()),
            request: Request { wanted: Wanted::default(), sources: self.sources.to_vec() },
            caps: bounds::caps(self.purchases),
            quarantine_days: 30,
        };
        let mut work = Work::begin(beginning, START);
        work.timeline.clear();
        work
    }

    /// The rows as the API leaves them, and the slots of numbers that are there already.
    fn rows(&self, works: &[Work]) -> Rows {
        let mut rows = Rows::default();
        for slot in 1..=self.free_taken {
            let holder = (keys::HOLDER, Value::Text(format!("another-{slot}")));
            rows.put(&keys::slot(Slot::new(slot)), [holder].into_iter().collect());
        }
        for work in works {
            let business = Business {
                id: work.business.clone(),
                organization: work.organization.clone(),
                name: "Front desk".to_owned(),
                primary: work.assistant,
                created_at: START,
            };
            let start = Start {
                work,
                new_business: Some(&business),
                new_assistant: true,
                replaces: None,
                idempotency: None,
            };
            let marks = Marks::new(STARTING);
            let started = rows.with(Rules::Real, async |store| store.start(&start, &marks).await);
            assert_eq!(started, Ok(Started::Started));
        }
        rows
    }

    fn init(&self) -> State {
        let works: Vec<Work> = (0..self.jobs).map(|job| self.begin(Job(job))).collect();
        let rows = self.rows(&works);
        let free_left = self.free_numbers.saturating_sub(self.free_taken);
        State {
            now: START,
            rows,
            works: works.into_iter().map(|work| Arc::new(Kept::new(work, &self.limits))).collect(),
            holders: Vec::new(),
            mail: if self.mail { vec![1; self.jobs.into()] } else { Vec::new() },
            sky: Sky {
                lines: vec![AtTelnyx::default(); self.lines.into()],
                tells: self.webhooks,
                free_left: u8::try_from(free_left).unwrap(),
                ..Sky::default()
            },
            left: self.bounds,
            broken: None,
        }
    }

    /// The numbers Telnyx has or had for sale.
    pub(crate) fn all_lines(&self) -> impl Iterator<Item = Line> + use<> {
        (0..self.lines).map(Line)
    }
}

impl Model for Scene {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![self.init()]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        // What comes after a broken rule shows nothing more.
        if state.broken.is_none() {
            action::list(self, state, actions);
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        action::next(self, state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let always = rules::ALL.iter().map(|(name, condition)| Property::always(name, *condition));
        let sometimes =
            self.sometimes.iter().map(|(name, condition)| Property::sometimes(name, *condition));
        always.chain(sometimes).collect()
    }
}
