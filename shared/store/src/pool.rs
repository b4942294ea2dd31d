//! The pool: numbers that nobody uses, found in a bounded number of requests whatever their count,
//! and the way into it.

use crate::Store;
use crate::changes;
use crate::keys;
use crate::mark::Marks;
use crate::porting;
use crate::rows;
use crate::settle::{Backoff, Settled, StoreError};
use crate::table::{Condition, Cursor, Index, Key, Query, Table, Write};
use domain::ids::NumberId;
use domain::number::{Guard, Number, PoolClass, State};
use domain::phone::{AreaCode, E164};
use domain::request::Match;
use domain::time::Timestamp;
use domain::work::PoolSearch;
use std::collections::BTreeSet;

/// Numbers looked at in one search. More would find a longer rested one; fewer would make many
/// claimers want the same.
const CANDIDATES: u16 = 10;
/// So often a part of the pool is looked at while all that is found there goes to others.
const LOOKS_MAX: u8 = 3;

/// What came of freeing a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freed {
    /// It is in the pool.
    Freed,
    /// It had changed meanwhile, and stays as it is.
    Changed,
}

impl<T: Table, B: Backoff> Store<T, B> {
    /// Reads a number.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or the item cannot be read.
    pub async fn number(&self, id: NumberId) -> Result<Option<Number>, StoreError> {
        let item = self.read_one(keys::number(id)).await?;
        item.map(|item| rows::read("number", &item, keys::DOCUMENT)).transpose()
    }

    /// Some numbers of the pool that fit, from the search's point on: first of those that serve this
    /// organization alone, then of everybody's. A few queries and a read as a rule, and a bounded
    /// number of them however many numbers there are. What it finds may be gone by the time it is
    /// claimed.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn search_pool(&self, search: &PoolSearch) -> Result<Vec<Number>, StoreError> {
        let wanted = &search.wanted;
        let (country, number_type) = (wanted.country, wanted.number_type);
        let own = PoolClass { country, number_type, only: Some(search.organization.clone()) };
        let all = PoolClass { country, number_type, only: None };
        let area = wanted.area_code.as_ref();
        for class in [&own, &all] {
            let found = self.pool_part(class, area, search.from).await?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        if area.is_none() || wanted.matching == Match::Strict {
            return Ok(Vec::new());
        }
        let found = self.pool_part(&own, None, search.from).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        self.pool_part(&all, None, search.from).await
    }

    /// Which of these digits a row has; at most 100 of them.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable.
    pub async fn digits_known(&self, digits: &[E164]) -> Result<BTreeSet<E164>, StoreError> {
        if digits.is_empty() {
            return Ok(BTreeSet::new());
        }
        let guard = |digits: &E164| keys::guard(&Guard::Digits(digits.clone()));
        let keys: Vec<Key> = digits.iter().map(guard).collect();
        let items = self.read(&keys).await?;
        let known = digits.iter().zip(&items).filter(|(_digits, item)| item.is_some());
        Ok(known.map(|(digits, _item)| digits.clone()).collect())
    }

    /// Numbers in a part of the pool. Where others took all of them between the query and the
    /// read, it looks again: there may be more behind them.
    async fn pool_part(
        &self,
        class: &PoolClass,
        area: Option<&AreaCode>,
        from: u64,
    ) -> Result<Vec<Number>, StoreError> {
        for _look in 0..LOOKS_MAX {
            let places = self.places(class, area, from).await?;
            if places.is_empty() {
                break;
            }
            let keys: Vec<Key> = places.iter().map(|id| keys::number(*id)).collect();
            let items = self.read(&keys).await?;
            let found = items.iter().flatten().filter(|item| !porting::is_frozen(item));
            let numbers = found.map(|item| rows::read("number", item, keys::DOCUMENT));
            let mut numbers: Vec<Number> = numbers.collect::<Result<_, _>>()?;
            numbers.retain(|number| matches!(number.state, State::Available { .. }));
            if !numbers.is_empty() {
                return Ok(numbers);
            }
        }
        Ok(Vec::new())
    }

