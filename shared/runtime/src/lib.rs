//! The shell: everything the functions share that touches the world.
//!
//! [`World`] names the kinds of table, queue, clock, ids, secrets and provider exchanges a function
//! runs with; [`Deps`] holds one of each. In Lambda that is [`aws::Aws`]; tests and the simulator
//! bring their own. Only this crate reads clocks, the environment and randomness.

pub mod aws;
pub mod config;
pub mod deadline;
mod deps;
pub mod message;
pub mod metrics;
mod ports;
pub mod providers;
pub mod secrets;
pub mod telemetry;
pub mod twilio_access;

pub use deadline::Deadline;
pub use deps::{Deps, Parts};
pub use message::Message;
pub use ports::{
    Clock, Ids, Pauses, Queue, QueueError, SecretError, SecretKeeper, SecretNotKept, SecretSource,
    World,
};
