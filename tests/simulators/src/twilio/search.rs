//! `GET …/AvailablePhoneNumbers/{country}/Local.json`, `TollFree.json`, `Mobile.json`.
//!
//! Not simulated, and so passed over: `Beta`, `NearLatLong`, `Distance`, `InPostalCode`,
//! `InRateCenter`, `InLata`.

use exchange::Response;
use serde_json::{Value, json};

use super::number_list::page_size;
use super::numbers::{friendly, need_word};
use super::options::AddressNeed;
use super::stock::Kind;
use super::{Ask, TwilioSim, errors};
use crate::faults::Refusal;
use crate::numbering::{areas, calling_code, classify, split_number};
use crate::reply;

/// What the simulator knows of geography: area, region, locality.
const PLACES: [(&str, &str, &str); 8] = [
    ("415", "CA", "San Francisco"),
    ("212", "NY", "New York"),
    ("312", "IL", "Chicago"),
    ("512", "TX", "Austin"),
    ("206", "WA", "Seattle"),
    ("702", "NV", "Las Vegas"),
    ("416", "ON", "Toronto"),
    ("604", "BC", "Vancouver"),
];

/// Lengths of a `Contains` pattern (spec).
const PATTERN_LENGTHS: std::ops::RangeInclusive<usize> = 2..=16;
/// Digits of a number in North America, without its calling code.
const NATIONAL_DIGITS: usize = 10;

impl TwilioSim {
    pub(super) fn search(
        &mut self,
        ask: &Ask<'_>,
        country: &str,
        kind: Kind,
    ) -> Result<Response, Response> {
        let country = country.to_uppercase();
        kind.check(ask, &country)?;
        let limit = page_size(ask.wire)?;
        let query = |name: &str| ask.wire.query(name).filter(|text| !text.is_empty());
        let area = query("AreaCode");
        if area.is_some_and(|area| area.parse::<u32>().is_err()) {
            return Err(errors::bad_request("AreaCode must be a whole number"));
        }
        let near = query("NearNumber").and_then(|number| Some(split_number(number)?.1));
        let pattern = query("Contains").map(Pattern::read).transpose()?;
        let whole = pattern.as_ref().and_then(|pattern| pattern.whole_number(&country));
        let near = near.or_else(|| Some(split_number(whole.as_deref()?)?.1));
        let mut found: Vec<String> = Vec::new();
        if self.offers(ask, &country) {
            for area in areas(&country, Some(kind.as_str()), area.or(near)) {
                let place = PLACES.iter().find(|(given, _, _)| *given == area);
                if !is_in(query("InRegion"), place.map(|(_, region, _)| *region))
                    || !is_in(query("InLocality"), place.map(|(_, _, locality)| *locality))
                {
                    continue;
                }
                let numbers = self.for_sale(ask.now_ms, &country, area).filter(|number| {
                    classify(number).is_some_and(|class| {
                        class.country == country && class.kind == kind.as_str()
                    }) && pattern.as_ref().is_none_or(|pattern| pattern.fits(number))
                        && !ask.script.hides(&[Some(number)])
                });
                found.extend(numbers.take(limit.saturating_sub(found.len())));
            }
        }
        if self.options.search_shuffled {
            self.searches += 1;
        }
        let offers: Vec<Value> =
            found.iter().map(|number| self.offer(number, &country, kind)).collect();
        let uri = format!("/2010-04-01{}", ask.wire.path);
        Ok(reply::json(200, &json!({ "available_phone_numbers": offers, "uri": uri })))
    }

    /// Whether anything can be offered: by what numbers can do, and by the address they want.
    fn offers(&self, ask: &Ask<'_>, country: &str) -> bool {
        let asked = |name: &str| ask.wire.query(name);
        let capable = ["voice", "sms", "mms", "fax"].iter().all(|capability| {
            let name = format!("{}{}Enabled", capability[..1].to_uppercase(), &capability[1..]);
            match asked(&name) {
                Some("true") => self.options.can(capability),
                Some("false") => !self.options.can(capability),
                Some(_) | None => true,
            }
        });
        let excluded = match self.options.address_need(country) {
            AddressNeed::None => false,
            AddressNeed::Any => asked("ExcludeAllAddressRequired") == Some("true"),
            AddressNeed::Local => ["ExcludeAllAddressRequired", "ExcludeLocalAddressRequired"]
                .iter()
                .any(|name| asked(name) == Some("true")),
            AddressNeed::Foreign => ["ExcludeAllAddressRequired", "ExcludeForeignAddressRequired"]
                .iter()
                .any(|name| asked(name) == Some("true")),
        };
        capable && !excluded && !ask.script.refuses(Refusal::Stock)
    }

