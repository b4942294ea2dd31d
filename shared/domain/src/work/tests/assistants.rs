//! Changes of the assistant, told to VAPI beside whatever else happens; and its removal.

use super::fixtures::*;
use super::script::{check, play};
use crate::outcome::{Missing, Outcome, Refusal};
use crate::source::Source;
use crate::vapi::{DeleteAssistantRefusal, VapiNumber};
use crate::work::{Ask, Context, Input, Limits, Next, Phase, Work, decide};
use expect_test::expect;
use ulid::Ulid;

const UPDATE: Input = Input::Asked(Ask::Update);
const REMOVE: Input = Input::Asked(Ask::Remove { quarantine_days: 30 });

fn told(version: u64) -> Input {
    Input::AssistantUpdated(Outcome::Done(version))
}

fn deleted() -> Input {
    Input::AssistantDeleted(Outcome::Done(()))
}

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

fn unlinked() -> VapiNumber {
    VapiNumber { assistant: None, ..active() }
}

#[test]
fn a_change_is_told_and_the_number_goes_on_answering() {
    check(
        ready(),
        [(100, UPDATE), (100, told(1))],
        &expect![[r#"
        100 update
            ready | Updating(Some(Update { next_at: Timestamp(1795132900000), tries: 0, lands_by: None })) | do update_assistant
        100 update_assistant done
            ready | Updating(None) | +told of version 1 | end
    "#]],
    );
}

#[test]
fn a_change_that_fails_is_tried_again_and_the_last_one_sent_counts() {
    check(
        ready(),
        [
            (100, UPDATE),
            (100, Input::AssistantUpdated(later())),
            (102, Input::Resumed),
            (112, Input::AssistantUpdated(Outcome::Unknown)),
            (116, Input::Resumed),
            (116, told(1)),
            (172, Input::Resumed),
            (172, told(1)),
        ],
        &expect![[r#"
            100 update
                ready | Updating(Some(Update { next_at: Timestamp(1795132900000), tries: 0, lands_by: None })) | do update_assistant
            100 update_assistant later
                ready | Updating(Some(Update { next_at: Timestamp(1795132902000), tries: 1, lands_by: None })) | wait 2s
            102 resumed
                ready | do update_assistant
            112 update_assistant unknown
                ready | Updating(Some(Update { next_at: Timestamp(1795132916000), tries: 2, lands_by: Some(Timestamp(1795132972000)) })) | wait 4s
            116 resumed
                ready | do update_assistant
            116 update_assistant done
                ready | Updating(Some(Update { next_at: Timestamp(1795132972000), tries: 0, lands_by: Some(Timestamp(1795132972000)) })) | +told of version 1 | wait 56s
            172 resumed
                ready | do update_assistant
            172 update_assistant done
                ready | Updating(None) | +told of version 1 | end
        "#]],
    );
}

#[test]
fn a_change_waits_for_the_assistant_and_disturbs_no_create() {
    check(
        new_work(any_local(), &[Source::VapiFree]),
        [
            (0, UPDATE),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (0, told(1)),
            (0, read(activating())),
        ],
        &expect![[r#"
            0 update
                creating_assistant | Updating(Some(Update { next_at: Timestamp(1795132800000), tries: 0, lands_by: None })) | do create_assistant
            0 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | do update_assistant
            0 update_assistant done
                awaiting_digits | Updating(None) | +told of version 1 | do read_number
            0 read_number done
                awaiting_digits | wait 2s
        "#]],
    );
}

#[test]
fn a_change_that_vapi_does_not_take_is_given_up_and_told() {
    let refused = Input::AssistantUpdated(Outcome::Refused(Refusal::Request("no".to_owned())));
    check(
        ready(),
        [(100, UPDATE), (100, refused)],
        &expect![[r#"
        100 update
            ready | Updating(Some(Update { next_at: Timestamp(1795132900000), tries: 0, lands_by: None })) | do update_assistant
        100 update_assistant refused Request("no")
            ready | UpdateFailed { problem: AssistantRefused { detail: "no" } } | Updating(None) | end
    "#]],
    );
}

#[test]
fn an_assistant_that_does_not_show_for_long_is_missed() {
    let (mut work, mut at) = (ready(), 100);
    let (mut input, limits) = (UPDATE, Limits::default());
    for _step in 0..40 {
        let now = super::fixtures::at(at);
        let ctx = Context { now, asked_at: now, fresh: Ulid(0), took_over: false, limits: &limits };
        let decision = decide(&work, input, ctx).unwrap();
        work = decision.work;
        input = match decision.next {
            Next::Do(_) => Input::AssistantUpdated(refused(Missing::NotFound)),
            Next::Wait { .. } => Input::Resumed,
            Next::End => {
                assert!(work.update().is_none() && work.phase.is_ready());
                let last = format!("{:?}", work.timeline.last().unwrap().note);
                assert_eq!(last, "UpdateFailed { problem: AssistantVanished }");
                return;
            }
        };
        at += 400;
    }
    panic!("it is tried for ever");
}

#[test]
fn what_a_dead_holder_sent_is_waited_for() {
    let limits = Limits::default();
    let asked = play(ready(), [(100, UPDATE)]).0;
    let over_at = |seconds| Context {
        now: at(seconds),
        asked_at: at(seconds),
        fresh: Ulid(0),
        took_over: true,
        limits: &limits,
    };
    let resumed = decide(&asked, Input::Resumed, over_at(200)).unwrap();
    assert!(matches!(resumed.next, Next::Do(_)), "it is sent at once");
    let sent = decide(&resumed.work, told(1), over_at(201)).unwrap();
    let until = at(270);
    assert_eq!(sent.next, Next::Wait { until, watched: false }, "and once more");
}

#[test]
fn whoever_is_over_with_a_change_under_way_is_not_replaced() {
    let called_off = play(ready(), [(90, UPDATE)]).0;
    assert!(!called_off.may_be_replaced());
    let mut over = play(called_off, [(91, Input::AssistantUpdated(later()))]).0;
    over.phase = Phase::Released;
    assert!(over.phase.is_over() && !over.may_be_replaced());
    let sent = play(over, [(1000, Input::Resumed), (1000, told(1))]).0;
    assert!(sent.may_be_replaced());
}

#[test]
fn an_assistant_with_a_number_is_deleted_once_that_is_off_it() {
    check(
        ready(),
        [
            (100, REMOVE),
            (100, Input::RowRead(Outcome::Done(ready().phase.number().cloned()))),
            (100, Input::Unlinked(Outcome::Done(unlinked()))),
            (100, read(unlinked())),
            (100, Input::CallsRead(Outcome::Done(true))),
            (100, deleted()),
        ],
        &expect![[r#"
            100 remove
                releasing | RemovalAsked | ReleaseAsked(30) | do read_row
            100 read_row done
                unlinking(unlink 1) | +claim assigned for assigned | do unlink
            100 unlink done
                unlinking(unlink 1) | do read_number
            100 read_number done
                unlinking(unlink 1) | do read_calls
            100 read_calls done
                removing | NumberRested | Released | +number quarantined for 2592000s [] | +calls not answered | +history Rested | +answers on nothing | do delete_assistant
            100 delete_assistant done
                removed | Removed | +drop assistant | end
        "#]],
    );
}

#[test]
fn an_assistant_still_on_its_way_is_called_off_and_deleted() {
    let waiting = play(
        new_work(any_local(), &[Source::VapiFree]),
        [(0, Input::Resumed), (0, assistant_made()), (0, slots_free()), (0, free_made())],
    );
    check(
        waiting.0,
        [
            (1, REMOVE),
            (1, Input::Unlinked(Outcome::Done(unlinked()))),
            (1, read(unlinked())),
            (1, deleted()),
        ],
        &expect![[r#"
            1 remove
                unlinking(unlink 1) | RemovalAsked | CancelAsked | +unwatch | do unlink
            1 unlink done
                unlinking(unlink 1) | do read_number
            1 read_number done
                removing | NumberRested | Cancelled | +number quarantined for 2592000s, unproven [] | +calls not answered | +history Rested | do delete_assistant
            1 delete_assistant done
                removed | Removed | +drop assistant | end
        "#]],
    );
}

#[test]
fn what_was_never_at_vapi_just_goes() {
    check(
        new_work(any_local(), &[Source::VapiFree]),
        [(0, REMOVE)],
        &expect![[r#"
        0 remove
            removed | RemovalAsked | CancelAsked | Cancelled | Removed | +drop assistant | end
    "#]],
    );
}

#[test]
fn an_assistant_that_something_else_refers_to_waits_for_a_person() {
    let pinned = || Input::AssistantDeleted(refused(DeleteAssistantRefusal::Pinned));
    let mut work = ready();
    work.phase = Phase::Released;
    let limits = Limits::default();
    let (mut input, mut at) = (REMOVE, 100);
    for _decision in 0..60 {
        let now = super::fixtures::at(at);
        let ctx = Context { now, asked_at: now, fresh: Ulid(0), took_over: false, limits: &limits };
        let decision = decide(&work, input, ctx).unwrap();
        work = decision.work;
        input = match decision.next {
            Next::Do(_) => pinned(),
            Next::Wait { .. } => Input::Resumed,
            Next::End => break,
        };
        at += 400;
    }
    check(
        work,
        [(at + 9, Input::Resumed), (at + 9, Input::Asked(Ask::Retry)), (at + 9, deleted())],
        &expect![[r#"
            10109 resumed
                needs_person(AssistantPinned at removing) | end
            10109 retry
                removing | AttemptStarted(Attempt(2)) | do delete_assistant
            10109 delete_assistant done
                removed | Removed | +drop assistant | end
        "#]],
    );
}

#[test]
fn a_retry_brings_no_number_to_what_is_to_be_deleted() {
    let mut work = play(new_work(any_local(), &[Source::VapiFree]), [(0, Input::Resumed)]).0;
    work.recipient_mut().unwrap().removal_asked = true;
    work.phase = Phase::Cancelled;
    check(
        work,
        [(5, Input::Asked(Ask::Retry))],
        &expect![[r#"
        5 retry
            removed | Removed | +drop assistant | end
    "#]],
    );
}
