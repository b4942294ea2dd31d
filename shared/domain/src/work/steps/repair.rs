//! What answers was found otherwise: its row is taken over, it is read back, and what differs is put
//! right, as with a line that never was right.

use crate::number::{Number, State};
use crate::outcome::{NoReason, Outcome};
use crate::problem::Problem;
use crate::work::decision::{Decided, Plan};
use crate::work::phase::{Degraded, Phase};
use crate::work::steps::{prove, release};
use crate::work::{Change, Effect, Note};
use planted::planted;

/// Somebody found it otherwise than it should be.
pub(super) fn asked(plan: Plan<'_>) -> Decided {
    match plan.work.phase.clone() {
        Phase::Ready { line } => {
            let problem = Problem::NotRouted;
            let degraded = Degraded { line, problem, checks: 0, routes: 0, links: 0 };
            let plan = plan
                .note(Note::Degraded { problem: degraded.problem.clone() })?
                .enter(Phase::ReadyDegraded(degraded.clone()))?;
            look(plan, &degraded)
        }
        // It is looked at in any case, or is no more.
        Phase::Queued
        | Phase::CreatingAssistant { .. }
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::CreatingFree(_)
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Ordering(_)
        | Phase::AwaitingOrder(_)
        | Phase::Taking { .. }
        | Phase::Finding(_)
        | Phase::Adopting(_)
        | Phase::Bought(_)
        | Phase::Importing(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Unlinking(_)
        | Phase::GivingBack(_)
        | Phase::ReadyDegraded(_)
        | Phase::Removing => super::advance(plan),
        Phase::NeedsPerson(_)
        | Phase::Failed { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removed
        | Phase::Stocked { .. } => plan.end(),
    }
}

/// Looks at a degraded line; one that was ready before must be taken over first.
pub(super) fn look(plan: Plan<'_>, degraded: &Degraded) -> Decided {
    if degraded.line.number.work.is_none() {
        return plan.perform(Effect::ReadRow(degraded.line.number.id));
    }
    prove::look(plan, &degraded.line)
}

/// Takes the row over as it stands, unless it is another's to write about.
pub(super) fn row_read(
    plan: Plan<'_>,
    mut degraded: Degraded,
    outcome: Outcome<Option<Number>, NoReason>,
) -> Decided {
    match outcome {
        Outcome::Done(Some(was)) if was.work.is_none() && is_its(&plan, &was) => {
            let now = Number { work: Some(plan.work_id()), ..was.clone() };
            degraded.line.number = now.clone();
            let claim = Change::MendNumber { was: Box::new(was), now: Box::new(now) };
            let plan = if planted!(RepairUnclaimed) { plan } else { plan.change(claim) };
            let plan = plan.enter(Phase::ReadyDegraded(degraded.clone()))?;
            prove::look(plan, &degraded.line)
        }
        // It changed hands or is somebody else's to mend.
        Outcome::Done(_) => {
            plan.note(Note::Ready)?.enter(Phase::Ready { line: degraded.line })?.end()
        }
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => release::later(plan),
    }
}

fn is_its(plan: &Plan<'_>, number: &Number) -> bool {
    let State::Assigned { assistant, .. } = &number.state else { return false };
    plan.work.recipient().is_some_and(|recipient| recipient.assistant == *assistant)
}
