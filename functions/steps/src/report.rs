//! What is told about works: logs and figures, once per change.

use domain::allowance::{Use, Warnings};
use domain::number::Carrier;
use domain::request::{Match, NumberType, Wanted};
use domain::source::{Passed, Source};
use domain::time::Timestamp;
use domain::work::{Event, Note, Phase, Work};
use runtime::metrics::Unit;
use runtime::{Deps, World};

/// How a holder leaves.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Left {
    /// Until later.
    Waits {
        /// When.
        until: Timestamp,
        /// Whether the digits watch must be running.
        watched: bool,
    },
    /// For good, unless somebody asks.
    Ends,
}

/// Tells how much of the free allowance is used with the number that is asked for now, with a
/// warning when it runs out.
pub(crate) fn allowance<W: World>(deps: &Deps<W>, used: usize, limit: u16) {
    // Whoever asks takes one, if there is one left.
    let used = u16::try_from(used).unwrap_or(u16::MAX).saturating_add(1).min(limit);
    let allowance = Use { used, limit };
    let percent = allowance.percent();
    deps.metrics.put(deps.now(), "AllowanceUsedPercent", percent, Unit::Percent, None);
    if allowance.warning(Warnings::DEFAULT).is_some() {
        let remaining = allowance.remaining();
        tracing::warn!(used, limit, remaining, percent, "the free numbers run out");
    }
}

/// Whether it has answered rightly at some time.
fn was_ready(work: &Work) -> bool {
    work.timeline.iter().any(|entry| entry.note == Note::Ready)
}

/// Tells what became of a work between two commits.
pub(crate) fn told<W: World>(deps: &Deps<W>, before: &Work, after: &Work, events: &[Event]) {
    let now = deps.now();
    for event in events {
        happened(deps, now, &before.request.wanted, event);
    }
    let (was, is) = (before.phase.name(), after.phase.name());
    if was == is {
        return;
    }
    let name = is.as_str();
    match &after.phase {
        Phase::Ready { .. } if was_ready(before) => {
            tracing::info!("ready again");
            deps.metrics.count(now, "Repaired", None);
        }
        Phase::Ready { line } => {
            let seconds = now.since(after.created_at).as_secs();
            let source = after.source_of(&line.number).as_str();
            tracing::info!(source, seconds, "ready");
            deps.metrics.count(now, "ProvisioningReady", Some(("Source", source)));
            deps.metrics.put(now, "SecondsToReady", seconds, Unit::Seconds, None);
            if !matches!(line.number.carrier, Carrier::Vapi { .. }) {
                deps.metrics.count(now, "RoutingSucceeded", None);
            }
        }
        Phase::ReadyDegraded(degraded) => {
            let code = degraded.problem.code();
            tracing::error!(problem = code, "ready, but calls may not arrive");
            deps.metrics.count(now, "RoutingFailed", None);
        }
        Phase::NeedsPerson(stuck) => {
            tracing::error!(problem = stuck.problem.code(), "a person must act");
            deps.metrics.count(now, "NeedsPerson", Some(("Problem", stuck.problem.code())));
        }
        Phase::Failed { problem } if after.recipient().is_none() => {
            tracing::warn!(problem = problem.code(), "no number for the pool");
            deps.metrics.count(now, "StockFailed", Some(("Problem", problem.code())));
        }
        Phase::Failed { problem } => {
            tracing::warn!(problem = problem.code(), "failed");
            deps.metrics.count(now, "ProvisioningFailed", Some(("Problem", problem.code())));
        }
        Phase::Stocked { .. } => {
            let source = before.phase.number().map(|number| number.source.as_str());
            tracing::info!(source, "the number is in the pool");
            deps.metrics.count(now, "NumbersStocked", source.map(|source| ("Source", source)));
        }
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
        | Phase::Released
        | Phase::Removing
        | Phase::Removed
        | Phase::Cancelled => tracing::info!(phase = name, "moved"),
    }
}

