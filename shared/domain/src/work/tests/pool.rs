//! Numbers that nobody uses: which one is taken, and what happens when another was quicker.

use super::fixtures::*;
use super::script::{check, play};
use crate::number::{Number, Proof, State};
use crate::outcome::{Missing, Outcome};
use crate::request::{Country, Match, NumberType, Wanted};
use crate::source::Source;
use crate::vapi::{NumberStatus, VapiNumber};
use crate::work::{Input, Kind, Obstacle, Phase, Recipient, Work};
use expect_test::expect;
use ulid::Ulid;

/// A free number at VAPI that is nobody's since so many seconds before the start.
fn pooled(id: u128, area: &str, rested_seconds: u64) -> Number {
    let (work, _told) = play(
        new_work(any_local(), &[Source::VapiFree]),
        [(0, Input::Resumed), (0, assistant_made()), (0, slots_free()), (0, free_made())],
    );
    let Phase::AwaitingDigits(awaiting) = work.phase else { unreachable!() };
    let since = START.before(std::time::Duration::from_secs(rested_seconds));
    Number {
        id: crate::ids::NumberId::new(Ulid(id)),
        digits: Some(digits(&format!("+1{area}5550{id:03}"))),
        state: State::Available { since },
        work: None,
        ..awaiting.line.number
    }
}

/// Another work than the one that made the numbers.
fn wanting(wanted: Wanted) -> Work {
    let work = new_work(wanted, &[Source::Pool, Source::VapiFree]);
    let recipient = Recipient { vapi_assistant: Some(assistant()), ..recipient() };
    let kind = Kind::Answer(Box::new(recipient));
    Work { id: crate::ids::WorkId::new(Ulid(70)), kind, ..work }
}

fn found(numbers: Vec<Number>) -> Input {
    Input::PoolSearched(Outcome::Done(numbers))
}

fn shows(number: &Number) -> VapiNumber {
    let known = crate::vapi::Digits::Known(number.digits.clone().unwrap());
    VapiNumber { digits: known, ..active() }
}

fn taken(wanted: Wanted, numbers: Vec<Number>) -> Option<Number> {
    let (work, _told) = play(wanting(wanted), [(0, Input::Resumed), (0, found(numbers))]);
    work.phase.number().cloned()
}

