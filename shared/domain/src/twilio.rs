//! What Twilio tells us, in our words. Source: Twilio's interface description (API 2010-04-01) and
//! its list of error codes.

use crate::ids::{OrganizationId, Stamp, TwilioAccountSid, TwilioNumberSid};
use crate::money::Cents;
use crate::phone::E164;
use crate::request::{Match, NumberType, Wanted};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where VAPI takes calls from Twilio, in the United States and in Europe: what an import writes
/// into a number's `voice_url`.
pub const VAPI_INBOUND_URLS: [&str; 2] =
    ["https://api.vapi.ai/twilio/inbound_call", "https://api.eu.vapi.ai/twilio/inbound_call"];

/// The greeting that Twilio puts on a new number where nobody says otherwise, without scheme and
/// closing slash.
const DEMO_GREETING: &str = "demo.twilio.com/welcome/voice";

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// An organization's own: what is in it serves that organization alone.
    Organization(OrganizationId),
    /// The platform's.
    Platform,
}

/// The account a number is in.
///
/// It is reached with the credentials of its owner, and only while those are still of this account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// Whose account.
    pub owner: Owner,
    /// Which.
    pub account: TwilioAccountSid,
}

/// A number in its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Located {
    /// The account.
    pub home: Home,
    /// Twilio's id of the number.
    pub id: TwilioNumberSid,
}

/// What numbers of the United States and Canada cost a month, which no search tells. Nothing is
/// paid beside the months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prices {
    /// A local number.
    pub local: Option<Cents>,
    /// A toll-free number.
    pub toll_free: Option<Cents>,
}

impl Prices {
    /// What a number of this type costs a month, if that is known.
    #[must_use]
    pub const fn monthly(&self, number_type: NumberType) -> Option<Cents> {
        match number_type {
            NumberType::Local => self.local,
            NumberType::TollFree => self.toll_free,
            NumberType::Sip => None,
        }
    }
}

/// What to search for at Twilio (`GET …/AvailablePhoneNumbers/{country}/{type}.json`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// Country, area code, type. Twilio knows no wish: an area code given is always asked for.
    pub wanted: Wanted,
    /// Digits the number must contain, for the search a person makes.
    pub contains: Option<String>,
    /// Only this very number.
    pub exactly: Option<E164>,
    /// How many to return.
    pub limit: u8,
}

/// A number for sale. Twilio's search names no price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The number.
    pub digits: E164,
    /// Local or toll-free.
    pub number_type: NumberType,
    /// Place, as Twilio writes it, for people.
    pub locality: Option<String>,
    /// State or province.
    pub region: Option<String>,
}

/// Why a search gives nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchRefusal {
    /// An empty list; 400/21451 or 400/21452 for the area code; 404 for a country or type that is
    /// not sold.
    NoStock,
    /// There are numbers, but each needs an address, and we have none to give.
    AddressRequired,
}

/// A purchase of exactly one number (`POST …/IncomingPhoneNumbers.json`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuySpec {
    /// The stamp, put into `FriendlyName`.
    pub stamp: Stamp,
    /// The number, as a search offered it.
    pub digits: E164,
}

/// Why Twilio does not sell a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuyRefusal {
    /// 21422: no longer to be had, or resting after a release. Look before blaming others.
    Taken,
    /// 21451, 21452: no number in the area code.
    NoStock,
    /// 21404: a trial account may have one number; 10002: not for trial accounts.
    TrialLimit,
    /// 10001, 20005, 20403: the account is suspended or closed, often for want of funds.
    AccountInactive,
    /// 21613, 21631: the number needs an address.
    AddressRequired,
    /// 21649: the number needs an approved regulatory bundle.
    BundleRequired,
    /// 21421: Twilio does not take the digits for a phone number.
    Malformed,
    /// The account has the number already, and not by this purchase: buying it again would only
    /// take its name and its routing from whoever has it. Found by the look before a purchase.
    Owned,
}

/// Twilio's word on an owned number. Its interface description lists no values; `in-use` is the one
/// in all its examples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnedStatus {
    /// `in-use`, or nothing said: in service.
    InUse,
    /// Another word; never taken as in service.
    Unknown,
}

/// A text that the account's owner wrote or chose: a name, a URL, an id.
///
/// It may hold a whole number (Twilio's default name is the number itself) or a password (in a
/// URL), so that `Debug` prints none of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnersText(String);

impl OwnersText {
    /// The text as it came.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The whole text. Never log it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OwnersText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// The method by which Twilio calls a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HookMethod {
    /// `GET`.
    Get,
    /// `POST`.
    Post,
}

/// A URL that Twilio calls when something happens.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Hook {
    /// The URL, if one is set.
    pub url: Option<OwnersText>,
    /// How it is called.
    pub method: Option<HookMethod>,
}

/// Who takes a number's calls.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VoiceRouting {
    /// `voice_url`: who answers, where neither a trunk nor an application is set.
    pub answer: Hook,
    /// `voice_fallback_url`: who answers when that fails.
    pub fallback: Hook,
    /// `status_callback`: who is told of a call's end.
    pub status: Hook,
    /// `voice_application_sid`; while it is set, Twilio ignores the URLs.
    pub application: Option<OwnersText>,
    /// `trunk_sid`; while it is set, Twilio ignores URLs and application.
    pub trunk: Option<OwnersText>,
}

/// Who takes a number's text messages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SmsRouting {
    /// `sms_url`: who receives, where no application is set.
    pub receive: Hook,
    /// `sms_fallback_url`: who receives when that fails.
    pub fallback: Hook,
    /// `sms_application_sid`; while it is set, Twilio ignores the URLs.
    pub application: Option<OwnersText>,
}

