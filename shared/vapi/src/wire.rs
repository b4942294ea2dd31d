//! VAPI's answers, read tolerantly: unknown fields and values are fine, `null` is the same as
//! absent, and only an id is indispensable.

use domain::ids::{VapiAssistantId, VapiNumberId};
use domain::phone::E164;
use domain::vapi::{Digits, NumberProvider, NumberStatus, VapiAssistant, VapiNumber};
use exchange::json::{lenient, text};
use serde::Deserialize;

/// A phone number record, of whatever provider.
///
/// Nothing here derives `Debug`: it holds whole numbers, and Twilio's records carry tokens.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NumberWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) created_at: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    updated_at: Option<String>,
    #[serde(default, deserialize_with = "text")]
    provider: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    sip_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    assistant_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    squad_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    workflow_id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    server: Option<ServerWire>,
}

#[derive(Deserialize)]
struct ServerWire {
    #[serde(default, deserialize_with = "text")]
    url: Option<String>,
}

/// A page of `GET /v2/phone-number`.
#[derive(Deserialize)]
pub(crate) struct PageWire {
    pub(crate) results: Vec<NumberWire>,
    #[serde(default, deserialize_with = "lenient")]
    metadata: Option<PageMetadata>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageMetadata {
    #[serde(default, deserialize_with = "lenient")]
    has_next_page: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    total_pages: Option<u32>,
}

impl PageWire {
    /// Whether a page follows `page`. Both hints are optional; without any, all pages are read
    /// until one is empty.
    pub(crate) fn has_next(&self, page: u32) -> bool {
        let metadata = self.metadata.as_ref();
        let total_pages = || metadata.and_then(|metadata| metadata.total_pages);
        metadata
            .and_then(|metadata| metadata.has_next_page)
            .or_else(|| total_pages().map(|total| page < total))
            .unwrap_or(!self.results.is_empty())
    }
}

/// The record in our words; `None` when it has no id that can be used.
pub(crate) fn number(wire: NumberWire) -> Option<VapiNumber> {
    let assistant = wire.assistant_id.as_deref().map(str::parse);
    let elsewhere = wire.squad_id.is_some() || wire.workflow_id.is_some();
    Some(VapiNumber {
        id: wire.id.as_deref()?.parse::<VapiNumberId>().ok()?,
        provider: provider(wire.provider.as_deref()),
        status: status(wire.status.as_deref()),
        digits: digits(wire.number.as_deref()),
        sip_uri: wire.sip_uri,
        name: wire.name,
        // An id that is none of VAPI's usual ones still is a link to something.
        linked_elsewhere: elsewhere || matches!(assistant, Some(Err(_))),
        assistant: assistant.and_then(Result::ok),
        server_url: wire.server.and_then(|server| server.url),
        updated_at: wire.updated_at.unwrap_or_default(),
    })
}

fn provider(text: Option<&str>) -> NumberProvider {
    match text {
        Some("vapi") => NumberProvider::Vapi,
        Some("telnyx") => NumberProvider::Telnyx,
        Some("twilio") => NumberProvider::Twilio,
        Some(_) | None => NumberProvider::Other,
    }
}

/// `provider` as a PATCH names it.
pub(crate) const fn provider_name(provider: NumberProvider) -> Option<&'static str> {
    match provider {
        NumberProvider::Vapi => Some("vapi"),
        NumberProvider::Telnyx => Some("telnyx"),
        NumberProvider::Twilio => Some("twilio"),
        NumberProvider::Other => None,
    }
}

fn status(text: Option<&str>) -> NumberStatus {
    match text {
        None | Some("active") => NumberStatus::Active,
        Some("activating") => NumberStatus::Activating,
        Some("blocked") => NumberStatus::Blocked,
        Some(_) => NumberStatus::Unknown,
    }
}

fn digits(text: Option<&str>) -> Digits {
    match text {
        Some(masked) if masked.contains('*') => Digits::Masked,
        Some(number) => number.parse::<E164>().map_or(Digits::Absent, Digits::Known),
        None => Digits::Absent,
    }
}

/// Whether a masked number (`+165****8621`) may stand for `digits`.
pub(crate) fn mask_fits(masked: &str, digits: &E164) -> bool {
    let whole = digits.reveal();
    let start = masked.split('*').next().unwrap_or_default();
    let end = masked.rsplit('*').next().unwrap_or_default();
    whole.starts_with(start) && whole.ends_with(end)
}

/// An assistant, as far as it must be recognized.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssistantWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) metadata: Option<MetadataWire>,
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    server: Option<ServerWire>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MetadataWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) stamp: Option<String>,
    #[serde(default, deserialize_with = "text")]
    assistant_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    business_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    organization_id: Option<String>,
}

/// The assistant in our words; `None` when it has no id that can be used.
pub(crate) fn assistant(wire: AssistantWire) -> Option<VapiAssistant> {
    let metadata = wire.metadata.unwrap_or_default();
    Some(VapiAssistant {
        id: wire.id.as_deref()?.parse::<VapiAssistantId>().ok()?,
        name: wire.name,
        stamp: metadata.stamp.and_then(|text| text.try_into().ok()),
        assistant: metadata.assistant_id.and_then(|text| text.parse().ok()),
        business: metadata.business_id.and_then(|text| text.parse().ok()),
        organization: metadata.organization_id.and_then(|text| text.parse().ok()),
        server_url: wire.server.and_then(|server| server.url),
    })
}

/// A stored credential, of whatever provider. Keys are write-only at VAPI.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CredentialWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) provider: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) telnyx_application_id: Option<String>,
}

#[cfg(test)]
mod tests;
