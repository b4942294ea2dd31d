//! One page out of an ordered map, by the rules of a DynamoDB query.

use crate::limits;
use crate::table::{Cursor, Item, Page, Query, Row};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

/// A page ends when it has this many bytes, however few its rows.
const PAGE_BYTES_MAX: usize = 1024 * 1024;

/// The range of a query: from `first` up to, not including, `end`; going on after `after`.
#[derive(Debug)]
pub(super) struct Bounds<P> {
    pub(super) first: P,
    pub(super) end: P,
    pub(super) after: Option<P>,
}

/// Reads one page.
pub(super) fn read<P: Ord>(
    map: &BTreeMap<P, Arc<Item>>,
    bounds: Bounds<P>,
    query: &Query,
    row: impl Fn(&P, &Item) -> Row,
    cursor: impl Fn(&P) -> Cursor,
) -> Page {
    let Bounds { first, end, after } = bounds;
    let (mut low, mut high) = (Bound::Included(first), Bound::Excluded(end));
    if let Some(after) = after {
        let edge = if query.ascending { &mut low } else { &mut high };
        *edge = Bound::Excluded(after);
    }
    let found = map.range((low, high));
    if query.ascending {
        take(found, query.limit, row, cursor)
    } else {
        take(found.rev(), query.limit, row, cursor)
    }
}

/// The smallest text that stands after this one.
pub(super) fn next(text: &str) -> String {
    format!("{text}\0")
}

/// A page that is full says where to go on even if nothing follows, as DynamoDB's may.
fn take<'a, P: 'a>(
    found: impl Iterator<Item = (&'a P, &'a Arc<Item>)>,
    limit: u16,
    row: impl Fn(&P, &Item) -> Row,
    cursor: impl Fn(&P) -> Cursor,
) -> Page {
    let mut page = Page::default();
    let mut bytes = 0_usize;
    for (position, item) in found {
        let row = row(position, item);
        bytes += limits::size(&row.key, &row.item);
        page.rows.push(row);
        if page.rows.len() >= usize::from(limit) || bytes >= PAGE_BYTES_MAX {
            page.next = Some(cursor(position));
            break;
        }
    }
    page
}
