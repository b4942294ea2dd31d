//! What the functions stand on: DynamoDB Local for the table, an emulator for queue and secrets,
//! the simulators for the providers.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use aws_credential_types::Credentials;
use dynamodb_local::DynamoDbLocal;
use local::console::Console;
use local::emulator::Emulator;
use local::{functions, python};
use serde_json::{Value, json};
use simulators::server::{Running, ServeOptions, serve, wall_ms};
use simulators::{
    Providers, ProvidersOptions, STANDARD_TELNYX_KEY, STANDARD_VAPI_KEY, SharedProviders,
};

use crate::lambda::Name;
use crate::settings;

/// Numbers for sale in each area.
const STOCK: u32 = 400;

/// Everything the functions talk to, and their binaries. Dropped, all of it ends.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) dynamodb: DynamoDbLocal,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) queue_url: String,
    pub(crate) dead_letters_url: String,
    pub(crate) providers: SharedProviders,
    pub(crate) simulators: Running,
    pub(crate) emulator: Emulator,
    pub(crate) binaries: BTreeMap<Name, PathBuf>,
}

impl Ground {
    /// Builds the functions and starts everything.
    pub(crate) async fn start(
        seed: u64,
        built: Option<&Path>,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let python = python::find().await?;
        let emulator = async {
            let venv = python::Venv::ready(&python, console).await?;
            let step = console.step("queue and secrets");
            let emulator = Emulator::start(&python, &venv).await?;
            step.done(&format!("queue and secrets at {}", emulator.url()));
            anyhow::Ok(emulator)
        };
        let binaries = async {
            match built {
                Some(folder) => Ok(in_folder(folder)),
                None => functions::build(&python, console).await,
            }
        };
        let (emulator, binaries) = tokio::try_join!(emulator, binaries)?;
        let binaries = kept(&binaries, &emulator.folder)?;
        let dynamodb = tokio::task::spawn_blocking(DynamoDbLocal::start_if_possible).await??;
        let dynamodb = dynamodb.context("DynamoDB Local is needed: Java, and npm at first")?;
        dynamodb.create_table(settings::TABLE).await?;
        console.line(format!("  ✓ table at {}", dynamodb.endpoint()));
        let providers = providers(seed);
        let simulators = serve(providers.clone(), ServeOptions::default()).await?;
        let aws = Aws::at(&emulator.url());
        let (queue_url, dead_letters_url) = aws.make_queues().await?;
        aws.put_secrets(&providers).await?;
        let sqs = aws.sqs;
        Ok(Self {
            dynamodb,
            sqs,
            queue_url,
            dead_letters_url,
            providers,
            simulators,
            emulator,
            binaries,
        })
    }
}

/// What `sam build` leaves in a folder.
fn in_folder(folder: &Path) -> BTreeMap<String, PathBuf> {
    let names = Name::ALL.map(Name::as_str).into_iter();
    names.map(|name| (name.to_owned(), folder.join(name).join("bootstrap"))).collect()
}

/// Copies of the binaries: a build beside the soak would put others in their place.
fn kept(
    built: &BTreeMap<String, PathBuf>,
    folder: &Path,
) -> anyhow::Result<BTreeMap<Name, PathBuf>> {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin)?;
    let copied = Name::ALL.into_iter().map(|name| {
        let from = built.get(name.as_str()).context("a function was not built")?;
        let to = bin.join(name.as_str());
        fs::copy(from, &to).with_context(|| format!("{} cannot be copied", from.display()))?;
        Ok((name, to))
    });
    copied.collect()
}

/// The providers, quick enough that works end within seconds.
fn providers(seed: u64) -> SharedProviders {
    let mut providers = Providers::standard(ProvidersOptions::default(), seed, wall_ms());
    let switches = json!({
        "vapi": {
            "digits": { "kind": "after", "ms": 1_500 },
            "free_limit": settings::FREE_NUMBERS,
            "log_entries_max": 0,
        },
        "telnyx": {
            "order_settle_ms": 1_000,
            "stock": STOCK,
            "log_entries_max": 0,
        },
    });
    // Names that the simulators do not know would be refused: a mistake of this file.
    if let Err(reason) = providers.merge_options(&switches) {
        eprintln!("  ! the simulators' switches: {reason}");
    }
    let rich = json!({ "balance_cents": settings::BALANCE_CENTS }).to_string();
    providers.control(wall_ms(), "POST", "/_sim/telnyx/account", rich.as_bytes());
    SharedProviders::new(providers)
}

/// Clients of the emulator.
struct Aws {
    sqs: aws_sdk_sqs::Client,
    secrets: aws_sdk_secretsmanager::Client,
}

macro_rules! client {
    ($sdk:ident, $endpoint:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new("us-east-1"))
                .credentials_provider(Credentials::from_keys("test", "test", None))
                .endpoint_url($endpoint)
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .build(),
        )
    };
}

impl Aws {
    fn at(endpoint: &str) -> Self {
        Self {
            sqs: client!(aws_sdk_sqs, endpoint),
            secrets: client!(aws_sdk_secretsmanager, endpoint),
        }
    }

    /// The steps' queue and its dead letters, as the template makes them.
    async fn make_queues(&self) -> anyhow::Result<(String, String)> {
        use aws_sdk_sqs::types::QueueAttributeName as Attribute;
        let dead = self.sqs.create_queue().queue_name(settings::DEAD_LETTERS).send().await?;
        let dead = dead.queue_url.context("a queue without URL")?;
        let asked = self.sqs.get_queue_attributes().queue_url(&dead);
        let asked = asked.attribute_names(Attribute::QueueArn).send().await?;
        let arn = asked.attributes.unwrap_or_default().remove(&Attribute::QueueArn);
        let redrive = json!({
            "deadLetterTargetArn": arn.context("a queue without ARN")?,
            "maxReceiveCount": settings::RECEIVES_MAX.to_string(),
        });
        let made = self.sqs.create_queue().queue_name(settings::QUEUE);
        let made = made
            .attributes(Attribute::VisibilityTimeout, settings::VISIBILITY_SECONDS.to_string())
            .attributes(Attribute::RedrivePolicy, redrive.to_string());
        let made = made.send().await?;
        Ok((made.queue_url.context("a queue without URL")?, dead))
    }

    async fn put_secrets(&self, providers: &SharedProviders) -> anyhow::Result<()> {
        let key = providers
            .with(|all| all.telnyx.account(STANDARD_TELNYX_KEY).map(|one| one.public_key()));
        let vapi =
            json!({ "api_key": STANDARD_VAPI_KEY, "webhook_secret": settings::WEBHOOK_SECRET });
        let telnyx = json!({ "api_key": STANDARD_TELNYX_KEY, "public_key": key });
        self.put_secret(settings::VAPI_SECRET, &vapi).await?;
        self.put_secret(settings::TELNYX_SECRET, &telnyx).await
    }

    async fn put_secret(&self, name: &str, value: &Value) -> anyhow::Result<()> {
        let made = self.secrets.create_secret().name(name).secret_string(value.to_string());
        made.send().await.map(drop).with_context(|| format!("the secret {name}"))
    }
}
