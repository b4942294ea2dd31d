//! The world around the deployments: the providers, the roads between them, and time.

use crate::clock::VirtualClock;
use crate::deployment::{Deployment, Settings};
use crate::logs::Logs;
use domain::time::Timestamp;
use domain::work::{Phase, Work};
use exchange::{Method, Request};
use futures_util::future::join_all;
use runtime::Clock as _;
use serde_json::Value;
use simulators::{
    CallReport, CallStep, Delivery, Fault, FaultScript, Outcome, Provider, Providers,
    ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY, ServerReply, SharedProviders,
};
use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::time::Duration;
use tracing::subscriber::DefaultGuard;

/// Rounds of one run, each of which does something or lets time pass.
const ROUNDS_MAX: u32 = 60_000;
/// Virtual time within which everything must come to rest.
const REST_WITHIN: Duration = Duration::from_secs(48 * 3600);
/// Time between two ticks of the pollers.
const TICK: Duration = Duration::from_secs(60);
/// When Telnyx sends a webhook again that was not taken.
const WEBHOOK_AGAIN: Duration = Duration::from_secs(30);

/// The world around the deployments. It is its first deployment for whoever does not care.
#[derive(Debug)]
pub struct City {
    /// The clock of everybody.
    pub clock: VirtualClock,
    /// VAPI and Telnyx.
    pub providers: SharedProviders,
    /// Who shares them.
    pub deployments: Vec<Deployment>,
    /// What they log.
    pub logs: Logs,
    next_tick: Cell<Timestamp>,
    again: RefCell<Vec<(Timestamp, Delivery)>>,
    _collecting: DefaultGuard,
}

impl Deref for City {
    type Target = Deployment;

    fn deref(&self) -> &Deployment {
        &self.deployments[0]
    }
}

