//! What can stop a provisioning, said so that somebody can act on it.
//!
//! The code of a problem is part of the API and never changes its meaning.

use crate::outcome::Refusal;
use crate::phone::E164;
use crate::source::{Cap, Passed, Source};
use serde::{Deserialize, Serialize};

/// What a look-up could not settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unresolved {
    /// The assistant at VAPI.
    Assistant,
    /// The free number at VAPI.
    FreeNumber,
    /// The order at Telnyx, or the purchase at Twilio.
    Order,
    /// The import into VAPI.
    Import,
}

/// Why a number that an operator named cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Unassignable {
    /// It is another's, or was taken meanwhile.
    NotFree,
    /// No account of ours has it.
    FoundNowhere,
    /// The carrier does not say that it is active.
    NotActive,
    /// VAPI has it linked to somebody.
    Linked,
    /// It bears the stamp of another work, or of another deployment.
    Stamped,
    /// It was found, and cannot be had for a reason of the source.
    Passed {
        /// Which.
        passed: Passed,
    },
}

/// Why a work needs a person, failed, or is degraded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "code")]
pub enum Problem {
    /// The number an operator named cannot be had.
    NotAssignable {
        /// Why.
        why: Unassignable,
    },
    /// Every source was passed over.
    SourcesExhausted {
        /// Which, and why.
        passed: Vec<(Source, Passed)>,
    },
    /// The number that was picked is gone.
    NumberTaken {
        /// Others that can be had in its place.
        alternatives: Vec<E164>,
    },
    /// The picked number cannot be bought, for a reason of the source.
    NumberUnobtainable {
        /// Why.
        reason: Passed,
    },
    /// VAPI does not take the assistant.
    AssistantRefused {
        /// VAPI's words.
        detail: String,
    },
    /// A provider rejects our key.
    KeyRejected,
    /// There is no VAPI key.
    NotConfigured,
    /// A provider has not answered for too long.
    ProviderUnavailable,
    /// It could not be found out whether something was created or bought.
    OutcomeUnknown {
        /// What.
        what: Unresolved,
    },
    /// A free number got no digits in time.
    DigitsMissing,
    /// VAPI blocked the number.
    NumberBlocked,
    /// A number we hold is no longer at VAPI.
    NumberVanished,
    /// The digits belong to another number of ours.
    DigitsClash,
    /// The carrier asks for documents before it hands out the number.
    DocumentsRequired,
    /// The order has not settled in time.
    OrderStuck,
    /// VAPI does not take the number from the carrier.
    ImportRefused {
        /// VAPI's words.
        detail: String,
    },
    /// The number is in VAPI already, not by our doing.
    AlreadyImported,
    /// VAPI does not keep the link to the assistant.
    LinkLost,
    /// The number is not routed to VAPI at the carrier: it rings and nobody answers.
    NotRouted,
    /// The carrier does not say that the number is active.
    NotActive,
    /// The link at VAPI could not be taken off.
    UnlinkFailed,
    /// The number is locked against deletion at its carrier.
    DeletionLocked,
    /// A provider does not let the number go.
    RemovalRefused {
        /// Its words.
        detail: String,
    },
    /// Something at VAPI still refers to an assistant that is to be deleted.
    AssistantPinned,
    /// An assistant we have is no longer at VAPI.
    AssistantVanished,
}

