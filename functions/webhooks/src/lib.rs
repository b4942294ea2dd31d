//! HTTP: the providers' webhooks.
//!
//! Each is verified on its raw bytes before anything of it is read. An event is a hint to look at
//! the provider again, never the truth itself: it wakes a work or notes a call, once, and nothing
//! here calls a provider. A fault of ours is answered with 500, so that the provider repeats it.

mod config;
mod event;
mod fault;
mod hook;
mod not_assigned;
mod telnyx;
mod twilio;
mod vapi;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

pub use config::Config;
pub use hook::{Hook, HookAnswer, HookBody};
pub use not_assigned::NotAssigned;

use fault::{Fault, Rejection};
use runtime::{Deps, World};
use tracing::Instrument as _;

/// The largest body of a webhook, in bytes.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Who sends webhooks.
#[derive(Debug, Clone, Copy)]
enum Sender {
    Vapi,
    Telnyx,
    Twilio,
}

impl Sender {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Vapi => "vapi",
            Self::Telnyx => "telnyx",
            Self::Twilio => "twilio",
        }
    }
}

/// Handles one webhook.
pub async fn handle<W: World>(deps: &Deps<W>, config: &Config, hook: Hook) -> HookAnswer {
    let sender = match (hook.method.as_str(), hook.path.as_str()) {
        ("POST", "/webhooks/vapi") => Sender::Vapi,
        ("POST", "/webhooks/telnyx") => Sender::Telnyx,
        ("POST", "/webhooks/twilio") => Sender::Twilio,
        _other_route => return HookAnswer::error(404, "there is nothing here"),
    };
    let span = tracing::info_span!("webhook", provider = sender.as_str());
    let received = received(deps, config, sender, &hook).instrument(span.clone()).await;
    let _in_span = span.enter();
    received.unwrap_or_else(|fault| fault.answered(deps, sender))
}

async fn received<W: World>(
    deps: &Deps<W>,
    config: &Config,
    sender: Sender,
    hook: &Hook,
) -> Result<HookAnswer, Fault> {
    if hook.body.len() > BODY_BYTES_MAX {
        return Err(Fault::Rejected(Rejection::TooLarge));
    }
    match sender {
        Sender::Vapi => vapi::receive(deps, config, hook).await,
        Sender::Telnyx => telnyx::receive(deps, config, hook).await,
        Sender::Twilio => twilio::receive(deps, config, hook).await,
    }
}
