//! Telnyx's answers, read tolerantly: unknown fields and values are fine, `null` is the same as
//! absent. Ids are texts, never numbers: those of owned numbers pass 2^53.

use domain::money::Cents;
use domain::offer::Offer;
use domain::phone::E164;
use domain::request::NumberType;
use domain::telnyx::{Order, OrderStatus, OwnedNumber, OwnedStatus};
use exchange::json::{lenient, text};
use serde::Deserialize;

/// `{"data":…}`, as every single object comes.
#[derive(Deserialize)]
pub(crate) struct One<T> {
    pub(crate) data: T,
}

/// `{"data":[…],"meta":{…}}`, as every list comes.
#[derive(Deserialize)]
pub(crate) struct Many<T> {
    pub(crate) data: Vec<T>,
    #[serde(default = "Option::default", deserialize_with = "lenient")]
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct Meta {
    #[serde(default, deserialize_with = "lenient")]
    total_pages: Option<u32>,
}

impl<T> Many<T> {
    /// Whether a page follows `page`. Without `total_pages`, all are read until one is empty: a
    /// short page could be Telnyx's own smaller limit.
    pub(crate) fn has_next(&self, page: u32) -> bool {
        let total = self.meta.as_ref().and_then(|meta| meta.total_pages);
        total.map_or(!self.data.is_empty(), |total| page < total)
    }
}

/// A number for sale.
#[derive(Deserialize)]
pub(crate) struct OfferWire {
    #[serde(default, deserialize_with = "text")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    phone_number_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    cost_information: Option<CostWire>,
    #[serde(default, deserialize_with = "lenient")]
    region_information: Option<Vec<RegionWire>>,
    #[serde(default, deserialize_with = "lenient")]
    features: Option<Vec<FeatureWire>>,
}

#[derive(Deserialize)]
struct CostWire {
    #[serde(default, deserialize_with = "text")]
    upfront_cost: Option<String>,
    #[serde(default, deserialize_with = "text")]
    monthly_cost: Option<String>,
    #[serde(default, deserialize_with = "text")]
    currency: Option<String>,
}

#[derive(Deserialize)]
struct RegionWire {
    #[serde(default, deserialize_with = "text")]
    region_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    region_name: Option<String>,
}

#[derive(Deserialize)]
struct FeatureWire {
    #[serde(default, deserialize_with = "text")]
    name: Option<String>,
}

/// The offer in our words; `None` for one that cannot be ordered or takes no calls.
pub(crate) fn offer(wire: OfferWire, wanted: NumberType) -> Option<Offer> {
    let digits: E164 = wire.phone_number?.parse().ok()?;
    let takes_calls = wire.features.is_none_or(|features| {
        features.is_empty() || features.iter().any(|one| one.name.as_deref() == Some("voice"))
    });
    let number_type = match wire.phone_number_type.as_deref() {
        Some("toll_free" | "tollfree") => NumberType::TollFree,
        Some(_) => NumberType::Local,
        None if digits.is_toll_free() => NumberType::TollFree,
        None => wanted,
    };
    let regions = wire.region_information.unwrap_or_default();
    let region = |kind: &str| {
        let found = regions.iter().find(|region| region.region_type.as_deref() == Some(kind));
        found.and_then(|region| region.region_name.clone())
    };
    let cost = wire.cost_information.filter(|cost| cost.currency.as_deref() == Some("USD"));
    let price = |text: Option<&String>| text.and_then(|text| Cents::from_dollars(text).ok());
    takes_calls.then(|| Offer {
        number_type,
        upfront: price(cost.as_ref().and_then(|cost| cost.upfront_cost.as_ref())),
        monthly: price(cost.as_ref().and_then(|cost| cost.monthly_cost.as_ref())),
        locality: region("location").or_else(|| region("rate_center")),
        region: region("state"),
        digits,
    })
}

/// A number order.
#[derive(Deserialize)]
pub(crate) struct OrderWire {
    #[serde(default, deserialize_with = "text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) customer_reference: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    requirements_met: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    phone_numbers: Option<Vec<LineWire>>,
}

#[derive(Deserialize)]
struct LineWire {
    #[serde(default, deserialize_with = "text")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    requirements_met: Option<bool>,
}

/// The order in our words; `None` when it has no id that can be used.
pub(crate) fn order(wire: OrderWire) -> Option<Order> {
    let status = order_status(&wire);
    let lines = wire.phone_numbers.unwrap_or_default();
    Some(Order {
        id: wire.id?.parse().ok()?,
        status,
        reference: wire.customer_reference,
        digits: lines.into_iter().filter_map(|line| line.phone_number?.parse().ok()).collect(),
    })
}

/// The line's word before the order's. We order one number at a time: lines that differ belong to
/// an order that is not ours, and say nothing.
fn order_status(wire: &OrderWire) -> OrderStatus {
    let lines = wire.phone_numbers.as_deref().unwrap_or_default();
    let mut said = lines.iter().filter_map(|line| line.status.as_deref());
    let status = said.next().or(wire.status.as_deref());
    if said.any(|other| Some(other) != status) {
        return OrderStatus::Unknown;
    }
    let unmet = wire.requirements_met == Some(false)
        || lines.iter().any(|line| line.requirements_met == Some(false));
    match status {
        Some("pending") if unmet => OrderStatus::DocumentsRequired,
        Some("pending") => OrderStatus::Pending,
        Some("success") => OrderStatus::Success,
        Some("failure") => OrderStatus::Failure,
        Some(_) | None => OrderStatus::Unknown,
    }
}

/// A number of the account.
#[derive(Deserialize)]
pub(crate) struct OwnedWire {
    #[serde(default, deserialize_with = "text")]
    id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    connection_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    customer_reference: Option<String>,
}

/// The number in our words; `None` when id or digits cannot be used.
pub(crate) fn owned(wire: OwnedWire) -> Option<OwnedNumber> {
    Some(OwnedNumber {
        id: wire.id?.parse().ok()?,
        digits: wire.phone_number?.parse().ok()?,
        status: owned_status(wire.status.as_deref()),
        connection: wire.connection_id.and_then(|id| id.parse().ok()),
        reference: wire.customer_reference,
    })
}

/// The published statuses. `emergency-only` is none in which a phone rings, and so left unknown.
fn owned_status(text: Option<&str>) -> OwnedStatus {
    match text {
        Some("active") => OwnedStatus::Active,
        Some(
            "purchase-pending"
            | "port-pending"
            | "provision-pending"
            | "requirement-info-pending"
            | "requirement-info-under-review"
            | "requirement-info-exception",
        ) => OwnedStatus::Pending,
        Some("deleted" | "purchase-failed" | "port-failed" | "ported-out" | "port-out-pending") => {
            OwnedStatus::Gone
        }
        Some(_) | None => OwnedStatus::Unknown,
    }
}

/// A Voice API application.
#[derive(Deserialize)]
pub(crate) struct ApplicationWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) id: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) active: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) webhook_event_url: Option<String>,
}

/// `GET /balance`.
#[derive(Deserialize)]
pub(crate) struct BalanceWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) balance: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) available_credit: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) currency: Option<String>,
}

#[cfg(test)]
mod tests;
