//! The workflows there are, each as one run in which nothing goes wrong.
//!
//! `crash` and `repeat` disturb them at every place a clean run shows, so that a new effect is
//! covered without a word here.

use crate::deployment::{Sweeping, sweeping};
use crate::dice::Dice;
use crate::engine::Engine;
use crate::ground::START_MS;
use crate::outside::Which;
use crate::people::{Act, Business};
use crate::plan::{Event, Plan, TWILIO_LOG};
use crate::report::Report;
use crate::schedule::{Catalogue, set_up};
use crate::trace::Trace;
use crate::twilio;
use crate::weather::Weather;
use domain::work::PhaseName;
use serde_json::{Value, json};
use simulators::vapi::ImportRouting;
use simulators::{
    DigitsPlan, Fault, FaultScript, Provider, Providers, ProvidersOptions, Refusal,
    STANDARD_TELNYX_KEY, TelnyxOptions, TwilioOptions, VapiOptions,
};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

mod brought;
mod changed;
mod kept;
mod made_ahead;

/// A workflow.
#[derive(Debug, Clone)]
pub struct Workflow {
    /// Its name.
    pub name: &'static str,
    wants: fn() -> Value,
    /// What a second business wants, where there is one.
    second: Option<fn() -> Value>,
    free_limit: u16,
    /// When the first business asks, in milliseconds.
    first_ms: i64,
    /// When free numbers have digits, in milliseconds.
    digits_ms: i64,
    /// When orders settle, in milliseconds.
    settle_ms: i64,
    /// Days a number rests.
    rest_days: u16,
    /// Numbers the pool is to have.
    pool_target: u16,
    /// Whether sweeps give back what nobody uses.
    gives_back: bool,
    /// Whether sweeps compare with the providers.
    compares: bool,
    /// How often Telnyx must be asked before a number is gone.
    deletes_needed: u32,
    /// Whether only the poller's messages arrive.
    poller_only: bool,
    /// Whether webhooks come.
    webhooks: bool,
    /// What is done at the providers before anybody asks.
    before: fn(&mut Providers),
    /// What happens when a work is first seen in a phase.
    when: fn() -> Vec<(PhaseName, Event)>,
    /// What happens at a time, in milliseconds.
    then: fn() -> Vec<(i64, Event)>,
}

const PLAIN: Workflow = Workflow {
    name: "",
    wants: || json!({}),
    second: None,
    free_limit: 2,
    first_ms: 0,
    digits_ms: 2_500,
    settle_ms: 3_000,
    rest_days: 0,
    pool_target: 0,
    gives_back: false,
    compares: false,
    deletes_needed: 1,
    poller_only: false,
    webhooks: true,
    before: |_| {},
    when: Vec::new,
    then: Vec::new,
};

/// With a rest that lasts longer than any workflow.
const RESTS: Workflow = Workflow { rest_days: 30, ..PLAIN };

const TWILIO: Workflow = Workflow { wants: || json!({ "sources": ["org_twilio"] }), ..PLAIN };

const TELNYX: Workflow = Workflow { wants: || json!({ "sources": ["telnyx"] }), ..PLAIN };

/// A person is the only source.
const MANUAL: Workflow = Workflow { wants: || json!({ "sources": ["manual"] }), ..PLAIN };

/// Every workflow.
pub fn all() -> Vec<Workflow> {
    [made_ahead::all(), brought::all(), changed::all(), by_itself(), by_hand()].concat()
}

/// A person names a number.
fn by_hand() -> Vec<Workflow> {
    vec![
        Workflow { name: "assigned by hand", then: name_one, ..MANUAL },
        Workflow {
            name: "assigned by hand by poller",
            then: name_one,
            poller_only: true,
            ..MANUAL
        },
        Workflow { name: "assigned by hand, import answer lost", then: name_one_unheard, ..MANUAL },
        Workflow { name: "assigned by hand, called off", then: name_and_call_off, ..MANUAL },
        Workflow {
            name: "assigned by hand from the pool",
            then: name_freed,
            rest_days: 0,
            ..MANUAL
        },
    ]
}

