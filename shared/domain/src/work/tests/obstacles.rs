//! Other rows in the way: every obstacle where the table can raise it.

use super::fixtures::*;
use super::script::{check, play};
use crate::outcome::Outcome;
use crate::source::{Cap, Source};
use crate::telnyx::OrderStatus;
use crate::work::{FoundOrder, Input, Obstacle, Work};
use expect_test::expect;

const DIGITS_TAKEN: Input = Input::WriteRefused(Obstacle::DigitsTaken);
const SUPERSEDED: Input = Input::WriteRefused(Obstacle::Superseded);

fn free_only() -> Work {
    let work = new_work(any_local(), &[Source::VapiFree]);
    play(work, [(0, Input::Resumed), (0, assistant_made())]).0
}

fn scouting() -> Work {
    let work = new_work(any_local(), &[Source::Telnyx]);
    play(work, [(0, Input::Resumed), (0, assistant_made())]).0
}

#[test]
fn a_slot_that_went_to_another_is_sought_again() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, slots_free()),
            (0, Input::WriteRefused(Obstacle::SlotTaken)),
            (0, slots_free()),
        ],
        &expect![[r#"
            0 resumed
                checking_allowance | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 not written: SlotTaken
                checking_allowance | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
        "#]],
    );
}

#[test]
fn a_cap_passes_the_source_over() {
    check(
        scouting(),
        [
            (0, Input::Resumed),
            (0, on_sale()),
            (0, Input::WriteRefused(Obstacle::Cap(Cap::OrganizationDay))),
        ],
        &expect![[r#"
            0 resumed
                scouting | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 not written: Cap(OrganizationDay)
                needs_person(SourcesExhausted { passed: [(Telnyx, CapReached { cap: OrganizationDay })] } at queued) | SourcePassed(Telnyx, CapReached { cap: OrganizationDay }) | NeedsPerson { problem: SourcesExhausted { passed: [(Telnyx, CapReached { cap: OrganizationDay })] } } | end
        "#]],
    );
}

#[test]
fn an_offer_that_another_work_has_chosen_is_left_to_it() {
    check(
        scouting(),
        [(0, Input::Resumed), (0, on_sale()), (0, DIGITS_TAKEN), (1, Input::Resumed)],
        &expect![[r#"
            0 resumed
                scouting | do scout
            0 scout done
                ordering | OrderIntended { committed: Cents(200) } | +reserve 2.00 | +open [Digits(…0123)] | do place_order …0123
            0 not written: DigitsTaken
                scouting | Tried | wait 2s
            1 resumed
                scouting | do scout
        "#]],
    );
}

#[test]
fn what_another_row_claims_is_kept_for_a_person() {
    check(
        free_only(),
        [(0, Input::Resumed), (0, slots_free()), (0, free_made()), (0, DIGITS_TAKEN)],
        &expect![[r#"
            0 resumed
                checking_allowance | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            0 not written: DigitsTaken
                needs_person(DigitsClash at creating_free) | NeedsPerson { problem: DigitsClash } | end
        "#]],
    );
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, slots_free()),
            (0, free_made()),
            (2, Input::Resumed),
            (2, read(active())),
            (2, DIGITS_TAKEN),
        ],
        &expect![[r#"
            0 resumed
                checking_allowance | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            2 resumed
                awaiting_digits | do read_number
            2 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
            2 not written: DigitsTaken
                needs_person(DigitsClash at awaiting_digits) | NeedsPerson { problem: DigitsClash } | +unwatch | end
        "#]],
    );
}

#[test]
fn what_another_row_claims_after_a_purchase_is_kept_for_a_person() {
    let placed = [(0, Input::Resumed), (0, on_sale()), (0, ordered(OrderStatus::Success))];
    let (awaiting, _told) = play(scouting(), placed);
    check(
        awaiting.clone(),
        [(1, Input::Resumed), (1, bought()), (1, DIGITS_TAKEN)],
        &expect![[r#"
            1 resumed
                awaiting_order(check 0) | do check_order
            1 check_order done
                importing | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            1 not written: DigitsTaken
                needs_person(DigitsClash at awaiting_order(check 0)) | NeedsPerson { problem: DigitsClash } | end
        "#]],
    );
    check(
        awaiting,
        [
            (1, Input::Resumed),
            (1, bought()),
            (1, Input::Imported(Outcome::Done(imported()))),
            (1, DIGITS_TAKEN),
        ],
        &expect![[r#"
            1 resumed
                awaiting_order(check 0) | do check_order
            1 check_order done
                importing | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            1 import done
                proving | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do read_line
            1 not written: DigitsTaken
                needs_person(DigitsClash at importing) | NeedsPerson { problem: DigitsClash } | end
        "#]],
    );
    let owned = FoundOrder::Owned(owned(crate::telnyx::OwnedStatus::Active));
    let lost = [(0, Input::Resumed), (0, on_sale()), (0, Input::OrderPlaced(Outcome::Unknown))];
    let (lost, _told) = play(scouting(), lost);
    check(
        lost,
        [(2, Input::Resumed), (2, Input::OrderFound(Outcome::Done(owned))), (2, DIGITS_TAKEN)],
        &expect![[r#"
            2 resumed
                ordering(0 misses) | do find_order
            2 find_order done
                importing | FoundAgain { what: Order } | NumberBought | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            2 not written: DigitsTaken
                needs_person(DigitsClash at ordering(0 misses)) | NeedsPerson { problem: DigitsClash } | end
        "#]],
    );
}

#[test]
fn a_number_for_an_assistant_that_is_no_more_is_put_to_rest() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, slots_free()),
            (0, free_made()),
            (2, Input::Resumed),
            (2, read(active())),
            (2, SUPERSEDED),
        ],
        &expect![[r#"
            0 resumed
                checking_allowance | do read_allowance
            0 read_allowance done
                creating_free | +take slot | do create_free
            0 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            2 resumed
                awaiting_digits | do read_number
            2 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
            2 not written: Superseded
                unlinking(unlink 1) | CancelAsked | +unwatch | do unlink
        "#]],
    );
}

#[test]
fn an_obstacle_that_cannot_be_is_a_bug() {
    check(
        free_only(),
        [(0, Input::Resumed), (0, Input::WriteRefused(Obstacle::Cap(Cap::OverallDay)))],
        &expect![[r#"
            0 resumed
                checking_allowance | do read_allowance
            0 not written: Cap(OverallDay)
                illegal: a work in checking_allowance does not wait for this input
        "#]],
    );
}
