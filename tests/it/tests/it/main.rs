//! What the functions do together, told by tests over fakes.

mod budgets;
mod cancel;
mod crowd;
mod digits;
mod disturbed;
mod events;
mod fall_through;
mod main_job;
mod picked;
mod refused;
mod routing;
mod secrets;
mod shared_accounts;
mod storm;
mod tidy;
mod waiting;
