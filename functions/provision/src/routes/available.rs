//! `GET /api/phone/available`: numbers for sale, with their price.

use crate::Request;
use api::fields;
use api::{Answer, Problem, wanted};
use domain::money::Cents;
use domain::offer::Offer;
use domain::outcome::Outcome;
use domain::request::{Match, NumberType, Wanted};
use domain::telnyx::Search;
use runtime::World;
use runtime::providers::CallPolicy;
use serde_json::{Value, json};
use std::str::FromStr;
use std::time::Duration;

/// The deadline of the one call: the caller waits.
const CALL_DEADLINE: Duration = Duration::from_secs(8);
/// Numbers shown unless asked otherwise.
const LIMIT_DEFAULT: u8 = 10;
/// Numbers shown at most.
const LIMIT_MAX: u8 = 50;
/// Digits that may be asked for within a number.
const CONTAINS_LENGTH_MAX: usize = 10;

pub(crate) async fn available<W: World>(request: &Request<'_, W>) -> Result<Answer, Problem> {
    if request.caller.organization.is_none() && !request.caller.operator {
        return Err(Problem::NoOrganization);
    }
    let search = search(request)?;
    let policy = CallPolicy { deadline: CALL_DEADLINE, read_tries: 1, ends: None };
    let found = match request.deps.telnyx_client(policy).await {
        Ok(telnyx) => telnyx.search(&search).await,
        Err(not_reached) => not_reached.outcome(),
    };
    let offers = match found {
        Outcome::Done(offers) => offers,
        Outcome::Refused(refusal) => match Problem::refused_search(refusal) {
            Some(problem) => return Err(problem),
            None => Vec::new(),
        },
        Outcome::Transient { .. } | Outcome::Unknown => return Err(Problem::TelnyxUnavailable),
    };
    let numbers: Vec<Value> = offers.iter().map(offer).collect();
    Ok(Answer::json(200, json!({ "success": true, "count": numbers.len(), "numbers": numbers })))
}

fn search<W: World>(request: &Request<'_, W>) -> Result<Search, Problem> {
    let number_type = match parameter(request, "type") {
        None => NumberType::Local,
        Some(text) => fields::number_type("type", text)?,
    };
    if number_type == NumberType::Sip {
        return Err(Problem::field("type", "local or toll_free is expected"));
    }
    let limit = match parameter(request, "limit") {
        None => LIMIT_DEFAULT,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT_MAX).contains(limit))
            .ok_or_else(|| Problem::field("limit", "a whole number, 1 to 50, is expected"))?,
    };
    let contains = parameter(request, "contains").map(str::to_owned);
    if contains.as_ref().is_some_and(|text| {
        text.len() > CONTAINS_LENGTH_MAX || !text.bytes().all(|byte| byte.is_ascii_digit())
    }) {
        return Err(Problem::field("contains", "1 to 10 digits are expected"));
    }
    let wanted = Wanted {
        country: parsed(request, "country")?.unwrap_or_default(),
        area_code: parsed(request, "area_code")?,
        matching: Match::Strict,
        number_type,
        picked: None,
    };
    wanted::check(&wanted)?;
    Ok(Search { wanted, contains, exactly: None, limit })
}

/// A parameter in either spelling.
fn parameter<'a, W: World>(request: &'a Request<'_, W>, name: &str) -> Option<&'a str> {
    let query = &request.call.query;
    let camel = if name == "area_code" { "areaCode" } else { name };
    query.get(name).or_else(|| query.get(camel)).map(String::as_str).filter(|text| !text.is_empty())
}

fn parsed<W: World, T: FromStr>(request: &Request<'_, W>, name: &str) -> Result<Option<T>, Problem>
where
    T::Err: std::fmt::Display,
{
    parameter(request, name)
        .map(|text| text.parse().map_err(|error: T::Err| Problem::field(name, error)))
        .transpose()
}

fn offer(offer: &Offer) -> Value {
    json!({
        "phone_number": offer.digits.reveal(),
        "phoneNumber": offer.digits.reveal(),
        "type": offer.number_type.as_str(),
        "locality": offer.locality,
        "region": offer.region,
        "upfront_cost": offer.upfront.map(|cents: Cents| cents.to_string()),
        "monthly_cost": offer.monthly.map(|cents: Cents| cents.to_string()),
        "currency": "USD",
        "provider": "telnyx",
    })
}
