//! DynamoDB Local, AWS's own stand-in, started for tests.
//!
//! It comes in the npm package `amplify-dynamodb-simulator`, is fetched once into
//! `target/local/dynamodb`, and needs Java. It ends with the process that started it, however
//! that one ends. Where Java or the package cannot be had, tests say so and pass, unless
//! `DIALTONE_REQUIRE_DYNAMODB_LOCAL=1` asks for it.

mod package;
mod table;

pub use package::Missing;

use anyhow::{Context, Result, bail};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Config, Region};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// Set to `1`, tests that need DynamoDB Local fail where it cannot be had.
pub const REQUIRE: &str = "DIALTONE_REQUIRE_DYNAMODB_LOCAL";

/// So often another port is tried: somebody else may take one between our choice and its use.
const PORTS_MAX: u32 = 3;
/// So often, and so long apart, we look whether it listens: 30 seconds in all.
const LOOKS_MAX: u32 = 300;
const LOOK_PAUSE: Duration = Duration::from_millis(100);

/// Runs Java until our end of its input closes, which happens even when we are killed.
const UNTIL_INPUT_CLOSES: &str = r#"
exec 3<&0
java "$@" </dev/null 3<&- &
java=$!
{ read -r _ <&3; kill "$java" 2>/dev/null; } &
exec 3<&-
wait "$java"
"#;

/// A running DynamoDB Local, empty at first, in memory.
#[derive(Debug)]
pub struct DynamoDbLocal {
    child: Child,
    port: u16,
}

impl DynamoDbLocal {
    /// Starts one. `None`, after a line that tells why, where it cannot be had and need not.
    pub fn start_if_possible() -> Result<Option<Self>> {
        match package::folder() {
            Ok(folder) => Self::start_in(&folder).map(Some),
            Err(missing) if required() => Err(missing.into()),
            Err(missing) => {
                eprintln!("DynamoDB Local: {missing}; skipped ({REQUIRE}=1 makes this a failure)");
                Ok(None)
            }
        }
    }

    fn start_in(folder: &std::path::Path) -> Result<Self> {
        for _port in 0..PORTS_MAX {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let child = Command::new("sh")
                .args(["-c", UNTIL_INPUT_CLOSES, "dynamodb-local"])
                .args(["-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"])
                .args(["-inMemory", "-sharedDb", "-port", &port.to_string()])
                .env("DDB_LOCAL_TELEMETRY", "0")
                .current_dir(folder)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .context("starting Java")?;
            let mut local = Self { child, port };
            if local.listens()? {
                return Ok(local);
            }
        }
        bail!("DynamoDB Local does not listen on any of {PORTS_MAX} ports")
    }

    fn listens(&mut self) -> Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        for _look in 0..LOOKS_MAX {
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            if TcpStream::connect_timeout(&address, LOOK_PAUSE).is_ok() {
                return Ok(true);
            }
            thread::sleep(LOOK_PAUSE);
        }
        Ok(false)
    }

    /// Where it listens.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A client's configuration, retries and timeouts left to the SDK.
    #[must_use]
    pub fn config(&self) -> Builder {
        config(&self.endpoint())
    }

    /// A client with the SDK's own habits.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::from_conf(self.config().build())
    }

    /// Makes a table as Dialtone's is: its keys and its two indexes.
    pub async fn create_table(&self, name: &str) -> Result<()> {
        table::create(&self.client(), name).await
    }
}

impl Drop for DynamoDbLocal {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // Nothing is left to do for one that is gone already.
        let _gone = self.child.wait();
    }
}

/// A client's configuration for anything that speaks DynamoDB's protocol at this address.
#[must_use]
pub fn config(endpoint: &str) -> Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::from_keys("local", "local", None))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
}

#[expect(clippy::disallowed_methods, reason = "a test tool has no Config")]
fn required() -> bool {
    std::env::var(REQUIRE).is_ok_and(|value| value == "1")
}
