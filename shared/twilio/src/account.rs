//! The account itself: its status, and what it can still spend.

use crate::TwilioClient;
use crate::complaint::missing;
use crate::wire::{AccountWire, BalanceWire};
use domain::money::Cents;
use domain::outcome::{Missing, Outcome, Refusal};
use domain::twilio::{Account, AccountStatus};
use exchange::Call;
use exchange::{Exchange, reading};

impl<E: Exchange> TwilioClient<E> {
    /// Reads the account (`GET …/Accounts/{sid}.json`): `Done` shows that the credentials open the
    /// account they name, and its status.
    ///
    /// Only the auth token and main API keys may do so: a standard or restricted key is refused
    /// here ([`Refusal::Key`]) though it may manage numbers. With those, a list of numbers that can
    /// be read is the proof, since its path names the account.
    pub async fn read_account(&self) -> Outcome<Account, Missing> {
        let asked = &self.settings.credentials.account;
        let decode = |wire: AccountWire| {
            let account =
                Account { sid: wire.sid?.parse().ok()?, status: status(wire.status.as_deref()) };
            (account.sid == *asked).then_some(account)
        };
        self.send(Call::get(self.path(".json")), decode, missing).await
    }

    /// What can be spent (`GET …/Balance.json`). It may be below zero. A subaccount has no balance
    /// of its own: [`Missing::NotFound`].
    pub async fn balance(&self) -> Outcome<Cents, Missing> {
        let decode = |wire: BalanceWire| {
            let Some(text) = wire.balance else { return Some(Told::Nothing) };
            let is_dollars = wire.currency.as_deref().is_none_or(|name| name == "USD");
            if is_dollars { signed(&text).map(Told::Dollars) } else { Some(Told::OtherMoney) }
        };
        let call = Call::get(self.path("/Balance.json"));
        match reading::done(self.send(call, decode, missing).await) {
            Ok(Told::Dollars(cents)) => Outcome::Done(cents),
            Ok(Told::Nothing) => Outcome::Refused(Refusal::Because(Missing::NotFound)),
            Ok(Told::OtherMoney) => {
                let text = "the account's balance is not in US dollars";
                Outcome::Refused(Refusal::Request(text.to_owned()))
            }
            Err(end) => end,
        }
    }
}

/// What a balance says.
enum Told {
    Dollars(Cents),
    OtherMoney,
    Nothing,
}

fn status(text: Option<&str>) -> AccountStatus {
    match text {
        Some("active") => AccountStatus::Active,
        Some("suspended") => AccountStatus::Suspended,
        Some("closed") => AccountStatus::Closed,
        Some(_) | None => AccountStatus::Unknown,
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
