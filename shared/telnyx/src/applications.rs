//! Voice API applications: what `connection_id` points to, and whether it leads to VAPI.

use crate::TelnyxClient;
use crate::complaint::missing;
use crate::wire::{ApplicationWire, One};
use domain::ids::ConnectionId;
use domain::outcome::{Missing, NoReason, Outcome};
use domain::telnyx::Application;
use exchange::Call;
use exchange::Exchange;

impl<E: Exchange> TelnyxClient<E> {
    /// Reads an application (`GET /call_control_applications/{id}`). Missing also means that the
    /// id is another kind of connection (`TeXML`, SIP), which cannot lead to VAPI this way.
    pub async fn read_application(&self, id: &ConnectionId) -> Outcome<Application, Missing> {
        let decode = |wire: One<ApplicationWire>| self.application(wire.data);
        self.send(Call::get(format!("/call_control_applications/{id}")), decode, missing).await
    }

    /// Looks for an active application that leads to VAPI; of several, the one with the lowest
    /// id, which is the oldest.
    pub async fn find_vapi_application(&self) -> Outcome<Option<Application>, NoReason> {
        let item = |wire: ApplicationWire| self.application(wire);
        self.all("/call_control_applications", None, item).await.map(|all| {
            let answering = all.into_iter().filter(Application::answers);
            // As numbers, without making them numbers: a shorter one is lower.
            answering.min_by_key(|one| (one.id.as_str().len(), one.id.clone()))
        })
    }

    /// `active` counts as true when absent, which is its default in the contract.
    fn application(&self, wire: ApplicationWire) -> Option<Application> {
        let url = wire.webhook_event_url.unwrap_or_default();
        let url = url.trim_end_matches('/');
        let inbound = &self.settings.vapi_inbound_urls;
        Some(Application {
            id: wire.id?.parse().ok()?,
            active: wire.active.unwrap_or(true),
            calls_vapi: inbound.iter().any(|vapi| vapi.trim_end_matches('/') == url),
        })
    }
}

#[cfg(test)]
mod tests;
