//! The model checker: every order of events in eleven small worlds, over the code of production.
//!
//! Simulation tries many schedules; this looks at all of them, in worlds small enough for that. A
//! world has one to three provisionings, one or two numbers or the last free slot, one number that
//! goes from one business to another, or one that the comparison with VAPI finds otherwise than it
//! should be; and a few things that may go wrong at any place: [`Bounds`] says how often each does.
//! Everything else is free: who acts next, what chance picks, when time passes. After every action
//! the rules are checked, and what must be possible somewhere must have been seen, so that no rule
//! holds for want of anything happening.
//!
//! ## What is real
//!
//! - Deciding: `domain::work::{decide, apply}` on `Work`.
//! - Writing: `store::Store` itself, with the writes, conditions and marks of production. A state
//!   holds the rows of a table; for one action they are put behind the store's port, and every
//!   condition is judged by the code that judges for the in-memory twin.
//! - The pool: what a search, a sweep or a read of a row shows is what the store read in these rows,
//!   and who read it keeps a copy while others go on.
//! - Limits: the names and rules are the product's, the numbers are smaller, so that the same is
//!   not gone through five times.
//!
//! ## What is modelled
//!
//! - The steps' shell: what it does between decisions, as single moves with room for others between
//!   them. A decision and its write are one move, since deciding reads nothing but the holder's
//!   copy. A call is another, and so is its end: a holder may die before and after either.
//! - The providers: what is true there, what look-ups show of it, and requests that arrive when
//!   nobody listens: creates everywhere, links and unlinks where numbers change hands. A call is a
//!   word and its end another; the inputs of the state machine are built from the two.
//! - The sweeper: it reads what rests, and frees it later. Which numbers it frees is the product's,
//!   and so is the freeing.
//! - The comparison: a list shows what differs, a read by id confirms it, a read of our rows says
//!   what it amounts to, a write starts what mends it, and anything may come between. The four are
//!   in the order of the steps; what a record amounts to, the works that are started, and the writes
//!   are the product's. It is always long enough ago that something was first suspected.
//! - Webhooks: of orders, which wake works, and of calls, which are noted; both may be lost.
//! - Messages. Where a model does not count them, any message may come at any time, which is more
//!   than a queue does: late, twice, out of order. Where it counts them they may be lost, and the
//!   poller makes up for that.
//!   The due index is not modelled: the poller sees each row as it stands.
//! - Time: it moves to the next instant at which something changes by itself (a lease ends, a work
//!   is due or overdue, a call's deadline passes, a record begins to show, digits come, a rest is
//!   over) or stays.
//!   So everything happens both before and after each deadline. It does not pass between an answer
//!   and its write, except over a holder that freezes.
//!
//! ## When two states are one
//!
//! States are the same when everything that can follow is. Times count by their distance from now,
//! up to the longest that anything waits for; ordinals of leases, writes and inboxes count as far
//! as a condition compares them; timelines and the history of numbers, which nothing reads to decide
//! by, are left out, and so is what the row of a number says where nobody reads it. The checker
//! tells states apart by a hash of 64 bits of all the rest.
//!
//! Works that a model begins with are alike but for their names, so of several that nobody has
//! touched the first goes first: nothing in the product decides by which of two works or businesses
//! comes first in any order. What one of them does after that goes against the others in every
//! order.
//!
//! ## What it does not show
//!
//! That something happens in the end is checked in two steps: until everything is at rest somebody
//! can always go on, and at rest every work has ended or waits for a person. That nobody goes on
//! for ever follows from the limits, and the simulator checks it.

mod action;
mod before;
mod bounds;
mod holder;
mod kept;
mod models;
mod names;
mod report;
mod rules;
mod same;
mod say;
mod scene;
mod sky;
mod state;
mod table;
mod talk;
mod witness;

pub use bounds::Bounds;
pub use report::{Found, ModelReport, Options, PropertyReport, Report};
pub use same::Torn;
pub use table::Rules;

/// The names of the models, the quickest first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    report::names()
}

/// Checks the models.
#[must_use]
pub fn run(options: &Options) -> Report {
    report::run(options)
}

/// Looks for two states that count as one and after which not the same follows: in the small size of
/// a model or the whole, among the first so many states.
#[must_use]
pub fn torn(name: &str, small: bool, states_max: usize) -> Option<Torn> {
    let size = if small { models::Size::Small } else { models::Size::Whole };
    same::torn(name, size, states_max)
}
