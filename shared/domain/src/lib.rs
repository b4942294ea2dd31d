//! The core of Dialtone: what is to be done next, and nothing about how.
//!
//! [`work::decide`] looks at a piece of [`work::Work`] and an [`work::Input`] and answers with the
//! events that have happened, the changes to other rows that must be written with them, and the
//! one effect to perform after the write. [`work::apply`] folds an event into the work. Both are
//! pure: time, ids and limits come in as arguments. The same code runs in Lambda, in the simulator
//! and in the model checker.
//!
//! Deliberately absent: I/O, clocks, async, randomness, AWS, HTTP, storage formats of rows.

pub mod allowance;
pub mod assistant;
pub mod drift;
pub mod figures;
pub mod history;
pub mod ids;
pub mod ledger;
pub mod money;
pub mod number;
pub mod offer;
pub mod outcome;
pub mod persona;
pub mod phone;
pub mod problem;
pub mod request;
pub mod setup;
pub mod source;
pub mod stock;
pub mod telnyx;
pub mod template;
pub mod tenant;
pub mod time;
pub mod twilio;
pub mod vapi;
pub mod work;
