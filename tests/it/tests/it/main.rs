//! What the functions do together, told by tests over fakes.

mod assistants;
mod budgets;
mod cancel;
mod crowd;
mod dead_letters;
mod digits;
mod disturbed;
mod events;
mod fall_through;
mod field_failures;
mod inventory;
mod main_job;
mod manual;
mod organizations;
mod picked;
mod refused;
mod release;
mod routing;
mod secrets;
mod shared_accounts;
mod storm;
mod surplus;
mod tidy;
mod waiting;
