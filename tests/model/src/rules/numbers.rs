//! What holds of numbers that go from one to another: the pool, rests, and who writes about them.

use super::{is_at_rest, is_true};
use crate::names::{Customer, Record};
use crate::scene::Scene;
use crate::state::State;
use crate::table::text;
use domain::number::{Number, State as At};
use domain::work::Phase;
use std::collections::BTreeSet;
use store::keys;
use store::table::Key;

/// Invariant 10. How long it must rest was noted when it was given up: as long as its row then said,
/// and no less than is due to a number that somebody called.
pub(super) fn rest_is_kept(_scene: &Scene, state: &State) -> bool {
    state.rests.iter().all(|rest| {
        let mut works = state.works.iter().map(|kept| &kept.work);
        let has = |number: Option<&Number>| number.is_some_and(|number| number.id == rest.number);
        works.all(|work| !has(work.phase.number()) || Customer::of(work) == rest.former)
    })
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
        let by_nobody = matches!(phase, Phase::Ready { .. } | Phase::Releasing(_));
        named == Some((!by_nobody).then_some(kept.work.id))
    });
    named
        && state.rows.numbers().map(|row| &row.number).all(|number| {
            let row = state.rows.get(&keys::number(number.id));
            let asked = row.and_then(|row| text(row, keys::WORK));
            asked.and_then(|id| id.parse().ok()) == number.work
                && (number.work.is_none() || !is_nobodys(number))
        })
}

const fn is_nobodys(number: &Number) -> bool {
    matches!(number.state, At::Available { .. } | At::Quarantined { .. })
}

/// Invariant 7: whoever is called on a number that is nobody's is answered by nobody, and nothing is
/// on its way that could change that.
pub(super) fn nobody_answers(_scene: &Scene, state: &State) -> bool {
    let numbers = state.rows.numbers().map(|row| &row.number).filter(|number| is_nobodys(number));
    let mut records = numbers.filter_map(|number| number.vapi.as_ref()).map(Record::of);
    records.all(|record| {
        let unlinked = state.sky.seen(record, state.now).linked.is_none();
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
    scene.bounds.meddlings > 0
        || !is_at_rest(state)
        || works.all(|work| !ready(&work.phase) || is_true(state, work))
}
