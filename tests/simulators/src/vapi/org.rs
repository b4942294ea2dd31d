//! One VAPI organization and what it holds.

use serde_json::{Value, json};

use super::assistants::Assistant;
use super::calls::Call;
use super::credentials::Credential;
use super::held::Numbers;
use super::number_read::NumberKind;
use crate::table::Table;

/// An organization: keys of other organizations reach nothing of it.
#[derive(Debug)]
pub struct Org {
    /// Its UUID.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// Whether a payment method is on file.
    pub payment_method: bool,
    /// The organization's `server`, used where number and assistant name none.
    pub server: Option<Value>,
    /// Phone numbers.
    pub numbers: Numbers,
    /// Assistants.
    pub assistants: Table<Assistant>,
    /// Credentials.
    pub credentials: Table<Credential>,
    /// Calls.
    pub calls: Table<Call>,
    /// Free numbers deleted without their slot coming back.
    pub slots_lost: u32,
    /// Free numbers ever created.
    pub free_created: u32,
}

impl Org {
    pub(super) fn new(id: String, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            payment_method: true,
            server: None,
            numbers: Numbers::default(),
            assistants: Table::default(),
            credentials: Table::default(),
            calls: Table::default(),
            slots_lost: 0,
            free_created: 0,
        }
    }

    /// Free numbers that count against the allowance.
    #[must_use]
    pub fn slots_used(&self, sip_counts: bool) -> u32 {
        let held = self.numbers.iter().filter(|number| {
            number.kind == NumberKind::Vapi && (sip_counts || number.digits.is_some())
        });
        u32::try_from(held.count()).unwrap_or(u32::MAX) + self.slots_lost
    }

    pub(super) fn truth(&self, now_ms: i64) -> Value {
        let numbers: Vec<Value> = self.numbers.iter().map(|number| number.truth(now_ms)).collect();
        let assistants: Vec<Value> = self
            .assistants
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "name": one.body.get("name"),
                    "metadata": one.body.get("metadata"), "createdAtMs": one.created_ms,
                })
            })
            .collect();
        let credentials: Vec<Value> = self
            .credentials
            .iter()
            .map(|one| {
                json!({
                    "id": one.id, "name": one.name, "telnyxApplicationId": one.application_id,
                })
            })
            .collect();
        let calls: Vec<&Value> = self.calls.iter().map(|call| &call.body).collect();
        json!({
            "id": self.id,
            "name": self.name,
            "numbers": numbers,
            "slots_used": self.slots_used(true),
            "free_created": self.free_created,
            "assistants": assistants,
            "credentials": credentials,
            "calls": calls,
        })
    }
}
