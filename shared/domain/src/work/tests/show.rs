//! Decisions, works and inputs as short text.

use crate::number::State;
use crate::outcome::Outcome;
use crate::time::Timestamp;
use crate::work::{
    Ask, CarrierReading, Change, Decision, Effect, Event, Input, Intent, Next, Phase,
};
use std::fmt::Debug;

/// A decision in one line: where the work stands, what is noted, what is written, what is next.
pub(super) fn decision(decision: &Decision, now: Timestamp) -> String {
    let mut parts = vec![phase(&decision.work.phase)];
    parts.extend(decision.events.iter().filter_map(event));
    parts.extend(decision.changes.iter().map(|made| change(made, now)));
    parts.push(next(&decision.next, now));
    parts.join(" | ")
}

pub(super) fn phase(phase: &Phase) -> String {
    let name = phase.name().as_str();
    let detail = match phase {
        Phase::NeedsPerson(stuck) => {
            Some(format!("{:?} at {}", stuck.problem, self::phase(&stuck.at)))
        }
        Phase::Failed { problem } => Some(format!("{problem:?}")),
        Phase::ReadyDegraded(degraded) => {
            Some(format!("{:?}, check {}", degraded.problem, degraded.checks))
        }
        Phase::AwaitingDigits(awaiting) if awaiting.last_look => Some("last look".to_owned()),
        Phase::AwaitingOrder(awaiting) => Some(format!("check {}", awaiting.checks)),
        Phase::Unlinking(unlinking) => Some(format!("unlink {}", unlinking.unlinks)),
        Phase::GivingBack(giving) => Some(format!("{:?}, {} removals", giving.at, giving.removals)),
        Phase::CreatingAssistant { .. }
        | Phase::CreatingFree(_)
        | Phase::Ordering(_)
        | Phase::Importing(_) => phase.intent().and_then(intent),
        Phase::Queued
        | Phase::Claiming
        | Phase::CheckingAllowance
        | Phase::AwaitingDigits(_)
        | Phase::Scouting
        | Phase::Taking { .. }
        | Phase::Finding(_)
        | Phase::Adopting(_)
        | Phase::Bought(_)
        | Phase::Proving(_)
        | Phase::Releasing(_)
        | Phase::Ready { .. }
        | Phase::Cancelled
        | Phase::Released
        | Phase::Removing
        | Phase::Removed
        | Phase::Stocked { .. } => None,
    };
    detail.map_or_else(|| name.to_owned(), |detail| format!("{name}({detail})"))
}

