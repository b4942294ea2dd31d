//! Query parameters that all of VAPI's lists share.

use exchange::Response;

use super::errors::error;
use crate::stamp;
use crate::wire::Wire;

/// `limit` and the eight date filters.
#[derive(Debug)]
pub(super) struct ListQuery {
    pub(super) limit: usize,
    created: Range,
    updated: Range,
}

/// Bounds, both inclusive.
#[derive(Debug)]
struct Range {
    from_ms: i64,
    to_ms: i64,
}

impl ListQuery {
    pub(super) fn read(wire: &Wire<'_>) -> Result<Self, Response> {
        let limit = match wire.query("limit") {
            None => 100,
            Some(text) => match text.parse::<usize>() {
                Ok(limit) if limit <= 1_000 => limit,
                Ok(_) => return Err(bad("limit must not be greater than 1000")),
                Err(_) => return Err(bad("limit must be a number")),
            },
        };
        Ok(Self {
            limit,
            created: Range::read(wire, "createdAt")?,
            updated: Range::read(wire, "updatedAt")?,
        })
    }

    /// Whether no date is asked for.
    pub(super) const fn is_open(&self) -> bool {
        self.created.is_open() && self.updated.is_open()
    }

    pub(super) const fn takes(&self, created_ms: i64, updated_ms: i64) -> bool {
        self.created.holds(created_ms) && self.updated.holds(updated_ms)
    }
}

impl Range {
    fn read(wire: &Wire<'_>, name: &str) -> Result<Self, Response> {
        let bound = |suffix: &str| -> Result<Option<i64>, Response> {
            let name = format!("{name}{suffix}");
            match wire.query(&name) {
                None => Ok(None),
                Some(text) => stamp::parse(text)
                    .map(Some)
                    .ok_or_else(|| bad(&format!("{name} must be a valid ISO 8601 date string"))),
            }
        };
        let mut range = Self { from_ms: i64::MIN, to_ms: i64::MAX };
        if wire.query.iter().any(|(given, _)| given.starts_with(name)) {
            let from = [bound("Ge")?, bound("Gt")?.map(|at_ms| at_ms + 1)];
            let to = [bound("Le")?, bound("Lt")?.map(|at_ms| at_ms - 1)];
            range.from_ms = from.into_iter().flatten().max().unwrap_or(i64::MIN);
            range.to_ms = to.into_iter().flatten().min().unwrap_or(i64::MAX);
        }
        Ok(range)
    }

    const fn is_open(&self) -> bool {
        self.from_ms == i64::MIN && self.to_ms == i64::MAX
    }

    const fn holds(&self, at_ms: i64) -> bool {
        self.from_ms <= at_ms && at_ms <= self.to_ms
    }
}

fn bad(text: &str) -> Response {
    error(400, vec![text.to_owned()])
}
