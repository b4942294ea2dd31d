//! Scripts: inputs at their times, and beside each what was decided.

use super::fixtures::at;
use super::show;
use crate::work::{Context, Effect, Input, Limits, Next, Work, decide};
use expect_test::Expect;
use ulid::Ulid;

/// Feeds the inputs, each so many seconds after the start, and compares what was decided.
#[track_caller]
pub(super) fn check<const N: usize>(work: Work, script: [(u64, Input); N], expected: &Expect) {
    let (_work, told) = play(work, script);
    expected.assert_eq(&told);
}

/// Feeds the inputs, and gives back the work and what was decided.
#[track_caller]
pub(super) fn play<const N: usize>(mut work: Work, script: [(u64, Input); N]) -> (Work, String) {
    let limits = Limits::default();
    let mut told = String::new();
    let mut asked: Option<Effect> = None;
    let mut written = work.clone();
    for (place, (seconds, input)) in script.into_iter().enumerate() {
        // What a script before this one asked for is not known.
        let fits = place == 0 || answers(asked.as_ref(), &input);
        assert!(fits, "{}\nis no answer to {asked:?} in\n{told}", show::input(&input));
        // Small ids draw the first of several and wait without jitter.
        let fresh = Ulid(u128::try_from(place).unwrap() << 80);
        let now = at(seconds);
        let ctx = Context { now, asked_at: now, fresh, took_over: false, limits: &limits };
        let said = show::input(&input);
        let refusal = matches!(input, Input::WriteRefused(_));
        // A decision that could not be written leaves the work as it was before.
        let stood = if refusal { &written } else { &work };
        let before = stood.clone();
        match decide(stood, input, ctx) {
            Ok(decision) => {
                let line = show::decision(&decision, ctx.now);
                told.push_str(&format!("{seconds} {said}\n    {line}\n"));
                asked = match &decision.next {
                    Next::Do(effect) => Some(effect.clone()),
                    Next::Wait { .. } | Next::End => None,
                };
                written = before;
                work = decision.work;
            }
            Err(error) => {
                told.push_str(&format!("{seconds} {said}\n    illegal: {error}\n"));
                assert!(refusal, "{told}");
            }
        }
    }
    (work, told)
}

/// Whether the input is the end of that effect; anything may come when none is under way.
pub(super) fn answers(effect: Option<&Effect>, input: &Input) -> bool {
    let subject = match input {
        Input::Resumed | Input::Asked(_) => return effect.is_none(),
        // The decision that asked for the effect was not written.
        Input::WriteRefused(_) => return true,
        Input::AssistantCreated(_) => "create_assistant",
        Input::AssistantFound(_) => "find_assistant",
        Input::PoolSearched(_) => "search_pool",
        Input::RowRead(_) => "read_row",
        Input::AllowanceRead(_) => "read_allowance",
        Input::FreeCreated(_) => "create_free",
        Input::FreeFound(_) => "find_free",
        Input::NumberRead(_) => "read_number",
        Input::Scouted(_) => "scout",
        Input::NumberFound(_) => "find_number",
        Input::Adopted(_) => "adopt",
        Input::OrderPlaced(_) => "place_order",
        Input::OrderFound(_) => "find_order",
        Input::OrderChecked(_) => "check_order",
        Input::Imported(_) => "import",
        Input::ImportFound(_) => "find_import",
        Input::LineRead(_) => "read_line",
        Input::Linked(_) => "link",
        Input::Unlinked(_) => "unlink",
        Input::Routed(_) => "route",
        Input::CallsRead(_) => "read_calls",
        Input::RecordRemoved(_) => "remove_record",
        Input::OwnedRead(_) => "read_owned",
        Input::OwnedRemoved(_) => "remove_owned",
    };
    effect.is_some_and(|effect| effect.name() == subject)
}
