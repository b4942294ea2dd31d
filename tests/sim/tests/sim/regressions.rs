//! What the simulator found in the product, each with the run that showed it, where the run is one
//! of a workflow.
//!
//! A seed stands for another schedule as soon as there is more that can happen in one. What seeds
//! showed is held by tests of its own: `a_look_shows_what_was_so_when_it_was_taken` (domain),
//! `key_that_was_rotated_is_read_again_whichever_try_of_a_read_is_rejected` (it), and those of
//! `take` with a clock that is behind (store).

use sim::boundaries::{Boundary, Point};
use sim::crash;

/// Two holders in a row die before they send the same create. Absence is believed both times, and
/// nothing was ever sent: a person was asked. Now it is sent a third time.
#[test]
fn two_holders_may_die_before_they_send() {
    let deaths = [(1, Point::BeforeCall), (7, Point::AfterRecord)];
    let deaths = deaths.map(|(effect, point)| Boundary { effect, point });
    assert_eq!(crash::differs("free", &deaths), None);
}
