//! A number of ours that is prepared for the pool: looked up, imported, read back, parked.

use super::fixtures::*;
use super::script::{check, play};
use crate::ids::{DeploymentId, NumberId, WorkId};
use crate::number::{Carrier, Number, Origin, Proof, State};
use crate::outcome::Outcome;
use crate::request::Country;
use crate::telnyx::{OwnedNumber, OwnedStatus};
use crate::time::Timestamp;
use crate::twilio::{Home, Owner};
use crate::vapi::{Digits, ImportRefusal, NumberProvider, VapiNumber};
use crate::work::{Ask, Found, Input, Obstacle, Work, prepare};
use expect_test::expect;
use std::time::Duration;
use ulid::Ulid;

/// A row that an operator has written: nobody has looked for the number yet.
fn row() -> Number {
    let number = (digits(PICKED), Country::US);
    Number::written_down(NumberId::new(Ulid(40)), "org_1".parse().unwrap(), number, stamp(1), START)
}

/// The work that prepares a number, if one may; numbers that were linked rest seven days before.
fn preparing(was: &Number) -> Option<Work> {
    let deployment = DeploymentId::try_from("DEPLOY01".to_owned()).unwrap();
    let prepared = prepare(was, WorkId::new(Ulid(7)), deployment, 7, START)?;
    assert_eq!(prepared.work.phase.number(), Some(&prepared.number));
    assert_eq!(prepared.number.work, Some(prepared.work.id));
    Some(prepared.work)
}

/// VAPI's record, linked to nobody.
fn unlinked() -> VapiNumber {
    VapiNumber { assistant: None, ..imported() }
}

fn found(owned: OwnedNumber, record: Option<VapiNumber>) -> Input {
    Input::NumberFound(Outcome::Done(Found::AtTelnyx {
        owned,
        credential: "credential-1".parse().unwrap(),
        connection: Some("app-1".parse().unwrap()),
        record,
    }))
}

/// As somebody bought it: nothing says who.
fn bought_outside() -> OwnedNumber {
    OwnedNumber { reference: None, ..owned(OwnedStatus::Active) }
}

