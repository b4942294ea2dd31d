//! What must hold after every decision, whatever happened.

use super::providers::{Purchase, Record};
use super::random::Run;
use super::table::Holder;
use crate::number::{Carrier, State};
use crate::outcome::Outcome;
use crate::time::Timestamp;
use crate::vapi::NumberProvider;
use crate::work::{
    Ask, Change, Decision, Effect, Event, FoundOrder, Input, Next, Note, Phase, PhaseName, Work,
    apply,
};
use std::time::Duration;

/// What is set aside for a number in these tests, in cents.
const PRICE: i64 = 200;

/// Looks that found nothing, as a stranger counts them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Absence {
    pub(super) since: Timestamp,
    pub(super) looks: u8,
}

/// Counts what an end shows about a create in doubt.
pub(super) fn look(run: &mut Run, end: &Input) {
    let lost = matches!(
        end,
        Input::AssistantCreated(Outcome::Unknown)
            | Input::FreeCreated(Outcome::Unknown)
            | Input::OrderPlaced(Outcome::Unknown)
            | Input::Imported(Outcome::Unknown)
    );
    // After a repeat the first create may still come to light, whatever became of the second.
    let repeated = run.work.phase.intent().is_some_and(|intent| intent.repeats > 0);
    let not_done = match end {
        Input::FreeCreated(outcome) => !matches!(outcome, Outcome::Done(_)),
        Input::OrderPlaced(outcome) => !matches!(outcome, Outcome::Done(_)),
        Input::Imported(outcome) => !matches!(outcome, Outcome::Done(_)),
        _ => false,
    };
    let nothing = match end {
        Input::AssistantFound(Outcome::Done(None))
        | Input::FreeFound(Outcome::Done(None))
        | Input::OrderFound(Outcome::Done(FoundOrder::Nothing))
        | Input::ImportFound(Outcome::Done(None)) => true,
        Input::ImportFound(Outcome::Done(Some(found))) => found.provider == NumberProvider::Vapi,
        _ => false,
    };
    if lost {
        let since = run.now.after(run.limits.call_deadline);
        run.absence = Some(Absence { since, looks: 0 });
    } else if repeated && not_done {
        run.absence = Some(Absence { since: run.now, looks: 0 });
    } else if nothing {
        let since = run.asked_at;
        let counted = run.absence.get_or_insert(Absence { since, looks: 0 });
        counted.looks += u8::from(run.asked_at >= counted.since);
    }
}

/// The rules about one decision, before it is in force.
pub(super) fn check_decision(run: &Run, input: &Input, decision: &Decision) {
    let before = &run.work;
    let mut replayed = before.clone();
    for event in &decision.events {
        replayed = apply(replayed, event, run.now).unwrap();
    }
    assert_eq!(replayed, decision.work, "the events do not lead to the work");

    let text = serde_json::to_string(&decision.work).unwrap();
    let back: Work = serde_json::from_str(&text).unwrap();
    assert_eq!(back, decision.work, "it does not survive the table");

    let (from, to) = (before.phase.name(), decision.work.phase.name());
    let is_end = matches!(
        from,
        PhaseName::Ready
            | PhaseName::Failed
            | PhaseName::Cancelled
            | PhaseName::Released
            | PhaseName::Removed
            | PhaseName::Stocked
    );
    let asked = matches!(
        input,
        Input::Asked(
            Ask::Retry | Ask::Repeat | Ask::Release { .. } | Ask::Update | Ask::Remove { .. }
        )
    );
    if is_end && !asked {
        let telling = |event: &Event| {
            matches!(event, Event::Updating(_) | Event::Noted(Note::UpdateFailed { .. }))
        };
        assert!(decision.events.iter().all(telling) && from == to, "an end ended");
    }
    match &decision.next {
        Next::Wait { until, .. } => assert!(*until > run.now, "a wait without an end"),
        Next::End => assert!(
            matches!(
                to,
                PhaseName::Ready
                    | PhaseName::ReadyDegraded
                    | PhaseName::NeedsPerson
                    | PhaseName::Failed
                    | PhaseName::Cancelled
                    | PhaseName::Released
                    | PhaseName::Removed
                    | PhaseName::Stocked
            ),
            "it stops in {}",
            to.as_str()
        ),
        Next::Do(_) => {}
    }
    if from != to {
        check_told(&decision.work);
    }
    let repeats = |work: &Work| work.phase.intent().map_or(0, |intent| intent.repeats);
    if repeats(&decision.work) > repeats(before) {
        check_believed(run);
    }
    check_source_kept(before, decision);
    check_rested(run, decision);
    if to == PhaseName::Ready && from != to {
        check_ready(run, &decision.work);
    }
}

