//! One deployment: a table, a queue, secrets, and the functions over them.
//!
//! Each function has its own `Deps`, as each Lambda process has its own memory; a process that is
//! killed begins again with nothing in it.

use crate::clock::VirtualClock;
use crate::killer::Killer;
use crate::person::Person;
use crate::queue::{FakeQueue, Letter};
use crate::world::{FakeSecrets, FakeWorld, Latency, SeededIds, Wire, Wording};
use aws_lambda_events::event::sqs::SqsEvent;
use domain::work::Work;
use provision::{Answer, Call};
use runtime::config::{Lookup, Providers};
use runtime::metrics::Metrics;
use runtime::{Clock as _, Deadline, Deps, Parts};
use serde_json::{Value, json};
use simulators::{Provider, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY, SharedProviders};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::keys;
use store::memory::MemoryTable;
use webhooks::{Hook, HookAnswer};

/// The timeout of the steps.
pub const STEPS_TIMEOUT: Duration = Duration::from_secs(60);
/// The timeout of the functions that answer.
pub const HTTP_TIMEOUT: Duration = Duration::from_secs(29);
/// What VAPI sends with every webhook.
pub const WEBHOOK_SECRET: &str = "planted-webhook-secret";

/// What numbers cost at the simulator of Twilio; the deployed template says the same.
const TWILIO_PRICES: [(&str, &str); 2] =
    [("TWILIO_LOCAL_MONTHLY_CENTS", "115"), ("TWILIO_TOLL_FREE_MONTHLY_CENTS", "215")];

/// Settings that differ from their defaults.
pub type Settings = BTreeMap<&'static str, String>;

/// What a deployment stands on, whatever becomes of its processes.
#[derive(Debug)]
pub struct Ground {
    /// Where it is reached.
    pub base_url: String,
    /// Its clock.
    pub clock: VirtualClock,
    /// Its table.
    pub table: Arc<MemoryTable>,
    /// Its queue.
    pub queue: FakeQueue,
    /// Its secrets.
    pub secrets: FakeSecrets,
    /// What kills its steps.
    pub killer: Killer,
    /// How slow the providers are.
    pub latency: Latency,
    /// In what words they answer.
    pub wording: Wording,
    providers: SharedProviders,
    ids: Arc<SeededIds>,
    figures: Arc<Mutex<Vec<String>>>,
    settings: Settings,
}

/// One deployment.
#[derive(Debug)]
pub struct Deployment {
    ground: Ground,
    config: Configs,
    functions: RefCell<Functions>,
}