#[test]
fn it_is_looked_up_imported_read_back_and_parked() {
    check(
        preparing(&row()).unwrap(),
        [
            (0, Input::Resumed),
            (0, found(bought_outside(), None)),
            (0, Input::Imported(Outcome::Done(unlinked()))),
            (0, line(unlinked(), true, None)),
        ],
        &expect![[r#"
            0 resumed
                finding | do find_number
            0 find_number done
                importing | +number acquiring [Telnyx(TelnyxNumberId("1293000000000000001"))] | do import
            0 import done
                proving | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do read_line
            0 read_line done, carrier answers
                stocked | Stocked | +park available [] | +calls not answered | +history Stocked | end
        "#]],
    );
}

#[test]
fn one_that_is_somebodys_is_left_as_it_is_and_may_be_tried_again() {
    let linked = VapiNumber { name: None, ..imported() };
    let elsewhere = VapiNumber { linked_elsewhere: true, name: None, ..unlinked() };
    let foreign = format!("OTHER001-{}-1", WorkId::new(Ulid(7)));
    let anothers = format!("DEPLOY01-{}-1", WorkId::new(Ulid(9)));
    let referring = |stamp: &str| {
        let reference = Some(stamp.to_owned());
        found(OwnedNumber { reference, ..bought_outside() }, None)
    };
    let named = VapiNumber { name: Some(foreign.clone()), ..unlinked() };
    for (input, why) in [
        (found(bought_outside(), Some(linked)), "Linked"),
        (found(bought_outside(), Some(elsewhere)), "Linked"),
        (found(bought_outside(), Some(named)), "Stamped"),
        (referring(&foreign), "Stamped"),
        (referring(&anothers), "Stamped"),
        (found(owned(OwnedStatus::Pending), None), "NotActive"),
        (Input::NumberFound(Outcome::Done(Found::Nowhere)), "FoundNowhere"),
        (Input::WriteRefused(Obstacle::DigitsTaken), "NotFree"),
    ] {
        let mut script = vec![(0, Input::Resumed)];
        if let Input::WriteRefused(_) = input {
            script.push((0, found(bought_outside(), None)));
        }
        script.push((0, input));
        let (work, told) = play(preparing(&row()).unwrap(), script);
        let stopped = format!("needs_person(NotAssignable {{ why: {why} }} at taking)");
        assert!(told.contains(&stopped) && told.contains("+number unverified []"), "{told}");
        assert!(!work.waits_for_number(), "no other will do");

        let again = Number { stamp: stamp(1), ..row() };
        let script =
            [(9, Input::Asked(Ask::Retry)), (9, Input::RowRead(Outcome::Done(Some(again))))];
        let (_work, told) = play(work, script);
        assert!(told.contains("+claim unverified for unverified | do find_number"), "{told}");
    }
}

#[test]
fn whoever_retries_what_is_anothers_meanwhile_is_told_so() {
    let nowhere = Input::NumberFound(Outcome::Done(Found::Nowhere));
    let (work, _told) = play(preparing(&row()).unwrap(), [(0, Input::Resumed), (0, nowhere)]);
    let held = Number { work: Some(WorkId::new(Ulid(99))), ..row() };
    let available = Number { state: State::Available { since: START }, ..row() };
    for row in [None, Some(held), Some(available)] {
        let script = [(9, Input::Asked(Ask::Retry)), (9, Input::RowRead(Outcome::Done(row)))];
        let (_work, told) = play(work.clone(), script);
        assert!(told.contains("needs_person(NotAssignable { why: NotFree } at taking)"), "{told}");
    }
    let (cancelled, _told) = play(work, [(9, Input::Asked(Ask::Cancel))]);
    assert_eq!(cancelled.phase, crate::work::Phase::Cancelled);
}

#[test]
fn what_vapi_does_not_take_is_kept_and_called_off_it_is_left_as_it_was() {
    let (work, told) = play(
        preparing(&row()).unwrap(),
        [
            (0, Input::Resumed),
            (0, found(bought_outside(), None)),
            (0, Input::Imported(refused(ImportRefusal::CredentialInvalid))),
        ],
    );
    assert!(told.contains("needs_person(ImportRefused"), "{told}");
    let (work, told) = play(work, [(9, Input::Asked(Ask::Cancel))]);
    assert!(told.contains("+number unverified []"), "{told}");
    assert_eq!(work.phase, crate::work::Phase::Cancelled);
}

#[test]
fn what_was_linked_once_rests_before_it_is_anothers() {
    let retired = Number {
        state: State::Retired,
        vapi: Some("line-1".parse().unwrap()),
        carrier: at_telnyx(),
        origin: Origin::Bought,
        ..row()
    };
    let read = || [(0, Input::Resumed), (0, line(unlinked(), true, None))];
    let (_work, told) = play(preparing(&retired).unwrap(), read());
    assert!(told.contains("stocked") && told.contains("+park available"), "{told}");
    let used = Number { linked_at: Some(START), ..retired };
    let (work, told) = play(preparing(&used).unwrap(), read());
    assert!(told.contains("+number quarantined for 604800s []"), "{told}");
    assert!(work.phase.is_over(), "{told}");
}

fn at_telnyx() -> Carrier {
    Carrier::Telnyx {
        order: Some("order-1".parse().unwrap()),
        id: Some("1293000000000000001".parse().unwrap()),
        connection: None,
        provider_status: None,
        former: None,
    }
}

#[test]
fn one_that_was_bought_and_never_imported_keeps_what_is_known_of_it() {
    let until = START.after(Duration::from_secs(1));
    let rests = State::Quarantined { until, former: None, assistant: None, proof: Proof::Proven };
    let was = Number { carrier: at_telnyx(), origin: Origin::Bought, state: rests, ..row() };
    check(
        preparing(&was).unwrap(),
        [
            (9, Input::Resumed),
            (9, found(owned(OwnedStatus::Active), None)),
            (9, Input::Imported(Outcome::Done(unlinked()))),
        ],
        &expect![[r#"
            9 resumed
                finding | do find_number
            9 find_number done
                importing | +number acquiring [] | do import
            9 import done
                proving | NumberImported | +number acquiring [Vapi(VapiNumberId("line-1"))] | do read_line
        "#]],
    );
    let home = Home {
        account: "AC00000000000000000000000000000001".parse().unwrap(),
        owner: Owner::Platform,
    };
    let id = Some("PN00000000000000000000000000000001".parse().unwrap());
    let carrier = Carrier::Twilio { home, id, provider_status: None, former: None };
    let (_work, told) = play(preparing(&Number { carrier, ..was }).unwrap(), [(9, Input::Resumed)]);
    assert!(told.contains("do import"), "{told}");
}

#[test]
fn a_free_number_that_is_blocked_is_kept_for_a_person() {
    let record = at_vapi("free-1", NumberProvider::Vapi, Digits::Known(digits(PICKED)));
    let record = VapiNumber { assistant: None, name: None, ..record };
    let allowance = crate::work::Allowance::default();
    let found =
        Input::NumberFound(Outcome::Done(Found::AtVapi { record: record.clone(), allowance }));
    let blocked = VapiNumber { status: crate::vapi::NumberStatus::Blocked, ..record.clone() };
    let (work, told) = play(
        preparing(&row()).unwrap(),
        [
            (0, Input::Resumed),
            (0, found),
            (0, Input::Adopted(Outcome::Done(record.clone()))),
            (0, free_line(blocked)),
        ],
    );
    assert!(told.contains("needs_person(NumberBlocked at proving)"), "{told}");
    // Called off it does not come into the pool, where it would be the next business's.
    let (work, told) = play(
        work,
        [
            (9, Input::Asked(Ask::Cancel)),
            (9, Input::Unlinked(Outcome::Done(record.clone()))),
            (9, Input::NumberRead(Outcome::Done(record))),
        ],
    );
    assert!(told.contains("+number unverified []"), "{told}");
    assert_eq!(work.phase, crate::work::Phase::Cancelled);
}

#[test]
fn what_is_somebodys_or_in_the_pool_is_not_prepared() {
    let vapi = Some("line-1".parse().unwrap());
    let of = |state: State| Number { state, vapi: vapi.clone(), ..row() };
    let rests =
        State::Quarantined { until: START, former: None, assistant: None, proof: Proof::Proven };
    for was in [
        of(State::Available { since: START }),
        of(State::Acquiring),
        of(State::Reserved),
        of(rests),
        of(State::Releasing),
        of(State::Released),
        of(State::Corrupted),
        Number { work: Some(WorkId::new(Ulid(99))), ..row() },
        Number { digits: None, ..row() },
    ] {
        assert_eq!(preparing(&was), None, "{was:?}");
    }
}

/// A number at rest that VAPI has and nobody read back, from a time on.
fn unproven(until: Timestamp) -> Number {
    let former = Some("biz_1".parse().unwrap());
    let state = State::Quarantined { until, former, assistant: None, proof: Proof::Unproven };
    Number {
        carrier: at_telnyx(),
        origin: Origin::Bought,
        vapi: Some("line-1".parse().unwrap()),
        linked_at: Some(START),
        state,
        ..row()
    }
}

#[test]
fn what_rested_unproven_is_read_back_routed_and_parked_without_another_rest() {
    let (work, told) = play(
        preparing(&unproven(START)).unwrap(),
        [
            (0, Input::Resumed),
            (0, line(unlinked(), false, Some("app-1"))),
            (0, Input::Routed(Outcome::Done(()))),
            (0, line(unlinked(), true, None)),
        ],
    );
    let asked = ["do read_line", "do route", "do read_line", "+park available"];
    let mut rest = told.as_str();
    for one in asked {
        let Some((_before, after)) = rest.split_once(one) else { panic!("{one}: {told}") };
        rest = after;
    }
    assert!(matches!(work.phase, crate::work::Phase::Stocked { .. }), "{told}");
}

#[test]
fn what_still_rests_is_not_prepared_and_what_rested_proven_needs_no_work() {
    let later = START.after(Duration::from_secs(1));
    assert_eq!(preparing(&unproven(later)), None);
    assert!(!unproven(later).awaits_proof(START) && unproven(later).awaits_proof(later));
    assert_eq!(unproven(START).rested_since(later), None);
    let state =
        State::Quarantined { until: START, former: None, assistant: None, proof: Proof::Proven };
    let proven = Number { state, ..unproven(START) };
    assert!(!proven.awaits_proof(later));
    assert_eq!(proven.rested_since(later), Some(START));
    let nowhere = Number { vapi: None, ..unproven(START) };
    assert!(!nowhere.awaits_proof(later) && nowhere.rested_since(later).is_none());
}

#[test]
fn what_rested_and_is_called_off_while_it_is_read_back_is_left_out_of_use() {
    let (work, told) = play(
        preparing(&unproven(START)).unwrap(),
        [
            (0, Input::Resumed),
            (0, line(unlinked(), false, None)),
            (9, Input::Asked(Ask::Cancel)),
            (9, Input::Unlinked(Outcome::Done(unlinked()))),
            (9, Input::NumberRead(Outcome::Done(unlinked()))),
        ],
    );
    assert!(told.contains("needs_person(NotRouted at proving)"), "{told}");
    assert!(told.contains("+number unverified []"), "{told}");
    assert_eq!(work.phase, crate::work::Phase::Cancelled);
}
