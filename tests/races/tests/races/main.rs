//! Races, on DynamoDB Local.

mod idempotency;
mod machine;
mod slots;
