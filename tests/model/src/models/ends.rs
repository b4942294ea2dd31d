//! What must be true somewhere: the ends a model is about, and the moments that make it hard.

use crate::rules::{self, is_at_rest};
use crate::scene::Scene;
use crate::sky::Free;
use crate::state::State;
use crate::talk::{Call, CallKind, OrderSeen};
use domain::problem::{Problem, Unresolved};
use domain::source::Source;
use domain::work::{Phase, Work};

fn phases(state: &State) -> impl Iterator<Item = &Phase> {
    state.works.iter().map(|kept| &kept.work.phase)
}

fn count(state: &State, is: impl Fn(&Phase) -> bool) -> usize {
    phases(state).filter(|phase| is(phase)).count()
}

fn problem(phase: &Phase) -> Option<&Problem> {
    if let Phase::NeedsPerson(stuck) = phase { Some(&stuck.problem) } else { None }
}

fn is_out_of_sources(phase: &Phase) -> bool {
    matches!(problem(phase), Some(Problem::SourcesExhausted { .. }))
}

pub(super) fn ready(_scene: &Scene, state: &State) -> bool {
    is_at_rest(state) && phases(state).all(Phase::is_ready)
}

pub(super) fn two_ready(_scene: &Scene, state: &State) -> bool {
    is_at_rest(state) && count(state, Phase::is_ready) == 2
}

pub(super) fn one_of_two(scene: &Scene, state: &State) -> bool {
    state.works.len() == 2 && one_of_all(scene, state)
}

pub(super) fn one_of_all(_scene: &Scene, state: &State) -> bool {
    let others = state.works.len() - 1;
    is_at_rest(state)
        && count(state, Phase::is_ready) == 1
        && count(state, is_out_of_sources) == others
}

/// A create of a work that nobody is at.
pub(super) fn late_of_nobody(_scene: &Scene, state: &State) -> bool {
    state.sky.late.iter().any(|late| {
        let (Call::MakeAssistant(tag)
        | Call::MakeFree(tag)
        | Call::Order(tag, _)
        | Call::Import(tag, _)) = late.call
        else {
            return false;
        };
        state.row(tag.job).leased_until().is_some()
            && state.holders.iter().all(|holder| holder.job != tag.job)
    })
}

pub(super) fn order_stuck(_scene: &Scene, state: &State) -> bool {
    count(state, |phase| matches!(problem(phase), Some(Problem::OrderStuck))) > 0
}

fn bought(state: &State) -> bool {
    state.sky.lines.iter().any(|line| line.alive().is_some())
}

fn cancelled(state: &State) -> bool {
    is_at_rest(state) && phases(state).all(|phase| matches!(phase, Phase::Cancelled))
}

pub(super) fn cancelled_without(_scene: &Scene, state: &State) -> bool {
    cancelled(state) && !bought(state)
}

pub(super) fn cancelled_with(_scene: &Scene, state: &State) -> bool {
    cancelled(state) && bought(state)
}

pub(super) fn cancelling_pending(_scene: &Scene, state: &State) -> bool {
    let pending = |stands: OrderSeen| stands == OrderSeen::Pending;
    let waits = |phase: &Phase| matches!(phase, Phase::AwaitingOrder(_));
    state.works.iter().any(|kept| kept.work.cancel_asked && waits(&kept.work.phase))
        && state.sky.lines.iter().any(|line| line.alive().is_some_and(|at| pending(at.stands)))
}

pub(super) fn ready_after_retry(scene: &Scene, state: &State) -> bool {
    ready(scene, state) && state.works.iter().any(|kept| kept.work.attempt.get() > 1)
}

fn unresolved(state: &State, which: Unresolved) -> bool {
    let is =
        |problem: &Problem| matches!(problem, Problem::OutcomeUnknown { what } if *what == which);
    count(state, |phase| problem(phase).is_some_and(is)) > 0
}

pub(super) fn free_unresolved(_scene: &Scene, state: &State) -> bool {
    unresolved(state, Unresolved::FreeNumber)
}

