//! The Telnyx credentials stored at VAPI.
//!
//! `/credential` stands in no published contract, only in guides; some keys may use `/assistant`
//! and not this (401 or 403, read as a refused key).

use crate::complaint::missing;
use crate::wire::CredentialWire;
use crate::{VapiClient, no_reason};
use domain::ids::CredentialId;
use domain::outcome::{Missing, NoReason, Outcome, Refusal};
use domain::vapi::TelnyxCredential;
use exchange::Call;
use exchange::{Exchange, reading};

const TELNYX: &str = "telnyx";

impl<E: Exchange> VapiClient<E> {
    /// All credentials of provider `telnyx` (`GET /credential`, a bare array), in order of id.
    pub async fn list_telnyx_credentials(&self) -> Outcome<Vec<TelnyxCredential>, NoReason> {
        let decode = |all: Vec<CredentialWire>| {
            let telnyx = all.into_iter().filter(|one| one.provider.as_deref() == Some(TELNYX));
            let mut found = telnyx.map(credential).collect::<Option<Vec<_>>>()?;
            found.sort_by(|one, other| one.id.cmp(&other.id));
            Some(found)
        };
        self.send(Call::get("/credential"), decode, no_reason).await
    }

    /// One credential (`GET /credential/{id}`). One of another provider is as good as missing.
    pub async fn read_credential(&self, id: &CredentialId) -> Outcome<TelnyxCredential, Missing> {
        let decode = |wire: CredentialWire| {
            let is_telnyx = wire.provider.as_deref().is_none_or(|provider| provider == TELNYX);
            let credential = credential(wire)?;
            Some(is_telnyx.then_some(credential))
        };
        let read = self.send(Call::get(format!("/credential/{id}")), decode, missing).await;
        match reading::done(read) {
            Ok(Some(credential)) => Outcome::Done(credential),
            Ok(None) => Outcome::Refused(Refusal::Because(Missing::NotFound)),
            Err(end) => end,
        }
    }
}

fn credential(wire: CredentialWire) -> Option<TelnyxCredential> {
    let application = wire.telnyx_application_id.and_then(|id| id.parse().ok());
    Some(TelnyxCredential { id: wire.id?.parse().ok()?, application })
}

#[cfg(test)]
mod tests;
