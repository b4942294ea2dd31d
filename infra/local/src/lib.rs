//! The whole of Dialtone on one machine: an AWS emulator, the providers' simulators, this
//! repository's `template.yaml`.
//!
//! [`Stack::start`] brings it up and gives back its addresses, tokens and the simulators; dropping
//! the [`Stack`] takes everything down again. `cargo local` ([`command`]) runs the main job on it,
//! the end-to-end tests run theirs.
//!
//! Nothing here knows how Dialtone works inside: functions are deployed and reached as on AWS.
//!
//! Invariant: no process and no temporary file outlives the one who started the stack, however it
//! ends. Every child hangs on a pipe (`guard.py`) that closes with its parent.

pub mod by_hand;
pub mod command;
pub mod console;
pub mod emulator;
pub mod functions;
pub mod main_job;
pub mod pool;
pub mod python;

mod api;
mod child;
mod deployment;
mod options;
mod place;
mod report;
mod stack;

pub use api::{Answer, Api};
pub use options::{StackOptions, User};
pub use stack::{ORIGIN, Stack, VAPI_WEBHOOK_SECRET};
