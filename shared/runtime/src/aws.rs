//! The world in Lambda: DynamoDB, SQS, Secrets Manager, the system clock, the network.

use crate::config::{Base, Lookup, Providers};
use crate::deps::{Deps, Parts};
use crate::message::Message;
use crate::metrics::Metrics;
use crate::ports::{
    Clock, Ids, Queue, QueueError, SecretError, SecretKeeper, SecretNotKept, SecretSource, World,
};
use crate::telemetry::chain;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use domain::ids::Fresh;
use domain::time::Timestamp;
use exchange::{Exchange, ExchangeError, Http, Request, Response};
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use store::dynamo::DynamoTable;

/// The world in Lambda.
#[derive(Debug, Clone, Copy)]
pub struct Aws;

impl World for Aws {
    type Table = DynamoTable;
    type Clock = SystemClock;
    type Ids = RandomIds;
    type Queue = Sqs;
    type Secrets = SecretsManager;
    type Vapi = Network;
    type Telnyx = Network;
    type Twilio = Network;
}

/// The system's clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
        let now = SystemTime::now();
        let elapsed = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
    }

    async fn sleep(&self, duration: Duration) {
        #[expect(clippy::disallowed_methods, reason = "the one place that waits")]
        let wait = tokio::time::sleep(duration);
        wait.await;
    }
}

/// ULIDs from the system's clock and random source.
#[derive(Debug, Clone, Copy)]
pub struct RandomIds;

impl Ids for RandomIds {
    fn fresh(&self) -> Fresh {
        let now = u64::try_from(SystemClock.now().as_millis()).unwrap_or(0);
        Fresh::from_parts(now, rand::random::<u128>())
    }
}

/// The queue of the steps.
#[derive(Debug, Clone)]
pub struct Sqs {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue for Sqs {
    async fn send(&self, message: &Message, delay: Duration) -> Result<(), QueueError> {
        // Rounded up: a message that comes early finds its work not due.
        let seconds = delay.as_millis().div_ceil(1000).min(900);
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(message.encode())
            .delay_seconds(i32::try_from(seconds).unwrap_or(900))
            .send()
            .await
            .map(|_sent| ())
            .map_err(|error| QueueError(chain(&error)))
    }
}

/// Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager {
    client: aws_sdk_secretsmanager::Client,
}

impl SecretSource for SecretsManager {
    async fn fetch(&self, id: &str) -> Result<Option<SecretString>, SecretError> {
        match self.client.get_secret_value().secret_id(id).send().await {
            Ok(answer) => Ok(answer.secret_string.map(SecretString::from)),
            Err(error) => {
                let missing = error
                    .as_service_error()
                    .is_some_and(|error| error.is_resource_not_found_exception());
                if missing { Ok(None) } else { Err(SecretError(chain(&error))) }
            }
        }
    }
}

impl SecretKeeper for SecretsManager {
    async fn keep(&self, id: &str, text: &SecretString) -> Result<(), SecretNotKept> {
        // Of two who find none and make it, the second is refused, and finds the first one's.
        for made in [false, true] {
            let put = self.client.put_secret_value().secret_id(id);
            match put.secret_string(text.expose_secret()).send().await {
                Ok(_written) => return Ok(()),
                Err(error) => {
                    let missing = error
                        .as_service_error()
                        .is_some_and(|error| error.is_resource_not_found_exception());
                    if !missing || made {
                        return Err(SecretNotKept(chain(&error)));
                    }
                }
            }
            let create = self.client.create_secret().name(id);
            match create.secret_string(text.expose_secret()).send().await {
                Ok(_made) => return Ok(()),
                Err(error) => {
                    let exists = error
                        .as_service_error()
                        .is_some_and(|error| error.is_resource_exists_exception());
                    if !exists {
                        return Err(SecretNotKept(chain(&error)));
                    }
                }
            }
        }
        Err(SecretNotKept("it was made and removed meanwhile".to_owned()))
    }
}

/// The network, set up at the first use: a function that calls no provider pays nothing for it.
#[derive(Debug, Clone, Default)]
pub struct Network {
    http: Arc<OnceLock<Option<Http>>>,
}

impl Exchange for Network {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        match self.http.get_or_init(|| Http::new().ok()) {
            Some(http) => http.send(request).await,
            None => Err(ExchangeError::NotSent),
        }
    }
}

/// The connection to AWS all clients share.
#[derive(Debug, Clone)]
struct Connection {
    region: String,
    credentials: Credentials,
    http: SharedHttpClient,
}

/// How long one AWS call may take, tries included.
const AWS_CALL_DEADLINE: Duration = Duration::from_secs(8);
/// How long one try of an AWS call may take.
const AWS_TRY_DEADLINE: Duration = Duration::from_secs(3);

