//! A deployment: a table, and processes of the functions that come and go.

use crate::ground::{Ground, START_MS};
use crate::kinds::Kind;
use crate::sky::Sky;
use crate::twilio;
use crate::wire::Wire;
use crate::world::{
    SimClock, SimIds, SimQueue, SimSecrets, SimWorld, TELNYX_SECRET, TablePauses, TableWeather,
    VAPI_SECRET,
};
use domain::time::Timestamp;
use runtime::config::{Lookup, Providers};
use runtime::metrics::Metrics;
use runtime::{Deps, Parts};
use serde_json::json;
use simulators::{Provider, telnyx::Account};
use std::rc::Rc;
use std::sync::Arc;
use store::memory::MemoryTable;

/// What VAPI sends with every webhook.
const WEBHOOK_SECRET: &str = "planted-webhook-secret";
/// How far a holder's clock may be off, in milliseconds: any two then differ by less than what the
/// window of look-ups leaves beside a call's deadline and the lag of lists.
const SKEW_MS_MAX: u64 = 20_000;

/// The settings of one version of a deployment.
#[derive(Debug)]
pub struct Version {
    /// Free numbers it may hold.
    pub free_limit: u16,
    /// Days a number rests.
    pub rest_days: u16,
    /// Settings of the functions.
    pub admin: admin::Config,
    /// Settings of the functions.
    pub provision: provision::Config,
    /// Settings of the functions.
    pub steps: steps::Config,
    /// Settings of the functions.
    pub poller: poller::Config,
    /// Settings of the functions.
    pub webhooks: webhooks::Config,
    providers: Providers,
}

impl Version {
    /// The version of a deployment with so many free numbers, so much to spend a day, and so many
    /// days of rest.
    pub fn new(base_url: &str, free_limit: u16, cents_a_day: u32, rest_days: u16) -> Self {
        let find = |name: &str| match name {
            "VAPI_SECRET_ID" => Some(VAPI_SECRET.to_owned()),
            "TELNYX_SECRET_ID" => Some(TELNYX_SECRET.to_owned()),
            "PUBLIC_BASE_URL" => Some(base_url.to_owned()),
            "SECRETS_PREFIX" => Some(twilio::PREFIX.to_owned()),
            "TWILIO_LOCAL_MONTHLY_CENTS" => Some("115".to_owned()),
            "FREE_NUMBER_LIMIT" => Some(free_limit.to_string()),
            "CAP_DAY_ORGANIZATION_CENTS" => Some(cents_a_day.to_string()),
            "QUARANTINE_DAYS" => Some(rest_days.to_string()),
            "DIGITS_LATE_SECONDS" => Some("300".to_owned()),
            "DIGITS_GIVE_UP_SECONDS" => Some("900".to_owned()),
            _ => None,
        };
        let lookup = Lookup::new(&find);
        Self {
            free_limit,
            rest_days,
            admin: admin::Config::from_lookup(lookup).unwrap(),
            provision: provision::Config::from_lookup(lookup).unwrap(),
            steps: steps::Config::from_lookup(lookup).unwrap(),
            poller: poller::Config::from_lookup(lookup).unwrap(),
            webhooks: webhooks::Config::from_lookup(lookup).unwrap(),
            providers: Providers::from_lookup(lookup).unwrap(),
        }
    }
}

/// A process of the steps.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its number.
    pub number: u64,
    /// What it keeps in memory between two invocations.
    pub deps: Rc<Deps<SimWorld>>,
    /// The version it runs.
    pub version: Rc<Version>,
    /// Whether it is at work.
    pub busy: bool,
}

/// A deployment.
#[derive(Debug)]
pub struct Deployment {
    /// Its place among the deployments.
    pub place: usize,
    /// Where it is reached.
    pub base_url: String,
    /// Its table.
    pub table: Arc<MemoryTable>,
    /// The version that new processes run.
    pub version: Rc<Version>,
    /// Processes of the function that answers calls.
    pub provision: Rc<Deps<SimWorld>>,
    /// Of the poller.
    pub poller: Rc<Deps<SimWorld>>,
    /// Of the sweeper.
    pub sweeper: Rc<Deps<SimWorld>>,
    /// Of the webhooks.
    pub webhooks: Rc<Deps<SimWorld>>,
    /// What its sweeps keep to.
    pub sweeping: Rc<sweeper::Config>,
    steps: Vec<Process>,
    ground: Ground,
}

