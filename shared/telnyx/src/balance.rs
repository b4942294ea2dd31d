//! What the account can still spend.

use crate::wire::{BalanceWire, One};
use crate::{TelnyxClient, no_reason};
use domain::money::Cents;
use domain::outcome::{NoReason, Outcome, Refusal};
use exchange::Call;
use exchange::{Exchange, reading};

impl<E: Exchange> TelnyxClient<E> {
    /// What can be spent (`GET /balance`): `available_credit`, which is the balance and the credit
    /// limit together, or the balance alone where it is absent. It may be below zero.
    pub async fn balance(&self) -> Outcome<Cents, NoReason> {
        let decode = |wire: One<BalanceWire>| {
            let is_dollars = wire.data.currency.as_deref().is_none_or(|name| name == "USD");
            let text = wire.data.available_credit.or(wire.data.balance)?;
            let cents = signed(&text)?;
            Some(is_dollars.then_some(cents))
        };
        match reading::done(self.send(Call::get("/balance"), decode, no_reason).await) {
            Ok(Some(cents)) => Outcome::Done(cents),
            Ok(None) => {
                let text = "the account's balance is not in US dollars";
                Outcome::Refused(Refusal::Request(text.to_owned()))
            }
            Err(end) => end,
        }
    }
}

/// A decimal text that may be negative.
fn signed(text: &str) -> Option<Cents> {
    match text.strip_prefix('-') {
        Some(owed) => Cents::from_dollars(owed).ok().map(|owed| Cents::ZERO.minus(owed)),
        None => Cents::from_dollars(text).ok(),
    }
}

#[cfg(test)]
mod tests;
