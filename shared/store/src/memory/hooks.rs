//! Where a test reaches into the twin: faults, scheduling points, counts.

use crate::table::{Key, Query, Write};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A request as the hooks see it.
#[derive(Debug, Clone, Copy)]
pub enum Request<'a> {
    /// A read by key.
    Get(&'a [Key]),
    /// A query.
    Query(&'a Query),
    /// A single write.
    Write(&'a Write),
    /// A transaction.
    Transact(&'a [Write]),
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Too many requests: not done.
    Throttled,
    /// Lost on the way there: not done, and the caller cannot know.
    LostBefore,
    /// Lost on the way back: done, and the caller cannot know.
    LostAfter,
    /// Done, its answer lost, and sent again by the SDK: the caller sees the second answer.
    Repeated,
    /// Another transaction was at work: not done. Reads know no conflicts and go through.
    Conflict,
}

/// Decides which requests fail. Closures will do.
pub trait Faults: Send + Sync {
    /// What goes wrong with this request?
    fn draw(&self, request: Request<'_>) -> Fault;
}

impl<F: Fn(Request<'_>) -> Fault + Send + Sync> Faults for F {
    fn draw(&self, request: Request<'_>) -> Fault {
        self(request)
    }
}

/// A place where another task may run, or the caller may die.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Before the request is done.
    Sent,
    /// Amid a transaction: its items are taken, nothing is applied.
    Prepared,
    /// The request is done, its answer not yet there.
    Answered,
}

/// A pause at such a place.
pub type Pause = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Decides where to pause. Closures will do.
pub trait Pauses: Send + Sync {
    /// The pause to make here; `None` goes straight on.
    fn pause(&self, point: Point) -> Option<Pause>;
}

impl<F: Fn(Point) -> Option<Pause> + Send + Sync> Pauses for F {
    fn pause(&self, point: Point) -> Option<Pause> {
        self(point)
    }
}

/// Lets the others run once amid every transaction; the twin's own habit.
pub fn amid_transactions(point: Point) -> Option<Pause> {
    match point {
        Point::Prepared => Some(Box::pin(YieldOnce::default())),
        Point::Sent | Point::Answered => None,
    }
}

/// Lets the others run once, at every point.
pub fn everywhere(_point: Point) -> Option<Pause> {
    Some(Box::pin(YieldOnce::default()))
}

/// A future that is ready when it is asked for the second time.
#[derive(Debug, Default)]
pub struct YieldOnce {
    yielded: bool,
}

impl Future for YieldOnce {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// How many requests of each kind were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Requests {
    /// Reads by key.
    pub get: u64,
    /// Queries.
    pub query: u64,
    /// Single writes.
    pub write: u64,
    /// Transactions.
    pub transact: u64,
}

impl Requests {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.get + self.query + self.write + self.transact
    }
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { get, query, write, transact } = self;
        write!(f, "get {get}, query {query}, write {write}, transact {transact}")
    }
}
