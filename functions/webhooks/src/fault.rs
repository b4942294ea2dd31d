//! Why a webhook was not taken, and the one place that turns that into an answer.

use crate::Sender;
use crate::hook::HookAnswer;
use domain::time::Timestamp;
use runtime::secrets::Secrets;
use runtime::telemetry::chain;
use runtime::{Deps, SecretError, World};
use std::time::Duration;
use store::StoreError;

/// A secret younger than this is not read again because a webhook did not fit it.
const SECRET_REREAD_AFTER: Duration = Duration::from_secs(60);

/// Why a webhook proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("the body is too large")]
    TooLarge,
    #[error("the secret has no key to verify with")]
    NotConfigured,
    #[error("the key to verify with cannot be read")]
    KeyUnreadable,
    #[error("a header that proves the sender is missing")]
    ProofMissing,
    #[error("a header that proves the sender came twice")]
    ProofTwice,
    #[error("a header that proves the sender cannot be read")]
    ProofUnreadable,
    #[error("the time in the signature is too far from ours")]
    Stale,
    #[error("the signature or the secret is wrong")]
    Wrong,
}

impl Rejection {
    /// Whether a newer secret could change it.
    const fn depends_on_secret(self) -> bool {
        match self {
            Self::NotConfigured | Self::KeyUnreadable | Self::Wrong => true,
            Self::TooLarge
            | Self::ProofMissing
            | Self::ProofTwice
            | Self::ProofUnreadable
            | Self::Stale => false,
        }
    }

    /// Forgets the secret if it may have changed since it was read, and says whether it did: then
    /// the webhook deserves one more look.
    pub(crate) fn forgets(self, secrets: &Secrets, id: &str, now: Timestamp) -> bool {
        self.depends_on_secret() && secrets.forget_older(id, now, SECRET_REREAD_AFTER)
    }
}

/// Why a webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// It proves nothing; nothing was learned from it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It is the provider's, but it cannot be read.
    #[error("the body is empty or not what was expected")]
    Unreadable,
    /// The secret to verify with cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Fault {
    /// Tells about the fault, once, and answers.
    pub(crate) fn answered<W: World>(&self, deps: &Deps<W>, sender: Sender) -> HookAnswer {
        let dimension = Some(("Provider", sender.as_str()));
        match self {
            Self::Rejected(rejection) => {
                tell(*rejection);
                deps.metrics.count(deps.now(), "WebhookRejected", dimension);
                match rejection {
                    Rejection::TooLarge => HookAnswer::error(413, "the body is too large"),
                    Rejection::NotConfigured
                    | Rejection::KeyUnreadable
                    | Rejection::ProofMissing
                    | Rejection::ProofTwice
                    | Rejection::ProofUnreadable
                    | Rejection::Stale
                    | Rejection::Wrong => HookAnswer::error(401, "not authentic"),
                }
            }
            Self::Unreadable => {
                tracing::warn!("an authentic webhook that nobody understands was dropped");
                HookAnswer::error(400, "the body cannot be read")
            }
            Self::Secret(_) | Self::Store(_) => {
                tracing::error!(error = %chain(self), "webhook not taken; it is to be repeated");
                deps.metrics.count(deps.now(), "WebhookFailed", dimension);
                HookAnswer::error(500, "not taken, try again")
            }
        }
    }
}

/// Where our own secret is at fault somebody must act; where the sender is, only the figure counts.
fn tell(rejection: Rejection) {
    match rejection {
        Rejection::NotConfigured | Rejection::KeyUnreadable => {
            tracing::error!(reason = %rejection, "webhook rejected: complete the provider's secret");
        }
        Rejection::TooLarge
        | Rejection::ProofMissing
        | Rejection::ProofTwice
        | Rejection::ProofUnreadable
        | Rejection::Stale
        | Rejection::Wrong => tracing::warn!(reason = %rejection, "webhook rejected"),
    }
}
