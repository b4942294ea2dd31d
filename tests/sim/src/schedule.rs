//! One schedule: faults at random, then none; and at every step, and at the end, the invariants.

use crate::deployment::{Deployment, Sweeping, Version, secrets, sweeping};
use crate::dice::Dice;
use crate::drift;
use crate::engine::{Engine, TICK_MS};
use crate::ground::{Ground, START_MS};
use crate::invariants::Violation;
use crate::kinds::{Counts, Kind};
use crate::mail::Mail;
use crate::people::{Act, Business};
use crate::plan::{Plan, Sizes};
use crate::portal;
use crate::sky::Sky;
use crate::trace::Trace;
use crate::twilio;
use crate::weather::Weather;
use domain::ids::WorkId;
use domain::work::{Phase, Work};
use simulators::{Providers, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY};
use std::rc::Rc;

/// Ticks of the poller within which everything must come to rest once faults have stopped.
const TICKS_TO_REST: i64 = 180;
/// How often operators try again what waits for a person.
const RETRIES: u32 = 3;

/// The versions that schedules run, made once per thread.
#[derive(Debug)]
pub struct Catalogue(Vec<Rc<Version>>);

/// Free limits there are.
const LIMITS: u16 = 5;
/// Daily caps there are, in cents.
const CAPS: [u32; 2] = [400, 2000];
/// Rests there are, in days.
const RESTS: [u16; 2] = [0, 30];
/// Where deployments are reached.
pub const PLACES: [&str; 2] = ["https://one.test", "https://two.test"];

impl Default for Catalogue {
    fn default() -> Self {
        let of = |place: usize| {
            CAPS.iter().flat_map(move |cap| {
                RESTS.iter().flat_map(move |rest| {
                    let version = move |limit| Version::new(PLACES[place], limit, *cap, *rest);
                    (0..LIMITS).map(move |limit| Rc::new(version(limit)))
                })
            })
        };
        Self((0..PLACES.len()).flat_map(of).collect())
    }
}

impl Catalogue {
    /// The version of a place with so many free numbers, for a plan.
    pub fn version(&self, place: usize, free_limit: u16, plan: &Plan) -> Rc<Version> {
        let cap = CAPS.iter().position(|cap| *cap == plan.cents_a_day).unwrap();
        let rest = RESTS.iter().position(|rest| *rest == plan.rest_days).unwrap();
        let limit = usize::from(free_limit.min(LIMITS - 1));
        let kind = (place * CAPS.len() + cap) * RESTS.len() + rest;
        Rc::clone(&self.0[kind * usize::from(LIMITS) + limit])
    }
}

/// What came of a schedule.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Steps: stretches of a task between two waits.
    pub steps: u64,
    /// Requests to tables and providers.
    pub requests: u64,
    /// Simulated time, in milliseconds.
    pub simulated_ms: i64,
    /// What struck.
    pub faults: Counts,
    /// The hash of everything that happened.
    pub hash: u64,
    /// What must not be, if it was.
    pub violation: Option<Violation>,
    /// What happened, if it was to be read.
    pub trace: Vec<String>,
}

/// Runs the schedule of a seed.
pub fn run(catalogue: &Catalogue, sizes: Sizes, seed: u64, trace: Trace) -> Outcome {
    let mut dice = Dice::new(seed);
    let weather = Weather::drawn(&mut dice);
    let plan = Plan::drawn(&mut dice, &weather, sizes);
    let mut engine = set_up(catalogue, dice, weather, &plan, trace);
    engine.businesses = plan.businesses;
    engine.script = plan.script.into_iter().map(|(at, event)| (START_MS + at, event)).collect();
    let ended = storm_and_calm(&mut engine, plan.storm_ms, plan.compares);
    outcome(&engine, ended.err())
}

fn outcome(engine: &Engine, violation: Option<Violation>) -> Outcome {
    let tables = engine.deployments.iter().map(|one| one.table.requests().total()).sum::<u64>();
    let refusals = engine.deployments.iter().map(|one| one.table.refusals()).sum();
    let mut state = engine.ground.lock();
    state.counts.add_all(Kind::ConditionFailed, refusals);
    let hash = state.trace.hash();
    let trace = std::mem::take(&mut state.trace);
    Outcome {
        steps: engine.steps,
        requests: tables + state.sky.requests,
        simulated_ms: state.now_ms - START_MS,
        faults: state.counts,
        hash,
        violation,
        trace: trace.lines().to_vec(),
    }
}

/// The ground, the providers and the deployments of a plan.
pub fn set_up(
    catalogue: &Catalogue,
    mut dice: Dice,
    weather: Weather,
    plan: &Plan,
    trace: Trace,
) -> Engine {
    let seed = dice.roll();
    let sky = Sky::new(Providers::standard(plan.options.clone(), seed, START_MS));
    let ground = Ground::new(dice, weather, sky, trace);
    {
        let mut state = ground.lock();
        let state = &mut *state;
        let texts = secrets(&state.sky, STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY);
        state.secrets = vec![texts; plan.deployments];
        twilio::open(&mut state.sky.providers, START_MS, plan.deployments);
        state.twilio_secrets =
            (0..plan.deployments).map(|place| twilio::secrets(place, 0)).collect();
        for (owner, number, settings) in &plan.owned {
            let sid = twilio::account(0, *owner);
            state.sky.providers.twilio.buy_outside(START_MS, &sid, number, settings);
        }
        let outside = plan.outside.iter();
        state.sky.foreign = outside.filter_map(|one| one.put(&mut state.sky.providers)).collect();
        state.mail = (0..plan.deployments).map(|_| Mail::default()).collect();
        let hooks = format!("{}/webhooks/telnyx", PLACES[0]);
        state.sky.providers.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, Some(&hooks));
        state.stale = plan.index_lag > 0;
        if plan.torn_reads {
            state.struck(Kind::TornRead);
        }
    }
    let deployment = |place: usize| {
        let version = catalogue.version(place, plan.free_limit, plan);
        let deployment = Deployment::new(&ground, place, PLACES[place], version);
        deployment.table.set_index_lag(plan.index_lag);
        deployment.table.set_torn_reads(plan.torn_reads);
        deployment
    };
    let mut deployments: Vec<Deployment> = (0..plan.deployments).map(deployment).collect();
    let Plan { pool_target, compares, .. } = *plan;
    let does = Sweeping { pool_target, compares, ..Sweeping::default() };
    let sweeping = Rc::new(sweeping(does));
    deployments.iter_mut().for_each(|one| one.sweeping = Rc::clone(&sweeping));
    let mut engine = Engine::new(ground, deployments, Vec::new());
    // A new version may hold more free numbers; with fewer, those it has would be too many.
    engine.next_versions = (0..plan.deployments)
        .map(|place| catalogue.version(place, plan.free_limit + 1, plan))
        .collect();
    engine
}

