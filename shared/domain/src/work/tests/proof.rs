//! Reading back: what is put right, and what is not.

use super::fixtures::*;
use super::script::check;
use crate::outcome::{Missing, Outcome};
use crate::source::Source;
use crate::telnyx::OrderStatus;
use crate::vapi::{Digits, NumberStatus, VapiNumber};
use crate::work::{Ask, CarrierReading, Input, LineReading, Work};
use expect_test::expect;

/// A bought number that has just been imported, and its proof begun.
fn proving() -> Work {
    let work = new_work(any_local(), &[Source::Telnyx]);
    let (work, _told) = super::script::play(
        work,
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, on_sale()),
            (0, ordered(OrderStatus::Success)),
            (0, bought()),
            (0, Input::Imported(Outcome::Done(imported()))),
        ],
    );
    work
}

/// A free number that waits for its digits.
fn waiting() -> Work {
    let work = new_work(any_local(), &[Source::VapiFree]);
    let script = [(0, Input::Resumed), (0, assistant_made()), (0, slots_free()), (0, free_made())];
    super::script::play(work, script).0
}

fn linked_to(assistant: Option<&str>, number: VapiNumber) -> VapiNumber {
    VapiNumber { assistant: assistant.map(|id| id.parse().unwrap()), ..number }
}

