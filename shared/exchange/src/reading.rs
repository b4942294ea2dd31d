//! How an answer is to be read: what its status says about whether the call happened.
//!
//! The status class decides, not the body: VAPI's contract declares hardly any error answers.
//! A provider's crate adds only what a 4xx means there.

use crate::{ExchangeError, Response};
use domain::outcome::{Outcome, Refusal};
use planted::planted;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The longest wait taken from a provider; longer ones are its mistake or a way to stall us.
pub const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// What a call does. It decides what a lost or broken answer leaves open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing: whatever went wrong, it may be asked again.
    Reads,
    /// It creates, buys, changes or removes: without a clear answer it may have happened.
    Changes,
}

impl Effect {
    /// The end of a call whose answer says nothing.
    #[must_use]
    pub const fn unsure<T, R>(self, retry_after: Option<Duration>) -> Outcome<T, R> {
        match self {
            Self::Reads => Outcome::Transient { retry_after },
            Self::Changes => Outcome::Unknown,
        }
    }
}

/// What a provider's `x-ratelimit-reset` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// Unix seconds (VAPI).
    At,
    /// Seconds from now (Telnyx).
    In,
}

/// Reads the end of a call.
///
/// | Answer | Outcome |
/// | --- | --- |
/// | 2xx that `decode` understands | `Done` |
/// | 2xx that it does not | unsure |
/// | 429 | `Transient`, with the wait asked for |
/// | other 4xx, but not 408 | `Refused`, as `refuse` reads it |
/// | 408, 5xx, anything else | unsure |
/// | not sent | `Transient` |
/// | answer lost | unsure |
///
/// "Unsure" is `Transient` for a call that only reads and `Unknown` for one that changes.
pub fn outcome<T, R>(
    answer: Result<Response, ExchangeError>,
    effect: Effect,
    reset: Reset,
    decode: impl FnOnce(&Response) -> Option<T>,
    refuse: impl FnOnce(&Response) -> Refusal<R>,
) -> Outcome<T, R> {
    let response = match answer {
        Ok(response) => response,
        Err(ExchangeError::NotSent) => return Outcome::Transient { retry_after: None },
        Err(ExchangeError::AnswerLost) if planted!(LostAnswerMeansNo) => {
            return Outcome::Transient { retry_after: None };
        }
        Err(ExchangeError::AnswerLost) => return effect.unsure(None),
    };
    match response.status {
        200..=299 if planted!(UnreadableMeansNo) => {
            decode(&response).map_or(Outcome::Transient { retry_after: None }, Outcome::Done)
        }
        500.. if planted!(ServerErrorMeansNo) => Outcome::Transient { retry_after: None },
        200..=299 => decode(&response).map_or_else(|| effect.unsure(None), Outcome::Done),
        429 => Outcome::Transient { retry_after: retry_after(&response, reset) },
        400..=407 | 409..=499 => Outcome::Refused(refuse(&response)),
        _ => effect.unsure(retry_after(&response, reset)),
    }
}

/// Reads the end of a removal: what is gone already (404) counts as removed, and nobody needs what a
/// success says.
pub fn removed<R>(
    answer: Result<Response, ExchangeError>,
    reset: Reset,
    refuse: impl FnOnce(&Response) -> Refusal<R>,
) -> Outcome<(), R> {
    if answer.as_ref().is_ok_and(|response| response.status == 404) {
        return Outcome::Done(());
    }
    outcome(answer, Effect::Changes, reset, |_response| Some(()), refuse)
}

/// The value of a call that is a part of a longer look, or the end of the whole look.
///
/// # Errors
/// Every end but `Done`, ready to be handed on.
pub fn done<T, U, R>(outcome: Outcome<T, R>) -> Result<T, Outcome<U, R>> {
    match outcome {
        Outcome::Done(value) => Ok(value),
        Outcome::Refused(refusal) => Err(Outcome::Refused(refusal)),
        Outcome::Transient { retry_after } => Err(Outcome::Transient { retry_after }),
        Outcome::Unknown => Err(Outcome::Unknown),
    }
}

/// How long the provider asks to wait: `Retry-After`, else `x-ratelimit-reset`.
///
/// Points in time are measured against the answer's own `Date`, so that our clock plays no part;
/// without one they are ignored.
#[must_use]
pub fn retry_after(response: &Response, reset: Reset) -> Option<Duration> {
    let header = |name: &str| response.headers.get(name).map(|value| value.trim());
    let until = |then: i64| {
        let now = unix_seconds(header("date")?)?;
        u64::try_from(then.saturating_sub(now).max(0)).ok()
    };
    let asked = header("retry-after").and_then(|value| {
        value.parse::<u64>().ok().or_else(|| unix_seconds(value).and_then(until))
    });
    let seconds = asked.or_else(|| {
        let value = header("x-ratelimit-reset")?;
        match reset {
            Reset::At => value.parse().ok().and_then(until),
            Reset::In => value.parse().ok(),
        }
    })?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

fn unix_seconds(http_date: &str) -> Option<i64> {
    OffsetDateTime::parse(http_date, &Rfc2822).ok().map(OffsetDateTime::unix_timestamp)
}

#[cfg(test)]
mod tests;
