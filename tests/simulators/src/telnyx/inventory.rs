//! The numbers for sale: the same seed always has the same stock.

use super::{Holder, TelnyxSim};
use crate::numbering::{Walk, calling_code};

impl TelnyxSim {
    /// The numbers of an area that are for sale to an account.
    pub(super) fn for_sale(
        &self,
        country: &str,
        area: &str,
        account: usize,
    ) -> impl Iterator<Item = String> {
        let code = calling_code(country);
        let stock = self.options.stock_by_area.get(area).copied().unwrap_or(self.options.stock);
        let walk = Walk::new(self.seed, code.unwrap_or(""), area);
        let stock = if code.is_some() { stock } else { 0 };
        (0..u64::from(stock))
            .map(move |place| walk.forward(place))
            .filter(|number| !self.holders.contains_key(number))
            .filter(move |number| !self.is_held_by_other(number, account))
    }

    /// Sells a number to somebody outside, as it happens between search and order.
    pub fn sell_elsewhere(&mut self, number: &str) -> bool {
        if self.holders.contains_key(number) {
            return false;
        }
        self.holders.insert(number.to_owned(), Holder::Elsewhere);
        true
    }
}
