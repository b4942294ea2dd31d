//! What is bounded, so that a space is finite, and how long things take.
//!
//! All bounds stand here. What may go wrong goes wrong at every place it can, as often as the
//! bounds of a model say, and the whole of that space is looked at.

use domain::ids::Fresh;
use domain::ledger::Caps;
use domain::money::Cents;
use domain::time::Timestamp;
use domain::work::Limits;
use serde::Serialize;
use std::time::Duration;

/// 2026-11-20T00:00:00Z: no model reaches another day, in which other ledgers count.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_795_132_800_000);
/// The invocation that starts the works; those of holders are told apart by work and number.
pub(crate) const STARTING: Fresh = Fresh(u128::MAX);
/// How long a lease lasts: an invocation and the margin.
pub(crate) const LEASE: Duration = Duration::from_secs(90);
/// The same where the last moments of an invocation matter: what its holder sent may still take
/// effect when the lease is over.
pub(crate) const SHORT_LEASE: Duration = Duration::from_secs(30);
/// The deadline of one provider call; a create that has not arrived by then never does.
pub(crate) const CALL: Duration = Duration::from_secs(10);
/// How long look-ups go on before absence is believed.
pub(crate) const LOOKUP_WINDOW: Duration = Duration::from_secs(120);
/// How long after a call's deadline what it made may remain unseen: as long as the product allows
/// for (`Limits::lag`).
pub(crate) const LAG: Duration = Duration::from_secs(60);
/// What rests are counted in.
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long the poller leaves what is due to its message.
pub(crate) const OVERDUE: Duration = Duration::from_secs(30);
/// When the digits of a free number come that does not have them at once.
pub(crate) const DIGITS_AFTER: Duration = Duration::from_secs(4);
/// Longer than any model lasts in which it matters.
pub(crate) const FAR_AWAY: Duration = Duration::from_secs(3600);

/// What a number costs once.
pub(crate) const PRICE_UPFRONT: Cents = Cents::new(100);
/// What a number costs a month.
pub(crate) const PRICE_MONTHLY: Cents = Cents::new(100);

/// How often what may go wrong does, over a whole run; and what people and others may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Bounds {
    /// Holders that die.
    pub crashes: u8,
    /// Holders that freeze before a write and come back when their lease may be over.
    pub stalls: u8,
    /// Invocations whose time is up before a call.
    pub interrupts: u8,
    /// Answers that are lost; the request arrives before its deadline, or never.
    pub lost_answers: u8,
    /// Calls that certainly fail and may succeed later.
    pub failed_calls: u8,
    /// Calls that are refused for a reason of the provider's.
    pub refusals: u8,
    /// Creates that no look-up shows for as long as that may be.
    pub lags: u8,
    /// Messages and webhooks that come once more, and findings that two runs mend side by side.
    pub duplicates: u8,
    /// Numbers that somebody outside buys.
    pub outsiders: u8,
    /// Free numbers whose digits come late.
    pub late_digits: u8,
    /// Orders that settle after they were answered, well or not.
    pub pending_orders: u8,
    /// Links and routes that somebody outside changes.
    pub meddlings: u8,
    /// Times somebody asks to call a work off.
    pub cancels: u8,
    /// Times somebody asks to try again.
    pub retries: u8,
    /// Links and unlinks that arrive after their sender died or stopped listening.
    pub late_links: u8,
    /// Times a business gives its number up.
    pub releases: u8,
    /// Times it asks to have the number back.
    pub undos: u8,
    /// Calls of a number that somebody answers.
    pub rings: u8,
    /// Sweeps that find something.
    pub sweeps: u8,
    /// Comparisons with VAPI's list that find something.
    pub comparisons: u8,
}

impl Bounds {
    /// Nothing goes wrong, and nobody asks anything.
    pub const NONE: Self = Self {
        crashes: 0,
        stalls: 0,
        interrupts: 0,
        lost_answers: 0,
        failed_calls: 0,
        refusals: 0,
        lags: 0,
        duplicates: 0,
        outsiders: 0,
        late_digits: 0,
        pending_orders: 0,
        meddlings: 0,
        cancels: 0,
        retries: 0,
        late_links: 0,
        releases: 0,
        undos: 0,
        rings: 0,
        sweeps: 0,
        comparisons: 0,
    };
}

/// The state machine's limits as the models set them: the same rules, with fewer rounds of the same.
pub(crate) fn limits(free_numbers: u16) -> Limits {
    Limits {
        free_numbers,
        free_closed: FAR_AWAY,
        lookups: 2,
        repeats: 1,
        lookup_window: LOOKUP_WINDOW,
        call_deadline: CALL,
        digits_late: Duration::from_secs(5),
        digits_give_up: Duration::from_secs(8),
        order_give_up: Duration::from_secs(3),
        lag: LAG,
        import_patience: Duration::from_secs(5),
        tries: 1,
        updates: 1,
        taken: 2,
        repairs: 1,
        degraded_checks: 1,
        removals: 1,
        // No number's last link is so old in any model.
        calls_remembered: 30 * DAY,
    }
}

/// Caps that leave room for so many purchases.
pub(crate) fn caps(purchases: u8) -> Caps {
    let room = Cents::new(PRICE_UPFRONT.plus(PRICE_MONTHLY).get() * i64::from(purchases));
    Caps { organization_day: room, ..Caps::default() }
}
