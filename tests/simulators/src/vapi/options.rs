//! VAPI's switches: what is unknown or has been seen both ways can be had both ways.

use serde::{Deserialize, Serialize};

use crate::faults::DigitsPlan;
use crate::gate::RateLimit;
use crate::outbox::WebhookMode;

/// `provider` in the body of a PATCH.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderInPatch {
    /// Taken, and not missed.
    #[default]
    Optional,
    /// 400 without it.
    Required,
    /// 400 `property provider should not exist` with it.
    Forbidden,
}

/// What `{"assistantId": null}` does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unlink {
    /// Unlinks; the property is then absent.
    #[default]
    AbsentAfter,
    /// Unlinks; the property is then `null`.
    NullAfter,
    /// 400.
    Rejected,
}

/// What an import does with the number's former application (Telnyx) or voice URL (Twilio).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportRouting {
    /// The number is pointed at VAPI.
    #[default]
    Replaces,
    /// Only a number that points nowhere is.
    KeepsFormer,
}

/// What a second import of the same number does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DoubleImport {
    /// It is refused.
    Rejects {
        /// 400 or 409.
        status: u16,
    },
    /// There are then two records.
    SecondRecord,
}

/// Whether a key may read `/credential`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialAccess {
    /// It may.
    #[default]
    Allowed,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
}

/// Which digits a list masks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Masking {
    /// None.
    None,
    /// Those of free numbers.
    #[default]
    Free,
    /// All.
    All,
}

/// What happens to a property VAPI does not know.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// 400.
    #[default]
    Rejected,
    /// It is passed over.
    Ignored,
}

/// The switches. All can be changed while the simulator runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VapiOptions {
    /// How free numbers come to their digits, unless a fault says otherwise.
    pub digits: DigitsPlan,
    /// Whether answers carry `status`.
    pub status_shown: bool,
    /// Free numbers an organization may hold.
    pub free_limit: u32,
    /// Status of the refusal beyond the limit.
    pub limit_status: u16,
    /// Text of that refusal.
    pub limit_text: String,
    /// Whether an organization without payment method gets only its first free number.
    pub later_need_payment: bool,
    /// Whether free numbers with only a SIP URI count against the limit.
    pub sip_counts: bool,
    /// Whether deleting a free number makes room for another at once.
    pub delete_frees_slot: bool,
    /// Area codes without free numbers.
    pub areas_without_stock: Vec<String>,
    /// The area codes a refusal hints at.
    pub area_hints: Vec<String>,
    /// Which digits lists mask.
    pub masking: Masking,
    /// How long after its creation a record is missing from lists.
    pub list_lag_ms: i64,
    /// How long after its creation a record is missing by id.
    pub get_lag_ms: i64,
    /// `provider` in the body of a PATCH.
    pub provider_in_patch: ProviderInPatch,
    /// What `{"assistantId": null}` does.
    pub unlink: Unlink,
    /// What an import does with the former application or voice URL.
    pub import_routing: ImportRouting,
    /// What a second import does.
    pub double_import: DoubleImport,
    /// Whether an import from Twilio sets the number's status callback as well; seen once.
    pub twilio_status_callback: bool,
    /// Whether keys may read `/credential`; a key's own setting comes first.
    pub credential_access: CredentialAccess,
    /// Unknown properties at the top of a body, in `server` and in `fallbackDestination`.
    pub unknown: Unknown,
    /// Unknown properties inside `model`, `voice` and `transcriber`.
    pub unknown_nested: Unknown,
    /// Whether an assistant that a number links to refuses its deletion (409).
    pub assistant_pinned: bool,
    /// How long an answered call lasts.
    pub call_ms: i64,
    /// How long calls stay in `/call`.
    pub call_retention_ms: i64,
    /// How webhooks are delivered.
    pub webhooks: WebhookMode,
    /// Requests per window, if limited.
    pub rate_limit: Option<RateLimit>,
    /// Whether a request without `User-Agent` meets Cloudflare's 403.
    pub user_agent_required: bool,
    /// Entries the request log keeps.
    pub log_entries_max: usize,
}

impl Default for VapiOptions {
    fn default() -> Self {
        Self {
            digits: DigitsPlan::After { ms: 120_000 },
            status_shown: true,
            free_limit: 10,
            limit_status: 400,
            limit_text: "You have reached the limit of free Vapi phone numbers for this account. \
                         Please contact support to raise it."
                .to_owned(),
            later_need_payment: false,
            sip_counts: true,
            delete_frees_slot: true,
            areas_without_stock: Vec::new(),
            area_hints: ["701", "279", "406"].map(str::to_owned).to_vec(),
            masking: Masking::Free,
            list_lag_ms: 0,
            get_lag_ms: 0,
            provider_in_patch: ProviderInPatch::Optional,
            unlink: Unlink::AbsentAfter,
            import_routing: ImportRouting::Replaces,
            double_import: DoubleImport::Rejects { status: 400 },
            twilio_status_callback: false,
            credential_access: CredentialAccess::Allowed,
            unknown: Unknown::Rejected,
            unknown_nested: Unknown::Rejected,
            assistant_pinned: true,
            call_ms: 1_000,
            call_retention_ms: 14 * 86_400_000,
            webhooks: WebhookMode::Normal,
            rate_limit: None,
            user_agent_required: false,
            log_entries_max: 10_000,
        }
    }
}
