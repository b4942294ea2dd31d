//! SQS: carries works forward, step by step.
//!
//! A batch is handled concurrently; each record ends for itself, and only the records that must
//! come again are reported back. A record whose time is not left is not begun. The comparison with
//! the providers goes on here as well, run by run.

mod assistants;
mod at_twilio;
mod carry;
mod config;
mod effects;
mod finder;
mod lines;
mod report;
mod scout;
mod sweep;
mod watch;

pub use config::Config;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use carry::CarryError;
use futures_util::FutureExt as _;
use runtime::{Deadline, Deps, Message, World, telemetry};
use std::panic::AssertUnwindSafe;
use tracing::Instrument as _;

/// Handles one batch of messages.
pub async fn handle<W: World>(
    deps: &Deps<W>,
    config: &Config,
    event: SqsEvent,
    deadline: Deadline,
) -> SqsBatchResponse {
    let records = event.records.into_iter().map(|record| one(deps, config, record, deadline));
    let failed = futures_util::future::join_all(records).await;
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed
        .into_iter()
        .flatten()
        .map(|id| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            failure
        })
        .collect();
    response
}

/// Handles one record; its id when it must come again.
async fn one<W: World>(
    deps: &Deps<W>,
    config: &Config,
    record: SqsMessage,
    deadline: Deadline,
) -> Option<String> {
    let id = record.message_id.unwrap_or_default();
    let span = tracing::info_span!("record", message.id = %id);
    if !deadline.allows(config.create_needs(), deps.now()) {
        span.in_scope(|| tracing::info!("no time left for this record; it comes again"));
        return Some(id);
    }
    // A panic is a bug of one record and must not take the others with it.
    let handled = AssertUnwindSafe(carried(deps, config, record.body, deadline))
        .catch_unwind()
        .instrument(span.clone())
        .await;
    let _in_span = span.enter();
    match handled {
        Ok(Ok(())) => None,
        Ok(Err(error)) => {
            tracing::error!(error = %telemetry::chain(&error), "the record failed; it comes again");
            deps.metrics.count(deps.now(), "RecordFailed", None);
            Some(id)
        }
        Err(_panic) => {
            tracing::error!("the record panicked; it comes again");
            deps.metrics.count(deps.now(), "RecordFailed", None);
            Some(id)
        }
    }
}

async fn carried<W: World>(
    deps: &Deps<W>,
    config: &Config,
    body: Option<String>,
    deadline: Deadline,
) -> Result<(), CarryError> {
    match Message::decode(body.as_deref().unwrap_or_default()) {
        Ok(Message::Work { work_id, due_at }) => {
            carry::carry(deps, config, work_id, due_at, deadline).await
        }
        Ok(Message::DigitsWatch) => watch::look(deps, config).await.map_err(CarryError::from),
        Ok(Message::Sweep) => {
            Box::pin(sweep::go_on(deps, config, deadline)).await.map_err(CarryError::from)
        }
        Err(error) => {
            // It can never be read: reporting it back would only make it come again.
            tracing::error!(%error, "a message that nobody understands was dropped");
            deps.metrics.count(deps.now(), "MessageUnreadable", None);
            Ok(())
        }
    }
}
