//! Emergency contacts: people a caller may be put through to.

use crate::assistant::Language;
use crate::phone::E164;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Contacts one assistant may have. Each is described to the model with every call.
const CONTACTS_MAX: usize = 5;
/// Characters of a contact's name.
const NAME_LENGTH_MAX: usize = 80;
/// Characters of a message before a transfer: VAPI's limit (`CustomMessage.content`).
const MESSAGE_LENGTH_MAX: usize = 1000;

/// Somebody a caller may be put through to when something cannot wait.
///
/// `Debug` prints the last four digits of the number, and of the messages only their languages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct EmergencyContact {
    name: String,
    number: E164,
    messages: BTreeMap<Language, String>,
}

/// Why somebody cannot be an emergency contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidContact {
    /// The name.
    #[error("a name of 1 to 80 characters without control characters and braces is expected")]
    Name,
    /// A message before the transfer.
    #[error("a message of 1 to 1000 characters without control characters and braces is expected")]
    Message,
    /// The language of a message.
    #[error("a message is in one language: english, spanish or french")]
    MessageLanguage,
    /// Too many contacts.
    #[error("an assistant has at most 5 emergency contacts")]
    TooMany,
    /// Two contacts with one number, between which the model could not choose.
    #[error("each emergency contact has a number of its own")]
    SameNumber,
}

/// A contact as it is stored.
#[derive(Serialize, Deserialize)]
struct Written {
    name: String,
    number: E164,
    #[serde(default)]
    messages: BTreeMap<Language, String>,
}

impl EmergencyContact {
    /// A contact without messages of its own.
    ///
    /// # Errors
    /// [`InvalidContact::Name`].
    pub fn new(name: &str, number: E164) -> Result<Self, InvalidContact> {
        let name = name.trim();
        if !is_plain(name, NAME_LENGTH_MAX) || !name.chars().any(char::is_alphanumeric) {
            return Err(InvalidContact::Name);
        }
        Ok(Self { name: name.to_owned(), number, messages: BTreeMap::new() })
    }

    /// The same contact with what callers hear before they are put through, in one language; where
    /// there is no message in the language of the call, the template's is spoken.
    ///
    /// # Errors
    /// [`InvalidContact::Message`], or [`InvalidContact::MessageLanguage`] for `Multilingual`.
    pub fn with_message(mut self, language: Language, text: &str) -> Result<Self, InvalidContact> {
        if language == Language::Multilingual {
            return Err(InvalidContact::MessageLanguage);
        }
        let text = text.trim();
        if !is_plain(text, MESSAGE_LENGTH_MAX) {
            return Err(InvalidContact::Message);
        }
        self.messages.insert(language, text.to_owned());
        Ok(self)
    }

    /// Who it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is reached.
    #[must_use]
    pub const fn number(&self) -> &E164 {
        &self.number
    }

    /// What callers hear before they are put through, if something was set in that language.
    #[must_use]
    pub fn message(&self, language: Language) -> Option<&str> {
        self.messages.get(&language).map(String::as_str)
    }
}

/// Some text of one line without braces, which VAPI would fill in (`{{…}}`).
fn is_plain(text: &str, length_max: usize) -> bool {
    let length = text.chars().count();
    (1..=length_max).contains(&length)
        && !text.chars().any(|letter| letter.is_control() || matches!(letter, '{' | '}'))
}

impl TryFrom<Written> for EmergencyContact {
    type Error = InvalidContact;
    fn try_from(written: Written) -> Result<Self, InvalidContact> {
        let contact = Self::new(&written.name, written.number)?;
        written
            .messages
            .into_iter()
            .try_fold(contact, |contact, (language, text)| contact.with_message(language, &text))
    }
}

impl From<EmergencyContact> for Written {
    fn from(contact: EmergencyContact) -> Self {
        Self { name: contact.name, number: contact.number, messages: contact.messages }
    }
}

