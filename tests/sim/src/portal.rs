//! The carrier's portal: somebody asks to take a number to another carrier, and is refused or not.
//!
//! Only the first deployment hears of it: the account has one place for its notifications.

use crate::engine::Engine;
use crate::ground::State;
use crate::invariants::{Checked, Violation};
use crate::mirror::Mirror;
use domain::ids::NumberId;
use domain::number::{self, Carrier, Number};
use serde_json::Value;
use simulators::{Delivery, Provider};
use std::collections::BTreeMap;

/// Time between two turns of a request, in milliseconds: people take longer than clocks differ.
const APART_MS: i64 = 60_000;
/// How long the last notifications may take, in milliseconds: later than any is held back.
const HEARD_WITHIN_MS: i64 = 60 * 60_000;
/// Operators object to so many of 1,024 requests; the others stand when a schedule ends.
const OBJECTED: u16 = 768;

/// A request to take a number to another carrier.
#[derive(Debug)]
struct Request {
    id: String,
    digits: String,
    /// What was told of it: when, and how far it is.
    told: Vec<(i64, &'static str)>,
}

/// What was heard last of the requests for a number, by each request's id: when it was so, and
/// whether the request stood.
type Heard = BTreeMap<String, (i64, bool)>;

/// All requests there are, and what was heard of them.
#[derive(Debug, Default)]
pub struct PortOuts {
    requests: Vec<Request>,
    heard: BTreeMap<NumberId, Heard>,
}

impl Request {
    fn stands(&self) -> bool {
        self.told.last().is_some_and(|(_, status)| !is_over(status))
    }

    fn told_ms(&self) -> i64 {
        self.told.last().map_or(0, |(at_ms, _)| *at_ms)
    }

    fn tell(&mut self, state: &mut State, status: &'static str) {
        let (now_ms, digits) = (state.now_ms, self.digits.as_str());
        state.note(10, || format!("-- the request {} for {digits} is {status}", self.id));
        state.sky.providers.telnyx.tell_port_out(now_ms, digits, &self.id, status);
        self.told.push((now_ms, status));
    }
}

fn is_over(status: &str) -> bool {
    ["rejected", "canceled"].contains(&status)
}

impl PortOuts {
    /// Somebody asks for a number of the first deployment, or a request that stands goes on.
    pub fn turn(&mut self, state: &mut State, mirror: &Mirror) {
        let now_ms = state.now_ms;
        if let Some(request) = self.requests.iter_mut().rfind(|request| request.stands()) {
            if request.told_ms() + APART_MS <= now_ms {
                let status = state.dice.pick(&["authorized", "rejected", "canceled"]);
                let known = request.told.iter().any(|(_, told)| *told == status);
                request.tell(state, if known { "canceled" } else { status });
            }
            return;
        }
        let at_telnyx = |number: &&Number| {
            let digits = number.digits.as_ref().map(|digits| digits.reveal());
            matches!(number.carrier, Carrier::Telnyx { .. })
                && number.state != number::State::Released
                && digits.is_some_and(|own| state.sky.providers.telnyx.holding(own).is_some())
        };
        let numbers: Vec<&Number> = mirror.numbers.values().filter(at_telnyx).collect();
        if numbers.is_empty() {
            return;
        }
        let number = state.dice.pick(&numbers);
        let Some(digits) = number.digits.as_ref() else { return };
        let (id, digits) = (format!("p-{}", self.requests.len()), digits.reveal().to_owned());
        if self.requests.iter().any(|one| one.digits == digits && one.told_ms() + APART_MS > now_ms)
        {
            return;
        }
        let mut request = Request { id, digits, told: Vec::new() };
        request.tell(state, "pending");
        self.requests.push(request);
    }

    /// A notification was taken.
    pub fn hear(&mut self, delivery: &Delivery, mirror: &Mirror) {
        if self.requests.is_empty() || delivery.provider != Provider::Telnyx {
            return;
        }
        let Ok(body) = serde_json::from_slice::<Value>(&delivery.body) else { return };
        let text =
            |name: &str| body.pointer(&format!("/data/payload/{name}")).and_then(Value::as_str);
        let (Some(id), Some(status)) = (text("id"), text("status")) else { return };
        let Some(request) = self.requests.iter().find(|request| request.id == id) else { return };
        let Some((at_ms, status)) = request.told.iter().find(|(_, told)| *told == status) else {
            return;
        };
        let is_it = |number: &&Number| {
            let digits = number.digits.as_ref().map(|digits| digits.reveal());
            digits == Some(request.digits.as_str()) && number.state != number::State::Released
        };
        // Whose row is no more has no freeze either.
        let Some(number) = mirror.numbers.values().find(is_it) else { return };
        let heard = self.heard.entry(number.id).or_default();
        let news = (*at_ms, !is_over(status));
        let known = heard.entry(id.to_owned()).or_insert(news);
        *known = news.max(*known);
    }

    /// Whether what was heard says that a number is frozen.
    fn says(&self, number: NumberId) -> bool {
        self.heard.get(&number).is_some_and(|heard| heard.values().any(|(_, stands)| *stands))
    }

    /// What is frozen is what somebody asks for.
    pub fn check(&self, mirror: &Mirror) -> Checked {
        for number in mirror.numbers.values() {
            if number.state == number::State::Released {
                continue;
            }
            let is_frozen = mirror.frozen.contains(&number.id);
            if self.says(number.id) != is_frozen {
                let what =
                    if is_frozen { "frozen for nothing" } else { "asked for and not frozen" };
                return Err(Violation::of(21, format!("number {} is {what}", number.id)));
            }
        }
        Ok(())
    }
}

/// Operators object to what stands, and it is heard.
pub fn objected(engine: &mut Engine) -> Checked {
    if engine.port_outs.requests.is_empty() {
        return Ok(());
    }
    {
        let mut state = engine.ground.lock();
        for request in engine.port_outs.requests.iter_mut().filter(|one| one.stands()) {
            if state.dice.chance(OBJECTED) {
                let until_ms = request.told_ms() + APART_MS;
                state.advance_to(until_ms);
                request.tell(&mut state, "rejected");
            }
        }
    }
    let until_ms = engine.ground.lock().now_ms + HEARD_WITHIN_MS;
    engine.run(until_ms, |engine| engine.ground.lock().sky.next_due().is_none())?;
    Ok(())
}
