//! What the comparison with the providers must find and put right, once all is at rest.
//!
//! In turn something is set otherwise by hand, a provider does not find what it has, or a key of
//! ours gives way to another account's; sweeps follow, an hour apart. At the end everybody has what
//! he had, nothing was bought, and one more sweep finds nothing.

use crate::by_hand::{hide, is_had, is_left, rests, set_otherwise};
use crate::dice::Dice;
use crate::engine::Engine;
use crate::ground::State;
use crate::invariants::{Checked, Violation, n08_counted};
use crate::kinds::Kind;
use crate::plan::Event;
use crate::schedule::{rest, try_again};
use domain::ids::{NumberId, WorkId};
use domain::number::{self, Number, Proof};
use domain::problem::Problem;
use domain::work::{self, Phase, Work};
use serde_json::{Value, json};
use simulators::Provider;
use store::{Stage, Sweep};

/// Time between two sweeps, in milliseconds: an hour, and what their clocks may differ by.
const BETWEEN_MS: i64 = 61 * 60_000;
/// Sweeps after which none may be under way any more.
const SWEEPS_TO_END: u32 = 3;
/// The name and the first key of another account.
const ANOTHER: &str = "another-account";

/// What is done before a sweep.
#[derive(Debug, Clone, Copy)]
enum Turn {
    /// Something is set otherwise.
    SetOtherwise,
    /// VAPI does not find a record, until the sweep has ended.
    Hidden,
    /// A key is another account's, for two sweeps.
    OtherAccount(Provider),
}

fn turns(dice: &mut Dice) -> Vec<Turn> {
    let count = dice.pick(&[1, 1, 2, 3]);
    let turn = |_turn| match dice.below(8) {
        0 | 1 => Turn::Hidden,
        2 => Turn::OtherAccount(dice.pick(&[Provider::Vapi, Provider::Telnyx])),
        _ => Turn::SetOtherwise,
    };
    (0..count).map(turn).collect()
}

/// Lets people change things, and the comparison put them right.
pub fn found_and_mended(engine: &mut Engine) -> Checked {
    // What the storm cut short has read what was so then.
    for _sweep in 0..SWEEPS_TO_END {
        if !sweeps(engine).any(Sweep::goes_on) {
            break;
        }
        sweep(engine)?;
    }
    let had = Had::of(engine);
    let turns = turns(&mut engine.ground.lock().dice);
    let mut hidden = None;
    // Whether no sweep has seen all of it yet.
    let mut unseen = true;
    for turn in turns {
        match turn {
            Turn::SetOtherwise => {
                set_otherwise(&mut engine.ground.lock(), &engine.mirrors);
                hidden = None;
                sweep(engine)?;
                unseen = !sweeps(engine).all(|sweep| sweep.stage == Stage::Over);
            }
            Turn::Hidden => {
                hidden = hide(&mut engine.ground.lock(), &engine.mirrors, hidden.as_ref());
                sweep(engine)?;
                engine.ground.lock().hidden = None;
            }
            Turn::OtherAccount(provider) => {
                let ours = take_key(&mut engine.ground.lock(), provider);
                hidden = None;
                for _sweep in 0..2 {
                    pass(engine);
                    sweep(engine)?;
                }
                engine.ground.lock().secrets = ours;
            }
        }
        pass(engine);
    }
    // What was to be read back or put right while VAPI did not find it waits for a person.
    if try_again(engine, is_read_back) {
        rest(engine)?;
    }
    if unseen {
        sweep(engine)?;
        pass(engine);
    }
    let from_ms = engine.ground.lock().now_ms;
    let counts: Vec<_> = engine.mirrors.iter().map(n08_counted::count).collect();
    sweep(engine)?;
    nothing_found(engine, from_ms)?;
    for (mirror, before) in engine.mirrors.iter().zip(&counts) {
        n08_counted::check(mirror, before)?;
    }
    had.is_kept(engine)
}

/// Whether a work reads a number back that VAPI has, no more than that being done for it; or looked
/// for one, to put its route right, while VAPI did not find it.
fn is_read_back(work: &Work) -> bool {
    let Phase::NeedsPerson(stuck) = &work.phase else { return false };
    let is_read_back = matches!(stuck.at.as_ref(), Phase::Proving(_));
    let is_put_right = matches!(stuck.at.as_ref(), Phase::ReadyDegraded(_));
    is_read_back && work.kind == work::Kind::Stock
        || is_put_right && stuck.problem == Problem::NumberVanished
}

/// The last sweep of each deployment. Before its first provisioning there is nothing to compare.
fn sweeps(engine: &Engine) -> impl Iterator<Item = &Sweep> {
    let begun = engine.mirrors.iter().filter(|mirror| !mirror.works.is_empty());
    begun.filter_map(|mirror| mirror.sweep.as_ref())
}

/// One sweep with all that comes of it.
fn sweep(engine: &mut Engine) -> Checked {
    let now_ms = engine.ground.lock().now_ms;
    engine.script.push_back((now_ms, Event::Sweep));
    rest(engine)
}

