//! Kills a handler at one of the points where it waits.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::Poll;

/// Drops a watched future once it has waited so often, counted over all of them. The waits are
/// every request to the table, the queue, the secrets and the providers, before and after each.
#[derive(Debug, Default)]
pub struct Killer {
    after: Cell<Option<u32>>,
    struck: Cell<bool>,
}

impl Killer {
    /// Kills at the wait of this number, counted from 1; not before it was told to.
    pub fn kill_at(&self, wait: u32) {
        self.after.set(Some(wait));
        self.struck.set(false);
    }

    /// Kills nobody any more.
    pub fn spare(&self) {
        self.after.set(None);
    }

    /// Whether it has killed.
    pub fn has_struck(&self) -> bool {
        self.struck.get()
    }

    /// Runs a future; `None` when it was killed.
    pub async fn watch<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.is_time() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    fn is_time(&self) -> bool {
        let left = self.after.get().map(|left| left - 1);
        self.after.set(left.filter(|left| *left > 0));
        let now = left == Some(0);
        self.struck.set(self.struck.get() || now);
        now
    }
}
