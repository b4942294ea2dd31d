//! A running stack.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use serde_json::{Value, json};
use simulators::server::{Running, ServeOptions, serve};
use simulators::{
    Providers, STANDARD_TELNYX_KEY, STANDARD_TWILIO_SID, STANDARD_TWILIO_TOKEN, STANDARD_VAPI_KEY,
    SharedProviders,
};

use crate::api::Api;
use crate::console::Console;
use crate::deployment::{STACK, Tools, architecture};
use crate::emulator::Emulator;
use crate::functions;
use crate::options::{StackOptions, User, with_version, without_version};
use crate::python::{self, Venv};

/// Pages that may call the API.
pub const ORIGIN: &str = "http://localhost:3000";
/// The secret VAPI's webhooks carry.
pub const VAPI_WEBHOOK_SECRET: &str = "local-vapi-webhook-secret";
/// Ids and stock of the simulators come from it.
const SEED: u64 = 1;

/// Dialtone, deployed and reachable. Dropped, everything is taken down.
///
/// Fields go down in the order they stand: first who asks, then who answers.
#[derive(Debug)]
pub struct Stack {
    tools: Tools,
    tokens: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
    providers: SharedProviders,
    servers: Running,
    other_vapi_url: Option<String>,
}

impl Stack {
    /// Builds what has changed, starts everything and deploys.
    ///
    /// # Errors
    ///
    /// Says what is missing or has failed, and what to do.
    pub async fn start(options: StackOptions, console: &Console) -> anyhow::Result<Self> {
        let python = python::find().await?;
        let (providers, servers) = start_simulators(&options).await?;
        // The longest two, on a fresh machine, are done side by side.
        let emulator = async {
            let venv = Venv::ready(&python, console).await?;
            let step = console.step("starting the AWS emulator");
            let emulator = Emulator::start(&python, &venv).await?;
            step.done(&format!("AWS emulator at {}", emulator.url()));
            anyhow::Ok((venv, emulator))
        };
        let ((venv, emulator), binaries) =
            tokio::try_join!(emulator, functions::build(&python, console))?;
        let tools = Tools { python, venv, emulator };

        let step = console.step("deploying template.yaml");
        let parameters = parameters(&options, &tools.api_url(), &servers)?;
        tools.deploy(&binaries, &parameters, &step).await?;
        step.note("secrets, users, CORS");
        let mut stack = Self {
            tools,
            tokens: BTreeMap::new(),
            outputs: BTreeMap::new(),
            providers,
            servers,
            other_vapi_url: options.vapi_url.clone(),
        };
        stack.prepare(&options).await?;
        step.done(&format!("template.yaml deployed, API at {}", stack.api_url()));
        Ok(stack)
    }

    async fn prepare(&mut self, options: &StackOptions) -> anyhow::Result<()> {
        let webhook_url = format!("{}/webhooks/telnyx", self.api_url());
        let public_key = self.providers.with(|providers| {
            providers.telnyx.set_webhook_url(STANDARD_TELNYX_KEY, Some(&webhook_url));
            providers.telnyx.account(STANDARD_TELNYX_KEY).map(|account| account.public_key())
        });
        let vapi = json!({ "api_key": STANDARD_VAPI_KEY, "webhook_secret": VAPI_WEBHOOK_SECRET });
        let telnyx = json!({ "api_key": STANDARD_TELNYX_KEY, "public_key": public_key });
        let mut secrets =
            json!({ format!("{STACK}/vapi"): vapi, format!("{STACK}/telnyx"): telnyx });
        if let Some(secrets) = secrets.as_object_mut().filter(|_| options.platform_twilio) {
            let account =
                json!({ "account_sid": STANDARD_TWILIO_SID, "auth_token": STANDARD_TWILIO_TOKEN });
            secrets.insert(format!("{STACK}/twilio/global"), account);
        }
        let question = json!({
            "stack": STACK,
            "origins": [ORIGIN],
            "secrets": secrets,
            "users": options.users,
        });
        let answer = self.tools.ask("prepare", &question).await?;
        self.outputs = texts(&answer, "outputs");
        self.tokens = texts(&answer, "tokens");
        Ok(())
    }

    /// Creates users, unless they are there, and signs them in.
    ///
    /// # Errors
    ///
    /// When the user pool refuses one.
    pub async fn sign_in(&self, users: &[User]) -> anyhow::Result<Vec<String>> {
        let question = json!({ "stack": STACK, "users": users });
        let answer = self.tools.ask("sign-in", &question).await?;
        let token = |user: &User| answer.get(&user.email).and_then(Value::as_str);
        let tokens = users.iter().map(|user| token(user).map(str::to_owned));
        tokens.collect::<Option<_>>().context("a user got no token")
    }

    /// The token of a user named in the options.
    #[must_use]
    pub fn token(&self, user: &User) -> Option<&str> {
        self.tokens.get(&user.email).map(String::as_str)
    }

    /// A token with other claims, signed as the user pool signs.
    ///
    /// # Errors
    ///
    /// When the token is not one of the pool's.
    pub async fn forge(&self, token: &str, claims: &Value) -> anyhow::Result<String> {
        let question = json!({ "token": token, "claims": claims });
        let answer = self.tools.ask("forge", &question).await?;
        answer.as_str().map(str::to_owned).context("no token came back")
    }

    /// The API, for the holder of a token.
    #[must_use]
    pub fn api(&self, token: &str) -> Api {
        Api::new(&self.api_url(), Some(token))
    }

    /// The API, for somebody without a token.
    #[must_use]
    pub fn api_without_token(&self) -> Api {
        Api::new(&self.api_url(), None)
    }

    /// Where the API is reached.
    #[must_use]
    pub fn api_url(&self) -> String {
        self.tools.api_url()
    }

