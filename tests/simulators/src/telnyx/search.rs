//! `GET /available_phone_numbers`.

use exchange::Response;
use serde::Serialize;

use super::account::decimal;
use super::options::NoStock;
use super::{Ask, TelnyxSim, errors};
use crate::faults::Refusal;
use crate::numbering::{Class, areas, classify};
use crate::reply;

/// Results when the search names no limit.
const LIMIT_DEFAULT: usize = 100;

// Typed, as searches are the most frequent of the large answers.
#[derive(Serialize)]
struct Found<'a> {
    data: Vec<Offer<'a>>,
    meta: Meta,
    /// The real API says it twice, too.
    metadata: Meta,
}

#[derive(Serialize, Clone, Copy)]
struct Meta {
    total_results: usize,
    best_effort_results: usize,
}

#[derive(Serialize)]
struct Offer<'a> {
    record_type: &'static str,
    phone_number: &'a str,
    vanity_format: Option<&'a str>,
    best_effort: bool,
    quickship: bool,
    reservable: bool,
    region_information: [Region; 2],
    features: &'a [Named<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_information: Option<Cost>,
}

#[derive(Serialize)]
struct Region {
    region_type: &'static str,
    region_name: &'static str,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Cost {
    upfront_cost: String,
    monthly_cost: String,
    currency: &'static str,
}

impl TelnyxSim {
    pub(super) fn search(&mut self, ask: &Ask<'_>) -> Result<Response, Response> {
        let wire = ask.wire;
        let filter = |name: &str| wire.query(&format!("filter[{name}]"));
        let country = filter("country_code").unwrap_or("US").to_uppercase();
        let kind = filter("phone_number_type");
        let area = filter("national_destination_code");
        let limit = filter("limit").and_then(|text| text.parse().ok()).unwrap_or(LIMIT_DEFAULT);
        let features = wire.query_list("filter[features]");
        let capable =
            features.iter().all(|wanted| self.options.features.iter().any(|given| given == wanted));

        let mut found: Vec<(String, Class, bool)> = Vec::new();
        let dry = ask.script.refuses(Refusal::Stock) || !capable;
        if !dry {
            for area in areas(&country, kind, area) {
                self.collect(ask, (&country, area, kind), false, limit, &mut found);
            }
            if found.is_empty() && filter("best_effort") == Some("true") && area.is_some() {
                for near in areas(&country, kind, None) {
                    self.collect(ask, (&country, near, kind), true, limit, &mut found);
                }
            }
        }
        if found.is_empty() && self.options.no_stock == NoStock::Error10031 {
            let detail = "No numbers were found for the given filters.";
            return Err(errors::error(400, "10031", "No numbers found", detail));
        }
        let near = found.iter().filter(|(_, _, near)| *near).count();
        let features: Vec<Named<'_>> =
            self.options.features.iter().map(|name| Named { name }).collect();
        let data: Vec<Offer<'_>> = found
            .iter()
            .map(|(number, class, near)| self.offer(number, *class, *near, &features))
            .collect();
        let meta = Meta { total_results: data.len(), best_effort_results: near };
        let answer = reply::json(200, &Found { data, meta, metadata: meta });
        let offered = &mut self.accounts[ask.account].offered;
        offered.extend(found.into_iter().map(|(number, _, _)| number));
        Ok(answer)
    }

    fn collect(
        &self,
        ask: &Ask<'_>,
        (country, area, kind): (&str, &str, Option<&str>),
        near: bool,
        limit: usize,
        found: &mut Vec<(String, Class, bool)>,
    ) {
        let pattern =
            |name: &str| ask.wire.query(&format!("filter[phone_number][{name}]")).map(digits_of);
        let (starts, ends, contains) =
            (pattern("starts_with"), pattern("ends_with"), pattern("contains"));
        for number in self.for_sale(country, area, ask.account) {
            if found.len() >= limit {
                return;
            }
            let Some(class) = classify(&number) else {
                continue;
            };
            // Both search and number may carry the country's code.
            let digits = &number[1..];
            let national = digits.strip_prefix('1').unwrap_or(digits);
            let fits = class.country == country
                && kind.is_none_or(|kind| kind == class.kind)
                && starts
                    .as_deref()
                    .is_none_or(|text| national.starts_with(text) || digits.starts_with(text))
                && ends.as_deref().is_none_or(|text| digits.ends_with(text))
                && contains.as_deref().is_none_or(|text| digits.contains(text));
            if fits && !ask.script.hides(&[Some(&number)]) {
                found.push((number, class, near));
            }
        }
    }

    fn offer<'a>(
        &self,
        number: &'a str,
        class: Class,
        near: bool,
        features: &'a [Named<'a>],
    ) -> Offer<'a> {
        let price = self.options.price(class.kind);
        Offer {
            record_type: "available_phone_number",
            phone_number: number,
            vanity_format: None,
            best_effort: near,
            quickship: class.kind == "toll_free",
            reservable: true,
            region_information: [
                Region { region_type: "country_code", region_name: class.country },
                Region { region_type: "rate_center", region_name: "SIMULATED" },
            ],
            features,
            cost_information: self.options.prices_shown.then(|| Cost {
                upfront_cost: decimal(price.upfront_cents),
                monthly_cost: decimal(price.monthly_cents),
                currency: "USD",
            }),
        }
    }
}

fn digits_of(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
