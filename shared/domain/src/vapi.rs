//! What VAPI tells us, in our words. Sources: VAPI's interface description, `/phone-number*`,
//! `/assistant*`; `/credential` is documented in guides only.

use crate::ids::{
    AssistantId, BusinessId, ConnectionId, CredentialId, OrganizationId, Stamp, TwilioAccountSid,
    VapiAssistantId, VapiNumberId,
};
use crate::phone::{AreaCode, E164};
use serde::{Deserialize, Serialize};

/// Who carries a number that VAPI knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberProvider {
    /// VAPI itself: a free number.
    Vapi,
    /// Imported from Telnyx.
    Telnyx,
    /// Imported from Twilio.
    Twilio,
    /// Any other kind, now or later.
    Other,
}

/// The `status` of a phone number record. It is optional: absent counts as active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberStatus {
    /// `active`, or absent.
    Active,
    /// `activating`: digits may still be missing.
    Activating,
    /// `blocked`: needs VAPI's support.
    Blocked,
    /// A status we do not know; never taken as success.
    Unknown,
}

/// The digits of a record: VAPI's lists mask them for some numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Digits {
    /// Not there yet.
    Absent,
    /// There, but masked (`+165****8621`): read by id.
    Masked,
    /// The whole number.
    Known(E164),
}

/// A phone number record of VAPI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VapiNumber {
    /// VAPI's id.
    pub id: VapiNumberId,
    /// Who carries it.
    pub provider: NumberProvider,
    /// Its status.
    pub status: NumberStatus,
    /// Its digits.
    pub digits: Digits,
    /// The SIP address; free numbers have one before they have digits.
    pub sip_uri: Option<String>,
    /// The `name`, where our stamp stands.
    pub name: Option<String>,
    /// The assistant it is linked to.
    pub assistant: Option<VapiAssistantId>,
    /// Whether a squad or a workflow is linked instead.
    pub linked_elsewhere: bool,
    /// Where VAPI sends `assistant-request`.
    pub server_url: Option<String>,
    /// `updatedAt` as VAPI wrote it; only ever compared for equality.
    pub updated_at: String,
}

/// What is to be built into an assistant at VAPI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssistantSpec {
    /// The stamp of the attempt, kept in `metadata` to find the assistant again.
    pub stamp: Stamp,
    /// The name shown: the business's name, cut to 40 characters.
    pub name: String,
    /// Our id, kept in `metadata`.
    pub assistant: AssistantId,
    /// The business, kept in `metadata`.
    pub business: BusinessId,
    /// The organization, kept in `metadata`.
    pub organization: OrganizationId,
    /// The language it speaks.
    pub language: crate::assistant::Language,
    /// What the business set itself, in place of ours.
    pub persona: crate::persona::Persona,
    /// Its industry, whom it may put callers through to, and whose server hears of its calls.
    #[serde(default)]
    pub setup: crate::setup::Setup,
}

/// An assistant as VAPI has it, as far as it must be recognized. What is missing there, or is none
/// of ours, is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VapiAssistant {
    /// VAPI's id.
    pub id: VapiAssistantId,
    /// The name shown.
    pub name: Option<String>,
    /// The stamp in its `metadata`.
    pub stamp: Option<Stamp>,
    /// Our id in its `metadata`.
    pub assistant: Option<AssistantId>,
    /// The business in its `metadata`.
    pub business: Option<BusinessId>,
    /// The organization in its `metadata`.
    pub organization: Option<OrganizationId>,
    /// Where VAPI sends what happens in its calls.
    pub server_url: Option<String>,
}

/// Why VAPI does not create an assistant.
pub type AssistantRefusal = crate::outcome::NoReason;

/// Why VAPI does not delete an assistant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteAssistantRefusal {
    /// 409 `assistant_pinned`: something still refers to it; unlink that first.
    Pinned,
}

/// What is to be created as a free number at VAPI, linked from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreeNumberSpec {
    /// The stamp, put into `name`.
    pub stamp: Stamp,
    /// The wanted area code (`numberDesiredAreaCode`).
    pub area_code: Option<AreaCode>,
    /// The assistant that answers.
    pub assistant: Option<VapiAssistantId>,
    /// Whether a SIP address alone is wanted.
    pub sip_only: bool,
}

/// Why VAPI does not create a free number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreeNumberRefusal {
    /// The allowance of the account is used up (limit, quota, maximum).
    AllowanceUsed,
    /// A payment method is missing, or the plan must be changed.
    PaymentRequired,
    /// No number in this area code; VAPI names others that have some.
    AreaCodeUnavailable {
        /// The area codes VAPI named.
        try_instead: Vec<AreaCode>,
    },
}

/// What is to be imported from Telnyx, linked from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSpec {
    /// The stamp, put into `name`.
    pub stamp: Stamp,
    /// The number as the carrier has it.
    pub digits: E164,
    /// VAPI's credential holding the key of the Telnyx account.
    pub credential: CredentialId,
    /// The assistant that answers; nobody while it is a number for the pool.
    pub assistant: Option<VapiAssistantId>,
}

/// What is to be imported from Twilio. The key of the account is no part of it: VAPI is handed that
/// by who performs the import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioImportSpec {
    /// The stamp, put into `name`.
    pub stamp: Stamp,
    /// The number as the carrier has it.
    pub digits: E164,
    /// The Twilio account that holds it.
    pub account: TwilioAccountSid,
    /// The assistant that answers; none for a number that is put by.
    pub assistant: Option<VapiAssistantId>,
    /// Who shall receive its text messages.
    pub messages: ImportedMessages,
}

/// Who receives the text messages of a number imported from Twilio (`smsEnabled`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImportedMessages {
    /// Who did before: VAPI leaves the number's messaging URL alone.
    #[default]
    AsBefore,
    /// VAPI, which overwrites the messaging URL; its own default.
    Vapi,
}

/// Why VAPI does not import a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportRefusal {
    /// `Couldn't Update Telnyx Number … 404`: the order has not settled, or the number is in
    /// another account. `Number Not Found on Twilio` says the same.
    NotAtCarrier,
    /// The number is in VAPI already.
    AlreadyImported,
    /// The credential does not exist or is of the wrong kind; for Twilio, the account or its key is
    /// not accepted.
    CredentialInvalid,
}

/// A credential of provider `telnyx` stored at VAPI; its key is write-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelnyxCredential {
    /// VAPI's id.
    pub id: CredentialId,
    /// The Voice API application it points to (`telnyxApplicationId`), if VAPI tells.
    pub application: Option<ConnectionId>,
}

/// The only Telnyx credential there is.
///
/// # Errors
/// Why none can be chosen: there is none, or there are several and no setting picks one.
pub fn only_credential(
    all: Vec<TelnyxCredential>,
) -> Result<TelnyxCredential, crate::source::Passed> {
    let several = all.len() > 1;
    match all.into_iter().next() {
        Some(_) if several => Err(crate::source::Passed::SeveralCredentials),
        Some(only) => Ok(only),
        None => Err(crate::source::Passed::NoCredential),
    }
}
