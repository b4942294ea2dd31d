//! A number that was bought past all deployments is brought in, and then somebody asks.

use super::{
    LATER_MS, OUTSIDE, PLAIN, THEN_MS, Workflow, buy_outside, from_pool, lose_free_answer,
};
use crate::by_hand::from_dashboard;
use crate::ground::START_MS;
use crate::outside::Which;
use crate::people::Act;
use crate::plan::Event;
use domain::work::PhaseName;
use exchange::Method;
use serde_json::json;
use simulators::{Provider, Providers, STANDARD_VAPI_KEY};

/// A number is brought in, and then somebody asks.
const BROUGHT: Workflow =
    Workflow { before: buy_outside, wants: from_pool, first_ms: 3 * THEN_MS, ..PLAIN };

/// An operator brings a number in.
pub(super) fn all() -> Vec<Workflow> {
    vec![
        Workflow { name: "brought in", then: bring, ..BROUGHT },
        Workflow { name: "brought in by poller", then: bring, poller_only: true, ..BROUGHT },
        Workflow {
            name: "brought in, import answer lost",
            before: buy_and_lose,
            then: bring,
            ..BROUGHT
        },
        Workflow {
            name: "brought in, in vapi already",
            before: buy_and_import,
            then: bring,
            ..BROUGHT
        },
        Workflow {
            name: "brought in, found late",
            before: |_| {},
            when: || vec![(PhaseName::NeedsPerson, Event::Act(0, Act::OperatorRetry))],
            then: found_late,
            first_ms: LATER_MS + THEN_MS,
            ..BROUGHT
        },
        // Nobody has it: called off, it is nobody's, whether it was looked up before or not.
        Workflow {
            name: "brought in, called off",
            before: |_| {},
            when: || vec![(PhaseName::NeedsPerson, Event::Act(0, Act::OperatorCancel))],
            then: bring,
            ..BROUGHT
        },
    ]
}

fn bring() -> Vec<(i64, Event)> {
    vec![(0, Event::Act(0, Act::Bring(Which::This(OUTSIDE))))]
}

fn found_late() -> Vec<(i64, Event)> {
    let retried = [
        (LATER_MS, Event::Providers(buy_outside)),
        (LATER_MS + 1, Event::Act(0, Act::OperatorRetry)),
    ];
    bring().into_iter().chain(retried).collect()
}

fn buy_and_lose(all: &mut Providers) {
    buy_outside(all);
    lose_free_answer(all);
}

/// Somebody has imported it in VAPI's dashboard, too.
fn buy_and_import(all: &mut Providers) {
    buy_outside(all);
    let credential = all.vapi.orgs()[0].credentials.iter().next().map(|one| one.id.clone());
    let body = json!({ "provider": "telnyx", "number": OUTSIDE, "credentialId": credential });
    let request = from_dashboard(STANDARD_VAPI_KEY, Method::Post, "/phone-number", &body);
    all.handle(START_MS, Provider::Vapi, &request);
}