/// Nobody but businesses asks for anything.
fn by_itself() -> Vec<Workflow> {
    vec![
        Workflow { name: "free", ..PLAIN },
        Workflow { name: "free, digits by the watch", digits_ms: 45_000, ..PLAIN },
        Workflow { name: "telnyx", ..TELNYX },
        Workflow {
            name: "telnyx when nothing is free",
            free_limit: 0,
            wants: || json!({ "sources": ["pool", "vapi_free", "telnyx"] }),
            ..PLAIN
        },
        Workflow { name: "telnyx by webhook", settle_ms: 50_000, ..TELNYX },
        Workflow { name: "telnyx without webhook", settle_ms: 50_000, webhooks: false, ..TELNYX },
        Workflow { name: "free by poller", poller_only: true, ..PLAIN },
        Workflow { name: "telnyx by poller", poller_only: true, webhooks: false, ..TELNYX },
        Workflow { name: "order answer lost", before: lose_order_answer, ..TELNYX },
        Workflow { name: "free answer lost", before: lose_free_answer, ..PLAIN },
        Workflow { name: "import answer lost", before: lose_free_answer, ..TELNYX },
        Workflow { name: "order fails, another is bought", before: fail_order, ..TELNYX },
        Workflow { name: "retry after no stock", before: sell_out, then: restock, ..TELNYX },
        Workflow {
            name: "retry of a degraded line",
            before: switch_off,
            then: switch_on,
            ..TELNYX
        },
        Workflow { name: "cancel before a source", when: cancel_at_scout, ..TELNYX },
        Workflow { name: "cancel of a free number", when: cancel_at_digits, ..PLAIN },
        Workflow { name: "cancel of a purchase", when: cancel_at_order, ..TELNYX },
        Workflow { name: "cancel of an imported number", when: cancel_at_proof, ..TELNYX },
        Workflow { name: "cancel, then again", when: cancel_at_order, then: ask_again, ..TELNYX },
        Workflow { name: "release", then: give_up, ..RESTS },
        Workflow { name: "release of a bought number", then: give_up, rest_days: 30, ..TELNYX },
        Workflow { name: "release by poller", then: give_up, poller_only: true, ..RESTS },
        Workflow {
            name: "release of a degraded line",
            before: switch_off,
            then: give_up,
            rest_days: 30,
            ..TELNYX
        },
        Workflow { name: "release, and had back", then: have_back, ..RESTS },
        Workflow { name: "release, and another number", then: give_up_and_ask, ..RESTS },
        Workflow { name: "from the pool", second: Some(from_pool), then: hand_on, ..PLAIN },
        Workflow {
            name: "bought, from the pool",
            second: Some(from_pool),
            then: hand_on,
            ..TELNYX
        },
        Workflow {
            name: "degraded, from the pool once it is read back",
            before: switch_off,
            second: Some(from_pool),
            then: mend_and_hand_on,
            ..TELNYX
        },
    ]
    .into_iter()
    .chain(kept::all())
    .chain(at_twilio())
    .collect()
}

/// Those whose number is in an account at Twilio.
fn at_twilio() -> Vec<Workflow> {
    vec![
        Workflow { name: "twilio", ..TWILIO },
        Workflow {
            name: "twilio, the platform's",
            wants: || json!({ "sources": ["global_twilio"] }),
            ..PLAIN
        },
        Workflow { name: "twilio when nothing is free", free_limit: 0, ..PLAIN },
        Workflow { name: "twilio by poller", poller_only: true, ..TWILIO },
        Workflow { name: "twilio answer lost", before: lose_purchase_answer, ..TWILIO },
        Workflow { name: "twilio, sold to another", before: sell_first, ..TWILIO },
        Workflow { name: "twilio import answer lost", before: lose_free_answer, ..TWILIO },
        Workflow { name: "twilio, an owned number", before: own_one, ..TWILIO },
        Workflow { name: "twilio, routed elsewhere", before: keep_routes, ..TWILIO },
        Workflow { name: "cancel at twilio", when: cancel_at_scout, ..TWILIO },
        Workflow { name: "cancel of a number of twilio", when: cancel_at_proof, ..TWILIO },
        Workflow { name: "release of a number of twilio", then: give_up, rest_days: 30, ..TWILIO },
        Workflow {
            name: "twilio, from the pool",
            second: Some(from_pool),
            then: hand_on,
            ..TWILIO
        },
    ]
}

/// Does something with every workflow, on as many threads as there are processors, until one of
/// them finds something.
pub fn each(report: &mut Report, work: fn(&Catalogue, usize, &Workflow, &mut Report)) {
    let workflows = all();
    let next = AtomicUsize::new(0);
    let shared = Mutex::new(report);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _thread in 0..threads {
            scope.spawn(|| {
                let catalogue = Catalogue::default();
                while let Some((place, workflow)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    workflows.get(place).map(|workflow| (place, workflow))
                } {
                    let mut own = Report::of("");
                    work(&catalogue, place, workflow, &mut own);
                    if own.is_bad() {
                        next.store(workflows.len(), Ordering::Relaxed);
                    }
                    shared.lock().unwrap_or_else(PoisonError::into_inner).add(own);
                }
            });
        }
    });
}

/// Where numbers are bought at Twilio.
const PURCHASES: &str = "/Accounts/{id}/IncomingPhoneNumbers.json";

fn lose_purchase_answer(all: &mut Providers) {
    all.add_fault(FaultScript::once(Provider::Twilio, "POST", PURCHASES, Fault::AnswerLost));
}

