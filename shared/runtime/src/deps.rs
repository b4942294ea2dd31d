//! Everything a function runs with, built once.

use crate::config::Providers;
use crate::metrics::Metrics;
use crate::ports::{Clock, Ids, Pauses, Queue, World};
use crate::secrets::Secrets;
use domain::ids::{ConnectionId, Fresh};
use domain::time::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use store::{Marks, Store};

/// Everything a function runs with.
pub struct Deps<W: World> {
    /// The table, in the words of the domain.
    pub store: Store<W::Table, Pauses<W::Clock, W::Ids>>,
    /// The queue of the steps.
    pub queue: W::Queue,
    /// The clock.
    pub clock: Arc<W::Clock>,
    /// The ids.
    pub ids: Arc<W::Ids>,
    /// Where secrets are kept.
    pub secret_source: W::Secrets,
    /// Secrets already read.
    pub secrets: Secrets,
    /// The exchange with VAPI.
    pub vapi: W::Vapi,
    /// The exchange with Telnyx.
    pub telnyx: W::Telnyx,
    /// The exchange with Twilio.
    pub twilio: W::Twilio,
    /// How the providers are reached.
    pub providers: Providers,
    /// Figures.
    pub metrics: Metrics,
    /// Applications at Telnyx that were seen to answer, and when.
    pub(crate) answering: Mutex<BTreeMap<ConnectionId, Timestamp>>,
}

impl<W: World> fmt::Debug for Deps<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").finish_non_exhaustive()
    }
}

/// What [`Deps`] is made of.
pub struct Parts<W: World> {
    /// The table.
    pub table: W::Table,
    /// The queue.
    pub queue: W::Queue,
    /// The clock.
    pub clock: Arc<W::Clock>,
    /// The ids.
    pub ids: Arc<W::Ids>,
    /// Where secrets are kept.
    pub secret_source: W::Secrets,
    /// The exchange with VAPI.
    pub vapi: W::Vapi,
    /// The exchange with Telnyx.
    pub telnyx: W::Telnyx,
    /// The exchange with Twilio.
    pub twilio: W::Twilio,
    /// How the providers are reached.
    pub providers: Providers,
    /// Figures.
    pub metrics: Metrics,
}

impl<W: World> fmt::Debug for Parts<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}

impl<W: World> Deps<W> {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts<W>) -> Self {
        let pauses = Pauses::new(Arc::clone(&parts.clock), Arc::clone(&parts.ids));
        Self {
            store: Store::new(parts.table, pauses),
            queue: parts.queue,
            clock: parts.clock,
            ids: parts.ids,
            secret_source: parts.secret_source,
            secrets: Secrets::default(),
            vapi: parts.vapi,
            telnyx: parts.telnyx,
            twilio: parts.twilio,
            providers: parts.providers,
            metrics: parts.metrics,
            answering: Mutex::default(),
        }
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A fresh id.
    pub fn fresh(&self) -> Fresh {
        self.ids.fresh()
    }

    /// The marks of a new invocation.
    pub fn marks(&self) -> Marks {
        Marks::new(self.fresh())
    }

    /// Sends a message; a failure is logged and left to the poller.
    pub async fn send(&self, message: &crate::Message, delay: std::time::Duration) {
        if let Err(error) = self.queue.send(message, delay).await {
            tracing::warn!(%error, "message not sent; the poller will make up for it");
        }
    }
}