/// Where it came to is on the timeline.
fn check_told(work: &Work) {
    let told = |wanted: fn(&Note) -> bool| work.timeline.iter().any(|entry| wanted(&entry.note));
    let said = match work.phase.name() {
        PhaseName::Ready => told(|note| matches!(note, Note::Ready)),
        PhaseName::ReadyDegraded => told(|note| matches!(note, Note::Degraded { .. })),
        PhaseName::NeedsPerson => told(|note| matches!(note, Note::NeedsPerson { .. })),
        PhaseName::Failed => told(|note| matches!(note, Note::Failed { .. })),
        PhaseName::Cancelled => told(|note| matches!(note, Note::Cancelled)),
        PhaseName::Bought => told(|note| matches!(note, Note::NumberBought)),
        PhaseName::Proving => {
            told(|note| matches!(note, Note::NumberImported | Note::DigitsArrived))
        }
        PhaseName::Releasing => told(|note| matches!(note, Note::ReleaseAsked)),
        PhaseName::Released => told(|note| matches!(note, Note::Released)),
        PhaseName::Removing => told(|note| matches!(note, Note::RemovalAsked)),
        PhaseName::Removed => told(|note| matches!(note, Note::Removed)),
        PhaseName::Stocked => told(|note| matches!(note, Note::Stocked)),
        PhaseName::Unlinking => told(|note| matches!(note, Note::CancelAsked | Note::ReleaseAsked)),
        _ => true,
    };
    assert!(said, "the timeline does not tell of {}", work.phase.name().as_str());
}

/// Three looks found nothing, over two minutes from the deadline of the call or the take-over.
fn check_believed(run: &Run) {
    let absence = run.absence.expect("a repeat without a look");
    let window = absence.since.after(Duration::from_secs(120));
    assert!(absence.looks >= 3 && run.asked_at >= window, "believed too early: {absence:?}");
}

/// Once money is spent the source is not left.
fn check_source_kept(before: &Work, decision: &Decision) {
    let at = if let Phase::NeedsPerson(stuck) = &before.phase { &stuck.at } else { &before.phase };
    let spent = match at {
        Phase::Bought(_) | Phase::Importing(_) | Phase::ReadyDegraded(_) => true,
        Phase::Proving(proving) => {
            matches!(proving.line.number.carrier, Carrier::Telnyx { .. })
        }
        _ => false,
    };
    let left = decision
        .events
        .iter()
        .any(|event| matches!(event, Event::SourcePassed(..) | Event::NumberTaken(_)));
    assert!(!(spent && left), "the source was left after money was spent");
}

/// What is put to rest reaches nobody.
fn check_rested(run: &Run, decision: &Decision) {
    for change in &decision.changes {
        let (Change::UpdateNumber { number, .. } | Change::ParkNumber { number, .. }) = change
        else {
            continue;
        };
        if !matches!(number.state, State::Quarantined { .. } | State::Available { .. }) {
            continue;
        }
        let is_it = |record: &&Record| {
            number.vapi.as_ref() == Some(&record.number.id)
                || number.digits.as_ref() == Some(&record.real)
        };
        let linked = run.world.records.iter().filter(is_it).find(|record| !record.is_unlinked());
        assert!(linked.is_none(), "it rests, and somebody answers");
    }
}

/// Ready is what the providers say.
fn check_ready(run: &Run, work: &Work) {
    assert!(!work.cancel_asked, "ready, although it was called off");
    let Phase::Ready { line } = &work.phase else { unreachable!() };
    let record = run.world.records.iter().find(|record| record.number.id == line.vapi).unwrap();
    assert!(record.reaches(work.vapi_assistant()), "calls do not reach the assistant");
    let sip = work.request.wanted.number_type == crate::request::NumberType::Sip;
    assert!(line.number.digits.is_some() || sip, "ready without digits");
    if let Carrier::Telnyx { id, .. } = &line.number.carrier {
        assert!(id.is_some());
        let digits = line.number.digits.as_ref().unwrap();
        let mut bought = run.world.purchases.iter().filter(|bought| bought.digits == *digits);
        assert!(bought.next_back().unwrap().answers(run.now), "calls do not reach VAPI");
    }
}