fn sell_first(all: &mut Providers) {
    let taken = Fault::Refuse { reason: Refusal::Taken };
    all.add_fault(FaultScript::once(Provider::Twilio, "POST", PURCHASES, taken));
}

fn own_one(all: &mut Providers) {
    let sid = twilio::account(0, Some(0));
    all.twilio.buy_outside(START_MS, &sid, "+14155550181", &[]);
}

/// VAPI leaves a number that is routed somewhere as it is: its route is to be put right.
fn keep_routes(all: &mut Providers) {
    all.vapi.options.import_routing = ImportRouting::KeepsFormer;
    own_one(all);
}

fn lose_order_answer(all: &mut Providers) {
    all.add_fault(FaultScript::once(Provider::Telnyx, "POST", "/number_orders", Fault::AnswerLost));
}

fn lose_free_answer(all: &mut Providers) {
    all.add_fault(FaultScript::once(Provider::Vapi, "POST", "/phone-number", Fault::AnswerLost));
}

fn fail_order(all: &mut Providers) {
    all.add_fault(FaultScript::once(Provider::Telnyx, "POST", "/number_orders", Fault::OrderFails));
}

fn sell_out(all: &mut Providers) {
    all.telnyx.options.stock_by_area.clear();
}

fn restock() -> Vec<(i64, Event)> {
    let stock = |all: &mut Providers| {
        all.telnyx.options.stock_by_area.insert("415".to_owned(), STOCK);
    };
    vec![(LATER_MS, Event::Providers(stock)), (LATER_MS + 1, Event::Act(0, Act::Retry))]
}

fn switch_off(all: &mut Providers) {
    switch(all, false);
}

fn switch_on() -> Vec<(i64, Event)> {
    let on = |all: &mut Providers| switch(all, true);
    vec![(LATER_MS, Event::Providers(on)), (LATER_MS + 1, Event::Act(0, Act::Retry))]
}

fn switch(all: &mut Providers, active: bool) {
    let ids: Vec<u64> = all.telnyx.accounts()[0].applications.keys().copied().collect();
    for id in ids {
        all.telnyx.set_application_active(id, active);
    }
}

// A cancel is asked for where no create is under way: whether one that a crash cut short happened
// or not is not the same end, and need not be.

fn cancel_at_scout() -> Vec<(PhaseName, Event)> {
    vec![(PhaseName::Scouting, Event::Act(0, Act::Cancel))]
}

fn cancel_at_digits() -> Vec<(PhaseName, Event)> {
    vec![(PhaseName::AwaitingDigits, Event::Act(0, Act::Cancel))]
}

fn cancel_at_order() -> Vec<(PhaseName, Event)> {
    vec![(PhaseName::AwaitingOrder, Event::Act(0, Act::Cancel))]
}

fn cancel_at_proof() -> Vec<(PhaseName, Event)> {
    vec![(PhaseName::Proving, Event::Act(0, Act::Cancel))]
}

fn from_pool() -> Value {
    json!({ "sources": ["pool"] })
}

/// Somebody has called, and the number is given up.
fn give_up() -> Vec<(i64, Event)> {
    vec![(LATER_MS, Event::Ring), (LATER_MS + 1, Event::Act(0, Act::Release))]
}

fn have_back() -> Vec<(i64, Event)> {
    let undo = (LATER_MS + THEN_MS, Event::Act(0, Act::Undo));
    give_up().into_iter().chain([undo]).collect()
}

fn give_up_and_ask() -> Vec<(i64, Event)> {
    let ask = (LATER_MS + THEN_MS, Event::Act(0, Act::Start));
    give_up().into_iter().chain([ask]).collect()
}

/// The number is given up, rests not at all, and another business gets it.
fn hand_on() -> Vec<(i64, Event)> {
    let sweep = (LATER_MS + THEN_MS, Event::Sweep);
    // A sweep that dies is made up for by the next.
    let again = (LATER_MS + 2 * THEN_MS, Event::Sweep);
    let ask = (LATER_MS + 3 * THEN_MS, Event::Act(1, Act::StartWithKey(1, false)));
    give_up().into_iter().chain([sweep, again, ask]).collect()
}

/// The same of a number that no call reaches before it is given up.
fn mend_and_hand_on() -> Vec<(i64, Event)> {
    let on = |all: &mut Providers| switch(all, true);
    hand_on().into_iter().chain([(LATER_MS + THEN_MS / 2, Event::Providers(on))]).collect()
}

/// A number that somebody buys past all deployments.
const OUTSIDE: &str = "+14155550142";

fn buy_outside(all: &mut Providers) {
    let _bought = all.telnyx.buy_outside(START_MS, STANDARD_TELNYX_KEY, OUTSIDE, None);
}

