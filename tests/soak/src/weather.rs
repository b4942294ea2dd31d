//! What goes wrong at the providers, seldom but always: answers lost, errors before and after the
//! effect, answers beyond the deadline, webhooks late, twice or never, records missing for a while
//! after they were made.

use std::time::Duration;

use simulators::{Fault, FaultScript, Provider, Providers, Refusal, SharedProviders, WebhookMode};
use tokio::time::sleep;

use crate::dice::Dice;
use crate::figures::Counting;

/// The mean time between two faults.
const FAULT_EVERY: Duration = Duration::from_millis(400);
/// Faults that may wait for a request of their kind.
const WAITING_MAX: usize = 6;
/// So many of a hundred faults come with another habit of the providers.
const HABITS_PERCENT: u64 = 20;
/// Beyond the deadline of a call, and beyond the life of an invocation.
const DELAYS_MS: [u64; 2] = [1_300, 4_000];

const LINES: [(Provider, &str, &str); 15] = [
    (Provider::Vapi, "POST", "/assistant"),
    (Provider::Vapi, "GET", "/assistant"),
    (Provider::Vapi, "POST", "/phone-number"),
    (Provider::Vapi, "POST", "/phone-number"),
    (Provider::Vapi, "GET", "/v2/phone-number"),
    (Provider::Vapi, "GET", "/phone-number/{id}"),
    (Provider::Vapi, "PATCH", "/phone-number/{id}"),
    (Provider::Vapi, "GET", "/credential"),
    (Provider::Telnyx, "GET", "/available_phone_numbers"),
    (Provider::Telnyx, "POST", "/number_orders"),
    (Provider::Telnyx, "POST", "/number_orders"),
    (Provider::Telnyx, "GET", "/number_orders"),
    (Provider::Telnyx, "GET", "/number_orders/{id}"),
    (Provider::Telnyx, "GET", "/phone_numbers"),
    (Provider::Telnyx, "GET", "/phone_numbers/{id}"),
];

/// Lets things go wrong, until it is dropped.
pub(crate) async fn run(providers: SharedProviders, mut dice: Dice, counting: Counting) {
    let mut scripted = 0;
    loop {
        sleep(dice.wait(FAULT_EVERY)).await;
        let waiting = providers.with(|all| all.faults().count());
        counting.with(|figures| figures.faults = scripted - count(waiting));
        if waiting < WAITING_MAX
            && let Some(&(provider, method, path)) = dice.pick(&LINES)
        {
            let fault = fault(&mut dice, method, path);
            let script = FaultScript::once(provider, method, path, fault);
            providers.with(|all| all.add_fault(script));
            scripted += 1;
        }
        if dice.chance(HABITS_PERCENT) {
            let (webhooks, lag_ms) = (webhooks(&mut dice), lag(&mut dice));
            providers.with(|all| habits(all, webhooks, lag_ms));
        }
    }
}

/// The faults stop.
pub(crate) fn calm(providers: &SharedProviders) {
    providers.with(|all| {
        all.clear_faults();
        habits(all, WebhookMode::Normal, 0);
    });
}

/// How webhooks are delivered, and how long what was made is missing from lists.
fn habits(all: &mut Providers, webhooks: WebhookMode, lag_ms: i64) {
    all.telnyx.options.webhooks = webhooks;
    all.telnyx.options.order_visible_after_ms = lag_ms;
    all.vapi.options.list_lag_ms = lag_ms;
}

fn count(faults: usize) -> u64 {
    u64::try_from(faults).unwrap_or(u64::MAX)
}

fn fault(dice: &mut Dice, method: &str, path: &str) -> Fault {
    let status = |status, retry_after_seconds| Fault::Status {
        status,
        retry_after_seconds,
        reset_seconds: None,
        text: None,
    };
    let ordering = method == "POST" && path == "/number_orders";
    match dice.roll(12) {
        0..=2 => Fault::AnswerLost,
        3 => Fault::Reset,
        4 => Fault::StatusAfter { status: 500 },
        5 => Fault::GarbledAfter,
        6 => status(429, None),
        7 => status(429, Some(1)),
        8 => Fault::Delay { ms: dice.pick(&DELAYS_MS).copied().unwrap_or(1_300) },
        9 if ordering => Fault::OrderFails,
        10 if ordering => Fault::Refuse { reason: Refusal::Taken },
        _ => status(503, None),
    }
}

/// Shorter than the time an uncertain creation must stay absent, longer than the first look.
fn lag(dice: &mut Dice) -> i64 {
    dice.pick(&[0, 1_000, 3_000]).copied().unwrap_or(0)
}

fn webhooks(dice: &mut Dice) -> WebhookMode {
    match dice.roll(6) {
        0 => WebhookMode::Never,
        1 => WebhookMode::Twice,
        2 => WebhookMode::Late { ms: 2_000 },
        3 => WebhookMode::OutOfOrder { ms: 1_500 },
        4 => WebhookMode::BeforeAnswer,
        _ => WebhookMode::Normal,
    }
}
