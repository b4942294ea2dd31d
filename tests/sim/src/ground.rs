//! What the tasks of a schedule stand on: time, chance, queues, secrets, providers.
//!
//! One thread runs a schedule; the locks are there because the ports of the functions ask for
//! types that may be sent, and are never waited for.

use crate::boundaries::Boundaries;
use crate::dice::Dice;
use crate::invariants::Sent;
use crate::kinds::{Counts, Kind};
use crate::mail::Mail;
use crate::sky::Sky;
use crate::trace::Trace;
use crate::weather::Weather;
use domain::ids::WorkId;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// When every schedule begins: 2026-01-30T22:00:00Z. Two hours before a day ends, and 26 before a
/// month does.
pub const START_MS: i64 = 1_769_810_400_000;

/// What the tasks of one schedule share.
#[derive(Debug, Clone)]
pub struct Ground(Arc<Mutex<State>>);

/// The state of it.
#[derive(Debug)]
pub struct State {
    /// The time, in milliseconds.
    pub now_ms: i64,
    /// Chance.
    pub dice: Dice,
    /// What goes wrong.
    pub weather: Weather,
    /// What went wrong.
    pub counts: Counts,
    /// What happened.
    pub trace: Trace,
    /// The providers, and what is on its way to them.
    pub sky: Sky,
    /// The queue of each deployment.
    pub mail: Vec<Mail>,
    /// The secrets of each deployment, VAPI's and Telnyx's.
    pub secrets: Vec<[String; 2]>,
    /// The secrets of each deployment with accounts at Twilio.
    pub twilio_secrets: Vec<BTreeMap<String, String>>,
    /// Who runs.
    pub current: Current,
    /// Where a scripted crash strikes.
    pub boundaries: Boundaries,
    /// Whether only what the poller sends arrives.
    pub poller_only: bool,
    /// Whether the indexes of the tables lag.
    pub stale: bool,
    /// A record that VAPI does not find, though it has it.
    pub hidden: Option<Hidden>,
    /// What was sent to the providers to change something, since the last check.
    pub sent: Vec<Sent>,
    timers: BTreeMap<(i64, u64), Waker>,
    timers_set: u64,
    ids_given: u64,
}

/// A record that its provider does not find.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// Its path.
    pub path: String,
    /// Its name, by which it is left out of lists.
    pub name: String,
}

/// The task that runs at this moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Current {
    /// Its number.
    pub task: u64,
    /// The deployment it runs for.
    pub deployment: usize,
    /// The one work it carries, if it carries just one.
    pub work: Option<WorkId>,
    /// Whether it is the poller.
    pub is_poller: bool,
    /// Whether it shall die at the end of this stretch.
    pub dies: bool,
}

impl Ground {
    /// The ground of a schedule.
    pub fn new(dice: Dice, weather: Weather, sky: Sky, trace: Trace) -> Self {
        Self(Arc::new(Mutex::new(State {
            now_ms: START_MS,
            dice,
            weather,
            counts: Counts::default(),
            trace,
            sky,
            mail: Vec::new(),
            secrets: Vec::new(),
            twilio_secrets: Vec::new(),
            current: Current::default(),
            boundaries: Boundaries::default(),
            poller_only: false,
            stale: false,
            hidden: None,
            sent: Vec::new(),
            timers: BTreeMap::new(),
            timers_set: 0,
            ids_given: 0,
        })))
    }

    /// The state, for as long as the guard lives.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A sleep of so long.
    pub fn sleep(&self, ms: i64) -> Sleep {
        let mut state = self.lock();
        state.timers_set += 1;
        let timer = (state.now_ms + ms, state.timers_set);
        Sleep { ground: self.clone(), timer }
    }
}

impl State {
    /// Whether something of this kind strikes now; if so, it is counted.
    pub fn strikes(&mut self, kind: Kind) -> bool {
        let rate = self.weather.rate(kind);
        let strikes = rate > 0 && self.dice.chance(rate);
        if strikes {
            self.struck(kind);
        }
        strikes
    }

    /// At most one of these kinds, drawn with one throw and counted.
    pub fn one_of(&mut self, kinds: &[Kind]) -> Option<Kind> {
        let mut left = u16::try_from(self.dice.below(1024)).unwrap();
        for kind in kinds {
            let rate = self.weather.rate(*kind);
            if left < rate {
                self.struck(*kind);
                return Some(*kind);
            }
            left -= rate;
        }
        None
    }

    /// Something of this kind struck.
    pub fn struck(&mut self, kind: Kind) {
        self.counts.add(kind);
        self.note(0x100 + kind as u64, || format!("!! {}", kind.name()));
    }

    /// Something happened.
    pub fn note(&mut self, what: u64, text: impl FnOnce() -> String) {
        self.trace.note(self.now_ms, what, text);
    }

    /// A number never given before.
    pub const fn ordinal(&mut self) -> u64 {
        self.ids_given += 1;
        self.ids_given
    }

    /// When the next sleeper wakes.
    pub fn next_timer(&self) -> Option<i64> {
        self.timers.keys().next().map(|(at, _)| *at)
    }

    /// Moves time forward and wakes whoever slept until then.
    pub fn advance_to(&mut self, at_ms: i64) {
        self.now_ms = self.now_ms.max(at_ms);
        let later = self.timers.split_off(&(self.now_ms + 1, 0));
        for sleeper in std::mem::replace(&mut self.timers, later).into_values() {
            sleeper.wake();
        }
    }
}

/// A sleep.
#[derive(Debug)]
pub struct Sleep {
    ground: Ground,
    timer: (i64, u64),
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.ground.lock();
        if state.now_ms >= self.timer.0 {
            return Poll::Ready(());
        }
        state.timers.insert(self.timer, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        self.ground.lock().timers.remove(&self.timer);
    }
}

/// A length of time in whole milliseconds.
pub fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}
