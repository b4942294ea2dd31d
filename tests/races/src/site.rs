//! One deployment over one table.

use crate::claimer::Prize;
use crate::clock::SkippingClock;
use crate::counted::Counted;
use crate::engine::Engine;
use crate::queue::MessageBag;
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use domain::ids::{NumberId, WorkId};
use domain::number::PoolClass;
use domain::request::{Country, NumberType};
use domain::work::{Phase, Work};
use dynamodb_local::DynamoDbLocal;
use it::deployment::WEBHOOK_SECRET;
use it::world::{FakeSecrets, Tick};
use it::{Person, Shown as _, from_sources};
use provision::{Answer, Call};
use runtime::aws::RandomIds;
use runtime::config::{Lookup, Providers};
use runtime::metrics::Metrics;
use runtime::{Clock as _, Deadline, Deps, Message, Parts, World};
use serde_json::json;
use simulators::{
    InProcess, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY, SharedProviders,
};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use store::keys;
use store::table::{Attribute, Item, Key, Row, Value};
use tokio::task::JoinSet;

/// Threads the racers run on: more than most machines have cores, so that they are interrupted
/// anywhere.
const THREADS: usize = 4;
/// The timeout of the steps, as deployed.
const STEPS_TIMEOUT: Duration = Duration::from_secs(60);
/// The timeout of the calls, as deployed.
const HTTP_TIMEOUT: Duration = Duration::from_secs(29);
/// Messages handed to one invocation of the steps, as deployed.
const BATCH: usize = 5;
/// Rounds of messages within which all works must be at rest.
const ROUNDS_MAX: u32 = 200;

/// The world of the races.
#[derive(Debug, Clone, Copy)]
pub struct RacingWorld;

impl World for RacingWorld {
    type Table = Counted<Engine>;
    type Clock = SkippingClock;
    type Ids = RandomIds;
    type Queue = MessageBag;
    type Secrets = FakeSecrets;
    type Vapi = InProcess<Tick>;
    type Telnyx = InProcess<Tick>;
    type Twilio = InProcess<Tick>;
}

/// One deployment over a table of its own.
#[derive(Debug)]
pub struct Site {
    /// What its functions run with.
    pub deps: Deps<RacingWorld>,
    /// VAPI and Telnyx.
    pub providers: SharedProviders,
    /// Settings of the steps.
    pub steps: steps::Config,
    provision: provision::Config,
    engine: Engine,
}

/// Held by whoever races: one test at a time, so that what they print is their own.
static TURN: Mutex<()> = Mutex::new(());

/// Runs a test on a deployment of its own over a table of DynamoDB Local, with these settings, when
/// its turn comes. Where there is no DynamoDB Local, says so and does nothing.
///
/// # Panics
/// With the test, or when DynamoDB Local is there and does not start.
pub fn race(name: &str, settings: &[(&str, &str)], test: impl AsyncFnOnce(Arc<Site>)) {
    // It ends with this process although nobody drops it.
    static LOCAL: OnceLock<Option<DynamoDbLocal>> = OnceLock::new();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let start = || DynamoDbLocal::start_if_possible().expect("DynamoDB Local starts");
    let Some(local) = LOCAL.get_or_init(start) else { return };
    on_threads(async {
        local.create_table(name).await.expect("the table is made");
        // Without the deployed limits of time: on a busy machine a crowd waits longer than that.
        let engine = Engine::dynamo(&local.client(), name);
        test(Arc::new(Site::new(engine, settings))).await;
    });
}

/// Runs a test on a deployment of its own over the twin, with these settings, when its turn comes.
///
/// # Panics
/// With the test.
pub fn race_in_twin(settings: &[(&str, &str)], test: impl AsyncFnOnce(Arc<Site>)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    on_threads(async { test(Arc::new(Site::new(Engine::twin(), settings))).await });
}

