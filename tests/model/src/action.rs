//! What can happen next, and what comes of it.

use crate::bounds::{CALL, OVERDUE};
use crate::holder;
use crate::names::{Job, Line, Record};
use crate::scene::Scene;
use crate::sky::{How, Late};
use crate::state::{Broken, Doing, Holder, State};
use crate::talk::{Call, CallKind, End, OrderSeen, Shown, Told, Why};
use crate::witness::Witness;
use domain::ids::Fresh;
use domain::time::Timestamp;
use domain::work::{Ask, Phase};
use store::{EventId, Heard, Marks};

mod around;
mod calls;
mod compare;
mod list;

pub(crate) use around::Around;
pub(crate) use compare::Finding;
pub(crate) use list::list;

/// Something that happens. Holders are named by their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// A message comes: somebody takes the lease, or finds nothing to do.
    Deliver(Job),
    /// A message comes that comes once more.
    DeliverTwice(Job),
    /// A message is lost.
    LoseMessage(Job),
    /// The poller finds the work overdue and sends for it.
    Poll(Job),
    /// A holder decides and writes it; the number is what chance picks.
    Decide(u8, u8),
    /// A holder's time is up before its call.
    Interrupt(u8),
    /// A holder's call happens and is answered.
    Answer(u8, How),
    /// A holder's call gets no answer.
    LoseAnswer(u8),
    /// A holder's call gets no answer, and arrives later or never.
    Delay(u8),
    /// A holder's call certainly fails.
    Fail(u8),
    /// A holder's call is refused.
    Refuse(u8),
    /// A holder dies.
    Crash(u8),
    /// A holder freezes before its write.
    Freeze(u8),
    /// A request arrives that nobody listens for.
    Arrive(u8),
    /// The same, and no look-up shows what it made for as long as that may be.
    ArriveUnseen(u8),
    /// Somebody asks something of a work.
    Ask(Job, Ask),
    /// A pending order settles, well or not.
    Settle(Line, bool),
    /// A webhook comes.
    Hook(u8),
    /// A webhook comes that comes once more.
    HookTwice(u8),
    /// A webhook never comes.
    LoseHook(u8),
    /// Somebody outside buys a number.
    Outsider(Line),
    /// Somebody outside takes the assistant off a number.
    Unlink(Record),
    /// Somebody outside routes a number elsewhere.
    Unroute(Line),
    /// Something around the works.
    Around(Around),
    /// It is later: the next instant at which something changes by itself.
    Wait,
}

/// The state after an action; `None` when it comes to nothing.
pub(crate) fn next(scene: &Scene, state: &State, action: Action) -> Option<State> {
    let mut next = state.clone();
    let after = &mut next;
    let happens = match action {
        Action::Deliver(job) => deliver(scene, after, job),
        Action::DeliverTwice(job) => {
            after.left.duplicates -= 1;
            holder::deliver(scene, after, job)
        }
        Action::LoseMessage(job) => {
            after.mail[job.place()] -= 1;
            true
        }
        Action::Poll(job) => poll(scene, after, job),
        Action::Decide(place, choice) => {
            holder::decides(scene, after, place.into(), choice);
            true
        }
        Action::Interrupt(place) => holder::is_interrupted(scene, after, place.into()),
        Action::Answer(place, how) => calls::answer(scene, after, place, how),
        Action::LoseAnswer(place) => calls::lose(after, place),
        Action::Delay(place) => calls::delay(scene, after, place),
        Action::Fail(place) => {
            after.left.failed_calls -= 1;
            calls::ended(after, place, End::Later);
            true
        }
        Action::Refuse(place) => calls::refuse(after, place),
        Action::Crash(place) => crash(scene, after, place),
        Action::Freeze(place) => freeze(after, place),
        Action::Arrive(nth) => calls::arrive(scene, after, nth, false),
        Action::ArriveUnseen(nth) => calls::arrive(scene, after, nth, true),
        Action::Ask(job, ask) => ask_work(scene, after, job, ask),
        Action::Settle(line, well) => {
            after.sky.settle(line, well);
            true
        }
        Action::Hook(nth) => {
            let job = after.sky.hooks.remove(nth.into());
            hook(scene, after, job)
        }
        Action::HookTwice(nth) => {
            after.left.duplicates -= 1;
            let job = after.sky.hooks[usize::from(nth)];
            hook(scene, after, job)
        }
        Action::LoseHook(nth) => {
            after.sky.hooks.remove(nth.into());
            true
        }
        Action::Outsider(line) => {
            after.left.outsiders -= 1;
            after.sky.lines[line.place()].sold = true;
            true
        }
        Action::Unlink(record) => {
            after.left.meddlings -= 1;
            after.sky.link(record, None);
            true
        }
        Action::Unroute(line) => {
            after.left.meddlings -= 1;
            after.sky.route(line, false);
            true
        }
        Action::Around(around) => around::happens(scene, after, around),
        Action::Wait => wait(after),
    };
    happens.then_some(next)
}

