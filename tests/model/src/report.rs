//! Running the models, and what is told of it.

use crate::bounds::Bounds;
use crate::models::{self, Size};
use crate::say;
use crate::scene::Scene;
use serde::Serialize;
use stateright::{Checker, Expectation, HasDiscoveries, Model as _};
use std::time::{Duration, Instant};

/// What to check, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Only models whose name contains this.
    pub only: Option<String>,
    /// Threads that check; 0 is one.
    pub threads: usize,
    /// Smaller bounds, for tests that must end in seconds.
    pub small: bool,
    /// How the tables of the models judge: a wrong rule shows that the checker can catch one.
    pub rules: crate::Rules,
    /// How long after a call's deadline what it made may remain unseen, and a late link or unlink
    /// take effect, in place of a time just within what is allowed for.
    pub lag: Option<Duration>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Model by model.
    pub models: Vec<ModelReport>,
    /// States of all models, each counted once.
    pub unique_states: usize,
    /// States that were come to, as often as they were.
    pub total_states: usize,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What came of one model.
#[derive(Debug, Clone, Serialize)]
pub struct ModelReport {
    /// Its name.
    pub name: &'static str,
    /// What was bounded.
    pub bounds: Bounds,
    /// States, each counted once.
    pub unique_states: usize,
    /// States that were come to, as often as they were.
    pub total_states: usize,
    /// The longest way that was gone, in actions.
    pub depth: usize,
    /// Whether every state within the bounds was looked at.
    pub whole: bool,
    /// Rule by rule, and what must be true somewhere.
    pub properties: Vec<PropertyReport>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

/// What came of one property.
#[derive(Debug, Clone, Serialize)]
pub struct PropertyReport {
    /// Its name.
    pub name: &'static str,
    /// How it stands.
    pub found: Found,
    /// How it came to a violation: an action a line, with the time and where the works then stood.
    pub path: Vec<String>,
}

/// How a property stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// It is true everywhere.
    Holds,
    /// There is a state in which it is not.
    Violated,
    /// There is a state in which it is true, as there must be.
    Witnessed,
    /// There is none, and there must be.
    NotWitnessed,
}

impl Found {
    /// Whether that is as it must be.
    #[must_use]
    pub const fn is_good(self) -> bool {
        match self {
            Self::Holds | Self::Witnessed => true,
            Self::Violated | Self::NotWitnessed => false,
        }
    }
}

impl Report {
    /// Whether every rule holds and everything was witnessed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        !self.models.is_empty() && self.bad().next().is_none()
    }

    /// What is not as it must be, with its model.
    pub fn bad(&self) -> impl Iterator<Item = (&ModelReport, &PropertyReport)> {
        self.models.iter().flat_map(|model| {
            let bad = model.properties.iter().filter(|property| !property.found.is_good());
            bad.map(move |property| (model, property))
        })
    }
}

/// The names of the models, the quickest first.
pub(crate) fn names() -> Vec<&'static str> {
    models::all(Size::Whole).into_iter().map(|scene| scene.name).collect()
}

pub(crate) fn run(options: &Options) -> Report {
    let begun = Instant::now();
    let size = if options.small { Size::Small } else { Size::Whole };
    let wanted = |scene: &Scene| options.only.as_ref().is_none_or(|only| scene.name.contains(only));
    let models: Vec<ModelReport> = models::all(size)
        .into_iter()
        .filter(wanted)
        .map(|scene| {
            let lag = options.lag.unwrap_or(scene.lag);
            check(Scene { rules: options.rules, lag, ..scene }, options.threads.max(1))
        })
        .collect();
    Report {
        unique_states: models.iter().map(|model| model.unique_states).sum(),
        total_states: models.iter().map(|model| model.total_states).sum(),
        models,
        seconds: begun.elapsed().as_secs_f64(),
    }
}

/// Looks at the whole space of a model, or at as much of it as shows the first violation: at depth
/// first, where what is looked at next is still at hand, and if something is wrong at breadth, which
/// shows the shortest way there.
fn check(scene: Scene, threads: usize) -> ModelReport {
    let begun = Instant::now();
    let search =
        || scene.clone().checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    let checked = told(&scene, &search().spawn_dfs().join());
    let shortest = (!checked.whole).then(|| told(&scene, &search().spawn_bfs().join()));
    let checked = shortest.filter(|shortest| !shortest.whole).unwrap_or(checked);
    ModelReport { seconds: begun.elapsed().as_secs_f64(), ..checked }
}

/// What a search came to.
fn told(scene: &Scene, checker: &impl Checker<Scene>) -> ModelReport {
    let mut properties: Vec<PropertyReport> = Vec::new();
    for property in checker.model().properties() {
        let path = checker.discovery(property.name);
        let found = match (property.expectation, &path) {
            (Expectation::Always | Expectation::Eventually, None) => Found::Holds,
            (Expectation::Always | Expectation::Eventually, Some(_)) => Found::Violated,
            (Expectation::Sometimes, Some(_)) => Found::Witnessed,
            (Expectation::Sometimes, None) => Found::NotWitnessed,
        };
        let path = path.filter(|_| found == Found::Violated).map(say::path).unwrap_or_default();
        properties.push(PropertyReport { name: property.name, found, path });
    }
    let whole = properties.iter().all(|property| property.found != Found::Violated);
    properties.extend(scene.witnesses.told().map(|(name, seen)| {
        let found = if seen { Found::Witnessed } else { Found::NotWitnessed };
        PropertyReport { name, found, path: Vec::new() }
    }));
    // A search that a violation ended has not looked for all it wanted to see.
    properties.retain(|property| whole || property.found != Found::NotWitnessed);
    ModelReport {
        name: scene.name,
        bounds: scene.bounds,
        unique_states: checker.unique_state_count(),
        total_states: checker.state_count(),
        depth: checker.max_depth(),
        whole,
        properties,
        seconds: 0.0,
    }
}
