//! Numbers for sale (`GET …/AvailablePhoneNumbers/{country}/{type}.json`).

use crate::TwilioClient;
use crate::complaint::search;
use crate::wire::{self, Available};
use domain::outcome::{Outcome, Refusal};
use domain::phone::E164;
use domain::request::{Match, NumberType};
use domain::twilio::{Offer, Search, SearchRefusal};
use exchange::Call;
use exchange::Exchange;

/// Digits of a North American number without the country code, as Twilio's patterns have them.
const NATIONAL_DIGITS: usize = 10;

/// The shortest pattern Twilio takes, in characters.
const PATTERN_LENGTH_MIN: usize = 2;

impl<E: Exchange> TwilioClient<E> {
    /// Searches for numbers. A sample, different each time; nothing is held by it, and no price is
    /// named.
    ///
    /// An area code is asked for as given: Twilio knows no wish, so that a caller with
    /// [`Match::Any`] searches again without it. What binds is checked again here. Numbers that
    /// need an address are left out, since we have none to give.
    pub async fn search(&self, wanted: &Search) -> Outcome<Vec<Offer>, SearchRefusal> {
        let Some((asked, name)) = twilio_type(wanted) else {
            return Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));
        };
        let country = wanted.wanted.country.as_str();
        let path = self.path(&format!("/AvailablePhoneNumbers/{country}/{name}.json"));
        let call = Call::get(path).query("VoiceEnabled", true).query("PageSize", wanted.limit);
        let call = filtered(call, wanted);
        let decode = |wire: Available| {
            let (with, without): (Vec<_>, Vec<_>) =
                wire.available_phone_numbers.into_iter().partition(wire::OfferWire::needs_address);
            let fitting = |wires: Vec<wire::OfferWire>| {
                let offers = wires.into_iter().filter_map(|one| wire::offer(one, asked));
                offers.filter(|offer| fits(offer, wanted)).collect::<Vec<_>>()
            };
            Some((fitting(without), fitting(with).is_empty()))
        };
        let found = self.send(call, decode, search).await;
        match found {
            Outcome::Done((offers, none_with_address)) if offers.is_empty() => {
                let reason = if none_with_address {
                    SearchRefusal::NoStock
                } else {
                    SearchRefusal::AddressRequired
                };
                Outcome::Refused(Refusal::Because(reason))
            }
            Outcome::Done(_)
            | Outcome::Refused(_)
            | Outcome::Transient { .. }
            | Outcome::Unknown => found.map(|(offers, _none_with_address)| offers),
        }
    }
}

/// The type asked for, and its name in the path. A very number has the type of its digits; Twilio
/// sells no SIP addresses.
fn twilio_type(search: &Search) -> Option<(NumberType, &'static str)> {
    let wanted = match &search.exactly {
        Some(digits) if digits.is_toll_free() => NumberType::TollFree,
        Some(digits) if digits.area_code().is_some() => NumberType::Local,
        Some(_) | None => search.wanted.number_type,
    };
    match wanted {
        NumberType::Local => Some((wanted, "Local")),
        NumberType::TollFree => Some((wanted, "TollFree")),
        NumberType::Sip => None,
    }
}

fn filtered(mut call: Call, search: &Search) -> Call {
    if let Some(digits) = &search.exactly {
        return call.query("Contains", pattern(digits));
    }
    let wanted = &search.wanted;
    if let Some(area_code) = &wanted.area_code
        && wanted.country.has_area_codes()
    {
        // A toll-free prefix is asked for in the same way.
        call = call.query("AreaCode", area_code.as_str());
    }
    match &search.contains {
        // A shorter one is left to the check of what came.
        Some(digits) if digits.len() >= PATTERN_LENGTH_MIN => call.query("Contains", digits),
        Some(_) | None => call,
    }
}

/// One very number as a pattern: national digits in North America, as in Twilio's examples, else
/// all digits.
fn pattern(digits: &E164) -> &str {
    let all = digits.digits();
    let start = all.len().saturating_sub(NATIONAL_DIGITS);
    if digits.area_code().is_some() { all.get(start..).unwrap_or(all) } else { all }
}

fn fits(offer: &Offer, search: &Search) -> bool {
    if let Some(digits) = &search.exactly {
        return offer.digits == *digits;
    }
    let wanted = &search.wanted;
    let in_area = match (&wanted.area_code, wanted.matching) {
        (Some(area_code), Match::Strict) => offer.digits.area_code().as_ref() == Some(area_code),
        (Some(_), Match::Any) | (None, Match::Strict | Match::Any) => true,
    };
    let contained = search.contains.as_deref();
    in_area
        && offer.number_type == wanted.number_type
        && contained.is_none_or(|part| offer.digits.digits().contains(part))
}

#[cfg(test)]
mod tests;
