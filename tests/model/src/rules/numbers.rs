//! What holds of numbers that go from one to another: the pool, rests, and who writes about them.

use super::{is_at_rest, is_meddled_with, is_true};
use crate::names::{Customer, Job, Record};
use crate::scene::Scene;
use crate::state::State;
use crate::table::text;
use domain::ids::WorkId;
use domain::number::{Guard, Number, State as At};
use domain::work::{Degraded, Phase, Releasing};
use std::collections::BTreeSet;
use store::keys;
use store::table::Key;

/// Invariant 10. How long it must rest was noted when it was given up: as long as its row then said,
/// and no less than is due to a number that somebody called.
pub(super) fn rest_is_kept(_scene: &Scene, state: &State) -> bool {
    state.rests.iter().all(|rest| {
        let mut works = state.works.iter().map(|kept| &kept.work);
        let has = |number: Option<&Number>| number.is_some_and(|number| number.id == rest.number);
        works.all(|work| {
            let customer = Customer::served_by(work);
            !has(work.phase.number()) || customer.is_none() || customer == rest.former
        })
    })
}

/// Whoever calls a number that rests, at any moment, reaches nobody but the business that had it.
pub(super) fn callers_reach_no_other(_scene: &Scene, state: &State) -> bool {
    state.rests.iter().all(|rest| {
        let row = state.rows.number(rest.number).map(|row| &row.number);
        let answering = row.into_iter().flat_map(|number| answering(state, number));
        answering.into_iter().all(|customer| Some(customer) == rest.former)
    })
}

/// Who takes a call of a number: whom VAPI has linked, and whom our table names, which it asks where
/// nobody is. Whom somebody outside linked does not count, nor who is about to be taken off.
fn answering(state: &State, number: &Number) -> impl Iterator<Item = Customer> + use<> {
    let record = number.vapi.as_ref().map(Record::of);
    let is_ours = |record: &Record| {
        let is_taken_off = number.work.is_some_and(|id| takes_off(state, id));
        !is_taken_off && !state.sky.is_meddled_with(*record)
    };
    let linked = record.filter(is_ours);
    let linked = linked.and_then(|record| state.sky.seen(record, state.now).linked);
    let guard = number.vapi.clone().map(|id| keys::guard(&Guard::Vapi(id)));
    let guard = guard.and_then(|key| state.rows.get(&key));
    let named = guard.and_then(|guard| text(guard, keys::ANSWERS)?.parse().ok());
    linked.into_iter().chain(named.map(|id| Customer::of_vapi(&id)))
}

/// Invariant 1: whoever has a number and may write to providers about it is the one its row names,
/// in the document and where conditions look; the row of one that answers or is nobody's names none.
pub(super) fn one_writer_of_number(_scene: &Scene, state: &State) -> bool {
    let named = state.works.iter().all(|kept| {
        let phase = match &kept.work.phase {
            Phase::NeedsPerson(stuck) => stuck.at.as_ref(),
            phase => phase,
        };
        let Some(number) = phase.number() else { return true };
        let row = state.rows.number(number.id).map(|row| &row.number);
        let named = row.map(|row| row.work);
        // One that is to be put right or released is taken over first.
        let is_to_be_taken = matches!(phase, Phase::ReadyDegraded(Degraded { line, .. })
            | Phase::Releasing(Releasing { line, .. }) if line.number.work.is_none());
        let by_nobody = is_to_be_taken || matches!(phase, Phase::Ready { .. });
        named == Some((!by_nobody).then_some(kept.work.id))
    });
    named
        && state.rows.numbers_with_works().all(|(row, asked)| {
            let number = &row.number;
            asked.and_then(|id| id.parse().ok()) == number.work
                && (!is_nobodys(number) || number.work.is_none_or(|id| takes_off(state, id)))
        })
}

/// Whether the work is one for nobody, which takes off who is linked to what nobody has.
fn takes_off(state: &State, id: WorkId) -> bool {
    let work = state.works.iter().map(|kept| &kept.work).find(|work| work.id == id);
    work.is_some_and(|work| work.recipient().is_none() && work.phase.is_being_released())
}

const fn is_nobodys(number: &Number) -> bool {
    matches!(number.state, At::Available { .. } | At::Quarantined { .. })
}

/// Invariant 7: whoever is called on a number that is nobody's is answered by nobody, and nothing is
/// on its way that could change that; unless somebody outside did, or a work is at it.
pub(super) fn nobody_answers(_scene: &Scene, state: &State) -> bool {
    let numbers = state.rows.numbers().map(|row| &row.number);
    let numbers = numbers.filter(|number| is_nobodys(number) && number.work.is_none());
    let mut records = numbers.filter_map(|number| number.vapi.as_ref()).map(Record::of);
    records.all(|record| {
        let unlinked = state.sky.seen(record, state.now).linked.is_none();
        let unlinked = unlinked || state.sky.is_meddled_with(record);
        unlinked && state.sky.late.iter().all(|late| late.call.relinks() != Some(record))
    })
}

/// The pool lists the numbers that are available, each at all its places, and no others.
pub(super) fn pool_is_true(_scene: &Scene, state: &State) -> bool {
    let available = state.rows.numbers().map(|row| &row.number);
    let available = available.filter(|number| matches!(number.state, At::Available { .. }));
    let places: BTreeSet<Key> = available.flat_map(keys::pooled).collect();
    let listed = state.rows.iter().filter(|(key, _item)| key.pk.starts_with("POOL#"));
    let listed: Vec<_> = listed.collect();
    listed.len() == places.len()
        && listed.into_iter().all(|(key, item)| {
            let holder = text(item, keys::HOLDER).and_then(|id| id.parse().ok());
            places.contains(key) && holder == keys::parse_pooled(&key.sk)
        })
}

/// What was ready when it was written is so when everything that was on its way has landed, unless
/// somebody outside changes it.
pub(super) fn ready_stays(scene: &Scene, state: &State) -> bool {
    let ready = |phase: &Phase| matches!(phase, Phase::Ready { .. });
    let mut works = state.works.iter().map(|kept| &kept.work);
    !is_at_rest(state)
        || works.all(|work| {
            let is_ready = ready(&work.phase) && !is_meddled_with(scene, state, work);
            !is_ready || is_true(state, work)
        })
}

/// Free numbers that came to light after everything that is allowed for, and are in no row.
pub(super) fn strays(state: &State) -> impl Iterator<Item = Record> {
    let strays = (0..).zip(&state.sky.free).filter(|(_nth, free)| free.stray);
    let records = strays.map(|(nth, _free)| Record::Free(nth));
    records.filter(|record| maker(state, *record).is_none())
}

/// The work that made the row of a record of VAPI, if it has one.
fn maker(state: &State, record: Record) -> Option<Job> {
    let guard = state.rows.get(&keys::guard(&Guard::Vapi(record.id())))?;
    let id = text(guard, keys::HOLDER)?.parse().ok()?;
    Job::of_number(id).map(|(job, _nth)| job)
}

/// Only what came to light after everything that is allowed for is taken in by anybody but the work
/// whose stamp it bears.
pub(super) fn taken_in_by_its_work(_scene: &Scene, state: &State) -> bool {
    (0..).zip(&state.sky.free).all(|(nth, free)| {
        let maker = maker(state, Record::Free(nth));
        free.stray || maker.is_none_or(|maker| maker == free.made.tag.job)
    })
}
