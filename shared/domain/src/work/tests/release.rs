//! Releases: unlinked, read back, and at rest unless nobody ever called.

use super::fixtures::*;
use super::script::{check, play};
use crate::ids::NumberId;
use crate::number::Proof;
use crate::outcome::{Missing, Outcome};
use crate::source::Source;
use crate::vapi::VapiNumber;
use crate::work::{Ask, Input, Obstacle, Phase, Work};
use expect_test::expect;
use ulid::Ulid;

/// A free number that answers.
fn ready() -> Work {
    let script = [
        (0, Input::Resumed),
        (0, assistant_made()),
        (0, slots_free()),
        (0, free_made()),
        (60, Input::Resumed),
        (60, read(active())),
    ];
    play(new_work(any_local(), &[Source::VapiFree]), script).0
}

const RELEASE: Input = Input::Asked(Ask::Release { number: None, quarantine_days: 30 });

/// Somebody asks to release this very number.
fn release_of(number: NumberId) -> Input {
    Input::Asked(Ask::Release { number: Some(number), quarantine_days: 30 })
}

/// The number's row, which belongs to no work while it answers.
fn row() -> Input {
    Input::RowRead(Outcome::Done(ready().phase.number().cloned()))
}

fn unlinked() -> VapiNumber {
    VapiNumber { assistant: None, ..active() }
}

#[test]
fn the_number_that_was_asked_for_is_released_and_no_other() {
    let own = ready().phase.number().unwrap().id;
    let (work, told) = play(ready(), [(3600, release_of(own))]);
    let Phase::Releasing(releasing) = &work.phase else { panic!("{told}") };
    assert_eq!(releasing.proof, Proof::Proven, "it answers");
    let another = NumberId::new(Ulid(4));
    let (work, told) = play(ready(), [(3600, release_of(another))]);
    assert_eq!(work, ready(), "{told}");
}

#[test]
fn a_number_was_released_already_when_that_is_asked_again() {
    let own = ready().phase.number().unwrap().id;
    let script = [
        (3600, release_of(own)),
        (3600, row()),
        (3600, Input::Unlinked(Outcome::Done(unlinked()))),
        (3600, read(unlinked())),
        (3600, Input::CallsRead(Outcome::Done(true))),
    ];
    let (released, _told) = play(ready(), script);
    let (work, told) = play(released.clone(), [(3601, release_of(own))]);
    assert_eq!(work, released, "{told}");
}