/// Runs to the end, with the tasks it begins on several threads.
///
/// # Panics
/// With the future.
pub fn on_threads<T>(future: impl Future<Output = T>) -> T {
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    let threads = threads.worker_threads(THREADS).enable_all().build().expect("threads");
    threads.block_on(future)
}

/// Runs futures as tasks that are all begun before any is waited for; brings their outputs in the
/// order they end.
///
/// # Panics
/// With any of the tasks.
pub async fn at_once<F>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    futures.into_iter().collect::<JoinSet<_>>().join_all().await
}

impl Site {
    /// A deployment over this table, with these settings.
    ///
    /// # Panics
    /// When the settings cannot be read.
    pub fn new(engine: Engine, settings: &[(&str, &str)]) -> Self {
        let mut settings: BTreeMap<&str, &str> = settings.iter().copied().collect();
        settings.extend([("VAPI_SECRET_ID", "vapi"), ("TELNYX_SECRET_ID", "telnyx")]);
        let find = |name: &str| settings.get(name).map(|value| (*value).to_owned());
        let lookup = Lookup::new(&find);
        let clock = SkippingClock::default();
        let now = clock.now().as_millis();
        let standard = simulators::Providers::standard(ProvidersOptions::default(), 7, now);
        let providers = SharedProviders::new(standard);
        let tick = || -> Tick {
            let clock = clock.clone();
            Box::new(move || clock.now().as_millis())
        };
        let deps = Deps::new(Parts {
            table: Counted::new(engine.clone()),
            queue: MessageBag::new(clock.clone()),
            ids: Arc::new(RandomIds),
            secret_source: secrets(),
            vapi: providers.vapi(tick()),
            telnyx: providers.telnyx(tick()),
            twilio: providers.twilio(tick()),
            providers: Providers::from_lookup(lookup).unwrap(),
            metrics: Metrics::writing("Dialtone".to_owned(), "races".to_owned(), |_line| ()),
            clock: Arc::new(clock),
        });
        Self {
            deps,
            providers,
            steps: steps::Config::from_lookup(lookup).unwrap(),
            provision: provision::Config::from_lookup(lookup).unwrap(),
            engine,
        }
    }

    /// The table, which counts.
    pub fn table(&self) -> &Counted<Engine> {
        self.deps.store.table()
    }

    /// Answers a call.
    pub async fn answer(&self, call: Call) -> Answer {
        let deadline = self.ends_in(HTTP_TIMEOUT);
        // In a box, here and below: their types nest deeper than the compiler follows.
        Box::pin(provision::handle(&self.deps, &self.provision, call, deadline)).await
    }

    fn ends_in(&self, timeout: Duration) -> Deadline {
        Deadline::at(self.deps.now().after(timeout))
    }

    /// Hands out messages, every one so often at once, and skips the waits between them, until
    /// there is none. A record that failed comes again.
    ///
    /// # Panics
    /// When there is no end to it.
    pub async fn settle(self: &Arc<Self>, copies: usize) {
        for _round in 0..ROUNDS_MAX {
            let Some(next) = self.deps.queue.next_due() else { return };
            self.deps.clock.skip_to(next);
            let due = self.deps.queue.take_due();
            let doubled: Vec<Message> =
                due.iter().flat_map(|message| std::iter::repeat_n(*message, copies)).collect();
            let batches = doubled.chunks(BATCH).map(|batch| {
                let (site, batch) = (Arc::clone(self), batch.to_vec());
                async move { site.batch(batch).await }
            });
            at_once(batches.collect::<Vec<_>>()).await;
        }
        panic!("no rest within {ROUNDS_MAX} rounds");
    }

    async fn batch(&self, messages: Vec<Message>) {
        let mut event = SqsEvent::default();
        let record = |(place, message): (usize, &Message)| {
            let mut record = SqsMessage::default();
            record.message_id = Some(place.to_string());
            record.body = Some(message.encode());
            record
        };
        event.records = messages.iter().enumerate().map(record).collect();
        let deadline = self.ends_in(STEPS_TIMEOUT);
        let response = Box::pin(steps::handle(&self.deps, &self.steps, event, deadline)).await;
        for failure in response.batch_item_failures {
            let place: usize = failure.item_identifier.parse().unwrap();
            let again = self.deps.now().after(STEPS_TIMEOUT * 6);
            self.deps.queue.put(messages[place], again);
        }
    }

