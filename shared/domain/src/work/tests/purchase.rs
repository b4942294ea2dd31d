//! A purchase at Telnyx, from the search to the dial tone, and what may come between.

use super::fixtures::*;
use super::script::check;
use crate::outcome::{Outcome, Refusal};
use crate::request::{Match, Wanted};
use crate::source::{Passed, Source};
use crate::telnyx::{OrderRefusal, OrderStatus, OwnedStatus};
use crate::vapi::{ImportRefusal, NumberProvider};
use crate::work::{FoundOrder, Input, Work};
use expect_test::expect;

fn telnyx_only(wanted: Wanted) -> Work {
    new_work(wanted, &[Source::Telnyx])
}

#[test]
fn a_number_is_bought_imported_and_proven() {
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (1, on_sale()),
            (2, ordered(OrderStatus::Pending)),
            (3, Input::Resumed),
            (3, settled(OrderStatus::Pending, None)),
            (5, Input::Resumed),
            (5, bought()),
            (6, Input::Imported(Outcome::Done(imported()))),
            (7, line(imported(), true, None)),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            2 place_order done
                awaiting_order(check 0) | OrderPlaced | +number acquiring [] | wait 1s
            3 resumed
                awaiting_order(check 0) | do check_order
            3 check_order done
                awaiting_order(check 1) | wait 2s
            5 resumed
                awaiting_order(check 1) | do check_order
            5 check_order done
                importing | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            6 import done
                proving | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do read_line
            7 read_line done, carrier answers
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | end
        "#]],
    );
}

#[test]
fn every_reason_without_a_number_passes_the_source_over() {
    let ends: [Input; 9] = [
        Input::Scouted(Outcome::Refused(Refusal::NotConfigured)),
        Input::Scouted(Outcome::Refused(Refusal::Key)),
        Input::Scouted(refused(Passed::NoCredential)),
        Input::Scouted(refused(Passed::SeveralCredentials)),
        Input::Scouted(refused(Passed::CredentialsUnreadable)),
        Input::Scouted(refused(Passed::NoStock)),
        scouted(Vec::new()),
        scouted(vec![offer(PICKED, None)]),
        scouted(vec![offer(PICKED, Some(501))]),
    ];
    for end in ends {
        let work = telnyx_only(any_local());
        let (work, told) =
            super::script::play(work, [(0, Input::Resumed), (0, assistant_made()), (1, end)]);
        assert_eq!(work.passed.len(), 1, "{told}");
        assert_eq!(work.phase.name(), crate::work::PhaseName::NeedsPerson, "{told}");
    }
}

#[test]
fn an_unknown_price_is_not_paid() {
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (1, scouted(vec![offer(PICKED, None), offer(OTHER, Some(600))])),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                needs_person(SourcesExhausted { passed: [(Telnyx, CapReached { cap: NumberMonthly })] } at queued) | SourcePassed(Telnyx, CapReached { cap: NumberMonthly }) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, CapReached { cap: NumberMonthly })] } } | end
        "#]],
    );
    check(
        telnyx_only(any_local()),
        [(0, Input::Resumed), (0, assistant_made()), (1, scouted(vec![offer(PICKED, None)]))],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                needs_person(SourcesExhausted { passed: [(Telnyx, PriceUnknown)] } at queued) | SourcePassed(Telnyx, PriceUnknown) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, PriceUnknown)] } } | end
        "#]],
    );
}

#[test]
fn a_refused_order_gives_the_money_back() {
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (1, on_sale()),
            (2, Input::OrderPlaced(refused(OrderRefusal::NoBalance))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            2 place_order refused Because(NoBalance)
                needs_person(SourcesExhausted { passed: [(Telnyx, NoBalance)] } at queued) | SourcePassed(Telnyx, NoBalance) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, NoBalance)] } } | +unreserve 2.00 | +drop number | end
        "#]],
    );
}

