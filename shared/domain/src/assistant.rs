//! Assistants: who answers for a business.

use crate::ids::{AssistantId, BusinessId, NumberId, OrganizationId, VapiAssistantId, WorkId};
use crate::persona::Persona;
use crate::phone::E164;
use crate::source::Source;
use crate::template::Industry;
use crate::time::Timestamp;
use crate::work::Recipient;
use serde::{Deserialize, Serialize};

/// The language an assistant speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    #[serde(alias = "en")]
    English,
    /// Spanish.
    #[serde(alias = "es")]
    Spanish,
    /// French.
    #[serde(alias = "fr")]
    French,
    /// Whatever the caller speaks.
    #[serde(alias = "multi")]
    Multilingual,
}

/// Characters VAPI allows in the `name` of an assistant.
pub const NAME_LENGTH_MAX: usize = 40;

/// The name of an assistant: the business's name, cut to what VAPI allows.
#[must_use]
pub fn assistant_name(business_name: &str) -> String {
    let clean: String = business_name.chars().filter(|c| !c.is_control()).collect();
    clean.trim().chars().take(NAME_LENGTH_MAX).collect()
}

/// The number an assistant answers on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignedNumber {
    /// Our id of it.
    pub id: NumberId,
    /// Its digits; `None` for a SIP address.
    pub digits: Option<E164>,
    /// Where it came from.
    pub source: Source,
    /// Since when it is the assistant's.
    pub assigned_at: Timestamp,
}

/// An assistant as our table has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assistant {
    /// Our id.
    pub id: AssistantId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The customer it answers for.
    pub business: BusinessId,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// Whose template it starts from; a former version kept it with the work alone.
    pub industry: Option<Industry>,
    /// What the business set of it itself; a former version kept it with the work alone.
    pub persona: Option<Persona>,
    /// How often it was changed since it was made.
    pub version: u64,
    /// Which of these changes VAPI has been told of.
    pub applied: u64,
    /// Whether somebody asked to delete it: then it changes no more.
    pub removal_asked: bool,
    /// VAPI's id, once it exists there.
    pub vapi: Option<VapiAssistantId>,
    /// The number it answers on.
    pub number: Option<AssignedNumber>,
    /// The latest provisioning for it.
    pub work: WorkId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What an assistant is like: whatever of it can be changed once it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Character {
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: Language,
    /// Whose template it starts from.
    pub industry: Industry,
    /// What the business set of it itself.
    pub persona: Persona,
}

impl Assistant {
    /// What it is like, given its latest provisioning: a row of a former version leaves to that
    /// what it did not keep itself.
    #[must_use]
    pub fn character(&self, latest: &Recipient) -> Character {
        Character {
            name: self.name.clone(),
            language: self.language,
            industry: self.industry.unwrap_or(latest.setup.industry),
            persona: self.persona.clone().unwrap_or_else(|| latest.persona.clone()),
        }
    }

    /// Whether the assistant at VAPI is as it was last asked to be.
    #[must_use]
    pub const fn is_up_to_date(&self) -> bool {
        self.vapi.is_some() && self.applied >= self.version
    }
}
