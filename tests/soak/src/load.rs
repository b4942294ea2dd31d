//! Businesses that want a number: ask, ask again, call off, try again, look, and at last call.
//!
//! Every answer that promises something is written down, for the judge.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use simulators::server::wall_ms;
use simulators::{CallOutcome, CallStep, SharedProviders};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::dice::Dice;
use crate::figures::Counting;
use crate::gateway::{self, Answer, Person};
use crate::lambda::Lambda;

/// Organizations there are.
const ORGANIZATIONS: u64 = 5;
/// So many of a hundred want a free number; the others buy.
const FREE_PERCENT: u64 = 15;
/// Areas numbers are wanted in.
const AREAS: [&str; 12] =
    ["201", "303", "404", "505", "602", "703", "808", "901", "213", "314", "415", "516"];
/// How often one request is repeated that was not answered.
const REPEATS_MAX: u32 = 100;
/// The mean wait between two tries of a person.
const AGAIN: Duration = Duration::from_millis(300);
/// The mean wait before a person thinks better of it.
const THINK: Duration = Duration::from_millis(500);
/// How often a person looks how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(1_500);
/// How long a business is followed; what becomes of it later the judge sees.
const FOLLOW_LIMIT: Duration = Duration::from_secs(90);

/// A request that was answered 2xx.
#[derive(Debug, Clone)]
pub(crate) struct Promise {
    pub(crate) person: Person,
    /// The idempotency key it carried.
    pub(crate) key: String,
    /// The provisioning that was named.
    pub(crate) work: String,
}

/// The businesses, and what they were promised.
#[derive(Debug)]
pub(crate) struct Town {
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) providers: SharedProviders,
    pub(crate) counting: Counting,
    promises: Mutex<Vec<Promise>>,
    calm: AtomicBool,
    businesses: AtomicU64,
    seed: u64,
}

/// One business on its way to a number.
struct Journey<'a> {
    town: &'a Town,
    person: Person,
    name: String,
    dice: Dice,
    requests: u64,
}

impl Town {
    pub(crate) fn new(
        lambda: Arc<Lambda>,
        providers: SharedProviders,
        counting: Counting,
        seed: u64,
    ) -> Self {
        Self {
            lambda,
            providers,
            counting,
            promises: Mutex::default(),
            calm: AtomicBool::default(),
            businesses: AtomicU64::default(),
            seed,
        }
    }

    /// Lets so many businesses be on their way at a time, until [`Town::calm`].
    pub(crate) async fn live(self: Arc<Self>, at_once: usize) {
        let mut walking = JoinSet::new();
        for _place in 0..at_once {
            let town = Arc::clone(&self);
            walking.spawn(async move {
                while !town.is_calm() {
                    let number = town.businesses.fetch_add(1, Ordering::Relaxed);
                    Journey::new(&town, number).go().await;
                }
            });
        }
        walking.join_all().await;
    }

    /// No new business comes, and those on their way go home.
    pub(crate) fn calm(&self) {
        self.calm.store(true, Ordering::Relaxed);
    }

    fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    /// Businesses that came.
    pub(crate) fn businesses(&self) -> u64 {
        self.businesses.load(Ordering::Relaxed)
    }

    /// What was promised so far.
    pub(crate) fn promises(&self) -> Vec<Promise> {
        self.promises.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn promised(&self, person: &Person, key: &str, answer: &Answer) {
        let work = answer.text("provisioning_id").to_owned();
        let promise = Promise { person: person.clone(), key: key.to_owned(), work };
        self.promises.lock().unwrap_or_else(PoisonError::into_inner).push(promise);
    }

    /// An operator tries a provisioning again; whether that was taken.
    pub(crate) async fn try_again(&self, work: &str) -> bool {
        let line = format!("POST /api/phone/provision/{work}/retry");
        let answer = gateway::call(&self.lambda, &Person::operator(), &line, None, None).await;
        if answer.is_good() {
            self.counting.with(|figures| figures.retries += 1);
        }
        answer.is_good()
    }
}

impl<'a> Journey<'a> {
    fn new(town: &'a Town, number: u64) -> Self {
        let organization = format!("org-{}", number % ORGANIZATIONS);
        let business = format!("business-{number}");
        Self {
            town,
            name: format!("Business {number}"),
            person: Person { organization, business, operator: false },
            dice: Dice::of(town.seed, &format!("business {number}")),
            requests: 0,
        }
    }

    async fn go(mut self) {
        let Some(work) = self.ask().await else { return };
        let work = match self.dice.roll(100) {
            0..=19 => self.call_off(work).await,
            20..=27 => {
                self.pause().await;
                self.answered("POST", &format!("{work}/retry")).await;
                Some(work)
            }
            28..=33 => {
                self.pause().await;
                self.ask().await
            }
            _ => Some(work),
        };
        if let Some(work) = work {
            self.follow(&work).await;
        }
    }

