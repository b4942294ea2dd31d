//! What holds in every state of every model.
//!
//! The works are judged by their rows in the table, and the providers by what is true there,
//! whether it shows or not.

use crate::action;
use crate::bounds::{OVERDUE, PRICE_MONTHLY, PRICE_UPFRONT};
use crate::names::{Customer, Job, Line, Record, Tag};
use crate::scene::{Condition, Scene};
use crate::state::{Broken, State};
use crate::table::{number, text};
use crate::talk::{End, Shown, Told};
use domain::number::Slot;
use domain::work::{Phase, Work};
use std::time::Duration;
use store::keys;
use store::table::Item;

mod numbers;

/// Ledgers of one organization and of all, by day and by month.
const LEDGERS: usize = 4;

/// Every rule, by name.
pub(crate) const ALL: [(&str, Condition); 23] = [
    ("one purchase per attempt", one_purchase),
    ("one free number per attempt", one_free_number),
    ("one assistant per work", one_assistant),
    ("nothing is created without an intent in the table", intended),
    ("what is bought is in the table", bought_is_known),
    ("a number has one owner", one_owner),
    ("a number is written about by the one work its row names", numbers::one_writer_of_number),
    ("a number that rests goes to no other business", numbers::rest_is_kept),
    ("callers of a number that rests reach no other business", numbers::callers_reach_no_other),
    ("on a number that is nobody's nobody answers", numbers::nobody_answers),
    ("the pool lists what is available", numbers::pool_is_true),
    ("what a work makes is taken in by nobody else", numbers::taken_in_by_its_work),
    ("slots equal what is held or being created", slots),
    ("money committed equals purchases open and done", money),
    ("an end holds nothing", ends_hold_nothing),
    ("ready is what the providers say", ready_is_true),
    ("what is ready answers when all has landed", numbers::ready_stays),
    ("the source is not left once money is spent", source_is_kept),
    ("only the holder of the lease writes", one_writer),
    ("no illegal move and no row that does not fit", sound),
    ("no work is forgotten", none_forgotten),
    ("where nothing more happens everything is settled", settled),
    ("somebody can always go on", goes_on),
];

/// Purchases that stand, or still may.
fn purchases(state: &State) -> impl Iterator<Item = (Line, Tag)> {
    (0..).zip(&state.sky.lines).filter_map(|(line, at)| Some((Line(line), at.alive()?.made.tag)))
}

fn all_differ<T: Ord>(tags: impl Iterator<Item = T>) -> bool {
    let mut tags: Vec<T> = tags.collect();
    tags.sort_unstable();
    tags.is_sorted_by(|left, right| left < right)
}

fn one_purchase(_scene: &Scene, state: &State) -> bool {
    all_differ(purchases(state).map(|(_line, tag)| tag))
}

fn one_free_number(_scene: &Scene, state: &State) -> bool {
    all_differ(state.sky.free.iter().map(|free| free.made.tag))
}

fn one_assistant(_scene: &Scene, state: &State) -> bool {
    all_differ(state.sky.assistants.iter().map(|made| made.tag.job))
}

fn intended(_scene: &Scene, state: &State) -> bool {
    state.broken != Some(Broken::CreatedWithoutIntent)
}

/// Invariant 3, without a sweep: its row and its guard are there before it is bought.
fn bought_is_known(_scene: &Scene, state: &State) -> bool {
    purchases(state).all(|(line, tag)| {
        let guard = state.rows.get(&line.guard());
        let owner = guard.and_then(|guard| text(guard, keys::HOLDER)).and_then(of_number);
        owner == Some(tag.job)
    })
}

/// The work that made a number's row.
fn of_number(id: &str) -> Option<Job> {
    Job::of_number(id.parse().ok()?).map(|(job, _nth)| job)
}

fn one_owner(_scene: &Scene, state: &State) -> bool {
    let held = state.works.iter().filter_map(|kept| kept.work.phase.number());
    all_differ(held.clone().map(|number| number.id))
        && all_differ(held.clone().filter_map(|number| number.digits.clone()))
        && all_differ(held.filter_map(|number| number.vapi.clone()))
}

