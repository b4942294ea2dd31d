//! Marks: who wrote, told apart write by write.
//!
//! Every write carries `written_by`. A write whose answer was lost is sent again; if the first one
//! had been applied, its condition fails and the refused item carries our own mark: success.

use planted::planted;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

/// The mark of one write: invocation and ordinal, at most 36 characters. It is the transaction
/// token as well.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark(String);

impl Mark {
    /// The mark as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Gives the marks of one invocation.
#[derive(Debug)]
pub struct Marks {
    invocation: domain::ids::Fresh,
    given: AtomicU32,
}

impl Marks {
    /// Marks of the invocation with this fresh id.
    #[must_use]
    pub const fn new(invocation: domain::ids::Fresh) -> Self {
        Self { invocation, given: AtomicU32::new(0) }
    }

    /// A mark not given before.
    #[must_use]
    pub fn next(&self) -> Mark {
        let step = if planted!(MarksAlike) { 0 } else { 1 };
        let ordinal = self.given.fetch_add(step, Ordering::Relaxed);
        Mark(format!("{}.{ordinal}", self.invocation))
    }
}