/// An hour goes by.
fn pass(engine: &Engine) {
    let mut state = engine.ground.lock();
    let until_ms = state.now_ms + BETWEEN_MS;
    state.advance_to(until_ms);
}

/// Puts another account's key in place of ours, which are given.
fn take_key(state: &mut State, provider: Provider) -> Vec<[String; 2]> {
    state.struck(Kind::OtherAccount);
    let place = match provider {
        Provider::Vapi => {
            state.sky.providers.vapi.add_org(ANOTHER, ANOTHER);
            0
        }
        Provider::Telnyx | Provider::Twilio => {
            state.sky.providers.telnyx.add_account(ANOTHER, ANOTHER, 0);
            1
        }
    };
    let ours = state.secrets.clone();
    for texts in &mut state.secrets {
        let mut secret: Value = serde_json::from_str(&texts[place]).unwrap();
        secret["api_key"] = json!(ANOTHER);
        texts[place] = secret.to_string();
    }
    ours
}

/// The last sweep came to its end and found nothing to mend.
fn nothing_found(engine: &Engine, from_ms: i64) -> Checked {
    for sweep in sweeps(engine) {
        if sweep.stage != Stage::Over {
            return Err(Violation::of(5, format!("a sweep ended {:?}", sweep.stage)));
        }
        if sweep.begun_at.as_millis() < from_ms - CLOCKS_MS {
            return Err(Violation::of(5, "no sweep began"));
        }
        let mut found = sweep.survey.found.iter();
        if let Some((drift, count)) = found.find(|(drift, count)| drift.is_mended() && **count > 0)
        {
            let what = format!("{count} {} after all was mended", drift.as_str());
            return Err(Violation::of(7, what));
        }
    }
    Ok(())
}

/// How far clocks may differ, in milliseconds.
const CLOCKS_MS: i64 = 60_000;

/// What there is before people change things.
struct Had {
    /// Numbers that nobody was at, with their deployment's place.
    numbers: Vec<(usize, Number)>,
    /// Works that were ready.
    ready: Vec<(usize, WorkId)>,
    /// Orders, and numbers at Twilio and at VAPI.
    bought: [usize; 3],
}

impl Had {
    fn of(engine: &Engine) -> Self {
        let mirrors = || engine.mirrors.iter().enumerate();
        let numbers = mirrors().flat_map(|(place, mirror)| {
            let left = mirror.numbers.values().filter(|number| is_left(number));
            left.map(move |number| (place, number.clone()))
        });
        let ready = mirrors().flat_map(|(place, mirror)| {
            let ready = mirror.works.values().filter(|work| is_ready(&work.phase));
            ready.map(move |work| (place, work.id))
        });
        let (numbers, ready) = (numbers.collect(), ready.collect());
        Self { numbers, ready, bought: bought(&engine.ground.lock()) }
    }

    /// Everybody has what he had, and nothing is new.
    fn is_kept(&self, engine: &Engine) -> Checked {
        for (place, was) in &self.numbers {
            let now = engine.mirrors[*place].numbers.get(&was.id);
            if !now.is_some_and(|now| is_as_it_was(was, now)) {
                let now = now.map(|now| now.state.name());
                return Err(of_number(was.id, was.state.name(), now));
            }
        }
        for (place, id) in &self.ready {
            let phase = &engine.mirrors[*place].works[id].phase;
            if !is_ready(phase) {
                let what = format!("work {id} was ready and is {}", phase.name().as_str());
                return Err(Violation::of(6, what));
            }
        }
        let bought = bought(&engine.ground.lock());
        if bought != self.bought {
            let what = format!("{:?} were bought and then {bought:?}", self.bought);
            return Err(Violation::of(2, what));
        }
        Ok(())
    }
}

fn of_number(id: NumberId, was: &str, now: Option<&str>) -> Violation {
    Violation::of(3, format!("number {id} was {was} and is {now:?}"))
}

const fn is_ready(phase: &Phase) -> bool {
    matches!(phase, Phase::Ready { .. })
}

/// Whether a number is still whose it was. One that rested unproven may have no digits for good, and
/// waits for a person then.
fn is_as_it_was(was: &Number, now: &Number) -> bool {
    if is_had(was) { now.state == was.state } else { rests(now) || is_unproven(was, now) }
}

fn is_unproven(was: &Number, now: &Number) -> bool {
    let rested = matches!(was.state, number::State::Quarantined { proof: Proof::Unproven, .. });
    rested && was.digits.is_none() && now.state == number::State::Acquiring
}

fn bought(state: &State) -> [usize; 3] {
    let all = &state.sky.providers;
    [
        all.telnyx.accounts().iter().map(|one| one.orders.iter().count()).sum(),
        all.twilio.accounts().iter().map(|one| one.numbers.len()).sum(),
        all.vapi.orgs().iter().map(|one| one.numbers.iter().count()).sum(),
    ]
}
