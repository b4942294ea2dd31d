//! The models: who wants what, what may go wrong, and what must happen somewhere.

use crate::before::Before;
use crate::bounds::{self, Bounds, LAG, LEASE};
use crate::scene::Scene;
use crate::table::Rules;
use crate::witness::{Witness as W, Witnesses};
use domain::source::Source;
use std::sync::Arc;

mod ends;
mod pool;
mod sweeper;

/// How much may go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As much as the report is about.
    Whole,
    /// Little, for tests.
    Small,
}

impl Size {
    fn of(self, small: Bounds, whole: Bounds) -> Bounds {
        match self {
            Self::Small => small,
            Self::Whole => whole,
        }
    }
}

/// All models.
pub(crate) fn all(size: Size) -> Vec<Scene> {
    // The quickest first: who stops at the first violation does not wait for the others.
    vec![
        sweeper::adoption(size),
        sweeper::provisioning_and_sweeper(size),
        pool::release_and_claim(size),
        pool::release_and_quarantine(size),
        pool::two_and_one_of_the_pool(size),
        three_at_nine_of_ten(size),
        retry_and_late_answer(size),
        poller_and_webhook(size),
        two_and_one(size),
        cancel_and_purchase(size),
        three_and_two(size),
    ]
}

/// A world in which one work wants a number from Telnyx and its assistant is there.
fn scene(name: &'static str, bounds: Bounds) -> Scene {
    Scene {
        name,
        before: Before::Nothing,
        jobs: 1,
        sources: &[Source::Telnyx],
        lines: 1,
        free_numbers: 0,
        free_taken: 0,
        purchases: 9,
        assistants: true,
        mail: false,
        webhooks: false,
        bounds,
        lease: LEASE,
        rest_days: 30,
        lag: LAG,
        rules: Rules::Real,
        limits: bounds::limits(0),
        sometimes: Vec::new(),
        witnesses: Arc::default(),
    }
}

fn wanting(witnesses: &[W]) -> Arc<Witnesses> {
    Arc::new(Witnesses::wanting(witnesses))
}

/// Both want the one number Telnyx has for sale.
fn two_and_one(size: Size) -> Scene {
    let small = Bounds { crashes: 1, lost_answers: 1, lags: 1, ..Bounds::NONE };
    let whole = Bounds { stalls: 1, ..small };
    Scene {
        jobs: 2,
        sometimes: vec![
            ("one is ready, the other waits for a person", ends::one_of_two),
            ("what a dead holder sent arrives after its death", ends::late_of_nobody),
        ],
        witnesses: wanting(&[
            W::AnswerLost,
            W::OrderFoundAgain,
            W::OrderRepeated,
            W::CreateArrivedLate,
            W::TookOver,
            W::DigitsLost,
        ]),
        ..scene("two provisionings, one number", size.of(small, whole))
    }
}

/// Three want the two numbers there are, and there is money for two.
fn three_and_two(size: Size) -> Scene {
    let small = Bounds::NONE;
    let whole = Bounds { crashes: 1, ..small };
    let mut witnesses = vec![W::DigitsLost];
    if size == Size::Whole {
        witnesses.extend([W::CapReached, W::TookOver]);
    }
    Scene {
        jobs: if size == Size::Small { 2 } else { 3 },
        lines: 2,
        purchases: 2,
        sometimes: vec![("two are ready", ends::two_ready)],
        witnesses: wanting(&witnesses),
        ..scene("three provisionings, two numbers", size.of(small, whole))
    }
}

