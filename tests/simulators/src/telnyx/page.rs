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

    /// The answer with this page of the rows.
    pub(super) fn answer<T>(self, rows: &[T], view: impl Fn(&T) -> Value) -> Response {
        let data: Vec<Value> =
            rows.iter().skip((self.number - 1) * self.size).take(self.size).map(view).collect();
        reply::json(
            200,
            &json!({
                "data": data,
                "meta": {
                    "total_pages": rows.len().div_ceil(self.size), "total_results": rows.len(),
                    "page_number": self.number, "page_size": self.size,
                },
            }),
        )
    }
}