pub(super) fn order_unresolved(_scene: &Scene, state: &State) -> bool {
    unresolved(state, Unresolved::Order)
}

pub(super) fn late_for_person(scene: &Scene, state: &State) -> bool {
    let late = state.sky.late.iter().any(|late| late.call.kind() == CallKind::Creates);
    late && (free_unresolved(scene, state) || order_unresolved(scene, state))
}

pub(super) fn awaits_digits(_scene: &Scene, state: &State) -> bool {
    count(state, |phase| matches!(phase, Phase::AwaitingDigits(_))) > 0
}

/// The first business's number, which it gave up, answers for the second.
pub(super) fn changed_hands(_scene: &Scene, state: &State) -> bool {
    is_at_rest(state)
        && matches!(state.works[0].work.phase, Phase::Released)
        && state.works[1].work.phase.is_ready()
}

/// It has it back although the second wanted it.
pub(super) fn had_back(_scene: &Scene, state: &State) -> bool {
    let undone = state.works.get(2).is_some_and(|kept| kept.work.phase.is_ready());
    is_at_rest(state) && undone && is_out_of_sources(&state.works[1].work.phase)
}

/// It cannot have it back, for the second has it.
pub(super) fn gone(scene: &Scene, state: &State) -> bool {
    let failed =
        |phase: &Phase| matches!(phase, Phase::Failed { problem: Problem::NumberTaken { .. } });
    changed_hands(scene, state) && state.works.get(2).is_some_and(|kept| failed(&kept.work.phase))
}

/// One of those that began with the model has the number of the pool. The other has passed the pool
/// over, and bought one.
pub(super) fn one_claimed(_scene: &Scene, state: &State) -> bool {
    let began = || state.works.iter().skip(1).map(|kept| &kept.work);
    let is_of_pool = |work: &&Work| {
        let number = work.phase.number();
        number.is_some_and(|number| work.source_of(number) == Source::Pool)
    };
    let passed = |work: &Work| work.passed.iter().any(|(source, _why)| *source == Source::Pool);
    is_at_rest(state)
        && began().all(|work| work.phase.is_ready())
        && began().filter(is_of_pool).count() == 1
        && began().all(|work| is_of_pool(&work) || passed(work))
}

fn work_at(state: &State, place: usize) -> Option<&Work> {
    state.works.get(place).map(|kept| &kept.work)
}

/// The second business's number answers, after its work was asked to put it right.
pub(super) fn put_right(_scene: &Scene, state: &State) -> bool {
    let its = work_at(state, 1);
    let repaired = state.left.comparisons == 0 && state.left.meddlings == 0;
    is_at_rest(state) && repaired && state.works.len() == 2 && its.is_some_and(is_answered(state))
}

fn is_answered(state: &State) -> impl Fn(&Work) -> bool + '_ {
    |work| rules::is_true(state, work)
}

/// The second finds nothing, since a work takes the number's assistant off, or did.
pub(super) fn taken_off_first(_scene: &Scene, state: &State) -> bool {
    let took_off = work_at(state, 2).is_some_and(|work| matches!(work.phase, Phase::Released));
    let without = work_at(state, 1).is_some_and(|work| is_out_of_sources(&work.phase));
    is_at_rest(state) && took_off && without
}

/// The provisioning has a number of its own, and nobody is linked to the stray any more.
pub(super) fn ready_beside_stray(_scene: &Scene, state: &State) -> bool {
    let its = work_at(state, 0).is_some_and(|work| work.phase.is_ready());
    its && stray_rests(state)
}

pub(super) fn only_stray(_scene: &Scene, state: &State) -> bool {
    let its = work_at(state, 0).is_some_and(|work| matches!(work.phase, Phase::Cancelled));
    its && stray_rests(state)
}

fn stray_rests(state: &State) -> bool {
    let unlinked = |free: &Free| free.stray && free.linked.is_none();
    let taken_in = work_at(state, 1).is_some_and(|work| matches!(work.phase, Phase::Released));
    is_at_rest(state) && taken_in && state.sky.free.iter().any(unlinked)
}
