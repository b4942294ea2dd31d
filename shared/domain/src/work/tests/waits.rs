//! Waits, and how far a work is for those who wait for it.

use super::fixtures::*;
use super::script::{answers, play};
use crate::source::Source;
use crate::work::{Ask, Input, Limits, progress};
use std::time::Duration;

#[test]
fn digits_are_asked_for_often_at_first_then_watched_and_given_up() {
    let limits = Limits::default();
    let mut now = START;
    let mut waits = Vec::new();
    while now < START.after(limits.digits_give_up) {
        let (until, watched) = limits.digits_check(START, now);
        assert!(until > now, "{now:?}");
        waits.push((until.since(START).as_secs(), watched));
        now = until;
    }
    assert_eq!(waits[..6], [2, 3, 5, 8, 13, 20].map(|seconds| (seconds, false)));
    assert_eq!(waits[6..8], [(600, true), (4200, true)]);
    assert_eq!(waits.last(), Some(&(24 * 3600, true)));
}

#[test]
fn waits_after_failures_grow_to_a_limit_and_heed_the_provider() {
    let wait = |tries, asked, entropy| Limits::backoff(tries, asked, entropy, START).since(START);
    let seconds = |tries| wait(tries, None, 0).as_secs();
    assert_eq!([1, 2, 3, 8, 9, 40].map(seconds), [2, 4, 8, 256, 300, 300]);
    assert_eq!(wait(1, Some(Duration::from_secs(40)), 0).as_secs(), 40);
    // Nobody makes us wait for ever.
    assert_eq!(wait(1, Some(Duration::from_secs(999_999)), 0).as_secs(), 3600);
    assert!(wait(3, None, u64::MAX) < Duration::from_secs(10));
}

#[test]
fn a_degraded_line_is_checked_ever_more_rarely_and_not_for_ever() {
    let limits = Limits::default();
    let minutes =
        |checks| limits.degraded_check(checks, START).map(|at| at.since(START).as_secs() / 60);
    assert_eq!([0, 1, 2, 3, 29].map(minutes), [1, 5, 15, 60, 60].map(Some));
    assert_eq!(minutes(30), None);
}

#[test]
fn orders_are_checked_until_they_are_given_up_in_a_bounded_number_of_checks() {
    let limits = Limits::default();
    let (mut now, mut checks) = (START, 0);
    while now < START.after(limits.order_give_up) {
        now = limits.order_check(checks, now);
        checks += 1;
    }
    assert!((100..200).contains(&checks), "{checks}");
}

#[test]
fn three_looks_fit_into_the_window() {
    assert_eq!(Limits::default().lookup_spacing(), Duration::from_secs(60));
    let one = Limits { lookups: 1, ..Limits::default() };
    assert_eq!(one.lookup_spacing(), one.lookup_window);
}

#[test]
fn progress_never_runs_back_on_the_way_to_a_free_number() {
    let inputs = [
        (0, Input::Resumed),
        (1, assistant_made()),
        (2, slots_free()),
        (3, free_made()),
        (5, Input::Resumed),
        (300, read(activating())),
        (600, Input::Resumed),
        (601, read(active())),
    ];
    let mut before = 0;
    for count in 0..=inputs.len() {
        let mut work = new_work(any_local(), &[Source::VapiFree]);
        let mut now = 0;
        for (seconds, input) in inputs.iter().take(count) {
            work = play_one(work, *seconds, input.clone());
            now = *seconds;
        }
        let progress = progress(&work, at(now));
        assert!(progress.percent >= before, "{} {}", progress.step, progress.percent);
        before = progress.percent;
    }
    assert_eq!(before, 100);
}

fn play_one(work: crate::work::Work, seconds: u64, input: Input) -> crate::work::Work {
    let limits = Limits::default();
    let fresh = ulid::Ulid(0);
    let now = at(seconds);
    let ctx = crate::work::Context { now, asked_at: now, fresh, took_over: false, limits: &limits };
    crate::work::decide(&work, input, ctx).unwrap().work
}

#[test]
fn a_cancel_is_shown_while_it_lasts() {
    let work = new_work(any_local(), &[Source::VapiFree]);
    let (work, _told) = play(
        work,
        [
            (0, Input::Resumed),
            (0, assistant_made()),
            (0, slots_free()),
            (0, free_made()),
            (1, Input::Asked(Ask::Cancel)),
        ],
    );
    assert_eq!(progress(&work, at(1)).state, "cancelling");
    assert!(answers(None, &Input::Resumed));
}
