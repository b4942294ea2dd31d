//! An operator says what becomes of a number, and an assistant is changed and deleted.

use super::{LATER_MS, PLAIN, RESTS, THEN_MS, Workflow, from_pool};
use crate::people::{Act, Becoming};
use crate::plan::Event;

/// A number is made ahead, and nobody asks for one by himself before it has been changed.
const AHEAD: Workflow = Workflow { wants: from_pool, first_ms: LATER_MS + 2 * THEN_MS, ..PLAIN };

pub(super) fn all() -> Vec<Workflow> {
    vec![
        Workflow { name: "out of use, and prepared anew", then: retire_and_prepare, ..AHEAD },
        Workflow {
            name: "brought to a business by an operator",
            then: || vec![(0, stock()), (THEN_MS, make(Becoming::Its(true)))],
            ..AHEAD
        },
        Workflow {
            name: "taken off a business by an operator",
            // Somebody has called, so that it rests however often this is said.
            then: || vec![(LATER_MS, Event::Ring), (LATER_MS + 1, make(Becoming::Available))],
            ..RESTS
        },
        Workflow { name: "assistant renamed", then: rename, ..PLAIN },
        Workflow {
            name: "assistant deleted",
            then: || vec![(LATER_MS, Event::Ring), (LATER_MS + 1, remove())],
            ..RESTS
        },
        Workflow {
            name: "assistant deleted, by poller",
            then: || vec![(LATER_MS, remove())],
            poller_only: true,
            ..PLAIN
        },
    ]
}

fn stock() -> Event {
    Event::Act(0, Act::Stock(1, "telnyx"))
}

fn make(becoming: Becoming) -> Event {
    Event::Act(0, Act::Make(becoming, true))
}

fn remove() -> Event {
    Event::Act(0, Act::Remove(true))
}

fn retire_and_prepare() -> Vec<(i64, Event)> {
    vec![(0, stock()), (THEN_MS, make(Becoming::Retired)), (2 * THEN_MS, make(Becoming::Available))]
}

/// The second name comes while the first is on its way.
fn rename() -> Vec<(i64, Event)> {
    let rename = |name| Event::Act(0, Act::Rename(name));
    vec![(LATER_MS, rename(1)), (LATER_MS + 500, rename(3))]
}
