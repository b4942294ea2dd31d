//! What goes wrong at every place of one course of events, which must end well each time.
//!
//! `ends_well` goes through the course in a city of its own, disturbed as it is told to, and asserts
//! its end.

use crate::City;
use simulators::{Fault, Provider};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::memory;
use store::memory::Request::{Transact, Write};

/// What goes wrong in a city.
pub type Disturbance<'a> = &'a dyn Fn(&City);

/// The steps are killed at each of their waits.
pub fn killed_wherever_it_waits(ends_well: impl Fn(Disturbance<'_>) -> City) {
    let mut struck = 0;
    for wait in 1.. {
        let city = ends_well(&|city| city.killer.kill_at(wait));
        if !city.killer.has_struck() {
            break;
        }
        struck += 1;
    }
    assert!(struck > 20, "killed at {struck} places only");
}

/// Providers' answers are lost while a number is looked up and imported.
pub fn answers_lost(ends_well: impl Fn(Disturbance<'_>) -> City) {
    for fault in [Fault::AnswerLost, Fault::StatusAfter { status: 502 }, Fault::GarbledAfter] {
        ends_well(&|city| city.fault(Provider::Vapi, "POST /phone-number", fault.clone()));
    }
    for (provider, line) in [
        (Provider::Telnyx, "GET /phone_numbers"),
        (Provider::Vapi, "GET /v2/phone-number"),
        (Provider::Vapi, "GET /credential"),
        (Provider::Vapi, "GET /phone-number/{id}"),
    ] {
        ends_well(&|city| city.faults(provider, line, Fault::Reset, 3));
    }
}

/// Each write of the table fails in each way.
pub fn writes_lost(ends_well: impl Fn(Disturbance<'_>) -> City) {
    for fault in [
        memory::Fault::LostAfter,
        memory::Fault::LostBefore,
        memory::Fault::Repeated,
        memory::Fault::Conflict,
    ] {
        for at in 1.. {
            let count = Arc::new(AtomicU32::new(0));
            ends_well(&|city| {
                let counted = Arc::clone(&count);
                city.table.set_faults(move |request: memory::Request<'_>| match request {
                    Write(_) | Transact(_) if counted.fetch_add(1, Ordering::Relaxed) + 1 == at => {
                        fault
                    }
                    _ => memory::Fault::None,
                });
            });
            if count.load(Ordering::Relaxed) < at {
                assert!(at > 5, "only {at} writes");
                break;
            }
        }
    }
}
