//! Nothing this crate hands out prints a key or a whole number.

use crate::testing::{
    DIGITS, KEY, NUMBER_ID, client, digits, number_id, order_id, refused, settings, stamp,
};
use domain::telnyx::OrderSpec;
use exchange::scripted::{Scripted, answer};
use serde_json::json;

#[track_caller]
fn is_clean(printed: &str) {
    for planted in [KEY, DIGITS, "4155550123"] {
        assert!(!printed.contains(planted), "{planted} in {printed}");
    }
}

#[tokio::test]
async fn debug_shows_neither_keys_nor_numbers() {
    let owned = json!({ "id": NUMBER_ID, "phone_number": DIGITS, "status": "active" });
    let exchange = Scripted::new([
        refused(400, "1", &format!("{KEY} may not have {DIGITS} or (415) 555-0123")),
        answer(200, json!({ "data": owned })),
    ]);
    let telnyx = client(&exchange);
    let spec = OrderSpec { stamp: stamp(), digits: digits(), connection: None };
    let refused = telnyx.place_order(&spec).await;
    let done = telnyx.read_owned(&number_id()).await;
    is_clean(&format!("{telnyx:?} {:?} {spec:?} {done:?} {refused:?}", settings()));
    is_clean(&format!("{exchange:?} {:?}", exchange.requests()));
}

#[test]
fn every_call_can_be_awaited_on_any_thread() {
    fn sendable(_future: impl Send) {}
    let exchange = Scripted::new([]);
    let telnyx = client(&exchange);
    sendable(telnyx.find_order(&stamp(), &digits()));
    sendable(telnyx.find_owned(&digits()));
    sendable(telnyx.find_vapi_application());
    sendable(telnyx.read_order(&order_id()));
    sendable(telnyx.delete_number(&number_id()));
    sendable(telnyx.balance());
}
