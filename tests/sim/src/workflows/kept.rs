//! What sweeps do: numbers that nobody uses go back, and what somebody changed is put right. And what
//! somebody asks to take away is kept.

use super::{LATER_MS, PLAIN, RESTS, TELNYX, THEN_MS, TWILIO, Workflow, give_up, own_one};
use crate::by_hand::from_dashboard;
use crate::ground::START_MS;
use crate::people::Act;
use crate::plan::Event;
use exchange::Method;
use serde_json::json;
use simulators::{Fault, FaultScript, Provider, Providers, STANDARD_VAPI_KEY};

pub(super) fn all() -> Vec<Workflow> {
    [given_back(), by_sweeps(), frozen()].concat()
}

/// Numbers that nobody has used for long go back to their carrier.
fn given_back() -> Vec<Workflow> {
    vec![
        Workflow { name: "given back", then: leave_unused, gives_back: true, ..TELNYX },
        Workflow {
            name: "given back, asked twice",
            then: leave_unused,
            gives_back: true,
            deletes_needed: 2,
            poller_only: true,
            ..TELNYX
        },
        Workflow {
            name: "given back after a lost answer",
            before: lose_removals,
            then: leave_unused,
            gives_back: true,
            ..TELNYX
        },
        Workflow { name: "twilio, given back", then: leave_unused, gives_back: true, ..TWILIO },
        Workflow {
            name: "twilio, an owned number put back",
            before: own_one,
            then: leave_unused,
            gives_back: true,
            ..TWILIO
        },
    ]
}

/// Somebody asks to take the number away, and is refused.
fn frozen() -> Vec<Workflow> {
    vec![
        Workflow { name: "asked for at telnyx, then given up", then: port_out, ..TELNYX },
        Workflow { name: "given up, and asked for at telnyx", then: port_out_at_rest, ..TELNYX },
    ]
}

/// Somebody changes something at a provider, and sweeps put it right.
fn by_sweeps() -> Vec<Workflow> {
    vec![
        Workflow { name: "linked again by a sweep", then: unlinked, compares: true, ..PLAIN },
        Workflow { name: "routed again by a sweep", then: rerouted, compares: true, ..TELNYX },
        Workflow { name: "taken off by a sweep", then: linked, compares: true, ..RESTS },
        Workflow { name: "routed again at twilio", then: rerouted, compares: true, ..TWILIO },
    ]
}

/// The number is given up, rests not at all, and nobody wants it.
fn leave_unused() -> Vec<(i64, Event)> {
    let sweep = (LATER_MS + THEN_MS, Event::Sweep);
    let again = (LATER_MS + 2 * THEN_MS, Event::Sweep);
    give_up().into_iter().chain([sweep, again]).collect()
}

/// Somebody takes the assistant off every number, and sweeps follow.
fn unlinked() -> Vec<(i64, Event)> {
    let by_hand = |all: &mut Providers| link_all(all, LATER_MS, None);
    swept(vec![(LATER_MS, Event::Providers(by_hand))], LATER_MS)
}

/// Somebody routes every number to nothing, and sweeps follow.
fn rerouted() -> Vec<(i64, Event)> {
    let by_hand = |all: &mut Providers| {
        let held = all.telnyx.accounts()[0].numbers.values();
        let numbers: Vec<String> = held.map(|one| one.phone_number.clone()).collect();
        numbers.iter().for_each(|number| {
            all.telnyx.route_outside(number, None);
        });
        let held = all.twilio.accounts().iter().flat_map(|account| account.numbers.values());
        let numbers: Vec<String> = held.map(|one| one.phone_number.clone()).collect();
        let elsewhere = ("voice_url", "https://calls.example.com/other");
        for number in numbers {
            all.twilio
                .change_outside(START_MS + LATER_MS, &number, [elsewhere])
                .expect("it is ours");
        }
    };
    swept(vec![(LATER_MS, Event::Providers(by_hand))], LATER_MS)
}

/// A number is given up, and somebody links it to the former business again.
fn linked() -> Vec<(i64, Event)> {
    let by_hand = |all: &mut Providers| {
        let assistant = all.vapi.orgs()[0].assistants.iter().next().map(|one| one.id.clone());
        link_all(all, LATER_MS + THEN_MS, assistant.as_deref());
    };
    let then = give_up().into_iter().chain([(LATER_MS + THEN_MS, Event::Providers(by_hand))]);
    swept(then.collect(), LATER_MS + THEN_MS)
}

fn swept(then: Vec<(i64, Event)>, from_ms: i64) -> Vec<(i64, Event)> {
    // A sweep that dies is made up for by the next, and two may die.
    let sweeps = (2..=4).map(|nth| (from_ms + nth * THEN_MS / 2, Event::Sweep));
    then.into_iter().chain(sweeps).collect()
}

/// What somebody does in VAPI's dashboard: links every number to this assistant, or to nobody.
fn link_all(all: &mut Providers, at_ms: i64, assistant: Option<&str>) {
    let ids: Vec<String> =
        all.vapi.orgs()[0].numbers.iter().map(|number| number.id.clone()).collect();
    for id in ids {
        let (path, body) = (format!("/phone-number/{id}"), json!({ "assistantId": assistant }));
        let request = from_dashboard(STANDARD_VAPI_KEY, Method::Patch, &path, &body);
        all.handle(START_MS + at_ms, Provider::Vapi, &request);
    }
}

fn lose_removals(all: &mut Providers) {
    for provider in [Provider::Vapi, Provider::Telnyx] {
        let path = if provider == Provider::Vapi { "/phone-number/*" } else { "/phone_numbers/*" };
        all.add_fault(FaultScript::once(provider, "DELETE", path, Fault::AnswerLost));
    }
}

/// Telnyx tells of one request for every number, that it is so far.
fn tell(all: &mut Providers, at_ms: i64, status: &str) {
    let held = all.telnyx.accounts()[0].numbers.values();
    let numbers: Vec<String> = held.map(|one| one.phone_number.clone()).collect();
    for number in numbers {
        all.telnyx.tell_port_out(START_MS + at_ms, &number, "p-1", status);
    }
}

/// The request is off before the number is given up.
fn port_out() -> Vec<(i64, Event)> {
    let asked = |all: &mut Providers| tell(all, LATER_MS, "pending");
    let off = |all: &mut Providers| tell(all, LATER_MS + THEN_MS, "canceled");
    vec![
        (LATER_MS, Event::Providers(asked)),
        (LATER_MS + THEN_MS, Event::Providers(off)),
        (LATER_MS + 2 * THEN_MS, Event::Act(0, Act::Release)),
    ]
}

/// The number rests not at all, and a sweep finds it frozen.
fn port_out_at_rest() -> Vec<(i64, Event)> {
    let asked = |all: &mut Providers| tell(all, LATER_MS + THEN_MS / 2, "pending");
    let off = |all: &mut Providers| tell(all, LATER_MS + 2 * THEN_MS, "rejected");
    let sweeps = [1, 3, 4].map(|nth| (LATER_MS + nth * THEN_MS, Event::Sweep));
    let told = [
        (LATER_MS + THEN_MS / 2, Event::Providers(asked)),
        (LATER_MS + 2 * THEN_MS, Event::Providers(off)),
    ];
    give_up().into_iter().chain(told).chain(sweeps).collect()
}
