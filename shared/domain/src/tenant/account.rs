//! An organization's own account at Twilio, as far as it may be told; and its credentials on their
//! way into the secret store.

use crate::ids::TwilioAccountSid;
use crate::phone::E164;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long credentials may be on their way: the longest invocation that answers calls (29 s), and
/// as much again for clocks that differ.
pub const CREDENTIALS_LAND_WITHIN: Duration = Duration::from_secs(60);

/// What opens an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// The account's own token.
    AuthToken,
    /// An API key with its secret.
    ApiKey,
}

impl CredentialKind {
    /// The name in the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthToken => "auth_token",
            Self::ApiKey => "api_key",
        }
    }
}

/// An account at Twilio. Its credentials are in the secret store alone.
///
/// Row and secret are written one after the other. The row decides: a secret that names another
/// account than the row, or none, counts as not configured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwilioAccount {
    /// The account, which belongs to this organization alone.
    pub account_sid: TwilioAccountSid,
    /// What opens it.
    pub credentials: CredentialKind,
    /// The numbers in it that are to be used whoever answers them now.
    #[serde(default)]
    pub phone_numbers: BTreeSet<E164>,
    /// Whether new numbers may be bought in it, where none it owns is free.
    #[serde(default = "buys")]
    pub buys_numbers: bool,
}

/// A former version knew no such setting.
const fn buys() -> bool {
    true
}

/// A change of credentials that was begun: written before the secret is, and removed after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretChange {
    /// When it was begun.
    pub since: Timestamp,
    /// Accounts that are the organization's until the secret is written, and no longer then.
    #[serde(default)]
    pub leaves: BTreeSet<TwilioAccountSid>,
}

impl SecretChange {
    /// Whether whoever began it may still be writing the secret.
    #[must_use]
    pub fn is_under_way(&self, now: Timestamp) -> bool {
        now < self.since.after(CREDENTIALS_LAND_WITHIN)
    }
}
