//! What happens around the works that get and give up numbers: calls, people who want their number
//! back, the sweeper, and what somebody outside does.
//!
//! The sweeper reads what rests and frees it later, number by number: between the two anything may
//! come.

use super::{State, compare, marks};
use crate::before::Wish;
use crate::bounds::DAY;
use crate::kept::KeptNumber;
use crate::names::{Customer, Job, Record};
use crate::scene::Scene;
use crate::state::Broken;
use crate::table::Rules;
use crate::witness::Witness;
use domain::number::{Number, State as At};
use domain::source::Source;
use std::sync::Arc;
use store::{CallNews, EventId, Freed, Heard, Started};

/// Numbers a sweep reads: more than any model has.
const PAGE_NUMBERS: u16 = 10;

/// Something that happens around the works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// Somebody calls a number, and an assistant answers.
    Ring(Record),
    /// The webhook that tells of the call comes, however late; or never does.
    Tell(Record),
    /// A customer asks to have its number back.
    Undo(Customer),
    /// A sweep reads which numbers rest.
    Sweep,
    /// It frees the next of those whose rest was over.
    Free,
    /// Somebody outside changes who answers a free number.
    Meddle(Record),
    /// A comparison reads VAPI's list.
    Compare,
    /// It goes on with something it found, by its place.
    Mend(u8),
    /// Another run of it, beside the first, has the same to go on with.
    MendTwice(u8),
}

pub(super) fn list(state: &State, actions: &mut Vec<Around>) {
    let left = &state.left;
    for (nth, free) in (0..).zip(&state.sky.free) {
        if left.rings > 0 && free.linked.is_some() && !free.called {
            actions.push(Around::Ring(Record::Free(nth)));
        }
        if free.called {
            actions.push(Around::Tell(Record::Free(nth)));
        }
    }
    if left.undos > 0 {
        let resting = state.rows.numbers().filter_map(|row| former(&row.number));
        let over =
            resting.filter(|customer| state.kept(latest(state, *customer)).work.phase.is_over());
        actions.extend(over.map(Around::Undo));
    }
    for (nth, _free) in (0..).zip(&state.sky.free).filter(|_free| left.meddlings > 0) {
        actions.push(Around::Meddle(Record::Free(nth)));
    }
    if left.comparisons > 0 && state.comparing.is_empty() {
        actions.push(Around::Compare);
    }
    for (place, finding) in (0..).zip(&state.comparing) {
        actions.push(Around::Mend(place));
        if left.duplicates > 0 && finding.is_suspected() {
            actions.push(Around::MendTwice(place));
        }
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
        Around::Tell(record) => tell(scene, state, record),
        Around::Undo(customer) => undo(scene, state, customer),
        Around::Sweep => sweep(scene, state),
        Around::Free => free(scene, state),
        Around::Meddle(record) => {
            state.left.meddlings -= 1;
            state.sky.meddle(record);
            true
        }
        Around::Compare => compare::list(scene, state),
        Around::Mend(place) => compare::goes_on(scene, state, place.into()),
        Around::MendTwice(place) => {
            state.left.duplicates -= 1;
            let again = state.comparing[usize::from(place)].clone();
            state.comparing.insert(place.into(), again);
            true
        }
    }
}

/// A webhook that was heard before did not come.
fn tell(scene: &Scene, state: &mut State, record: Record) -> bool {
    let id = record.id();
    let event = EventId { provider: "vapi", id: id.as_str() };
    let (now, marks) = (state.now, marks(state));
    let heard = state.rows.with(scene.rules, async |store| {
        let Some(known) = store.answering(&id).await? else { return Ok(Heard::Nothing) };
        store.call_once(event, known.number, CallNews::Seen, now, &marks).await
    });
    match heard {
        Ok(Heard::New) => scene.witnesses.saw(Witness::CallNoted),
        Ok(Heard::Nothing) => return false,
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}

/// Who may have the number back, if it rests.
fn former(number: &Number) -> Option<Customer> {
    let At::Quarantined { former, .. } = &number.state else { return None };
    former.as_ref().map(Customer::of_business)
}

/// The customer's latest work.
fn latest(state: &State, customer: Customer) -> Job {
    let is_its = |job: &Job| Customer::served_by(&state.kept(*job).work) == Some(customer);
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
            let by = if rules == Rules::SweptEarly { now.after(DAY * 365) } else { now };
            let over = numbers.into_iter().filter(|number| number.rested_since(by).is_some());
            state.sweeping = over.map(|number| Arc::new(KeptNumber::new(number))).collect();
            !state.sweeping.is_empty()
        }
        Err(error) => {
            state.broke(Broken::Corrupt(error.to_string()));
            true
        }
    }
}

fn free(scene: &Scene, state: &mut State) -> bool {
    let seen = state.sweeping.remove(0);
    let since = seen.number.state.free_since().expect("a sweep frees what rests");
    let marks = marks(state);
    let freed =
        state.rows.with(scene.rules, async |store| store.free(&seen.number, since, &marks).await);
    match freed {
        Ok(Freed::Freed) => scene.witnesses.saw(Witness::Freed),
        Ok(Freed::Changed) => scene.witnesses.saw(Witness::FreedInVain),
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}
