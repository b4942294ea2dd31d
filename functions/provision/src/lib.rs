//! HTTP, business side: ask for a number, watch it, call it off, search; and the operators' view of
//! the work in hand.
//!
//! A call is translated at the edge ([`Call`]), answered by one route, and translated back
//! ([`Answer`]). Everything between speaks the domain's language. Whatever is wrong is answered as
//! a problem (RFC 9457), and nothing has changed.

mod answer;
mod call;
mod caller;
mod config;
mod fields;
mod problem;
mod routes;
mod view;
mod wait;

pub use answer::Answer;
pub use call::Call;
pub use config::Config;

use call::Verb;
use caller::Caller;
use problem::Problem;
use runtime::{Deadline, Deps, World};

/// The largest request body, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Everything a route is given.
#[derive(Debug)]
struct Request<'a, W: World> {
    deps: &'a Deps<W>,
    config: &'a Config,
    call: &'a Call,
    caller: Caller,
    deadline: Deadline,
}

/// Answers one call.
pub async fn handle<W: World>(
    deps: &Deps<W>,
    config: &Config,
    call: Call,
    deadline: Deadline,
) -> Answer {
    let span = tracing::info_span!("call", method = call.method, route = %call.shape());
    let answered = tracing::Instrument::instrument(route(deps, config, &call, deadline), span);
    match answered.await {
        Ok(answer) => answer,
        Err(problem) => {
            tracing::info!(problem = problem.code(), status = problem.status(), "refused");
            problem.answer(&call.path)
        }
    }
}

async fn route<W: World>(
    deps: &Deps<W>,
    config: &Config,
    call: &Call,
    deadline: Deadline,
) -> Result<Answer, Problem> {
    let path: Vec<&str> = call.path.split('/').filter(|part| !part.is_empty()).collect();
    if path.as_slice() == ["health"] {
        return Ok(routes::health(config));
    }
    if call.body.len() > BODY_BYTES_MAX {
        return Err(Problem::BodyTooLarge);
    }
    let caller = Caller::from_claims(&call.claims, &config.claims)?;
    let request = Request { deps, config, call, caller, deadline };
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
        (verb, ["api", "admin", "provisionings", rest @ ..]) => {
            request.caller.must_be_operator()?;
            match (verb, rest) {
                (Verb::Get, []) => routes::list(&request).await,
                (Verb::Get, [id]) => routes::watch(&request, id).await,
                (Verb::Post, [id, "retry"]) => routes::retry(&request, id).await,
                (Verb::Post, [id, "cancel"]) => routes::cancel(&request, id).await,
                (Verb::Get | Verb::Post | Verb::Delete | Verb::Other, _) => {
                    Err(Problem::NoSuchRoute)
                }
            }
        }
        (Verb::Get | Verb::Post | Verb::Delete | Verb::Other, _) => Err(Problem::NoSuchRoute),
    }
}