    /// A business of its own asks for a number from this source; the work that is to get it.
    ///
    /// # Panics
    /// When there is none.
    pub async fn asked(&self, business: &str, source: &str) -> WorkId {
        let person = Person::of("org-1", business);
        let asked = self.answer(person.asks(from_sources(&[source]))).await;
        assert_eq!(asked.status, 202, "{:#}", asked.body);
        asked.id().parse().unwrap()
    }

    /// Every item of the table whose partition key begins so.
    pub async fn rows(&self, partition: &str) -> Vec<Row> {
        self.engine.rows(partition).await
    }

    /// All works, as the table has them.
    pub async fn works(&self) -> Vec<Work> {
        let rows = self.rows("WORK#").await;
        let document = |row: &Row| text(&row.item, keys::DOCUMENT).unwrap().to_owned();
        rows.iter().map(|row| serde_json::from_str(&document(row)).unwrap()).collect()
    }

    /// Who holds which slot of the free allowance: holders by the slot's number.
    pub async fn slots(&self) -> BTreeMap<u16, String> {
        let rows = self.engine.partition(keys::FREE).await;
        let held = rows.iter().filter_map(|row| {
            let slot = keys::parse_slot(&row.key.sk)?;
            Some((slot.get(), text(&row.item, keys::HOLDER)?.to_owned()))
        });
        held.collect()
    }

    /// The local numbers of the United States in the pool, all of which stand in their area too.
    ///
    /// # Panics
    /// When one does not.
    pub async fn pooled(&self) -> BTreeSet<NumberId> {
        let class = PoolClass { country: Country::US, number_type: NumberType::Local, only: None };
        let rows = self.engine.partition(&keys::pool(&class)).await;
        let part = |name: &str| -> BTreeSet<NumberId> {
            let within = rows.iter().filter(|row| row.key.sk.starts_with(name));
            within.map(|row| keys::parse_pooled(&row.key.sk).unwrap()).collect()
        };
        let any = part(&keys::pool_part(None));
        assert_eq!((part("AREA#"), rows.len()), (any.clone(), any.len() * 2));
        any
    }

    /// Which of these numbers are some work's, and whose.
    pub async fn holders(&self, numbers: &BTreeSet<NumberId>) -> BTreeMap<Prize, WorkId> {
        let keys: Vec<Key> = numbers.iter().map(|id| keys::number(*id)).collect();
        let rows = self.engine.at(&keys).await;
        assert_eq!(rows.len(), numbers.len());
        let holder = |row: &Row| text(&row.item, keys::WORK)?.parse().ok();
        let of = numbers.iter().map(|id| Prize::Number(*id)).zip(&rows);
        of.filter_map(|(prize, row)| Some((prize, holder(row)?))).collect()
    }
}

/// A text or document of an item.
fn text(item: &Item, attribute: Attribute) -> Option<&str> {
    match item.get(attribute)? {
        Value::Text(text) => Some(text),
        Value::Document(text) => Some(text),
        Value::Number(_) => None,
    }
}

fn secrets() -> FakeSecrets {
    let secrets = FakeSecrets::default();
    let vapi = json!({ "api_key": STANDARD_VAPI_KEY, "webhook_secret": WEBHOOK_SECRET });
    secrets.set("vapi", vapi.to_string());
    let telnyx = json!({ "api_key": STANDARD_TELNYX_KEY, "public_key": "" });
    secrets.set("telnyx", telnyx.to_string());
    secrets
}

/// Whether nothing more happens to a work by itself.
pub fn rests(work: &Work) -> bool {
    let phase = &work.phase;
    phase.is_ready() || phase.is_over() || matches!(phase, Phase::NeedsPerson(_))
}