/// The rules about an effect, before it is performed.
pub(super) fn check_effect(run: &Run, effect: &Effect) {
    if !effect.creates() {
        return;
    }
    assert!(!run.work.cancel_asked, "something is created although it was called off");
    let intent = run.work.phase.intent().expect("a create without an intent");
    let stamp = match effect {
        Effect::CreateAssistant(spec) => &spec.stamp,
        Effect::CreateFree(spec) => &spec.stamp,
        Effect::PlaceOrder(spec) => &spec.stamp,
        Effect::Import(spec) => &spec.stamp,
        other => unreachable!("{other:?} creates nothing"),
    };
    assert_eq!(&intent.stamp, stamp);
    let held = |digits: &crate::phone::E164| {
        let ours = run.work.phase.number().and_then(|number| number.digits.as_ref());
        ours == Some(digits)
    };
    if matches!(effect, Effect::CreateFree(_) | Effect::PlaceOrder(_)) {
        let alive = run.world.purchases.iter().filter(|bought| bought.is_alive());
        for bought in alive {
            let accounted = held(&bought.digits) || is_rested(run, bought);
            assert!(accounted, "bought beside {:?}", bought.digits);
        }
    }
}

/// Whether what was bought is in the table, and no longer this work's to write about.
fn is_rested(run: &Run, bought: &Purchase) -> bool {
    let same = |number: &&crate::number::Number| number.digits.as_ref() == Some(&bought.digits);
    run.table.numbers.values().find(same).is_some_and(|number| number.work.is_none())
}

/// The rows and the work tell the same.
pub(super) fn check_rows(run: &Run) {
    run.table.check_guards();
    let at = if let Phase::NeedsPerson(stuck) = &run.work.phase {
        stuck.at.as_ref()
    } else {
        &run.work.phase
    };
    let watching = matches!(&run.work.phase, Phase::AwaitingDigits(waiting) if !waiting.last_look);
    assert_eq!(run.table.watched.is_some(), watching, "the watch");

    let slots = run.table.slots.values().filter(|holder| **holder == Holder::Work).count();
    let creating = matches!(at, Phase::CreatingFree(_));
    assert_eq!(slots, usize::from(creating), "slots held by the work");

    let leased: Vec<_> = run.table.numbers.values().filter(|row| row.work.is_some()).collect();
    // What is to be released is taken over first, unless it was degraded and so is the work's.
    let is_held = |number: &&crate::number::Number| match at {
        Phase::Ready { .. } => false,
        Phase::Releasing(_) => number.work.is_some(),
        _ => true,
    };
    let held = at.number().filter(is_held);
    let ids = |rows: &[&crate::number::Number]| rows.iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(&leased), ids(&held.into_iter().collect::<Vec<_>>()), "numbers held");

    let mut bought = 0;
    for row in run.table.numbers.values() {
        match &row.carrier {
            Carrier::Telnyx { .. } | Carrier::Twilio { .. } => bought += 1,
            Carrier::Unknown => unreachable!("nobody names a number"),
            Carrier::Vapi { slot } => {
                assert_eq!(run.table.slots.get(slot), Some(&Holder::Number(row.id)), "its slot");
            }
        }
    }
    assert_eq!(run.table.committed, PRICE * bought, "money set aside");
    // What is being released is the assistant's until it rests.
    let keeps = at.is_ready() || at.is_being_released();
    let assigned = if keeps { at.number().map(|number| number.id) } else { None };
    let gone = run.table.assistant_gone;
    assert!(gone || run.table.assigned == assigned, "the assistant's number");
}

/// The rules about a work that has settled.
pub(super) fn check_settled(run: &Run) {
    let over = run.work.phase.is_over();
    if over {
        assert!(run.work.phase.intent().is_none() && run.work.phase.number().is_none());
        assert!(run.table.numbers.values().all(|row| row.work.is_none()), "a number is held");
    }
    for bought in run.world.purchases.iter().filter(|bought| bought.is_alive()) {
        let known = run.table.numbers.values().any(|n| n.digits.as_ref() == Some(&bought.digits));
        assert!(known, "lost: {:?}", bought.digits);
    }
    for record in &run.world.records {
        let row = run.table.numbers.values().find(|n| n.vapi.as_ref() == Some(&record.number.id));
        let stamp = run.work.phase.intent().map(|intent| intent.stamp.as_str());
        let in_doubt = stamp.is_some() && stamp == record.number.name.as_deref();
        assert!(row.is_some() || in_doubt, "lost: {:?}", record.number.id);
    }
}
