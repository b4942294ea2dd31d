//! Repairs: what answers is read back, and put right where it differs; and nobody's number is taken off
//! whoever is linked to it.

use super::fixtures::*;
use super::script::{check, play};
use crate::ids::{DeploymentId, WorkId};
use crate::number::{Number, Proof, State};
use crate::outcome::{Missing, Outcome};
use crate::source::Source;
use crate::vapi::VapiNumber;
use crate::work::{Ask, Input, Limits, NotGivable, Obstacle, Phase, Work, take_off};
use expect_test::expect;
use ulid::Ulid;

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

const REPAIR: Input = Input::Asked(Ask::Repair);

fn row() -> Number {
    ready().phase.number().cloned().unwrap()
}

/// Whether the number that is being given up was read back as answering.
fn proof(work: &Work) -> Option<Proof> {
    let Phase::Unlinking(unlinking) = &work.phase else { return None };
    Some(unlinking.proof)
}

fn row_read(row: Number) -> Input {
    Input::RowRead(Outcome::Done(Some(row)))
}

fn unlinked() -> VapiNumber {
    VapiNumber { assistant: None, ..active() }
}

#[test]
fn a_lost_link_is_put_right_by_the_work_that_brought_the_number() {
    check(
        ready(),
        [
            (3600, REPAIR),
            (3600, row_read(row())),
            (3600, free_line(unlinked())),
            (3600, Input::Linked(Outcome::Done(active()))),
            (3600, free_line(active())),
        ],
        &expect![[r#"
            3600 repair
                ready_degraded(NotRouted, check 0) | Degraded { problem: NotRouted } | do read_row
            3600 read_row done
                ready_degraded(NotRouted, check 0) | +mend assigned for assigned | do read_line
            3600 read_line done, carrier vapi
                ready_degraded(NotRouted, check 0) | LinkRepaired | do link
            3600 link done
                ready_degraded(NotRouted, check 0) | do read_line
            3600 read_line done, carrier vapi
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0100) | end
        "#]],
    );
}

#[test]
fn a_number_that_is_not_its_any_more_is_left_alone() {
    let busy = Number { work: Some(WorkId::new(Ulid(5))), ..row() };
    let gone = Number { state: State::Retired, ..row() };
    for row in [busy, gone] {
        let (work, told) = play(ready(), [(3600, REPAIR), (3600, row_read(row))]);
        assert!(matches!(work.phase, Phase::Ready { .. }), "{told}");
        assert!(!told.contains("+mend"), "{told}");
    }
}

#[test]
fn a_release_before_the_row_is_taken_over_begins_as_any_other() {
    let release = Input::Asked(Ask::Release { number: None, quarantine_days: 30 });
    let (work, told) = play(
        ready(),
        [(3600, REPAIR), (3600, Input::RowRead(later())), (3602, release), (3602, row_read(row()))],
    );
    assert_eq!(proof(&work), Some(Proof::Unproven), "{told}");
    assert!(told.contains("+claim assigned for assigned"), "{told}");
}

#[test]
fn a_release_of_what_waits_for_a_person_takes_the_row_over_first() {
    let mut script = vec![(3600, REPAIR), (3600, Input::RowRead(later()))];
    for tried in 1..=u64::from(Limits::default().tries) {
        let at = 3600 + 3600 * tried;
        script.extend([(at, Input::Resumed), (at, Input::RowRead(later()))]);
    }
    let (stuck, told) = play(ready(), script);
    assert!(matches!(stuck.phase, Phase::NeedsPerson(_)), "{told}");
    let release = Input::Asked(Ask::Release { number: None, quarantine_days: 30 });
    let (work, told) = play(stuck, [(90_000, release), (90_000, row_read(row()))]);
    assert_eq!(proof(&work), Some(Proof::Unproven), "{told}");
    assert!(told.contains("+claim assigned for assigned"), "{told}");
}

#[test]
fn a_row_that_changed_meanwhile_is_read_again() {
    let (_work, told) = play(
        ready(),
        [
            (3600, REPAIR),
            (3600, row_read(row())),
            (3600, Input::WriteRefused(Obstacle::NumberGone)),
            (3603, Input::Resumed),
            (3603, row_read(row())),
            (3603, free_line(active())),
        ],
    );
    assert!(told.ends_with("end\n") && told.contains("ready"), "{told}");
}

#[test]
fn what_has_ended_or_waits_for_a_person_is_not_begun_again() {
    let released = play(
        ready(),
        [
            (3600, Input::Asked(Ask::Release { number: None, quarantine_days: 0 })),
            (3600, row_read(row())),
            (3600, Input::Unlinked(Outcome::Done(unlinked()))),
            (3600, read(unlinked())),
            (3600, Input::CallsRead(Outcome::Done(true))),
        ],
    );
    let (work, _told) = play(released.0, [(3700, REPAIR)]);
    assert_eq!(work.phase, Phase::Released);
    let stuck = play(
        ready(),
        [
            (3600, REPAIR),
            (3600, row_read(row())),
            (
                3700,
                Input::LineRead(crate::work::LineReading {
                    vapi: refused(Missing::NotFound),
                    carrier: crate::work::CarrierReading::Vapi,
                }),
            ),
        ],
    );
    assert!(matches!(stuck.0.phase, Phase::NeedsPerson(_)), "{}", stuck.1);
    let (work, _told) = play(stuck.0, [(3800, REPAIR)]);
    assert!(matches!(work.phase, Phase::NeedsPerson(_)));
}

fn taken_off(number: Number) -> Result<Work, NotGivable> {
    let deployment = DeploymentId::try_from("DEPLOY01".to_owned()).unwrap();
    take_off(number, WorkId::new(Ulid(9)), deployment, at(0)).map(|giving| giving.work)
}

#[test]
fn a_number_of_the_pool_leaves_it_until_nobody_is_linked() {
    let free = Number { state: State::Available { since: at(60) }, ..row() };
    check(
        taken_off(free).unwrap(),
        [
            (90, Input::Resumed),
            (90, Input::Unlinked(Outcome::Done(unlinked()))),
            (90, read(unlinked())),
        ],
        &expect![[r#"
            90 resumed
                unlinking(unlink 1) | do unlink
            90 unlink done
                unlinking(unlink 1) | do read_number
            90 read_number done
                released | Unlinked | +number quarantined for 0ns [] | +calls not answered | end
        "#]],
    );
    let kept = taken_off(Number { state: State::Retired, ..row() }).unwrap();
    assert_eq!(kept.phase.number().map(|number| &number.state), Some(&State::Retired));
    assert_eq!(taken_off(row()).unwrap_err(), NotGivable::InUse);
    let nowhere = Number { state: State::Retired, vapi: None, ..row() };
    assert_eq!(taken_off(nowhere).unwrap_err(), NotGivable::Unidentified);
}