#[test]
fn a_number_nobody_uses_needs_one_link_and_one_reading() {
    let number = pooled(1, "628", 60);
    let at_vapi = shows(&number);
    check(
        wanting(any_local()),
        [
            (0, Input::Resumed),
            (0, found(vec![number])),
            (0, Input::Linked(Outcome::Done(at_vapi.clone()))),
            (0, free_line(at_vapi)),
        ],
        &expect![[r#"
            0 resumed
                claiming | do search_pool
            0 search_pool done
                proving | NumberClaimed | +claim available for reserved | do link
            0 link done
                proving | do read_line
            0 read_line done, carrier vapi
                ready | Ready | +number assigned [] | +calls answered | +answers on Some(…0001) | +history Assigned | end
        "#]],
    );
}

#[test]
fn the_wanted_area_comes_first_and_then_whichever_rested_longest() {
    let all = || vec![pooled(1, "628", 50), pooled(2, "415", 10), pooled(3, "415", 20)];
    let in_415 = |matching| {
        let area_code = Some("415".parse().unwrap());
        Wanted { area_code, matching, ..Wanted::default() }
    };
    let id = |number: Option<Number>| number.map(|number| number.id.ulid().0);
    assert_eq!(id(taken(any_local(), all())), Some(1));
    assert_eq!(id(taken(in_415(Match::Any), all())), Some(3));
    assert_eq!(id(taken(in_415(Match::Strict), vec![pooled(1, "628", 50)])), None);
    assert_eq!(id(taken(in_415(Match::Any), vec![pooled(1, "628", 50)])), Some(1));
}

#[test]
fn what_does_not_fit_or_is_not_free_is_not_taken() {
    let number = pooled(1, "628", 60);
    let canada = Wanted { country: "CA".parse::<Country>().unwrap(), ..Wanted::default() };
    let toll_free = Wanted { number_type: NumberType::TollFree, ..Wanted::default() };
    for wanted in [canada, toll_free] {
        assert_eq!(taken(wanted, vec![number.clone()]), None);
    }
    let busy = Number { work: Some(crate::ids::WorkId::new(Ulid(5))), ..number.clone() };
    let resting = State::Quarantined {
        until: START,
        former: Some("biz_1".parse().unwrap()),
        assistant: None,
        proof: Proof::Proven,
    };
    let resting = Number { state: resting, ..number.clone() };
    let nowhere = Number { vapi: None, ..number };
    for other in [busy, resting, nowhere] {
        assert_eq!(taken(any_local(), vec![other]), None);
    }
}

#[test]
fn a_number_that_went_to_another_is_searched_anew_a_bounded_number_of_times() {
    let number = pooled(1, "628", 60);
    let gone = || Input::WriteRefused(Obstacle::NumberGone);
    check(
        wanting(any_local()),
        [(0, Input::Resumed), (0, found(vec![number])), (0, gone()), (0, found(Vec::new()))],
        &expect![[r#"
            0 resumed
                claiming | do search_pool
            0 search_pool done
                proving | NumberClaimed | +claim available for reserved | do link
            0 not written: NumberGone
                claiming | Tried | do search_pool
            0 search_pool done
                checking_allowance | SourcePassed(Pool, PoolEmpty) | do read_allowance
        "#]],
    );
}

#[test]
fn a_claimed_number_that_cannot_be_used_is_set_aside_and_another_is_taken() {
    let (first, second) = (pooled(1, "628", 60), pooled(2, "628", 30));
    let blocked = VapiNumber { status: NumberStatus::Blocked, ..shows(&first) };
    check(
        wanting(any_local()),
        [
            (0, Input::Resumed),
            (0, found(vec![first])),
            (0, Input::Linked(Outcome::Done(blocked.clone()))),
            (0, free_line(blocked)),
            (0, found(vec![second])),
            (0, Input::Linked(refused(Missing::NotFound))),
            (
                90,
                Input::LineRead(crate::work::LineReading {
                    vapi: refused(Missing::NotFound),
                    carrier: crate::work::CarrierReading::Vapi,
                }),
            ),
            (90, found(Vec::new())),
        ],
        &expect![[r#"
            0 resumed
                claiming | do search_pool
            0 search_pool done
                proving | NumberClaimed | +claim available for reserved | do link
            0 link done
                proving | do read_line
            0 read_line done, carrier vapi
                claiming | Tried | +number corrupted [] | +history Corrupted | do search_pool
            0 search_pool done
                proving | NumberClaimed | +claim available for reserved | do link
            0 link refused Because(NotFound)
                proving | do read_line
            90 read_line refused Because(NotFound), carrier vapi
                claiming | Tried | +number corrupted [] | +history Corrupted | do search_pool
            90 search_pool done
                checking_allowance | SourcePassed(Pool, PoolEmpty) | do read_allowance
        "#]],
    );
}

#[test]
fn a_former_number_is_taken_back_while_it_rests_by_its_business_alone() {
    let until = START.after(std::time::Duration::from_secs(1000));
    let resting = |former: &str| {
        let former = Some(former.parse().unwrap());
        Number {
            state: State::Quarantined { until, former, assistant: None, proof: Proof::Proven },
            ..pooled(1, "628", 60)
        }
    };
    let reclaiming = |id: u128| {
        let mut work = wanting(any_local());
        work.request.sources = vec![Source::Pool];
        work.request.reclaim = Some(crate::ids::NumberId::new(Ulid(id)));
        work
    };
    let ends = |work: Work, number: Number| {
        let row = Input::RowRead(Outcome::Done(
            (work.request.reclaim == Some(number.id)).then_some(number),
        ));
        let (work, _told) = play(work, [(0, Input::Resumed), (0, row)]);
        work.phase.name().as_str()
    };
    assert_eq!(ends(reclaiming(1), resting("biz_1")), "proving");
    assert_eq!(ends(reclaiming(1), pooled(1, "628", 60)), "proving");
    assert_eq!(ends(reclaiming(1), resting("biz_2")), "failed");
    assert_eq!(ends(reclaiming(2), resting("biz_1")), "failed");
    let elsewhere = Number { organization: "org_2".parse().unwrap(), ..resting("biz_1") };
    assert_eq!(ends(reclaiming(1), elsewhere), "failed");
}

#[test]
fn a_pool_that_cannot_be_read_is_looked_at_again_and_then_passed_over() {
    let unread = || Input::PoolSearched(later());
    let (work, _told) = play(wanting(any_local()), [(0, Input::Resumed), (0, unread())]);
    assert_eq!(work.phase.name().as_str(), "claiming");
    let mut work = work;
    for place in 0..12 {
        work = play(work, [(place * 400, Input::Resumed), (place * 400, unread())]).0;
    }
    assert_eq!(work.phase.name().as_str(), "checking_allowance");
}
