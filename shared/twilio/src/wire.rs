//! Twilio's answers, read tolerantly: unknown fields and values are fine, and `null`, an empty text
//! and an absent field are the same.

use domain::ids::TwilioAccountSid;
use domain::phone::E164;
use domain::request::NumberType;
use domain::twilio::{
    Hook, HookMethod, Offer, OwnedNumber, OwnedStatus, OwnersText, SmsRouting, VoiceRouting,
};
use exchange::json::{lenient, text};
use serde::Deserialize;
use serde_json::Value;

/// A page of `GET …/IncomingPhoneNumbers.json`.
#[derive(Deserialize)]
pub(crate) struct Owned {
    pub(crate) incoming_phone_numbers: Vec<OwnedWire>,
    /// Read as it is: a link of another shape must not pass for the end of the list.
    #[serde(default)]
    next_page_uri: Value,
}

/// What follows a page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: the list is read.
    End,
    /// A link, not yet believed.
    Link(String),
    /// Something that is no link.
    Unreadable,
}

impl Owned {
    /// The items, and what follows them.
    pub(crate) fn parts(self) -> (Vec<OwnedWire>, Next) {
        let next = match self.next_page_uri {
            Value::Null => Next::End,
            Value::String(link) if link.is_empty() => Next::End,
            Value::String(link) => Next::Link(link),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Next::Unreadable
            }
        };
        (self.incoming_phone_numbers, next)
    }
}

/// A number of the account.
#[derive(Deserialize)]
pub(crate) struct OwnedWire {
    #[serde(default, deserialize_with = "text")]
    sid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    account_sid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) friendly_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    capabilities: Option<CapabilitiesWire>,
    #[serde(default, deserialize_with = "text")]
    voice_receive_mode: Option<String>,
    #[serde(default, deserialize_with = "text")]
    voice_url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    voice_method: Option<String>,
    #[serde(default, deserialize_with = "text")]
    voice_fallback_url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    voice_fallback_method: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status_callback: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status_callback_method: Option<String>,
    #[serde(default, deserialize_with = "text")]
    voice_application_sid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    trunk_sid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    sms_url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    sms_method: Option<String>,
    #[serde(default, deserialize_with = "text")]
    sms_fallback_url: Option<String>,
    #[serde(default, deserialize_with = "text")]
    sms_fallback_method: Option<String>,
    #[serde(default, deserialize_with = "text")]
    sms_application_sid: Option<String>,
}

#[derive(Deserialize)]
struct CapabilitiesWire {
    #[serde(default, deserialize_with = "lenient")]
    voice: Option<bool>,
}

/// The number in our words; `None` when id or digits cannot be used, or when it is said to belong
/// to another account than the one asked.
pub(crate) fn owned(wire: OwnedWire, account: &TwilioAccountSid) -> Option<OwnedNumber> {
    let whose = wire.account_sid.map(|sid| sid.parse::<TwilioAccountSid>());
    if whose.is_some_and(|whose| whose.as_ref() != Ok(account)) {
        return None;
    }
    let takes_voice = takes_voice(wire.capabilities.as_ref());
    Some(OwnedNumber {
        sid: wire.sid?.parse().ok()?,
        account: account.clone(),
        digits: wire.phone_number?.parse().ok()?,
        friendly_name: wire.friendly_name.map(OwnersText::new),
        status: status(wire.status.as_deref()),
        takes_calls: takes_voice && wire.voice_receive_mode.as_deref() != Some("fax"),
        voice: VoiceRouting {
            answer: hook(wire.voice_url, wire.voice_method.as_deref()),
            fallback: hook(wire.voice_fallback_url, wire.voice_fallback_method.as_deref()),
            status: hook(wire.status_callback, wire.status_callback_method.as_deref()),
            application: wire.voice_application_sid.map(OwnersText::new),
            trunk: wire.trunk_sid.map(OwnersText::new),
        },
        sms: SmsRouting {
            receive: hook(wire.sms_url, wire.sms_method.as_deref()),
            fallback: hook(wire.sms_fallback_url, wire.sms_fallback_method.as_deref()),
            application: wire.sms_application_sid.map(OwnersText::new),
        },
    })
}

/// Whether a number takes calls; one that does not say is taken to.
fn takes_voice(capabilities: Option<&CapabilitiesWire>) -> bool {
    capabilities.is_none_or(|capabilities| capabilities.voice != Some(false))
}

fn status(text: Option<&str>) -> OwnedStatus {
    match text {
        None | Some("in-use") => OwnedStatus::InUse,
        Some(_) => OwnedStatus::Unknown,
    }
}

fn hook(url: Option<String>, method: Option<&str>) -> Hook {
    let method = match method {
        Some("GET") => Some(HookMethod::Get),
        Some("POST") => Some(HookMethod::Post),
        Some(_) | None => None,
    };
    Hook { url: url.map(OwnersText::new), method }
}

/// `GET …/AvailablePhoneNumbers/{country}/{type}.json`.
#[derive(Deserialize)]
pub(crate) struct Available {
    pub(crate) available_phone_numbers: Vec<OfferWire>,
}

/// A number for sale.
#[derive(Deserialize)]
pub(crate) struct OfferWire {
    #[serde(default, deserialize_with = "text")]
    phone_number: Option<String>,
    #[serde(default, deserialize_with = "text")]
    locality: Option<String>,
    #[serde(default, deserialize_with = "text")]
    region: Option<String>,
    #[serde(default, deserialize_with = "text")]
    address_requirements: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    capabilities: Option<CapabilitiesWire>,
}

impl OfferWire {
    /// Whether it is sold to who shows an address only; a requirement we do not know is one.
    pub(crate) fn needs_address(&self) -> bool {
        self.address_requirements.as_deref().is_some_and(|required| required != "none")
    }
}

/// The offer in our words; `None` for one that cannot be bought by its digits or takes no calls.
/// Outside the North American plan, digits do not tell the type: it is the one asked for.
pub(crate) fn offer(wire: OfferWire, asked: NumberType) -> Option<Offer> {
    let digits: E164 = wire.phone_number?.parse().ok()?;
    let number_type = if digits.is_toll_free() {
        NumberType::TollFree
    } else if digits.area_code().is_some() {
        NumberType::Local
    } else {
        asked
    };
    takes_voice(wire.capabilities.as_ref()).then_some(Offer {
        number_type,
        locality: wire.locality,
        region: wire.region,
        digits,
    })
}

/// `GET …/Accounts/{sid}.json`. The answer holds the account's auth token, which is not read.
#[derive(Deserialize)]
pub(crate) struct AccountWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) sid: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) status: Option<String>,
}

/// `GET …/Balance.json`.
#[derive(Deserialize)]
pub(crate) struct BalanceWire {
    #[serde(default, deserialize_with = "text")]
    pub(crate) balance: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(crate) currency: Option<String>,
}

#[cfg(test)]
mod tests;
