//! Scripted faults: what goes wrong with which request, and how often.

use serde::{Deserialize, Serialize};

use crate::reply::Provider;

/// A fault, the requests it is for, and how many of them it strikes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultScript {
    /// Whose requests.
    pub provider: Provider,
    /// `GET`, `POST`, `PATCH` or `DELETE`; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A path template (`/phone-number/{id}`), a whole path, or a prefix that ends in `*`.
    /// Telnyx paths may be written with or without `/v2`, Twilio's with or without `/2010-04-01`.
    pub path: String,
    /// How many matching requests are struck.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching requests pass first.
    #[serde(default)]
    pub skip: u32,
    /// What happens.
    pub fault: Fault,
}

const fn once() -> u32 {
    1
}

impl FaultScript {
    /// A fault that strikes the next matching request.
    #[must_use]
    pub fn once(provider: Provider, method: &str, path: &str, fault: Fault) -> Self {
        let method = (!method.is_empty()).then(|| method.to_owned());
        Self { provider, method, path: path.to_owned(), times: 1, skip: 0, fault }
    }

    pub(crate) fn matches(&self, method: &str, path: &str, template: &str) -> bool {
        if self.method.as_deref().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(method)) {
            return false;
        }
        let wanted = match self.provider {
            Provider::Telnyx => self.path.strip_prefix("/v2").unwrap_or(&self.path),
            Provider::Twilio => self.path.strip_prefix("/2010-04-01").unwrap_or(&self.path),
            Provider::Vapi => &self.path,
        };
        match wanted.strip_suffix('*') {
            Some(prefix) => path.starts_with(prefix),
            None => wanted == template || wanted == path,
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The effect happens, the answer never arrives.
    AnswerLost,
    /// The request never leaves the client.
    NotSent,
    /// The connection breaks before the effect.
    Reset,
    /// An error status, with no effect.
    Status {
        /// For example 429, 500, 503.
        status: u16,
        /// Sent as `retry-after`, in seconds.
        #[serde(default)]
        retry_after_seconds: Option<u64>,
        /// Sent as `x-ratelimit-reset`: Unix seconds at VAPI, seconds to go at the others.
        #[serde(default)]
        reset_seconds: Option<u64>,
        /// The text of the body.
        #[serde(default)]
        text: Option<String>,
    },
    /// The effect happens, the answer is an error.
    StatusAfter {
        /// For example 500.
        status: u16,
    },
    /// The effect happens at once, the answer comes late.
    Delay {
        /// By how much.
        ms: u64,
    },
    /// No effect; a plain-text body (`error code: 1010`) as Cloudflare sends it.
    Garbled {
        /// The status.
        #[serde(default = "forbidden")]
        status: u16,
    },
    /// The effect happens; the status is as usual, the body is cut in half.
    GarbledAfter,
    /// The provider refuses, for a reason of its own.
    Refuse {
        /// The reason.
        reason: Refusal,
    },
    /// VAPI's import finds the number unknown at its carrier.
    ImportBeforeSettled,
    /// Records are left out of this list answer.
    HideRecords {
        /// Only records whose number, name or reference contains this; empty: all.
        #[serde(default)]
        containing: String,
    },
    /// The free number created by this request gets its digits otherwise.
    Digits {
        /// How.
        plan: DigitsPlan,
    },
    /// The order made by this request ends in failure, and its price is paid back.
    OrderFails,
}

const fn forbidden() -> u16 {
    403
}

/// Why a provider refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// VAPI: the free allowance is used up.
    Limit,
    /// VAPI: a payment method is wanted.
    Payment,
    /// No number for the area or filter.
    Stock,
    /// Telnyx, Twilio: not enough money.
    Balance,
    /// Telnyx, Twilio: the number is no longer for sale.
    Taken,
    /// Telnyx: the order is taken but waits for documents.
    Documents,
    /// Twilio: a trial account holds all it may.
    TrialLimit,
    /// Twilio: the number needs an address.
    Address,
    /// Twilio: the number needs a regulatory bundle.
    Bundle,
}

/// How a free VAPI number comes to its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DigitsPlan {
    /// `activating`, then `active` with digits.
    After {
        /// Time from creation.
        ms: i64,
    },
    /// `activating` for good.
    Never,
    /// `activating`, then `blocked`, without digits.
    Blocked {
        /// Time from creation.
        after_ms: i64,
    },
    /// `activating`, then `active`, still without digits.
    ActiveWithout {
        /// Time from creation.
        after_ms: i64,
    },
}

/// What the faults drawn for one request ask of its handler.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) refusal: Option<Refusal>,
    pub(crate) import_before_settled: bool,
    pub(crate) hidden: Option<String>,
    pub(crate) digits: Option<DigitsPlan>,
    pub(crate) order_fails: bool,
}

impl Script {
    pub(crate) fn refuses(&self, reason: Refusal) -> bool {
        self.refusal == Some(reason)
    }

    /// Whether a list may leave out records.
    pub(crate) const fn hides_some(&self) -> bool {
        self.hidden.is_some()
    }

    /// Whether a list leaves out a record with these marks.
    pub(crate) fn hides(&self, marks: &[Option<&str>]) -> bool {
        self.hidden.as_deref().is_some_and(|text| {
            text.is_empty() || marks.iter().flatten().any(|mark| mark.contains(text))
        })
    }
}
