//! The functions' own handlers in a world of fakes: table, queue, clock, secrets and providers in
//! one process, on one thread, under virtual time.
//!
//! [`City`] holds everything and lets it happen; [`Deployment`] is one set of functions over one
//! table; [`truth`] is what the providers and the table say when all is done, whatever the
//! functions answered. Deliberately not here: networks, real time, chance.

pub mod city;
pub mod clock;
pub mod deployment;
pub mod disturb;
pub mod killer;
pub mod logs;
pub mod person;
pub mod queue;
pub mod truth;
pub mod twilio;
pub mod world;

pub use city::City;
pub use deployment::Deployment;
pub use person::{Person, Shown, from_sources, harbor};
