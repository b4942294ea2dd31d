//! Somebody changes something by hand, in a provider's dashboard.
//!
//! It happens only while nothing is under way, so that the truth is clear: what is being got and is
//! called ready afterwards was read afterwards, and what nobody is at is there for the next sweep to
//! find.

use crate::ground::{Ground, Hidden, State};
use crate::kinds::Kind;
use crate::mirror::Mirror;
use domain::number::{self, Carrier, Number};
use domain::phone::E164;
use domain::twilio::Home;
use exchange::{Method, Request};
use serde_json::{Value, json};
use simulators::twilio::Account;
use simulators::vapi::PhoneNumber;
use simulators::{Outcome, Provider};
use std::time::Duration;

/// An application that does not exist.
const NO_APPLICATION: &str = "999";

/// Changes something about one of the numbers that are being got, or that nobody is at, if that
/// strikes.
pub fn strike(ground: &Ground, mirrors: &[Mirror]) {
    let mut state = ground.lock();
    for (kind, change) in [
        (Kind::ByHand, being_got as fn(&mut State, &[Mirror])),
        (Kind::Drift, set_otherwise as fn(&mut State, &[Mirror])),
    ] {
        let rate = state.weather.rate(kind);
        if rate > 0 && state.dice.chance(rate) {
            change(&mut state, mirrors);
        }
    }
}

/// Whether another row has the same digits: what is named here may be what another deployment has.
fn is_anothers(mirrors: &[Mirror], number: &Number) -> bool {
    let all = mirrors.iter().flat_map(|mirror| mirror.numbers.values());
    let mut others = all.filter(|other| other.id != number.id && !is_gone(other));
    number.digits.is_some() && others.any(|other| other.digits == number.digits)
}

fn is_gone(number: &Number) -> bool {
    number.state == number::State::Released
}

/// A number with its deployment's place.
type Placed<'a> = (usize, &'a Number);

fn one_of<'a>(
    state: &mut State,
    mirrors: &'a [Mirror],
    sought: fn(&Number) -> bool,
) -> Option<Placed<'a>> {
    let numbers = mirrors.iter().enumerate().flat_map(|(place, mirror)| {
        mirror.numbers.values().filter(|one| sought(one)).map(move |number| (place, number))
    });
    let numbers: Vec<Placed<'_>> = numbers.collect();
    if numbers.is_empty() { None } else { Some(state.dice.pick(&numbers)) }
}

fn being_got(state: &mut State, mirrors: &[Mirror]) {
    let sought = |number: &Number| number.state == number::State::Acquiring;
    let Some((place, number)) = one_of(state, mirrors, sought) else { return };
    if is_anothers(mirrors, number) {
        return;
    }
    if state.dice.chance(512) {
        route_elsewhere(state, number, Kind::ByHand);
    } else if let Some(record) = record(state, number) {
        state.struck(Kind::ByHand);
        link(state, place, &record, None);
    }
}

/// Sets one of the numbers otherwise that nobody is at, in a way that a sweep finds.
pub fn set_otherwise(state: &mut State, mirrors: &[Mirror]) {
    let Some((place, number)) = one_of(state, mirrors, is_left) else { return };
    let is_had = is_had(number);
    let by_route = matches!(number.carrier, Carrier::Telnyx { .. } | Carrier::Twilio { .. });
    if is_had && by_route && state.dice.chance(512) {
        return route_elsewhere(state, number, Kind::Drift);
    }
    let Some(record) = record(state, number) else { return };
    state.struck(Kind::Drift);
    let to = if is_had && state.dice.chance(512) { None } else { another(state, place) };
    link(state, place, &record, to.as_deref());
}

/// Lets VAPI not find one of the numbers that nobody is at, other than the one it did not find
/// before.
pub fn hide(state: &mut State, mirrors: &[Mirror], but: Option<&Hidden>) -> Option<Hidden> {
    let (_place, number) = one_of(state, mirrors, is_left)?;
    let record = record(state, number)?;
    let hidden = Hidden { path: format!("/phone-number/{record}"), name: number.stamp.to_string() };
    if but.is_some_and(|but| but.path == hidden.path) {
        return None;
    }
    state.struck(Kind::Hidden);
    state.note(9, || format!("-- VAPI does not find {record}"));
    state.hidden = Some(hidden.clone());
    Some(hidden)
}

/// Nobody is at it, and nothing that is sent for it is under way.
pub const fn is_left(number: &Number) -> bool {
    number.work.is_none() && (is_had(number) || rests(number))
}

/// Whether it is somebody's.
pub const fn is_had(number: &Number) -> bool {
    matches!(number.state, number::State::Assigned { .. })
}

/// Whether it is nobody's.
pub const fn rests(number: &Number) -> bool {
    matches!(number.state, number::State::Available { .. } | number::State::Quarantined { .. })
}

