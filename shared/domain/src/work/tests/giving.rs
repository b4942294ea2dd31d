//! Giving back: each removal is looked after, and nothing is believed gone that was never seen.

use super::fixtures::*;
use super::script::{check, play};
use crate::ids::{DeploymentId, WorkId};
use crate::number::{Carrier, Number, Origin, State};
use crate::outcome::{Missing, Outcome};
use crate::request::NumberType;
use crate::source::Source;
use crate::telnyx::{DeleteNumberRefusal, OrderStatus, OwnedStatus};
use crate::vapi::VapiNumber;
use crate::work::{Ask, Giving, Input, NotGivable, Phase, Work, give_back, is_surplus};
use expect_test::expect;
use std::time::Duration;
use ulid::Ulid;

/// A number bought at Telnyx that nobody uses.
fn unused() -> Number {
    let script = [
        (0, Input::Resumed),
        (0, assistant_made()),
        (0, on_sale()),
        (0, ordered(OrderStatus::Pending)),
        (1, Input::Resumed),
        (1, bought()),
        (1, Input::Imported(Outcome::Done(imported()))),
        (1, line(imported(), true, None)),
    ];
    let (work, _told) = play(new_work(any_local(), &[Source::Telnyx]), script);
    let Phase::Ready { line } = work.phase else { panic!("{:?}", work.phase) };
    Number { state: State::Available { since: at(0) }, ..line.number }
}

/// A free number that nobody uses.
fn free() -> Number {
    let script = [
        (0, Input::Resumed),
        (0, assistant_made()),
        (0, slots_free()),
        (0, free_made()),
        (60, Input::Resumed),
        (60, read(active())),
    ];
    let (work, _told) = play(new_work(any_local(), &[Source::VapiFree]), script);
    let number = work.phase.number().cloned().unwrap();
    Number { state: State::Available { since: at(60) }, ..number }
}

fn begun(number: Number) -> Result<Giving, NotGivable> {
    let deployment = DeploymentId::try_from("DEPLOY01".to_owned()).unwrap();
    give_back(number, WorkId::new(Ulid(9)), deployment, at(0))
}

fn giving(number: Number) -> Work {
    begun(number).unwrap().work
}

fn unlinked() -> VapiNumber {
    VapiNumber { assistant: None, ..imported() }
}

fn shown(status: OwnedStatus) -> Input {
    Input::OwnedRead(Outcome::Done(owned(status)))
}

const RECORD_REMOVED: Input = Input::RecordRemoved(Outcome::Done(()));
const OWNED_REMOVED: Input = Input::OwnedRemoved(Outcome::Done(()));

fn gone() -> Input {
    Input::NumberRead(refused(Missing::NotFound))
}

fn gone_at_telnyx() -> Input {
    Input::OwnedRead(refused(Missing::NotFound))
}

/// Until VAPI has it no more.
fn off_vapi() -> [(u64, Input); 5] {
    [
        (1, Input::Resumed),
        (1, Input::Unlinked(Outcome::Done(unlinked()))),
        (1, read(unlinked())),
        (1, RECORD_REMOVED),
        (1, gone()),
    ]
}

