//! In which order an organization's numbers are looked for.

use crate::source::Source;
use crate::tenant::Organization;
use serde::{Deserialize, Serialize};

/// A provider an organization would rather have its numbers from: the documented `phone_provider`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneProvider {
    /// VAPI's free numbers.
    Vapi,
    /// The organization's own account at Twilio.
    Twilio,
    /// Telnyx.
    Telnyx,
}

impl PhoneProvider {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Vapi, Self::Twilio, Self::Telnyx];

    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vapi => "vapi",
            Self::Twilio => "twilio",
            Self::Telnyx => "telnyx",
        }
    }

    /// The provider of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == name)
    }
}

/// The provider whose preference brings a source forward; `None` for one that keeps its place
/// whatever is preferred.
///
/// The organization's own Twilio belongs to `twilio`; the platform's belongs to nobody's wish.
const fn preferred_by(source: Source) -> Option<PhoneProvider> {
    match source {
        Source::Pool | Source::Manual => None,
        Source::VapiFree => Some(PhoneProvider::Vapi),
        Source::Telnyx => Some(PhoneProvider::Telnyx),
    }
}

/// The source order of an organization, given the deployment's.
///
/// It is its own where it set one, else the deployment's with the sources of the provider it
/// prefers before those of all other providers. Numbers that nobody uses keep their place.
#[must_use]
pub fn source_order(organization: Option<&Organization>, deployment: &[Source]) -> Vec<Source> {
    if let Some(own) = organization.and_then(|organization| organization.sources.as_ref()) {
        return own.clone();
    }
    let preferred = organization.and_then(|organization| organization.phone_provider);
    let is_preferred = |source: &Source| preferred.is_some() && preferred_by(*source) == preferred;
    let wished: Vec<Source> = deployment.iter().copied().filter(is_preferred).collect();
    let mut wished = Some(wished);
    let mut order = Vec::new();
    for source in deployment {
        if preferred_by(*source).is_some() {
            order.extend(wished.take().unwrap_or_default());
        }
        if !is_preferred(source) {
            order.push(*source);
        }
    }
    order.extend(wished.unwrap_or_default());
    order
}