fn storm_and_calm(engine: &mut Engine, storm_ms: i64, compares: bool) -> Result<(), Violation> {
    engine.run(START_MS + storm_ms, |_| false)?;
    calm(engine);
    rest(engine)?;
    portal::objected(engine)?;
    for _retry in 0..RETRIES {
        if !try_again(engine, |_work| true) {
            break;
        }
        rest(engine)?;
    }
    if compares {
        drift::found_and_mended(engine)?;
    }
    engine.settled()
}

/// Nothing goes wrong any more.
fn calm(engine: &Engine) {
    let mut state = engine.ground.lock();
    state.note(5, || "== the faults stop".to_owned());
    state.weather = Weather::calm();
    state.stale = false;
    let mut options: ProvidersOptions = state.sky.providers.options();
    options.vapi.list_lag_ms = 0;
    options.vapi.get_lag_ms = 0;
    options.telnyx.order_visible_after_ms = 0;
    options.telnyx.number_visible_after_ms = 0;
    options.twilio.list_lag_ms = 0;
    options.twilio.get_lag_ms = 0;
    state.sky.providers.set_options(options);
    for deployment in &engine.deployments {
        deployment.table.set_index_lag(0);
        deployment.table.set_torn_reads(false);
    }
}

/// Everything comes to rest in time.
pub fn rest(engine: &mut Engine) -> Result<(), Violation> {
    let until_ms = engine.ground.lock().now_ms + TICKS_TO_REST * TICK_MS;
    if engine.run(until_ms, |engine| engine.script.is_empty() && engine.is_at_rest())? {
        return Ok(());
    }
    let unrested = engine.mirrors.iter().flat_map(|mirror| {
        let works = mirror.works.values();
        works.map(|work| format!("{} is {}", work.id, work.phase.name().as_str()))
    });
    let what = format!(
        "no rest within {TICKS_TO_REST} ticks: {}",
        unrested.collect::<Vec<_>>().join(", ")
    );
    Err(Violation::of(5, what))
}

/// Operators try again which of these wait for a person, told of it or not; `false` when none does.
///
/// Each stands for themselves: a deployment has operators where it has no business, and its numbers
/// made ahead wait for them all the same.
pub fn try_again(engine: &mut Engine, which: fn(&Work) -> bool) -> bool {
    let waiting: Vec<(usize, WorkId)> = engine
        .mirrors
        .iter()
        .enumerate()
        .flat_map(|(place, mirror)| mirror.works.values().map(move |work| (place, work)))
        .filter(|(_, work)| matches!(work.phase, Phase::NeedsPerson(_)) && which(work))
        .map(|(place, work)| (place, work.id))
        .collect();
    for (place, work) in &waiting {
        let operator = engine.businesses.len();
        engine.businesses.push(Business::operator(*place, operator, *work));
        engine.act(operator, Act::OperatorRetry);
    }
    !waiting.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ending::Ending;
    use crate::plan::Event;

    /// How long VAPI's key is another.
    const STORM_MS: i64 = 60 * 60 * 1000;

    /// Seed 1243523 was the judge's own mistake: it played operators through businesses, and what
    /// was made ahead in a deployment that had none waited for ever.
    #[test]
    fn operators_try_again_what_waits_where_no_business_is() {
        let mut dice = Dice::new(0);
        let weather = Weather::calm();
        let drawn = Plan::drawn(&mut dice, &weather, Sizes::Large);
        let plan = Plan {
            deployments: 1,
            free_limit: 1,
            pool_target: 1,
            businesses: Vec::new(),
            script: Vec::new(),
            storm_ms: STORM_MS,
            ..drawn
        };
        let catalogue = Catalogue::default();
        let mut engine = set_up(&catalogue, dice, weather, &plan, Trace::default());
        let ours = engine.ground.lock().secrets[0].clone();
        let theirs = secrets(&engine.ground.lock().sky, "another-key", STANDARD_TELNYX_KEY);
        engine.ground.lock().secrets[0] = theirs;
        engine.script = vec![(START_MS, Event::Sweep)].into();
        assert_eq!(engine.run(START_MS + STORM_MS, |_| false), Ok(false));
        let waits = |engine: &Engine| format!("{:?}", Ending::of(engine)).contains("needs_person");
        assert!(waits(&engine), "{:?}", Ending::of(&engine));
        engine.ground.lock().secrets[0] = ours;
        assert_eq!(storm_and_calm(&mut engine, STORM_MS, plan.compares), Ok(()));
        assert!(!waits(&engine), "{:?}", Ending::of(&engine));
    }
}
