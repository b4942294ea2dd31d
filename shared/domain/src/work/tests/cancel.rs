//! Calling off, in every phase: at the next point with no intent open, and nothing is lost.

use super::fixtures::*;
use super::script::{check, play};
use crate::outcome::{Missing, Outcome};
use crate::source::Source;
use crate::telnyx::OrderStatus;
use crate::vapi::VapiNumber;
use crate::work::{Ask, FoundOrder, Input, Work};
use expect_test::expect;

const CANCEL: Input = Input::Asked(Ask::Cancel);

fn free_only() -> Work {
    new_work(any_local(), &[Source::VapiFree])
}

/// As far as the order that is placed.
fn ordering() -> Work {
    let work = new_work(any_local(), &[Source::Telnyx]);
    play(work, [(0, Input::Resumed), (0, assistant_made()), (0, on_sale())]).0
}

fn unlinked(number: VapiNumber) -> VapiNumber {
    VapiNumber { assistant: None, ..number }
}

#[test]
fn what_holds_nothing_is_over_at_once() {
    check(
        free_only(),
        [(0, CANCEL)],
        &expect![[r#"
            0 cancel
                cancelled | CancelAsked | Cancelled | end
        "#]],
    );
    let (looking, _told) = play(free_only(), [(0, Input::Resumed), (0, assistant_made())]);
    check(
        looking,
        [(0, CANCEL)],
        &expect![[r#"
            0 cancel
                cancelled | CancelAsked | Cancelled | end
        "#]],
    );
}

#[test]
fn an_assistant_in_doubt_is_found_first() {
    let (lost, _told) =
        play(free_only(), [(0, Input::Resumed), (0, Input::AssistantCreated(Outcome::Unknown))]);
    check(
        lost,
        [(1, CANCEL), (1, Input::AssistantFound(Outcome::Done(Some(assistant()))))],
        &expect![[r#"
            1 cancel
                creating_assistant(0 misses) | CancelAsked | do find_assistant
            1 find_assistant done
                cancelled | FoundAgain { what: Assistant } | AssistantCreated(VapiAssistantId("assistant-1")) | Cancelled | +assistant | end
        "#]],
    );
}

#[test]
fn nothing_is_created_any_more_once_absence_is_believed() {
    let (lost, _told) = play(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, Input::FreeCreated(Outcome::Unknown)),
        ],
    );
    let nothing = || Input::FreeFound(Outcome::Done(None));
    check(
        lost,
        [
            (10, CANCEL),
            (10, nothing()),
            (70, Input::Resumed),
            (70, nothing()),
            (130, Input::Resumed),
            (130, nothing()),
        ],
        &expect![[r#"
            10 cancel
                creating_free(0 misses) | CancelAsked | do find_free
            10 find_free done
                creating_free(1 misses) | wait 60s
            70 resumed
                creating_free(1 misses) | do find_free
            70 find_free done
                creating_free(2 misses) | wait 60s
            130 resumed
                creating_free(2 misses) | do find_free
            130 find_free done
                cancelled | Cancelled | +free slot | end
        "#]],
    );
    let (lost, _told) = play(ordering(), [(0, Input::OrderPlaced(Outcome::Unknown))]);
    check(
        lost,
        [
            (10, CANCEL),
            (10, found_nothing()),
            (70, Input::Resumed),
            (70, found_nothing()),
            (130, Input::Resumed),
            (130, found_nothing()),
        ],
        &expect![[r#"
            10 cancel
                ordering(0 misses) | CancelAsked | do find_order
            10 find_order done
                ordering(1 misses) | wait 60s
            70 resumed
                ordering(1 misses) | do find_order
            70 find_order done
                ordering(2 misses) | wait 60s
            130 resumed
                ordering(2 misses) | do find_order
            130 find_order done
                cancelled | Cancelled | +unreserve 2.00 | +drop number | end
        "#]],
    );
}

#[test]
fn a_free_number_is_unlinked_read_back_and_rests() {
    let (waiting, _told) = play(
        free_only(),
        [(0, Input::Resumed), (0, assistant_made()), (0, slots_free()), (0, free_made())],
    );
    check(
        waiting,
        [
            (5, CANCEL),
            // Without a clear answer it is taken off once more.
            (5, Input::Unlinked(Outcome::Unknown)),
            (7, Input::Resumed),
            (7, Input::Unlinked(Outcome::Done(activating()))),
            // A record may lag its creation.
            (7, Input::NumberRead(refused(Missing::NotFound))),
            (9, Input::Resumed),
            (9, Input::Unlinked(Outcome::Done(activating()))),
            (9, read(activating())),
            (9, Input::Unlinked(Outcome::Done(activating()))),
            (9, read(unlinked(activating()))),
        ],
        &expect![[r#"
            5 cancel
                unlinking(unlink 1) | CancelAsked | +unwatch | do unlink
            5 unlink unknown
                unlinking(unlink 1) | Tried | wait 2s
            7 resumed
                unlinking(unlink 1) | do unlink
            7 unlink done
                unlinking(unlink 1) | do read_number
            7 read_number refused Because(NotFound)
                unlinking(unlink 1) | Tried | wait 4s
            9 resumed
                unlinking(unlink 1) | do unlink
            9 unlink done
                unlinking(unlink 1) | do read_number
            9 read_number done
                unlinking(unlink 2) | do unlink and what else is linked
            9 unlink done
                unlinking(unlink 2) | do read_number
            9 read_number done
                unlinking(unlink 2) | wait 66s
        "#]],
    );
}

#[test]
fn a_link_that_cannot_be_taken_off_needs_a_person() {
    let (waiting, _told) = play(
        free_only(),
        [(0, Input::Resumed), (0, assistant_made()), (0, slots_free()), (0, free_made())],
    );
    let done = || Input::Unlinked(Outcome::Done(activating()));
    check(
        waiting,
        [
            (5, CANCEL),
            (5, done()),
            (5, read(activating())),
            (5, done()),
            (5, read(activating())),
            (5, done()),
            (5, read(activating())),
            // Who asks to try again asks for the unlinking.
            (9, Input::Asked(Ask::Retry)),
            (9, done()),
            (9, read(unlinked(activating()))),
        ],
        &expect![[r#"
            5 cancel
                unlinking(unlink 1) | CancelAsked | +unwatch | do unlink
            5 unlink done
                unlinking(unlink 1) | do read_number
            5 read_number done
                unlinking(unlink 2) | do unlink and what else is linked
            5 unlink done
                unlinking(unlink 2) | do read_number
            5 read_number done
                unlinking(unlink 3) | do unlink and what else is linked
            5 unlink done
                unlinking(unlink 3) | do read_number
            5 read_number done
                needs_person(UnlinkFailed at unlinking(unlink 1)) | NeedsPerson { problem: UnlinkFailed } | end
            9 retry
                unlinking(unlink 1) | AttemptStarted(Attempt(2)) | do unlink
            9 unlink done
                unlinking(unlink 1) | do read_number
            9 read_number done
                cancelled | NumberRested | Cancelled | +number quarantined for 2592000s, unproven [] | +calls not answered | +history Rested | end
        "#]],
    );
}

#[test]
fn an_order_is_waited_for_and_what_it_brought_rests() {
    let (lost, _told) = play(ordering(), [(0, Input::OrderPlaced(Outcome::Unknown))]);
    check(
        lost,
        [
            (1, CANCEL),
            (1, Input::OrderFound(Outcome::Done(FoundOrder::Order(order(OrderStatus::Pending))))),
            (2, Input::Resumed),
            (2, settled(OrderStatus::Pending, None)),
            (4, Input::Resumed),
            (4, bought()),
        ],
        &expect![[r#"
            1 cancel
                ordering(0 misses) | CancelAsked | do find_order
            1 find_order done
                awaiting_order(check 0) | FoundAgain { what: Order } | OrderPlaced | +number acquiring [] | wait 1s
            2 resumed
                awaiting_order(check 0) | do check_order
            2 check_order done
                awaiting_order(check 1) | wait 2s
            4 resumed
                awaiting_order(check 1) | do check_order
            4 check_order done
                cancelled | NumberBought | NumberRested | Cancelled | +number quarantined for 0ns, unproven [Telnyx(TelnyxNumberId("1293000000000000001"))] | +history Rested | end
        "#]],
    );
}

#[test]
fn an_order_that_fails_leaves_nothing() {
    let (placed, _told) = play(ordering(), [(0, ordered(OrderStatus::Pending))]);
    check(
        placed,
        [(1, CANCEL), (1, settled(OrderStatus::Failure, None))],
        &expect![[r#"
            1 cancel
                awaiting_order(check 0) | CancelAsked | do check_order
            1 check_order done
                cancelled | Cancelled | +unreserve 2.00 | +drop number | end
        "#]],
    );
}

#[test]
fn an_import_in_doubt_is_found_unlinked_and_rests() {
    let (lost, _told) = play(
        ordering(),
        [(0, ordered(OrderStatus::Success)), (0, bought()), (0, Input::Imported(Outcome::Unknown))],
    );
    check(
        lost.clone(),
        [
            (1, CANCEL),
            (1, Input::ImportFound(Outcome::Done(Some(imported())))),
            (1, Input::Unlinked(Outcome::Done(unlinked(imported())))),
            (1, read(unlinked(imported()))),
        ],
        &expect![[r#"
            1 cancel
                importing(0 misses) | CancelAsked | do find_import
            1 find_import done
                unlinking(unlink 1) | FoundAgain { what: Import } | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do unlink
            1 unlink done
                unlinking(unlink 1) | do read_number
            1 read_number done
                cancelled | NumberRested | Cancelled | +number quarantined for 2592000s, unproven [] | +calls not answered | +history Rested | end
        "#]],
    );
    let nothing = || Input::ImportFound(Outcome::Done(None));
    check(
        lost,
        [
            (10, CANCEL),
            (10, nothing()),
            (70, Input::Resumed),
            (70, nothing()),
            (130, Input::Resumed),
            (130, nothing()),
        ],
        &expect![[r#"
            10 cancel
                importing(0 misses) | CancelAsked | do find_import
            10 find_import done
                importing(1 misses) | wait 60s
            70 resumed
                importing(1 misses) | do find_import
            70 find_import done
                importing(2 misses) | wait 60s
            130 resumed
                importing(2 misses) | do find_import
            130 find_import done
                cancelled | NumberRested | Cancelled | +number quarantined for 0ns, unproven [] | +history Rested | end
        "#]],
    );
}

#[test]
fn a_bought_number_that_never_was_at_vapi_rests_at_once() {
    let (bought, _told) = play(
        ordering(),
        [(0, ordered(OrderStatus::Success)), (0, bought()), (0, Input::Imported(later()))],
    );
    check(
        bought,
        [(1, CANCEL)],
        &expect![[r#"
            1 cancel
                cancelled | CancelAsked | NumberRested | Cancelled | +number quarantined for 0ns, unproven [] | +history Rested | end
        "#]],
    );
}

#[test]
fn what_waits_for_a_person_can_be_called_off() {
    let (exhausted, _told) = play(
        free_only(),
        [
            (0, Input::Resumed),
            (0, Input::AssistantCreated(Outcome::Refused(crate::outcome::Refusal::Key))),
        ],
    );
    check(
        exhausted,
        [(1, CANCEL)],
        &expect![[r#"
            1 cancel
                cancelled | CancelAsked | Cancelled | end
        "#]],
    );
}

#[test]
fn what_is_ready_is_released_and_not_called_off() {
    let (ready, _told) = play(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (2, Input::Resumed),
            (2, read(active())),
        ],
    );
    check(
        ready,
        [(3, CANCEL), (4, Input::Asked(Ask::Retry)), (5, Input::Resumed)],
        &expect![[r#"
            3 cancel
                ready | end
            4 retry
                ready | end
            5 resumed
                ready | end
        "#]],
    );
}

#[test]
fn a_link_that_may_still_arrive_is_waited_out_before_the_number_rests() {
    let (waiting, _told) = play(
        free_only(),
        [(0, Input::Resumed), (0, assistant_made()), (0, slots_free()), (0, free_made())],
    );
    let gone = || Input::Unlinked(Outcome::Done(unlinked(active())));
    check(
        waiting,
        [
            (5, Input::Resumed),
            (5, read(unlinked(active()))),
            (5, Input::Linked(Outcome::Unknown)),
            (6, CANCEL),
            (6, gone()),
            (6, read(unlinked(active()))),
            // It has arrived meanwhile.
            (75, Input::Resumed),
            (75, gone()),
            (75, read(unlinked(active()))),
        ],
        &expect![[r#"
            5 resumed
                awaiting_digits | do read_number
            5 read_number done
                proving | DigitsArrived | LinkRepaired | +unwatch | do link
            5 link unknown
                proving | Tried | wait 2s
            6 cancel
                unlinking(unlink 1) | CancelAsked | do unlink
            6 unlink done
                unlinking(unlink 1) | do read_number
            6 read_number done
                unlinking(unlink 1) | wait 69s
            75 resumed
                unlinking(unlink 1) | do unlink
            75 unlink done
                unlinking(unlink 1) | do read_number
            75 read_number done
                cancelled | NumberRested | Cancelled | +number quarantined for 2592000s, unproven [] | +calls not answered | +history Rested | end
        "#]],
    );
}
