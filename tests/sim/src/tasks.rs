//! What runs: invocations of the functions, as futures that are polled by hand.

use crate::deployment::{Deployment, Process, Version};
use crate::ground::Ground;
use crate::mail::Letter;
use crate::people::Act;
use crate::world::SimWorld;
use aws_lambda_events::event::sqs::SqsEvent;
use domain::ids::WorkId;
use domain::time::Timestamp;
use provision::{Answer, Call};
use runtime::{Deadline, Deps};
use serde_json::json;
use simulators::Delivery;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use webhooks::Hook;

/// The timeout of the steps and of the poller, in milliseconds.
const STEPS_TIMEOUT_MS: i64 = 60_000;
/// The timeout of the functions that answer, in milliseconds.
const HTTP_TIMEOUT_MS: i64 = 29_000;

/// What a function is invoked with.
#[derive(Debug, Clone)]
pub enum Errand {
    /// Messages of the queue.
    Batch(Vec<Letter>),
    /// A call of somebody.
    Call {
        /// Whose business.
        business: usize,
        /// What they do.
        act: Act,
        /// The call.
        call: Box<Call>,
    },
    /// A tick of the poller.
    Tick,
    /// A sweep.
    Sweep,
    /// A webhook; `true` when it was forged.
    Hook(Box<Delivery>, bool),
}

/// What came of it.
#[derive(Debug)]
pub enum Done {
    /// The ids of the messages that must come again.
    Batch(Vec<String>),
    /// The answer.
    Answer(Box<Answer>),
    /// The tick is over.
    Tick,
    /// The sweep is over.
    Sweep,
    /// The status of the answer to a webhook.
    Hook(u16),
}

