//! What happens around the works that get and give up numbers: calls, people who want their number
//! back, and the sweeper.
//!
//! The sweeper reads what rests and frees it later, number by number: between the two anything may
//! come. Which numbers it frees, and since when they count as free, follows `rested` of the sweeper.

use super::{State, marks};
use crate::before::Wish;
use crate::kept::KeptNumber;
use crate::names::{Customer, Job, Record};
use crate::scene::Scene;
use crate::state::Broken;
use crate::table::Rules;
use crate::witness::Witness;
use domain::number::{Number, State as At};
use domain::source::Source;
use domain::time::Timestamp;
use std::sync::Arc;
use store::{Freed, Started};

/// Numbers a sweep reads: more than any model has.
const PAGE_NUMBERS: u16 = 10;

/// Something that happens around the works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Somebody calls a number, and an assistant answers.
    Ring(Record),
    /// A customer asks to have its number back.
    Undo(Customer),
    /// A sweep reads which numbers rest.
    Sweep,
    /// It frees the next of those whose rest was over.
    Free,
}

pub(super) fn list(state: &State, actions: &mut Vec<Around>) {
    let left = &state.left;
    for (nth, free) in (0..).zip(&state.sky.free) {
        if left.rings > 0 && free.linked.is_some() && !free.called {
            actions.push(Around::Ring(Record::Free(nth)));
        }
    }
    if left.undos > 0 {
        let resting = state.rows.numbers().filter_map(|row| former(&row.number));
        let over =
            resting.filter(|customer| state.kept(latest(state, *customer)).work.phase.is_over());
        actions.extend(over.map(Around::Undo));
    }
    if left.sweeps > 0 && state.sweeping.is_empty() {
        actions.push(Around::Sweep);
    }
    if !state.sweeping.is_empty() {
        actions.push(Around::Free);
    }
}

pub(super) fn happens(scene: &Scene, state: &mut State, around: Around) -> bool {
    match around {
        Around::Ring(record) => {
            state.left.rings -= 1;
            state.sky.ring(record);
            true
        }
        Around::Undo(customer) => undo(scene, state, customer),
        Around::Sweep => sweep(scene, state),
        Around::Free => free(scene, state),
    }
}

/// Who may have the number back, if it rests.
fn former(number: &Number) -> Option<Customer> {
    let At::Quarantined { former, .. } = &number.state else { return None };
    former.as_ref().map(Customer::of_business)
}

/// The customer's latest work.
fn latest(state: &State, customer: Customer) -> Job {
    let is_its = |job: &Job| Customer::of(&state.kept(*job).work) == customer;
    state.jobs().filter(is_its).last().expect("whoever had a number asked for one")
}

/// The route reads that the number rests, and starts a work in the place of the customer's latest.
fn undo(scene: &Scene, state: &mut State, customer: Customer) -> bool {
    state.left.undos -= 1;
    let resting = |row: &&Arc<KeptNumber>| former(&row.number) == Some(customer);
    let reclaim = state.rows.numbers().find(resting).map(|row| row.number.id);
    let wish = Wish { customer, sources: &[Source::Pool], reclaim };
    let replaces = latest(state, customer).id();
    match scene.start(state, wish, Some(replaces)) {
        Ok(Started::Started) => true,
        Ok(Started::Overtaken) => false,
        Err(error) => {
            state.broke(Broken::Corrupt(error.to_string()));
            true
        }
    }
}

/// A sweep that finds nothing did not happen.
fn sweep(scene: &Scene, state: &mut State) -> bool {
    state.left.sweeps -= 1;
    let read = state
        .rows
        .with(scene.rules, async |store| store.numbers_in("quarantined", PAGE_NUMBERS, None).await);
    match read {
        Ok((numbers, _next)) => {
            let (rules, now) = (scene.rules, state.now);
            let over = numbers.into_iter().filter(|number| is_over(rules, number, now));
            state.sweeping = over.map(|number| Arc::new(KeptNumber::new(number))).collect();
            !state.sweeping.is_empty()
        }
        Err(error) => {
            state.broke(Broken::Corrupt(error.to_string()));
            true
        }
    }
}

/// Whether a number may be handed out.
fn is_over(rules: Rules, number: &Number, now: Timestamp) -> bool {
    let At::Quarantined { until, .. } = number.state else { return false };
    (until <= now || rules == Rules::SweptEarly) && number.vapi.is_some()
}

fn free(scene: &Scene, state: &mut State) -> bool {
    let seen = state.sweeping.remove(0);
    let since = seen.number.state.free_since().expect("a sweep frees what rests");
    // Marks that no other sweep has.
    let marks = marks(since, 4 + u128::from(state.left.sweeps));
    let freed =
        state.rows.with(scene.rules, async |store| store.free(&seen.number, since, &marks).await);
    match freed {
        Ok(Freed::Freed) => scene.witnesses.saw(Witness::Freed),
        Ok(Freed::Changed) => scene.witnesses.saw(Witness::FreedInVain),
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}
