//! What the simulator found, in the product or in itself, each with the run that showed it, where
//! the run is one of a workflow.
//!
//! A seed stands for another schedule as soon as there is more that can happen in one. What seeds
//! showed is held by tests of its own: `a_look_shows_what_was_so_when_it_was_taken` (domain),
//! `key_that_was_rotated_is_read_again_whichever_try_of_a_read_is_rejected` (it), and those of
//! `take` with a clock that is behind (store).

use exchange::{Method, Request};
use sim::boundaries::{Boundary, Point};
use sim::crash;
use sim::sky::Sky;
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
}
