//! Lambda, as far as the functions see it: processes that speak the Runtime API, one event at a
//! time each, ended at the timeout, started anew whenever one has gone.
//!
//! An invocation whose process dies is over for whoever waits for it, and nothing of it is
//! repeated here: that is for the queue, the schedule, and whoever calls.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::sync::{Mutex, mpsc, oneshot};

mod environment;
mod runtime_api;

use crate::dice::Dice;
use crate::figures::Counting;
use environment::{Environment, Handle};

/// What the template deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Name {
    /// Answers the API.
    Provision,
    /// Carries works.
    Steps,
    /// Wakes what is overdue.
    Poller,
    /// Hears the providers.
    Webhooks,
}

impl Name {
    pub(crate) const ALL: [Self; 4] = [Self::Provision, Self::Steps, Self::Poller, Self::Webhooks];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Steps => "steps",
            Self::Poller => "poller",
            Self::Webhooks => "webhooks",
        }
    }

    /// The timeout: the soak's for the steps, the template's for the others.
    pub(crate) const fn timeout(self) -> Duration {
        Duration::from_secs(match self {
            Self::Provision => 29,
            Self::Steps => crate::settings::STEPS_TIMEOUT_SECONDS,
            Self::Poller => 50,
            Self::Webhooks => 10,
        })
    }
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ended {
    /// The function's answer.
    Answered(Value),
    /// The function's error.
    Failed,
    /// Its process died.
    Died,
    /// It was ended at the timeout.
    TimedOut,
}

/// An event on its way to a function.
#[derive(Debug)]
pub(crate) struct Job {
    event: String,
    reply: oneshot::Sender<Ended>,
}

/// Where a kill met a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// It handled an event.
    Amid,
    /// It started, or waited.
    Idle,
}

/// Events that wait for one environment may be so many.
const JOBS_MAX: usize = 1_000;

/// What all processes of all functions start with.
#[derive(Debug)]
pub(crate) struct Deployment {
    /// The binaries by name.
    pub(crate) binaries: BTreeMap<Name, PathBuf>,
    /// Their variables, beside those of Lambda itself.
    pub(crate) variables: BTreeMap<&'static str, String>,
    /// How many environments each has.
    pub(crate) environments: BTreeMap<Name, usize>,
    /// Where their logs go.
    pub(crate) logs: PathBuf,
}

/// The running functions. Dropped, all their processes end.
#[derive(Debug)]
pub(crate) struct Lambda {
    jobs: BTreeMap<Name, mpsc::Sender<Job>>,
    handles: BTreeMap<Name, Vec<Handle>>,
    _running: tokio::task::JoinSet<()>,
}

impl Lambda {
    /// Starts all environments of all functions.
    pub(crate) fn start(deployment: &Deployment, counting: &Counting) -> anyhow::Result<Self> {
        let mut running = tokio::task::JoinSet::new();
        let (mut jobs, mut handles) = (BTreeMap::new(), BTreeMap::new());
        for (name, binary) in &deployment.binaries {
            let (sender, receiver) = mpsc::channel(JOBS_MAX);
            let receiver = Arc::new(Mutex::new(receiver));
            let log = log_of(&deployment.logs, *name)?;
            let mut all = Vec::new();
            for _place in 0..deployment.environments.get(name).copied().unwrap_or(1) {
                let (environment, handle) = Environment::new(
                    *name,
                    binary,
                    &deployment.variables,
                    log.try_clone()?,
                    Arc::clone(&receiver),
                    counting.clone(),
                );
                running.spawn(environment.run());
                all.push(handle);
            }
            jobs.insert(*name, sender);
            handles.insert(*name, all);
        }
        Ok(Self { jobs, handles, _running: running })
    }

    /// Invokes a function, and waits for its end.
    pub(crate) async fn invoke(&self, name: Name, event: &Value) -> Ended {
        let (reply, end) = oneshot::channel();
        let job = Job { event: event.to_string(), reply };
        let Some(jobs) = self.jobs.get(&name) else { return Ended::Failed };
        if jobs.send(job).await.is_err() {
            return Ended::Died;
        }
        end.await.unwrap_or(Ended::Died)
    }

    /// Whether a process of the function handles an event.
    pub(crate) fn is_busy(&self, name: Name) -> bool {
        self.handles.get(&name).is_some_and(|all| all.iter().any(Handle::is_busy))
    }

    /// Kills a process of the function, a busy one where that is wanted and there is one; `None`
    /// when none was alive.
    pub(crate) async fn kill(&self, name: Name, busy: bool, dice: &mut Dice) -> Option<Met> {
        let all = self.handles.get(&name)?;
        let wanted: Vec<&Handle> = all.iter().filter(|one| !busy || one.is_busy()).collect();
        let wanted = if wanted.is_empty() { all.iter().collect() } else { wanted };
        dice.pick(&wanted)?.kill().await
    }
}

fn log_of(folder: &Path, name: Name) -> anyhow::Result<std::fs::File> {
    let path = folder.join(format!("{}.log", name.as_str()));
    // Emptied first, and then only added to: several processes write at once.
    std::fs::File::create(&path)?;
    Ok(std::fs::File::options().append(true).open(path)?)
}
