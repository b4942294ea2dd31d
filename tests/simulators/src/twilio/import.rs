//! What VAPI does to a number while it imports it, with the credentials it was given.

use super::TwilioSim;
use super::account::AccountStatus;
use super::numbers::By;
use super::settings::Changes;
use crate::route::{VAPI_TWILIO_SMS_URL, VAPI_TWILIO_STATUS_URL, VAPI_TWILIO_URL};
use crate::vapi::{TwilioAccess, TwilioImport};

impl TwilioSim {
    /// Points a number of the account at VAPI. The error is the status Twilio answered. Trunk
    /// and voice application stay as they are: no document says that VAPI takes them away.
    pub(crate) fn point_at_vapi(
        &mut self,
        now_ms: i64,
        access: &TwilioAccess,
        number: &str,
        import: TwilioImport,
    ) -> Result<(), u16> {
        let (user, password) = access.credentials();
        let (speaker, _) = self.authenticate(user, password).ok_or(401_u16)?;
        let account = self.reach(speaker, &access.account_sid).ok_or(401_u16)?;
        if self.accounts[account].status != AccountStatus::Active {
            return Err(403);
        }
        let newest_ms = now_ms - self.options.list_lag_ms;
        let held = self.held_by(now_ms, number).filter(|(holder, _)| *holder == account);
        let (_, serial) = held.ok_or(404_u16)?;
        let found = self.accounts[account].numbers.get_mut(&serial);
        let found = found.filter(|found| found.created_ms <= newest_ms).ok_or(404_u16)?;
        let mut changes = Changes::default();
        if !(import.keep_former && found.settings.get("voice_url").is_some()) {
            changes.set("voice_url", VAPI_TWILIO_URL);
            changes.set("voice_method", "POST");
        }
        if import.status_callback {
            changes.set("status_callback", VAPI_TWILIO_STATUS_URL);
            changes.set("status_callback_method", "POST");
        }
        if import.sms {
            changes.set("sms_url", VAPI_TWILIO_SMS_URL);
            changes.set("sms_method", "POST");
        }
        found.change(now_ms, By::Vapi, &changes);
        Ok(())
    }
}