#[test]
fn a_number_sold_to_others_is_replaced() {
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (1, on_sale()),
            (2, Input::OrderPlaced(refused(OrderRefusal::Taken))),
            // The same answer comes when it is ours already.
            (3, found_nothing()),
            (4, scouted(vec![offer(PICKED, Some(100)), offer(OTHER, Some(100))])),
            (5, ordered(OrderStatus::Pending)),
            (6, Input::Resumed),
            (6, settled(OrderStatus::Failure, None)),
            (7, on_sale()),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            2 place_order refused Because(Taken)
                ordering | do find_order
            3 find_order done
                scouting | NumberTaken(…0123) | +unreserve 2.00 | +drop number | do scout
            4 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0124)] | do place_order …0124
            5 place_order done
                awaiting_order(check 0) | OrderPlaced | +number acquiring [] | wait 1s
            6 resumed
                awaiting_order(check 0) | do check_order
            6 check_order done
                scouting | NumberTaken(…0124) | +unreserve 2.00 | +drop number | do scout
            7 scout done
                needs_person(SourcesExhausted { passed: [(Telnyx, NumbersTaken)] } at queued) | SourcePassed(Telnyx, NumbersTaken) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, NumbersTaken)] } } | end
        "#]],
    );
}

#[test]
fn a_number_said_to_be_taken_may_be_ours() {
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (1, on_sale()),
            (2, Input::OrderPlaced(refused(OrderRefusal::Taken))),
            (3, Input::OrderFound(Outcome::Done(FoundOrder::Order(order(OrderStatus::Success))))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            2 place_order refused Because(Taken)
                ordering | do find_order
            3 find_order done
                awaiting_order(check 0) | FoundAgain { what: Order } | OrderPlaced | +number acquiring [] | do check_order
        "#]],
    );
}

#[test]
fn a_picked_number_that_is_gone_fails_with_alternatives() {
    check(
        telnyx_only(picked()),
        [(0, Input::Resumed), (0, assistant_made()), (1, scouted(vec![offer(OTHER, Some(100))]))],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                failed(NumberTaken { alternatives: […0124] }) | Failed { problem: NumberTaken { alternatives: […0124] } } | end
        "#]],
    );
    check(
        telnyx_only(picked()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (1, on_sale()),
            (2, Input::OrderPlaced(refused(OrderRefusal::Taken))),
            (3, found_nothing()),
            (4, scouted(vec![offer(OTHER, Some(100))])),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            2 place_order refused Because(Taken)
                ordering | do find_order
            3 find_order done
                scouting | NumberTaken(…0123) | +unreserve 2.00 | +drop number | do scout
            4 scout done
                failed(NumberTaken { alternatives: […0124] }) | Failed { problem: NumberTaken { alternatives: […0124] } } | end
        "#]],
    );
}

#[test]
fn a_picked_number_that_need_not_be_that_one_is_replaced() {
    check(
        telnyx_only(Wanted { matching: Match::Any, ..picked() }),
        [(0, Input::Resumed), (0, assistant_made()), (1, scouted(vec![offer(OTHER, Some(100))]))],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0124)] | do place_order …0124
        "#]],
    );
}

#[test]
fn a_picked_number_that_cannot_be_paid_needs_a_person() {
    check(
        telnyx_only(picked()),
        [(0, Input::Resumed), (0, assistant_made()), (1, scouted(vec![offer(PICKED, Some(501))]))],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            1 scout done
                needs_person(NumberUnobtainable { reason: CapReached { cap: NumberMonthly } } at queued) | SourcePassed(Telnyx, CapReached { cap: NumberMonthly }) | NeedsPerson { problem: NumberUnobtainable { reason: CapReached { cap: NumberMonthly } } } | end
        "#]],
    );
}