/// Points a number at nothing, or at an application that is not there.
fn route_elsewhere(state: &mut State, number: &Number, kind: Kind) {
    let Some(digits) = &number.digits else { return };
    match &number.carrier {
        Carrier::Vapi { .. } | Carrier::Unknown => return,
        Carrier::Twilio { home, .. } => return trunk_it(state, home, digits, kind),
        Carrier::Telnyx { .. } => {}
    }
    let to = state.dice.pick(&[None, Some(NO_APPLICATION)]);
    if state.sky.providers.telnyx.route_outside(digits.reveal(), to) {
        state.struck(kind);
        state.sky.touched = true;
        state.note(6, || format!("-- somebody routes {} to {to:?}", digits.reveal()));
    }
}

/// Sends the calls of a number of this account elsewhere. Who wanted to buy it there may not have
/// got it, and it may be another's, and ready, in an account of his own.
fn trunk_it(state: &mut State, home: &Home, digits: &E164, kind: Kind) {
    let trunk = ("trunk_sid", "TK00000000000000000000000000000001");
    let setting = state.dice.pick(&[("voice_url", "https://calls.example.com/other"), trunk]);
    let now_ms = state.now_ms;
    let twilio = &mut state.sky.providers.twilio;
    let is_there = |(account, _): (&Account, _)| account.sid == home.account.as_str();
    if twilio.holding(digits.reveal()).is_some_and(is_there)
        && twilio.change_outside(now_ms, digits.reveal(), [setting]).is_ok()
    {
        state.struck(kind);
        state.sky.touched = true;
        state.note(8, || format!("-- somebody sets {} of {}", setting.0, digits.reveal()));
    }
}

/// VAPI's id of a number, if VAPI has it.
fn record(state: &State, number: &Number) -> Option<String> {
    let is_it = |held: &&PhoneNumber| match &number.vapi {
        Some(id) => id.as_str() == held.id,
        None => held.name.as_deref() == Some(number.stamp.as_str()),
    };
    let orgs = state.sky.providers.vapi.orgs();
    orgs.iter().flat_map(|org| org.numbers.iter()).find(is_it).map(|held| held.id.clone())
}

/// Links a number to this assistant, or to nobody.
fn link(state: &mut State, place: usize, record: &str, to: Option<&str>) {
    let path = format!("/phone-number/{record}");
    ask_vapi(state, place, Method::Patch, &path, &json!({ "assistantId": to }));
    state.note(7, || format!("-- somebody links {record} to {to:?}"));
}

/// An assistant that nobody of ours made.
fn another(state: &mut State, place: usize) -> Option<String> {
    let body = json!({ "name": "Somebody else" });
    let made = ask_vapi(state, place, Method::Post, "/assistant", &body)?;
    made.get("id")?.as_str().map(str::to_owned)
}

fn ask_vapi(
    state: &mut State,
    place: usize,
    method: Method,
    path: &str,
    body: &Value,
) -> Option<Value> {
    let secret: Value = serde_json::from_str(&state.secrets[place][0]).unwrap();
    let request = from_dashboard(secret["api_key"].as_str().unwrap(), method, path, body);
    let now_ms = state.now_ms;
    match state.sky.arrive(now_ms, Provider::Vapi, &request).outcome {
        Outcome::Answer(answer) => serde_json::from_slice(&answer.body).ok(),
        Outcome::Lost { .. } | Outcome::NotSent => None,
    }
}

/// A request as VAPI's dashboard sends it.
pub fn from_dashboard(key: &str, method: Method, path: &str, body: &Value) -> Request {
    let headers = [
        ("authorization", format!("Bearer {key}")),
        ("content-type", "application/json".to_owned()),
        ("user-agent", "a dashboard".to_owned()),
    ];
    Request {
        method,
        url: format!("https://api.vapi.ai{path}"),
        query: Vec::new(),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(),
        body: Some(body.to_string().into_bytes()),
        deadline: Duration::from_secs(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;
    use crate::plan::{Plan, Sizes};
    use crate::schedule::{Catalogue, set_up};
    use crate::trace::Trace;
    use crate::twilio::account;
    use crate::weather::Weather;
    use domain::twilio::Owner;

    /// Seed 1443018 was the judge's own mistake: of two deployments that wanted the same number one
    /// had it, ready, and it was changed in the place of what the other had not got.
    #[test]
    fn a_number_is_changed_in_the_account_of_its_row_alone() {
        let (mut dice, weather) = (Dice::new(0), Weather::calm());
        let drawn = Plan::drawn(&mut dice, &weather, Sizes::Large);
        let number = "+14155550181";
        let plan = Plan { deployments: 2, owned: vec![(Some(0), number, &[])], ..drawn };
        let engine = set_up(&Catalogue::default(), dice, weather, &plan, Trace::default());
        let mut state = engine.ground.lock();
        let digits = number.parse().unwrap();
        state.sky.touched = false;
        for (place, is_there) in [(1, false), (0, true)] {
            let account = account(place, Some(0)).parse().unwrap();
            let home = Home { owner: Owner::Platform, account };
            trunk_it(&mut state, &home, &digits, Kind::ByHand);
            assert_eq!(state.sky.touched, is_there, "account of deployment {place}");
        }
    }
}
