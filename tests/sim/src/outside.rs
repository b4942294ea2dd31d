//! Numbers that no deployment made: bought in a carrier's portal, or made in VAPI's dashboard.

use crate::by_hand::from_dashboard;
use crate::dice::Dice;
use crate::ground::{START_MS, State};
use crate::mirror::Mirror;
use domain::number::{self, Number, Origin};
use exchange::Method;
use serde_json::{Value, json};
use simulators::vapi::{NumberKind, PhoneNumber};
use simulators::{Outcome, Provider, Providers, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};

/// Which number an operator names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// This one.
    This(&'static str),
    /// A free one that somebody made at VAPI.
    Free,
    /// One of another deployment.
    Theirs,
}

/// A number that is there before anybody asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outside {
    /// One at Telnyx, and what VAPI has of it.
    Bought(&'static str, AtVapi),
    /// A free one at VAPI.
    Free,
}

/// What VAPI has of a number at Telnyx.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtVapi {
    /// Nothing.
    Nothing,
    /// A record with a name that says nothing, linked to nobody.
    Named,
    /// A record linked to an assistant that no deployment made.
    Linked,
    /// A record with the stamp of a deployment that is not here.
    Stamped,
}

/// A record at VAPI that is somebody else's.
#[derive(Debug)]
pub struct Foreign {
    /// VAPI's id.
    pub record: String,
    /// Its name.
    pub name: String,
    /// Who answers.
    pub assistant: Option<String>,
}

/// Numbers that are bought at Telnyx.
const BOUGHT: [&str; 2] = ["+14155550142", "+14155550143"];
/// One that nobody has.
const NOBODYS: &str = "+14155550149";
/// Numbers that may be in an account at Twilio.
const AT_TWILIO: [&str; 3] = ["+14155550181", "+14155550182", "+14155550183"];
/// What somebody calls a number.
const NAME: &str = "Front desk";
/// The name of a number that a deployment made which is not here.
const STAMP: &str = "ABCDEFGH-01KA0000000000000000000000-1";

impl Outside {
    /// Those of a schedule.
    pub fn drawn(dice: &mut Dice) -> Vec<Self> {
        if !dice.chance(PART_TAKEN) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for number in BOUGHT {
            let at_vapi = dice.pick(&[
                AtVapi::Nothing,
                AtVapi::Nothing,
                AtVapi::Named,
                AtVapi::Linked,
                AtVapi::Stamped,
            ]);
            if dice.chance(512) {
                all.push(Self::Bought(number, at_vapi));
            }
        }
        if dice.chance(128) {
            all.push(Self::Free);
        }
        all
    }

    /// Puts it there; what is told is what must stay as it is.
    pub fn put(self, all: &mut Providers) -> Option<Foreign> {
        let (number, at_vapi) = match self {
            Self::Free => {
                made_at_vapi(all, "/phone-number", &json!({ "provider": "vapi", "name": NAME }));
                return None;
            }
            Self::Bought(number, at_vapi) => (number, at_vapi),
        };
        let _bought = all.telnyx.buy_outside(START_MS, STANDARD_TELNYX_KEY, number, None);
        let name = match at_vapi {
            AtVapi::Nothing => return None,
            AtVapi::Named | AtVapi::Linked => NAME,
            AtVapi::Stamped => STAMP,
        };
        let credential = all.vapi.orgs()[0].credentials.iter().next().map(|one| one.id.clone());
        let mut body = json!({
            "provider": "telnyx", "number": number, "credentialId": credential, "name": name,
        });
        let assistant = (at_vapi == AtVapi::Linked).then(|| {
            let made = made_at_vapi(all, "/assistant", &json!({ "name": "Somebody else" }));
            made["id"].as_str().unwrap_or_default().to_owned()
        });
        if let Some(assistant) = &assistant {
            body["assistantId"] = json!(assistant);
        }
        let made = made_at_vapi(all, "/phone-number", &body);
        let record = made["id"].as_str()?.to_owned();
        let foreign = Foreign { record, name: name.to_owned(), assistant };
        (at_vapi != AtVapi::Named).then_some(foreign)
    }
}

/// Numbers that nobody bought here are about in so many of 1,024 schedules.
const PART_TAKEN: u16 = 160;

impl Which {
    /// One that an operator may name.
    pub fn drawn(dice: &mut Dice) -> Self {
        match dice.below(16) {
            0 => Self::This(NOBODYS),
            1 | 2 => Self::This(dice.pick(&AT_TWILIO)),
            3 | 4 => Self::Free,
            5 => Self::Theirs,
            _ => Self::This(dice.pick(&BOUGHT)),
        }
    }

    /// Its digits, if there is such a number.
    pub fn digits(self, state: &State, place: usize, mirrors: &[Mirror]) -> Option<String> {
        match self {
            // Which of two deployments is to have it is nothing that they could know.
            Self::This(_) | Self::Free if place > 0 => None,
            Self::This(digits) => Some(digits.to_owned()),
            Self::Free => {
                let mut held =
                    state.sky.providers.vapi.orgs().iter().flat_map(|org| org.numbers.iter());
                let is_free = |one: &&PhoneNumber| {
                    one.kind == NumberKind::Vapi && one.name.as_deref() == Some(NAME)
                };
                let free = held.find(is_free)?;
                free.digits_now(state.now_ms).map(str::to_owned)
            }
            Self::Theirs => {
                let others = mirrors.iter().enumerate().filter(|(other, _)| *other != place);
                let mut numbers = others.flat_map(|(_, mirror)| mirror.numbers.values());
                let is_theirs = |number: &&Number| {
                    number.origin == Origin::Bought
                        && matches!(number.state, number::State::Assigned { .. })
                };
                let digits = numbers.find(is_theirs)?.digits.as_ref()?;
                Some(digits.reveal().to_owned())
            }
        }
    }
}

/// What somebody makes in VAPI's dashboard.
fn made_at_vapi(all: &mut Providers, path: &str, body: &Value) -> Value {
    let request = from_dashboard(STANDARD_VAPI_KEY, Method::Post, path, body);
    match all.handle(START_MS, Provider::Vapi, &request).outcome {
        Outcome::Answer(answer) => serde_json::from_slice(&answer.body).unwrap_or_default(),
        Outcome::Lost { .. } | Outcome::NotSent => Value::Null,
    }
}