fn intent(intent: &Intent) -> Option<String> {
    let misses = intent.doubt.map(|doubt| format!("{} misses", doubt.misses));
    let repeated = match intent.repeats {
        0 => None,
        1 => Some("repeated".to_owned()),
        times => Some(format!("repeated {times} times")),
    };
    let parts: Vec<String> = repeated.into_iter().chain(misses).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn event(event: &Event) -> Option<String> {
    match event {
        Event::Entered(_) => None,
        Event::Noted(note) => Some(format!("{note:?}")),
        Event::AssistantCreated(_)
        | Event::SourcePassed(..)
        | Event::NumberTaken(_)
        | Event::Tried
        | Event::CancelAsked
        | Event::ReleaseAsked(_)
        | Event::Updating(_)
        | Event::RemovalAsked
        | Event::AttemptStarted(_) => Some(format!("{event:?}")),
    }
}

fn change(change: &Change, now: Timestamp) -> String {
    match change {
        Change::AssistantCreated(..) => "+assistant".to_owned(),
        Change::AssistantApplied(_, version) => format!("+told of version {version}"),
        Change::DropAssistant(_) => "+drop assistant".to_owned(),
        Change::AssistantNumber(_, assigned) => match assigned {
            Some(number) => format!("+answers on {:?}", number.digits),
            None => "+answers on nothing".to_owned(),
        },
        Change::ConfirmLatest(_) => "+still the latest".to_owned(),
        Change::TakeSlot(_) => "+take slot".to_owned(),
        Change::GiveSlot(..) => "+give slot".to_owned(),
        Change::HoldSlot(..) => "+hold slot".to_owned(),
        Change::FreeSlot(_) => "+free slot".to_owned(),
        Change::CloseFree(until) => format!("+close free for {:?}", until.since(now)),
        Change::Reserve(reservation, _) => format!("+reserve {}", reservation.amount),
        Change::Unreserve(reservation) => format!("+unreserve {}", reservation.amount),
        Change::OpenNumber(number) => format!("+open {:?}", number.guards()),
        Change::UpdateNumber { number, new_guards } => {
            let state = match &number.state {
                State::Quarantined { until, proof, .. } => {
                    let unproven = if proof.is_proven() { "" } else { ", unproven" };
                    format!("quarantined for {:?}{unproven}", until.since(now))
                }
                other => other.name().to_owned(),
            };
            format!("+number {state} {new_guards:?}")
        }
        Change::ClaimNumber { was, now } => {
            format!("+claim {} for {}", was.state.name(), now.state.name())
        }
        Change::MendNumber { was, now } => {
            format!("+mend {} for {}", was.state.name(), now.state.name())
        }
        Change::ParkNumber { number, new_guards } => {
            format!("+park {} {new_guards:?}", number.state.name())
        }
        Change::DropNumber(_) => "+drop number".to_owned(),
        Change::NumberGone(number) => format!("+gone {:?}", number.guards()),
        Change::Answers(_, Some(_)) => "+calls answered".to_owned(),
        Change::Answers(_, None) => "+calls not answered".to_owned(),
        Change::Watch(_) => "+watch".to_owned(),
        Change::Unwatch => "+unwatch".to_owned(),
        Change::History(_, event) => format!("+history {event:?}"),
    }
}

fn next(next: &Next, now: Timestamp) -> String {
    match next {
        Next::Do(effect) => format!("do {}", self::effect(effect)),
        Next::Wait { until, watched } => {
            let watched = if *watched { ", watched" } else { "" };
            format!("wait {:?}{watched}", until.since(now))
        }
        Next::End => "end".to_owned(),
    }
}

fn effect(effect: &Effect) -> String {
    let name = effect.name();
    match effect {
        Effect::CreateFree(spec) => match &spec.area_code {
            Some(code) => format!("{name} in {}", code.as_str()),
            None => name.to_owned(),
        },
        Effect::PlaceOrder(spec) => format!("{name} {:?}", spec.digits),
        Effect::Link { elsewhere: true, .. } | Effect::Unlink { elsewhere: true, .. } => {
            format!("{name} and what else is linked")
        }
        Effect::CreateAssistant(_)
        | Effect::FindAssistant { .. }
        | Effect::SearchPool(_)
        | Effect::ReadRow(_)
        | Effect::ReadAllowance
        | Effect::FindFree { .. }
        | Effect::ReadNumber(_)
        | Effect::Scout(_)
        | Effect::FindNumber { .. }
        | Effect::Adopt { .. }
        | Effect::FindOrder { .. }
        | Effect::CheckOrder { .. }
        | Effect::Import(_)
        | Effect::FindImport { .. }
        | Effect::ReadLine { .. }
        | Effect::Link { .. }
        | Effect::Unlink { .. }
        | Effect::ReadCalls { .. }
        | Effect::RemoveRecord(_)
        | Effect::ReadOwned(_)
        | Effect::RemoveOwned(_)
        | Effect::ReadAtTwilio { .. }
        | Effect::PutBack { .. }
        | Effect::RemoveAtTwilio { .. }
        | Effect::BuyAtTwilio { .. }
        | Effect::FindPurchase { .. }
        | Effect::ImportFromTwilio { .. }
        | Effect::RouteAtTwilio { .. }
        | Effect::UpdateAssistant { .. }
        | Effect::DeleteAssistant(_)
        | Effect::Route { .. } => name.to_owned(),
    }
}

/// An input in a few words.
pub(super) fn input(input: &Input) -> String {
    match input {
        Input::Resumed => "resumed".to_owned(),
        Input::Asked(Ask::Cancel) => "cancel".to_owned(),
        Input::Asked(Ask::Retry) => "retry".to_owned(),
        Input::Asked(Ask::Repeat) => "repeat".to_owned(),
        Input::Asked(Ask::Repair) => "repair".to_owned(),
        Input::Asked(Ask::Release { .. }) => "release".to_owned(),
        Input::Asked(Ask::Update) => "update".to_owned(),
        Input::Asked(Ask::Remove { .. }) => "remove".to_owned(),
        Input::Asked(Ask::Assign { .. }) => "assign".to_owned(),
        Input::WriteRefused(obstacle) => format!("not written: {obstacle:?}"),
        Input::AssistantCreated(end) => outcome("create_assistant", end),
        Input::AssistantFound(end) => outcome("find_assistant", end),
        Input::PoolSearched(end) => outcome("search_pool", end),
        Input::RowRead(end) => outcome("read_row", end),
        Input::AllowanceRead(end) => outcome("read_allowance", end),
        Input::FreeCreated(end) => outcome("create_free", end),
        Input::FreeFound(end) => outcome("find_free", end),
        Input::NumberRead(end) => outcome("read_number", end),
        Input::Scouted(end) => outcome("scout", end),
        Input::NumberFound(end) => outcome("find_number", end),
        Input::Adopted(end) => outcome("adopt", end),
        Input::OrderPlaced(end) => outcome("place_order", end),
        Input::BoughtAtTwilio(end) => outcome("buy_at_twilio", end),
        Input::OrderFound(end) => outcome("find_order", end),
        Input::OrderChecked(end) => outcome("check_order", end),
        Input::Imported(end) => outcome("import", end),
        Input::ImportFound(end) => outcome("find_import", end),
        Input::LineRead(reading) => {
            let carrier = match &reading.carrier {
                CarrierReading::Vapi => "vapi",
                CarrierReading::Unreadable { .. } => "unreadable",
                CarrierReading::Missing => "missing",
                CarrierReading::Twilio(number) if number.calls_vapi() => "answers",
                CarrierReading::Twilio(_) => "does not answer",
                CarrierReading::Telnyx { answers: true, .. } => "answers",
                CarrierReading::Telnyx { .. } => "does not answer",
            };
            format!("{}, carrier {carrier}", outcome("read_line", &reading.vapi))
        }
        Input::Linked(end) => outcome("link", end),
        Input::Unlinked(end) => outcome("unlink", end),
        Input::Routed(end) => outcome("route", end),
        Input::CallsRead(end) => outcome("read_calls", end),
        Input::RecordRemoved(end) => outcome("remove_record", end),
        Input::OwnedRead(end) => outcome("read_owned", end),
        Input::OwnedRemoved(end) => outcome("remove_owned", end),
        Input::AssistantUpdated(end) => outcome("update_assistant", end),
        Input::AssistantDeleted(end) => outcome("delete_assistant", end),
        Input::ReadAtTwilio(end) => outcome("read_at_twilio", end),
        Input::PutBack(end) => outcome("put_back", end),
    }
}

fn outcome<T, R: Debug>(name: &str, outcome: &Outcome<T, R>) -> String {
    match outcome {
        Outcome::Done(_) => format!("{name} done"),
        Outcome::Refused(refusal) => format!("{name} refused {refusal:?}"),
        Outcome::Transient { .. } => format!("{name} later"),
        Outcome::Unknown => format!("{name} unknown"),
    }
}
