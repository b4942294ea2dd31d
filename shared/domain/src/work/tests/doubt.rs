//! Lost answers: looked up, believed absent, repeated once, then a person.

use super::fixtures::*;
use super::script::{check, play};
use super::show;
use crate::outcome::{Outcome, Refusal};
use crate::source::Source;
use crate::telnyx::{OrderRefusal, OrderStatus};
use crate::work::{Ask, Context, FoundOrder, Input, Limits, Work, decide};
use expect_test::expect;
use ulid::Ulid;

fn free_only() -> Work {
    new_work(any_local(), &[Source::VapiFree])
}

fn telnyx_only() -> Work {
    new_work(any_local(), &[Source::Telnyx])
}

/// An order whose answer was lost and that two looks did not find.
fn twice_not_found() -> Work {
    let script = [
        (0, Input::Resumed),
        (0, assistant_made()),
        (0, on_sale()),
        (0, Input::OrderPlaced(Outcome::Unknown)),
        (11, Input::Resumed),
        (11, found_nothing()),
        (12, Input::Resumed),
        (12, found_nothing()),
        (13, Input::Resumed),
    ];
    play(telnyx_only(), script).0
}

/// A process may stand still between an answer and what it makes of it: the answer is as old as the
/// question, and does not become proof with age.
#[test]
fn a_look_shows_what_was_so_when_it_was_taken() {
    let limits = Limits::default();
    let decided = |asked_at: u64| {
        let (now, asked_at) = (at(200), at(asked_at));
        let ctx = Context { now, asked_at, fresh: Ulid(1), took_over: false, limits: &limits };
        show::decision(&decide(&twice_not_found(), found_nothing(), ctx).unwrap(), now)
    };
    assert_eq!(decided(13), "ordering(3 misses) | wait 60s");
    assert_eq!(decided(129), "ordering(3 misses) | wait 60s");
    assert_eq!(
        decided(130),
        "ordering(repeated) | Repeated { what: Order } | do place_order …0123"
    );
    assert_eq!(decided(9), "ordering(2 misses) | wait 60s", "it was taken before looks count");
}

#[test]
fn a_lost_assistant_is_found_again() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (10, Input::AssistantCreated(Outcome::Unknown)),
            (12, Input::Resumed),
            (12, Input::AssistantFound(Outcome::Done(Some(assistant())))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            10 create_assistant unknown
                creating_assistant(0 misses) | AnswerLost { what: Assistant } | wait 2s
            12 resumed
                creating_assistant(0 misses) | do find_assistant
            12 find_assistant done
                checking_allowance | FoundAgain { what: Assistant } | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
        "#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one script, read from top to bottom")]