impl Problem {
    /// The stable code, last part of the problem's `type`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SourcesExhausted { .. } => "sources-exhausted",
            Self::NotAssignable { .. } => "number-not-assignable",
            Self::NumberTaken { .. } => "number-taken",
            Self::NumberUnobtainable { .. } => "number-unobtainable",
            Self::AssistantRefused { .. } => "assistant-refused",
            Self::KeyRejected => "key-rejected",
            Self::NotConfigured => "not-configured",
            Self::ProviderUnavailable => "provider-unavailable",
            Self::OutcomeUnknown { .. } => "outcome-unknown",
            Self::DigitsMissing => "digits-missing",
            Self::NumberBlocked => "number-blocked",
            Self::NumberVanished => "number-vanished",
            Self::DigitsClash => "digits-clash",
            Self::DocumentsRequired => "documents-required",
            Self::OrderStuck => "order-stuck",
            Self::ImportRefused { .. } => "import-refused",
            Self::AlreadyImported => "already-imported",
            Self::LinkLost => "link-lost",
            Self::NotRouted => "not-routed",
            Self::NotActive => "not-active",
            Self::UnlinkFailed => "unlink-failed",
            Self::DeletionLocked => "deletion-locked",
            Self::RemovalRefused { .. } => "removal-refused",
            Self::AssistantPinned => "assistant-pinned",
            Self::AssistantVanished => "assistant-vanished",
        }
    }

    /// Whether a person may end it by naming a number: there is an assistant, and nothing is held.
    #[must_use]
    pub const fn wants_number(&self) -> bool {
        match self {
            Self::SourcesExhausted { .. }
            | Self::NotAssignable { .. }
            | Self::NumberUnobtainable { .. } => true,
            Self::NumberTaken { .. }
            | Self::AssistantRefused { .. }
            | Self::KeyRejected
            | Self::NotConfigured
            | Self::ProviderUnavailable
            | Self::OutcomeUnknown { .. }
            | Self::DigitsMissing
            | Self::NumberBlocked
            | Self::NumberVanished
            | Self::DigitsClash
            | Self::DocumentsRequired
            | Self::OrderStuck
            | Self::ImportRefused { .. }
            | Self::AlreadyImported
            | Self::LinkLost
            | Self::NotRouted
            | Self::NotActive
            | Self::DeletionLocked
            | Self::RemovalRefused { .. }
            | Self::AssistantPinned
            | Self::AssistantVanished
            | Self::UnlinkFailed => false,
        }
    }

    /// What a business user reads.
    #[must_use]
    pub const fn plain(&self) -> &'static str {
        match self {
            Self::SourcesExhausted { .. } | Self::NotAssignable { .. } => {
                "no number could be found automatically; our team has been told"
            }
            Self::NumberTaken { .. } => "the number you picked has been taken; pick another one",
            Self::NumberUnobtainable { .. } => "the number you picked cannot be bought right now",
            Self::AssistantRefused { .. } => "the assistant could not be set up",
            Self::KeyRejected | Self::NotConfigured => {
                "the phone service is not set up yet; our team has been told"
            }
            Self::ProviderUnavailable => "the phone service has not answered for a while",
            Self::OutcomeUnknown { .. } => {
                "the phone service did not confirm a step; our team is looking into it"
            }
            Self::DigitsMissing => "the number has not become active in time",
            Self::NumberBlocked | Self::NumberVanished | Self::DigitsClash => {
                "there is a problem with the number; our team has been told"
            }
            Self::DocumentsRequired => "the phone company asks for documents for this number",
            Self::OrderStuck => "the phone company has not delivered the number yet",
            Self::ImportRefused { .. } | Self::AlreadyImported | Self::LinkLost => {
                "the number could not be connected to the assistant; our team has been told"
            }
            Self::NotRouted | Self::NotActive => {
                "the number is yours, but calls do not reach the assistant yet; we keep trying"
            }
            Self::UnlinkFailed => "the number could not be disconnected; our team has been told",
            Self::DeletionLocked | Self::RemovalRefused { .. } => {
                "the number could not be given back yet; our team has been told"
            }
            Self::AssistantPinned => {
                "the assistant could not be deleted yet; our team has been told"
            }
            Self::AssistantVanished => {
                "there is a problem with the assistant; our team has been told"
            }
        }
    }

    /// What an operator can do about it.
    #[must_use]
    pub const fn next_steps(&self) -> &'static str {
        match self {
            Self::SourcesExhausted { .. } => {
                "read why each source was passed over, mend one of them (allowance, stock, cap, \
                 key), then retry; or assign a number by hand"
            }
            Self::NotAssignable { .. } => {
                "read the reason, see that the number is ours, active and nobody's, and assign it \
                 again; or assign another, or retry"
            }
            Self::NumberTaken { .. } => "pick one of the alternatives, or search again",
            Self::NumberUnobtainable { .. } => "mend the reason given, then retry",
            Self::AssistantRefused { .. } => "read VAPI's words, mend the assistant, then retry",
            Self::KeyRejected => "put a valid key into the provider's secret, then retry",
            Self::NotConfigured => "put the VAPI API key into the VAPI secret, then retry",
            Self::ProviderUnavailable => "check the provider's status page, then retry",
            Self::OutcomeUnknown { .. } => {
                "look for the work's stamp at the provider; retry looks it up again and repeats \
                 nothing that exists"
            }
            Self::DigitsMissing => "look at the number at dashboard.vapi.ai/phone-numbers",
            Self::NumberBlocked => "ask VAPI's support, or retry to take another number",
            Self::NumberVanished => {
                "look for the number at dashboard.vapi.ai/phone-numbers and at its carrier; where it \
                 was to be given back, retry says that it is gone"
            }
            Self::DigitsClash => "two rows claim one number: find out which one is right",
            Self::DocumentsRequired => "upload the documents in the Telnyx portal, then retry",
            Self::OrderStuck => "look at the order in the Telnyx portal, then retry",
            Self::ImportRefused { .. } => {
                "check that VAPI's Telnyx credential, or the key in the Twilio secret, is of the \
                 account that owns the number, then retry"
            }
            Self::AlreadyImported => "remove the foreign record of this number at VAPI, then retry",
            Self::LinkLost => "see who else changes the number at VAPI, then retry",
            Self::NotRouted => {
                "assign the number to VAPI's Voice API application in the Telnyx portal, or take \
                 trunk and voice application off it in the Twilio console, or retry"
            }
            Self::NotActive => "look at the number in the carrier's portal, then retry",
            Self::UnlinkFailed => "take the assistant off the number at VAPI, then retry",
            Self::DeletionLocked => {
                "lift the number's deletion lock in the Telnyx portal if it is to be given back, \
                 then retry"
            }
            Self::RemovalRefused { .. } => "read the provider's words, mend the cause, then retry",
            Self::AssistantPinned => {
                "take the assistant off what refers to it at VAPI (numbers, squads), then retry"
            }
            Self::AssistantVanished => {
                "it was deleted at VAPI past us: delete it here as well, and create it anew"
            }
        }
    }

    /// The problem that a refusal common to all calls amounts to.
    #[must_use]
    pub fn from_refusal<R>(
        refusal: Refusal<R>,
        request: impl FnOnce(String) -> Self,
        because: impl FnOnce(R) -> Self,
    ) -> Self {
        match refusal {
            Refusal::NotConfigured => Self::NotConfigured,
            Refusal::Key => Self::KeyRejected,
            Refusal::Request(detail) => request(detail),
            Refusal::Because(reason) => because(reason),
        }
    }
}

