//! What people and other carriers do at Telnyx, past the API.

use super::account::Account;
use super::numbers::{Number, NumberStatus};
use super::order::OrderStatus;
use super::{Holder, TelnyxSim};
use crate::ids::is_e164;
use crate::numbering::classify;

impl TelnyxSim {
    /// Buys a number as a person in the portal does: active at once, no order, no reference.
    /// Gives the number's id.
    pub fn buy_outside(
        &mut self,
        now_ms: i64,
        key: &str,
        number: &str,
        connection_id: Option<&str>,
    ) -> Option<u64> {
        let account = self.account_place(key)?;
        let class = classify(number)?;
        if self.holders.contains_key(number) || !is_e164(number) {
            return None;
        }
        let price = self.options.price(class.kind);
        self.charge(account, price.upfront_cents + price.monthly_cents);
        let id = self.new_number(now_ms, account, number, now_ms);
        let bought = self.accounts[account].numbers.get_mut(id)?;
        bought.connection_id = connection_id.map(str::to_owned);
        Some(id)
    }

    /// Sets a number's status: ported out, taken back, ….
    pub fn set_number_status(&mut self, number: &str, status: NumberStatus) -> bool {
        self.held_mut(number).is_some_and(|held| {
            held.status = status;
            true
        })
    }

    /// Sets or lifts the lock against deletion.
    pub fn set_deletion_lock(&mut self, number: &str, locked: bool) -> bool {
        self.held_mut(number).is_some_and(|held| {
            held.deletion_locked = locked;
            true
        })
    }

    /// Points a number at another application, or none, as a person in the portal does.
    pub fn route_outside(&mut self, number: &str, connection_id: Option<&str>) -> bool {
        self.held_mut(number).is_some_and(|held| {
            held.connection_id = connection_id.map(str::to_owned);
            true
        })
    }

    /// Switches an application on or off.
    pub fn set_application_active(&mut self, id: u64, active: bool) -> bool {
        let mut all = self.accounts.iter_mut();
        all.find_map(|account| account.applications.get_mut(&id)).is_some_and(|application| {
            application.active = active;
            true
        })
    }

    /// The authorities decide about the documents of an order.
    pub fn decide_documents(&mut self, now_ms: i64, order_id: &str, approved: bool) -> bool {
        self.tick(now_ms);
        let mut accounts = self.accounts.iter_mut().enumerate();
        let found = accounts.find_map(|(place, account)| {
            account.orders.get_mut(order_id).map(|order| (place, order))
        });
        let Some((account, order)) = found else {
            return false;
        };
        let end = if approved {
            for line in &mut order.lines {
                line.documents_missing = false;
                line.requirements_status = "approved";
            }
            OrderStatus::Success
        } else {
            OrderStatus::Failure
        };
        self.end_lines(now_ms, account, order_id, end);
        true
    }

    /// Who holds a number, and the number.
    #[must_use]
    pub fn holding(&self, number: &str) -> Option<(&Account, &Number)> {
        match self.holders.get(number) {
            Some(Holder::Account(account, id)) => {
                let account = &self.accounts[*account];
                account.numbers.get(id).map(|held| (account, held))
            }
            Some(Holder::Ordered(_) | Holder::Elsewhere) | None => None,
        }
    }

    fn held_mut(&mut self, number: &str) -> Option<&mut Number> {
        match self.holders.get(number) {
            Some(Holder::Account(account, id)) => self.accounts[*account].numbers.get_mut(*id),
            Some(Holder::Ordered(_) | Holder::Elsewhere) | None => None,
        }
    }
}