fn a_lost_assistant_is_created_twice_more_and_then_a_person_is_asked() {
    let nothing = || Input::AssistantFound(Outcome::Done(None));
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (10, Input::AssistantCreated(Outcome::Unknown)),
            (12, Input::Resumed),
            (12, nothing()),
            (20, Input::Resumed),
            (20, nothing()),
            (80, Input::Resumed),
            (80, nothing()),
            (140, Input::Resumed),
            (140, nothing()),
            (150, Input::AssistantCreated(Outcome::Unknown)),
            (160, Input::Resumed),
            (160, nothing()),
            (220, Input::Resumed),
            (220, nothing()),
            (280, Input::Resumed),
            (280, nothing()),
            (290, Input::AssistantCreated(Outcome::Unknown)),
            (300, Input::Resumed),
            (300, nothing()),
            (360, Input::Resumed),
            (360, nothing()),
            (420, Input::Resumed),
            (420, nothing()),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            10 create_assistant unknown
                creating_assistant(0 misses) | AnswerLost { what: Assistant } | wait 2s
            12 resumed
                creating_assistant(0 misses) | do find_assistant
            12 find_assistant done
                creating_assistant(0 misses) | wait 8s
            20 resumed
                creating_assistant(0 misses) | do find_assistant
            20 find_assistant done
                creating_assistant(1 misses) | wait 60s
            80 resumed
                creating_assistant(1 misses) | do find_assistant
            80 find_assistant done
                creating_assistant(2 misses) | wait 60s
            140 resumed
                creating_assistant(2 misses) | do find_assistant
            140 find_assistant done
                creating_assistant(repeated) | Repeated { what: Assistant } | do create_assistant
            150 create_assistant unknown
                creating_assistant(repeated, 0 misses) | AnswerLost { what: Assistant } | wait 2s
            160 resumed
                creating_assistant(repeated, 0 misses) | do find_assistant
            160 find_assistant done
                creating_assistant(repeated, 1 misses) | wait 60s
            220 resumed
                creating_assistant(repeated, 1 misses) | do find_assistant
            220 find_assistant done
                creating_assistant(repeated, 2 misses) | wait 60s
            280 resumed
                creating_assistant(repeated, 2 misses) | do find_assistant
            280 find_assistant done
                creating_assistant(repeated 2 times) | Repeated { what: Assistant } | do create_assistant
            290 create_assistant unknown
                creating_assistant(repeated 2 times, 0 misses) | AnswerLost { what: Assistant } | wait 2s
            300 resumed
                creating_assistant(repeated 2 times, 0 misses) | do find_assistant
            300 find_assistant done
                creating_assistant(repeated 2 times, 1 misses) | wait 60s
            360 resumed
                creating_assistant(repeated 2 times, 1 misses) | do find_assistant
            360 find_assistant done
                creating_assistant(repeated 2 times, 2 misses) | wait 60s
            420 resumed
                creating_assistant(repeated 2 times, 2 misses) | do find_assistant
            420 find_assistant done
                needs_person(OutcomeUnknown { what: Assistant } at creating_assistant(repeated 2 times, 2 misses)) | NeedsPerson { problem: OutcomeUnknown { what: Assistant } } | end
        "#]],
    );
}

#[test]
fn looks_before_the_deadline_of_the_call_show_nothing() {
    let nothing = || Input::FreeFound(Outcome::Done(None));
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, Input::FreeCreated(Outcome::Unknown)),
            (2, Input::Resumed),
            (2, nothing()),
            (3, Input::Resumed),
            (3, nothing()),
            // The invocations after were late: two looks are not three.
            (200, Input::Resumed),
            (200, nothing()),
            (201, Input::Resumed),
            (201, nothing()),
            (260, Input::Resumed),
            (260, nothing()),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free unknown
                creating_free(0 misses) | AnswerLost { what: FreeNumber } | wait 2s
            2 resumed
                creating_free(0 misses) | do find_free
            2 find_free done
                creating_free(0 misses) | wait 8s
            3 resumed
                creating_free(0 misses) | do find_free
            3 find_free done
                creating_free(0 misses) | wait 7s
            200 resumed
                creating_free(0 misses) | do find_free
            200 find_free done
                creating_free(1 misses) | wait 60s
            201 resumed
                creating_free(1 misses) | do find_free
            201 find_free done
                creating_free(2 misses) | wait 60s
            260 resumed
                creating_free(2 misses) | do find_free
            260 find_free done
                creating_free(repeated) | Repeated { what: FreeNumber } | do create_free
        "#]],
    );
}

#[test]
fn a_lost_free_number_is_found_again_and_its_digits_are_not_trusted_yet() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, Input::FreeCreated(Outcome::Unknown)),
            (2, Input::Resumed),
            (2, Input::FreeFound(Outcome::Done(Some(active())))),
            (4, Input::Resumed),
            (4, read(active())),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free unknown
                creating_free(0 misses) | AnswerLost { what: FreeNumber } | wait 2s
            2 resumed
                creating_free(0 misses) | do find_free
            2 find_free done
                awaiting_digits | FoundAgain { what: FreeNumber } | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            4 resumed
                awaiting_digits | do read_number
            4 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
        "#]],
    );
}

#[test]
fn a_lost_order_is_found_again() {
    check(
        telnyx_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, Input::OrderPlaced(Outcome::Unknown)),
            (2, Input::Resumed),
            (2, Input::OrderFound(Outcome::Done(FoundOrder::Order(order(OrderStatus::Pending))))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 place_order unknown
                ordering(0 misses) | AnswerLost { what: Order } | wait 2s
            2 resumed
                ordering(0 misses) | do find_order
            2 find_order done
                awaiting_order(check 0) | FoundAgain { what: Order } | OrderPlaced | +number acquiring [] | wait 1s
        "#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one script, read from top to bottom")]