#[test]
fn a_number_that_was_called_rests() {
    check(
        ready(),
        [
            (3600, RELEASE),
            (3600, row()),
            (3600, Input::Unlinked(Outcome::Done(unlinked()))),
            (3600, read(unlinked())),
            (3600, Input::CallsRead(Outcome::Done(true))),
        ],
        &expect![[r#"
            3600 release
                releasing | ReleaseAsked(30) | do read_row
            3600 read_row done
                unlinking(unlink 1) | +claim assigned for assigned | do unlink
            3600 unlink done
                unlinking(unlink 1) | do read_number
            3600 read_number done
                unlinking(unlink 1) | do read_calls
            3600 read_calls done
                released | NumberRested | Released | +number quarantined for 2592000s [] | +calls not answered | +history Rested | +answers on nothing | end
        "#]],
    );
}

#[test]
fn a_number_that_nobody_called_need_not_rest_and_one_nobody_knows_about_does() {
    let rests = |seconds: u64, calls: Option<Input>| {
        let script = [
            (seconds, RELEASE),
            (seconds, row()),
            (seconds, Input::Unlinked(Outcome::Done(unlinked()))),
            (seconds, read(unlinked())),
        ];
        let (work, told) = play(ready(), script);
        let told = match calls {
            Some(calls) => play(work, [(seconds, calls)]).1,
            None => told,
        };
        told.contains("+number quarantined for 2592000s")
    };
    assert!(!rests(3600, Some(Input::CallsRead(Outcome::Done(false)))));
    assert!(rests(3600, Some(Input::CallsRead(Outcome::Done(true)))));
    assert!(rests(3600, Some(Input::CallsRead(later()))));
    // VAPI has forgotten the calls of so long ago: it is not asked.
    assert!(rests(15 * 24 * 3600, None));
}

#[test]
fn an_unlink_without_an_answer_is_waited_out() {
    check(
        ready(),
        [
            (3600, RELEASE),
            (3600, row()),
            (3600, Input::Unlinked(Outcome::Unknown)),
            (3601, Input::Resumed),
            (3601, Input::Unlinked(Outcome::Done(unlinked()))),
            (3601, read(unlinked())),
            (3670, Input::Resumed),
            (3670, Input::Unlinked(Outcome::Done(unlinked()))),
            (3670, read(unlinked())),
            (3670, Input::CallsRead(Outcome::Done(true))),
        ],
        &expect![[r#"
            3600 release
                releasing | ReleaseAsked(30) | do read_row
            3600 read_row done
                unlinking(unlink 1) | +claim assigned for assigned | do unlink
            3600 unlink unknown
                unlinking(unlink 1) | Tried | wait 2s
            3601 resumed
                unlinking(unlink 1) | do unlink
            3601 unlink done
                unlinking(unlink 1) | do read_number
            3601 read_number done
                unlinking(unlink 1) | wait 69s
            3670 resumed
                unlinking(unlink 1) | do unlink
            3670 unlink done
                unlinking(unlink 1) | do read_number
            3670 read_number done
                unlinking(unlink 1) | do read_calls
            3670 read_calls done
                released | NumberRested | Released | +number quarantined for 2592000s [] | +calls not answered | +history Rested | +answers on nothing | end
        "#]],
    );
}

#[test]
fn a_release_cannot_be_called_off_and_ends_for_good() {
    check(
        ready(),
        [
            (3600, RELEASE),
            (3600, row()),
            (3600, Input::Unlinked(later())),
            (3601, Input::Asked(Ask::Cancel)),
            (3601, Input::Unlinked(refused(Missing::NotFound))),
            (3601, read(unlinked())),
            (3601, Input::CallsRead(Outcome::Done(true))),
            (3700, Input::Asked(Ask::Retry)),
            (3700, RELEASE),
        ],
        &expect![[r#"
            3600 release
                releasing | ReleaseAsked(30) | do read_row
            3600 read_row done
                unlinking(unlink 1) | +claim assigned for assigned | do unlink
            3600 unlink later
                unlinking(unlink 1) | Tried | wait 2s
            3601 cancel
                unlinking(unlink 1) | do unlink
            3601 unlink refused Because(NotFound)
                unlinking(unlink 1) | do read_number
            3601 read_number done
                unlinking(unlink 1) | do read_calls
            3601 read_calls done
                released | NumberRested | Released | +number quarantined for 2592000s [] | +calls not answered | +history Rested | +answers on nothing | end
            3700 retry
                released | end
            3700 release
                released | end
        "#]],
    );
}

#[test]
fn a_row_that_another_work_writes_about_is_waited_for() {
    let busy = |seconds: u64| {
        let mut number = ready().phase.number().cloned().unwrap();
        number.work = Some(crate::ids::WorkId::new(Ulid(5)));
        (seconds, Input::RowRead(Outcome::Done(Some(number))))
    };
    check(
        ready(),
        [
            (3600, RELEASE),
            busy(3600),
            (3601, Input::Resumed),
            (3601, row()),
            (3601, Input::WriteRefused(Obstacle::NumberGone)),
            (3604, Input::Resumed),
            (3604, row()),
            (3604, Input::Unlinked(Outcome::Done(unlinked()))),
        ],
        &expect![[r#"
            3600 release
                releasing | ReleaseAsked(30) | do read_row
            3600 read_row done
                releasing | Tried | wait 2s
            3601 resumed
                releasing | do read_row
            3601 read_row done
                unlinking(unlink 1) | +claim assigned for assigned | do unlink
            3601 not written: NumberGone
                releasing | Tried | wait 4s
            3604 resumed
                releasing | do read_row
            3604 read_row done
                unlinking(unlink 1) | +claim assigned for assigned | do unlink
            3604 unlink done
                unlinking(unlink 1) | do read_number
        "#]],
    );
}

#[test]
fn a_release_before_there_is_anything_to_release_changes_nothing() {
    let work = new_work(any_local(), &[Source::VapiFree]);
    check(
        work,
        [(0, RELEASE), (0, assistant_made())],
        &expect![[r#"
        0 release
            creating_assistant | do create_assistant
        0 create_assistant done
            checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
    "#]],
    );
}
