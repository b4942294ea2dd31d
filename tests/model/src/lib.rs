//! The model checker: every order of events in six small worlds, over the code of production.
#![doc = "placeholder"]

mod action;
mod bounds;
mod holder;
mod kept;
mod models;
mod names;
mod report;
mod rules;
mod scene;
mod sky;
mod state;
mod table;
mod talk;
mod witness;

pub use bounds::Bounds;
pub use report::{Found, ModelReport, Options, PropertyReport, Report};
pub use table::Rules;

/// Checks the models.
#[must_use]
pub fn run(options: &Options) -> Report {
    report::run(options)
}
