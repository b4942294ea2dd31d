//! Virtual time, and the one place where futures of the tests are run.

use domain::time::Timestamp;
use runtime::Clock;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// When every test begins: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A clock that moves only when it is told to, or when all that runs is asleep.
#[derive(Debug, Clone)]
pub struct VirtualClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    now: Timestamp,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    set: u64,
}

impl Default for VirtualClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State { now: START, timers: BTreeMap::new(), set: 0 })))
    }
}

impl VirtualClock {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in milliseconds.
    pub fn millis(&self) -> i64 {
        self.lock().now.as_millis()
    }

    /// Moves to a time, unless it is past already.
    pub fn advance_to(&self, at: Timestamp) {
        let mut state = self.lock();
        state.now = state.now.max(at);
    }

    /// Runs a future to its end. When it sleeps, time passes; when it would wait for ever, the
    /// test fails.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let woken = Arc::new(Woken(AtomicBool::new(false)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut future = pin!(future);
        loop {
            woken.0.store(false, Ordering::Relaxed);
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
            if !woken.0.load(Ordering::Relaxed) {
                assert!(self.wake_next(), "nothing would ever go on");
            }
        }
    }

    /// Moves to the first timer and wakes its sleeper.
    fn wake_next(&self) -> bool {
        let first = {
            let mut state = self.lock();
            let first = state.timers.pop_first();
            if let Some(((at, _), _)) = &first {
                state.now = state.now.max(*at);
            }
            first
        };
        first.is_some_and(|(_, sleeper)| {
            sleeper.wake();
            true
        })
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        self.lock().now
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        let at = self.now().after(duration);
        let timer = {
            let mut state = self.lock();
            state.set += 1;
            (at, state.set)
        };
        Sleep { clock: self.clone(), timer }
    }
}

struct Sleep {
    clock: VirtualClock,
    timer: (Timestamp, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.lock();
        if state.now >= self.timer.0 {
            state.timers.remove(&self.timer);
            return Poll::Ready(());
        }
        state.timers.insert(self.timer, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.clock.lock().timers.remove(&self.timer);
    }
}