/// A message that finds nothing to do is gone; where messages are not counted, nothing happened.
fn deliver(scene: &Scene, state: &mut State, job: Job) -> bool {
    let counted = state.mail.get_mut(job.place()).map(|mail| *mail -= 1).is_some();
    let taken = holder::deliver(scene, state, job);
    if !taken {
        scene.witnesses.saw(Witness::CameInVain);
    }
    taken || counted
}

/// Marks of one that is no holder: nobody else has them.
fn marks(state: &mut State) -> Marks {
    state.comers += 1;
    Marks::new(Fresh(1 << 100 | u128::from(state.comers)))
}

fn poll(scene: &Scene, state: &mut State, job: Job) -> bool {
    let now = state.now;
    let Some(was) = state.row(job).due_at() else { return false };
    let marks = marks(state);
    let claimed = state
        .rows
        .with(scene.rules, async |store| store.claim_due(job.id(), was, now, &marks).await);
    match claimed {
        Ok(true) => {
            scene.witnesses.saw(Witness::WokenByPoller);
            holder::send(state, job);
        }
        Ok(false) => return false,
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}

fn hook(scene: &Scene, state: &mut State, job: Job) -> bool {
    let (now, id) = (state.now, format!("order-of-{}", job.0));
    let event = EventId { provider: "telnyx", id: &id };
    let marks = marks(state);
    let heard = state
        .rows
        .with(scene.rules, async |store| store.wake_once(event, job.id(), now, &marks).await);
    match heard {
        Ok(Heard::New) => {
            scene.witnesses.saw(Witness::WokenByWebhook);
            holder::send(state, job);
        }
        Ok(Heard::Nothing) => scene.witnesses.saw(Witness::WebhookHeardTwice),
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}

fn ask_work(scene: &Scene, state: &mut State, job: Job, ask: Ask) -> bool {
    match ask {
        Ask::Cancel => state.left.cancels -= 1,
        Ask::Retry | Ask::Repeat => state.left.retries -= 1,
        Ask::Release { .. } => state.left.releases -= 1,
        // No model asks for these: they change no number's owner but by a release or a cancel.
        Ask::Update | Ask::Remove { .. } => {}
        Ask::Assign { .. } => unreachable!("nobody names a number here"),
        Ask::Repair => unreachable!("only a comparison asks for it"),
    }
    if matches!(ask, Ask::Retry | Ask::Repeat)
        && state.sky.late.iter().any(|late| late.call.kind() == CallKind::Creates)
    {
        scene.witnesses.saw(Witness::RetriedWhileLate);
    }
    let now = state.now;
    let marks = marks(state);
    let asked = state
        .rows
        .with(scene.rules, async |store| store.ask(job.id(), Some(ask), now, &marks).await);
    match asked {
        Ok(true) => holder::send(state, job),
        Ok(false) => state.broke(Broken::Corrupt("a work's row is gone".to_owned())),
        Err(error) => state.broke(Broken::Corrupt(error.to_string())),
    }
    true
}

/// What it was sending may still arrive.
fn crash(scene: &Scene, state: &mut State, place: u8) -> bool {
    state.left.crashes -= 1;
    let holder = state.holders.remove(place.into());
    if let Doing::Calls(call, until) = holder.doing {
        match call.kind() {
            CallKind::Creates => state.sky.late.push(Late { call, until }),
            CallKind::Changes => calls::on_its_way(scene, state, call, until),
            CallKind::Reads => {}
        }
    }
    true
}

fn freeze(state: &mut State, place: u8) -> bool {
    state.left.stalls -= 1;
    state.holders[usize::from(place)].frozen = true;
    state.holders.sort_by_key(|holder| (holder.job, holder.frozen));
    true
}

/// Time goes on to the next instant at which something changes by itself, but not past the deadline
/// of a call, which ends in time one way or another, and not between an answer and what is written
/// of it: who takes longer for that has frozen.
fn wait(state: &mut State) -> bool {
    let Some(instant) = instant(state) else { return false };
    state.now = instant;
    state.sky.late.retain(|late| late.until > instant);
    state.rests.retain(|rest| rest.until > instant);
    true
}

/// The next instant, if nobody must act before it.
pub(crate) fn instant(state: &State) -> Option<Timestamp> {
    let now = state.now;
    let rows = state.jobs().flat_map(|job| {
        let row = state.row(job);
        let overdue = row.due_at().filter(|_| !state.mail.is_empty());
        let overdue = overdue.map(|at| at.after(OVERDUE));
        row.due_at().into_iter().chain(row.leased_until()).chain(overdue)
    });
    let rests = state.rows.numbers().filter_map(|row| row.number.state.free_since());
    let rests = rests.filter(|_over| state.left.sweeps > 0);
    let instants = rows.chain(state.sky.instants()).chain(rests);
    let instant = instants.filter(|at| *at > now).min()?;
    let acts_until = |holder: &Holder| match holder.doing {
        // Nobody begins a call that its invocation has no time for.
        Doing::Calls(_, by) => by.min(holder.lease.until.before(CALL)),
        Doing::Decides => now,
    };
    let mut at_work = state.holders.iter().filter(|holder| !holder.frozen);
    at_work.all(|holder| instant <= acts_until(holder)).then_some(instant)
}
