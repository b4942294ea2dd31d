//! The way to a provider: it takes time, and breaks at any point.

use crate::boundaries::Point;
use crate::ground::{Current, Ground, State, millis};
use crate::invariants::{Asked, Sent};
use crate::kinds::Kind;
use crate::trace::digest;
use exchange::{Exchange, ExchangeError, Method, Request, Response};
use simulators::{Fault, FaultScript, Outcome, Provider, Refusal, Reply};
use store::memory::YieldOnce;

/// How late a request may take effect after its sender gave up, in milliseconds: with the lag of
/// lists it stays within the window in which absence is not yet believed.
const LATE_MS_MAX: u64 = 30_000;

/// The way of one process to one provider.
#[derive(Debug)]
pub struct Wire {
    /// What it stands on.
    pub ground: Ground,
    /// Where it leads.
    pub provider: Provider,
}

/// What is drawn for one request.
struct Drawn {
    fault: Option<Kind>,
    there_ms: i64,
    back_ms: i64,
    deadline_ms: i64,
    effect: u32,
    /// What it is, for whoever reads the trace.
    what: String,
}

/// A request on its way there. If its sender dies meanwhile, it may arrive all the same.
struct Flight<'a> {
    wire: &'a Wire,
    request: Option<Request>,
    arrives_ms: i64,
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        let Some(request) = self.request.take() else { return };
        let mut state = self.wire.ground.lock();
        if state.dice.chance(512) {
            state.struck(Kind::EffectAfterCrash);
            let at_ms = self.arrives_ms;
            state.sky.stray(at_ms, self.wire.provider, request);
        }
    }
}

impl Exchange for Wire {
    async fn send(&self, request: Request) -> Result<Response, ExchangeError> {
        let drawn = self.ground.lock().draw(self.provider, &request);
        if !drawn.what.is_empty() {
            // Whoever is to die before the call dies here, with nothing on its way.
            YieldOnce::default().await;
        }
        match drawn.fault {
            Some(Kind::NotSent) => {
                self.ground.sleep(drawn.there_ms).await;
                return Err(ExchangeError::NotSent);
            }
            Some(Kind::ResetBefore) => {
                self.ground.sleep(drawn.there_ms).await;
                return Err(ExchangeError::AnswerLost);
            }
            Some(Kind::TimeoutBefore) => {
                self.ground.sleep(drawn.deadline_ms).await;
                return Err(ExchangeError::AnswerLost);
            }
            Some(Kind::LateEffect) => {
                self.late(request, drawn.deadline_ms);
                self.ground.sleep(drawn.deadline_ms).await;
                return Err(ExchangeError::AnswerLost);
            }
            Some(_) | None => {}
        }
        let arrives_ms = self.ground.lock().now_ms + drawn.there_ms;
        let mut flight = Flight { wire: self, request: Some(request), arrives_ms };
        self.ground.sleep(drawn.there_ms).await;
        let Some(request) = flight.request.take() else { return Err(ExchangeError::NotSent) };
        let reply = self.ground.lock().arrived(self.provider, &request, &drawn);
        let lost_late = matches!(drawn.fault, Some(Kind::TimeoutAfter));
        self.ground.sleep(if lost_late { drawn.deadline_ms } else { drawn.back_ms }).await;
        self.ground.lock().answered(&reply, &drawn)
    }
}

impl Wire {
    fn late(&self, request: Request, deadline_ms: i64) {
        let mut state = self.ground.lock();
        let late = i64::try_from(state.dice.below(LATE_MS_MAX)).unwrap();
        let at_ms = state.now_ms + deadline_ms + late;
        state.sky.stray(at_ms, self.provider, request);
    }
}

impl State {
    /// Draws what becomes of a request, and notes that it is sent.
    fn draw(&mut self, provider: Provider, request: &Request) -> Drawn {
        self.sky.requests += 1;
        let path = path(provider, &request.url);
        self.note(digest(path.as_bytes()) ^ request.method as u64, || {
            format!("-> {provider:?} {} {path}", request.method.as_str())
        });
        let kinds: &[Kind] = match request.method {
            Method::Get => &[
                Kind::NotSent,
                Kind::TimeoutBefore,
                Kind::ResetAmid,
                Kind::TooMany,
                Kind::TooManyUntil,
                Kind::ErrorBefore,
                Kind::Garbled,
                Kind::Refused,
            ],
            Method::Post | Method::Patch | Method::Delete => &[
                Kind::NotSent,
                Kind::ResetBefore,
                Kind::TimeoutBefore,
                Kind::TimeoutAfter,
                Kind::LateEffect,
                Kind::ResetAmid,
                Kind::TooMany,
                Kind::TooManyUntil,
                Kind::ErrorBefore,
                Kind::ErrorAfter,
                Kind::Garbled,
                Kind::Refused,
            ],
        };
        // A refusal strikes only where the provider has a reason for it; it stands last.
        let refusable = refusal(request.method, path).is_some();
        let fault = self.one_of(if refusable { kinds } else { &kinds[..kinds.len() - 1] });
        let effect = self.boundaries.begin();
        let what = if self.boundaries.kept {
            format!("{} {path}", request.method.as_str())
        } else {
            String::new()
        };
        self.current.dies |= self.boundaries.pass(effect, Point::BeforeCall, &what);
        self.leaves(provider, request, path);
        if self.lists(request.method, path) {
            self.struck(Kind::ListLag);
        }
        Drawn {
            fault,
            there_ms: 1 + i64::try_from(self.dice.below(150)).unwrap(),
            back_ms: 1 + i64::try_from(self.dice.below(250)).unwrap(),
            deadline_ms: millis(request.deadline),
            effect,
            what,
        }
    }

