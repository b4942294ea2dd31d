//! Invariant 10: a quarantined number goes to no other business early.

use super::{Checked, View, Violation};
use crate::mirror::Mirror;
use domain::number::State;
use simulators::vapi::Call;

/// Numbers that have just left their rest.
pub fn check(view: &View<'_>, mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.numbers {
        let (Some(State::Quarantined { former, until, .. }), Some(number)) =
            (before, mirror.numbers.get(id))
        else {
            continue;
        };
        let (early, whose) = match &number.state {
            // By true time, as far as clocks may differ.
            State::Available { .. } => (view.now_ms + CLOCKS_MS < until.as_millis(), None),
            State::Reserved | State::Assigned { .. } => {
                let work = number.work.and_then(|work| mirror.works.get(&work));
                (true, work.and_then(|work| work.business()))
            }
            State::Acquiring
            | State::Quarantined { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted => (false, None),
        };
        if early && (whose.is_none() || whose != former.as_ref()) {
            return Err(Violation::of(10, format!("number {id} left its rest early")));
        }
    }
    Ok(())
}

/// Numbers that rested, whatever became of them meanwhile: also one that was out of use goes to
/// nobody else before its time.
pub fn meanwhile(view: &View<'_>, mirror: &Mirror) -> Checked {
    for (id, _) in &mirror.news.numbers {
        let (Some((until, former)), Some(number)) = (mirror.rests.get(id), mirror.numbers.get(id))
        else {
            continue;
        };
        if view.now_ms + CLOCKS_MS >= until.as_millis() {
            continue;
        }
        let early = match &number.state {
            State::Available { .. } => true,
            State::Assigned { business, .. } => business != former,
            State::Reserved => {
                let work = number.work.and_then(|work| mirror.works.get(&work));
                work.and_then(|work| work.business()) != Some(former)
            }
            State::Acquiring
            | State::Quarantined { .. }
            | State::Releasing
            | State::Released
            | State::Suspended
            | State::Retired
            | State::Unverified
            | State::Corrupted => false,
        };
        if early {
            return Err(Violation::of(10, format!("number {id} is had before its rest is over")));
        }
    }
    Ok(())
}

/// A number that VAPI knows calls of rests as long as its organization wants.
pub fn called(view: &View<'_>, mirror: &Mirror) -> Checked {
    for (id, before) in &mirror.news.numbers {
        let Some(number) = mirror.numbers.get(id) else { continue };
        let (Some(State::Assigned { .. }), State::Quarantined { until, former: Some(_), .. }) =
            (before, &number.state)
        else {
            continue;
        };
        // Of calls that somebody answered: who hears that the number is nobody's reached nobody.
        let of_it = |call: &Call| {
            let same = number.vapi.as_ref().is_some_and(|id| id.as_str() == call.phone_number_id);
            same && call.assistant_id.is_some()
        };
        let orgs = view.sky.providers.vapi.orgs();
        let called = orgs.iter().flat_map(|org| org.calls.iter()).any(of_it);
        let wanted_ms = i64::from(view.rest_days) * 24 * 3_600_000 - SLACK_MS;
        if called && until.as_millis() - view.now_ms < wanted_ms {
            return Err(Violation::of(10, format!("number {id} was called and need not rest")));
        }
    }
    Ok(())
}

/// How far clocks may differ, in milliseconds.
const CLOCKS_MS: i64 = 60_000;
/// How far clocks may differ, and how long a write may take, in milliseconds.
const SLACK_MS: i64 = 10 * 60_000;
