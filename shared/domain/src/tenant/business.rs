//! A customer of an organization: its assistants, and whom they may put callers through to.

use crate::ids::{AssistantId, BusinessId, ContactId, OrganizationId};
use crate::setup::{EmergencyContact, EmergencyContacts, InvalidContact};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Assistants one business may have. A change that is about all of them is one transaction.
pub const ASSISTANTS_MAX: usize = 20;

/// A customer of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// The platform's id.
    pub id: BusinessId,
    /// The tenant it belongs to.
    pub organization: OrganizationId,
    /// Its name.
    pub name: String,
    /// The assistant whose number is the business's number; none once its last one was deleted.
    pub primary: Option<AssistantId>,
    /// When it was first seen.
    pub created_at: Timestamp,
    /// Its other assistants, oldest first. Rows of a former version have none, and are written as
    /// they were: a change compares the whole row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<AssistantId>,
    /// Whom its assistants may put callers through to, in the order in which they are offered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<Contact>,
}

/// An emergency contact of a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Our id of it.
    pub id: ContactId,
    /// Who it is.
    pub contact: EmergencyContact,
    /// When it was added.
    pub created_at: Timestamp,
}

/// The business has as many assistants as it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a business has at most {ASSISTANTS_MAX} assistants")]
pub struct TooManyAssistants;

impl Business {
    /// Its assistants, the primary first.
    pub fn assistants(&self) -> impl Iterator<Item = AssistantId> {
        self.primary.into_iter().chain(self.others.iter().copied())
    }

    /// The business with one more assistant: its primary, if it had none.
    ///
    /// # Errors
    /// [`TooManyAssistants`].
    pub fn with_assistant(mut self, id: AssistantId) -> Result<Self, TooManyAssistants> {
        if self.assistants().count() >= ASSISTANTS_MAX {
            return Err(TooManyAssistants);
        }
        match self.primary {
            None => self.primary = Some(id),
            Some(_) => self.others.push(id),
        }
        Ok(self)
    }

    /// The business without an assistant. Where that was the primary, the oldest of the others is
    /// the primary from then on.
    #[must_use]
    pub fn without_assistant(mut self, id: AssistantId) -> Self {
        self.others.retain(|other| *other != id);
        if self.primary == Some(id) {
            self.primary = (!self.others.is_empty()).then(|| self.others.remove(0));
        }
        self
    }

    /// The business once it has been deleted: nobody answers for it, and of whom it knew nothing is
    /// kept. Its id stays taken by its organization, for it may sign up again.
    #[must_use]
    pub fn emptied(self) -> Self {
        Self { primary: None, others: Vec::new(), contacts: Vec::new(), ..self }
    }

    /// The business with these contacts.
    ///
    /// # Errors
    /// [`InvalidContact`]: there are too many, or two of them have one number.
    pub fn with_contacts(self, contacts: Vec<Contact>) -> Result<Self, InvalidContact> {
        let changed = Self { contacts, ..self };
        changed.emergency_contacts().map(|_checked| changed)
    }

    /// Its contacts, as its assistants are given them.
    ///
    /// # Errors
    /// [`InvalidContact`], which [`Self::with_contacts`] lets nobody write.
    pub fn emergency_contacts(&self) -> Result<EmergencyContacts, InvalidContact> {
        EmergencyContacts::new(self.contacts.iter().map(|one| one.contact.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use ulid::Ulid;

    fn id(number: u128) -> AssistantId {
        AssistantId::new(Ulid(number))
    }

    fn business() -> Business {
        let former = json!({
            "id": "b", "organization": "o", "name": "Harbor", "primary": id(1), "created_at": 0,
        });
        serde_json::from_value(former).unwrap()
    }

    #[test]
    fn a_row_of_a_former_version_is_written_as_it_was() {
        let text = r#"{"id":"b","organization":"o","name":"Harbor","primary":"00000000000000000000000001","created_at":0}"#;
        assert_eq!(serde_json::to_string(&business()).unwrap(), text);
    }

    #[test]
    fn a_business_has_a_primary_as_long_as_it_has_an_assistant() {
        let three = business().with_assistant(id(2)).unwrap().with_assistant(id(3)).unwrap();
        assert_eq!(three.assistants().collect::<Vec<_>>(), [id(1), id(2), id(3)]);
        let two = three.without_assistant(id(1));
        assert_eq!((two.primary, two.others.as_slice()), (Some(id(2)), &[id(3)][..]));
        let none = two.without_assistant(id(3)).without_assistant(id(2));
        assert_eq!((none.primary, none.assistants().count()), (None, 0));
        assert_eq!(none.with_assistant(id(4)).unwrap().primary, Some(id(4)));
    }

    #[test]
    fn a_business_has_a_limited_number_of_assistants() {
        let mut full = business();
        for number in 2..=ASSISTANTS_MAX {
            full = full.with_assistant(id(number.try_into().unwrap())).unwrap();
        }
        assert_eq!(full.with_assistant(id(99)), Err(TooManyAssistants));
    }

    #[test]
    fn contacts_are_checked_together() {
        let contact = |number: u128| Contact {
            id: ContactId::new(Ulid(number)),
            contact: EmergencyContact::new("Dana", "+14155550123".parse().unwrap()).unwrap(),
            created_at: Timestamp::from_millis(0),
        };
        assert!(business().with_contacts(vec![contact(1)]).is_ok());
        let twice = business().with_contacts(vec![contact(1), contact(2)]);
        assert_eq!(twice, Err(InvalidContact::SameNumber));
    }
}
