//! A number for the pool: read back as linked to nobody and, at its carrier, as routed to VAPI, it is
//! parked where one link makes it answer.

use crate::number::{Carrier, Guard, Line, Proof, State};
use crate::work::decision::{Decided, HistoryEvent, Plan};
use crate::work::phase::Phase;
use crate::work::steps::cancel;
use crate::work::{Change, Note};

/// Puts the number into the pool.
pub(super) fn park(plan: Plan<'_>, line: Line) -> Decided {
    let now = plan.now();
    // Whatever was sent to take somebody off it must have landed: it would reach the next owner.
    if let Some(lands_by) = line.link_lands_by.filter(|lands_by| now < *lands_by) {
        return plan.wait(lands_by);
    }
    if plan.work.quarantine_days > 0 {
        return rest(plan, line);
    }
    let mut number = line.number;
    // A free number's digits are new to us, and are guarded from now on.
    let free = matches!(number.carrier, Carrier::Vapi { .. });
    let unguarded = plan.work.phase.number().is_none_or(|known| known.digits.is_none());
    let digits = if free && unguarded { number.digits.clone() } else { None };
    let new_guards = digits.map(Guard::Digits).into_iter().collect();
    number.state = State::Available { since: now };
    number.work = None;
    let id = number.id;
    plan.change(Change::ParkNumber { number: Box::new(number), new_guards })
        .change(Change::Answers(line.vapi, None))
        .change(Change::History(id, HistoryEvent::Stocked))
        .note(Note::Stocked)?
        .enter(Phase::Stocked { number: id })?
        .end()
}

/// Somebody asks to take the number to another carrier. It rests; the sweeper puts it into the pool
/// once that is off.
pub(super) fn frozen(plan: Plan<'_>) -> Decided {
    let Phase::Proving(proving) = plan.work.phase.clone() else { return plan.unexpected() };
    rest(plan, proving.line)
}

/// What was somebody's once rests first. Digits that were read just now have no guard, and are read
/// again when it is handed out.
fn rest(plan: Plan<'_>, mut line: Line) -> Decided {
    line.number.digits = plan.work.phase.number().and_then(|known| known.digits.clone());
    let (number, days) = (line.number.id, plan.work.quarantine_days);
    cancel::at_rest(plan, line, days, Proof::Proven)?
        .note(Note::Stocked)?
        .enter(Phase::Stocked { number })?
        .end()
}