    /// Whether this reads a list that does not show everything yet.
    fn lists(&self, method: Method, path: &str) -> bool {
        let lag_ms = self.sky.providers.vapi.options.list_lag_ms;
        method == Method::Get
            && lag_ms > 0
            && self.now_ms < self.sky.created_ms + lag_ms
            && (path.ends_with("/assistant") || path.ends_with("/phone-number"))
    }

    /// A call that changes something leaves, and is looked at after this stretch.
    fn leaves(&mut self, provider: Provider, request: &Request, path: &str) {
        if let Some(asked) = Asked::read(provider, request, path) {
            let Current { deployment, work, .. } = self.current;
            self.sent.push(Sent { deployment, work, asked });
        }
    }

    fn arrived(&mut self, provider: Provider, request: &Request, drawn: &Drawn) -> Reply {
        let path = path(provider, &request.url);
        if let Some(fault) = scripted(drawn.fault, request.method, path, &mut self.dice) {
            let method = request.method.as_str();
            let path = path.to_owned();
            self.sky.providers.add_fault(FaultScript::once(provider, method, &path, fault));
        }
        self.hide(provider, request.method, path);
        let reply = self.sky.arrive(self.now_ms, provider, request);
        // A script that did not fit must not strike somebody else.
        self.sky.providers.clear_faults();
        let status = reply.status().unwrap_or(0);
        self.note(0x200 + u64::from(status), || format!("   answered {status} {}", drawn.what));
        let task = self.current.task;
        self.boundaries.await_record(task, drawn.effect, &drawn.what);
        self.current.dies |= self.boundaries.pass(drawn.effect, Point::AfterCall, &drawn.what);
        reply
    }

    /// What is hidden is not shown, by id or in a list.
    fn hide(&mut self, provider: Provider, method: Method, path: &str) {
        let Some(hidden) = &self.hidden else { return };
        let fault = if provider != Provider::Vapi || method != Method::Get {
            return;
        } else if path == hidden.path {
            status(404, None)
        } else if path.ends_with("/phone-number") {
            Fault::HideRecords { containing: hidden.name.clone() }
        } else {
            return;
        };
        self.sky.providers.add_fault(FaultScript::once(provider, method.as_str(), path, fault));
    }

    fn answered(&self, reply: &Reply, drawn: &Drawn) -> Result<Response, ExchangeError> {
        if matches!(drawn.fault, Some(Kind::ResetAmid | Kind::TimeoutAfter)) {
            return Err(ExchangeError::AnswerLost);
        }
        match &reply.outcome {
            Outcome::Answer(answer) => Ok(answer.clone()),
            Outcome::Lost { .. } => Err(ExchangeError::AnswerLost),
            Outcome::NotSent => Err(ExchangeError::NotSent),
        }
    }
}

const fn status(status: u16, retry_after_seconds: Option<u64>) -> Fault {
    Fault::Status { status, retry_after_seconds, reset_seconds: None, text: None }
}

/// What a drawn kind is at the provider.
fn scripted(
    kind: Option<Kind>,
    method: Method,
    path: &str,
    dice: &mut crate::dice::Dice,
) -> Option<Fault> {
    match kind? {
        Kind::TooMany => Some(status(429, None)),
        Kind::TooManyUntil => Some(status(429, Some(dice.between(1, 90)))),
        Kind::ErrorBefore => Some(status(dice.pick(&[500, 502, 503, 504]), None)),
        Kind::ErrorAfter => Some(Fault::StatusAfter { status: dice.pick(&[500, 502, 503, 504]) }),
        Kind::Garbled => Some(Fault::GarbledAfter),
        Kind::Refused => refusal(method, path).map(|reasons| match dice.pick(reasons) {
            None => Fault::OrderFails,
            Some(reason) => Fault::Refuse { reason },
        }),
        _ => None,
    }
}

/// Why a provider may refuse such a request; `None` among them is an order that fails later.
fn refusal(method: Method, path: &str) -> Option<&'static [Option<Refusal>]> {
    match (method, path) {
        (Method::Post, "/number_orders") => {
            Some(&[Some(Refusal::Taken), Some(Refusal::Balance), Some(Refusal::Taken), None])
        }
        (Method::Post, "/phone-number") => {
            Some(&[Some(Refusal::Stock), Some(Refusal::Limit), Some(Refusal::Payment)])
        }
        (Method::Post, path) if path.ends_with("/IncomingPhoneNumbers.json") => Some(&[
            Some(Refusal::Taken),
            Some(Refusal::Balance),
            Some(Refusal::TrialLimit),
            Some(Refusal::Bundle),
        ]),
        (Method::Get, "/available_phone_numbers") => Some(&[Some(Refusal::Stock)]),
        _ => None,
    }
}

/// The path of a URL, as the simulators name it.
pub fn path(provider: Provider, url: &str) -> &str {
    let base = match provider {
        Provider::Vapi => "https://api.vapi.ai",
        Provider::Telnyx => "https://api.telnyx.com/v2",
        Provider::Twilio => "https://api.twilio.com/2010-04-01",
    };
    url.strip_prefix(base).unwrap_or(url)
}
