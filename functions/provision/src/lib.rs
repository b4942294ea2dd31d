//! HTTP, business side: onboarding, assistants, emergency contacts; ask for a number, watch it, call
//! it off, give it up, search.
//!
//! A call is translated at the edge ([`Call`]), answered by one route, and translated back
//! ([`Answer`]). Everything between speaks the domain's language. Whatever is wrong is answered as
//! a problem (RFC 9457), and nothing has changed.

mod config;
mod routes;

pub use api::{Answer, Call};
pub use config::Config;

use api::{Problem, Verb};
use runtime::{Deadline, Deps, World};

/// Everything a route is given.
type Request<'a, W> = api::Request<'a, W, Config>;

/// Answers one call.
pub async fn handle<W: World>(
    deps: &Deps<W>,
    config: &Config,
    call: Call,
    deadline: Deadline,
) -> Answer {
    // The many routes together are large, and would be moved about whole.
    api::answered(&call, Box::pin(route(deps, config, &call, deadline))).await
}

async fn route<W: World>(
    deps: &Deps<W>,
    config: &Config,
    call: &Call,
    deadline: Deadline,
) -> Result<Answer, Problem> {
    let path = call.parts();
    if path.as_slice() == ["health"] {
        return Ok(routes::health(config));
    }
    let request = Request::new(deps, config, &config.edge, call, deadline)?;
    match (call.verb(), path.as_slice()) {
        (
            Verb::Post,
            ["api", "phone", "provision"] | ["api", "business", "phone-numbers", "provision"],
        ) => routes::start(&request).await,
        (Verb::Get, ["api", "phone", "provision"]) => routes::mine(&request).await,
        (Verb::Get, ["api", "phone", "provision", id]) => routes::watch(&request, id).await,
        (Verb::Delete, ["api", "phone", "provision", id]) => routes::cancel(&request, id).await,
        (Verb::Post, ["api", "phone", "provision", id, "retry"]) => {
            routes::retry(&request, id).await
        }
        (
            Verb::Get,
            ["api", "phone", "available"] | ["api", "business", "phone-numbers", "search"],
        ) => routes::available(&request).await,
        (Verb::Delete, ["api", "phone", "numbers", id]) => routes::release(&request, id).await,
        (Verb::Post, ["api", "phone", "numbers", id, "undo"]) => routes::undo(&request, id).await,
        (Verb::Post, ["api", "onboarding", "complete"]) => routes::onboarding(&request).await,
        (Verb::Delete, ["api", "business"]) => routes::delete_business(&request).await,
        (Verb::Post, ["api", "assistants", "create"]) => routes::create(&request).await,
        (Verb::Get, ["api", "assistants", "list"]) => routes::list(&request).await,
        (verb, ["api", "assistants", id]) => routes::assistant::route(&request, verb, id).await,
        (verb, ["api", "emergency-contacts", rest @ ..]) => {
            routes::contacts::route(&request, verb, rest).await
        }
        (Verb::Get | Verb::Post | Verb::Put | Verb::Patch | Verb::Delete | Verb::Other, _) => {
            Err(Problem::NoSuchRoute)
        }
    }
}