/// The slot that a work is creating a number in.
fn slot_in_creation(work: &Work) -> Option<Slot> {
    let phase = match &work.phase {
        Phase::NeedsPerson(stuck) => stuck.at.as_ref(),
        phase => phase,
    };
    if let Phase::CreatingFree(creating) = phase { Some(creating.slot) } else { None }
}

/// Invariants 4 and 8: a work that creates holds its slot, a slot is held by such a work or by a
/// number that has a row, and every free number at VAPI has one.
fn slots(scene: &Scene, state: &State) -> bool {
    let creating =
        state.jobs().filter_map(|job| Some((slot_in_creation(&state.kept(job).work)?, job)));
    let mut held_by_works = 0;
    for (slot, job) in creating {
        let row = state.rows.get(&keys::slot(slot));
        let holder = row.and_then(|row| text(row, keys::HOLDER));
        if holder.and_then(|holder| holder.parse().ok()) != Some(job.id()) {
            return false;
        }
        held_by_works += 1;
    }
    let rows = state.rows.iter().filter(|(key, _)| key.pk == keys::FREE);
    let slots = rows.filter(|(key, _)| keys::parse_slot(&key.sk).is_some()).count();
    let free_rows =
        state.rows.iter().filter(|(key, _)| key.sk == "NUMBER").count() - telnyx_rows(state);
    let foreign = usize::from(scene.free_taken);
    let strays = numbers::strays(state).count();
    slots == foreign + held_by_works + free_rows
        && slots <= usize::from(scene.free_numbers)
        && state.sky.free.len() <= held_by_works + free_rows + strays
}

/// Rows of numbers that were or are being bought: they alone have digits from the beginning.
fn telnyx_rows(state: &State) -> usize {
    let guards = state.rows.iter().filter(|(key, _)| key.pk.starts_with("DIGITS#+1415"));
    guards.count()
}

/// Invariants 8 and 11: all four ledgers say the price of every purchase that is open or done, and
/// that is no more than the cap.
fn money(scene: &Scene, state: &State) -> bool {
    let price = PRICE_UPFRONT.plus(PRICE_MONTHLY).get();
    let purchases = telnyx_rows(state);
    let committed = price * i64::try_from(purchases).unwrap();
    let ledgers = state.rows.iter().filter(|(key, _)| key.pk.starts_with("LEDGER#"));
    let agree = |(_, ledger): (_, &Item)| number(ledger, keys::COMMITTED) == Some(committed);
    let ledgers: Vec<_> = ledgers.collect();
    (purchases == 0 || ledgers.len() == LEDGERS)
        && ledgers.into_iter().all(agree)
        && purchases <= usize::from(scene.purchases)
}

/// Nothing names a work any more that has failed or was called off.
fn ends_hold_nothing(_scene: &Scene, state: &State) -> bool {
    let over = state.jobs().filter(|job| state.kept(*job).work.phase.is_over());
    over.map(Job::id).all(|id| {
        let id = id.to_string();
        state.rows.iter().all(|(key, item)| match key.sk.as_str() {
            "NUMBER" => text(item, keys::WORK) != Some(&id),
            _ if key.pk == keys::FREE => text(item, keys::HOLDER) != Some(&id),
            _ if key.pk == keys::WATCH => key.sk != format!("NUMBER#{id}"),
            _ => true,
        })
    })
}

/// Whether the providers say that a work's line answers.
pub(crate) fn is_true(state: &State, work: &Work) -> bool {
    let Phase::Ready { line } = &work.phase else { return false };
    let record = Record::of(&line.vapi);
    let seen = state.sky.seen(record, state.now);
    seen.active && seen.linked == Some(Customer::of(work)) && state.sky.routed(record)
}

/// Whether somebody outside may have changed a work's line since anybody looked.
pub(crate) fn is_meddled_with(scene: &Scene, state: &State, work: &Work) -> bool {
    let Phase::Ready { line } = &work.phase else { return false };
    let record = Record::of(&line.vapi);
    match record {
        Record::Free(_) => state.sky.is_meddled_with(record),
        Record::Imported(_) => scene.bounds.meddlings > 0,
    }
}

