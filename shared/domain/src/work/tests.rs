//! Tests of the state machine.
//!
//! The paths are told as scripts of inputs, with what `decide` answers printed beside them
//! (`script`). What must hold on every path is checked on random ones (`random`), which run
//! against stand-ins for the table (`table`) and the providers (`providers`).

mod assistants;
mod cancel;
mod doubt;
mod earlier;
mod fixtures;
mod free;
mod giving;
mod named;
mod obstacles;
mod pool;
mod preparing;
mod proof;
mod providers;
mod purchase;
mod random;
mod release;
mod repair;
mod retry;
mod rules;
mod script;
mod show;
mod table;
mod twilio;
mod waits;
