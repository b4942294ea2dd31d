//! `/credential`: not in the published contract, used by everybody.

use exchange::Response;
use serde::Serialize;

use super::errors::{error, not_found};
use super::{Ask, CredentialAccess, VapiSim};
use crate::{reply, stamp};

/// A Telnyx credential: an API key of a Telnyx account, which is never shown again.
#[derive(Debug, Clone)]
pub struct Credential {
    /// UUID.
    pub id: String,
    /// UUID of its organization.
    pub org_id: String,
    /// A name for people.
    pub name: String,
    /// The Telnyx key behind it.
    pub(crate) telnyx_key: String,
    /// The Telnyx application that VAPI points numbers at.
    pub application_id: Option<String>,
    /// Creation.
    pub created_ms: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    id: &'a str,
    org_id: &'a str,
    provider: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    telnyx_application_id: Option<&'a str>,
    created_at: String,
    updated_at: String,
}

impl Credential {
    fn view(&self) -> View<'_> {
        View {
            id: &self.id,
            org_id: &self.org_id,
            provider: "telnyx",
            name: &self.name,
            telnyx_application_id: self.application_id.as_deref(),
            created_at: stamp::millis(self.created_ms),
            updated_at: stamp::millis(self.created_ms),
        }
    }
}

impl VapiSim {
    pub(super) fn list_credentials(
        &self,
        ask: &Ask<'_>,
        access: Option<CredentialAccess>,
    ) -> Result<Response, Response> {
        self.check_access(access)?;
        let credentials = self.orgs[ask.org].credentials.iter().rev();
        let views: Vec<View<'_>> = credentials
            .filter(|one| !ask.script.hides(&[Some(&one.name)]))
            .map(Credential::view)
            .collect();
        Ok(reply::json(200, &views))
    }

    pub(super) fn get_credential(
        &self,
        ask: &Ask<'_>,
        access: Option<CredentialAccess>,
        id: &str,
    ) -> Result<Response, Response> {
        self.check_access(access)?;
        let found = self.orgs[ask.org].credentials.get(id);
        Ok(reply::json(200, &found.ok_or_else(|| not_found("credential", id))?.view()))
    }

    fn check_access(&self, access: Option<CredentialAccess>) -> Result<(), Response> {
        match access.unwrap_or(self.options.credential_access) {
            CredentialAccess::Allowed => Ok(()),
            CredentialAccess::Unauthorized => Err(super::errors::unauthorized()),
            CredentialAccess::Forbidden => Err(error(403, "Forbidden resource")),
        }
    }

    /// Adds a credential to the organization of a key; gives its id.
    pub(crate) fn add_credential(
        &mut self,
        now_ms: i64,
        vapi_key: &str,
        name: &str,
        telnyx_key: &str,
        application_id: Option<String>,
    ) -> Option<String> {
        let id = self.ids.uuid();
        let org = self.org_mut(vapi_key)?;
        let credential = Credential {
            id: id.clone(),
            org_id: org.id.clone(),
            name: name.to_owned(),
            telnyx_key: telnyx_key.to_owned(),
            application_id,
            created_ms: now_ms,
        };
        org.credentials.insert(&id, credential);
        Some(id)
    }
}