fn a_lost_order_is_placed_twice_more_for_the_same_number() {
    check(
        telnyx_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, Input::OrderPlaced(Outcome::Unknown)),
            (10, Input::Resumed),
            (10, found_nothing()),
            (70, Input::Resumed),
            (70, found_nothing()),
            (130, Input::Resumed),
            (130, found_nothing()),
            // Whatever becomes of the second, the first may still come to light.
            (131, Input::OrderPlaced(refused(OrderRefusal::NoBalance))),
            (141, Input::Resumed),
            (141, found_nothing()),
            (201, Input::Resumed),
            (201, found_nothing()),
            (261, Input::Resumed),
            (261, found_nothing()),
            (262, Input::OrderPlaced(Outcome::Unknown)),
            (272, Input::Resumed),
            (272, found_nothing()),
            (332, Input::Resumed),
            (332, found_nothing()),
            (392, Input::Resumed),
            (392, found_nothing()),
            // Who has not looked changes nothing.
            (499, Input::Asked(Ask::Retry)),
            // A person looked: everything is looked up from the beginning.
            (500, Input::Asked(Ask::Repeat)),
            (500, found_nothing()),
            (560, Input::Resumed),
            (560, Input::OrderFound(Outcome::Done(FoundOrder::Order(order(OrderStatus::Success))))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 place_order unknown
                ordering(0 misses) | AnswerLost { what: Order } | wait 2s
            10 resumed
                ordering(0 misses) | do find_order
            10 find_order done
                ordering(1 misses) | wait 60s
            70 resumed
                ordering(1 misses) | do find_order
            70 find_order done
                ordering(2 misses) | wait 60s
            130 resumed
                ordering(2 misses) | do find_order
            130 find_order done
                ordering(repeated) | Repeated { what: Order } | do place_order …0123
            131 place_order refused Because(NoBalance)
                ordering(repeated, 0 misses) | AnswerLost { what: Order } | wait 2s
            141 resumed
                ordering(repeated, 0 misses) | do find_order
            141 find_order done
                ordering(repeated, 1 misses) | wait 60s
            201 resumed
                ordering(repeated, 1 misses) | do find_order
            201 find_order done
                ordering(repeated, 2 misses) | wait 60s
            261 resumed
                ordering(repeated, 2 misses) | do find_order
            261 find_order done
                ordering(repeated 2 times) | Repeated { what: Order } | do place_order …0123
            262 place_order unknown
                ordering(repeated 2 times, 0 misses) | AnswerLost { what: Order } | wait 2s
            272 resumed
                ordering(repeated 2 times, 0 misses) | do find_order
            272 find_order done
                ordering(repeated 2 times, 1 misses) | wait 60s
            332 resumed
                ordering(repeated 2 times, 1 misses) | do find_order
            332 find_order done
                ordering(repeated 2 times, 2 misses) | wait 60s
            392 resumed
                ordering(repeated 2 times, 2 misses) | do find_order
            392 find_order done
                needs_person(OutcomeUnknown { what: Order } at ordering(repeated 2 times, 2 misses)) | NeedsPerson { problem: OutcomeUnknown { what: Order } } | end
            499 retry
                needs_person(OutcomeUnknown { what: Order } at ordering(repeated 2 times, 2 misses)) | end
            500 repeat
                ordering(0 misses) | AttemptStarted(Attempt(2)) | do find_order
            500 find_order done
                ordering(1 misses) | wait 60s
            560 resumed
                ordering(1 misses) | do find_order
            560 find_order done
                awaiting_order(check 0) | FoundAgain { what: Order } | OrderPlaced | +number acquiring [] | do check_order
        "#]],
    );
}

#[test]
fn a_lost_import_is_found_by_any_stamp_of_the_work() {
    check(
        telnyx_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(OrderStatus::Success)),
            (0, bought()),
            (1, Input::Imported(Outcome::Unknown)),
            (3, Input::Resumed),
            (3, Input::ImportFound(later())),
            (5, Input::Resumed),
            (5, Input::ImportFound(Outcome::Done(Some(imported())))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 place_order done
                awaiting_order(check 0) | OrderPlaced | +number acquiring [] | do check_order
            0 check_order done
                importing | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            1 import unknown
                importing(0 misses) | AnswerLost { what: Import } | wait 2s
            3 resumed
                importing(0 misses) | do find_import
            3 find_import later
                importing(0 misses) | Tried | wait 2s
            5 resumed
                importing(0 misses) | do find_import
            5 find_import done
                proving | FoundAgain { what: Import } | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do read_line
        "#]],
    );
}

