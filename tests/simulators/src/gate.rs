//! What every request passes on its way in and out: scripted faults, rate limit, log.

use std::collections::{BTreeMap, VecDeque};

use exchange::{Method, Response};
use serde::{Deserialize, Serialize};

use crate::faults::{Fault, FaultScript, Script};
use crate::reply::{Outcome, Provider, Reply, raw};
use crate::wire::Wire;

/// One request, as the log keeps it. Of a secret key only the last four characters are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// When it came in.
    pub at_ms: i64,
    /// The method.
    pub method: &'static str,
    /// The path as sent, without query.
    pub path: String,
    /// The path with its ids taken out.
    pub template: &'static str,
    /// The status the client saw; absent when no answer reached it.
    pub status: Option<u16>,
    /// The status of the effect; absent when a fault kept it from happening.
    pub effect_status: Option<u16>,
    /// The end of the key; at Twilio the whole account or key id, which is no secret.
    pub key: String,
}

/// At most so many requests within a window, per key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateLimit {
    /// Requests per window.
    pub requests: u32,
    /// Length of a window.
    pub window_ms: i64,
}

/// The faults drawn for one request.
#[derive(Debug, Default)]
pub(crate) struct Drawn {
    /// Ends the request before its effect.
    pub(crate) before: Option<Fault>,
    after: Option<Fault>,
    delay_ms: u64,
    pub(crate) script: Script,
}

#[derive(Debug)]
pub(crate) struct Gate {
    provider: Provider,
    pub(crate) scripts: Vec<FaultScript>,
    pub(crate) log: VecDeque<LogEntry>,
    pub(crate) counts: BTreeMap<(&'static str, &'static str), u64>,
    windows: BTreeMap<String, (i64, u32)>,
}

impl Gate {
    pub(crate) const fn new(provider: Provider) -> Self {
        Self {
            provider,
            scripts: Vec::new(),
            log: VecDeque::new(),
            counts: BTreeMap::new(),
            windows: BTreeMap::new(),
        }
    }

    /// Draws every scripted fault that strikes this request, and counts them down.
    pub(crate) fn draw(&mut self, method: Method, path: &str, template: &str) -> Drawn {
        let mut drawn = Drawn::default();
        for script in &mut self.scripts {
            if !script.matches(method.as_str(), path, template) {
                continue;
            }
            if script.skip > 0 {
                script.skip -= 1;
            } else if script.times > 0 {
                script.times -= 1;
                drawn.take(script.fault.clone());
            }
        }
        self.scripts.retain(|script| script.times > 0);
        drawn
    }

    /// Seconds until the key's window ends, if the key has used it up.
    pub(crate) fn over_limit(&mut self, now_ms: i64, key: &str, limit: RateLimit) -> Option<u64> {
        let window = self.windows.entry(key.to_owned()).or_insert((now_ms, 0));
        if now_ms >= window.0 + limit.window_ms {
            *window = (now_ms, 0);
        }
        window.1 += 1;
        let left_ms = window.0 + limit.window_ms - now_ms;
        (window.1 > limit.requests).then(|| u64::try_from(left_ms).unwrap_or(0).div_ceil(1_000))
    }

    /// Writes one request into the counts and, up to `keep` entries, into the log.
    pub(crate) fn record(
        &mut self,
        now_ms: i64,
        wire: &Wire<'_>,
        template: &'static str,
        statuses: (Option<u16>, Option<u16>),
        keep: usize,
    ) {
        let method = wire.method.as_str();
        *self.counts.entry((method, template)).or_insert(0) += 1;
        if keep == 0 {
            return;
        }
        if self.log.len() >= keep {
            self.log.pop_front();
        }
        self.log.push_back(LogEntry {
            at_ms: now_ms,
            method,
            path: wire.path.to_owned(),
            template,
            status: statuses.0,
            effect_status: statuses.1,
            key: wire.asker(),
        });
    }

    /// The reply to a request that a fault ended before its effect.
    pub(crate) fn refuse(
        &self,
        now_ms: i64,
        fault: Fault,
        delay_ms: u64,
        error: impl Fn(u16, Option<&str>) -> Response,
    ) -> Reply {
        let outcome = match fault {
            Fault::NotSent => Outcome::NotSent,
            Fault::Status { status, retry_after_seconds, reset_seconds, text } => {
                let mut response = error(status, text.as_deref());
                if let Some(seconds) = retry_after_seconds {
                    response.headers.insert("retry-after".to_owned(), seconds.to_string());
                }
                if let Some(seconds) = reset_seconds {
                    let value = self.reset_value(now_ms, seconds);
                    response.headers.insert("x-ratelimit-reset".to_owned(), value);
                }
                Outcome::Answer(response)
            }
            Fault::Garbled { status } => {
                Outcome::Answer(raw(status, "text/plain", b"error code: 1010".to_vec()))
            }
            _ => Outcome::Lost { applied: false },
        };
        Reply { delay_ms, ..Reply::at_once(outcome) }
    }

    /// VAPI names the moment in Unix seconds, the others the seconds left.
    pub(crate) fn reset_value(&self, now_ms: i64, seconds: u64) -> String {
        match self.provider {
            Provider::Vapi => (now_ms / 1_000 + i64::try_from(seconds).unwrap_or(0)).to_string(),
            Provider::Telnyx | Provider::Twilio => seconds.to_string(),
        }
    }
}

impl Drawn {
    fn take(&mut self, fault: Fault) {
        match fault {
            Fault::Delay { ms } => self.delay_ms += ms,
            Fault::AnswerLost | Fault::StatusAfter { .. } | Fault::GarbledAfter => {
                self.after.get_or_insert(fault);
            }
            Fault::NotSent | Fault::Reset | Fault::Status { .. } | Fault::Garbled { .. } => {
                self.before.get_or_insert(fault);
            }
            Fault::Refuse { reason } => self.script.refusal = Some(reason),
            Fault::ImportBeforeSettled => self.script.import_before_settled = true,
            Fault::HideRecords { containing } => self.script.hidden = Some(containing),
            Fault::Digits { plan } => self.script.digits = Some(plan),
            Fault::OrderFails => self.script.order_fails = true,
        }
    }

    pub(crate) const fn delay_ms(&self) -> u64 {
        self.delay_ms
    }

    /// Turns the handler's answer into what reaches the client.
    pub(crate) fn finish(
        self,
        mut response: Response,
        error: impl Fn(u16, Option<&str>) -> Response,
    ) -> Reply {
        let outcome = match self.after {
            Some(Fault::AnswerLost) => Outcome::Lost { applied: true },
            Some(Fault::StatusAfter { status }) => Outcome::Answer(error(status, None)),
            Some(Fault::GarbledAfter) => {
                response.body.truncate(response.body.len() / 2);
                Outcome::Answer(response)
            }
            _ => Outcome::Answer(response),
        };
        Reply { delay_ms: self.delay_ms, ..Reply::at_once(outcome) }
    }
}
