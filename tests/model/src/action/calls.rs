//! How calls end, and requests that arrive when nobody listens any more.

use super::{CallKind, Doing, How, Late, Scene, Shown, State, Told, Why};
use crate::kept::KeptNumber;
use crate::names::Record;
use crate::state::Broken;
use crate::talk::{Call, End};
use crate::witness::Witness;
use domain::ids::NumberId;
use domain::number::Number;
use domain::time::Timestamp;
use domain::work::{Phase, PoolSearch};
use std::sync::Arc;
use store::StoreError;

/// The call under way, and when it must have ended.
fn under_way(state: &State, place: u8) -> (Call, Timestamp) {
    match state.holders[usize::from(place)].doing {
        Doing::Calls(call, by) => (call, by),
        Doing::Decides => panic!("no call is under way"),
    }
}

/// The holder learns how its call ended.
pub(super) fn ended(state: &mut State, place: u8, end: End) {
    let (call, _by) = under_way(state, place);
    let holder = &mut state.holders[usize::from(place)];
    holder.doing = Doing::Decides;
    holder.asked_at = state.now;
    holder.seen.clear();
    holder.told.push_front(Told::Ended(call, end));
}

pub(super) fn answer(scene: &Scene, state: &mut State, place: u8, how: How) -> bool {
    let (call, _by) = under_way(state, place);
    let end = match call {
        Call::ReadAllowance => read_allowance(scene, state),
        Call::SearchPool(from) => return search_pool(scene, state, place, from),
        Call::ReadCalls(record) => read_calls(scene, state, record),
        Call::ReadRow(id) => return read_row(scene, state, place, id),
        call if call.kind() == CallKind::Creates => {
            spend(state, call, how);
            create(state, call, how, state.now)
        }
        call => state.sky.answer(call, state.now),
    };
    ended(state, place, end);
    true
}

fn spend(state: &mut State, call: Call, how: How) {
    match (how, call) {
        (How::Plainly, _) => {}
        (How::Slowly, Call::Order(..)) => state.left.pending_orders -= 1,
        (How::Slowly, _) => state.left.late_digits -= 1,
    }
}

fn read_allowance(scene: &Scene, state: &mut State) -> End {
    match state.rows.with(scene.rules, async |store| store.allowance().await) {
        Ok(allowance) => {
            let bit = |slot: &domain::number::Slot| 1_u16 << (slot.get() - 1);
            End::Done(Shown::Allowance {
                taken: allowance.taken.iter().fold(0, |taken, slot| taken | bit(slot)),
                closed: allowance.closed_until.is_some(),
            })
        }
        Err(error) => {
            state.broke(Broken::Corrupt(error.to_string()));
            End::Later
        }
    }
}

/// Our own record is asked first, and VAPI's where that knows of no call.
fn read_calls(scene: &Scene, state: &mut State, record: Record) -> End {
    let noted = state.rows.with(scene.rules, async |store| {
        let Some(known) = store.answering(&record.id()).await? else { return Ok(false) };
        store.was_called(known.number).await
    });
    match noted {
        Ok(true) => End::Done(Shown::Called(true)),
        Ok(false) => state.sky.answer(Call::ReadCalls(record), state.now),
        Err(error) => {
            state.broke(Broken::Corrupt(error.to_string()));
            End::Later
        }
    }
}

fn search_pool(scene: &Scene, state: &mut State, place: u8, from: u64) -> bool {
    let work = &state.holders[usize::from(place)].kept.work;
    let (wanted, organization) = (work.request.wanted.clone(), work.organization.clone());
    let search = PoolSearch { wanted, organization, from };
    let found = state.rows.with(scene.rules, async |store| store.search_pool(&search).await);
    saw_rows(state, place, found)
}

fn read_row(scene: &Scene, state: &mut State, place: u8, id: NumberId) -> bool {
    let found = state.rows.with(scene.rules, async |store| store.number(id).await);
    saw_rows(state, place, found.map(|row| row.into_iter().collect()))
}

