//! Whose account it is, and what proves that we may use it.

use domain::ids::{TwilioAccountSid, TwilioApiKeySid};
use exchange::Authorization;
use secrecy::SecretString;
use std::fmt;

/// An account with what opens it. `Debug` prints the account alone.
#[derive(Clone)]
pub struct Credentials {
    /// The account, which stands in every path.
    pub account: TwilioAccountSid,
    /// What opens it.
    pub key: Key,
}

/// What opens an account: Twilio takes either as user and password.
#[derive(Clone)]
pub enum Key {
    /// The account's own token; the user is the account.
    AuthToken(SecretString),
    /// An API key; the user is the key's id. A standard key may not read the account itself, and a
    /// restricted one may do only what it was made for.
    ApiKey {
        /// The key's id.
        sid: TwilioApiKeySid,
        /// Its secret.
        secret: SecretString,
    },
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account).finish_non_exhaustive()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthToken(_) => "AuthToken",
            Self::ApiKey { .. } => "ApiKey",
        })
    }
}

impl Credentials {
    /// How a request shows them.
    #[must_use]
    pub fn authorization(&self) -> Authorization<'_> {
        let user = match &self.key {
            Key::AuthToken(_) => self.account.as_str(),
            Key::ApiKey { sid, .. } => sid.as_str(),
        };
        Authorization::Basic { user, password: self.secret() }
    }

    /// What must never be shown.
    pub(crate) const fn secret(&self) -> &SecretString {
        match &self.key {
            Key::AuthToken(token) => token,
            Key::ApiKey { secret, .. } => secret,
        }
    }
}
