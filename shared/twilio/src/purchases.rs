//! Buying a number, and finding it again.

use crate::TwilioClient;
use crate::complaint::buy;
use crate::wire::{self, OwnedWire};
use domain::ids::Stamp;
use domain::outcome::{NoReason, Outcome};
use domain::phone::E164;
use domain::twilio::{BuyRefusal, BuySpec, OwnedNumber};
use exchange::Call;
use exchange::Exchange;
use planted::planted;

impl<E: Exchange> TwilioClient<E> {
    /// Buys a number by its digits (`POST …/IncomingPhoneNumbers.json`): this spends money, and is
    /// sent exactly once. `FriendlyName` is the stamp; URLs are left to the import.
    ///
    /// Digits that the account owns already are answered with 201 too: nothing is charged, but the
    /// name (and every URL sent) is overwritten. So the caller looks first ([`Self::find_owned`]),
    /// and a number that is there without this stamp is not ours to take. For the same reason a
    /// repeat cannot buy a second number, which a purchase by `AreaCode` would do each time; there
    /// is none here.
    ///
    /// `Unknown` must be resolved by [`Self::find_bought`] and [`Self::find_owned`]: no header
    /// protects against a second purchase. An answer about other digits counts as no answer.
    pub async fn buy(&self, spec: &BuySpec) -> Outcome<OwnedNumber, BuyRefusal> {
        let path = self.path("/IncomingPhoneNumbers.json");
        let name = if planted!(PurchaseNotStamped) { "number" } else { spec.stamp.as_str() };
        let fields = [("PhoneNumber", spec.digits.reveal()), ("FriendlyName", name)];
        let decode = |wire| {
            let number = wire::owned(wire, &self.settings.credentials.account);
            number.filter(|number| number.digits == spec.digits)
        };
        self.send(Call::form(path, fields), decode, buy).await
    }

    /// Looks for the number that was bought with this stamp: one attempt may have tried others
    /// before, which were sold to somebody else meanwhile.
    ///
    /// The filter is Twilio's; equality of name and digits is decided here. An item with our name
    /// that cannot be read must not count as absent.
    pub async fn find_bought(
        &self,
        stamp: &Stamp,
        digits: &E164,
    ) -> Outcome<Option<OwnedNumber>, NoReason> {
        let filter = ("FriendlyName", stamp.as_str());
        let account = &self.settings.credentials.account;
        let item = |wire: OwnedWire| match wire.friendly_name.as_deref() {
            Some(name) if name == stamp.as_str() => wire::owned(wire, account).map(Some),
            Some(_) => Some(None),
            None => None,
        };
        self.numbers(Some(filter), item).await.map(|numbers| {
            let same = numbers.into_iter().filter(|number| number.digits == *digits);
            same.min_by(|one, other| one.sid.cmp(&other.sid))
        })
    }
}

#[cfg(test)]
mod tests;
