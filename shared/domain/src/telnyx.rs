//! What Telnyx tells us, in our words. Source: Telnyx's interface description.

use crate::ids::{ConnectionId, Stamp, TelnyxNumberId, TelnyxOrderId};
use crate::phone::E164;
use crate::request::Wanted;
use serde::{Deserialize, Serialize};

/// What to search for at Telnyx (`GET /available_phone_numbers`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Country, area code, type.
    pub wanted: Wanted,
    /// Digits the number must contain, for the search a person makes.
    pub contains: Option<String>,
    /// Only this very number.
    pub exactly: Option<E164>,
    /// How many to return.
    pub limit: u8,
}

/// An order of exactly one number (`POST /number_orders`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderSpec {
    /// The stamp, put into `customer_reference`.
    pub stamp: Stamp,
    /// The number, as a search offered it.
    pub digits: E164,
    /// The Voice API application to route it to from the start.
    pub connection: Option<ConnectionId>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderStatus {
    /// Not settled yet.
    Pending,
    /// Not settled, and documents are asked for.
    DocumentsRequired,
    /// Bought.
    Success,
    /// Not bought, finally.
    Failure,
    /// A status we do not know; never taken as success or failure.
    Unknown,
}

/// A number order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Telnyx's order id.
    pub id: TelnyxOrderId,
    /// Where it stands, the line's word before the order's.
    pub status: OrderStatus,
    /// The `customer_reference`: our stamp.
    pub reference: Option<String>,
    /// The numbers ordered.
    pub digits: Vec<E164>,
}

/// Why Telnyx does not take an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRefusal {
    /// 400/10015, 409/85001: no longer to be had, or already ours. Look before blaming others.
    Taken,
    /// 402, or words about balance, funds or payment.
    NoBalance,
    /// 422, or words about documents, requirements or regulation.
    DocumentsRequired,
}

/// Why a search gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchRefusal {
    /// An empty list, or 400/10031.
    NoStock,
}

/// The carrier's word on an owned number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnedStatus {
    /// In service.
    Active,
    /// On its way: purchase, port, provisioning or documents pending.
    Pending,
    /// Gone or going: deleted, failed, ported out.
    Gone,
    /// A status we do not know; never taken as active.
    Unknown,
}

/// A number Telnyx holds for the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedNumber {
    /// Telnyx's number id.
    pub id: TelnyxNumberId,
    /// The number.
    pub digits: E164,
    /// Its status.
    pub status: OwnedStatus,
    /// What it is routed to.
    pub connection: Option<ConnectionId>,
    /// The `customer_reference`: our stamp.
    pub reference: Option<String>,
}

/// Why Telnyx does not delete a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteNumberRefusal {
    /// 422: `deletion_lock_enabled`; an operator must lift it.
    Locked,
}

/// A Voice API application, or any other connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// Its id, the target of `connection_id`.
    pub id: ConnectionId,
    /// Whether it takes calls.
    pub active: bool,
    /// Whether its webhook is VAPI's `…/telnyx/inbound_call`.
    pub calls_vapi: bool,
}

impl Application {
    /// Whether a call routed here reaches VAPI.
    #[must_use]
    pub const fn answers(&self) -> bool {
        self.active && self.calls_vapi
    }
}
