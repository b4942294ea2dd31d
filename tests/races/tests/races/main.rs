//! Races, on DynamoDB Local and on its twin.

mod idempotency;
mod machine;
mod pool;
mod slots;
