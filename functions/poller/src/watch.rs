//! Restarts the digits watch when its message was lost.

use crate::config::Config;
use runtime::telemetry::chain;
use runtime::{Deps, Message, Queue as _, QueueError, World};
use std::time::Duration;
use store::StoreError;

/// Why the watch could not be seen to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// Restarts the watch if something is watched and nobody has looked for too long. Several
/// messages do no harm: the claim in the table lets one of them look at a time.
pub(crate) async fn restart<W: World>(deps: &Deps<W>, config: &Config) -> Result<bool, WatchError> {
    let restarted = restart_if_lost(deps, config).await;
    match &restarted {
        Ok(_) => {}
        Err(WatchError::Store(error)) => {
            tracing::error!(error = %chain(error), "the digits watch could not be seen to");
        }
        Err(WatchError::Queue(error)) => {
            tracing::error!(%error, "the digits watch could not be restarted");
        }
    }
    restarted
}

async fn restart_if_lost<W: World>(deps: &Deps<W>, config: &Config) -> Result<bool, WatchError> {
    let lost = deps
        .store
        .watch_due()
        .await?
        .is_none_or(|next| deps.now() > next.after(config.watch_overdue()));
    if !lost || deps.store.watched().await?.is_empty() {
        return Ok(false);
    }
    deps.queue.send(&Message::DigitsWatch, Duration::ZERO).await?;
    Ok(true)
}
