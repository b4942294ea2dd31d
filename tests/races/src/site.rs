//! One deployment over a table of DynamoDB Local.

use crate::clock::SkippingClock;
use crate::counted::Counted;
use crate::queue::MessageBag;
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::work::{Phase, Work};
use dynamodb_local::DynamoDbLocal;
use it::deployment::WEBHOOK_SECRET;
use it::world::{FakeSecrets, Tick};
use provision::{Answer, Call};
use runtime::aws::RandomIds;
use runtime::config::{Lookup, Providers};
use runtime::metrics::Metrics;
use runtime::{Clock as _, Deadline, Deps, Message, Parts, World};
use serde_json::json;
use simulators::{
    InProcess, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY, SharedProviders,
};
use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use store::dynamo::DynamoTable;
use store::keys;
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
    type Table = Counted<DynamoTable>;
    type Clock = SkippingClock;
    type Ids = RandomIds;
    type Queue = MessageBag;
    type Secrets = FakeSecrets;
    type Vapi = InProcess<Tick>;
    type Telnyx = InProcess<Tick>;
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
    client: Client,
    name: String,
}

/// An item, its key's parts with its attributes.
pub type Row = HashMap<String, AttributeValue>;

/// Runs a test on a deployment of its own, with these settings; one test at a time, so that what
/// they print is their own. Where there is no DynamoDB Local, says so and does nothing.
///
/// # Panics
/// With the test, or when DynamoDB Local is there and does not start.
pub fn race(name: &str, settings: &[(&str, &str)], test: impl AsyncFnOnce(Arc<Site>)) {
    // It ends with this process although nobody drops it.
    static LOCAL: OnceLock<Option<DynamoDbLocal>> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let start = || DynamoDbLocal::start_if_possible().expect("DynamoDB Local starts");
    let Some(local) = LOCAL.get_or_init(start) else { return };
    let mut threads = tokio::runtime::Builder::new_multi_thread();
    let threads = threads.worker_threads(THREADS).enable_all().build().expect("threads");
    threads.block_on(async {
        local.create_table(name).await.expect("the table is made");
        test(Arc::new(Site::new(local, name, settings))).await;
    });
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
    fn new(local: &DynamoDbLocal, name: &str, settings: &[(&str, &str)]) -> Self {
        let mut settings: BTreeMap<&str, &str> = settings.iter().copied().collect();
        settings.extend([("VAPI_SECRET_ID", "vapi"), ("TELNYX_SECRET_ID", "telnyx")]);
        let find = |name: &str| settings.get(name).map(|value| (*value).to_owned());
        let lookup = Lookup::new(&find);
        let clock = SkippingClock::default();
        let now = clock.now().as_millis();
        let standard = simulators::Providers::standard(ProvidersOptions::default(), 7, now);
        let providers = SharedProviders::new(standard);
        // Without the deployed limits of time: on a busy machine a crowd waits longer than that.
        let client = local.client();
        let tick = || -> Tick {
            let clock = clock.clone();
            Box::new(move || clock.now().as_millis())
        };
        let deps = Deps::new(Parts {
            table: Counted::new(DynamoTable::new(client.clone(), name)),
            queue: MessageBag::new(clock.clone()),
            ids: Arc::new(RandomIds),
            secret_source: secrets(),
            vapi: providers.vapi(tick()),
            telnyx: providers.telnyx(tick()),
            providers: Providers::from_lookup(lookup).unwrap(),
            metrics: Metrics::writing("Dialtone".to_owned(), "races".to_owned(), |_line| ()),
            clock: Arc::new(clock),
        });
        Self {
            deps,
            providers,
            steps: steps::Config::from_lookup(lookup).unwrap(),
            provision: provision::Config::from_lookup(lookup).unwrap(),
            client,
            name: name.to_owned(),
        }
    }

    /// The table, which counts.
    pub fn table(&self) -> &Counted<DynamoTable> {
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

    /// Every item of the table whose partition key begins so.
    pub async fn rows(&self, partition: &str) -> Vec<Row> {
        let pages = self.client.scan().table_name(&self.name).consistent_read(true);
        let rows = pages.into_paginator().items().send();
        let rows: Vec<Row> = rows.collect::<Result<_, _>>().await.expect("the table is read");
        let of_it = |row: &Row| text(row, "pk").is_some_and(|pk| pk.starts_with(partition));
        rows.into_iter().filter(of_it).collect()
    }

    /// All works, as the table has them.
    pub async fn works(&self) -> Vec<Work> {
        let rows = self.rows("WORK#").await;
        rows.iter()
            .map(|row| serde_json::from_str(text(row, keys::DOCUMENT).unwrap()).unwrap())
            .collect()
    }

    /// Who holds which slot of the free allowance: holders by the slot's number.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn slots(&self) -> BTreeMap<u16, String> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query.key_condition_expression("pk = :free");
        let free = AttributeValue::S(keys::FREE.to_owned());
        let rows = query.expression_attribute_values(":free", free).into_paginator().items().send();
        let rows: Vec<Row> = rows.collect::<Result<_, _>>().await.expect("the slots are read");
        let held = rows.iter().filter_map(|row| {
            let slot = keys::parse_slot(text(row, "sk")?)?;
            Some((slot.get(), text(row, keys::HOLDER)?.to_owned()))
        });
        held.collect()
    }
}

/// A text of a row.
pub fn text<'a>(row: &'a Row, attribute: &str) -> Option<&'a str> {
    row.get(attribute)?.as_s().ok().map(String::as_str)
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
