//! Number orders as records and as answers.

use serde::Serialize;
use serde_json::{Value, json};

use crate::stamp;

/// Where an order or one of its lines stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Not decided.
    Pending,
    /// Bought.
    Success,
    /// Not bought, paid back.
    Failure,
}

/// One number of an order.
#[derive(Debug, Clone)]
pub struct OrderLine {
    /// UUID of the line; no phone number id.
    pub id: String,
    /// UUID of the sub-order.
    pub sub_order_id: String,
    /// E.164.
    pub phone_number: String,
    /// `local`, `toll_free`, ….
    pub kind: &'static str,
    /// ISO country.
    pub country: &'static str,
    /// Where the line stands.
    pub status: OrderStatus,
    /// Whether papers are still missing.
    pub documents_missing: bool,
    /// `approved`, `requirement-info-pending`, ….
    pub requirements_status: &'static str,
    /// What was charged for it.
    pub charged_cents: i64,
}

/// A number order.
#[derive(Debug, Clone)]
pub struct Order {
    /// UUID.
    pub id: String,
    /// Its numbers.
    pub lines: Vec<OrderLine>,
    /// The free text it was made with.
    pub customer_reference: Option<String>,
    /// The application its numbers get.
    pub connection_id: Option<String>,
    /// The messaging profile its numbers get.
    pub messaging_profile_id: Option<String>,
    /// The billing group its numbers get.
    pub billing_group_id: Option<String>,
    /// Whether it will end in failure.
    pub fails: bool,
    /// Creation.
    pub created_ms: i64,
    /// Last change.
    pub updated_ms: i64,
}

impl Order {
    /// Where the order stands: pending while a line is, failed if a line has.
    #[must_use]
    pub fn status(&self) -> OrderStatus {
        let any = |status| self.lines.iter().any(|line| line.status == status);
        if any(OrderStatus::Pending) {
            OrderStatus::Pending
        } else if any(OrderStatus::Failure) {
            OrderStatus::Failure
        } else {
            OrderStatus::Success
        }
    }

    /// What was charged for all its numbers.
    #[must_use]
    pub fn charged_cents(&self) -> i64 {
        self.lines.iter().map(|line| line.charged_cents).sum()
    }

    pub(super) fn view(&self) -> Value {
        let met = self.lines.iter().all(|line| !line.documents_missing);
        let lines: Vec<Value> = self.lines.iter().map(|line| self.line_view(line)).collect();
        let sub_orders: Vec<&str> =
            self.lines.iter().map(|line| line.sub_order_id.as_str()).collect();
        json!({
            "id": self.id,
            "record_type": "number_order",
            "status": self.status(),
            "customer_reference": self.customer_reference,
            "connection_id": self.connection_id,
            "messaging_profile_id": self.messaging_profile_id,
            "billing_group_id": self.billing_group_id,
            "phone_numbers_count": self.lines.len(),
            "requirements_met": met,
            "sub_number_orders_ids": sub_orders,
            "phone_numbers": lines,
            "created_at": stamp::micros(self.created_ms),
            "updated_at": stamp::micros(self.updated_ms),
        })
    }

    fn line_view(&self, line: &OrderLine) -> Value {
        let requirements = if line.documents_missing {
            json!([
                {
                    "record_type": "phone_number_regulatory_requirement",
                    "requirement_id": "8ffb3622-7c6b-4ccc-b65f-7a3dc0099576",
                    "field_type": "address",
                },
            ])
        } else {
            json!([])
        };
        json!({
            "id": line.id,
            "record_type": "number_order_phone_number",
            "phone_number": line.phone_number,
            "order_request_id": self.id,
            "sub_number_order_id": line.sub_order_id,
            "country_code": line.country,
            "phone_number_type": line.kind,
            "status": line.status,
            "requirements_met": !line.documents_missing,
            "requirements_status": line.requirements_status,
            "regulatory_requirements": requirements,
            "bundle_id": null,
            "is_block_number": false,
        })
    }

    pub(super) fn truth(&self) -> Value {
        let numbers: Vec<&str> = self.lines.iter().map(|line| line.phone_number.as_str()).collect();
        json!({
            "id": self.id, "status": self.status(), "phone_numbers": numbers,
            "customer_reference": self.customer_reference, "connection_id": self.connection_id,
            "charged_cents": self.charged_cents(), "created_at_ms": self.created_ms,
            "documents_missing": self.lines.iter().any(|line| line.documents_missing),
        })
    }
}