#[test]
fn a_link_that_differs_is_put_right_and_read_again() {
    check(
        waiting(),
        [
            (2, Input::Resumed),
            (2, read(linked_to(Some("another"), active()))),
            (2, Input::Linked(Outcome::Done(active()))),
            (3, free_line(active())),
        ],
        &expect![[r#"
            2 resumed
                awaiting_digits | do read_number
            2 read_number done
                proving | DigitsArrived | LinkRepaired | +unwatch | do link
            2 link done
                proving | do read_line
            3 read_line done, carrier vapi
                ready | Ready | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
        "#]],
    );
}

#[test]
fn repairs_without_a_clear_answer_are_not_used_up() {
    let lost = || line(VapiNumber { linked_elsewhere: true, ..imported() }, true, None);
    check(
        proving(),
        [
            (1, Input::Resumed),
            (1, lost()),
            (1, Input::Linked(Outcome::Unknown)),
            (3, Input::Resumed),
            (3, lost()),
            (3, Input::Linked(Outcome::Transient { retry_after: None })),
            (8, Input::Resumed),
            (8, line(imported(), true, None)),
        ],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier answers
                proving | LinkRepaired | do link and what else is linked
            1 link unknown
                proving | Tried | wait 2s
            3 resumed
                proving | do read_line
            3 read_line done, carrier answers
                proving | LinkRepaired | do link and what else is linked
            3 link later
                proving | Tried | wait 4s
            8 resumed
                proving | do read_line
            8 read_line done, carrier answers
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | end
        "#]],
    );
}

#[test]
fn a_link_that_does_not_hold_needs_a_person_and_is_tried_again_by_retry() {
    let lost = || line(VapiNumber { linked_elsewhere: true, ..imported() }, true, None);
    let linked = || Input::Linked(Outcome::Done(imported()));
    check(
        proving(),
        [
            (1, Input::Resumed),
            (1, lost()),
            (1, linked()),
            (1, lost()),
            (1, linked()),
            (1, lost()),
            (1, linked()),
            (1, lost()),
            (60, Input::Asked(Ask::Retry)),
            (60, lost()),
            (60, linked()),
            (60, line(imported(), true, None)),
        ],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier answers
                proving | LinkRepaired | do link and what else is linked
            1 link done
                proving | do read_line
            1 read_line done, carrier answers
                proving | LinkRepaired | do link and what else is linked
            1 link done
                proving | do read_line
            1 read_line done, carrier answers
                proving | LinkRepaired | do link and what else is linked
            1 link done
                proving | do read_line
            1 read_line done, carrier answers
                needs_person(LinkLost at proving) | NeedsPerson { problem: LinkLost } | end
            60 retry
                proving | AttemptStarted(Attempt(2)) | do read_line
            60 read_line done, carrier answers
                proving | LinkRepaired | do link and what else is linked
            60 link done
                proving | do read_line
            60 read_line done, carrier answers
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | end
        "#]],
    );
}

#[test]
fn a_route_that_does_not_hold_is_degraded_and_goes_on_checking() {
    let rings_out = || line(imported(), false, Some("app-2"));
    let routed = || Input::Routed(Outcome::Done(()));
    check(
        proving(),
        [
            (1, Input::Resumed),
            (1, rings_out()),
            (1, routed()),
            (1, rings_out()),
            (1, routed()),
            (1, rings_out()),
            (1, routed()),
            (1, rings_out()),
            (61, Input::Resumed),
            (61, line(imported(), false, None)),
            // It is assigned: released, not called off.
            (100, Input::Asked(Ask::Cancel)),
            (100, rings_out()),
            (100, routed()),
            (101, line(imported(), true, None)),
        ],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier does not answer
                proving | RouteRepaired | do route
            1 route done
                proving | do read_line
            1 read_line done, carrier does not answer
                proving | RouteRepaired | do route
            1 route done
                proving | do read_line
            1 read_line done, carrier does not answer
                proving | RouteRepaired | do route
            1 route done
                proving | do read_line
            1 read_line done, carrier does not answer
                ready_degraded(NotRouted, check 0) | Degraded { problem: NotRouted } | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | wait 60s
            61 resumed
                ready_degraded(NotRouted, check 0) | do read_line
            61 read_line done, carrier does not answer
                ready_degraded(NotRouted, check 1) | wait 300s
            100 cancel
                ready_degraded(NotRouted, check 1) | do read_line
            100 read_line done, carrier does not answer
                ready_degraded(NotRouted, check 1) | RouteRepaired | do route
            100 route done
                ready_degraded(NotRouted, check 1) | do read_line
            101 read_line done, carrier answers
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0123) | end
        "#]],
    );
}

#[test]
fn a_carrier_that_says_nothing_is_asked_again_and_then_degraded() {
    let silent = || {
        let carrier = CarrierReading::Unreadable { retry_after: None };
        Input::LineRead(LineReading { vapi: Outcome::Done(imported()), carrier })
    };
    let mut work = proving();
    work.tries = 11;
    check(
        work,
        [
            (1, Input::Resumed),
            (1, silent()),
            (400, Input::Resumed),
            (400, silent()),
            (460, Input::Resumed),
            (460, silent()),
        ],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier unreadable
                proving | Tried | wait 300s
            400 resumed
                proving | do read_line
            400 read_line done, carrier unreadable
                ready_degraded(ProviderUnavailable, check 0) | Degraded { problem: ProviderUnavailable } | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | wait 60s
            460 resumed
                ready_degraded(ProviderUnavailable, check 0) | do read_line
            460 read_line done, carrier unreadable
                ready_degraded(ProviderUnavailable, check 1) | wait 300s
        "#]],
    );
}

#[test]
fn a_bought_number_is_not_ready_by_the_word_of_vapi_alone() {
    check(
        proving(),
        [(1, Input::Resumed), (1, free_line(imported()))],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier vapi
                proving | Tried | wait 2s
        "#]],
    );
}

#[test]
fn digits_of_another_number_need_a_person() {
    let other = VapiNumber { digits: Digits::Known(digits(OTHER)), ..imported() };
    check(
        proving(),
        [(1, Input::Resumed), (1, line(other, true, None))],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier answers
                needs_person(DigitsClash at proving) | NeedsPerson { problem: DigitsClash } | end
        "#]],
    );
}

#[test]
fn a_bought_number_that_vapi_blocks_is_kept() {
    let blocked = VapiNumber { status: NumberStatus::Blocked, ..imported() };
    check(
        proving(),
        [(1, Input::Resumed), (1, line(blocked, true, None))],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line done, carrier answers
                needs_person(NumberBlocked at proving) | NeedsPerson { problem: NumberBlocked } | end
        "#]],
    );
}

#[test]
fn a_number_that_vapi_does_not_show_may_lag_before_it_has_vanished() {
    let missing = || {
        let carrier = CarrierReading::Unreadable { retry_after: None };
        Input::LineRead(LineReading { vapi: refused(Missing::NotFound), carrier })
    };
    check(
        proving(),
        [(1, Input::Resumed), (1, missing()), (61, Input::Resumed), (61, missing())],
        &expect![[r#"
            1 resumed
                proving | do read_line
            1 read_line refused Because(NotFound), carrier unreadable
                proving | Tried | wait 2s
            61 resumed
                proving | do read_line
            61 read_line refused Because(NotFound), carrier unreadable
                needs_person(NumberVanished at proving) | NeedsPerson { problem: NumberVanished } | end
        "#]],
    );
}
