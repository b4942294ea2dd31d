//! What the simulator found, in the product or in itself, each with the run that showed it.

use exchange::{Method, Request};
use sim::boundaries::{Boundary, Point};
use sim::crash;
use sim::schedule::{Catalogue, run};
use sim::sky::Sky;
use sim::trace::Trace;
use simulators::{Provider, Providers, ProvidersOptions};
use std::collections::BTreeMap;
use std::time::Duration;

/// Two holders in a row die before they send the same create. Absence is believed both times, and
/// nothing was ever sent: a person was asked. Now it is sent a third time.
#[test]
fn two_holders_may_die_before_they_send() {
    let deaths = [(1, Point::BeforeCall), (7, Point::AfterRecord)];
    let deaths = deaths.map(|(effect, point)| Boundary { effect, point });
    assert_eq!(crash::differs("free", &deaths), None);
}

/// The clock of the steps is behind the one that says when a work is due: each message was taken as
/// early and acknowledged, and the poller, its clock ahead, moved the work again and again. Now
/// the message says when the work was due.
#[test]
fn a_work_goes_on_whatever_the_clock_of_its_holder_says() {
    for seed in [19, 24, 27] {
        let outcome = run(&Catalogue::default(), seed, Trace::default());
        assert_eq!(outcome.violation, None, "seed {seed}");
    }
}

/// A key was rotated while the tries of a look-up went on: the first of them was lost, the third was
/// rejected, and the key was not read again, for only the first was asked for that. The work ended
/// with a person, though nothing was wrong. Now any try may read the key again.
#[test]
fn a_key_may_be_rotated_between_the_tries_of_a_read() {
    let outcome = run(&Catalogue::default(), 859_776, Trace::default());
    assert_eq!(outcome.violation, None);
}

/// A process stood still between the last of three looks, all within six seconds, and its decision:
/// two hours later they counted as three looks over two minutes, and the number that the lost order
/// had brought was given up. Now a look shows what was so when it was taken.
#[test]
fn a_look_does_not_become_proof_with_age() {
    let outcome = run(&Catalogue::default(), 4_486_883, Trace::default());
    assert_eq!(outcome.violation, None);
}

/// The judge's own mistake. A create was on its way when the functions stood still for 70 seconds,
/// and was made to wait with them: it arrived 48 seconds later than anything may, was in no list for
/// a minute more, and was believed absent. Providers do not stand still when we do.
#[test]
fn what_is_on_its_way_does_not_wait_for_those_who_stand_still() {
    let providers = Providers::standard(ProvidersOptions::default(), 7, 0);
    let mut sky = Sky::new(providers);
    let request = Request {
        method: Method::Post,
        url: "https://api.vapi.ai/assistant".to_owned(),
        query: Vec::new(),
        headers: BTreeMap::new(),
        body: Some(b"{}".to_vec()),
        deadline: Duration::from_secs(10),
    };
    sky.stray(40_000, Provider::Vapi, request);
    assert_eq!(sky.strays_arrive(39_999), []);
    assert_eq!(sky.strays_arrive(110_000).len(), 1);
    let times: Vec<i64> = sky.providers.vapi.log().map(|entry| entry.at_ms).collect();
    assert_eq!(times, [40_000]);

    let outcome = run(&Catalogue::default(), 9_879_917, Trace::default());
    assert_eq!(outcome.violation, None);
}