#[test]
fn what_cannot_be_looked_up_keeps_everything_for_a_person() {
    check(
        telnyx_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, Input::OrderPlaced(Outcome::Unknown)),
            (2, Input::Resumed),
            (2, Input::OrderFound(Outcome::Refused(Refusal::Key))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 place_order unknown
                ordering(0 misses) | AnswerLost { what: Order } | wait 2s
            2 resumed
                ordering(0 misses) | do find_order
            2 find_order refused Key
                needs_person(OutcomeUnknown { what: Order } at ordering(0 misses)) | NeedsPerson { problem: OutcomeUnknown { what: Order } } | end
        "#]],
    );
}

#[test]
fn a_holder_that_took_over_counts_from_its_own_first_look() {
    let (mut work, mut told) = play(
        telnyx_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, Input::OrderPlaced(Outcome::Unknown)),
            (10, Input::Resumed),
            (10, found_nothing()),
            (70, Input::Resumed),
            (70, found_nothing()),
        ],
    );
    told.clear();
    let limits = Limits::default();
    for (seconds, took_over) in [(200, true), (260, false), (319, false), (320, false)] {
        let now = at(seconds);
        let ctx = Context { now, asked_at: now, fresh: Ulid(0), took_over, limits: &limits };
        let look = decide(&work, Input::Resumed, ctx).unwrap();
        let decision = decide(&look.work, found_nothing(), ctx).unwrap();
        told.push_str(&format!("{seconds}: {}\n", show::decision(&decision, ctx.now)));
        work = decision.work;
    }
    expect![[r#"
        200: ordering(1 misses) | wait 60s
        260: ordering(2 misses) | wait 60s
        319: ordering(3 misses) | wait 60s
        320: ordering(repeated) | Repeated { what: Order } | do place_order …0123
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_repeat_said_to_be_taken_may_be_taken_by_the_first_order() {
    let (lost, _told) = play(
        telnyx_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, Input::OrderPlaced(Outcome::Unknown)),
            (10, Input::Resumed),
            (10, found_nothing()),
            (70, Input::Resumed),
            (70, found_nothing()),
            (130, Input::Resumed),
            (130, found_nothing()),
        ],
    );
    check(
        lost,
        [
            (131, Input::OrderPlaced(refused(OrderRefusal::Taken))),
            (131, found_nothing()),
            (191, Input::Resumed),
            (191, found_nothing()),
            (251, Input::Resumed),
            (251, found_nothing()),
        ],
        &expect![[r#"
            131 place_order refused Because(Taken)
                ordering(repeated) | do find_order
            131 find_order done
                ordering(repeated, 1 misses) | wait 60s
            191 resumed
                ordering(repeated, 1 misses) | do find_order
            191 find_order done
                ordering(repeated, 2 misses) | wait 60s
            251 resumed
                ordering(repeated, 2 misses) | do find_order
            251 find_order done
                scouting | NumberTaken(…0123) | +unreserve 2.00 | +drop number | do scout
        "#]],
    );
}

#[test]
fn a_retry_does_not_believe_absence_before_the_lost_call_has_ended() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, Input::FreeCreated(Outcome::Unknown)),
            (1, Input::Resumed),
            (1, Input::FreeFound(Outcome::Refused(Refusal::Key))),
            (2, Input::Asked(Ask::Repeat)),
            (2, Input::FreeFound(Outcome::Done(None))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free unknown
                creating_free(0 misses) | AnswerLost { what: FreeNumber } | wait 2s
            1 resumed
                creating_free(0 misses) | do find_free
            1 find_free refused Key
                needs_person(OutcomeUnknown { what: FreeNumber } at creating_free(0 misses)) | NeedsPerson { problem: OutcomeUnknown { what: FreeNumber } } | end
            2 repeat
                creating_free(0 misses) | AttemptStarted(Attempt(2)) | do find_free
            2 find_free done
                creating_free(0 misses) | wait 8s
        "#]],
    );
}
