//! One soak from beginning to end.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::QueueAttributeName;
use local::console::Console;
use simulators::STANDARD_TELNYX_KEY;
use simulators::server::wall_ms;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval};

use crate::Flags;
use crate::dice::Dice;
use crate::figures::Counting;
use crate::gateway::Front;
use crate::ground::Ground;
use crate::judge::{self, Case, Truth};
use crate::lambda::{Deployment, Lambda, Name};
use crate::load::Town;
use crate::queue::{self, Mapping};
use crate::report::Report;
use crate::settings::{self, Addresses};
use crate::settle::settle;
use crate::{killer, logs, weather};

/// How often the soak says how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(15);

/// Runs the soak.
pub(crate) async fn run(flags: &Flags, console: &Console) -> anyhow::Result<Report> {
    let begun = Instant::now();
    let seed = flags.seed.unwrap_or_else(|| u64::try_from(wall_ms()).unwrap_or(1));
    let counting = Counting::default();
    let ground = Ground::start(seed, flags.built.as_deref(), console).await?;
    let front = Front::listen().await?;
    let lambda = Arc::new(start(flags, &ground, &front.url, &counting)?);
    let mut serving = JoinSet::new();
    serve(&mut serving, flags, seed, &ground, &lambda, &counting);
    let front = front.serve(Arc::clone(&lambda), counting.clone());
    let providers = &ground.providers;
    let town = Town::new(Arc::clone(&lambda), providers.clone(), counting.clone(), seed);
    let town = Arc::new(town);
    console.line(format!("{} kills, seed {seed}", flags.kills));

    let killing = Instant::now();
    let living = tokio::spawn(Arc::clone(&town).live(flags.businesses));
    let weather = Dice::of(seed, "weather");
    let weather = tokio::spawn(weather::run(providers.clone(), weather, counting.clone()));
    kill(flags, seed, &lambda, &counting, &town, console).await;
    weather.abort();
    weather::calm(providers);
    town.calm();
    living.await?;
    let killing = killing.elapsed();

    console.line("calm: everything must come to rest");
    let settling = Instant::now();
    let client = ground.dynamodb.client();
    let table = settle(&town, &client, Duration::from_secs(flags.rest)).await?;
    let settling = settling.elapsed();
    let truth = Truth::read(providers);
    let promises = town.promises();
    let case = Case { table: &table, truth: &truth, promises: &promises, providers };
    let mut findings = counting.with(|figures| std::mem::take(&mut figures.findings));
    findings.extend(judge::judge(&case));
    let complaints = logs::complaints()?;
    findings.extend(logs::findings(&complaints));
    let dead_letters = dead_letters(&ground).await?;
    front.abort();
    serving.shutdown().await;
    Ok(Report {
        seed,
        figures: counting.with(|figures| figures.clone()),
        works: table.phases(),
        businesses: town.businesses(),
        orders: truth.orders.len(),
        bought: truth.bought.len(),
        free: truth.free.len(),
        spent_cents: truth.spent_cents,
        dead_letters,
        complaints,
        killing_seconds: killing.as_secs(),
        settling_seconds: settling.as_secs(),
        seconds: begun.elapsed().as_secs(),
        findings,
    })
}

/// Deploys the functions.
fn start(
    flags: &Flags,
    ground: &Ground,
    public: &str,
    counting: &Counting,
) -> anyhow::Result<Lambda> {
    let at = Addresses {
        dynamodb: ground.dynamodb.endpoint(),
        emulator: ground.emulator.url(),
        queue_url: ground.queue_url.clone(),
        public: public.to_owned(),
        vapi: ground.simulators.vapi_url.clone(),
        telnyx: ground.simulators.telnyx_url.clone(),
    };
    ground.providers.with(|all| {
        let url = format!("{public}/webhooks/telnyx");
        all.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, Some(&url));
    });
    let logs = logs::folder();
    fs::create_dir_all(&logs)?;
    let deployment = Deployment {
        binaries: ground.binaries.clone(),
        variables: settings::variables(&at),
        environments: settings::environments(flags.environments),
        logs,
    };
    Lambda::start(&deployment, counting)
}

/// The queue's pollers, and the schedule.
fn serve(
    serving: &mut JoinSet<()>,
    flags: &Flags,
    seed: u64,
    ground: &Ground,
    lambda: &Arc<Lambda>,
    counting: &Counting,
) {
    for place in 0..flags.environments {
        let mapping = Mapping {
            sqs: ground.sqs.clone(),
            queue_url: ground.queue_url.clone(),
            lambda: Arc::clone(lambda),
            counting: counting.clone(),
            dice: Dice::of(seed, &format!("queue {place}")),
        };
        serving.spawn(mapping.run());
    }
    serving.spawn(queue::tick(Arc::clone(lambda)));
}

/// Kills until all kills are done, and says how far it is.
async fn kill(
    flags: &Flags,
    seed: u64,
    lambda: &Arc<Lambda>,
    counting: &Counting,
    town: &Town,
    console: &Console,
) {
    let every = Duration::from_millis(flags.every);
    let dice = Dice::of(seed, "killer");
    let killing = killer::run(Arc::clone(lambda), dice, counting.clone(), flags.kills, every);
    tokio::pin!(killing);
    let mut told = interval(TOLD_EVERY);
    told.tick().await;
    loop {
        tokio::select! {
            () = &mut killing => return,
            _time = told.tick() => {
                let line = counting.with(|figures| {
                    let steps = figures.invocations.get(&Name::Steps).copied().unwrap_or_default();
                    format!(
                        "  {} kills ({} amid), {} businesses, {} messages, {} steps timed out",
                        figures.killed(),
                        figures.killed_amid(),
                        town.businesses(),
                        figures.messages,
                        steps.timed_out,
                    )
                });
                console.line(line);
            }
        }
    }
}

/// Messages that were handed out too often.
async fn dead_letters(ground: &Ground) -> anyhow::Result<u64> {
    let asked = ground.sqs.get_queue_attributes().queue_url(&ground.dead_letters_url);
    let name = QueueAttributeName::ApproximateNumberOfMessages;
    let answer = asked.attribute_names(name.clone()).send().await?;
    let count = answer.attributes.unwrap_or_default().remove(&name);
    Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
}
