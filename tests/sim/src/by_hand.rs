//! Somebody changes a record by hand, in a provider's dashboard, while its number is being got.
//!
//! It happens only while nothing is under way: whatever is called ready afterwards was read
//! afterwards.

use crate::ground::{Ground, State};
use crate::kinds::Kind;
use crate::mirror::Mirror;
use domain::number::{self, Carrier, Number};
use domain::phone::E164;
use exchange::{Method, Request};
use serde_json::{Value, json};
use simulators::Provider;
use std::collections::BTreeMap;
use std::time::Duration;

/// An application that does not exist.
const NO_APPLICATION: &str = "999";

/// Changes something about one of the numbers that are being got, if that strikes.
pub fn strike(ground: &Ground, mirrors: &[Mirror]) {
    let mut state = ground.lock();
    let state = &mut *state;
    let rate = state.weather.rate(Kind::ByHand);
    if rate == 0 || !state.dice.chance(rate) {
        return;
    }
    let numbers = mirrors.iter().enumerate().flat_map(|(place, mirror)| {
        let sought = |number: &&Number| number.state == number::State::Acquiring;
        mirror.numbers.values().filter(sought).map(move |number| (place, number))
    });
    let numbers: Vec<(usize, &Number)> = numbers.collect();
    if numbers.is_empty() {
        return;
    }
    let (place, number) = state.dice.pick(&numbers);
    if state.dice.chance(512) {
        route_elsewhere(state, number);
    } else {
        unlink(state, place, number);
    }
}

/// Points a number at nothing, or at an application that is not there.
fn route_elsewhere(state: &mut State, number: &Number) {
    let Some(digits) = &number.digits else { return };
    match &number.carrier {
        Carrier::Vapi { .. } | Carrier::Unknown => return,
        Carrier::Twilio { .. } => return trunk_it(state, digits),
        Carrier::Telnyx { .. } => {}
    }
    let to = state.dice.pick(&[None, Some(NO_APPLICATION)]);
    if state.sky.providers.telnyx.route_outside(digits.reveal(), to) {
        state.struck(Kind::ByHand);
        state.sky.touched = true;
        state.note(6, || format!("-- somebody routes {} to {to:?}", digits.reveal()));
    }
}

/// Sends a number's calls elsewhere at Twilio.
fn trunk_it(state: &mut State, digits: &E164) {
    let trunk = ("trunk_sid", "TK00000000000000000000000000000001");
    let setting = state.dice.pick(&[("voice_url", "https://calls.example.com/other"), trunk]);
    let now_ms = state.now_ms;
    let twilio = &mut state.sky.providers.twilio;
    if twilio.change_outside(now_ms, digits.reveal(), [setting]).is_ok() {
        state.struck(Kind::ByHand);
        state.sky.touched = true;
        state.note(8, || format!("-- somebody sets {} of {}", setting.0, digits.reveal()));
    }
}

/// Takes the assistant off a number.
fn unlink(state: &mut State, place: usize, number: &Number) {
    let orgs = state.sky.providers.vapi.orgs();
    let record = orgs.iter().flat_map(|org| org.numbers.iter()).find(|held| {
        let known = number.vapi.as_ref().is_some_and(|id| id.as_str() == held.id);
        known || held.name.as_deref() == Some(number.stamp.as_str())
    });
    let Some(id) = record.map(|held| held.id.clone()) else { return };
    let secret: Value = serde_json::from_str(&state.secrets[place][0]).unwrap();
    let key = secret["api_key"].as_str().unwrap();
    let headers = [
        ("authorization", format!("Bearer {key}")),
        ("content-type", "application/json".to_owned()),
        ("user-agent", "a dashboard".to_owned()),
    ];
    let request = Request {
        method: Method::Patch,
        url: format!("https://api.vapi.ai/phone-number/{id}"),
        query: Vec::new(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        body: Some(json!({ "assistantId": null }).to_string().into_bytes()),
        deadline: Duration::from_secs(10),
    };
    let now_ms = state.now_ms;
    state.struck(Kind::ByHand);
    state.sky.arrive(now_ms, Provider::Vapi, &request);
    state.note(7, || format!("-- somebody unlinks {id}"));
}
