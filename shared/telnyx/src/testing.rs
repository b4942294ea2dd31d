//! What the tests of this crate share: a client over scripted answers, and fixed ids.

use crate::{TelnyxClient, TelnyxSettings};
use domain::ids::{ConnectionId, Stamp, TelnyxNumberId, TelnyxOrderId};
use domain::outcome::Outcome;
use domain::phone::E164;
use exchange::scripted::{Scripted, answer};
use exchange::{ExchangeError, Response};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const KEY: &str = "KEY-planted";
pub(crate) const STAMP: &str = "ABCDEFGH-01KA0000000000000000000000-1";
pub(crate) const DIGITS: &str = "+14155550123";
pub(crate) const ORDER_ID: &str = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
pub(crate) const NUMBER_ID: &str = "1293384261075731499";
pub(crate) const CONNECTION_ID: &str = "2840000000000000001";

pub(crate) type Answer = Result<Response, ExchangeError>;

pub(crate) fn settings() -> TelnyxSettings {
    TelnyxSettings {
        base_url: "https://telnyx.test/v2/".to_owned(),
        ..TelnyxSettings::new(SecretString::from(KEY), Duration::from_secs(10))
    }
}

pub(crate) fn client(exchange: &Scripted) -> TelnyxClient<&Scripted> {
    TelnyxClient::new(exchange, settings())
}

pub(crate) fn stamp() -> Stamp {
    Stamp::try_from(STAMP.to_owned()).unwrap()
}

pub(crate) fn digits() -> E164 {
    DIGITS.parse().unwrap()
}

pub(crate) fn order_id() -> TelnyxOrderId {
    ORDER_ID.parse().unwrap()
}

pub(crate) fn number_id() -> TelnyxNumberId {
    NUMBER_ID.parse().unwrap()
}

pub(crate) fn connection() -> ConnectionId {
    CONNECTION_ID.parse().unwrap()
}

pub(crate) fn transient<T, R>() -> Outcome<T, R> {
    Outcome::Transient { retry_after: None }
}

/// A list of one page.
pub(crate) fn list(data: Value) -> Answer {
    page(data, 1)
}

/// One page of a list of `total` pages.
pub(crate) fn page(data: Value, total: u32) -> Answer {
    answer(200, json!({ "data": data, "meta": { "total_pages": total } }))
}

/// A refusal with one error.
pub(crate) fn refused(status: u16, code: &str, detail: &str) -> Answer {
    answer(status, json!({ "errors": [{ "code": code, "title": "Title", "detail": detail }] }))
}

/// `changes` laid over `base`.
pub(crate) fn changed(mut base: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}
