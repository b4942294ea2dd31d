//! What can happen in a state.

use super::{Action, Ask, Call, CallKind, Doing, Job, OVERDUE, OrderSeen, Phase, State};
use crate::names::Record;
use crate::scene::Scene;
use crate::sky::How;
use crate::talk::{End, Shown, Told};

/// Everything that can happen next.
pub(crate) fn list(scene: &Scene, state: &State, actions: &mut Vec<Action>) {
    let untouched = state.jobs().filter(|job| is_untouched(scene, state, *job));
    let twins: Vec<Job> = untouched.skip(1).collect();
    for job in state.jobs().filter(|job| !twins.contains(job)) {
        messages(state, job, actions);
        asks(scene, state, job, actions);
    }
    for (place, holder) in (0..).zip(&state.holders) {
        match holder.doing {
            Doing::Decides => decides(scene, state, place, actions),
            Doing::Calls(call, _by) => calls(state, place, call, actions),
        }
    }
    outside(scene, state, actions);
    let mut around = Vec::new();
    super::around::list(state, &mut around);
    actions.extend(around.into_iter().map(Action::Around));
    actions.push(Action::Wait);
}

/// Whether nobody has taken a work up or asked anything of it, of those that a model begins with.
/// They are all alike but for their names, so where there are several only the first goes on: what
/// follows when another does is the same with the names exchanged. Where messages are counted they
/// differ in theirs.
fn is_untouched(scene: &Scene, state: &State, job: Job) -> bool {
    let row = state.row(job);
    let began = job.place() < scene.jobs.into() && !scene.mail;
    began && row.epoch() == 0 && row.inbox_seq() == 0
}

fn messages(state: &State, job: Job, actions: &mut Vec<Action>) {
    let Some(mail) = state.mail.get(job.place()) else {
        actions.push(Action::Deliver(job));
        return;
    };
    if *mail > 0 {
        actions.push(Action::Deliver(job));
        actions.push(Action::LoseMessage(job));
        if state.left.duplicates > 0 {
            actions.push(Action::DeliverTwice(job));
        }
    }
    if state.row(job).due_at().is_some_and(|due| due <= state.now.before(OVERDUE)) {
        actions.push(Action::Poll(job));
    }
}

/// What the API lets people ask.
fn asks(scene: &Scene, state: &State, job: Job, actions: &mut Vec<Action>) {
    let phase = &state.kept(job).work.phase;
    let is_called_off = !phase.is_over() && !phase.is_ready() && !phase.is_being_released();
    if state.left.cancels > 0 && is_called_off {
        actions.push(Action::Ask(job, Ask::Cancel));
    }
    if state.left.retries > 0 && !matches!(phase, Phase::Ready { .. } | Phase::Released) {
        let ask = if phase.is_in_doubt() { Ask::Repeat } else { Ask::Retry };
        actions.push(Action::Ask(job, ask));
    }
    if state.left.releases > 0 && phase.is_ready() {
        let quarantine_days = scene.rest_days;
        let number = phase.number().map(|number| number.id);
        actions.push(Action::Ask(job, Ask::Release { number, quarantine_days }));
    }
}

fn decides(scene: &Scene, state: &State, place: u8, actions: &mut Vec<Action>) {
    let holder = &state.holders[usize::from(place)];
    let choices = match holder.told.front() {
        Some(Told::Ended(Call::Scout, End::Done(Shown::Offers(lines)))) => lines.count_ones(),
        Some(Told::Ended(Call::ReadAllowance, End::Done(Shown::Allowance { taken, closed }))) => {
            let free = u32::from(scene.limits.free_numbers) - taken.count_ones();
            if *closed { 1 } else { free.clamp(1, 2) }
        }
        Some(_) | None => 1,
    };
    actions.extend((0..u8::try_from(choices).unwrap()).map(|choice| Action::Decide(place, choice)));
    if holder.frozen {
        return;
    }
    if state.left.crashes > 0 {
        actions.push(Action::Crash(place));
    }
    if state.left.stalls > 0 {
        actions.push(Action::Freeze(place));
    }
    if state.left.interrupts > 0 {
        actions.push(Action::Interrupt(place));
    }
}

fn calls(state: &State, place: u8, call: Call, actions: &mut Vec<Action>) {
    let (left, kind) = (&state.left, call.kind());
    actions.push(Action::Answer(place, How::Plainly));
    let slowly = match call {
        Call::Order(..) => left.pending_orders > 0,
        Call::MakeFree(_) => left.late_digits > 0,
        _ => false,
    };
    if slowly {
        actions.push(Action::Answer(place, How::Slowly));
    }
    // Other reads are made again, as after a failed call; this one decides even so.
    let decides = kind != CallKind::Reads || matches!(call, Call::ReadCalls(_));
    if left.lost_answers > 0 && decides {
        actions.push(Action::LoseAnswer(place));
    }
    if left.failed_calls > 0 {
        actions.push(Action::Fail(place));
    }
    if left.refusals > 0 && (kind == CallKind::Creates || call.looks_up()) {
        actions.push(Action::Refuse(place));
    }
    let may_be_late = call.relinks().is_some() && left.late_links > 0;
    if may_be_late && left.lost_answers > 0 {
        actions.push(Action::Delay(place));
    }
    // Where nothing is left on its way, dying before the call is dying after it.
    if left.crashes > 0 && (kind == CallKind::Creates || may_be_late) {
        actions.push(Action::Crash(place));
    }
}

fn outside(scene: &Scene, state: &State, actions: &mut Vec<Action>) {
    let (sky, left) = (&state.sky, &state.left);
    for (nth, late) in (0..).zip(&sky.late) {
        actions.push(Action::Arrive(nth));
        if left.lags > 0 && late.call.kind() == CallKind::Creates {
            actions.push(Action::ArriveUnseen(nth));
        }
    }
    for (nth, _hook) in (0..).zip(&sky.hooks) {
        actions.extend([Action::Hook(nth), Action::LoseHook(nth)]);
        if left.duplicates > 0 {
            actions.push(Action::HookTwice(nth));
        }
    }
    for line in scene.all_lines() {
        let at = &sky.lines[line.place()];
        if at.order.is_some_and(|order| order.stands == OrderSeen::Pending) {
            actions.extend([Action::Settle(line, true), Action::Settle(line, false)]);
        }
        if left.outsiders > 0 && sky.offers() & (1 << line.0) != 0 {
            actions.push(Action::Outsider(line));
        }
        if left.meddlings > 0 && at.alive().is_some_and(|order| order.routed) {
            actions.push(Action::Unroute(line));
        }
        if left.meddlings > 0 && at.import.is_some_and(|import| import.linked.is_some()) {
            actions.push(Action::Unlink(Record::Imported(line)));
        }
    }
}