#[test]
fn a_bought_number_goes_from_vapi_and_then_from_its_carrier() {
    check(
        play(giving(unused()), off_vapi()).0,
        [(1, shown(OwnedStatus::Active)), (1, OWNED_REMOVED), (1, gone_at_telnyx())],
        &expect![[r#"
            1 read_owned done
                giving_back(Carrier, 1 removals) | do remove_owned
            1 remove_owned done
                giving_back(Carrier, 1 removals) | do read_owned
            1 read_owned refused Because(NotFound)
                released | GivenBack | +gone [Digits(…0123), Vapi(VapiNumberId("line-1")), Telnyx(TelnyxNumberId("1293000000000000001"))] | +history GivenBack | end
        "#]],
    );
}

#[test]
fn what_vapi_carries_is_gone_with_its_record() {
    let (_work, told) = play(
        giving(free()),
        [
            (61, Input::Resumed),
            (61, Input::Unlinked(Outcome::Done(VapiNumber { assistant: None, ..active() }))),
            (61, read(VapiNumber { assistant: None, ..active() })),
            (61, RECORD_REMOVED),
            (61, gone()),
        ],
    );
    assert!(told.contains("| GivenBack | +gone"), "{told}");
}

#[test]
fn what_somebody_else_bought_is_only_taken_out_of_vapi() {
    let number = Number { origin: Origin::Imported, ..unused() };
    let (work, told) = play(giving(number), off_vapi());
    assert_eq!(work.phase, Phase::Released, "{told}");
    assert!(!told.contains("remove_owned"), "{told}");
}

#[test]
fn a_number_that_is_still_there_is_asked_again_and_at_last_a_person_is() {
    let work = play(giving(unused()), off_vapi()).0;
    let (mut work, _told) = play(work, [(1, shown(OwnedStatus::Active))]);
    for _removal in 0..6 {
        let (next, told) = play(
            work,
            [
                (2, OWNED_REMOVED),
                (2, shown(OwnedStatus::Active)),
                (600, Input::Resumed),
                (600, shown(OwnedStatus::Active)),
            ],
        );
        assert!(told.contains("wait"), "{told}");
        work = next;
    }
    assert!(matches!(&work.phase, Phase::NeedsPerson(stuck)
        if stuck.problem.code() == "removal-refused"));
}

#[test]
fn a_number_shown_as_deleted_is_gone_and_one_that_only_leaves_is_asked_for() {
    let work = play(giving(unused()), off_vapi()).0;
    let (work, told) = play(work, [(1, shown(OwnedStatus::Gone))]);
    assert!(told.contains("do remove_owned"), "{told}");
    let (work, told) = play(work, [(1, OWNED_REMOVED), (1, shown(OwnedStatus::Gone))]);
    assert_eq!(work.phase, Phase::Released, "{told}");
}

#[test]
fn a_lost_answer_is_looked_after() {
    let work = play(giving(unused()), off_vapi()).0;
    check(
        work,
        [
            (1, shown(OwnedStatus::Active)),
            (1, Input::OwnedRemoved(Outcome::Unknown)),
            (4, Input::Resumed),
            (4, gone_at_telnyx()),
        ],
        &expect![[r#"
            1 read_owned done
                giving_back(Carrier, 1 removals) | do remove_owned
            1 remove_owned unknown
                giving_back(Carrier, 1 removals) | Tried | wait 2s
            4 resumed
                giving_back(Carrier, 1 removals) | do read_owned
            4 read_owned refused Because(NotFound)
                released | GivenBack | +gone [Digits(…0123), Vapi(VapiNumberId("line-1")), Telnyx(TelnyxNumberId("1293000000000000001"))] | +history GivenBack | end
        "#]],
    );
}

#[test]
fn a_locked_number_waits_for_a_person_and_goes_on_when_asked() {
    let work = play(giving(unused()), off_vapi()).0;
    check(
        work,
        [
            (1, shown(OwnedStatus::Active)),
            (1, Input::OwnedRemoved(refused(DeleteNumberRefusal::Locked))),
            (900, Input::Asked(Ask::Retry)),
            (900, shown(OwnedStatus::Active)),
        ],
        &expect![[r#"
            1 read_owned done
                giving_back(Carrier, 1 removals) | do remove_owned
            1 remove_owned refused Because(Locked)
                needs_person(DeletionLocked at giving_back(Carrier, 1 removals)) | NeedsPerson { problem: DeletionLocked } | end
            900 retry
                giving_back(Carrier, 1 removals) | AttemptStarted(Attempt(2)) | do read_owned
            900 read_owned done
                giving_back(Carrier, 1 removals) | wait 2s
        "#]],
    );
}

#[test]
fn what_was_never_seen_is_not_believed_gone_until_a_person_says_so() {
    // The key may be another account's by now: it finds nothing either.
    let (work, _told) = play(
        giving(unused()),
        [(100, Input::Resumed), (100, Input::Unlinked(refused(Missing::NotFound))), (100, gone())],
    );
    assert!(matches!(&work.phase, Phase::NeedsPerson(stuck)
        if stuck.problem.code() == "number-vanished"));
    let (work, _told) =
        play(work, [(200, Input::Asked(Ask::Retry)), (200, gone()), (200, gone_at_telnyx())]);
    assert!(matches!(&work.phase, Phase::NeedsPerson(stuck)
        if stuck.problem.code() == "number-vanished"));
    let (work, told) = play(work, [(300, Input::Asked(Ask::Retry)), (300, gone_at_telnyx())]);
    assert_eq!(work.phase, Phase::Released, "{told}");
}

#[test]
fn a_number_that_is_being_given_back_is_neither_called_off_nor_released() {
    for ask in [Ask::Cancel, Ask::Release { number: None, quarantine_days: 3 }, Ask::Retry] {
        let work = play(giving(unused()), off_vapi()).0;
        let (work, told) = play(work, [(2, Input::Asked(ask)), (2, shown(OwnedStatus::Active))]);
        assert!(told.contains("do remove_owned"), "{told}");
        assert!(work.phase.is_being_released() && !work.cancel_asked);
        assert!(!work.can_be_called_off());
    }
}

#[test]
fn only_what_nobody_has_can_be_given_back() {
    let owner = |state| begun(Number { state, ..unused() }).map(|_giving| ());
    assert_eq!(owner(State::Reserved), Err(NotGivable::InUse));
    assert_eq!(owner(State::Acquiring), Err(NotGivable::InUse));
    assert_eq!(owner(State::Releasing), Err(NotGivable::Gone));
    assert_eq!(owner(State::Released), Err(NotGivable::Gone));
    assert_eq!(owner(State::Retired), Ok(()));
    let busy = Number { work: Some(WorkId::new(Ulid(3))), ..unused() };
    assert_eq!(begun(busy).map(|_giving| ()), Err(NotGivable::Busy));
    let Carrier::Telnyx { order, connection, provider_status, .. } = unused().carrier else {
        panic!("it is Telnyx's")
    };
    let carrier = Carrier::Telnyx { order, id: None, connection, provider_status, former: None };
    let unidentified = Number { carrier, ..unused() };
    assert_eq!(begun(unidentified).map(|_giving| ()), Err(NotGivable::Unidentified));
}

#[test]
fn what_never_was_in_vapi_begins_at_its_carrier() {
    let (_work, told) = play(
        giving(Number { vapi: None, ..unused() }),
        [(1, Input::Resumed), (1, shown(OwnedStatus::Active))],
    );
    assert!(told.contains("do remove_owned"), "{told}");
}

#[test]
fn by_itself_only_what_costs_money_and_was_unused_for_long_goes_back() {
    let day = Duration::from_secs(24 * 3600);
    let now = at(0).after(day * 30);
    let is = |number: &Number| is_surplus(number, now.before(day * 30));
    assert!(is(&unused()));
    assert!(!is(&Number { state: State::Available { since: at(1) }, ..unused() }));
    assert!(!is(&free()));
    assert!(!is(&Number { number_type: NumberType::TollFree, ..unused() }));
    assert!(!is(&Number { origin: Origin::Imported, ..unused() }));
    assert!(!is(&Number { state: State::Retired, ..unused() }));
}