impl Unassignable {
    /// What an operator reads.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::NotFree => "the number is another's".to_owned(),
            Self::FoundNowhere => {
                "neither VAPI nor an account of ours at a carrier has the number".to_owned()
            }
            Self::NotActive => "the carrier does not say that the number is active".to_owned(),
            Self::Linked => "the number answers for somebody at VAPI: take it off there".to_owned(),
            Self::Stamped => {
                "the number was made by another deployment, or for something else".to_owned()
            }
            Self::Passed { passed } => passed.plain(),
        }
    }
}

impl Passed {
    /// What an operator reads on the timeline.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::NotConfigured => "not configured".to_owned(),
            Self::WrongType => "has no numbers of this type".to_owned(),
            Self::WrongCountry => "has no numbers of this country".to_owned(),
            Self::CannotPick => "a picked number cannot be had there".to_owned(),
            Self::PoolEmpty => "no number that nobody uses fits".to_owned(),
            Self::AllowanceUsed => "the free numbers are used up".to_owned(),
            Self::PaymentRequired => "VAPI asks for a payment method".to_owned(),
            Self::AreaCodeUnavailable { try_instead } => {
                let codes: Vec<&str> = try_instead.iter().map(|code| code.as_str()).collect();
                if codes.is_empty() {
                    "no number in this area code".to_owned()
                } else {
                    format!("no number in this area code; there are some in {}", codes.join(", "))
                }
            }
            Self::NoStock => "no number for sale that fits".to_owned(),
            Self::NoBalance => "the account's balance does not cover it".to_owned(),
            Self::DocumentsRequired => "documents are required first".to_owned(),
            Self::CapReached { cap } => match cap {
                Cap::OrganizationDay => "the organization's daily spending cap is reached",
                Cap::OrganizationMonth => "the organization's monthly spending cap is reached",
                Cap::OverallDay => "the overall daily spending cap is reached",
                Cap::OverallMonth => "the overall monthly spending cap is reached",
                Cap::NumberMonthly => "the number costs more a month than allowed",
            }
            .to_owned(),
            Self::PriceUnknown => "no price was named".to_owned(),
            Self::NoCredential => {
                "VAPI holds no Telnyx credential: add one at dashboard.vapi.ai".to_owned()
            }
            Self::SeveralCredentials => {
                "VAPI holds several Telnyx credentials: set VapiTelnyxCredentialId".to_owned()
            }
            Self::CredentialsUnreadable => {
                "the VAPI key may not list credentials: set VapiTelnyxCredentialId".to_owned()
            }
            Self::CredentialMissing => {
                "the credential that VapiTelnyxCredentialId names does not exist".to_owned()
            }
            Self::BuyingNotAllowed => {
                "no owned number is free, and the organization's settings allow no purchase"
                    .to_owned()
            }
            Self::TrialLimit => "a trial account may hold no more numbers".to_owned(),
            Self::AccountInactive => {
                "the account is suspended or closed: see console.twilio.com".to_owned()
            }
            Self::NumbersTaken => "every number tried was sold meanwhile".to_owned(),
            Self::KeyRejected => "the key was rejected".to_owned(),
            Self::Refused { detail } => format!("refused: {detail}"),
            Self::Unavailable => "the provider did not answer".to_owned(),
            Self::NumberUnusable => "the number it gave was unusable".to_owned(),
        }
    }
}
