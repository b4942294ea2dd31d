//! The AWS emulator (ministack): one Python process, and the functions it starts.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use tokio::process::Command;

use crate::child::{self, Running, tail};
use crate::place;
use crate::python::Venv;

const START_LIMIT: Duration = Duration::from_secs(60);
const PROBE_LIMIT: Duration = Duration::from_secs(2);
const PROBE_PAUSE: Duration = Duration::from_millis(100);
/// Another process may take the port between our look and the emulator's.
const START_TRIES: u32 = 3;

/// The running emulator. Dropped, it ends with all functions, and its folder is removed.
#[derive(Debug)]
pub struct Emulator {
    process: Running,
    /// Everything this run writes is in here.
    pub folder: PathBuf,
    pub(crate) port: u16,
}

impl Emulator {
    /// Starts it on a free port and waits until it answers.
    ///
    /// # Errors
    ///
    /// Says what the emulator has said when it does not start.
    pub async fn start(python: &Path, venv: &Venv) -> anyhow::Result<Self> {
        let mut failure = None;
        for _try in 0..START_TRIES {
            let port = free_port()?;
            let mut emulator = Self::spawn(python, venv, port)?;
            match emulator.answers().await {
                Ok(()) => return Ok(emulator),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| anyhow::anyhow!("the AWS emulator did not start")))
    }

    fn spawn(python: &Path, venv: &Venv, port: u16) -> anyhow::Result<Self> {
        let folder = place::state().join(format!("run-{port}"));
        // A port is free again only after the stack that had it: what is left is nobody's.
        if folder.exists() {
            fs::remove_dir_all(&folder).context("an old run's folder cannot be removed")?;
        }
        fs::create_dir_all(folder.join("tmp")).context("target/local-stack cannot be written")?;
        let log = File::create(folder.join("emulator.log"))?;
        let mut command = child::guarded_with(python, &folder, venv.program("ministack"));
        command.current_dir(&folder).envs(environment(&folder, venv, port));
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.stdout(log.try_clone()?).stderr(log);
        let process = Running::start(command, "the AWS emulator")?;
        Ok(Self { process, folder, port })
    }

    async fn answers(&mut self) -> anyhow::Result<()> {
        let client = reqwest::Client::builder().no_proxy().timeout(PROBE_LIMIT).build()?;
        let url = format!("{}/_ministack/health", self.url());
        let begun = Instant::now();
        while begun.elapsed() < START_LIMIT {
            if self.process.ended() {
                bail!("the AWS emulator ended by itself\n{}", self.log());
            }
            if client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(PROBE_PAUSE).await;
        }
        bail!("the AWS emulator does not answer after {} s\n{}", START_LIMIT.as_secs(), self.log())
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The last lines it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        let text = fs::read(self.folder.join("emulator.log")).unwrap_or_default();
        tail(&String::from_utf8_lossy(&text), 30)
    }

    /// A command of the virtual environment that talks to this emulator.
    pub(crate) fn command(&self, python: &Path, venv: &Venv, program: &str) -> Command {
        let mut command = child::guarded(python, venv.program(program));
        command.current_dir(&self.folder).envs(environment(&self.folder, venv, self.port));
        for name in FOREIGN {
            command.env_remove(name);
        }
        command
    }
}

/// A developer's own AWS access stays out.
const FOREIGN: [&str; 4] =
    ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];

/// What emulator, functions and tools see. Functions inherit it from the emulator.
fn environment(folder: &Path, venv: &Venv, port: u16) -> BTreeMap<&'static str, String> {
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let old_path = std::env::var("PATH").unwrap_or_default();
    let around_proxy = std::env::var("NO_PROXY").or_else(|_| std::env::var("no_proxy"));
    let around_proxy = match around_proxy {
        Ok(hosts) if !hosts.is_empty() => format!("{hosts},127.0.0.1,localhost"),
        _ => "127.0.0.1,localhost".to_owned(),
    };
    BTreeMap::from([
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_CONFIG_FILE", text(folder.join("no-config"))),
        ("AWS_SHARED_CREDENTIALS_FILE", text(folder.join("no-credentials"))),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}")),
        ("GATEWAY_PORT", port.to_string()),
        ("BIND_HOST", "127.0.0.1".to_owned()),
        ("LOG_LEVEL", "WARNING".to_owned()),
        ("STATE_DIR", text(folder.join("state"))),
        ("S3_DATA_DIR", text(folder.join("s3"))),
        ("TMPDIR", text(folder.join("tmp"))),
        ("SAM_CLI_TELEMETRY", "0".to_owned()),
        ("__SAM_CLI_APP_DIR", text(folder.join("sam"))),
        ("PYTHONUNBUFFERED", "1".to_owned()),
        ("NO_PROXY", around_proxy.clone()),
        ("no_proxy", around_proxy),
        ("PATH", format!("{}:{old_path}", text(venv.program("")).trim_end_matches('/'))),
    ])
}

fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