fn name_one() -> Vec<(i64, Event)> {
    vec![
        (LATER_MS, Event::Providers(buy_outside)),
        (LATER_MS + 1, Event::Act(0, Act::Assign(Which::This(OUTSIDE)))),
    ]
}

fn name_one_unheard() -> Vec<(i64, Event)> {
    let lost = (LATER_MS, Event::Providers(lose_free_answer));
    [lost].into_iter().chain(name_one()).collect()
}

/// Nobody has the number yet: what is named for it stays nobody's.
fn name_and_call_off() -> Vec<(i64, Event)> {
    vec![
        (LATER_MS, Event::Act(0, Act::Assign(Which::This(OUTSIDE)))),
        (LATER_MS + THEN_MS, Event::Act(0, Act::Cancel)),
    ]
}

/// What was assigned by hand is given up, and named again.
fn name_freed() -> Vec<(i64, Event)> {
    vec![
        (THEN_MS, Event::Providers(buy_outside)),
        (THEN_MS + 1, Event::Act(0, Act::Assign(Which::This(OUTSIDE)))),
        (2 * THEN_MS, Event::Act(0, Act::Release)),
        (3 * THEN_MS, Event::Sweep),
        (4 * THEN_MS, Event::Sweep),
        (5 * THEN_MS, Event::Act(0, Act::Start)),
        (6 * THEN_MS, Event::Act(0, Act::Assign(Which::This(OUTSIDE)))),
    ]
}

fn ask_again() -> Vec<(i64, Event)> {
    vec![(LATER_MS, Event::Act(0, Act::Start))]
}

/// Long after the first part of a workflow has come to its end, in milliseconds.
const LATER_MS: i64 = 100 * 60_000;
/// Long after what was done then has come to its end, in milliseconds.
const THEN_MS: i64 = 20 * 60_000;
/// Numbers for sale.
const STOCK: u32 = 3;
/// What an organization may spend a day, in cents.
const CENTS_A_DAY: u32 = 2000;

impl Workflow {
    /// Everything ready for a run of it.
    pub fn engine(&self, catalogue: &Catalogue, trace: Trace) -> Engine {
        let mut telnyx = TelnyxOptions {
            order_settle_ms: self.settle_ms,
            stock: 0,
            log_entries_max: 0,
            deletes_needed: self.deletes_needed,
            ..TelnyxOptions::default()
        };
        telnyx.stock_by_area.insert("415".to_owned(), STOCK);
        if !self.webhooks {
            telnyx.webhooks = simulators::WebhookMode::Never;
        }
        let mut twilio =
            TwilioOptions { stock: 0, log_entries_max: TWILIO_LOG, ..TwilioOptions::default() };
        twilio.stock_by_area.insert("415".to_owned(), STOCK);
        let vapi = VapiOptions {
            digits: DigitsPlan::After { ms: self.digits_ms },
            log_entries_max: 0,
            ..VapiOptions::default()
        };
        let plan = Plan {
            deployments: 1,
            free_limit: self.free_limit,
            cents_a_day: CENTS_A_DAY,
            rest_days: self.rest_days,
            pool_target: self.pool_target,
            businesses: Vec::new(),
            script: Vec::new(),
            storm_ms: 0,
            owned: Vec::new(),
            outside: Vec::new(),
            options: ProvidersOptions { vapi, telnyx, twilio, ..ProvidersOptions::default() },
            index_lag: 0,
            torn_reads: false,
            compares: self.compares,
        };
        let mut engine = set_up(catalogue, Dice::new(SEED), Weather::calm(), &plan, trace);
        let Self { gives_back, compares, pool_target, .. } = *self;
        let does = Sweeping { gives_back, compares, pool_target };
        for deployment in &mut engine.deployments {
            deployment.sweeping = Rc::new(sweeping(does));
        }
        let wants = [Some(self.wants), self.second].into_iter().flatten().enumerate();
        engine.businesses = wants.map(|(name, wants)| Business::new(0, 0, name, wants())).collect();
        engine.when = (self.when)();
        engine.calls_again = true;
        // With a key: who is not answered and calls again asks for the same thing.
        let first = [(self.first_ms, Event::Act(0, Act::StartWithKey(0, false)))];
        let mut script: Vec<_> = first.into_iter().chain((self.then)()).collect();
        script.sort_by_key(|(at, _)| *at);
        let script = script.into_iter();
        engine.script = script.map(|(at, event)| (START_MS + at, event)).collect();
        {
            let mut state = engine.ground.lock();
            state.poller_only = self.poller_only;
            state.boundaries.kept = true;
            (self.before)(&mut state.sky.providers);
        }
        engine
    }
}

/// The seed of what little chance a workflow has.
const SEED: u64 = 7;
