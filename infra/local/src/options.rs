//! What a stack is to be like.

use std::collections::BTreeMap;

use serde::Serialize;
use simulators::ProvidersOptions;

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct User {
    /// The name they sign in with.
    pub email: String,
    /// Their password.
    pub password: String,
    /// The platform's id of their organization.
    pub organization_id: String,
    /// The platform's id of their business, if the platform says so.
    pub business_id: Option<String>,
    /// Their groups.
    pub groups: Vec<String>,
}

impl User {
    /// Somebody of a business.
    #[must_use]
    pub fn of_business(organization_id: &str, business_id: &str) -> Self {
        Self {
            email: format!("owner@{business_id}.{organization_id}.example"),
            password: "Correct-Horse-9x".to_owned(),
            organization_id: organization_id.to_owned(),
            business_id: Some(business_id.to_owned()),
            groups: Vec::new(),
        }
    }

    /// Somebody in a group, without a business.
    #[must_use]
    pub fn in_group(group: &str) -> Self {
        Self {
            email: format!("person@{group}.example"),
            password: "Correct-Horse-9x".to_owned(),
            organization_id: "platform".to_owned(),
            business_id: None,
            groups: vec![group.to_owned()],
        }
    }
}

/// How to start a stack. The default is what `cargo local` starts.
#[derive(Debug, Clone, Default)]
pub struct StackOptions {
    /// Template parameters that differ from the template's defaults.
    pub parameters: BTreeMap<String, String>,
    /// Who can sign in from the beginning.
    pub users: Vec<User>,
    /// The simulators' switches.
    pub providers: ProvidersOptions,
    /// Port of the VAPI simulator; 0 for a free one.
    pub vapi_port: u16,
    /// Port of the Telnyx simulator; 0 for a free one.
    pub telnyx_port: u16,
    /// Port of the Twilio simulator; 0 for a free one.
    pub twilio_port: u16,
    /// Where the functions find VAPI, if not at the simulator.
    pub vapi_url: Option<String>,
    /// Where the functions find Telnyx, if not at the simulator.
    pub telnyx_url: Option<String>,
    /// Where the functions find Twilio, if not at the simulator.
    pub twilio_url: Option<String>,
    /// Whether the platform has the simulator's account at Twilio.
    pub platform_twilio: bool,
}

impl StackOptions {
    /// Sets a template parameter.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.insert(name.to_owned(), value.to_string());
        self
    }
}

/// Telnyx' base URL has its version at the end; an address given without one gets it.
pub(crate) fn with_version(url: &str) -> String {
    let url = url.trim_end_matches('/');
    if url.ends_with("/v2") { url.to_owned() } else { format!("{url}/v2") }
}

/// The address without the version.
pub(crate) fn without_version(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix("/v2").unwrap_or(url)
}
