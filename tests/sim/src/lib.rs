//! Proof that a number is never lost, bought twice, or given to two, whatever goes wrong.
//!
//! The functions' own handlers run over the twin of the table, a queue, and the simulators of the
//! providers, in one thread, by hand: every wait at a port is a place where another invocation may
//! go on, or this one may die. Time is a number that moves when nothing else can. What goes wrong
//! is drawn from the seed of a [`schedule`]; the same seed gives the same run.
//!
//! [`invariants`] are checked after every step. [`crash`] and [`repeat`] disturb the [`workflows`]
//! at every place instead of at random ones. [`planted`] sees whether all of these catch what they
//! are there for.
//!
//! Deliberately not here: networks, real time, threads within a schedule.

pub mod aging;
pub mod boundaries;
pub mod by_hand;
pub mod crash;
pub mod deployment;
pub mod dice;
pub mod drift;
pub mod ending;
pub mod engine;
pub mod ground;
mod hooks;
pub mod invariants;
pub mod kinds;
mod knowledge;
pub mod mail;
pub mod mirror;
pub mod model;
pub mod outside;
pub mod people;
pub mod plan;
pub mod planted;
pub mod portal;
pub mod repeat;
pub mod report;
pub mod run;
pub mod schedule;
pub mod sky;
pub mod tasks;
pub mod trace;
pub mod twilio;
pub mod weather;
pub mod wire;
pub mod workflows;
pub mod world;