    /// Places of a part of the pool, from a point on and around.
    async fn places(
        &self,
        class: &PoolClass,
        area: Option<&AreaCode>,
        from: u64,
    ) -> Result<Vec<NumberId>, StoreError> {
        let part = keys::pool_part(area);
        let point = format!("{part}{}", keys::pool_point(from));
        let query = |from: String, to: String| Query {
            index: Index::Base,
            partition: keys::pool(class),
            from: Some(from),
            to: Some(to),
            ascending: true,
            limit: CANDIDATES,
            after: None,
        };
        let mut rows = self.page(&query(point.clone(), format!("{part}~"))).await?.rows;
        if rows.len() < usize::from(CANDIDATES) {
            rows.extend(self.page(&query(part, point)).await?.rows);
        }
        let ids = rows.iter().filter_map(|row| keys::parse_pooled(&row.key.sk));
        Ok(ids.take(usize::from(CANDIDATES)).collect())
    }

    /// The numbers of these ids that there are, in their order; at most 100.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn numbers(&self, ids: &[NumberId]) -> Result<Vec<Number>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.iter().map(|id| keys::number(*id)).collect();
        let items = self.read(&keys).await?;
        items.iter().flatten().map(|item| rows::read("number", item, keys::DOCUMENT)).collect()
    }

    /// Numbers in a state, oldest first, one page.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn numbers_in(
        &self,
        state: &str,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<Number>, Option<Cursor>), StoreError> {
        self.numbers_listed(state, true, limit, after).await
    }

    /// The same, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when the table is unavailable or an item cannot be read.
    pub async fn newest_numbers_in(
        &self,
        state: &str,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<Number>, Option<Cursor>), StoreError> {
        self.numbers_listed(state, false, limit, after).await
    }

    async fn numbers_listed(
        &self,
        state: &str,
        ascending: bool,
        limit: u16,
        after: Option<Cursor>,
    ) -> Result<(Vec<Number>, Option<Cursor>), StoreError> {
        let query = Query {
            index: Index::Listing,
            partition: keys::numbers_in(state),
            from: None,
            to: None,
            ascending,
            limit,
            after,
        };
        let page = self.page(&query).await?;
        if page.rows.is_empty() {
            return Ok((Vec::new(), page.next));
        }
        let keys: Vec<Key> = page.rows.into_iter().map(|found| found.key).collect();
        let items = self.read(&keys).await?;
        let numbers = items.iter().flatten().map(|item| rows::read("number", item, keys::DOCUMENT));
        let numbers: Vec<Number> = numbers.collect::<Result<_, _>>()?;
        // The index may be behind: what has left the state since is left out.
        let still = numbers.into_iter().filter(|number| number.state.name() == state).collect();
        Ok((still, page.next))
    }

    /// Puts a number that has rested into the pool, if it is as it was seen and no work's.
    ///
    /// # Errors
    /// [`StoreError`] when the end cannot be known.
    pub async fn free(
        &self,
        was: &Number,
        since: Timestamp,
        marks: &Marks,
    ) -> Result<Freed, StoreError> {
        let mark = marks.next();
        let now = Number { state: State::Available { since }, ..was.clone() };
        let mut set = changes::number_attributes(&now)?;
        set.push((keys::WRITTEN_BY, rows::text(&mark)));
        let update = Write::Update {
            key: keys::number(now.id),
            set,
            add: Vec::new(),
            remove: Vec::new(),
            condition: Condition::All(vec![
                Condition::Equals(keys::DOCUMENT, rows::document("number", was)?),
                Condition::Missing(keys::WORK),
                porting::not_frozen(),
            ]),
        };
        let writes: Vec<Write> = std::iter::once(update).chain(changes::into_pool(&now)).collect();
        Ok(match self.settle_all(&writes, &mark).await? {
            Settled::Written(_) => Freed::Freed,
            Settled::Refused(_) => Freed::Changed,
        })
    }
}