#[test]
fn an_order_that_does_not_settle_needs_a_person_and_goes_on_by_itself() {
    const DAY: u64 = 24 * 3600;
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(OrderStatus::Pending)),
            (1, Input::Resumed),
            (1, settled(OrderStatus::DocumentsRequired, None)),
            (DAY, Input::Asked(crate::work::Ask::Retry)),
            (DAY, settled(OrderStatus::Pending, None)),
            // A webhook tells that it has settled.
            (2 * DAY, Input::Resumed),
            (2 * DAY, bought()),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            0 create_assistant done
                scouting | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 place_order done
                awaiting_order(check 0) | OrderPlaced | +number acquiring [] | wait 1s
            1 resumed
                awaiting_order(check 0) | do check_order
            1 check_order done
                needs_person(DocumentsRequired at awaiting_order(check 0)) | NeedsPerson { problem: DocumentsRequired } | end
            86400 retry
                awaiting_order(check 0) | AttemptStarted(Attempt(2)) | do check_order
            86400 check_order done
                needs_person(OrderStuck at awaiting_order(check 0)) | NeedsPerson { problem: OrderStuck } | end
            172800 resumed
                awaiting_order(check 0) | do check_order
            172800 check_order done
                importing | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
        "#]],
    );
}

#[test]
fn an_import_before_the_order_has_settled_is_tried_again_within_limits() {
    let not_yet = || Input::Imported(refused(ImportRefusal::NotAtCarrier));
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(OrderStatus::Success)),
            (0, bought()),
            (0, not_yet()),
            (1, Input::Resumed),
            (1, not_yet()),
            (150, Input::Resumed),
            (150, not_yet()),
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
            0 import refused Because(NotAtCarrier)
                bought | Tried | wait 2s
            1 resumed
                importing | do import
            1 import refused Because(NotAtCarrier)
                bought | Tried | wait 4s
            150 resumed
                importing | do import
            150 import refused Because(NotAtCarrier)
                needs_person(ImportRefused { detail: "VAPI does not find the number at its carrier" } at bought) | NeedsPerson { problem: ImportRefused { detail: "VAPI does not find the number at its carrier" } } | end
        "#]],
    );
}

#[test]
fn a_record_that_somebody_else_made_is_not_taken_over() {
    let foreign = crate::vapi::VapiNumber { name: Some("Front desk".to_owned()), ..imported() };
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(OrderStatus::Success)),
            (0, bought()),
            (0, Input::Imported(refused(ImportRefusal::AlreadyImported))),
            (0, Input::ImportFound(Outcome::Done(Some(foreign)))),
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
            0 import refused Because(AlreadyImported)
                importing | do find_import
            0 find_import done
                needs_person(AlreadyImported at bought) | NeedsPerson { problem: AlreadyImported } | end
        "#]],
    );
}

#[test]
fn a_free_number_of_the_same_attempt_is_no_import() {
    let free = at_vapi("free-1", NumberProvider::Vapi, crate::vapi::Digits::Absent);
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(OrderStatus::Success)),
            (0, bought()),
            (0, Input::Imported(Outcome::Unknown)),
            (2, Input::Resumed),
            (2, Input::ImportFound(Outcome::Done(Some(free)))),
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
            0 import unknown
                importing(0 misses) | AnswerLost { what: Import } | wait 2s
            2 resumed
                importing(0 misses) | do find_import
            2 find_import done
                importing(0 misses) | wait 8s
        "#]],
    );
}

#[test]
fn a_number_that_is_not_active_yet_is_not_imported() {
    let found = |status| Input::OrderFound(Outcome::Done(FoundOrder::Owned(owned(status))));
    check(
        telnyx_only(any_local()),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, Input::OrderPlaced(Outcome::Unknown)),
            (2, Input::Resumed),
            (2, found(OwnedStatus::Pending)),
            (4, Input::Resumed),
            (4, found(OwnedStatus::Active)),
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
                ordering(0 misses) | Tried | wait 2s
            4 resumed
                ordering(0 misses) | do find_order
            4 find_order done
                importing | FoundAgain { what: Order } | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
        "#]],
    );
}