impl City {
    /// One deployment with default settings.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// One deployment with these settings.
    pub fn with(settings: &[(&'static str, &str)]) -> Self {
        Self::of(&["one"], settings)
    }

    /// Deployments of these names over one account at each provider.
    pub fn of(names: &[&str], settings: &[(&'static str, &str)]) -> Self {
        let (logs, collecting) = Logs::collect();
        let clock = VirtualClock::default();
        let standard = Providers::standard(ProvidersOptions::default(), 7, clock.millis());
        let providers = SharedProviders::new(standard);
        let settings: Settings =
            settings.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let deployments: Vec<Deployment> = names
            .iter()
            .map(|name| Deployment::new(name, &clock, &providers, settings.clone()))
            .collect();
        let url = format!("{}/webhooks/telnyx", deployments[0].base_url);
        providers.with(|all| all.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, Some(&url)));
        let next_tick = Cell::new(clock.now().after(TICK));
        let again = RefCell::default();
        Self { clock, providers, deployments, logs, next_tick, again, _collecting: collecting }
    }

    /// Changes switches of the providers, in the shape of `/_sim/options`.
    pub fn switch(&self, options: &Value) {
        self.providers.with(|all| all.merge_options(options)).unwrap();
    }

    /// Lets the next request to a provider go wrong: `"POST /phone-number"`.
    pub fn fault(&self, provider: Provider, line: &str, fault: Fault) {
        self.faults(provider, line, fault, 1);
    }

    /// Lets so many requests to a provider go wrong.
    pub fn faults(&self, provider: Provider, line: &str, fault: Fault, times: u32) {
        let (method, path) = line.split_once(' ').unwrap();
        let script = FaultScript::once(provider, method, path, fault);
        self.providers.with(|all| all.add_fault(FaultScript { times, ..script }));
    }

    /// Lets things happen until every provisioning is at rest and nothing is under way.
    #[track_caller]
    pub fn settle(&self) {
        let until = self.clock.now().after(REST_WITHIN);
        assert!(self.go_on(until, Self::is_at_rest), "no rest within {REST_WITHIN:?}");
    }

    /// Lets things happen until a condition holds, which it must before rest is expected.
    #[track_caller]
    pub fn until(&self, holds: impl Fn(&Self) -> bool) {
        let until = self.clock.now().after(REST_WITHIN);
        assert!(self.go_on(until, holds), "what was waited for never came");
    }

    /// Lets things happen for so long.
    #[track_caller]
    pub fn pass(&self, time: Duration) {
        let until = self.clock.now().after(time);
        self.go_on(until, |_| false);
        self.clock.advance_to(until);
    }

    /// Lets so many rounds happen, each at the time when something is due.
    pub fn rounds(&self, rounds: u32) {
        for _round in 0..rounds {
            if !self.clock.run(self.happen()) {
                self.clock.advance_to(self.next_event());
            }
        }
    }

    /// Goes on until the condition holds (`true`) or the time has come.
    #[track_caller]
    fn go_on(&self, until: Timestamp, holds: impl Fn(&Self) -> bool) -> bool {
        for _round in 0..ROUNDS_MAX {
            if self.clock.run(self.happen()) {
                continue;
            }
            if holds(self) {
                return true;
            }
            let next = self.next_event();
            if next > until {
                return false;
            }
            self.clock.advance_to(next);
        }
        panic!("more than {ROUNDS_MAX} rounds");
    }

    /// Lets everything happen that is due now; `false` when nothing is.
    pub async fn happen(&self) -> bool {
        let now = self.clock.now();
        let mut batches = Vec::new();
        for deployment in &self.deployments {
            for batch in deployment.queue.take_due() {
                batches.push(deployment.carry(batch));
            }
        }
        let ticks = now >= self.next_tick.get();
        if ticks {
            self.next_tick.set(now.after(TICK));
        }
        let webhooks = self.take_webhooks();
        let busy = ticks || !batches.is_empty() || !webhooks.is_empty();
        let polled = self.deployments.iter().filter(|_| ticks).map(Deployment::tick);
        let heard = webhooks.into_iter().map(|delivery| self.deliver(delivery));
        // What failed in a tick is found again by the next.
        let (_, _, _ticked) =
            futures_util::future::join3(join_all(batches), join_all(heard), join_all(polled)).await;
        busy
    }

    fn next_event(&self) -> Timestamp {
        let queues = self.deployments.iter().filter_map(|one| one.queue.next_due());
        let again = self.again.borrow().iter().map(|(at, _)| *at).min();
        let providers = self.providers.lock().next_due_ms().map(Timestamp::from_millis);
        let all = queues.chain(again).chain(providers);
        all.chain([self.next_tick.get()]).min().unwrap()
    }

    fn take_webhooks(&self) -> Vec<Delivery> {
        let now = self.clock.now();
        let mut due = self.providers.with(|all| {
            all.telnyx.tick(now.as_millis());
            all.take_webhooks(now.as_millis())
        });
        self.again.borrow_mut().retain(|(at, delivery)| {
            let is_due = *at <= now;
            if is_due {
                due.push(delivery.clone());
            }
            !is_due
        });
        due
    }

    async fn deliver(&self, delivery: Delivery) {
        let mut status = None;
        for deployment in &self.deployments {
            if let Some(hook) = deployment.hook(&delivery.url, &delivery.headers, &delivery.body) {
                status = Some(deployment.hear(hook).await.status);
            }
        }
        let now = self.clock.now();
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        let again = self.providers.with(|all| {
            all.note_delivery(now.as_millis(), &delivery, status);
            if taken { None } else { all.retry_webhook(now.as_millis(), &delivery) }
        });
        if let Some(again) = again {
            self.again.borrow_mut().push((now.after(WEBHOOK_AGAIN), again));
        }
    }

    /// Calls a number, and follows the call to its end.
    pub fn call(&self, number: &str) -> CallReport {
        let now = self.clock.millis();
        let question = match self.providers.with(|all| all.call(now, number)) {
            CallStep::Done(report) => return report,
            CallStep::NeedsServer(question) => question,
        };
        let reply = self.clock.run(async {
            for deployment in &self.deployments {
                let hook = deployment.hook(&question.url, &question.headers, &question.body);
                if let Some(hook) = hook {
                    let answer = deployment.hear(hook).await;
                    let body = answer.body.to_string().into_bytes();
                    return Some(ServerReply { status: answer.status, body });
                }
            }
            None
        });
        self.providers.with(|all| all.finish_call(now, question.pending, reply.as_ref()))
    }

    /// What a person with VAPI's key does past the functions: status and body of the answer.
    pub fn at_vapi(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = match method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PATCH" => Method::Patch,
            _ => Method::Delete,
        };
        let key = format!("Bearer {STANDARD_VAPI_KEY}");
        let request = Request {
            method,
            url: format!("https://api.vapi.ai{path}"),
            query: Vec::new(),
            headers: [("authorization".to_owned(), key)].into(),
            body: (!body.is_null()).then(|| body.to_string().into_bytes()),
            deadline: Duration::from_secs(10),
        };
        let now = self.clock.millis();
        match self.providers.with(|all| all.handle(now, Provider::Vapi, &request)).outcome {
            Outcome::Answer(answer) => {
                (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
            }
            lost => panic!("no answer: {lost:?}"),
        }
    }

    /// Whether every provisioning waits for nobody but people and the clock of a degraded line.
    fn is_at_rest(&self) -> bool {
        let rests = |work: &Work| rests(&work.phase) && work.pending_update().is_none();
        self.deployments.iter().all(|one| one.works().iter().all(rests))
    }
}

impl Default for City {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether nothing more happens to a work in this phase but by people, or to a degraded line.
#[must_use]
pub const fn rests(phase: &Phase) -> bool {
    phase.is_ready() || phase.is_over() || matches!(phase, Phase::NeedsPerson(_))
}