    fn offer(&self, number: &str, country: &str, kind: Kind) -> Value {
        let area = split_number(number).map(|(_, area)| area).filter(|_| kind == Kind::Local);
        let place = PLACES.iter().find(|(given, _, _)| Some(*given) == area);
        // Here the names of messaging stand in capitals; those of a number held do not.
        json!({
            "phone_number": number,
            "friendly_name": friendly(number),
            "iso_country": country,
            "region": place.map(|(_, region, _)| *region),
            "locality": place.map(|(_, _, locality)| *locality),
            "rate_center": null, "lata": null, "postal_code": null,
            "latitude": null, "longitude": null,
            "address_requirements": need_word(self.options.address_need(country)),
            "beta": false,
            "capabilities": {
                "voice": self.options.can("voice"), "SMS": self.options.can("sms"),
                "MMS": self.options.can("mms"), "fax": self.options.can("fax"),
            },
        })
    }
}

/// A `Contains` pattern. Letters are read as the digits they share a key with.
struct Pattern {
    /// It stands at the beginning of the number.
    first: bool,
    /// It stands at the end of the number.
    last: bool,
    /// A digit, or `None` for any.
    digits: Vec<Option<u8>>,
}

impl Pattern {
    fn read(text: &str) -> Result<Self, Response> {
        let bad = || errors::bad_request("Contains is not a valid pattern");
        if !PATTERN_LENGTHS.contains(&text.chars().count()) {
            return Err(bad());
        }
        let rest = text.strip_prefix('+').unwrap_or(text);
        let rest = rest.strip_suffix('$').unwrap_or(rest);
        // `%` is any sequence. At a side it only takes an anchor back: patterns fit anywhere.
        let first = text.starts_with('+') && !rest.starts_with('%');
        let last = text.ends_with('$') && !rest.ends_with('%');
        let digits: Option<Vec<Option<u8>>> = rest.trim_matches('%').chars().map(digit).collect();
        let digits = digits.ok_or_else(bad)?;
        if text.contains(['*', '%']) && digits.iter().flatten().count() < 2 {
            return Err(bad());
        }
        Ok(Self { first, last, digits })
    }

    /// The number a pattern without wildcards is, if it is a whole one, with or without the
    /// country's code: a search for it need not name its area.
    fn whole_number(&self, country: &str) -> Option<String> {
        let digits = self.digits.iter().copied().collect::<Option<Vec<u8>>>()?;
        let digits = String::from_utf8(digits).ok()?;
        let code = calling_code(country)?;
        let national = digits.len() == NATIONAL_DIGITS && code == "1";
        let number = if national { format!("+{code}{digits}") } else { format!("+{digits}") };
        classify(&number).filter(|class| class.country == country)?;
        Some(number)
    }

    fn fits(&self, number: &str) -> bool {
        let number = number.trim_start_matches('+').as_bytes();
        let length = self.digits.len().max(1);
        let places = number.windows(length).enumerate();
        let mut fitting = places.filter(|(_, window)| {
            window
                .iter()
                .zip(&self.digits)
                .all(|(digit, wanted)| wanted.is_none_or(|wanted| *digit == wanted))
        });
        fitting.any(|(place, _)| {
            (!self.first || place == 0) && (!self.last || place + length == number.len())
        })
    }
}

/// Whether a place is the one that is wanted. One the simulator does not know is not.
fn is_in(wanted: Option<&str>, known: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| known.is_some_and(|known| known.eq_ignore_ascii_case(wanted)))
}

/// A sign of a pattern as a digit; `Some(None)` is any digit, `None` no sign of a pattern.
fn digit(sign: char) -> Option<Option<u8>> {
    let digit = match sign.to_ascii_lowercase() {
        '*' => return Some(None),
        '0'..='9' => return u8::try_from(sign).ok().map(Some),
        'a'..='c' => b'2',
        'd'..='f' => b'3',
        'g'..='i' => b'4',
        'j'..='l' => b'5',
        'm'..='o' => b'6',
        'p'..='s' => b'7',
        't'..='v' => b'8',
        'w'..='z' => b'9',
        _ => return None,
    };
    Some(Some(digit))
}