/// The holder has copies of what the table showed.
fn saw_rows(state: &mut State, place: u8, found: Result<Vec<Number>, StoreError>) -> bool {
    match found {
        Ok(numbers) => {
            ended(state, place, End::Done(Shown::Rows));
            let copies = numbers.into_iter().map(|number| Arc::new(KeptNumber::new(number)));
            state.holders[usize::from(place)].seen = copies.collect();
        }
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}

/// A create arrives. What it makes must have an open intent in the table.
fn create(state: &mut State, call: Call, how: How, shows_at: Timestamp) -> End {
    if !is_intended(state, call) {
        state.broke(Broken::CreatedWithoutIntent);
    }
    state.sky.create(call, how, state.now, shows_at)
}

fn is_intended(state: &State, call: Call) -> bool {
    let (Call::MakeAssistant(tag)
    | Call::MakeFree(tag)
    | Call::Order(tag, _)
    | Call::Import(tag, _)) = call
    else {
        return true;
    };
    let phase = &state.kept(tag.job).work.phase;
    let phase = if let Phase::NeedsPerson(stuck) = phase { stuck.at.as_ref() } else { phase };
    match call {
        Call::MakeAssistant(_) => matches!(phase, Phase::CreatingAssistant { .. }),
        Call::MakeFree(_) => matches!(phase, Phase::CreatingFree(_)),
        Call::Order(_, line) => {
            matches!(phase, Phase::Ordering(ordering) if ordering.digits == line.digits())
        }
        Call::Import(_, line) => {
            matches!(phase, Phase::Importing(import) if import.bought.digits == line.digits())
        }
        _ => true,
    }
}

/// The answer is lost. A create may still arrive, before its deadline; a change has happened.
pub(super) fn lose(state: &mut State, place: u8) -> bool {
    state.left.lost_answers -= 1;
    let (call, until) = under_way(state, place);
    match call.kind() {
        CallKind::Creates => state.sky.late.push(Late { call, until }),
        CallKind::Changes => {
            state.sky.answer(call, state.now);
        }
        CallKind::Reads => {}
    }
    ended(state, place, End::Lost);
    true
}

/// The answer is lost, and the change of a link arrives later, or never.
pub(super) fn delay(scene: &Scene, state: &mut State, place: u8) -> bool {
    state.left.lost_answers -= 1;
    let (call, by) = under_way(state, place);
    on_its_way(scene, state, call, by);
    ended(state, place, End::Lost);
    true
}

/// The change of a link goes on without its sender. It takes effect as late after its deadline as
/// anything may remain unseen.
pub(super) fn on_its_way(scene: &Scene, state: &mut State, call: Call, by: Timestamp) {
    state.left.late_links -= 1;
    state.sky.late.push(Late { call, until: by.after(scene.lag) });
}

pub(super) fn refuse(state: &mut State, place: u8) -> bool {
    state.left.refusals -= 1;
    let why = match under_way(state, place).0 {
        Call::MakeFree(_) => {
            // VAPI counts what we do not see.
            state.sky.free_left = 0;
            Why::AllowanceUsed
        }
        Call::Order(..) => Why::NoBalance,
        Call::Import(..) => Why::CredentialInvalid,
        _ => Why::Key,
    };
    ended(state, place, End::Refused(why));
    true
}

/// A request arrives that nobody listens for.
pub(super) fn arrive(scene: &Scene, state: &mut State, nth: u8, unseen: bool) -> bool {
    let Late { call, until } = state.sky.late.remove(nth.into());
    if let Some(record) = call.relinks() {
        witness_late(scene, state, call, record);
        state.sky.answer(call, state.now);
        return true;
    }
    scene.witnesses.saw(Witness::CreateArrivedLate);
    let shows_at = if unseen {
        state.left.lags -= 1;
        until.after(scene.lag)
    } else {
        state.now
    };
    create(state, call, How::Plainly, shows_at);
    true
}

/// Whether the one who takes the assistant off the number still waits for what is on its way.
fn witness_late(scene: &Scene, state: &State, call: Call, record: Record) {
    let is_waited_for = state.works.iter().any(|kept| {
        matches!(&kept.work.phase, Phase::Unlinking(unlinking)
            if unlinking.line.vapi == record.id() && unlinking.line.link_lands_by.is_some())
    });
    if is_waited_for {
        let is_link = matches!(call, Call::Link(..));
        let (link, unlink) = (Witness::LateLinkWaitedOut, Witness::LateUnlinkWaitedOut);
        scene.witnesses.saw(if is_link { link } else { unlink });
    }
}
