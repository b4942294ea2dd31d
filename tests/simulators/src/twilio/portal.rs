//! What people and other carriers do at Twilio, past the API.

use super::account::Account;
use super::numbers::{By, Number};
use super::settings::{Changes, DEMO_SMS_URL, DEMO_VOICE_URL};
use super::{Holder, TwilioSim};
use crate::ids::is_e164;
use crate::numbering::classify;

impl TwilioSim {
    /// Buys a number as a person in the console does: with Twilio's demo URLs, unless the
    /// settings say otherwise. Settings have the names that answers use (`voice_url`,
    /// `trunk_sid`, `friendly_name`, …); an empty value means none. Gives the number's id.
    pub fn buy_outside(
        &mut self,
        now_ms: i64,
        account_sid: &str,
        number: &str,
        settings: &[(&str, &str)],
    ) -> Option<String> {
        let account = self.accounts.iter().position(|account| account.sid == account_sid)?;
        classify(number)?;
        if self.holder(now_ms, number).is_some() || !is_e164(number) {
            return None;
        }
        let mut changes = Changes::by_name(settings.iter().copied()).ok()?;
        changes.or_set("voice_url", DEMO_VOICE_URL);
        changes.or_set("sms_url", DEMO_SMS_URL);
        let serial = self.new_number(now_ms, account, number, By::Person, &changes);
        self.accounts[account].numbers.get(&serial).map(|number| number.sid.clone())
    }

    /// Changes a number's settings as a person in the console does. Names and values as in
    /// [`TwilioSim::buy_outside`].
    ///
    /// # Errors
    ///
    /// The name of a setting that is none, or whose value does not fit; or `number`.
    pub fn change_outside<'a>(
        &mut self,
        now_ms: i64,
        number: &str,
        settings: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), String> {
        let changes = Changes::by_name(settings)?;
        let (account, serial) = self.held_by(now_ms, number).ok_or_else(|| "number".to_owned())?;
        if let Some(held) = self.accounts[account].numbers.get_mut(&serial) {
            held.change(now_ms, By::Person, &changes);
        }
        Ok(())
    }

    /// Gives a number back as a person in the console does.
    pub fn release_outside(&mut self, now_ms: i64, number: &str) -> bool {
        self.held_by(now_ms, number).is_some_and(|(account, serial)| {
            self.release(now_ms, account, serial);
            true
        })
    }

    /// Takes a number away for good: another carrier has it now.
    pub fn port_out(&mut self, now_ms: i64, number: &str) -> bool {
        self.release_outside(now_ms, number)
            && self.holders.insert(number.to_owned(), Holder::Elsewhere).is_some()
    }

    /// Sells a number to somebody outside, as it happens between search and purchase.
    pub fn sell_elsewhere(&mut self, now_ms: i64, number: &str) -> bool {
        if self.holder(now_ms, number).is_some() {
            return false;
        }
        self.holders.insert(number.to_owned(), Holder::Elsewhere);
        true
    }

    /// Who holds a number, and the number.
    #[must_use]
    pub fn holding(&self, number: &str) -> Option<(&Account, &Number)> {
        match self.holders.get(number) {
            Some(Holder::Account { account, serial }) => {
                let account = &self.accounts[*account];
                account.numbers.get(serial).map(|held| (account, held))
            }
            Some(Holder::Elsewhere | Holder::Resting { .. }) | None => None,
        }
    }

    pub(super) fn held_by(&self, now_ms: i64, number: &str) -> Option<(usize, u64)> {
        match self.holder(now_ms, number) {
            Some(Holder::Account { account, serial }) => Some((account, serial)),
            Some(Holder::Elsewhere | Holder::Resting { .. }) | None => None,
        }
    }
}