impl Deployment {
    /// A deployment with an empty table.
    pub fn new(ground: &Ground, place: usize, base_url: &str, version: Rc<Version>) -> Self {
        let table = Arc::new(MemoryTable::new());
        twilio::bring_accounts(&table, place, Timestamp::from_millis(START_MS));
        table.keep_journal();
        table.set_pauses(TablePauses(ground.clone()));
        table.set_faults(TableWeather(ground.clone()));
        let fresh = || Rc::new(deps(ground, place, &table, &version));
        Self {
            place,
            base_url: base_url.to_owned(),
            provision: fresh(),
            poller: fresh(),
            sweeper: fresh(),
            webhooks: fresh(),
            sweeping: Rc::new(sweeping(Sweeping::default())),
            steps: Vec::new(),
            ground: ground.clone(),
            table,
            version,
        }
    }

    /// A process of the steps with nothing to do; a new one where all are busy.
    pub fn idle(&mut self) -> Process {
        if let Some(process) = self.steps.iter_mut().find(|process| !process.busy) {
            process.busy = true;
            return process.clone();
        }
        let number = self.ground.lock().ordinal();
        let version = Rc::clone(&self.version);
        let process = Process { number, deps: self.fresh(), version, busy: true };
        self.steps.push(process.clone());
        process
    }

    /// A process of the steps is done with its batch.
    pub fn rests(&mut self, number: u64) {
        if let Some(process) = self.steps.iter_mut().find(|process| process.number == number) {
            process.busy = false;
        }
    }

    /// A process of the steps is no more.
    pub fn died(&mut self, number: u64) {
        self.steps.retain(|process| process.number != number);
    }

    /// From now on processes that start run this version; those at work end in theirs.
    pub fn deploy(&mut self, version: Rc<Version>) {
        self.version = version;
        self.steps.retain(|process| process.busy);
        self.provision = self.fresh();
        self.poller = self.fresh();
        self.sweeper = self.fresh();
        self.webhooks = self.fresh();
    }

    /// A process that has just started, with nothing in memory.
    pub fn fresh(&self) -> Rc<Deps<SimWorld>> {
        Rc::new(deps(&self.ground, self.place, &self.table, &self.version))
    }
}

/// What a sweeper does beside what every one does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sweeping {
    /// Whether it gives everything back that it may.
    pub gives_back: bool,
    /// Whether it compares with the providers.
    pub compares: bool,
    /// Numbers the pool is to have.
    pub pool_target: u16,
}

/// Settings of such a sweeper.
pub fn sweeping(does: Sweeping) -> sweeper::Config {
    let Sweeping { gives_back, compares, pool_target } = does;
    let find = |name: &str| match name {
        "GIVE_BACK_AFTER_DAYS" => Some("0".to_owned()),
        "COMPARES_WITH_PROVIDERS" => Some(compares.to_string()),
        "POOL_MINIMUM" => Some(if gives_back { "0" } else { "1000" }.to_owned()),
        "POOL_TARGET" => Some(pool_target.to_string()),
        _ => None,
    };
    sweeper::Config::from_lookup(Lookup::new(&find)).unwrap()
}

fn deps(
    ground: &Ground,
    place: usize,
    table: &Arc<MemoryTable>,
    version: &Version,
) -> Deps<SimWorld> {
    let skew_ms = {
        let mut state = ground.lock();
        if state.strikes(Kind::ClockSkew) {
            let skew = state.dice.below(2 * SKEW_MS_MAX);
            i64::try_from(skew).unwrap() - i64::try_from(SKEW_MS_MAX).unwrap()
        } else {
            0
        }
    };
    let wire = |provider| Wire { ground: ground.clone(), provider };
    Deps::new(Parts {
        table: Arc::clone(table),
        queue: SimQueue { ground: ground.clone(), deployment: place },
        clock: Arc::new(SimClock { ground: ground.clone(), skew_ms }),
        ids: Arc::new(SimIds(ground.clone())),
        secret_source: SimSecrets { ground: ground.clone(), deployment: place },
        vapi: wire(Provider::Vapi),
        telnyx: wire(Provider::Telnyx),
        twilio: wire(Provider::Twilio),
        providers: version.providers.clone(),
        metrics: Metrics::silent(),
    })
}

/// The secrets of a deployment with these keys.
pub fn secrets(sky: &Sky, vapi: &str, telnyx: &str) -> [String; 2] {
    let public_key = sky.providers.telnyx.accounts().first().map(Account::public_key);
    let vapi = json!({ "api_key": vapi, "webhook_secret": WEBHOOK_SECRET });
    let telnyx = json!({ "api_key": telnyx, "public_key": public_key });
    [vapi.to_string(), telnyx.to_string()]
}
