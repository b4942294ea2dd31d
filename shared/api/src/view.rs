//! A work as the API shows it.

use crate::problem::TYPE_PREFIX;
use crate::setup;
use crate::wait;
use domain::figures;
use domain::number::State;
use domain::problem::Problem;
use domain::source::{Passed, Source};
use domain::time::Timestamp;
use domain::work::{Entry, Note, Phase, Work, progress};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use store::WorkRow;

/// Who looks: operators see more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// A business user.
    Business,
    /// An operator.
    Operator,
}

/// The work as JSON; `watch` is the pause between two lists of the numbers that wait for digits.
#[must_use]
pub fn work(row: &WorkRow, viewer: Viewer, now: Timestamp, watch: Duration) -> Value {
    let work = &row.work;
    let progress = progress(work, now);
    let cancel_asked = row.cancel_asked();
    let progress = if cancel_asked { progress.called_off() } else { progress };
    let progress = if row.is_being_released() { progress.given_up() } else { progress };
    let lost = matches!(work.phase, Phase::Failed { .. } | Phase::NeedsPerson(_));
    let mut view = Map::new();
    view.insert("success".to_owned(), json!(!lost));
    view.insert("provisioning_id".to_owned(), json!(work.id));
    view.insert("state".to_owned(), json!(progress.state));
    view.insert("step".to_owned(), json!(progress.step));
    view.insert("percent".to_owned(), json!(progress.percent));
    view.insert("message".to_owned(), json!(progress.message));
    view.insert("attempt".to_owned(), json!(work.attempt.get()));
    view.insert("cancel_asked".to_owned(), json!(cancel_asked));
    view.insert("business_id".to_owned(), json!(work.business()));
    view.insert("assistant_id".to_owned(), json!(work.recipient().map(|one| one.assistant)));
    view.insert("vapi_assistant_id".to_owned(), json!(work.vapi_assistant()));
    view.insert("created_at".to_owned(), json!(work.created_at.rfc3339()));
    view.insert(
        "next_check_at".to_owned(),
        json!(wait::next_news(row, now, watch).map(Timestamp::rfc3339)),
    );
    line(work, &mut view);
    view.insert("problem".to_owned(), problem(work, viewer).unwrap_or(Value::Null));
    let timeline: Vec<Value> =
        work.timeline.iter().map(|entry| entry_view(entry, viewer)).collect();
    view.insert("timeline".to_owned(), Value::Array(timeline));
    if viewer == Viewer::Operator {
        view.insert("kind".to_owned(), json!(work.kind.as_str()));
        view.insert("organization_id".to_owned(), json!(work.organization));
        view.insert("stamp".to_owned(), json!(work.stamp()));
        let passed: Vec<Value> =
            work.passed.iter().map(|(source, why)| passed(*source, why)).collect();
        view.insert("passed".to_owned(), Value::Array(passed));
    }
    Value::Object(view)
}

/// The number, once it is the assistant's: never a placeholder.
fn line(work: &Work, view: &mut Map<String, Value>) {
    let number = work.phase.number().filter(|_number| work.phase.is_ready());
    let since = number.and_then(|number| match &number.state {
        State::Assigned { since, .. } => Some(since.rfc3339()),
        State::Acquiring
        | State::Available { .. }
        | State::Reserved
        | State::Quarantined { .. }
        | State::Releasing
        | State::Released
        | State::Suspended
        | State::Retired
        | State::Unverified
        | State::Corrupted => None,
    });
    let digits = number.and_then(|number| number.digits.as_ref()).map(|digits| digits.reveal());
    let provider = number.map(|number| figures::provider(&number.carrier));
    view.insert("phone_number".to_owned(), json!(digits));
    view.insert("phoneNumber".to_owned(), json!(digits));
    view.insert("sip_uri".to_owned(), json!(number.and_then(|number| number.sip_uri.as_deref())));
    view.insert("number_id".to_owned(), json!(number.map(|number| number.id)));
    view.insert("phone_provider".to_owned(), json!(provider));
    view.insert("source".to_owned(), json!(number.map(|number| work.source_of(number))));
    view.insert("assigned_at".to_owned(), json!(since));
}

/// What stands in the way, if something does.
fn problem(work: &Work, viewer: Viewer) -> Option<Value> {
    let problem = work.phase.problem()?;
    let mut view = Map::new();
    view.insert("type".to_owned(), json!(format!("{TYPE_PREFIX}{}", problem.code())));
    view.insert("code".to_owned(), json!(problem.code()));
    view.insert("detail".to_owned(), json!(problem.plain()));
    if let Problem::NumberTaken { alternatives } = problem {
        let numbers: Vec<&str> = alternatives.iter().map(|number| number.reveal()).collect();
        view.insert("alternatives".to_owned(), json!(numbers));
        view.insert("next_steps".to_owned(), json!(problem.next_steps()));
    }
    if viewer == Viewer::Business && matches!(work.phase, Phase::NeedsPerson(_)) {
        let steps = "wait for our team, or cancel this and ask for another number";
        view.insert("next_steps".to_owned(), json!(steps));
    }
    if viewer == Viewer::Operator {
        view.insert("next_steps".to_owned(), json!(problem.next_steps()));
        detail(problem, &mut view);
        if work.waits_for_number() {
            view.insert("setup".to_owned(), setup::by_hand(work));
        }
    }
    Some(Value::Object(view))
}

