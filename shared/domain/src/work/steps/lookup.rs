//! Doubt: what to do when it is unknown whether a create happened.
//!
//! Absence is believed after a number of look-ups that found nothing, spread over a window that
//! begins at the failed call's deadline or, for a holder that took over from a dead one, at its
//! first look: only then can no late request of the dead holder still arrive.

use crate::problem::Unresolved;
use crate::time::Timestamp;
use crate::work::decision::{Context, Decided, Plan};
use crate::work::phase::{Doubt, Intent, Phase};
use crate::work::{IllegalEvent, Note, PhaseName};
use planted::planted;
use std::time::Duration;

/// How soon after a lost answer the first look is taken: most of what happened shows at once.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// What a look-up that found nothing amounts to.
pub(super) enum Missed {
    /// Look again then.
    Again(Intent, Timestamp),
    /// It certainly is not there.
    Absent(Intent),
}

/// The call's answer was lost: keeps everything, and looks shortly.
pub(super) fn doubt(
    plan: Plan<'_>,
    intent: &Intent,
    what: Unresolved,
    phase: impl FnOnce(Intent) -> Phase,
) -> Decided {
    let now = plan.now();
    let since = now.after(plan.ctx.limits.call_deadline);
    let doubted = Intent { doubt: Some(Doubt { since, misses: 0 }), ..intent.clone() };
    plan.note(Note::AnswerLost { what })?.enter(phase(doubted))?.wait(now.after(FIRST_LOOK))
}

/// A holder that took over from a dead one counts from the beginning: what that one sent may still
/// arrive. Written before its first look, for the look may fail and the next holder knows nothing.
pub(super) fn taken_over(plan: Plan<'_>) -> Result<Plan<'_>, IllegalEvent> {
    let stopped = matches!(plan.work.phase, Phase::NeedsPerson(_));
    if !plan.ctx.took_over || stopped || plan.work.phase.intent().is_none() {
        return Ok(plan);
    }
    let now = plan.now();
    let phase = plan.work.phase.clone().map_intent(|intent| intent.doubted_anew(now));
    plan.enter(phase)
}

/// Counts a look-up that found nothing.
pub(super) fn missed(intent: &Intent, ctx: &Context<'_>) -> Missed {
    // A look shows what was so when it was taken, however long its holder took to decide about it.
    let (now, looked_at) = (ctx.now, ctx.asked_at);
    let doubt = intent.doubt.unwrap_or(Doubt { since: now, misses: 0 });
    // A look before then may find what happened, but finding nothing shows nothing.
    let counts = u8::from(looked_at >= doubt.since);
    let doubt = Doubt { misses: doubt.misses.saturating_add(counts), ..doubt };
    let counted = Intent { doubt: Some(doubt), ..intent.clone() };
    let believed_at = doubt.since.after(ctx.limits.lookup_window);
    let believed = doubt.misses >= ctx.limits.lookups && looked_at >= believed_at;
    if believed || planted!(FirstMissBelieved) {
        return Missed::Absent(Intent { doubt: None, ..counted });
    }
    let next = if now < doubt.since { doubt.since } else { now.after(ctx.limits.lookup_spacing()) };
    Missed::Again(counted, next)
}

/// A look-up that itself failed: tried again without end in sight only as long as `tries` allow,
/// then a person, with everything kept.
pub(super) fn unreadable(
    plan: Plan<'_>,
    retry_after: Option<Duration>,
    what: Unresolved,
) -> Decided {
    let tries = plan.work.tries.saturating_add(1);
    if tries > plan.ctx.limits.tries {
        return unresolved(plan, what);
    }
    let until = crate::work::Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.record(crate::work::Event::Tried)?.wait(until)
}

/// Nobody can tell whether it exists: a person, with everything kept.
pub(super) fn unresolved(plan: Plan<'_>, what: Unresolved) -> Decided {
    let at = plan.work.phase.clone();
    debug_assert!(at.name() != PhaseName::NeedsPerson, "a person is waited for already");
    super::needs_person(plan, crate::problem::Problem::OutcomeUnknown { what }, at)
}
