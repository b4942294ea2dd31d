//! Histories: of a number, and of an organization. They are written with what they tell of, and
//! nobody decides anything by them.

use crate::Store;
use crate::changes::Guarded;
use crate::keys;
use crate::rows;
use crate::settle::{Backoff, StoreError};
use crate::table::{Condition, Cursor, Index, Query, Row, Table, Write};
use domain::history::Line;
use domain::ids::{NumberId, OrganizationId};
use domain::time::Timestamp;
use domain::work::{HistoryEvent, Work};

/// A line of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// When.
    pub at: Timestamp,
    /// What happened, by its name in the API.
    pub event: String,
    /// Who and what it was about. Lines of a former version name the work alone.
    pub line: Line,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// A number's history, newest first, one page.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn number_history(
        &self,
        id: NumberId,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<HistoryLine>, Option<Cursor>), StoreError> {
        self.history(keys::number(id).pk, limit, after).await
    }

    /// An organization's history, newest first, one page.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn organization_history(
        &self,
        id: &OrganizationId,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<HistoryLine>, Option<Cursor>), StoreError> {
        self.history(keys::organization(id).pk, limit, after).await
    }

    async fn history(
        &self,
        partition: String,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<HistoryLine>, Option<Cursor>), StoreError> {
        let query = Query {
            index: Index::Base,
            partition,
            from: Some(keys::HISTORY_FROM.to_owned()),
            to: Some(keys::HISTORY_TO.to_owned()),
            ascending: false,
            limit,
            after,
        };
        let page = self.page(&query).await?;
        let lines = page.rows.iter().map(line).collect::<Result<_, _>>()?;
        Ok((lines, page.next))
    }
}

fn line(row: &Row) -> Result<HistoryLine, StoreError> {
    let why = || "its sort key is none".to_owned();
    let (at, event) = keys::parse_history(&row.key.sk)
        .ok_or_else(|| StoreError::Corrupt { what: "history", why: why() })?;
    let line = if row.item.contains_key(keys::DOCUMENT) {
        rows::read("history", &row.item, keys::DOCUMENT)?
    } else {
        let work = rows::text_of(&row.item, keys::WORK).and_then(|text| text.parse().ok());
        Line { number: keys::parse_number(&row.key), work, ..Line::default() }
    };
    Ok(HistoryLine { at, event: event.to_owned(), line })
}

const fn name(event: HistoryEvent) -> &'static str {
    match event {
        HistoryEvent::Assigned => "assigned",
        HistoryEvent::Rested => "rested",
        HistoryEvent::Corrupted => "corrupted",
        HistoryEvent::Stocked => "stocked",
        HistoryEvent::GivenBack => "given_back",
        HistoryEvent::Adopted => "adopted",
    }
}

/// What a work did to a number, in the histories of the number and of the organization.
pub(crate) fn of_number(
    number: NumberId,
    event: HistoryEvent,
    work: &Work,
    now: Timestamp,
) -> Result<Vec<Guarded>, StoreError> {
    let line = Line {
        number: Some(number),
        work: Some(work.id),
        organization: Some(work.organization.clone()),
        business: work.business().cloned(),
        assistant: work.recipient().map(|recipient| recipient.assistant),
        ..Line::default()
    };
    let item = rows::item([
        (keys::WORK, rows::text(work.id)),
        (keys::AT, rows::time(now)),
        (keys::DOCUMENT, rows::document("history", &line)?),
    ]);
    let places = [
        keys::history(number, now, name(event), work.id),
        keys::organization_history(&work.organization, now, name(event), work.id),
    ];
    let put = |key| {
        let (item, condition) = (item.clone(), Condition::Always);
        (Write::Put { key, item, condition }, None)
    };
    Ok(places.map(put).into())
}

/// That an organization's settings were changed, in its history.
pub(crate) fn of_settings(
    organization: &OrganizationId,
    version: u64,
    line: &Line,
    now: Timestamp,
) -> Result<Write, StoreError> {
    let key = keys::organization_history(organization, now, "settings_changed", version);
    let item = rows::item([
        (keys::AT, rows::time(now)),
        (keys::DOCUMENT, rows::document("history", line)?),
    ]);
    Ok(Write::Put { key, item, condition: Condition::Always })
}
