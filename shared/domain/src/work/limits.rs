//! The limits the state machine keeps, each with its unit and default.

use crate::time::Timestamp;
use std::time::Duration;

/// Limits and waits. All have names and units; none is hidden in a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Free numbers VAPI allows the account. Default 10.
    pub free_numbers: u16,
    /// How long the free numbers stay closed after VAPI refused for its limit. Default 24 h.
    pub free_closed: Duration,
    /// Look-ups that must find nothing before absence is believed. Default 3.
    pub lookups: u8,
    /// The time they must span. Default 120 s.
    pub lookup_window: Duration,
    /// How often a create is sent again after believed absence, before a person is asked. Default
    /// 2: whoever was to send it may die before it did, and so may the one after.
    pub repeats: u8,
    /// The deadline of one provider call. Default 10 s.
    pub call_deadline: Duration,
    /// When missing digits are late. Default 10 min.
    pub digits_late: Duration,
    /// When missing digits need a person. Default 24 h.
    pub digits_give_up: Duration,
    /// When an order that has not settled needs a person. Default 24 h.
    pub order_give_up: Duration,
    /// How long a record may lag its creation at a provider. Default 60 s.
    pub lag: Duration,
    /// How long an import may be refused because the order has not settled. Default 150 s.
    pub import_patience: Duration,
    /// Calls that may certainly fail in one phase before it gives up. Default 12.
    pub tries: u16,
    /// Tries of an update of the assistant. Default 100, about eight hours.
    pub updates: u16,
    /// Numbers that may be sold to others before the source is passed over. Default 8.
    pub taken: u16,
    /// Repairs of a link, and of a route, before they are given up. Default 3.
    pub repairs: u8,
    /// Checks of a degraded line it makes by itself. Default 30.
    pub degraded_checks: u16,
    /// How often a number is asked to be removed at one place before a person is asked. Default 6.
    pub removals: u8,
    /// How long VAPI remembers calls: for so long after a link its list tells whether anybody
    /// called. Default 14 days.
    pub calls_remembered: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            free_numbers: 10,
            free_closed: Duration::from_secs(24 * 3600),
            lookups: 3,
            lookup_window: Duration::from_secs(120),
            repeats: 2,
            call_deadline: Duration::from_secs(10),
            digits_late: Duration::from_secs(600),
            digits_give_up: Duration::from_secs(24 * 3600),
            order_give_up: Duration::from_secs(24 * 3600),
            lag: Duration::from_secs(60),
            import_patience: Duration::from_secs(150),
            tries: 12,
            updates: 100,
            taken: 8,
            repairs: 3,
            degraded_checks: 30,
            removals: 6,
            calls_remembered: Duration::from_secs(14 * 24 * 3600),
        }
    }
}

/// When digits are asked for by id, counted from the creation.
const DIGITS_CHECKS_SECONDS: [u64; 6] = [2, 3, 5, 8, 13, 20];
/// How often a number whose digits are late is still read by id.
const DIGITS_LATE_CHECK: Duration = Duration::from_secs(3600);
/// Waits between the first checks of an order.
const ORDER_CHECKS_SECONDS: [u64; 6] = [1, 2, 4, 8, 15, 30];
/// Wait between later checks of an order.
const ORDER_CHECK_LATER: Duration = Duration::from_secs(60);
/// Wait between checks of an order that has been pending for long.
const ORDER_CHECK_MUCH_LATER: Duration = Duration::from_secs(900);
/// Checks of an order after which they become rare.
const ORDER_CHECKS_OFTEN: u16 = 20;
/// Waits after failed calls: 1, 2, 4 … seconds, at most this.
const BACKOFF_MAX: Duration = Duration::from_secs(300);
/// Waits between checks of a degraded line, in minutes; the last one repeats.
const DEGRADED_CHECKS_MINUTES: [u64; 4] = [1, 5, 15, 60];

impl Limits {
    /// When the digits are next read by id, and whether the shared watch is to look meanwhile.
    pub(crate) fn digits_check(&self, since: Timestamp, now: Timestamp) -> (Timestamp, bool) {
        let early = DIGITS_CHECKS_SECONDS
            .into_iter()
            .map(|seconds| since.after(Duration::from_secs(seconds)))
            .find(|check| *check > now);
        match early {
            Some(check) => (check, false),
            None if now < since.after(self.digits_late) => (since.after(self.digits_late), true),
            None => {
                let give_up = since.after(self.digits_give_up);
                let hourly = now.after(DIGITS_LATE_CHECK);
                (if now < give_up { hourly.min(give_up) } else { hourly }, true)
            }
        }
    }

    /// When an order is next checked, after so many checks.
    pub(crate) fn order_check(&self, checks: u16, now: Timestamp) -> Timestamp {
        let wait = match ORDER_CHECKS_SECONDS.get(usize::from(checks)) {
            Some(seconds) => Duration::from_secs(*seconds),
            None if checks < ORDER_CHECKS_OFTEN => ORDER_CHECK_LATER,
            None => ORDER_CHECK_MUCH_LATER,
        };
        now.after(wait)
    }

    /// When a call that certainly failed is tried again: what the provider asked for, at least an
    /// exponential wait with up to a quarter of jitter.
    pub(crate) fn backoff(
        tries: u16,
        asked: Option<Duration>,
        entropy: u64,
        now: Timestamp,
    ) -> Timestamp {
        let base = Duration::from_secs(1_u64 << u32::from(tries.min(9))).min(BACKOFF_MAX);
        let quarter = u64::try_from(base.as_millis()).unwrap_or(u64::MAX) / 4;
        let jitter = Duration::from_millis(entropy.checked_rem(quarter.max(1)).unwrap_or(0));
        let longest = Duration::from_secs(3600);
        now.after(base.saturating_add(jitter).max(asked.unwrap_or_default().min(longest)))
    }

    /// When a degraded line is next checked by itself, or `None` when that is over.
    pub(crate) fn degraded_check(&self, checks: u16, now: Timestamp) -> Option<Timestamp> {
        if checks >= self.degraded_checks {
            return None;
        }
        let last = DEGRADED_CHECKS_MINUTES.len().saturating_sub(1);
        let minutes = DEGRADED_CHECKS_MINUTES.get(usize::from(checks).min(last)).copied();
        Some(now.after(Duration::from_secs(minutes.unwrap_or(60) * 60)))
    }

    /// The wait between two look-ups.
    pub(crate) fn lookup_spacing(&self) -> Duration {
        self.lookup_window / u32::from(self.lookups.saturating_sub(1).max(1))
    }
}
