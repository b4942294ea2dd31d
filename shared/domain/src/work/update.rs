//! What VAPI is still to be told of an assistant.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A change of the assistant that VAPI is to be told of.
///
/// What the assistant is like stands in its row, and is read when it is sent: always all of it, so
/// that the last one sent decides alone, and several changes may go at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// When it is sent, or sent again.
    pub next_at: Timestamp,
    /// Calls that failed since it was last asked for.
    pub tries: u16,
    /// Until when one that was sent before may still take effect: only one that is sent after
    /// that is the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lands_by: Option<Timestamp>,
}

impl Update {
    /// Asked for now; what was sent before may still land.
    pub(crate) fn asked(before: Option<Self>, now: Timestamp) -> Self {
        Self { next_at: now, tries: 0, lands_by: before.and_then(|before| before.lands_by) }
    }
}