/// One work, its messages and webhooks: lost, late, twice or never; holders die.
fn poller_and_webhook(size: Size) -> Scene {
    let small = Bounds { crashes: 1, duplicates: 1, pending_orders: 1, ..Bounds::NONE };
    let whole = Bounds { lost_answers: 2, lags: 1, meddlings: 1, ..small };
    let mut witnesses = vec![
        W::CameInVain,
        W::WokenByPoller,
        W::WokenByWebhook,
        W::WebhookHeardTwice,
        W::TookOver,
        W::OrderFailed,
        W::InboxHadMoved,
    ];
    if size == Size::Whole {
        witnesses.extend([
            W::AnswerLost,
            W::FoundAgain,
            W::OrderFoundAgain,
            W::CreateRepeated,
            W::OrderRepeated,
            W::LinkRepaired,
            W::RouteRepaired,
        ]);
    }
    Scene {
        assistants: false,
        mail: true,
        webhooks: true,
        sometimes: vec![
            ("it is ready", ends::ready),
            ("an order does not settle and waits for a person", ends::order_stuck),
        ],
        witnesses: wanting(&witnesses),
        ..scene("a provisioning with poller and webhook", size.of(small, whole))
    }
}

/// A cancel at any moment of a purchase, also after a retry.
fn cancel_and_purchase(size: Size) -> Scene {
    let small = Bounds { lost_answers: 1, cancels: 1, pending_orders: 1, ..Bounds::NONE };
    let whole = Bounds {
        crashes: 1,
        cancels: 2,
        retries: 1,
        lags: 1,
        interrupts: 1,
        failed_calls: 1,
        ..small
    };
    Scene {
        sometimes: vec![
            ("it is ready although a cancel was asked", ends::ready),
            ("it is called off before anything is bought", ends::cancelled_without),
            ("it is called off and the number rests", ends::cancelled_with),
            ("it is called off while its order is pending", ends::cancelling_pending),
        ],
        witnesses: wanting(&[
            W::InboxHadMoved,
            W::CancelHeardBeforeCreate,
            W::CancelHeardAfterPurchase,
            W::AbsenceBelieved,
        ]),
        ..scene("cancel against purchase", size.of(small, whole))
    }
}

/// Answers of creates are lost, absence is believed or a person is asked, and a retry comes while
/// what was sent may still arrive: for a free number, and at Telnyx when there is none.
fn retry_and_late_answer(size: Size) -> Scene {
    let small = Bounds { lost_answers: 1, refusals: 2, retries: 1, lags: 1, ..Bounds::NONE };
    let whole =
        Bounds { lost_answers: 2, retries: 2, crashes: 1, failed_calls: 1, outsiders: 1, ..small };
    let mut witnesses = vec![
        W::AnswerLost,
        W::FoundAgain,
        W::OrderFoundAgain,
        W::CreateRepeated,
        W::OrderRepeated,
        W::CreateArrivedLate,
        W::RetriedWhileLate,
    ];
    if size == Size::Whole {
        witnesses.extend([W::TookOver, W::TakenByOthers]);
    }
    Scene {
        sources: &[Source::VapiFree, Source::Telnyx],
        free_numbers: 2,
        limits: bounds::limits(2),
        sometimes: vec![
            ("it is ready after a retry", ends::ready_after_retry),
            ("a person is asked whether a free number exists", ends::free_unresolved),
            ("a person is asked whether an order exists", ends::order_unresolved),
            ("what was sent arrives after a person was asked", ends::late_for_person),
        ],
        witnesses: wanting(&witnesses),
        ..scene("retry against a late answer", size.of(small, whole))
    }
}

/// Three want the last free number of the allowance.
fn three_at_nine_of_ten(size: Size) -> Scene {
    let small = Bounds { lost_answers: 1, lags: 1, late_digits: 1, ..Bounds::NONE };
    let whole = Bounds { crashes: 1, refusals: 1, ..small };
    let mut witnesses =
        vec![W::SlotLost, W::AnswerLost, W::FoundAgain, W::CreateRepeated, W::CreateArrivedLate];
    if size == Size::Whole {
        witnesses.push(W::TookOver);
    }
    Scene {
        jobs: if size == Size::Small { 2 } else { 3 },
        sources: &[Source::VapiFree],
        lines: 0,
        free_numbers: 10,
        free_taken: 9,
        limits: bounds::limits(10),
        sometimes: vec![
            ("one is ready, all others wait for a person", ends::one_of_all),
            ("a number waits for its digits", ends::awaits_digits),
        ],
        witnesses: wanting(&witnesses),
        ..scene("three provisionings at 9 of 10", size.of(small, whole))
    }
}
