//! Telnyx: signed with Ed25519; an order that was worked off wakes the work that placed it.

mod port_out;
mod signature;

use crate::config::Config;
use crate::event;
use crate::fault::{Fault, Rejection};
use crate::hook::{Hook, HookAnswer};
use domain::ids::{Stamp, WorkId};
use planted::planted;
use port_out::Asked;
use runtime::{Deps, Message, SecretError, World};
use serde_json::Value;
use std::time::Duration;
use store::{EventId, Heard};

/// Handles a webhook of Telnyx.
pub(crate) async fn receive<W: World>(
    deps: &Deps<W>,
    config: &Config,
    hook: &Hook,
) -> Result<HookAnswer, Fault> {
    let id = &deps.providers.telnyx_secret_id;
    let mut verified = check(deps, config, hook).await?;
    if verified.is_err_and(|rejection| rejection.forgets(&deps.secrets, id, deps.now())) {
        verified = check(deps, config, hook).await?;
    }
    if !planted!(ForgedWebhookHeard) {
        verified?;
    }
    match read(&hook.body)? {
        News::OrderEnded { event, work } => wake(deps, &event, work).await?,
        News::PortOut(asked) => port_out::hear(deps, &asked).await?,
        News::Foreign => tracing::info!("an order that carries no stamp of ours"),
        News::Other => tracing::debug!("an event that is not listened to"),
    }
    Ok(HookAnswer::heard())
}

async fn check<W: World>(
    deps: &Deps<W>,
    config: &Config,
    hook: &Hook,
) -> Result<Result<(), Rejection>, SecretError> {
    let id = &deps.providers.telnyx_secret_id;
    let secret = deps.secrets.telnyx(&deps.secret_source, deps.clock.as_ref(), id).await?;
    Ok(match secret {
        Some(secret) => signature::verify(hook, &secret.public_key, deps.now(), config.tolerance),
        None => Err(Rejection::NotConfigured),
    })
}

/// A stamp of another deployment that shares the account names a work we do not have: the table
/// refuses it, and nobody is woken.
async fn wake<W: World>(deps: &Deps<W>, event: &str, work: WorkId) -> Result<(), Fault> {
    let event = EventId { provider: "telnyx", id: event };
    let now = deps.now();
    match deps.store.wake_once(event, work, now, &deps.marks()).await? {
        Heard::New => {
            tracing::info!(work.id = %work, "the order was worked off; waking its work");
            deps.send(&Message::work(work, now), Duration::ZERO).await;
        }
        Heard::Nothing => {
            tracing::info!(work.id = %work, "heard before, or about no work of ours");
        }
    }
    Ok(())
}

/// What an event tells us.
#[derive(Debug, PartialEq, Eq)]
enum News {
    /// An order of ours was worked off, well or not.
    OrderEnded {
        /// The event's id.
        event: String,
        /// The work that placed the order.
        work: WorkId,
    },
    /// Somebody asks to take numbers of the account to another carrier.
    PortOut(Asked),
    /// An order that is not ours was worked off.
    Foreign,
    /// Nothing of interest.
    Other,
}

/// Reads no more than it needs: whatever else Telnyx adds or leaves out does no harm.
fn read(body: &[u8]) -> Result<News, Fault> {
    let envelope: Value = serde_json::from_slice(body).map_err(|_invalid| Fault::Unreadable)?;
    let text = |pointer: &str| envelope.pointer(pointer).and_then(Value::as_str);
    let kind = text("/data/event_type").unwrap_or_default();
    let event =
        || text("/data/id").and_then(event::given).unwrap_or_else(|| event::made_of(&[body]));
    if kind == "portout.status_changed" {
        return Ok(News::PortOut(Asked::read(&envelope, event())));
    }
    if kind != "number_order.complete" {
        return Ok(News::Other);
    }
    let stamp = text("/data/payload/customer_reference").and_then(Stamp::parse);
    Ok(stamp.map_or(News::Foreign, |(_deployment, work, _attempt)| News::OrderEnded {
        event: event(),
        work,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const STAMP: &str = "ABCDEFGH-01KA0000000000000000000000-1";

    fn read_json(body: &Value) -> Result<News, Fault> {
        read(body.to_string().as_bytes())
    }

    #[test]
    fn an_order_names_its_event_and_its_work() {
        let mut body = json!({ "data": {
            "event_type": "number_order.complete", "id": "e-1", "new": [1],
            "payload": { "customer_reference": STAMP, "status": "failure" },
        }});
        let work = "01KA0000000000000000000000".parse().unwrap();
        let News::OrderEnded { event, work: named } = read_json(&body).unwrap() else {
            panic!("an order was expected");
        };
        assert_eq!((event.as_str(), named), ("e-1", work));
        // Without an id of its own the event is known by its bytes.
        for id in [Value::Null, json!(7), json!("")] {
            body["data"]["id"] = id;
            let News::OrderEnded { event, .. } = read_json(&body).unwrap() else {
                panic!("an order was expected");
            };
            assert_eq!(event, event::made_of(&[body.to_string().as_bytes()]));
        }
    }

    #[test]
    fn what_is_not_for_us_is_told_apart() {
        let of = |kind: Value, reference: Value| {
            let payload = json!({ "customer_reference": reference });
            read_json(&json!({ "data": { "event_type": kind, "id": "e", "payload": payload } }))
        };
        let complete = json!("number_order.complete");
        assert_eq!(of(complete.clone(), json!("prov_01TEST")).unwrap(), News::Foreign);
        assert_eq!(of(complete, Value::Null).unwrap(), News::Foreign);
        assert_eq!(of(json!("portout.new_comment"), Value::Null).unwrap(), News::Other);
        assert_eq!(of(json!("call.initiated"), json!(STAMP)).unwrap(), News::Other);
        assert_eq!(of(json!(3), json!(STAMP)).unwrap(), News::Other);
        for body in [json!(null), json!([]), json!({}), json!({ "data": 1 })] {
            assert_eq!(read_json(&body).unwrap(), News::Other, "{body}");
        }
    }

    #[test]
    fn what_is_no_json_is_unreadable() {
        for body in [b"".as_slice(), b"{", b"\xff"] {
            assert!(matches!(read(body), Err(Fault::Unreadable)));
        }
    }
}
