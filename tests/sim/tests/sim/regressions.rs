//! What the simulator found in the product, each with the run that showed it.

use sim::boundaries::{Boundary, Point};
use sim::crash;
use sim::schedule::{Catalogue, run};
use sim::trace::Trace;

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
