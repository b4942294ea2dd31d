//! The in-memory twin of the table.
//!
//! It answers as DynamoDB does: conditions on attributes that are not there do not hold, a
//! transaction applies all or nothing, and a write that meets an item which a transaction under
//! way has taken answers [`TableError::Conflict`]. Between taking its items and applying, a
//! transaction passes a scheduling point, so that tasks polled by hand really overlap. Dropping a
//! request at any point leaves it not done or wholly done.
//!
//! Given the same requests in the same order it gives the same answers: no clock, no chance, no
//! hash order. It has no time to live, no size limit of a whole transaction, and a token lasts
//! for a number of transactions instead of ten minutes.

mod condition;
mod hooks;
mod index;
mod page;
mod state;

pub use condition::holds;
pub use hooks::{
    Fault, Faults, Pause, Pauses, Point, Request, Requests, YieldOnce, amid_transactions,
    everywhere,
};

pub use state::Changed;

use crate::limits;
use crate::table::{Item, Key, Page, Query, Row, Table, TableError, Write};
use state::State;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The twin. Share it by reference or in an `Arc`.
pub struct MemoryTable {
    state: Mutex<State>,
    settings: Mutex<Settings>,
}

struct Settings {
    requests: Requests,
    faults: Option<Arc<dyn Faults>>,
    pauses: Arc<dyn Pauses>,
    torn_reads: bool,
}

impl Default for MemoryTable {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryTable").field("requests", &self.requests()).finish_non_exhaustive()
    }
}

impl MemoryTable {
    /// An empty table without faults, which lets others run amid every transaction.
    #[must_use]
    pub fn new() -> Self {
        Self {
            state: Mutex::default(),
            settings: Mutex::new(Settings {
                requests: Requests::default(),
                faults: None,
                pauses: Arc::new(amid_transactions),
                torn_reads: false,
            }),
        }
    }

    /// Asks this before every request what goes wrong with it.
    pub fn set_faults(&self, faults: impl Faults + 'static) {
        lock(&self.settings).faults = Some(Arc::new(faults));
    }

    /// Nothing goes wrong any more.
    pub fn clear_faults(&self) {
        lock(&self.settings).faults = None;
    }

    /// Asks this where to pause, instead of [`amid_transactions`].
    pub fn set_pauses(&self, pauses: impl Pauses + 'static) {
        lock(&self.settings).pauses = Arc::new(pauses);
    }

    /// Keeps the indexes this many changes behind the table, each on its own; 0 is none.
    pub fn set_index_lag(&self, changes: usize) {
        lock(&self.state).set_index_lag(changes);
    }

    /// Lets a read of several keys be overtaken by writes halfway, as DynamoDB's may be: it then
    /// passes [`YieldOnce`] after half of its keys, the first half and the last half in turns.
    pub fn set_torn_reads(&self, torn: bool) {
        lock(&self.settings).torn_reads = torn;
    }

    /// How many requests were made so far, failed ones included.
    #[must_use]
    pub fn requests(&self) -> Requests {
        lock(&self.settings).requests
    }

    /// Counts from 0 again, and returns what was counted.
    pub fn reset_requests(&self) -> Requests {
        std::mem::take(&mut lock(&self.settings).requests)
    }

    /// All rows in the order of their keys, for checkers: no request, no fault.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        lock(&self.state)
            .rows()
            .map(|(key, item)| Row { key: key.clone(), item: item.clone() })
            .collect()
    }

    /// Takes these rows in place of all there are, as a restored table does.
    pub fn restore(&self, rows: &[Row]) {
        lock(&self.state).restore(rows);
    }

    /// How many writes were refused because a condition did not hold.
    #[must_use]
    pub fn refusals(&self) -> u64 {
        lock(&self.state).refusals()
    }

    /// From now on remembers every change, until [`MemoryTable::take_journal`].
    pub fn keep_journal(&self) {
        lock(&self.state).keep_journal();
    }

    /// The changes since the last time, in the order they happened.
    #[must_use]
    pub fn take_journal(&self) -> Vec<Changed> {
        lock(&self.state).take_journal()
    }

    /// Looks at every row in the order of the keys without copying it. The table stands still
    /// meanwhile: do not use it from within.
    pub fn inspect(&self, mut look: impl FnMut(&Key, &Item)) {
        lock(&self.state).rows().for_each(|(key, item)| look(key, item));
    }

    /// Counts the request, draws its fault, and lets others run before it is done.
    async fn send(&self, request: Request<'_>) -> Result<Sent, TableError> {
        let (faults, sent) = {
            let mut settings = lock(&self.settings);
            let requests = &mut settings.requests;
            match request {
                Request::Get(_) => requests.get += 1,
                Request::Query(_) => requests.query += 1,
                Request::Write(_) => requests.write += 1,
                Request::Transact(_) => requests.transact += 1,
            }
            let backwards = requests.get.is_multiple_of(2);
            let torn = settings.torn_reads.then_some(Torn { backwards });
            let sent = Sent { fault: Fault::None, pauses: Arc::clone(&settings.pauses), torn };
            (settings.faults.clone(), sent)
        };
        let fault = faults.map_or(Fault::None, |faults| faults.draw(request));
        sent.pass(Point::Sent).await;
        match fault {
            Fault::Throttled => Err(TableError::Throttled),
            Fault::LostBefore => Err(TableError::AnswerLost),
            Fault::None | Fault::LostAfter | Fault::Repeated | Fault::Conflict => {
                Ok(Sent { fault, ..sent })
            }
        }
    }

    async fn commit(&self, sent: &Sent, writes: &[Write], token: &str) -> Result<(), TableError> {
        if !lock(&self.state).begin(writes, token)? {
            return Ok(());
        }
        // From here on a drop gives the items free again.
        let _taken = Taken { state: &self.state, writes };
        sent.pass(Point::Prepared).await;
        lock(&self.state).commit(writes, token)
    }
}