impl Deref for Deployment {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

#[derive(Debug)]
struct Configs {
    admin: admin::Config,
    provision: provision::Config,
    steps: steps::Config,
    poller: poller::Config,
    sweeper: sweeper::Config,
    webhooks: webhooks::Config,
}

/// What each function keeps in memory between two invocations.
#[derive(Debug, Clone)]
struct Functions {
    admin: Rc<Deps<FakeWorld>>,
    provision: Rc<Deps<FakeWorld>>,
    steps: Rc<Deps<FakeWorld>>,
    poller: Rc<Deps<FakeWorld>>,
    sweeper: Rc<Deps<FakeWorld>>,
    webhooks: Rc<Deps<FakeWorld>>,
}

impl Deployment {
    /// A deployment of that name, over providers it may share with others.
    pub fn new(
        name: &str,
        clock: &VirtualClock,
        providers: &SharedProviders,
        changed: Settings,
    ) -> Self {
        let base_url = format!("https://{name}.test");
        let mut settings = changed;
        settings.insert("VAPI_SECRET_ID", "vapi".to_owned());
        settings.insert("TELNYX_SECRET_ID", "telnyx".to_owned());
        settings.insert("PUBLIC_BASE_URL", base_url.clone());
        settings.insert("SECRETS_PREFIX", name.to_owned());
        for (name, cents) in TWILIO_PRICES {
            settings.entry(name).or_insert_with(|| cents.to_owned());
        }
        let find = |name: &str| settings.get(name).cloned();
        let lookup = Lookup::new(&find);
        let config = Configs {
            admin: admin::Config::from_lookup(lookup).unwrap(),
            provision: provision::Config::from_lookup(lookup).unwrap(),
            steps: steps::Config::from_lookup(lookup).unwrap(),
            poller: poller::Config::from_lookup(lookup).unwrap(),
            sweeper: sweeper::Config::from_lookup(lookup).unwrap(),
            webhooks: webhooks::Config::from_lookup(lookup).unwrap(),
        };
        let seed = name.bytes().fold(7, |seed: u64, byte| seed * 31 + u64::from(byte));
        let ground = Ground {
            base_url,
            clock: clock.clone(),
            table: Arc::default(),
            queue: FakeQueue::new(clock.clone()),
            secrets: FakeSecrets::default(),
            killer: Killer::default(),
            latency: Latency::default(),
            wording: Wording::default(),
            providers: providers.clone(),
            ids: Arc::new(SeededIds::new(clock.clone(), seed)),
            figures: Arc::default(),
            settings,
        };
        ground.table.set_pauses(store::memory::everywhere);
        ground.set_keys(STANDARD_VAPI_KEY, STANDARD_TELNYX_KEY);
        let functions = RefCell::new(Functions {
            admin: ground.deps(),
            provision: ground.deps(),
            steps: ground.deps(),
            poller: ground.deps(),
            sweeper: ground.deps(),
            webhooks: ground.deps(),
        });
        Self { ground, config, functions }
    }
}

impl Ground {
    /// Puts these keys into the secrets.
    pub fn set_keys(&self, vapi: &str, telnyx: &str) {
        let vapi = json!({ "api_key": vapi, "webhook_secret": WEBHOOK_SECRET });
        self.secrets.set("vapi", vapi.to_string());
        let public_key = self
            .providers
            .with(|all| all.telnyx.accounts().first().map(simulators::telnyx::Account::public_key));
        let telnyx = json!({ "api_key": telnyx, "public_key": public_key });
        self.secrets.set("telnyx", telnyx.to_string());
    }

    fn deps(&self) -> Rc<Deps<FakeWorld>> {
        let find = |name: &str| self.settings.get(name).cloned();
        let tick = || -> crate::world::Tick {
            let clock = self.clock.clone();
            Box::new(move || clock.millis())
        };
        let wire = |whose, provider| {
            let (clock, latency) = (self.clock.clone(), self.latency.clone());
            Wire { whose, provider, clock, latency, wording: self.wording.clone() }
        };
        let figures = Arc::clone(&self.figures);
        Rc::new(Deps::new(Parts {
            table: Arc::clone(&self.table),
            queue: self.queue.clone(),
            clock: Arc::new(self.clock.clone()),
            ids: Arc::clone(&self.ids),
            secret_source: self.secrets.clone(),
            vapi: wire(Provider::Vapi, self.providers.vapi(tick())),
            telnyx: wire(Provider::Telnyx, self.providers.telnyx(tick())),
            twilio: wire(Provider::Twilio, self.providers.twilio(tick())),
            providers: Providers::from_lookup(Lookup::new(&find)).unwrap(),
            metrics: Metrics::writing("Dialtone".to_owned(), "test".to_owned(), move |line| {
                figures.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
            }),
        }))
    }

    /// An id never used before.
    pub fn fresh(&self) -> domain::ids::Fresh {
        runtime::Ids::fresh(self.ids.as_ref())
    }

    /// All works, as the table has them.
    pub fn works(&self) -> Vec<Work> {
        let mut works = Vec::new();
        self.table.inspect(|key, item| {
            if keys::parse_work(key).is_some()
                && let Some(store::table::Value::Document(text)) = item.get(keys::DOCUMENT)
            {
                works.push(serde_json::from_str(text).unwrap());
            }
        });
        works
    }

    /// How often a figure was written.
    pub fn figures(&self, name: &str) -> usize {
        let figures = self.figures.lock().unwrap_or_else(PoisonError::into_inner);
        figures.iter().filter(|line| line.contains(&format!("\"{name}\":"))).count()
    }

    /// Everything that was written as figures.
    pub fn all_figures(&self) -> String {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }
}

impl Deployment {
    fn functions(&self) -> Functions {
        self.functions.borrow().clone()
    }

    fn ends_in(&self, timeout: Duration) -> Deadline {
        Deadline::at(self.clock.now().after(timeout))
    }

