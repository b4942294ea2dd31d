//! Paging of Telnyx' lists.

use exchange::Response;
use serde_json::{Value, json};

use super::errors;
use crate::reply;
use crate::wire::Wire;

/// One page of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Page {
    number: usize,
    size: usize,
}

impl Page {
    pub(super) fn read(wire: &Wire<'_>, size_default: usize) -> Result<Self, Response> {
        let read = |name: &str, default: usize| match wire.query(name) {
            None => Ok(default),
            Some(text) => match text.parse::<usize>() {
                Ok(value) if value >= 1 => Ok(value),
                Ok(_) | Err(_) => {
                    let source = json!({ "parameter": name });
                    let detail = "must be a positive integer";
                    Err(errors::with_source(400, "10015", "Bad Request", detail, source))
                }
            },
        };
        let size = read("page[size]", size_default)?;
        if size > 250 {
            let source = json!({ "parameter": "page[size]" });
            let detail = "must be less than or equal to 250";
            return Err(errors::with_source(400, "10015", "Bad Request", detail, source));
        }
        Ok(Self { number: read("page[number]", 1)?, size })
    }

    /// Rows on the pages before this one.
    pub(super) const fn skipped(self) -> usize {
        (self.number - 1) * self.size
    }

    /// Rows on a page.
    pub(super) const fn size(self) -> usize {
        self.size
    }

    /// The answer with this page of the rows.
    pub(super) fn answer<T>(self, rows: &[T], view: impl Fn(&T) -> Value) -> Response {
        let shown = rows.iter().skip(self.skipped()).take(self.size);
        self.answer_of(rows.len(), shown.map(view).collect())
    }

    /// The answer with what this page shows of so many rows.
    pub(super) fn answer_of(self, total: usize, data: Vec<Value>) -> Response {
        reply::json(
            200,
            &json!({
                "data": data,
                "meta": {
                    "total_pages": total.div_ceil(self.size), "total_results": total,
                    "page_number": self.number, "page_size": self.size,
                },
            }),
        )
    }
}
