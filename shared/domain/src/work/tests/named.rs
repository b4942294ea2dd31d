//! A number that a person named: where it comes from, what stands in the way.

use super::fixtures::*;
use super::script::{check, play};
use crate::money::Cents;
use crate::number::{Carrier, Number, Origin, Slot, State};
use crate::outcome::Outcome;
use crate::request::{Country, NumberType};
use crate::source::Source;
use crate::telnyx::OwnedStatus;
use crate::vapi::VapiNumber;
use crate::work::{Allowance, Ask, Found, Input, Obstacle, Work};
use expect_test::expect;
use ulid::Ulid;

/// A work that has no source but a person.
fn waiting() -> Work {
    let script = [(0, Input::Resumed), (0, assistant_made())];
    play(new_work(any_local(), &[Source::Manual]), script).0
}

/// A row that an operator has written: nobody has looked for the number yet.
fn row() -> Number {
    Number {
        id: crate::ids::NumberId::new(Ulid(40)),
        organization: "org_1".parse().unwrap(),
        source: Source::Manual,
        carrier: Carrier::Unknown,
        origin: Origin::Imported,
        number_type: NumberType::Local,
        country: Country::US,
        stamp: stamp(1),
        digits: Some(digits(PICKED)),
        sip_uri: None,
        vapi: None,
        monthly: Cents::ZERO,
        state: State::Unverified,
        work: None,
        linked_at: None,
        created_at: START,
    }
}

fn assign() -> Input {
    Input::Asked(Ask::Assign { number: row().id })
}

fn read(row: Option<Number>) -> Input {
    Input::RowRead(Outcome::Done(row))
}

fn at_telnyx(status: OwnedStatus, record: Option<VapiNumber>) -> Input {
    Input::NumberFound(Outcome::Done(Found::AtTelnyx {
        owned: owned(status),
        credential: "credential-1".parse().unwrap(),
        connection: Some("app-1".parse().unwrap()),
        record,
    }))
}

#[test]
fn it_is_looked_up_and_goes_on_as_if_it_had_been_bought() {
    check(
        waiting(),
        [
            (9, assign()),
            (9, read(Some(row()))),
            (9, at_telnyx(OwnedStatus::Active, None)),
            (9, Input::Imported(Outcome::Done(imported()))),
            (9, line(imported(), true, None)),
        ],
        &expect![[r#"
            9 assign
                taking | NumberNamed | do read_row
            9 read_row done
                finding | +claim unverified for acquiring | do find_number
            9 find_number done
                importing | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            9 import done
                proving | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do read_line
            9 read_line done, carrier answers
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | end
        "#]],
    );
}

#[test]
fn what_is_in_vapi_already_is_made_ours_in_place() {
    let foreign = VapiNumber { assistant: Some("another".parse().unwrap()), ..imported() };
    check(
        waiting(),
        [
            (9, assign()),
            (9, read(Some(row()))),
            (9, at_telnyx(OwnedStatus::Active, Some(foreign.clone()))),
            (9, Input::Adopted(Outcome::Unknown)),
            (20, Input::Resumed),
            (20, Input::Adopted(Outcome::Done(foreign.clone()))),
            (20, line(foreign, true, None)),
            (20, Input::Linked(Outcome::Done(imported()))),
            (20, line(imported(), true, None)),
        ],
        &expect![[r#"
            9 assign
                taking | NumberNamed | do read_row
            9 read_row done
                finding | +claim unverified for acquiring | do find_number
            9 find_number done
                adopting | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001")), Vapi(VapiNumberId("line-1"))] | do adopt
            9 adopt unknown
                adopting | Tried | wait 2s
            20 resumed
                adopting | do adopt
            20 adopt done
                proving | NumberImported | do read_line
            20 read_line done, carrier answers
                proving | LinkRepaired | do link
            20 link done
                proving | do read_line
            20 read_line done, carrier answers
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0123) | +history Assigned | end
        "#]],
    );
}

#[test]
fn one_that_vapi_carries_takes_a_slot() {
    let record = VapiNumber { digits: crate::vapi::Digits::Known(digits(PICKED)), ..active() };
    let found = |taken: &[u16]| {
        let taken = taken.iter().map(|slot| Slot::new(*slot)).collect();
        let allowance = Allowance { taken, closed_until: None };
        Input::NumberFound(Outcome::Done(Found::AtVapi { record: record.clone(), allowance }))
    };
    check(
        waiting(),
        [
            (9, assign()),
            (9, read(Some(row()))),
            (9, found(&[])),
            (9, Input::WriteRefused(Obstacle::SlotTaken)),
        ],
        &expect![[r#"
            9 assign
                taking | NumberNamed | do read_row
            9 read_row done
                finding | +claim unverified for acquiring | do find_number
            9 find_number done
                adopting | +hold slot | +number acquiring [Vapi(VapiNumberId("free-1"))] | do adopt
            9 not written: SlotTaken
                finding | Tried | wait 2s
        "#]],
    );
    let full: Vec<u16> = (1..=10).collect();
    check(
        waiting(),
        [(9, assign()), (9, read(Some(row()))), (9, found(&full))],
        &expect![[r#"
        9 assign
            taking | NumberNamed | do read_row
        9 read_row done
            finding | +claim unverified for acquiring | do find_number
        9 find_number done
            needs_person(NotAssignable { why: Passed { passed: AllowanceUsed } } at queued) | NeedsPerson { problem: NotAssignable { why: Passed { passed: AllowanceUsed } } } | +number unverified [] | end
    "#]],
    );
}

#[test]
fn where_it_cannot_be_had_its_row_is_left_as_it_was_and_a_person_is_asked_again() {
    for end in [
        Input::NumberFound(Outcome::Done(Found::Nowhere)),
        at_telnyx(OwnedStatus::Pending, None),
        Input::NumberFound(refused(crate::source::Passed::NoCredential)),
    ] {
        let script = [(9, assign()), (9, read(Some(row()))), (9, end)];
        is_asked_again(play(waiting(), script));
    }
    let anothers = [
        (9, assign()),
        (9, read(Some(row()))),
        (9, at_telnyx(OwnedStatus::Active, None)),
        (9, Input::WriteRefused(Obstacle::DigitsTaken)),
    ];
    is_asked_again(play(waiting(), anothers));
}

fn is_asked_again((work, told): (Work, String)) {
    assert!(work.waits_for_number(), "{told}");
    assert!(told.contains("+number unverified []"), "{told}");
    assert_eq!(work.phase.number(), None);
}

#[test]
fn what_is_anothers_is_not_taken() {
    let of = |state: State| Number { state, ..row() };
    let held = Number { work: Some(crate::ids::WorkId::new(Ulid(99))), ..row() };
    for row in [None, Some(of(State::Retired)), Some(of(State::Suspended)), Some(held)] {
        let (work, told) = play(waiting(), [(9, assign()), (9, read(row))]);
        assert!(work.waits_for_number() && !told.contains("+claim"), "{told}");
    }
    let script =
        [(9, assign()), (9, read(Some(row()))), (9, Input::WriteRefused(Obstacle::NumberGone))];
    assert!(play(waiting(), script).0.waits_for_number());
}

#[test]
fn whoever_waits_for_no_number_goes_on_as_before() {
    let (work, _told) = play(new_work(any_local(), &[Source::Manual]), [(0, Input::Resumed)]);
    let (after, _told) = play(work.clone(), [(1, assign())]);
    assert_eq!(after.phase, work.phase);
}
