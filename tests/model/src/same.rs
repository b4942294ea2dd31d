//! Whether states that count as one are one: whatever can follow one of them can follow the other.

use crate::models::{self, Size};
use crate::scene::Scene;
use crate::state::State;
use stateright::Model as _;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Two states that count as one, and after which not the same follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// The model.
    pub model: &'static str,
    /// What can happen in the first, and comes to a state that does not follow the second.
    pub only_first: Vec<String>,
    /// The same of the second.
    pub only_second: Vec<String>,
}

/// The actions that can follow a state, and what tells the states they come to from others.
type Following = Vec<(String, u64)>;

/// Goes every way to the first so many states of a model, and looks at what follows there.
pub(crate) fn torn(name: &str, size: Size, states_max: usize) -> Option<Torn> {
    let scene = models::all(size).into_iter().find(|scene| scene.name == name)?;
    let mut known: BTreeMap<u64, Following> = BTreeMap::new();
    let mut next: VecDeque<State> = scene.init_states().into();
    while let Some(state) = next.pop_front() {
        let (follows, states) = following(&scene, &state);
        match known.get(&content(&state)) {
            Some(known) if *known == follows => {}
            Some(known) => {
                return Some(Torn {
                    model: scene.name,
                    only_first: only(known, &follows),
                    only_second: only(&follows, known),
                });
            }
            None if known.len() < states_max => {
                known.insert(content(&state), follows);
                next.extend(states);
            }
            None => {}
        }
    }
    None
}

fn following(scene: &Scene, state: &State) -> (Following, Vec<State>) {
    let mut actions = Vec::new();
    scene.actions(state, &mut actions);
    let next = |action| Some((action, scene.next_state(state, action)?));
    let next = actions.into_iter().filter_map(next);
    next.map(|(action, state)| ((format!("{action:?}"), content(&state)), state)).unzip()
}

fn only(these: &Following, others: &Following) -> Vec<String> {
    let only = these.iter().filter(|one| !others.contains(one));
    only.map(|(action, _state)| action.clone()).collect()
}

fn content(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}