impl fmt::Debug for EmergencyContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmergencyContact")
            .field("name", &self.name)
            .field("number", &self.number)
            .field("messages", &self.messages.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// The emergency contacts of one assistant: at most five, each with a number of its own, in the
/// order in which they are offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(try_from = "Vec<EmergencyContact>", into = "Vec<EmergencyContact>")]
pub struct EmergencyContacts(Vec<EmergencyContact>);

impl EmergencyContacts {
    /// These contacts, in this order.
    ///
    /// # Errors
    /// [`InvalidContact::TooMany`], [`InvalidContact::SameNumber`].
    pub fn new(contacts: Vec<EmergencyContact>) -> Result<Self, InvalidContact> {
        if contacts.len() > CONTACTS_MAX {
            return Err(InvalidContact::TooMany);
        }
        let again = |(place, contact): (usize, &EmergencyContact)| {
            contacts.iter().take(place).any(|before| before.number == contact.number)
        };
        if contacts.iter().enumerate().any(again) {
            return Err(InvalidContact::SameNumber);
        }
        Ok(Self(contacts))
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, EmergencyContact> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a EmergencyContacts {
    type Item = &'a EmergencyContact;
    type IntoIter = std::slice::Iter<'a, EmergencyContact>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl TryFrom<Vec<EmergencyContact>> for EmergencyContacts {
    type Error = InvalidContact;
    fn try_from(contacts: Vec<EmergencyContact>) -> Result<Self, InvalidContact> {
        Self::new(contacts)
    }
}

impl From<EmergencyContacts> for Vec<EmergencyContact> {
    fn from(contacts: EmergencyContacts) -> Self {
        contacts.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn number(last: usize) -> E164 {
        format!("+1415555012{last}").parse().unwrap()
    }

    fn contact(last: usize) -> EmergencyContact {
        EmergencyContact::new("Dana Reyes", number(last)).unwrap()
    }

    #[test]
    fn a_name_is_some_plain_text() {
        assert_eq!(EmergencyContact::new("  Dana ", number(1)).unwrap().name(), "Dana");
        for name in ["", "  ", "--", "a\nb", "{{x}}", &"x".repeat(81)] {
            let refused = EmergencyContact::new(name, number(1));
            assert_eq!(refused, Err(InvalidContact::Name), "{name}");
        }
    }

    #[test]
    fn a_message_is_plain_text_in_one_language() {
        let dana = contact(1).with_message(Language::Spanish, "Le paso con Dana.").unwrap();
        assert_eq!(dana.message(Language::Spanish), Some("Le paso con Dana."));
        assert_eq!(dana.message(Language::English), None);
        for text in ["", "{{customer.number}}", &"x".repeat(1001)] {
            let refused = contact(1).with_message(Language::English, text);
            assert_eq!(refused, Err(InvalidContact::Message), "{text}");
        }
        let refused = contact(1).with_message(Language::Multilingual, "Hello");
        assert_eq!(refused, Err(InvalidContact::MessageLanguage));
    }

    #[test]
    fn contacts_are_few_and_have_numbers_of_their_own() {
        assert!(EmergencyContacts::new((0..5).map(contact).collect()).is_ok());
        let many = EmergencyContacts::new((0..6).map(contact).collect());
        assert_eq!(many, Err(InvalidContact::TooMany));
        let same = EmergencyContacts::new(vec![contact(1), contact(2), contact(1)]);
        assert_eq!(same, Err(InvalidContact::SameNumber));
    }

    #[test]
    fn what_is_stored_is_checked_when_it_is_read() {
        let dana = contact(1).with_message(Language::French, "Un instant.").unwrap();
        let stored = json!({
            "name": "Dana Reyes", "number": "+14155550121", "messages": { "french": "Un instant." },
        });
        assert_eq!(serde_json::to_value(&dana).unwrap(), stored);
        assert_eq!(serde_json::from_value::<EmergencyContact>(stored).unwrap(), dana);
        for broken in [
            json!({ "name": "", "number": "+14155550121" }),
            json!({ "name": "Dana", "number": "911" }),
            json!({ "name": "Dana", "number": "+14155550121", "messages": { "english": "{}" } }),
        ] {
            assert!(serde_json::from_value::<EmergencyContact>(broken).is_err());
        }
        let twice = json!([contact(1), contact(1)]);
        assert!(serde_json::from_value::<EmergencyContacts>(twice).is_err());
    }

    #[test]
    fn debug_shows_neither_the_number_nor_the_messages() {
        let message = "Call +14155550121 yourself";
        let dana = contact(1).with_message(Language::English, message).unwrap();
        let printed = format!("{:?}", EmergencyContacts::new(vec![dana]).unwrap());
        assert!(!printed.contains("4155550121") && !printed.contains(message), "{printed}");
        assert!(printed.contains("…0121"), "{printed}");
    }
}
