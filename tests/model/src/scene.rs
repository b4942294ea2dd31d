//! One model: who wants what, what there is to be had, and what may go wrong.

use crate::action::{self, Action};
use crate::before::Before;
use crate::bounds::Bounds;
use crate::names::Line;
use crate::rules;
use crate::state::State;
use crate::table::Rules;
use crate::witness::Witnesses;
use domain::source::Source;
use domain::work::Limits;
use stateright::{Model, Property};
use std::sync::Arc;
use std::time::Duration;

/// A condition on a state.
pub(crate) type Condition = fn(&Scene, &State) -> bool;

/// A model.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) name: &'static str,
    /// What happened before.
    pub(crate) before: Before,
    /// Provisionings it begins with: those of before, and others that are all alike.
    pub(crate) jobs: u8,
    /// Where the others may get a number, in order.
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
    /// How long a lease lasts.
    pub(crate) lease: Duration,
    /// How many days a number rests.
    pub(crate) rest_days: u16,
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
    /// Whether anybody reads the rows of numbers, to decide by what they say.
    pub(crate) fn reads_rows(&self) -> bool {
        self.before != Before::Nothing || self.sources.contains(&Source::Pool)
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