    async fn pause(&mut self) {
        let wait = self.dice.wait(THINK);
        sleep(wait).await;
    }

    /// Asks for a number, perhaps with several requests at once, until one is answered.
    async fn ask(&mut self) -> Option<String> {
        self.requests += 1;
        let key = format!("{}-{}", self.person.business, self.requests);
        let body = self.wish();
        let at_once = if self.dice.chance(20) { 2 + self.dice.roll(2) } else { 1 };
        for repeat in 0..REPEATS_MAX {
            let town = self.town;
            let mut requests = JoinSet::new();
            for _one in 0..if repeat == 0 { at_once } else { 1 } {
                let (lambda, person) = (Arc::clone(&town.lambda), self.person.clone());
                let (key, body) = (key.clone(), body.clone());
                requests.spawn(async move {
                    let line = "POST /api/phone/provision";
                    gateway::call(&lambda, &person, line, Some(&key), Some(&body)).await
                });
            }
            let mut work = None;
            for answer in requests.join_all().await {
                town.counting.with(|figures| figures.posts += 1);
                if answer.is_good() {
                    town.counting.with(|figures| figures.posts_accepted += 1);
                    town.promised(&self.person, &key, &answer);
                    work = Some(answer.text("provisioning_id").to_owned());
                }
                self.note("a request for a number", &answer);
            }
            if work.is_some() || town.is_calm() {
                return work;
            }
            let wait = self.dice.wait(AGAIN);
            sleep(wait).await;
        }
        None
    }

    fn wish(&mut self) -> Value {
        let area = self.dice.pick(&AREAS).copied().unwrap_or("415");
        let mut wish = json!({
            "business_data": { "business_name": self.name },
            "area_code": area,
            "sources": ["telnyx"],
        });
        if self.dice.chance(FREE_PERCENT) {
            wish["sources"] = json!(["vapi_free", "telnyx"]);
        }
        wish
    }

    /// Calls a provisioning off; then, perhaps, asks anew.
    async fn call_off(&mut self, work: String) -> Option<String> {
        self.pause().await;
        let answer = self.answered("DELETE", &work).await?;
        if answer.is_good() {
            self.town.counting.with(|figures| figures.cancels += 1);
        }
        if self.dice.chance(50) {
            return Some(work);
        }
        self.ask().await
    }

    /// A call about a provisioning, repeated until the function answers.
    async fn answered(&mut self, method: &str, rest: &str) -> Option<Answer> {
        let line = format!("{method} /api/phone/provision/{rest}");
        for _repeat in 0..REPEATS_MAX {
            let answer = gateway::call(&self.town.lambda, &self.person, &line, None, None).await;
            self.note(&line, &answer);
            if answer.status < 500 {
                let retried = rest.ends_with("/retry") && answer.is_good();
                self.town.counting.with(|figures| figures.retries += u64::from(retried));
                return Some(answer);
            }
            if self.town.is_calm() {
                return None;
            }
            let wait = self.dice.wait(AGAIN);
            sleep(wait).await;
        }
        None
    }

    /// An answer that is neither good nor passing is a finding: 409 says that it is too late, or
    /// that a cancel is under way.
    fn note(&self, what: &str, answer: &Answer) {
        self.town.counting.with(|figures| {
            *figures.answers.entry(answer.status).or_insert(0) += 1;
        });
        if !answer.is_good() && answer.status < 500 && answer.status != 409 {
            let body = &answer.body;
            self.town.counting.find(format!("{what} was answered {}: {body}", answer.status));
        }
    }

    /// Looks until it has ended; a number that is ready is called at once.
    async fn follow(&mut self, work: &str) {
        let begun = Instant::now();
        let mut tried = false;
        while begun.elapsed() < FOLLOW_LIMIT && !self.town.is_calm() {
            sleep(LOOK_EVERY).await;
            let Some(answer) = self.answered("GET", work).await else { return };
            match answer.text("state") {
                "ready" => return self.call(work, &answer),
                "failed" | "cancelled" => return,
                "needs_person" | "ready_degraded" if !tried => {
                    tried = true;
                    self.town.try_again(work).await;
                }
                _ => {}
            }
        }
    }

    /// Ready means that it answers, in this very moment.
    fn call(&self, work: &str, answer: &Answer) {
        let number = answer.text("phone_number");
        let step = self.town.providers.with(|all| all.call(wall_ms(), number));
        self.town.counting.with(|figures| figures.calls += 1);
        let wanted = answer.text("vapi_assistant_id");
        let right = match &step {
            CallStep::Done(report) => {
                report.outcome == CallOutcome::Assistant
                    && report.assistant_id.as_deref() == Some(wanted)
            }
            CallStep::NeedsServer(_) => false,
        };
        if !right {
            let finding = format!("{work} said ready, but a call did not reach it: {step:?}");
            self.town.counting.find(finding);
        }
    }
}
