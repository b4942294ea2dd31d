//! VAPI: known by a secret header; asks who answers a number, and tells of calls.
//!
//! A caller is on the line while VAPI asks, and it waits 7.5 s: that path is one read, or three where
//! nobody answers, and no call to any provider. When the read fails the answer is 500 and not the not-assigned text, which
//! would be wrong for a number that is assigned: VAPI then does what the number says for a failed
//! server.

mod message;
mod secret;

use crate::config::Config;
use crate::fault::{Fault, Rejection};
use crate::hook::{Hook, HookAnswer};
use crate::not_assigned;
use domain::ids::VapiNumberId;
use message::{CallEvent, News};
use planted::planted;
use runtime::{Deps, SecretError, World};
use secrecy::ExposeSecret as _;
use serde_json::json;
use store::{EventId, Heard};

/// Handles a webhook of VAPI.
pub(crate) async fn receive<W: World>(
    deps: &Deps<W>,
    config: &Config,
    hook: &Hook,
) -> Result<HookAnswer, Fault> {
    let id = &deps.providers.vapi_secret_id;
    let mut verified = check(deps, hook).await?;
    if verified.is_err_and(|rejection| rejection.forgets(&deps.secrets, id, deps.now())) {
        verified = check(deps, hook).await?;
    }
    if !planted!(ForgedWebhookHeard) {
        verified?;
    }
    match message::read(&hook.body)? {
        News::AssistantAsked { number } => answering(deps, config, number).await,
        News::Call(call) => {
            noted(deps, &call).await?;
            Ok(HookAnswer::heard())
        }
        News::Other => Ok(HookAnswer::heard()),
    }
}

async fn check<W: World>(
    deps: &Deps<W>,
    hook: &Hook,
) -> Result<Result<(), Rejection>, SecretError> {
    let id = &deps.providers.vapi_secret_id;
    let secret = deps.secrets.vapi(&deps.secret_source, deps.clock.as_ref(), id).await?;
    Ok(match secret {
        Some(secret) => secret::verify(hook, secret.webhook_secret.expose_secret()),
        None => Err(Rejection::NotConfigured),
    })
}

/// VAPI asks only for a number without a link: for an assigned one it lost ours, and the answer
/// makes up for it.
async fn answering<W: World>(
    deps: &Deps<W>,
    config: &Config,
    number: Option<VapiNumberId>,
) -> Result<HookAnswer, Fault> {
    let known = match number {
        Some(number) => deps.store.answering(&number).await?,
        None => None,
    };
    let number = known.as_ref().map(|known| known.number);
    let Some(assistant) = known.and_then(|known| known.assistant) else {
        tracing::info!(
            number.id = number.map(tracing::field::display),
            "a call to a number nobody answers"
        );
        let row = match number {
            Some(number) => deps.store.number(number).await.ok().flatten(),
            None => None,
        };
        let language = not_assigned::language(deps, row.as_ref()).await;
        // VAPI speaks the text of an `error`.
        return Ok(HookAnswer::error(200, config.not_assigned.text(language).text));
    };
    tracing::warn!(
        number.id = number.map(tracing::field::display),
        "VAPI lost a number's link to its assistant"
    );
    deps.metrics.count(deps.now(), "LinkHealed", None);
    Ok(HookAnswer::json(200, json!({ "assistantId": assistant.as_str() })))
}

async fn noted<W: World>(deps: &Deps<W>, call: &CallEvent) -> Result<(), Fault> {
    let Some(known) = deps.store.answering(&call.number).await? else {
        tracing::debug!("a call of a number that is not ours");
        return Ok(());
    };
    let event = EventId { provider: "vapi", id: &call.event };
    let (now, marks) = (deps.now(), deps.marks());
    match deps.store.call_once(event, known.number, call.news, now, &marks).await? {
        Heard::New => tracing::info!(number.id = %known.number, "a call was noted"),
        Heard::Nothing => tracing::debug!(number.id = %known.number, "heard before"),
    }
    Ok(())
}
