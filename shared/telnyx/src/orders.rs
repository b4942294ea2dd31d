//! Number orders: a purchase, and how to find it again.

use crate::TelnyxClient;
use crate::complaint::{missing, order};
use crate::wire::{self, One, OrderWire};
use domain::ids::{Stamp, TelnyxOrderId};
use domain::outcome::{Missing, NoReason, Outcome};
use domain::phone::E164;
use domain::telnyx::{Order, OrderRefusal, OrderSpec, OrderStatus};
use exchange::Call;
use exchange::Exchange;
use serde::Serialize;

/// The body of an order: exactly one number, so that an order can only succeed or fail as a whole.
#[derive(Serialize)]
struct OrderBody<'a> {
    phone_numbers: [OrderedNumber<'a>; 1],
    customer_reference: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    messaging_profile_id: Option<&'a str>,
}

#[derive(Serialize)]
struct OrderedNumber<'a> {
    phone_number: &'a str,
}

impl<E: Exchange> TelnyxClient<E> {
    /// Orders a number (`POST /number_orders`): this spends money, and is sent exactly once.
    ///
    /// `customer_reference` is not unique at Telnyx, and no header protects against a second
    /// purchase. `Unknown` must be resolved by [`Self::find_order`] and [`Self::find_owned`].
    pub async fn place_order(&self, spec: &OrderSpec) -> Outcome<Order, OrderRefusal> {
        let body = OrderBody {
            phone_numbers: [OrderedNumber { phone_number: spec.digits.reveal() }],
            customer_reference: spec.stamp.as_str(),
            connection_id: spec.connection.as_ref().map(|id| id.as_str()),
            messaging_profile_id: self.settings.messaging_profile_id.as_deref(),
        };
        self.send(Call::post("/number_orders", &body), one, order).await
    }

    /// Reads an order (`GET /number_orders/{id}`). Straight after the purchase it may be missing.
    pub async fn read_order(&self, id: &TelnyxOrderId) -> Outcome<Order, Missing> {
        self.send(Call::get(format!("/number_orders/{id}")), one, missing).await
    }

    /// Looks for the order of this number with this stamp as its `customer_reference`: one attempt
    /// may have ordered others before, which were sold to somebody else meanwhile.
    ///
    /// Of several, the one that has most likely brought a number: bought before pending before
    /// unreadable before failed, then by id.
    pub async fn find_order(
        &self,
        stamp: &Stamp,
        digits: &E164,
    ) -> Outcome<Option<Order>, NoReason> {
        let filter = ("filter[customer_reference]", stamp.as_str());
        // The filter is a search on Telnyx's side; equality is decided here.
        let item = |wire: OrderWire| {
            let is_ours = wire.customer_reference.as_deref() == Some(stamp.as_str());
            if is_ours { wire::order(wire).map(Some) } else { Some(None) }
        };
        self.all("/number_orders", Some(filter), item).await.map(|orders| {
            let ours = orders.into_iter().flatten();
            // An order of ours whose lines cannot be read must not count as no order.
            let ours = ours.filter(|order| {
                let unreadable = order.digits.is_empty() && order.status != OrderStatus::Failure;
                unreadable || order.digits.contains(digits)
            });
            ours.min_by_key(|order| (rank(order.status), order.id.clone()))
        })
    }
}

fn one(wire: One<OrderWire>) -> Option<Order> {
    wire::order(wire.data)
}

const fn rank(status: OrderStatus) -> u8 {
    match status {
        OrderStatus::Success => 0,
        OrderStatus::Pending => 1,
        OrderStatus::DocumentsRequired => 2,
        OrderStatus::Unknown => 3,
        OrderStatus::Failure => 4,
    }
}

#[cfg(test)]
mod tests;
