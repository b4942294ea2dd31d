//! The numbers of the account: found, read, routed, deleted.

use crate::TelnyxClient;
use crate::complaint::{locked, missing};
use crate::no_reason;
use crate::wire::{self, Many, One, OwnedWire};
use domain::ids::{ConnectionId, TelnyxNumberId};
use domain::outcome::{Missing, NoReason, Outcome};
use domain::phone::E164;
use domain::telnyx::{DeleteNumberRefusal, OwnedNumber, OwnedStatus};
use exchange::Call;
use exchange::Exchange;
use serde_json::json;

/// Numbers on a page of the whole list.
const LIST_SIZE: u16 = 100;

/// A page of the account's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedPage {
    /// The numbers.
    pub numbers: Vec<OwnedNumber>,
    /// The page after this one, if there is one.
    pub next: Option<u32>,
}

impl<E: Exchange> TelnyxClient<E> {
    /// Looks for a number of the account. The inventory lags behind orders.
    ///
    /// The filter takes digits only and matches parts; equality is decided here. Should a number
    /// be listed twice, once deleted and once bought anew, the live one is taken.
    pub async fn find_owned(&self, digits: &E164) -> Outcome<Option<OwnedNumber>, NoReason> {
        let filter = ("filter[phone_number]", digits.digits());
        let item = |wire: OwnedWire| {
            let is_same = wire.phone_number.as_deref() == Some(digits.reveal());
            if is_same { wire::owned(wire).map(Some) } else { Some(None) }
        };
        self.all("/phone_numbers", Some(filter), item).await.map(|numbers| {
            let same = numbers.into_iter().flatten();
            same.min_by_key(|number| (rank(number.status), number.id.clone()))
        })
    }

    /// One page of the account's numbers; the first page is 1.
    pub async fn list_owned(&self, page: u32) -> Outcome<OwnedPage, NoReason> {
        let call = Call::get("/phone_numbers")
            .query("page[number]", page)
            .query("page[size]", LIST_SIZE)
            .query("sort", "purchased_at");
        let decode = |wire: Many<OwnedWire>| {
            let next = wire.has_next(page).then(|| page.saturating_add(1));
            // One that cannot be read is one that the list did not show.
            let numbers = wire.data.into_iter().filter_map(wire::owned).collect();
            Some(OwnedPage { numbers, next })
        };
        self.send(call, decode, no_reason).await
    }

    /// Reads a number (`GET /phone_numbers/{id}`); ids of orders and of order lines do not work.
    pub async fn read_owned(&self, id: &TelnyxNumberId) -> Outcome<OwnedNumber, Missing> {
        self.send(Call::get(format!("/phone_numbers/{id}")), one, missing).await
    }

    /// Routes a number to an application (`PATCH /phone_numbers/{id}`); `…/voice` has no
    /// `connection_id` in its contract.
    pub async fn route(
        &self,
        id: &TelnyxNumberId,
        connection: &ConnectionId,
    ) -> Outcome<OwnedNumber, Missing> {
        let body = json!({ "connection_id": connection.as_str() });
        self.send(Call::patch(format!("/phone_numbers/{id}"), &body), one, missing).await
    }

    /// Gives a number back (`DELETE /phone_numbers/{id}`); one that is gone counts as given back.
    ///
    /// Telnyx may need a moment, and the call may have to be repeated until a read finds nothing.
    pub async fn delete_number(&self, id: &TelnyxNumberId) -> Outcome<(), DeleteNumberRefusal> {
        self.remove(format!("/phone_numbers/{id}"), locked).await
    }
}

fn one(wire: One<OwnedWire>) -> Option<OwnedNumber> {
    wire::owned(wire.data)
}

const fn rank(status: OwnedStatus) -> u8 {
    match status {
        OwnedStatus::Active => 0,
        OwnedStatus::Pending => 1,
        OwnedStatus::Unknown => 2,
        OwnedStatus::Gone => 3,
    }
}

#[cfg(test)]
mod tests;
