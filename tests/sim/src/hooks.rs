//! Webhooks on their way: early, late, twice, never, forged.

use crate::ground::State;
use crate::kinds::Kind;
use simulators::{Delivery, Provider};

/// When Telnyx sends a webhook again that was not taken, in milliseconds.
const AGAIN_MS: i64 = 30_000;

/// The webhooks to be delivered now, and whether they are forged.
pub(crate) fn webhooks(state: &mut State) -> Vec<(Delivery, bool)> {
    let now_ms = state.now_ms;
    let mut now = Vec::new();
    while let Some(held) = state.sky.take_held(now_ms) {
        now.push((held, false));
    }
    for delivery in state.sky.take_sent(now_ms) {
        if state.strikes(Kind::WebhookForged) {
            now.push((forged(&delivery), true));
        }
        if state.sky.providers.telnyx.options.webhooks == simulators::WebhookMode::BeforeAnswer {
            state.struck(Kind::WebhookEarly);
        }
        match state.one_of(&[Kind::WebhookNever, Kind::WebhookLate, Kind::WebhookTwice]) {
            Some(Kind::WebhookNever) => continue,
            Some(Kind::WebhookLate) => {
                let late = i64::try_from(state.dice.between(1_000, 280_000)).unwrap();
                state.sky.hold(now_ms + late, delivery);
                continue;
            }
            Some(Kind::WebhookTwice) => {
                let later = state.dice.pick(&[0, 100, 15_000]);
                state.sky.hold(now_ms + later, delivery.clone());
            }
            Some(_) | None => {}
        }
        now.push((delivery, false));
    }
    now
}

/// A webhook that was not answered, or badly, is sent again.
pub(crate) fn not_taken(state: &mut State, delivery: &Delivery) {
    let now_ms = state.now_ms;
    if let Some(again) = state.sky.providers.retry_webhook(now_ms, delivery) {
        state.sky.hold(now_ms + AGAIN_MS, again);
    }
}

/// The same without what proves who sent it: VAPI shows a secret, the others sign the body.
fn forged(delivery: &Delivery) -> Delivery {
    let mut forged = delivery.clone();
    match delivery.provider {
        Provider::Vapi => forged.headers.values_mut().for_each(|value| value.push('x')),
        Provider::Telnyx | Provider::Twilio => {
            if let Some(byte) = forged.body.last_mut() {
                *byte ^= 1;
            }
        }
    }
    forged
}
