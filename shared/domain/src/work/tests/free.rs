//! A free number, from the request to the dial tone, and what may come between.

use super::fixtures::*;
use super::script::check;
use crate::outcome::{Missing, Outcome};
use crate::request::{Match, Wanted};
use crate::source::Source;
use crate::vapi::{Digits, FreeNumberRefusal, NumberStatus, VapiNumber};
use crate::work::{Allowance, Input, Work};
use expect_test::expect;

const FREE_FIRST: &[Source] = &[Source::VapiFree, Source::Telnyx];
const HOUR: u64 = 3600;

fn free_only() -> Work {
    new_work(any_local(), &[Source::VapiFree])
}

#[test]
fn a_free_number_is_created_waited_for_and_proven() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (1, assistant_made()),
            (1, slots_free()),
            (2, free_made()),
            (4, Input::Resumed),
            (4, read(activating())),
            (7, Input::Resumed),
            (7, read(active())),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            1 read_allowance done
                creating_free | +take slot | do create_free
            2 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            4 resumed
                awaiting_digits | do read_number
            4 read_number done
                awaiting_digits | wait 1s
            7 resumed
                awaiting_digits | do read_number
            7 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
        "#]],
    );
}

#[test]
fn a_sip_address_is_ready_without_digits() {
    let shown = VapiNumber {
        digits: Digits::Absent,
        sip_uri: Some("sip:x@sip.vapi.ai".to_owned()),
        ..active()
    };
    check(
        new_work(sip(), FREE_FIRST),
        [
            (0, Input::Resumed),
            (1, assistant_made()),
            (1, slots_free()),
            (2, free_made()),
            (4, Input::Resumed),
            (4, read(shown)),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            1 read_allowance done
                creating_free | +take slot | do create_free
            2 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
            4 resumed
                awaiting_digits | do read_number
            4 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [] | +calls answered | +answers on None | +history Assigned | end
        "#]],
    );
}

#[test]
fn every_source_passed_over_is_told_with_its_reason() {
    check(
        new_work(any_local(), FREE_FIRST),
        [
            (0, Input::Resumed),
            (1, assistant_made()),
            (1, slots_free()),
            (2, Input::FreeCreated(refused(FreeNumberRefusal::AllowanceUsed))),
            (3, Input::Scouted(refused(crate::source::Passed::NoCredential))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            1 read_allowance done
                creating_free | +take slot | do create_free
            2 create_free refused Because(AllowanceUsed)
                scouting | SourcePassed(VapiFree, AllowanceUsed) | +free slot | +close free for 86400s | do scout
            3 scout refused Because(NoCredential)
                needs_person(SourcesExhausted { passed: [(VapiFree, AllowanceUsed), (Telnyx, NoCredential)] } at queued) | SourcePassed(Telnyx, NoCredential) | NeedsPerson { problem: SourcesExhausted { passed: [(VapiFree, AllowanceUsed), (Telnyx, NoCredential)] } } | end
        "#]],
    );
}

#[test]
fn closed_free_numbers_are_not_asked_for() {
    let closed = Allowance { closed_until: Some(at(100)), ..Allowance::default() };
    check(
        new_work(any_local(), FREE_FIRST),
        [
            (0, Input::Resumed),
            (1, assistant_made()),
            (2, Input::AllowanceRead(Outcome::Done(closed))),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            2 read_allowance done
                scouting | SourcePassed(VapiFree, AllowanceUsed) | do scout
        "#]],
    );
}

#[test]
fn what_vapi_cannot_have_is_passed_over_unasked() {
    check(
        new_work(picked(), &[Source::VapiFree]),
        [(0, Input::Resumed), (1, assistant_made())],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                needs_person(SourcesExhausted { passed: [(VapiFree, CannotPick)] } at queued) | AssistantCreated(VapiAssistantId("assistant-1")) | SourcePassed(VapiFree, CannotPick) | NeedsPerson { problem: SourcesExhausted { passed: [(VapiFree, CannotPick)] } } | +assistant | end
        "#]],
    );
}

#[test]
fn an_area_code_that_was_a_wish_is_dropped_and_one_that_binds_is_not() {
    let area_code = Some("415".parse().unwrap());
    let none_there = || {
        let try_instead = vec!["701".parse().unwrap()];
        Input::FreeCreated(refused(FreeNumberRefusal::AreaCodeUnavailable { try_instead }))
    };
    let wish = Wanted { area_code: area_code.clone(), ..any_local() };
    check(
        new_work(wish, &[Source::VapiFree]),
        [
            (0, Input::Resumed),
            (1, assistant_made()),
            (1, slots_free()),
            (2, none_there()),
            (3, free_made()),
        ],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            1 read_allowance done
                creating_free | +take slot | do create_free in 415
            2 create_free refused Because(AreaCodeUnavailable { try_instead: [AreaCode("701")] })
                creating_free | do create_free
            3 create_free done
                awaiting_digits | FreeNumberCreated | +give slot | +open [Vapi(VapiNumberId("free-1"))] | +watch | wait 2s
        "#]],
    );
    let binding = Wanted { area_code, matching: Match::Strict, ..any_local() };
    check(
        new_work(binding, &[Source::VapiFree]),
        [(0, Input::Resumed), (1, assistant_made()), (1, slots_free()), (2, none_there())],
        &expect![[r#"
            0 resumed
                creating_assistant | do create_assistant
            1 create_assistant done
                checking_allowance | AssistantCreated(VapiAssistantId("assistant-1")) | +assistant | do read_allowance
            1 read_allowance done
                creating_free | +take slot | do create_free in 415
            2 create_free refused Because(AreaCodeUnavailable { try_instead: [AreaCode("701")] })
                needs_person(SourcesExhausted { passed: [(VapiFree, AreaCodeUnavailable { try_instead: [AreaCode("701")] })] } at queued) | SourcePassed(VapiFree, AreaCodeUnavailable { try_instead: [AreaCode("701")] }) | NeedsPerson { problem: SourcesExhausted { passed: [(VapiFree, AreaCodeUnavailable { try_instead: [AreaCode("701")] })] } } | +free slot | end
        "#]],
    );
}

#[test]
fn late_digits_are_told_given_up_and_looked_for_once_more() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (20, Input::Resumed),
            (20, read(activating())),
            (600, Input::Resumed),
            (600, read(activating())),
            (24 * HOUR, Input::Resumed),
            (24 * HOUR, read(activating())),
            (30 * HOUR, Input::Asked(crate::work::Ask::Retry)),
            // A look that saw nothing was none.
            (30 * HOUR, Input::NumberRead(later())),
            (30 * HOUR + 1, Input::Resumed),
            (30 * HOUR + 1, read(activating())),
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
            20 resumed
                awaiting_digits | do read_number
            20 read_number done
                awaiting_digits | wait 580s, watched
            600 resumed
                awaiting_digits | do read_number
            600 read_number done
                awaiting_digits | DigitsLate | wait 3600s, watched
            86400 resumed
                awaiting_digits | do read_number
            86400 read_number done
                needs_person(DigitsMissing at awaiting_digits) | NeedsPerson { problem: DigitsMissing } | +unwatch | end
            108000 retry
                awaiting_digits(last look) | AttemptStarted(Attempt(2)) | do read_number
            108000 read_number later
                awaiting_digits(last look) | Tried | wait 2s
            108001 resumed
                awaiting_digits(last look) | do read_number
            108001 read_number done
                needs_person(SourcesExhausted { passed: [(VapiFree, NumberUnusable)] } at queued) | SourcePassed(VapiFree, NumberUnusable) | NeedsPerson { problem: SourcesExhausted { passed: [(VapiFree, NumberUnusable)] } } | +number corrupted [] | +unwatch | +history Corrupted | end
        "#]],
    );
}

#[test]
fn digits_that_arrive_at_the_last_look_are_taken() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (24 * HOUR, Input::Resumed),
            (24 * HOUR, read(activating())),
            (25 * HOUR, Input::Asked(crate::work::Ask::Retry)),
            (25 * HOUR, read(active())),
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
            86400 resumed
                awaiting_digits | do read_number
            86400 read_number done
                needs_person(DigitsMissing at awaiting_digits) | NeedsPerson { problem: DigitsMissing } | +unwatch | end
            90000 retry
                awaiting_digits(last look) | AttemptStarted(Attempt(2)) | do read_number
            90000 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
        "#]],
    );
}

#[test]
fn a_rejected_key_does_not_cost_the_number() {
    check(
        free_only(),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (2, Input::Resumed),
            (2, Input::NumberRead(Outcome::Refused(crate::outcome::Refusal::Key))),
            (60, Input::Asked(crate::work::Ask::Retry)),
            (60, read(activating())),
            (600, Input::Resumed),
            (600, read(active())),
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
            2 resumed
                awaiting_digits | do read_number
            2 read_number refused Key
                needs_person(KeyRejected at awaiting_digits) | NeedsPerson { problem: KeyRejected } | +unwatch | end
            60 retry
                awaiting_digits | AttemptStarted(Attempt(2)) | +watch | do read_number
            60 read_number done
                awaiting_digits | wait 540s, watched
            600 resumed
                awaiting_digits | do read_number
            600 read_number done
                ready | DigitsArrived | Ready | +unwatch | +number assigned [Digits(…0100)] | +calls answered | +answers on Some(…0100) | +history Assigned | end
        "#]],
    );
}

#[test]
fn a_blocked_number_is_set_aside_and_the_next_source_tried() {
    let blocked = VapiNumber { status: NumberStatus::Blocked, ..activating() };
    check(
        new_work(any_local(), FREE_FIRST),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (2, Input::Resumed),
            (2, read(blocked)),
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
            2 resumed
                awaiting_digits | do read_number
            2 read_number done
                scouting | SourcePassed(VapiFree, NumberUnusable) | +number corrupted [] | +unwatch | +history Corrupted | do scout
        "#]],
    );
}

#[test]
fn a_number_that_vanished_is_a_matter_for_a_person_and_then_set_aside() {
    let missing = || Input::NumberRead(refused(Missing::NotFound));
    check(
        new_work(any_local(), FREE_FIRST),
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            // It may lag its creation.
            (2, Input::Resumed),
            (2, missing()),
            (600, Input::Resumed),
            (600, missing()),
            (1200, Input::Asked(crate::work::Ask::Retry)),
            (1200, missing()),
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
            2 resumed
                awaiting_digits | do read_number
            2 read_number refused Because(NotFound)
                awaiting_digits | wait 1s
            600 resumed
                awaiting_digits | do read_number
            600 read_number refused Because(NotFound)
                needs_person(NumberVanished at awaiting_digits) | NeedsPerson { problem: NumberVanished } | +unwatch | end
            1200 retry
                awaiting_digits(last look) | AttemptStarted(Attempt(2)) | do read_number
            1200 read_number refused Because(NotFound)
                scouting | SourcePassed(VapiFree, NumberUnusable) | +number corrupted [] | +unwatch | +history Corrupted | do scout
        "#]],
    );
}
