//! What the functions that people call over HTTP share.
//!
//! A call is translated at the edge ([`Call`]), answered by one route, and translated back
//! ([`Answer`]). Whatever is wrong is answered as a [`Problem`] (RFC 9457), and nothing has
//! changed. Also here: who calls, the parts of a body, pages and cursors, idempotency keys, what no
//! number can satisfy, the start of a provisioning, and a work as people see it. Deliberately not here: which routes there are,
//! and who may use them.

mod answer;
mod call;
mod caller;
mod config;
mod problem;

pub mod body;
pub mod fields;
pub mod idempotency;
pub mod number;
pub mod page;
pub mod setup;
pub mod starting;
pub mod view;
pub mod wait;
pub mod wanted;
pub mod works;

pub use answer::Answer;
pub use call::{Call, Verb};
pub use caller::Caller;
pub use config::{Claims, Edge};
pub use problem::Problem;

use domain::ids::NumberId;
use runtime::{Deadline, Deps, World};
use std::fmt;
use std::future::Future;

/// The largest request body, in bytes.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// Everything a route is given; `C` are the settings of its function.
pub struct Request<'a, W: World, C> {
    /// What the function runs with.
    pub deps: &'a Deps<W>,
    /// The function's own settings.
    pub config: &'a C,
    /// The settings all such functions have.
    pub edge: &'a Edge,
    /// The call.
    pub call: &'a Call,
    /// Who calls.
    pub caller: Caller,
    /// When the invocation ends.
    pub deadline: Deadline,
}

impl<W: World, C> fmt::Debug for Request<'_, W, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("call", self.call).finish_non_exhaustive()
    }
}

impl<W: World, C> Request<'_, W, C> {
    /// Whether nobody asks to take the number to another carrier: what may be about to leave is
    /// neither given up nor handed on.
    ///
    /// # Errors
    /// [`Problem::NumberFrozen`] while somebody does.
    pub async fn must_not_be_frozen(&self, id: NumberId) -> Result<(), Problem> {
        let port_outs = self.deps.store.port_outs(&[id]).await?;
        if port_outs.is_empty() { Ok(()) } else { Err(Problem::NumberFrozen) }
    }
}

impl<'a, W: World, C> Request<'a, W, C> {
    /// A call of somebody who has signed in.
    ///
    /// # Errors
    /// A problem when the body is too large or the claims do not say who calls.
    pub fn new(
        deps: &'a Deps<W>,
        config: &'a C,
        edge: &'a Edge,
        call: &'a Call,
        deadline: Deadline,
    ) -> Result<Self, Problem> {
        if call.body.len() > BODY_BYTES_MAX {
            return Err(Problem::BodyTooLarge);
        }
        let caller = Caller::from_claims(&call.claims, &edge.claims)?;
        Ok(Self { deps, config, edge, call, caller, deadline })
    }
}

/// The answer to a call, by what its route says: a problem is logged by its code and answered.
pub async fn answered(call: &Call, route: impl Future<Output = Result<Answer, Problem>>) -> Answer {
    let span = tracing::info_span!("call", method = call.method, route = %call.shape());
    match tracing::Instrument::instrument(route, span).await {
        Ok(answer) => answer,
        Err(problem) => {
            tracing::info!(problem = problem.code(), status = problem.status(), "refused");
            problem.answer(&call.path)
        }
    }
}
