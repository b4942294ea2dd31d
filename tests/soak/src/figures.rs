//! What is counted while the soak runs.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::lambda::Name;

/// Kills of one function.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Kills {
    /// While it handled an event.
    pub(crate) amid: u64,
    /// While it started or waited for one.
    pub(crate) idle: u64,
}

/// Invocations of one function, by their end.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(crate) struct Invocations {
    /// Begun.
    pub(crate) begun: u64,
    /// Answered.
    pub(crate) answered: u64,
    /// Answered with an error.
    pub(crate) failed: u64,
    /// Died with a process that was killed.
    pub(crate) died: u64,
    /// Ended at the function's timeout.
    pub(crate) timed_out: u64,
}

/// Everything that is counted.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Figures {
    /// Kills by function.
    pub(crate) kills: BTreeMap<Name, Kills>,
    /// Invocations by function.
    pub(crate) invocations: BTreeMap<Name, Invocations>,
    /// Messages handed to the steps.
    pub(crate) messages: u64,
    /// Of these, messages the queue had handed out before.
    pub(crate) messages_again: u64,
    /// Of these, messages handed out twice at the same time.
    pub(crate) messages_twice: u64,
    /// Messages that were returned to the queue by the steps.
    pub(crate) messages_returned: u64,
    /// Faults of the providers that struck.
    pub(crate) faults: u64,
    /// Requests for a number, repeated ones included.
    pub(crate) posts: u64,
    /// Of these, answered 2xx.
    pub(crate) posts_accepted: u64,
    /// Answers of the API by their status.
    pub(crate) answers: BTreeMap<u16, u64>,
    /// Cancels that were taken.
    pub(crate) cancels: u64,
    /// Retries that were taken, an operator's included.
    pub(crate) retries: u64,
    /// Calls to numbers that had just become ready.
    pub(crate) calls: u64,
    /// Webhooks that came in.
    pub(crate) webhooks: u64,
    /// What must not happen, seen on the way.
    #[serde(skip)]
    pub(crate) findings: Vec<String>,
}

impl Figures {
    /// All kills.
    pub(crate) fn killed(&self) -> u64 {
        self.kills.values().map(|kills| kills.amid + kills.idle).sum()
    }

    /// Kills amid an invocation.
    pub(crate) fn killed_amid(&self) -> u64 {
        self.kills.values().map(|kills| kills.amid).sum()
    }

    /// All invocations.
    pub(crate) fn invoked(&self) -> u64 {
        self.invocations.values().map(|ends| ends.begun).sum()
    }
}

/// Figures that everybody writes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counting(Arc<Mutex<Figures>>);

impl Counting {
    /// Counts something, or looks.
    pub(crate) fn with<T>(&self, count: impl FnOnce(&mut Figures) -> T) -> T {
        count(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The invocations of one function.
    pub(crate) fn invocations(&self, name: Name, count: impl FnOnce(&mut Invocations)) {
        self.with(|figures| count(figures.invocations.entry(name).or_default()));
    }

    /// Notes what must not happen.
    pub(crate) fn find(&self, finding: String) {
        eprintln!("  ! {finding}");
        self.with(|figures| figures.findings.push(finding));
    }
}
