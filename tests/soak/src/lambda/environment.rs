//! One execution environment: a process after another, each until it is killed, times out or ends
//! by itself.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use super::runtime_api::{Event, RuntimeApi, Said};
use super::{Ended, Job, Met, Name};
use crate::figures::Counting;

/// The wait before a process is started again that could not be.
const START_PAUSE: Duration = Duration::from_millis(500);
/// Kills of one environment that may wait.
const KILLS_MAX: usize = 4;
/// Numbers invocations over all environments.
static INVOCATIONS: AtomicU64 = AtomicU64::new(1);

/// What the killer holds of an environment.
#[derive(Debug)]
pub(super) struct Handle {
    busy: Arc<AtomicBool>,
    kills: mpsc::Sender<oneshot::Sender<Met>>,
}

impl Handle {
    /// Whether it handles an event.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Relaxed)
    }

    /// Kills its process; `None` when it has none right now.
    pub(super) async fn kill(&self) -> Option<Met> {
        let (met, answer) = oneshot::channel();
        self.kills.send(met).await.ok()?;
        answer.await.ok()
    }
}

/// One execution environment.
#[derive(Debug)]
pub(super) struct Environment {
    name: Name,
    binary: PathBuf,
    variables: BTreeMap<&'static str, String>,
    log: File,
    jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
    kills: mpsc::Receiver<oneshot::Sender<Met>>,
    busy: Arc<AtomicBool>,
    counting: Counting,
}

/// The invocation in hand.
#[derive(Debug)]
struct Current {
    id: String,
    deadline: Instant,
    reply: oneshot::Sender<Ended>,
}

/// A process and what it is doing.
struct Life {
    api: RuntimeApi,
    process: Child,
    waiting: Option<oneshot::Sender<Event>>,
    current: Option<Current>,
}

impl Environment {
    pub(super) fn new(
        name: Name,
        binary: &Path,
        variables: &BTreeMap<&'static str, String>,
        log: File,
        jobs: Arc<Mutex<mpsc::Receiver<Job>>>,
        counting: Counting,
    ) -> (Self, Handle) {
        let (sender, kills) = mpsc::channel(KILLS_MAX);
        let busy = Arc::<AtomicBool>::default();
        let handle = Handle { busy: Arc::clone(&busy), kills: sender };
        let (binary, variables) = (binary.to_owned(), variables.clone());
        (Self { name, binary, variables, log, jobs, kills, busy, counting }, handle)
    }

    /// Lives, until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            match self.start().await {
                Ok(life) => self.live(life).await,
                Err(error) => {
                    self.counting.find(format!("{} cannot be started: {error:#}", self.name()));
                    sleep(START_PAUSE).await;
                }
            }
            self.busy.store(false, Ordering::Relaxed);
        }
    }

    const fn name(&self) -> &'static str {
        self.name.as_str()
    }

    async fn start(&self) -> anyhow::Result<Life> {
        let api = RuntimeApi::listen().await?;
        let mut command = Command::new(&self.binary);
        command.env_clear().envs(&self.variables).envs([
            ("AWS_LAMBDA_RUNTIME_API", api.address.to_string().as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", self.name()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", self.name()),
        ]);
        command.stdin(Stdio::null()).stdout(self.log.try_clone()?).stderr(self.log.try_clone()?);
        // Should this harness be killed itself, the process finds its Runtime API gone and ends.
        let process = command.kill_on_drop(true).spawn()?;
        Ok(Life { api, process, waiting: None, current: None })
    }

    /// One process from its first to its last breath.
    async fn live(&mut self, mut life: Life) {
        // Who wanted to kill the one before has come too late.
        while self.kills.try_recv().is_ok() {}
        loop {
            let deadline = life.current.as_ref().map(|current| current.deadline);
            let free = life.waiting.is_some();
            tokio::select! {
                biased;
                Some(killer) = self.kills.recv() => {
                    self.killed(&mut life).await;
                    let met = if life.current.is_some() { Met::Amid } else { Met::Idle };
                    // The killer counts; if it has gone, nobody does.
                    let _gone = killer.send(met);
                    return self.end(life, Ended::Died);
                }
                status = life.process.wait() => {
                    let status = status.map_or_else(|error| error.to_string(), |one| one.to_string());
                    self.counting.find(format!("{} ended by itself: {status}", self.name()));
                    return self.end(life, Ended::Died);
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => {
                    self.killed(&mut life).await;
                    return self.end(life, Ended::TimedOut);
                }
                Some(said) = life.api.said.recv() => self.heard(&mut life, said),
                Some(job) = next_job(&self.jobs), if free => self.hand_over(&mut life, job),
            }
        }
    }

    async fn killed(&self, life: &mut Life) {
        // SIGKILL, and wait until the process is gone.
        if let Err(error) = life.process.kill().await {
            self.counting.find(format!("{} cannot be killed: {error}", self.name()));
        }
    }

    fn hand_over(&self, life: &mut Life, job: Job) {
        let Some(waiting) = life.waiting.take() else { return };
        let number = INVOCATIONS.fetch_add(1, Ordering::Relaxed);
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:soak-{}", self.name());
        let left = self.name.timeout();
        self.counting.invocations(self.name, |ends| ends.begun += 1);
        let deadline = Instant::now() + left;
        life.current = Some(Current { id: id.clone(), deadline, reply: job.reply });
        self.busy.store(true, Ordering::Relaxed);
        // A process that has gone meanwhile is noticed in the next round.
        let _gone = waiting.send(Event { id, left, arn, body: job.event });
    }

    fn heard(&self, life: &mut Life, said: Said) {
        match said {
            Said::Next(waiting) => life.waiting = Some(waiting),
            Said::Response { id, body } => match serde_json::from_slice(&body) {
                Ok(body) => self.answered(life, &id, Ended::Answered(body)),
                Err(error) => {
                    self.counting.find(format!("{} answers no JSON: {error}", self.name()));
                    self.answered(life, &id, Ended::Failed);
                }
            },
            Said::Error { id } => self.answered(life, &id, Ended::Failed),
            Said::CannotStart => self.counting.find(format!("{} cannot start", self.name())),
        }
    }

    fn answered(&self, life: &mut Life, id: &str, ended: Ended) {
        match life.current.take() {
            Some(current) if current.id == id => self.tell(current, ended),
            other => {
                life.current = other;
                self.counting.find(format!("{} answers {id}, which it was not asked", self.name()));
            }
        }
    }

    fn end(&self, life: Life, ended: Ended) {
        if let Some(current) = life.current {
            self.tell(current, ended);
        }
    }

    fn tell(&self, current: Current, ended: Ended) {
        self.busy.store(false, Ordering::Relaxed);
        self.counting.invocations(self.name, |ends| match &ended {
            Ended::Answered(_) => ends.answered += 1,
            Ended::Failed => ends.failed += 1,
            Ended::Died => ends.died += 1,
            Ended::TimedOut => ends.timed_out += 1,
        });
        // Nobody may wait any more.
        let _gone = current.reply.send(ended);
    }
}

/// The next event for whichever environment is free.
async fn next_job(jobs: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    jobs.lock().await.recv().await
}
