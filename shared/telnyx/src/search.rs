//! Numbers for sale (`GET /available_phone_numbers`).

use crate::TelnyxClient;
use crate::complaint::search;
use crate::wire::{self, Many, OfferWire};
use domain::offer::Offer;
use domain::outcome::{Outcome, Refusal};
use domain::phone::E164;
use domain::request::{Match, NumberType};
use domain::telnyx::{Search, SearchRefusal};
use exchange::Call;
use exchange::Exchange;

/// Digits of a North American number after its area code, which `ends_with` leaves out when the
/// area code is filtered too.
const SUBSCRIBER_DIGITS: usize = 7;

impl<E: Exchange> TelnyxClient<E> {
    /// Searches for numbers. A sample, different each time; nothing is held by it.
    ///
    /// `best_effort` is asked for only where the area code is a wish; all filters that bind are
    /// checked again here, for Telnyx may leave the area asked for.
    pub async fn search(&self, wanted: &Search) -> Outcome<Vec<Offer>, SearchRefusal> {
        let Some(kind) = telnyx_type(wanted.wanted.number_type) else {
            return Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));
        };
        let mut call = Call::get("/available_phone_numbers")
            .query("filter[country_code]", wanted.wanted.country.as_str())
            .query("filter[features][]", "voice")
            .query("filter[limit]", wanted.limit);
        call = match &wanted.exactly {
            Some(digits) => exactly(call, digits),
            None => by_wish(call.query("filter[phone_number_type]", kind), wanted),
        };
        let decode = |wire: Many<OfferWire>| {
            let offers =
                wire.data.into_iter().filter_map(|one| wire::offer(one, wanted.wanted.number_type));
            Some(offers.filter(|offer| fits(offer, wanted)).collect::<Vec<_>>())
        };
        let found = self.send(call, decode, search).await;
        if matches!(&found, Outcome::Done(offers) if offers.is_empty()) {
            return Outcome::Refused(Refusal::Because(SearchRefusal::NoStock));
        }
        found
    }
}

/// Telnyx sells no SIP addresses.
const fn telnyx_type(number_type: NumberType) -> Option<&'static str> {
    match number_type {
        NumberType::Local => Some("local"),
        NumberType::TollFree => Some("toll_free"),
        NumberType::Sip => None,
    }
}

/// The filters for one very number. Its type follows from it and is not asked for.
fn exactly(call: Call, digits: &E164) -> Call {
    match digits.area_code() {
        Some(area_code) => {
            let start = digits.digits().len().saturating_sub(SUBSCRIBER_DIGITS);
            let subscriber = digits.digits().get(start..).unwrap_or_default();
            call.query("filter[national_destination_code]", area_code.as_str())
                .query("filter[phone_number][ends_with]", subscriber)
        }
        None => call.query("filter[phone_number][contains]", digits.digits()),
    }
}

fn by_wish(mut call: Call, search: &Search) -> Call {
    let wanted = &search.wanted;
    if let Some(area_code) = &wanted.area_code {
        // A toll-free prefix is asked for in the same way.
        call = call.query("filter[national_destination_code]", area_code.as_str());
        if wanted.matching == Match::Any && wanted.country.has_area_codes() {
            call = call.query("filter[best_effort]", true);
        }
    }
    match &search.contains {
        Some(digits) => call.query("filter[phone_number][contains]", digits),
        None => call,
    }
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
    in_area && offer.number_type == wanted.number_type
}

#[cfg(test)]
mod tests;
