//! `number_order.complete` and `portout.status_changed`, signed.

use std::collections::BTreeMap;

use base64::Engine;
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};

use super::order::Order;
use super::{Account, TelnyxSim};
use crate::outbox::{ATTEMPTS_MAX, Delivery};
use crate::reply::Provider;
use crate::stamp;

/// The signature Telnyx puts into `telnyx-signature-ed25519`: over timestamp, `|` and raw body.
#[must_use]
pub fn sign(key: &SigningKey, timestamp: &str, body: &[u8]) -> String {
    let message = [timestamp.as_bytes(), b"|", body].concat();
    base64::engine::general_purpose::STANDARD.encode(key.sign(&message).to_bytes())
}

impl TelnyxSim {
    /// Puts the report of an ended order into the outbox.
    pub(super) fn report_order(&mut self, at_ms: i64, account: usize, order: &Order) {
        self.tell(at_ms, account, "number_order.complete", &order.view());
    }

    /// Puts an event into the outbox, if the account's owner has named a place for it.
    fn tell(&mut self, at_ms: i64, account: usize, event_type: &str, payload: &Value) {
        let event_id = self.ids.uuid();
        let owner = &self.accounts[account];
        let Some(url) = owner.webhook_url.clone() else {
            return;
        };
        let body = json!({
            "data": {
                "record_type": "event",
                "event_type": event_type,
                "id": event_id,
                "occurred_at": stamp::micros(at_ms),
                "payload": payload,
            },
            "meta": { "attempt": 1, "delivered_to": url },
        });
        let delivery = Delivery {
            provider: Provider::Telnyx,
            url,
            headers: BTreeMap::new(),
            body: body.to_string().into_bytes(),
            not_before_ms: at_ms,
            attempt: 1,
            account: owner.name.clone(),
        };
        self.outbox.push(self.options.webhooks, delivery);
    }

    /// Tells the owner of a number that a request to take it to another carrier is so far.
    ///
    /// # Panics
    /// When nobody has the number.
    pub fn tell_port_out(&mut self, at_ms: i64, number: &str, request: &str, status: &str) {
        let has =
            |account: &Account| account.numbers.values().any(|one| one.phone_number == number);
        let owner = self.accounts.iter().position(has).expect("somebody has the number");
        let payload = json!({
            "id": request,
            "status": status,
            "phone_numbers": [number],
            "carrier_name": "Another Carrier",
            "rejection_reason": null,
        });
        self.tell(at_ms, owner, "portout.status_changed", &payload);
    }

    /// Takes the webhooks that are due, signed with a timestamp that fits the receiver's clock.
    pub(crate) fn take_webhooks(&mut self, now_ms: i64, stamped_ms: i64) -> Vec<Delivery> {
        self.tick(now_ms);
        let due = self.outbox.take(now_ms);
        due.into_iter().map(|delivery| self.signed(stamped_ms, delivery)).collect()
    }

    /// The next attempt after a delivery that was not answered with 2xx.
    pub(crate) fn retry(&self, now_ms: i64, delivery: &Delivery) -> Option<Delivery> {
        if delivery.attempt >= ATTEMPTS_MAX {
            return None;
        }
        let mut body: Value = serde_json::from_slice(&delivery.body).ok()?;
        let attempt = delivery.attempt + 1;
        body["meta"]["attempt"] = json!(attempt);
        let body = body.to_string().into_bytes();
        Some(self.signed(now_ms, Delivery { body, attempt, ..delivery.clone() }))
    }

    fn signed(&self, now_ms: i64, mut delivery: Delivery) -> Delivery {
        let timestamp = now_ms.div_euclid(1_000).to_string();
        let signer = self.accounts.iter().find(|account| account.name == delivery.account);
        let signature = signer
            .map(|account: &Account| sign(&account.signing_key, &timestamp, &delivery.body))
            .unwrap_or_default();
        let mut set = |name: &str, value: String| {
            delivery.headers.insert(name.to_owned(), value);
        };
        set("content-type", "application/json".to_owned());
        set("user-agent", "telnyx-webhooks".to_owned());
        set("telnyx-timestamp", timestamp);
        set("telnyx-signature-ed25519", signature);
        delivery
    }
}