impl Table for MemoryTable {
    async fn get(&self, keys: &[Key]) -> Result<Vec<Option<Item>>, TableError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        limits::get(keys)?;
        let sent = self.send(Request::Get(keys)).await?;
        let read = |keys: &[Key]| {
            let state = lock(&self.state);
            keys.iter().map(|key| state.item(key)).collect::<Vec<_>>()
        };
        let items = match &sent.torn {
            Some(torn) if keys.len() > 1 => {
                let (first, last) = keys.split_at(keys.len() / 2);
                if torn.backwards {
                    let late = read(last);
                    YieldOnce::default().await;
                    [read(first), late].concat()
                } else {
                    let early = read(first);
                    YieldOnce::default().await;
                    [early, read(last)].concat()
                }
            }
            Some(_) | None => read(keys),
        };
        sent.answer(Ok(items)).await
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        limits::query(query)?;
        let sent = self.send(Request::Query(query)).await?;
        let page = lock(&self.state).page(query);
        sent.answer(Ok(page)).await
    }

    async fn write(&self, write: &Write) -> Result<Item, TableError> {
        limits::write(write)?;
        if matches!(write, Write::Check { .. }) {
            // DynamoDB has no such request; a transaction of one does it.
            return self.check(write).await;
        }
        let sent = self.send(Request::Write(write)).await?;
        if sent.fault == Fault::Conflict {
            return sent.answer(Err(TableError::Conflict)).await;
        }
        let mut answer = lock(&self.state).write(write);
        if sent.fault == Fault::Repeated {
            answer = lock(&self.state).write(write);
        }
        sent.answer(answer).await
    }

    async fn transact(&self, writes: &[Write], token: &str) -> Result<(), TableError> {
        limits::transact(writes, token)?;
        let sent = self.send(Request::Transact(writes)).await?;
        if sent.fault == Fault::Conflict {
            return sent.answer(Err(TableError::Conflict)).await;
        }
        let mut answer = self.commit(&sent, writes, token).await;
        if sent.fault == Fault::Repeated {
            answer = self.commit(&sent, writes, token).await;
        }
        sent.answer(answer).await
    }
}

impl MemoryTable {
    async fn check(&self, write: &Write) -> Result<Item, TableError> {
        let writes = std::slice::from_ref(write);
        let sent = self.send(Request::Transact(writes)).await?;
        let answer = if sent.fault == Fault::Conflict {
            Err(TableError::Conflict)
        } else {
            lock(&self.state).write(write)
        };
        sent.answer(answer).await
    }
}

/// A request on its way.
struct Sent {
    fault: Fault,
    pauses: Arc<dyn Pauses>,
    torn: Option<Torn>,
}

/// A read of several keys that others may overtake halfway.
struct Torn {
    backwards: bool,
}

impl Sent {
    async fn pass(&self, point: Point) {
        if let Some(pause) = self.pauses.pause(point) {
            pause.await;
        }
    }

    async fn answer<T>(&self, answer: Result<T, TableError>) -> Result<T, TableError> {
        self.pass(Point::Answered).await;
        match self.fault {
            Fault::LostAfter => Err(TableError::AnswerLost),
            Fault::None
            | Fault::Throttled
            | Fault::LostBefore
            | Fault::Repeated
            | Fault::Conflict => answer,
        }
    }
}

/// The items that a transaction has taken, given free when it ends or is dropped.
struct Taken<'a> {
    state: &'a Mutex<State>,
    writes: &'a [Write],
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        lock(self.state).end(self.writes);
    }
}

/// A panic of one task must not take the table from the others; no write is ever left half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