/// What only operators see of a problem.
fn detail(problem: &Problem, view: &mut Map<String, Value>) {
    match problem {
        Problem::SourcesExhausted { passed: all } => {
            let all: Vec<Value> = all.iter().map(|(source, why)| passed(*source, why)).collect();
            view.insert("passed".to_owned(), Value::Array(all));
        }
        Problem::NotAssignable { why } => {
            view.insert("reason".to_owned(), reason(why));
            view.insert("text".to_owned(), json!(why.plain()));
        }
        Problem::NumberUnobtainable { reason } => {
            view.insert("reason".to_owned(), json!(reason.plain()));
        }
        Problem::AssistantRefused { detail }
        | Problem::ImportRefused { detail }
        | Problem::RemovalRefused { detail } => {
            view.insert("provider_said".to_owned(), json!(detail));
        }
        Problem::OutcomeUnknown { what } => {
            view.insert("what".to_owned(), json!(what));
        }
        Problem::NumberTaken { .. }
        | Problem::KeyRejected
        | Problem::NotConfigured
        | Problem::ProviderUnavailable
        | Problem::DigitsMissing
        | Problem::NumberBlocked
        | Problem::NumberVanished
        | Problem::DigitsClash
        | Problem::DocumentsRequired
        | Problem::OrderStuck
        | Problem::AlreadyImported
        | Problem::LinkLost
        | Problem::NotRouted
        | Problem::NotActive
        | Problem::UnlinkFailed
        | Problem::DeletionLocked
        | Problem::AssistantPinned
        | Problem::AssistantVanished => {}
    }
}

fn passed(source: Source, why: &Passed) -> Value {
    json!({ "source": source, "reason": reason(why), "text": why.plain() })
}

/// The code of a reason, as stored.
fn reason(why: &impl Serialize) -> Value {
    let value = serde_json::to_value(why).unwrap_or_default();
    value.get("reason").cloned().unwrap_or_default()
}

fn entry_view(entry: &Entry, viewer: Viewer) -> Value {
    let mut view = Map::new();
    let value = serde_json::to_value(&entry.note).unwrap_or_default();
    view.insert("at".to_owned(), json!(entry.at.rfc3339()));
    view.insert("event".to_owned(), value.get("event").cloned().unwrap_or_default());
    view.insert("text".to_owned(), json!(text(&entry.note, viewer)));
    if let Note::SourcePassed { source, passed } = &entry.note {
        view.insert("source".to_owned(), json!(source));
        view.insert("reason".to_owned(), reason(passed));
    }
    Value::Object(view)
}

fn text(note: &Note, viewer: Viewer) -> String {
    let plain = match note {
        Note::Requested => "a number was asked for",
        Note::ReleaseAsked => "the number is being released",
        Note::AssistantCreated => "the assistant is set up",
        Note::NumberClaimed => "a number is set aside for you",
        Note::SourcePassed { source, passed } => return passed_text(*source, passed, viewer),
        Note::FreeNumberCreated => "a number is set up and becoming active",
        Note::OrderIntended { .. } | Note::OwnedFound => "a number was found",
        Note::OrderPlaced => "the number is ordered",
        Note::NumberBought => "the number is yours",
        Note::NumberTaken => "the number was sold to somebody else; another one is looked for",
        Note::NumberImported => "the number is connected to the assistant",
        Note::DigitsArrived => "the number is active",
        Note::DigitsLate => "the number takes longer than usual to become active",
        Note::LinkRepaired => "the connection to the assistant was put right",
        Note::RouteRepaired => "the routing of calls was put right",
        Note::AnswerLost { .. } => "the phone service did not confirm a step; checking",
        Note::FoundAgain { .. } => "the step turned out to be done",
        Note::Repeated { .. } => "the step turned out not to be done; trying again",
        Note::Ready => "the assistant answers on its number",
        Note::Degraded { problem } | Note::NeedsPerson { problem } | Note::Failed { problem } => {
            problem.plain()
        }
        Note::CancelAsked => "it is being called off",
        Note::NumberRested => "the number is given back",
        Note::Released => "the number is released",
        Note::FoundLinked => "the number was found connected though nobody has it",
        Note::Unlinked => "the number is disconnected",
        Note::GivingBack => "the number is to be given back to its carrier",
        Note::RecordRemoved => "VAPI has the number no more",
        Note::GivenBack => "the number is given back",
        Note::UpdateFailed { .. } => "a change of the assistant did not reach the phone service",
        Note::RemovalAsked => "the assistant is being deleted",
        Note::Removed => "the assistant is deleted",
        Note::Cancelled => "it is called off",
        Note::RetryAsked => "it is tried again",
        Note::Stocked => "the number is in the pool",
        Note::NumberNamed => "our team has found a number; it is being set up",
    };
    plain.to_owned()
}

/// Businesses read that free numbers are used up and that another way is tried, not whose account
/// lacks what.
fn passed_text(source: Source, why: &Passed, viewer: Viewer) -> String {
    match (viewer, source, why) {
        (Viewer::Operator, _, _) => format!("{}: {}", source.as_str(), why.plain()),
        (Viewer::Business, Source::VapiFree, Passed::AllowanceUsed | Passed::PaymentRequired) => {
            "the free numbers are used up; another way is tried".to_owned()
        }
        (
            Viewer::Business,
            Source::Pool
            | Source::VapiFree
            | Source::OrgTwilio
            | Source::GlobalTwilio
            | Source::Telnyx
            | Source::Manual,
            _,
        ) => "there was no number here; another way is tried".to_owned(),
    }
}