/// A number Twilio holds for the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedNumber {
    /// Twilio's id of it.
    pub sid: TwilioNumberSid,
    /// The account it belongs to.
    pub account: TwilioAccountSid,
    /// The number.
    pub digits: E164,
    /// The `friendly_name`: our stamp, where we bought it.
    pub friendly_name: Option<OwnersText>,
    /// Its status.
    pub status: OwnedStatus,
    /// Whether it can take calls: not one for messages or faxes alone.
    pub takes_calls: bool,
    /// Who takes its calls.
    pub voice: VoiceRouting,
    /// Who takes its text messages.
    pub sms: SmsRouting,
}

impl OwnedNumber {
    /// Whether it bears this stamp.
    #[must_use]
    pub fn is_stamped(&self, stamp: &Stamp) -> bool {
        self.name() == Some(stamp.as_str())
    }

    /// Whether it may be imported although no setting lists it: it takes calls, nobody answers them
    /// but Twilio's own greeting, and it bears no stamp of any deployment, which would mean that
    /// somebody has just bought it for another purpose.
    #[must_use]
    pub fn is_free_to_import(&self) -> bool {
        let stamped = self.name().is_some_and(|name| Stamp::parse(name).is_some());
        self.takes_calls && !stamped && self.voice.is_idle()
    }

    /// Whether it would serve a request for such a number.
    #[must_use]
    pub fn fits(&self, wanted: &Wanted) -> bool {
        let number_type =
            if self.digits.is_toll_free() { NumberType::TollFree } else { NumberType::Local };
        let in_country = match number_type {
            // They serve both countries alike.
            NumberType::TollFree => wanted.country.has_area_codes(),
            NumberType::Local | NumberType::Sip => self.digits.country() == Some(wanted.country),
        };
        let in_area = wanted.matching == Match::Any
            || wanted.area_code.is_none()
            || wanted.area_code == self.digits.area_code();
        self.takes_calls && number_type == wanted.number_type && in_country && in_area
    }

    /// Whether its calls reach VAPI.
    #[must_use]
    pub fn calls_vapi(&self) -> bool {
        let answering = self.voice.answering_url();
        answering.is_some_and(|url| VAPI_INBOUND_URLS.contains(&url))
    }

    /// Whether everything an import may have overwritten is as it was.
    #[must_use]
    pub fn is_set_as(&self, former: &FormerSettings) -> bool {
        let hook = |is: &Hook, was: &Hook| {
            is.url == was.url
                && (was.url.is_none() || was.method.is_none() || is.method == was.method)
        };
        let (voice, sms) = (&self.voice, &self.sms);
        let named = former.friendly_name.is_none() || self.friendly_name == former.friendly_name;
        named
            && hook(&voice.answer, &former.voice.answer)
            && hook(&voice.fallback, &former.voice.fallback)
            && hook(&voice.status, &former.voice.status)
            && voice.application == former.voice.application
            && voice.trunk == former.voice.trunk
            && hook(&sms.receive, &former.sms.receive)
            && hook(&sms.fallback, &former.sms.fallback)
            && sms.application == former.sms.application
    }

    /// What an import may overwrite, to be kept until the number is detached.
    #[must_use]
    pub fn former_settings(&self) -> FormerSettings {
        FormerSettings {
            friendly_name: self.friendly_name.clone(),
            voice: self.voice.clone(),
            sms: self.sms.clone(),
        }
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.friendly_name.as_ref().map(OwnersText::reveal)
    }
}

impl VoiceRouting {
    /// The URL that answers, where it has a say.
    fn answering_url(&self) -> Option<&str> {
        let overruled = self.trunk.is_some() || self.application.is_some();
        self.answer.url.as_ref().filter(|_url| !overruled).map(OwnersText::reveal)
    }

    /// Whether nobody but Twilio's greeting answers.
    fn is_idle(&self) -> bool {
        let overruled = self.trunk.is_some() || self.application.is_some();
        !overruled && self.answering_url().is_none_or(is_demo_greeting)
    }
}

/// The greeting stands there with `http` or `https`, with or without a closing slash.
fn is_demo_greeting(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    rest.is_some_and(|rest| rest.strip_suffix('/').unwrap_or(rest) == DEMO_GREETING)
}

/// The settings of a number before we imported it. VAPI's import overwrites `voice_url`, the
/// messaging URL unless told not to, and has been seen to set a status callback; `friendly_name`
/// is ours to set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FormerSettings {
    /// The name.
    pub friendly_name: Option<OwnersText>,
    /// Who took the calls.
    pub voice: VoiceRouting,
    /// Who took the text messages.
    pub sms: SmsRouting,
}

/// What is to be changed of an owned number; everything else stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsChange<'a> {
    /// Everything an import may have overwritten, back to what it was; what was not set is
    /// cleared.
    PutBack(&'a FormerSettings),
    /// The friendly name alone.
    Name(&'a Stamp),
    /// Calls go to this URL, and neither trunk nor voice application has a say.
    Route(&'a str),
}

/// An account, as it tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id: the one that was asked for, if the credential is right.
    pub sid: TwilioAccountSid,
    /// Its status.
    pub status: AccountStatus,
}

/// Whether an account may do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// `active`.
    Active,
    /// `suspended`: calls and purchases are refused until it is lifted.
    Suspended,
    /// `closed`, for good.
    Closed,
    /// A status we do not know; never taken as active.
    Unknown,
}

#[cfg(test)]
mod tests;
