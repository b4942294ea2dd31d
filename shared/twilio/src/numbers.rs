//! The numbers of the account: listed, found, read, changed, released.

use crate::complaint::missing;
use crate::wire::{self, OwnedWire};
use crate::{TwilioClient, no_reason};
use domain::ids::TwilioNumberSid;
use domain::outcome::{Missing, NoReason, Outcome};
use domain::phone::E164;
use domain::twilio::{
    FormerSettings, Hook, HookMethod, OwnedNumber, OwnersText, SettingsChange, SmsRouting,
    VoiceRouting,
};
use exchange::Call;
use exchange::Exchange;

/// Numbers on a page that is read alone.
const LIST_SIZE: u16 = 100;

/// A page of the account's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedPage {
    /// The numbers.
    pub numbers: Vec<OwnedNumber>,
    /// What leads to the page after this one, if there is one.
    pub next: Option<String>,
}

/// A field of an update, with its value; an empty one clears.
type FormField<'a> = (&'static str, &'a str);

impl<E: Exchange> TwilioClient<E> {
    /// All numbers of the account. A number that cannot be read makes the whole list `Transient`.
    pub async fn list_owned(&self) -> Outcome<Vec<OwnedNumber>, NoReason> {
        let account = &self.settings.credentials.account;
        self.numbers(None, |wire| wire::owned(wire, account).map(Some)).await
    }

    /// One page of the account's numbers: the first, or the one that a page before leads to.
    pub async fn list_page(&self, link: Option<&str>) -> Outcome<OwnedPage, NoReason> {
        let account = &self.settings.credentials.account;
        self.page(link, LIST_SIZE, |wire, next| OwnedPage {
            // One that cannot be read is one that the list did not show.
            numbers: wire.into_iter().filter_map(|wire| wire::owned(wire, account)).collect(),
            next,
        })
        .await
    }

    /// Looks for a number of the account. Twilio's filter matches parts; equality is decided here.
    pub async fn find_owned(&self, digits: &E164) -> Outcome<Option<OwnedNumber>, NoReason> {
        let filter = ("PhoneNumber", digits.reveal());
        let account = &self.settings.credentials.account;
        let item = |wire: OwnedWire| match wire.phone_number.as_deref() {
            Some(number) if number == digits.reveal() => wire::owned(wire, account).map(Some),
            Some(_) => Some(None),
            None => None,
        };
        self.numbers(Some(filter), item)
            .await
            .map(|same| same.into_iter().min_by(|one, other| one.sid.cmp(&other.sid)))
    }

    /// Reads a number (`GET …/IncomingPhoneNumbers/{sid}.json`). Under the credentials of another
    /// account or subaccount it is missing as well.
    pub async fn read_owned(&self, sid: &TwilioNumberSid) -> Outcome<OwnedNumber, Missing> {
        let call = Call::get(self.number_path(sid));
        self.send(call, |wire| self.this(wire, sid), missing).await
    }

    /// Changes settings of a number (`POST …/IncomingPhoneNumbers/{sid}.json`).
    ///
    /// There is no precondition at Twilio, and the last writer wins: read before, and read after.
    pub async fn update(
        &self,
        sid: &TwilioNumberSid,
        change: SettingsChange<'_>,
    ) -> Outcome<OwnedNumber, Missing> {
        let fields = match change {
            SettingsChange::Name(stamp) => vec![("FriendlyName", stamp.as_str())],
            SettingsChange::PutBack(former) => put_back(former),
            SettingsChange::Route(url) => vec![
                ("VoiceUrl", url),
                ("VoiceMethod", "POST"),
                ("TrunkSid", ""),
                ("VoiceApplicationSid", ""),
            ],
        };
        let call = Call::form(self.number_path(sid), fields);
        self.send(call, |wire| self.this(wire, sid), missing).await
    }

    /// Gives a number up (`DELETE …/IncomingPhoneNumbers/{sid}.json`): at once and for good, since
    /// a released number rests before anybody can buy it. One that is gone counts as given up; but
    /// under the credentials of another account it would seem gone too, so that the caller makes
    /// sure of the account before.
    pub async fn release(&self, sid: &TwilioNumberSid) -> Outcome<(), NoReason> {
        self.remove(self.number_path(sid), no_reason).await
    }

    fn number_path(&self, sid: &TwilioNumberSid) -> String {
        self.path(&format!("/IncomingPhoneNumbers/{sid}.json"))
    }

    /// The number of an answer, if it is the one asked for.
    fn this(&self, wire: OwnedWire, sid: &TwilioNumberSid) -> Option<OwnedNumber> {
        let number = wire::owned(wire, &self.settings.credentials.account);
        number.filter(|number| number.sid == *sid)
    }
}

/// Every setting an import may have overwritten. What was not set is cleared by an empty value,
/// but for the name, which is never empty at Twilio.
fn put_back(former: &FormerSettings) -> Vec<FormField<'_>> {
    let mut fields = Vec::new();
    if let Some(name) = &former.friendly_name {
        fields.push(("FriendlyName", name.reveal()));
    }
    voice(&mut fields, &former.voice);
    sms(&mut fields, &former.sms);
    fields
}

fn voice<'a>(fields: &mut Vec<FormField<'a>>, voice: &'a VoiceRouting) {
    hook(fields, ("VoiceUrl", "VoiceMethod"), &voice.answer);
    hook(fields, ("VoiceFallbackUrl", "VoiceFallbackMethod"), &voice.fallback);
    hook(fields, ("StatusCallback", "StatusCallbackMethod"), &voice.status);
    // To set one of the two clears the other at Twilio: sent together, the empty one might win.
    let trunk = ("TrunkSid", text(voice.trunk.as_ref()));
    let application = ("VoiceApplicationSid", text(voice.application.as_ref()));
    match (&voice.trunk, &voice.application) {
        (Some(_), _) => fields.push(trunk),
        (None, Some(_)) => fields.push(application),
        (None, None) => fields.extend([trunk, application]),
    }
}

fn sms<'a>(fields: &mut Vec<FormField<'a>>, sms: &'a SmsRouting) {
    hook(fields, ("SmsUrl", "SmsMethod"), &sms.receive);
    hook(fields, ("SmsFallbackUrl", "SmsFallbackMethod"), &sms.fallback);
    fields.push(("SmsApplicationSid", text(sms.application.as_ref())));
}

/// A URL and its method; a method that was never told is left as it is.
fn hook<'a>(
    fields: &mut Vec<FormField<'a>>,
    (url, method): (&'static str, &'static str),
    former: &'a Hook,
) {
    fields.push((url, text(former.url.as_ref())));
    if let Some(former) = former.method {
        let name = match former {
            HookMethod::Get => "GET",
            HookMethod::Post => "POST",
        };
        fields.push((method, name));
    }
}

fn text(text: Option<&OwnersText>) -> &str {
    text.map_or("", OwnersText::reveal)
}

#[cfg(test)]
mod tests;
