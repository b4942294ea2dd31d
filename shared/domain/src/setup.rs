//! What an assistant is given beside its name, its language and the business's own settings.

use crate::template::Industry;
use serde::{Deserialize, Serialize};

mod contact;
mod server;

pub use contact::{EmergencyContact, EmergencyContacts, InvalidContact};
pub use server::{AssistantServer, InvalidServer, ServerMessage, ServerUrl};

/// How an assistant is set up. The default is what every assistant had before there was a choice,
/// so that rows without one are read as they were meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Setup {
    /// Whose template it starts from.
    #[serde(default)]
    pub industry: Industry,
    /// Whom it may put callers through to. Set by the platform's routes for it, never through the
    /// settings that a business sends.
    #[serde(default)]
    pub contacts: EmergencyContacts,
    /// The platform's own server for its calls, in place of ours.
    #[serde(default)]
    pub server: Option<AssistantServer>,
}

impl Setup {
    /// Whether nothing was chosen, for `#[serde(skip_serializing_if = …)]`.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_setup_reads_back_as_it_was_written() {
        let contact = EmergencyContact::new("Dana", "+14155550123".parse().unwrap()).unwrap();
        let setup = Setup {
            industry: Industry::Dental,
            contacts: EmergencyContacts::new(vec![contact]).unwrap(),
            server: Some(AssistantServer {
                url: "https://calls.example.com/vapi".parse().unwrap(),
                credential: Some("3d000000-0000-4000-8000-000000000004".parse().unwrap()),
                messages: ["hang".parse().unwrap()].into_iter().collect(),
            }),
        };
        let text = serde_json::to_string(&setup).unwrap();
        assert_eq!(serde_json::from_str::<Setup>(&text).unwrap(), setup);
    }

    #[test]
    fn what_was_never_chosen_is_the_default() {
        assert_eq!(serde_json::from_value::<Setup>(json!({})).unwrap(), Setup::default());
        assert!(Setup::default().is_default());
        let retail = Setup { industry: Industry::Retail, ..Setup::default() };
        assert!(!retail.is_default());
    }
}