/// What is to be told of an event beside where the work goes.
fn happened<W: World>(deps: &Deps<W>, now: Timestamp, wanted: &Wanted, event: &Event) {
    match event {
        Event::Noted(entry) => note(deps, now, entry),
        Event::SourcePassed(source_passed, passed) => {
            let (source, why) = (source_passed.as_str(), passed.plain());
            tracing::info!(source, why, "source passed over");
            deps.metrics.count(now, "SourcePassed", Some(("Source", source)));
            if is_dry_account(*source_passed, passed, wanted) {
                deps.metrics.count(now, "TwilioPoolEmpty", None);
            }
        }
        Event::Entered(_)
        | Event::AssistantCreated(_)
        | Event::NumberTaken(_)
        | Event::Tried
        | Event::CancelAsked
        | Event::ReleaseAsked(_)
        | Event::Updating(_)
        | Event::RemovalAsked
        | Event::AttemptStarted(_) => {}
    }
}

/// Whether an account at Twilio has no number left to give, until somebody does something about it:
/// not what only this request could not have.
fn is_dry_account(source: Source, passed: &Passed, wanted: &Wanted) -> bool {
    let at_twilio = match source {
        Source::OrgTwilio | Source::GlobalTwilio => true,
        Source::Pool | Source::VapiFree | Source::Telnyx | Source::Manual => false,
    };
    let any_does = wanted.picked.is_none()
        && wanted.number_type == NumberType::Local
        && (wanted.area_code.is_none() || wanted.matching == Match::Any);
    let dry = match passed {
        Passed::NoBalance | Passed::TrialLimit | Passed::AccountInactive => true,
        Passed::BuyingNotAllowed | Passed::NoStock => any_does,
        Passed::NotConfigured
        | Passed::WrongType
        | Passed::WrongCountry
        | Passed::CannotPick
        | Passed::PoolEmpty
        | Passed::AllowanceUsed
        | Passed::PaymentRequired
        | Passed::AreaCodeUnavailable { .. }
        | Passed::DocumentsRequired
        | Passed::CapReached { .. }
        | Passed::PriceUnknown
        | Passed::NoCredential
        | Passed::SeveralCredentials
        | Passed::CredentialsUnreadable
        | Passed::CredentialMissing
        | Passed::KeyRejected
        | Passed::NumbersTaken
        | Passed::Refused { .. }
        | Passed::Unavailable
        | Passed::NumberUnusable => false,
    };
    at_twilio && dry
}

fn note<W: World>(deps: &Deps<W>, now: Timestamp, note: &Note) {
    match note {
        Note::DigitsLate => {
            tracing::error!("the digits of a free number are late");
            deps.metrics.count(now, "DigitsLate", None);
        }
        Note::AnswerLost { what } => {
            tracing::warn!(?what, "an answer was lost; looking it up");
            deps.metrics.count(now, "AnswerLost", None);
        }
        Note::Repeated { what } => tracing::warn!(?what, "certainly absent; sent once more"),
        Note::RouteRepaired => {
            tracing::warn!("the number was not routed to VAPI; routing it");
            deps.metrics.count(now, "RouteRepaired", None);
        }
        Note::LinkRepaired => tracing::warn!("the link to the assistant differed; linking again"),
        Note::OrderIntended { committed } => {
            let cents = u64::try_from(committed.get()).unwrap_or(0);
            deps.metrics.put(now, "CommittedCents", cents, Unit::Count, None);
        }
        Note::FoundLinked => tracing::warn!("a number that nobody has was found linked"),
        Note::GivingBack => tracing::info!("the number is to be given back"),
        Note::GivenBack => {
            tracing::info!("the number is given back");
            deps.metrics.count(now, "NumbersGivenBack", None);
        }
        Note::UpdateFailed { problem } => {
            let problem = problem.code();
            tracing::error!(problem, "VAPI was not told of a change of an assistant");
            deps.metrics.count(now, "AssistantUpdateFailed", None);
        }
        Note::Requested
        | Note::ReleaseAsked
        | Note::NumberClaimed
        | Note::Released
        | Note::Unlinked
        | Note::RecordRemoved
        | Note::AssistantCreated
        | Note::SourcePassed { .. }
        | Note::FreeNumberCreated
        | Note::OwnedFound
        | Note::OrderPlaced
        | Note::NumberBought
        | Note::NumberTaken
        | Note::NumberImported
        | Note::DigitsArrived
        | Note::FoundAgain { .. }
        | Note::Ready
        | Note::Degraded { .. }
        | Note::NeedsPerson { .. }
        | Note::Failed { .. }
        | Note::CancelAsked
        | Note::NumberRested
        | Note::RemovalAsked
        | Note::Removed
        | Note::Cancelled
        | Note::NumberNamed
        | Note::Stocked
        | Note::RetryAsked => tracing::debug!(?note, "noted"),
    }
}