    /// The VAPI simulator.
    #[must_use]
    pub fn vapi_url(&self) -> &str {
        &self.servers.vapi_url
    }

    /// Where the functions find VAPI, if not at the simulator.
    pub(crate) fn other_vapi_url(&self) -> Option<&str> {
        self.other_vapi_url.as_deref().map(|url| url.trim_end_matches('/'))
    }

    /// The Telnyx simulator, without its version.
    #[must_use]
    pub fn telnyx_url(&self) -> &str {
        without_version(&self.servers.telnyx_url)
    }

    /// The Twilio simulator, without a version.
    #[must_use]
    pub fn twilio_url(&self) -> &str {
        &self.servers.twilio_url
    }

    /// An output of the deployed template.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// The simulators, to script faults and to ask for the truth.
    #[must_use]
    pub const fn providers(&self) -> &SharedProviders {
        &self.providers
    }

    /// What a function has logged so far.
    ///
    /// # Errors
    ///
    /// When the emulator does not answer.
    pub async fn logs(&self, function: &str) -> anyhow::Result<Vec<String>> {
        let question = json!({ "function": format!("{STACK}-{function}") });
        let answer = self.tools.ask("logs", &question).await?;
        Ok(serde_json::from_value(answer)?)
    }

    /// Runs a function with an event, as its trigger would, and waits for its end.
    ///
    /// # Errors
    ///
    /// When the function fails, or the emulator does not answer.
    pub async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Value> {
        let question = json!({ "function": format!("{STACK}-{function}"), "event": event });
        let mut answer = self.tools.ask("invoke", &question).await?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => bail!("{function} failed: {error}"),
            None => Ok(answer.get_mut("answer").map(Value::take).unwrap_or_default()),
        }
    }

    /// The running processes of a function (Linux only).
    ///
    /// # Errors
    ///
    /// When this machine does not tell its processes.
    pub fn processes(&self, function: &str) -> anyhow::Result<Vec<u32>> {
        let name = format!("AWS_LAMBDA_FUNCTION_NAME={STACK}-{function}");
        let port = format!("GATEWAY_PORT={}", self.tools.emulator.port);
        let processes = fs::read_dir("/proc").context("this machine has no /proc")?;
        let own = processes.flatten().filter(|process| {
            let environment = fs::read(process.path().join("environ")).unwrap_or_default();
            let has = |wanted: &str| {
                environment.split(|byte| *byte == 0).any(|one| one == wanted.as_bytes())
            };
            has(&name) && has(&port)
        });
        Ok(own.filter_map(|process| process.file_name().to_str()?.parse().ok()).collect())
    }

    /// Kills the running processes of a function at once, and says how many there were.
    ///
    /// # Errors
    ///
    /// When a process cannot be killed.
    pub fn kill(&self, function: &str) -> anyhow::Result<usize> {
        let processes = self.processes(function)?;
        for process in &processes {
            let status = Command::new("sh").args(["-c", &format!("kill -KILL {process}")]).status();
            if !status.context("sh could not be started")?.success() {
                bail!("process {process} of {function} could not be killed");
            }
        }
        Ok(processes.len())
    }

    /// The folder of this run, which goes with the stack.
    #[must_use]
    pub const fn folder(&self) -> &PathBuf {
        &self.tools.emulator.folder
    }
}

async fn start_simulators(options: &StackOptions) -> anyhow::Result<(SharedProviders, Running)> {
    let providers = Providers::standard(options.providers.clone(), SEED, now_ms());
    let providers = SharedProviders::new(providers);
    let serving = ServeOptions {
        vapi_port: options.vapi_port,
        telnyx_port: options.telnyx_port,
        twilio_port: options.twilio_port,
        ..ServeOptions::default()
    };
    let running = serve(providers.clone(), serving).await.with_context(|| {
        let ports = [options.vapi_port, options.telnyx_port, options.twilio_port];
        let fixed: Vec<String> =
            ports.iter().filter(|port| **port != 0).map(ToString::to_string).collect();
        format!(
            "the simulators cannot listen on port {}. End what uses it or choose another with \
             --vapi-port, --telnyx-port and --twilio-port (0: a free one)",
            fixed.join(" or ")
        )
    })?;
    Ok((providers, running))
}

/// Template parameters: what this machine needs, and over it what was asked for.
fn parameters(
    options: &StackOptions,
    api_url: &str,
    servers: &Running,
) -> anyhow::Result<BTreeMap<String, String>> {
    let vapi_url = options.vapi_url.as_deref().unwrap_or(&servers.vapi_url);
    let telnyx_url = options.telnyx_url.as_deref().unwrap_or(&servers.telnyx_url);
    let twilio_url = options.twilio_url.as_deref().unwrap_or(&servers.twilio_url);
    let here = [
        ("Stage", "local".to_owned()),
        ("Architecture", architecture()?.to_owned()),
        ("PublicBaseUrl", api_url.to_owned()),
        ("AllowedOrigins", ORIGIN.to_owned()),
        ("VapiBaseUrl", vapi_url.trim_end_matches('/').to_owned()),
        ("TelnyxBaseUrl", with_version(telnyx_url)),
        ("TwilioBaseUrl", twilio_url.trim_end_matches('/').to_owned()),
        // The emulator takes a limit for a fixed number of pollers and starts none.
        ("StepsMaximumConcurrency", "-1".to_owned()),
    ];
    let mut all: BTreeMap<String, String> =
        here.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    all.extend(options.parameters.clone());
    Ok(all)
}

fn texts(answer: &Value, name: &str) -> BTreeMap<String, String> {
    let object = answer.get(name).and_then(Value::as_object);
    let pairs = object.into_iter().flatten();
    pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
