//! HTTP, operators' side: organizations and their settings, all numbers, the free allowance, the
//! work in hand, and histories.
//!
//! Every route is for operators alone, and that is asked before anything else. Secrets go in here
//! and never come out: this function may write organizations' secrets and read none.

mod config;
mod figures;
mod routes;
mod settings;
mod view;

pub use api::{Answer, Call};
pub use config::Config;

use api::{Problem, Verb};
use routes::{
    assign, bring, change, drift, history, numbers, organizations, pool, provisionings, retire,
    stock,
};
use runtime::{Deadline, Deps, SecretKeeper, World};

/// Everything a route is given.
type Request<'a, W> = api::Request<'a, W, Config>;

/// Answers one call.
pub async fn handle<W: World<Secrets: SecretKeeper>>(
    deps: &Deps<W>,
    config: &Config,
    call: Call,
    deadline: Deadline,
) -> Answer {
    // The many routes together are large, and would be moved about whole.
    api::answered(&call, Box::pin(route(deps, config, &call, deadline))).await
}

async fn route<W: World<Secrets: SecretKeeper>>(
    deps: &Deps<W>,
    config: &Config,
    call: &Call,
    deadline: Deadline,
) -> Result<Answer, Problem> {
    let request = &Request::new(deps, config, &config.edge, call, deadline)?;
    request.caller.must_be_operator()?;
    let path = call.parts();
    let ["api", "admin", rest @ ..] = path.as_slice() else { return Err(Problem::NoSuchRoute) };
    match (call.verb(), rest) {
        (Verb::Get, ["organizations"]) => organizations::list(request).await,
        (Verb::Get, ["organizations", id]) => organizations::one(request, id).await,
        (Verb::Put, ["organizations", id]) => organizations::put(request, id).await,
        (Verb::Get, ["organizations", id, "history"]) => {
            history::of_organization(request, id).await
        }
        (Verb::Get, ["phone-numbers"]) => numbers::list(request).await,
        (Verb::Post, ["phone-numbers"]) => bring::bring(request).await,
        (Verb::Patch, ["phone-numbers"]) => change::change(request).await,
        (Verb::Delete, ["phone-numbers"]) => retire::remove(request).await,
        (Verb::Get, ["phone-numbers", id, "history"]) => history::of_number(request, id).await,
        (Verb::Get, ["drift"]) => drift::show(request).await,
        (Verb::Post, ["drift", "repair"]) => drift::repair(request).await,
        (Verb::Post, ["phone-numbers", "buy"]) => stock::buy(request).await,
        (Verb::Get, ["purchases", id]) => stock::show(request, id).await,
        (Verb::Post, ["phone-pool", "provision"]) => stock::make(request).await,
        (Verb::Get, ["phone-pool"]) => pool::show(request).await,
        (Verb::Post, ["provisionings", id, "assign"]) => assign::assign(request, id).await,
        (Verb::Get, ["provisionings"]) => provisionings::list(request).await,
        (Verb::Get, ["provisionings", id]) => provisionings::watch(request, id).await,
        (Verb::Post, ["provisionings", id, "retry"]) => provisionings::retry(request, id).await,
        (Verb::Post, ["provisionings", id, "cancel"]) => provisionings::cancel(request, id).await,
        (Verb::Get | Verb::Post | Verb::Put | Verb::Patch | Verb::Delete | Verb::Other, _) => {
            Err(Problem::NoSuchRoute)
        }
    }
}