impl Connection {
    /// From the variables Lambda sets; no profile files, no metadata service.
    fn from_lookup(lookup: Lookup<'_>) -> Result<Self, crate::config::ConfigError> {
        let credentials = Credentials::new(
            lookup.required("AWS_ACCESS_KEY_ID")?,
            lookup.required("AWS_SECRET_ACCESS_KEY")?,
            lookup.optional("AWS_SESSION_TOKEN"),
            None,
            "lambda",
        );
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                aws_smithy_http_client::tls::rustls_provider::CryptoMode::AwsLc,
            ))
            .build_https();
        Ok(Self { region: lookup.text("AWS_REGION", "us-east-1"), credentials, http })
    }

    fn timeouts() -> TimeoutConfig {
        TimeoutConfig::builder()
            .operation_timeout(AWS_CALL_DEADLINE)
            .operation_attempt_timeout(AWS_TRY_DEADLINE)
            .connect_timeout(AWS_TRY_DEADLINE)
            .build()
    }
}

/// Where a service is reached if not at AWS, by the variables the SDKs agree on: the service's own,
/// else the one of all services.
fn endpoint(lookup: Lookup<'_>, own: &str) -> Option<String> {
    lookup.optional(own).or_else(|| lookup.optional("AWS_ENDPOINT_URL"))
}

macro_rules! settings {
    ($connection:expr, $sdk:ident, $endpoint:expr) => {{
        let connection = $connection;
        let mut config = $sdk::config::Builder::new()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(connection.region.clone()))
            .credentials_provider(connection.credentials.clone())
            .http_client(connection.http.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(Connection::timeouts());
        if let Some(endpoint) = $endpoint {
            config = config.endpoint_url(endpoint);
        }
        config
    }};
}

/// Everything a function runs with in Lambda.
///
/// # Errors
/// [`crate::config::ConfigError`] with the name of the variable that is missing or wrong.
pub fn deps(lookup: Lookup<'_>) -> Result<Deps<Aws>, crate::config::ConfigError> {
    with_providers(lookup, Providers::from_lookup(lookup)?)
}

/// The same for a function that calls no provider and may read no secret.
///
/// # Errors
/// [`crate::config::ConfigError`] with the name of the variable that is missing or wrong.
pub fn deps_without_providers(lookup: Lookup<'_>) -> Result<Deps<Aws>, crate::config::ConfigError> {
    with_providers(lookup, Providers::none())
}

fn with_providers(
    lookup: Lookup<'_>,
    providers: Providers,
) -> Result<Deps<Aws>, crate::config::ConfigError> {
    let base = Base::from_lookup(lookup)?;
    let connection = Connection::from_lookup(lookup)?;
    let network = Network::default();
    let at = |own| endpoint(lookup, own);
    let (table, queue, secrets) = (
        settings!(&connection, aws_sdk_dynamodb, at("AWS_ENDPOINT_URL_DYNAMODB")),
        settings!(&connection, aws_sdk_sqs, at("AWS_ENDPOINT_URL_SQS")),
        settings!(&connection, aws_sdk_secretsmanager, at("AWS_ENDPOINT_URL_SECRETS_MANAGER")),
    );
    let dynamo = aws_sdk_dynamodb::Client::from_conf(store::dynamo::configure(table).build());
    Ok(Deps::new(Parts {
        table: DynamoTable::new(dynamo, base.table_name),
        queue: Sqs { client: aws_sdk_sqs::Client::from_conf(queue.build()), url: base.queue_url },
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        secret_source: SecretsManager {
            client: aws_sdk_secretsmanager::Client::from_conf(secrets.build()),
        },
        vapi: network.clone(),
        telnyx: network.clone(),
        twilio: network,
        providers,
        metrics: Metrics::stdout(base.metrics_namespace, base.stage),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_services_own_address_goes_before_the_one_of_all() {
        let find = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some("http://all.test".to_owned()),
            "AWS_ENDPOINT_URL_DYNAMODB" => Some("http://table.test".to_owned()),
            _ => None,
        };
        let lookup = Lookup::new(&find);
        let at = |own| endpoint(lookup, own);
        assert_eq!(at("AWS_ENDPOINT_URL_DYNAMODB").as_deref(), Some("http://table.test"));
        assert_eq!(at("AWS_ENDPOINT_URL_SQS").as_deref(), Some("http://all.test"));
        let none = |_: &str| None;
        assert_eq!(endpoint(Lookup::new(&none), "AWS_ENDPOINT_URL_SQS"), None);
    }
}
