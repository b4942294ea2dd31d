//! Numbers are made ahead for the pool, and then somebody asks.

use super::{LATER_MS, PLAIN, THEN_MS, Workflow, from_pool, sell_out, switch, switch_off};
use crate::people::Act;
use crate::plan::Event;
use domain::work::PhaseName;
use simulators::Providers;

/// Numbers are made ahead, and then somebody asks.
const AHEAD: Workflow = Workflow { wants: from_pool, first_ms: 3 * THEN_MS, ..PLAIN };

/// An operator has a number made for the pool. What goes as in a provisioning, such as a look-up
/// after a lost answer, is left to the workflows of one that asks itself.
pub(super) fn all() -> Vec<Workflow> {
    vec![
        Workflow { name: "made ahead, free", then: stock_free, ..AHEAD },
        Workflow { name: "made ahead at telnyx", then: stock_bought, ..AHEAD },
        Workflow {
            name: "made ahead at twilio",
            then: || vec![(0, Event::Act(0, Act::Stock(1, "global_twilio")))],
            ..AHEAD
        },
        Workflow {
            name: "made ahead, called off",
            when: || vec![(PhaseName::AwaitingDigits, Event::Act(0, Act::OperatorCancel))],
            then: stock_and_sweep,
            ..AHEAD
        },
        Workflow { name: "made ahead, sold out", before: sell_out, then: stock_bought, ..AHEAD },
        Workflow {
            name: "made ahead, routed late",
            before: switch_off,
            when: || vec![(PhaseName::NeedsPerson, Event::Act(0, Act::OperatorRetry))],
            then: route_late,
            first_ms: LATER_MS + THEN_MS,
            ..AHEAD
        },
        Workflow { name: "refilled", pool_target: 1, then: sweep_twice, ..AHEAD },
    ]
}

fn stock_free() -> Vec<(i64, Event)> {
    vec![(0, Event::Act(0, Act::Stock(1, "vapi_free")))]
}

fn stock_bought() -> Vec<(i64, Event)> {
    vec![(0, Event::Act(0, Act::Stock(1, "telnyx")))]
}

/// What is called off rests not at all, and is swept into the pool.
fn stock_and_sweep() -> Vec<(i64, Event)> {
    let sweeps = [(THEN_MS, Event::Sweep), (2 * THEN_MS, Event::Sweep)];
    stock_free().into_iter().chain(sweeps).collect()
}

/// A sweep, another while its works are under way, and one when they have ended.
fn sweep_twice() -> Vec<(i64, Event)> {
    vec![(0, Event::Sweep), (500, Event::Sweep), (THEN_MS, Event::Sweep)]
}

fn route_late() -> Vec<(i64, Event)> {
    let on = |all: &mut Providers| switch(all, true);
    let repaired =
        [(LATER_MS, Event::Providers(on)), (LATER_MS + 1, Event::Act(0, Act::OperatorRetry))];
    stock_bought().into_iter().chain(repaired).collect()
}
