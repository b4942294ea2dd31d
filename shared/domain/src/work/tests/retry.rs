//! Trying again, from every end.

use super::fixtures::*;
use super::script::{check, play};
use crate::outcome::{Outcome, Refusal};
use crate::source::{Passed, Source};
use crate::work::{Ask, Input, Obstacle, Work};
use expect_test::expect;

const RETRY: Input = Input::Asked(Ask::Retry);

fn failed() -> Work {
    let work = new_work(picked(), &[Source::Telnyx]);
    let script = [(0, Input::Resumed), (0, assistant_made()), (0, scouted(Vec::new()))];
    play(work, script).0
}

#[test]
fn what_failed_begins_anew_if_no_other_has_its_place() {
    check(
        failed(),
        [(9, RETRY), (9, on_sale()), (9, ordered(crate::telnyx::OrderStatus::Pending))],
        &expect![[r#"
            9 retry
                scouting | AttemptStarted(Attempt(2)) | +still the latest | do scout
            9 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            9 place_order done
                awaiting_order(check 0) | OrderPlaced | +number acquiring [] | wait 1s
        "#]],
    );
    check(
        failed(),
        [(9, RETRY), (9, Input::WriteRefused(Obstacle::Superseded))],
        &expect![[r#"
            9 retry
                scouting | AttemptStarted(Attempt(2)) | +still the latest | do scout
            9 not written: Superseded
                failed(NumberTaken { alternatives: [] }) | end
        "#]],
    );
}

#[test]
fn what_was_called_off_begins_anew() {
    let work = new_work(any_local(), &[Source::VapiFree]);
    check(
        work,
        [(0, Input::Asked(Ask::Cancel)), (9, RETRY), (9, assistant_made())],
        &expect![[r#"
            0 cancel
                cancelled | CancelAsked | Cancelled | end
            9 retry
                creating_assistant | AttemptStarted(Attempt(2)) | +still the latest | do create_assistant
            9 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
        "#]],
    );
}

#[test]
fn exhausted_sources_are_tried_again() {
    let work = new_work(any_local(), &[Source::Telnyx]);
    check(
        work,
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, Input::Scouted(refused(Passed::NoCredential))),
            (9, RETRY),
            (9, Input::Scouted(Outcome::Refused(Refusal::NotConfigured))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            0 scout refused Because(NoCredential)
                needs_person(SourcesExhausted { passed: [(Telnyx, NoCredential)] } at queued) | SourcePassed(Telnyx, NoCredential) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, NoCredential)] } } | end
            9 retry
                scouting | AttemptStarted(Attempt(2)) | do scout
            9 scout refused NotConfigured
                needs_person(SourcesExhausted { passed: [(Telnyx, NotConfigured)] } at queued) | SourcePassed(Telnyx, NotConfigured) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, NotConfigured)] } } | end
        "#]],
    );
}

#[test]
fn a_retry_wakes_what_is_under_way_without_a_new_attempt() {
    let work = new_work(any_local(), &[Source::VapiFree]);
    check(
        work,
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (1, RETRY),
            (1, read(activating())),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            1 retry
                awaiting_digits | do read_number
            1 read_number done
                awaiting_digits | wait 1s
        "#]],
    );
}

#[test]
fn a_bought_number_is_imported_under_the_stamp_of_the_new_attempt() {
    let work = new_work(any_local(), &[Source::Telnyx]);
    let (work, _told) = play(
        work,
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(crate::telnyx::OrderStatus::Success)),
            (0, bought()),
            (0, Input::Imported(Outcome::Refused(Refusal::Key))),
            (9, RETRY),
        ],
    );
    assert_eq!(work.phase.intent().map(|intent| &intent.stamp), Some(&stamp(2)));
    assert_eq!(work.phase.number().map(|number| &number.stamp), Some(&stamp(1)));
}
