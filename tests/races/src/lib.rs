//! Races on DynamoDB itself: AWS's DynamoDB Local, the functions' own handlers, many at once.
//!
//! What the in-memory twin promises of conditions and transactions is here asked of the engine,
//! by tasks on several threads that all begin together; where both should come to the same, a race
//! runs on either. Time is the system's, and waits between two messages are skipped; the providers
//! are the simulators in this process.
//!
//! [`Site`] is one deployment over one table; [`race`] runs a test on one, alone; a [`Crowd`]
//! claims. Figures are printed (`cargo test -p races -- --nocapture`) and never judged: only counts
//! and owners are.

mod claimer;
mod clock;
mod counted;
mod crowd;
mod engine;
mod figures;
mod queue;
mod site;
mod stock;

pub use claimer::{Claim, Claimer, Prize};
pub use clock::SkippingClock;
pub use counted::{Counted, Counts};
pub use crowd::{Crowd, claimer};
pub use engine::Engine;
pub use figures::{Figures, percentile};
pub use queue::MessageBag;
pub use site::{Site, at_once, on_threads, race, race_in_twin, rests};
pub use stock::{mend, stocked};