    /// Answers a call, with the function the gateway gives it to.
    pub async fn answer(&self, call: Call) -> Answer {
        if call.path.starts_with("/api/admin/") {
            let deps = self.functions().admin;
            let deadline = self.ends_in(HTTP_TIMEOUT);
            return admin::handle(&deps, &self.config.admin, call, deadline).await;
        }
        let deps = self.functions().provision;
        let deadline = self.ends_in(HTTP_TIMEOUT);
        provision::handle(&deps, &self.config.provision, call, deadline).await
    }

    /// Calls, and brings the answer.
    pub fn send(&self, call: Call) -> Answer {
        self.clock.run(self.answer(call))
    }

    /// Asks for a number.
    pub fn post(&self, person: &Person, body: Value) -> Answer {
        self.send(person.asks(body))
    }

    /// What a provisioning looks like to its business.
    pub fn look(&self, person: &Person, id: &str) -> Answer {
        self.send(person.call(&format!("GET /api/phone/provision/{id}"), &Value::Null))
    }

    /// Handles a batch of the queue. Killed steps leave their letters there, and a new process
    /// follows.
    pub async fn carry(&self, batch: Vec<Letter>) {
        let mut event = SqsEvent::default();
        event.records = batch.iter().map(Letter::record).collect();
        match self.killer.watch(self.batch(event)).await {
            Some(failed) => {
                let done = batch.iter().filter(|letter| !failed.contains(&letter.message_id()));
                done.for_each(|letter| self.queue.delete(letter));
            }
            None => self.functions.borrow_mut().steps = self.deps(),
        }
    }

    /// Handles a batch, and tells the ids of the messages that must come again.
    pub async fn batch(&self, event: SqsEvent) -> Vec<String> {
        self.batch_within(event, STEPS_TIMEOUT).await
    }

    /// The same with so much time left.
    pub async fn batch_within(&self, event: SqsEvent, left: Duration) -> Vec<String> {
        let deps = self.functions().steps;
        let deadline = self.ends_in(left);
        let response = steps::handle(&deps, &self.config.steps, event, deadline).await;
        let failed = response.batch_item_failures.into_iter();
        failed.map(|failure| failure.item_identifier).collect()
    }

    /// One tick of the poller.
    pub async fn tick(&self) -> Result<poller::Tick, poller::TickError> {
        let deps = self.functions().poller;
        let deadline = self.ends_in(STEPS_TIMEOUT);
        poller::handle(&deps, &self.config.poller, json!({}), deadline).await
    }

    /// One sweep.
    pub fn sweep(&self) -> sweeper::Sweep {
        let deps = self.functions().sweeper;
        let deadline = self.ends_in(STEPS_TIMEOUT);
        let swept = sweeper::handle(&deps, &self.config.sweeper, json!({}), deadline);
        self.clock.run(swept).unwrap()
    }

    /// So many sweeps at once.
    pub fn sweeps_at_once(&self, count: usize) -> Vec<sweeper::Sweep> {
        let deps: Vec<_> = (0..count).map(|_sweep| self.deps()).collect();
        let swept = futures_util::future::join_all(deps.iter().map(|deps| {
            let deadline = self.ends_in(STEPS_TIMEOUT);
            sweeper::handle(deps.as_ref(), &self.config.sweeper, json!({}), deadline)
        }));
        self.clock.run(swept).into_iter().map(|swept| swept.unwrap()).collect()
    }

    /// A sweep that is killed at the wait of this number; `false` when it has not so many.
    pub fn sweep_killed_at(&self, wait: u32) -> bool {
        let deps = self.deps();
        let deadline = self.ends_in(STEPS_TIMEOUT);
        self.killer.kill_at(wait);
        let swept = sweeper::handle(&deps, &self.config.sweeper, json!({}), deadline);
        let killed = self.clock.run(self.killer.watch(swept)).is_none();
        self.killer.spare();
        killed
    }

    /// Hears a webhook.
    pub async fn hear(&self, hook: Hook) -> HookAnswer {
        let deps = self.functions().webhooks;
        webhooks::handle(&deps, &self.config.webhooks, hook).await
    }

    /// A webhook as a provider sends it here.
    pub fn hook(&self, url: &str, headers: &BTreeMap<String, String>, body: &[u8]) -> Option<Hook> {
        let target = url.strip_prefix(&self.base_url)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Some(Hook {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            body: body.to_vec(),
        })
    }
}