/// Whether what a holder was told shows that its line answers.
pub(crate) fn was_shown(told: Told, work: &Work) -> bool {
    let (seen, routed) = match told {
        Told::Ended(_, End::Done(Shown::Line(_record, seen, routed))) => (seen, routed),
        Told::Ended(_, End::Done(Shown::Number(_record, seen))) => (seen, true),
        Told::Resumed
        | Told::Cancel
        | Told::Retry
        | Told::Repeat
        | Told::Repair
        | Told::Release(..)
        | Told::Update
        | Told::Remove(_)
        | Told::Assign(_)
        | Told::Met(_)
        | Told::Ended(..) => {
            return false;
        }
    };
    seen.active && seen.linked == Some(Customer::of(work)) && routed
}

/// Invariant 6: when it is written, it is true and it was read.
fn ready_is_true(_scene: &Scene, state: &State) -> bool {
    state.broken != Some(Broken::ReadyWasNotTrue)
}

/// Invariant 9: where a number was bought in this attempt, the work is at it, or has put it to rest.
fn source_is_kept(_scene: &Scene, state: &State) -> bool {
    purchases(state).all(|(line, tag)| {
        let work = &state.kept(tag.job).work;
        let at_it = work.phase.number().and_then(|number| number.digits.as_ref());
        let rests = matches!(work.phase, Phase::Cancelled | Phase::Released)
            || work.attempt.get() > tag.attempt;
        at_it == Some(&line.digits()) || rests
    })
}

fn one_writer(_scene: &Scene, state: &State) -> bool {
    !matches!(state.broken, Some(Broken::WroteWithoutLease | Broken::TwoHolders))
}

fn sound(_scene: &Scene, state: &State) -> bool {
    !matches!(state.broken, Some(Broken::Illegal(_) | Broken::Corrupt(_)))
}

/// Whether a work waits for nobody but a person, if for anybody.
fn is_at_an_end(work: &Work) -> bool {
    work.phase.is_over() || work.phase.is_ready() || matches!(work.phase, Phase::NeedsPerson(_))
}

/// Invariant 6 of the architecture: a work that has not ended is due, and so is one with something
/// in its inbox.
fn none_forgotten(_scene: &Scene, state: &State) -> bool {
    state.jobs().all(|job| {
        let row = state.row(job);
        let rests = is_at_an_end(&state.kept(job).work) && !row.has_unheard();
        rests || row.due_at().is_some()
    })
}

/// Invariant 5: when nobody is at work, nothing is under way and no time is waited for, every work
/// has ended or waits for a person.
fn settled(_scene: &Scene, state: &State) -> bool {
    !is_at_rest(state) || state.jobs().all(|job| is_at_an_end(&state.kept(job).work))
}

/// Until everything is at rest, something happens by itself or by a message that is under way, and
/// where none is, by the poller.
fn goes_on(_scene: &Scene, state: &State) -> bool {
    let sky = &state.sky;
    is_at_rest(state)
        || !state.holders.is_empty()
        || !sky.late.is_empty()
        || !sky.hooks.is_empty()
        || !state.sweeping.is_empty()
        || !state.comparing.is_empty()
        || state.mail.iter().any(|mail| *mail > 0)
        || state.jobs().any(|job| is_deliverable(state, job))
        || action::instant(state).is_some()
}

/// Whether somebody sends for the work now, and it can be taken.
fn is_deliverable(state: &State, job: Job) -> bool {
    let row = state.row(job);
    let free = row.leased_until().is_none_or(|until| until <= state.now);
    let patience = if state.mail.is_empty() { Duration::ZERO } else { OVERDUE };
    free && row.due_at().is_some_and(|due| due.after(patience) <= state.now)
}

/// Whether nothing more happens by itself.
pub(crate) fn is_at_rest(state: &State) -> bool {
    let sky = &state.sky;
    state.holders.is_empty()
        && sky.late.is_empty()
        && sky.hooks.is_empty()
        && state.sweeping.is_empty()
        && state.comparing.is_empty()
        && state.mail.iter().all(|mail| *mail == 0)
        && state.jobs().all(|job| {
            let row = state.row(job);
            row.due_at().is_none() && row.leased_until().is_none() && !row.has_unheard()
        })
}