/// An invocation.
pub struct Task {
    /// Its number.
    pub number: u64,
    /// The deployment.
    pub deployment: usize,
    /// What it was invoked with.
    pub errand: Errand,
    /// The process it runs in, for the steps.
    pub process: Option<u64>,
    /// When it meets its timeout, in milliseconds.
    pub ends_ms: i64,
    /// How often it was polled.
    pub polls: u32,
    /// Whether the same delivery was made before.
    pub is_copy: bool,
    future: Pin<Box<dyn Future<Output = Done>>>,
    woken: Arc<Woken>,
    waker: Waker,
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("number", &self.number).finish_non_exhaustive()
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Task {
    /// Invokes a function.
    pub fn start(
        ground: &Ground,
        deployment: &mut Deployment,
        errand: Errand,
        is_copy: bool,
    ) -> Self {
        let (number, now_ms) = {
            let mut state = ground.lock();
            (state.ordinal(), state.now_ms)
        };
        let timeout_ms = match errand {
            Errand::Batch(_) | Errand::Tick | Errand::Sweep => STEPS_TIMEOUT_MS,
            Errand::Call { .. } | Errand::Hook(..) => HTTP_TIMEOUT_MS,
        };
        let ends_ms = now_ms + timeout_ms;
        let version = Rc::clone(&deployment.version);
        let mut process = None;
        let future: Pin<Box<dyn Future<Output = Done>>> = match &errand {
            Errand::Batch(letters) => {
                let idle = deployment.idle();
                process = Some(idle.number);
                Box::pin(batch(idle, letters.clone(), timeout_ms))
            }
            Errand::Call { call, .. } => {
                let deps = Rc::clone(&deployment.provision);
                Box::pin(answer(deps, version, Call::clone(call), timeout_ms))
            }
            Errand::Tick => Box::pin(tick(Rc::clone(&deployment.poller), version, timeout_ms)),
            Errand::Sweep => {
                let config = Rc::clone(&deployment.sweeping);
                Box::pin(sweep(Rc::clone(&deployment.sweeper), config, timeout_ms))
            }
            Errand::Hook(delivery, _forged) => {
                let hook = hook(&deployment.base_url, delivery);
                Box::pin(hear(Rc::clone(&deployment.webhooks), version, hook))
            }
        };
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let (deployment, polls) = (deployment.place, 0);
        Self { number, deployment, errand, process, ends_ms, polls, is_copy, future, woken, waker }
    }

    /// Whether it has something to do.
    pub fn is_awake(&self) -> bool {
        self.woken.0.load(Ordering::Relaxed)
    }

    /// The work it carries, if it carries just one.
    pub fn work(&self) -> Option<WorkId> {
        match &self.errand {
            Errand::Batch(letters) => match letters.as_slice() {
                [only] => only.work,
                _ => None,
            },
            Errand::Call { .. } | Errand::Tick | Errand::Sweep | Errand::Hook(..) => None,
        }
    }

    /// Lets it run until it waits.
    pub fn poll(&mut self) -> Poll<Done> {
        self.polls += 1;
        self.woken.0.store(false, Ordering::Relaxed);
        self.future.as_mut().poll(&mut Context::from_waker(&self.waker))
    }

    /// What it is, for whoever reads the trace.
    pub fn name(&self) -> String {
        match &self.errand {
            Errand::Batch(letters) => {
                let of = |letter: &Letter| match letter.work {
                    Some(work) => work.to_string(),
                    None if letter.sweeps => "the comparison".to_owned(),
                    None => "the watch".to_owned(),
                };
                let of: Vec<String> = letters.iter().map(of).collect();
                format!("steps {} with {}", self.number, of.join(", "))
            }
            Errand::Call { business, act, .. } => {
                format!("provision {} for business {business}: {act:?}", self.number)
            }
            Errand::Tick => format!("poller {}", self.number),
            Errand::Sweep => format!("sweeper {}", self.number),
            Errand::Hook(..) => format!("webhooks {}", self.number),
        }
    }
}

/// The webhook as a deployment receives it.
fn hook(base_url: &str, delivery: &Delivery) -> Hook {
    let path = delivery.url.strip_prefix(base_url).unwrap_or_default();
    let headers = delivery.headers.iter();
    Hook {
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
        body: delivery.body.clone(),
    }
}

fn ends(deps: &Deps<SimWorld>, timeout_ms: i64) -> Deadline {
    Deadline::at(Timestamp::from_millis(deps.now().as_millis() + timeout_ms))
}

async fn batch(process: Process, letters: Vec<Letter>, timeout_ms: i64) -> Done {
    let (deps, version) = (process.deps, process.version);
    let mut event = SqsEvent::default();
    event.records = letters.iter().map(Letter::record).collect();
    let deadline = ends(&deps, timeout_ms);
    let response = steps::handle(&deps, &version.steps, event, deadline).await;
    let failed = response.batch_item_failures.into_iter();
    Done::Batch(failed.map(|failure| failure.item_identifier).collect())
}

async fn answer(
    deps: Rc<Deps<SimWorld>>,
    version: Rc<Version>,
    call: Call,
    timeout_ms: i64,
) -> Done {
    let deadline = ends(&deps, timeout_ms);
    let answer = if call.path.starts_with("/api/admin/") {
        admin::handle(&deps, &version.admin, call, deadline).await
    } else {
        provision::handle(&deps, &version.provision, call, deadline).await
    };
    Done::Answer(Box::new(answer))
}

async fn tick(deps: Rc<Deps<SimWorld>>, version: Rc<Version>, timeout_ms: i64) -> Done {
    let deadline = ends(&deps, timeout_ms);
    // What failed in a tick is found again by the next.
    let _ticked = poller::handle(&deps, &version.poller, json!({}), deadline).await;
    Done::Tick
}

async fn sweep(deps: Rc<Deps<SimWorld>>, config: Rc<sweeper::Config>, timeout_ms: i64) -> Done {
    let deadline = ends(&deps, timeout_ms);
    // What failed in a sweep is found again by the next.
    let _swept = sweeper::handle(&deps, &config, json!({}), deadline).await;
    Done::Sweep
}

async fn hear(deps: Rc<Deps<SimWorld>>, version: Rc<Version>, hook: Hook) -> Done {
    Done::Hook(webhooks::handle(&deps, &version.webhooks, hook).await.status)
}
