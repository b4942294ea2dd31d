//! Numbers an account holds: records, answers, and how they come and go.

use exchange::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::order::{Order, OrderLine};
use super::{Ask, Holder, TelnyxSim, errors};
use crate::numbering::{Class, classify};
use crate::{reply, stamp};

/// Where a number stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberStatus {
    /// Ordered.
    PurchasePending,
    /// Papers are missing.
    RequirementInfoPending,
    /// Papers are being looked at.
    RequirementInfoUnderReview,
    /// Papers were not good enough.
    RequirementInfoException,
    /// In use.
    Active,
    /// Asked away by another carrier.
    PortOutPending,
    /// Gone to another carrier.
    PortedOut,
    /// Given back; shown a while longer.
    Deleted,
}

/// A number an account holds.
#[derive(Debug, Clone)]
pub struct Number {
    /// Numeric, 19 digits.
    pub id: u64,
    /// E.164.
    pub phone_number: String,
    /// Where it stands.
    pub status: NumberStatus,
    /// ISO country.
    pub country: &'static str,
    /// `local`, `toll_free`, ….
    pub kind: &'static str,
    /// The order it came from; none if a person bought it in the portal.
    pub order_id: Option<String>,
    /// The application calls go to.
    pub connection_id: Option<String>,
    /// Free text.
    pub customer_reference: Option<String>,
    /// Labels.
    pub tags: Vec<String>,
    /// Messaging profile.
    pub messaging_profile_id: Option<String>,
    /// Billing group.
    pub billing_group_id: Option<String>,
    /// Other changeable properties.
    pub(super) rest: Map<String, Value>,
    /// Voice settings, as changed.
    pub(super) voice: Map<String, Value>,
    /// Whether it refuses deletion.
    pub deletion_locked: bool,
    /// DELETEs so far.
    pub(super) deletes: u32,
    pub(super) deleted_ms: Option<i64>,
    /// Creation.
    pub created_ms: i64,
    pub(super) updated_ms: i64,
    /// Not to be seen earlier.
    pub(super) visible_ms: i64,
}

impl Number {
    pub(super) fn view(&self, connection_name: Option<&str>) -> Value {
        let rest = |name: &str| self.rest.get(name).cloned();
        json!({
            "id": self.id.to_string(),
            "record_type": "phone_number",
            "phone_number": self.phone_number,
            "country_iso_alpha2": self.country,
            "status": self.status,
            "tags": self.tags,
            "connection_id": self.connection_id,
            "connection_name": connection_name,
            "customer_reference": self.customer_reference,
            "external_pin": rest("external_pin"),
            "messaging_profile_id": self.messaging_profile_id,
            "messaging_profile_name": null,
            "billing_group_id": self.billing_group_id,
            "emergency_enabled": false,
            "emergency_address_id": null,
            "emergency_status": "disabled",
            "call_forwarding_enabled": false,
            "cnam_listing_enabled": false,
            "caller_id_name_enabled": false,
            "call_recording_enabled": false,
            "t38_fax_gateway_enabled": false,
            "hd_voice_enabled": rest("hd_voice_enabled").unwrap_or(json!(false)),
            "phone_number_type": self.kind,
            "inbound_call_screening": "disabled",
            "source_type": "number_order",
            "purchased_at": stamp::millis(self.created_ms),
            "created_at": stamp::millis(self.created_ms),
            "updated_at": stamp::millis(self.updated_ms),
            "deletion_lock_enabled": self.deletion_locked,
        })
    }

    pub(super) fn truth(&self) -> Value {
        json!({
            "id": self.id.to_string(), "phone_number": self.phone_number, "status": self.status,
            "connection_id": self.connection_id, "tags": self.tags,
            "customer_reference": self.customer_reference, "order_id": self.order_id,
            "messaging_profile_id": self.messaging_profile_id, "created_at_ms": self.created_ms,
        })
    }
}

impl TelnyxSim {
    /// The number of an account by its numeric id, as far as it can be seen.
    pub(super) fn seen(&self, ask: &Ask<'_>, id: &str) -> Result<&Number, Response> {
        let number =
            id.parse().ok().and_then(|id: u64| self.accounts[ask.account].numbers.get(&id));
        number.filter(|number| self.is_seen(number, ask.now_ms)).ok_or_else(errors::not_found)
    }

    pub(super) fn is_seen(&self, number: &Number, now_ms: i64) -> bool {
        let gone = number
            .deleted_ms
            .is_some_and(|deleted_ms| now_ms >= deleted_ms + self.options.delete_lingers_ms);
        number.visible_ms <= now_ms && !gone
    }

    pub(super) fn number_view(&self, account: usize, number: &Number) -> Value {
        let application = number
            .connection_id
            .as_deref()
            .and_then(|id| id.parse::<u64>().ok())
            .and_then(|id| self.accounts[account].applications.get(&id));
        number.view(application.map(|one| one.name.as_str()))
    }

    pub(super) fn get_number(&self, ask: &Ask<'_>, id: &str) -> Result<Response, Response> {
        let view = self.number_view(ask.account, self.seen(ask, id)?);
        Ok(reply::json(200, &json!({ "data": view })))
    }

    /// Adds a number for a line of an order, unless it is there already.
    pub(super) fn add_number(
        &mut self,
        now_ms: i64,
        account: usize,
        order: &Order,
        line: &OrderLine,
        visible_ms: i64,
    ) {
        if matches!(self.holders.get(&line.phone_number), Some(Holder::Account(_, _))) {
            return;
        }
        let id = self.new_number(now_ms, account, &line.phone_number, visible_ms);
        let number = self.accounts[account].numbers.get_mut(id).expect("just inserted");
        number.status = if line.documents_missing {
            NumberStatus::RequirementInfoPending
        } else {
            NumberStatus::PurchasePending
        };
        number.order_id = Some(order.id.clone());
        number.connection_id.clone_from(&order.connection_id);
        number.customer_reference.clone_from(&order.customer_reference);
        number.messaging_profile_id.clone_from(&order.messaging_profile_id);
        number.billing_group_id.clone_from(&order.billing_group_id);
    }

    /// An active number with nothing set.
    pub(super) fn new_number(
        &mut self,
        now_ms: i64,
        account: usize,
        phone_number: &str,
        visible_ms: i64,
    ) -> u64 {
        let id = self.ids.numeric();
        let class = classify(phone_number).unwrap_or(Class { country: "US", kind: "local" });
        let number = Number {
            id,
            phone_number: phone_number.to_owned(),
            status: NumberStatus::Active,
            country: class.country,
            kind: class.kind,
            order_id: None,
            connection_id: None,
            customer_reference: None,
            tags: Vec::new(),
            messaging_profile_id: None,
            billing_group_id: None,
            rest: Map::new(),
            voice: Map::new(),
            deletion_locked: false,
            deletes: 0,
            deleted_ms: None,
            created_ms: now_ms,
            updated_ms: now_ms,
            visible_ms,
        };
        self.accounts[account].numbers.insert(number);
        self.holders.insert(phone_number.to_owned(), Holder::Account(account, id));
        id
    }

    pub(super) fn set_status(&mut self, account: usize, phone_number: &str, status: NumberStatus) {
        if let Some(Holder::Account(_, id)) = self.holders.get(phone_number)
            && let Some(number) = self.accounts[account].numbers.get_mut(*id)
        {
            number.status = status;
        }
    }

    pub(super) fn drop_number(&mut self, account: usize, phone_number: &str) {
        if let Some(Holder::Account(_, id)) = self.holders.get(phone_number) {
            self.accounts[account].numbers.remove(*id);
        }
    }
}
