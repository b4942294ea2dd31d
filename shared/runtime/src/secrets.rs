//! Credentials: read from the secret store, kept for five minutes, read again after a 401.

use crate::ports::{Clock, SecretError, SecretSource};
use domain::ids::OrganizationId;
use domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;
use twilio::TwilioSecret;

/// How long a secret is kept.
const KEPT: Duration = Duration::from_secs(300);
/// How long its last value serves when it cannot be read again.
const KEPT_AT_MOST: Duration = Duration::from_secs(3600);

/// VAPI's secret. An empty API key means that VAPI is not configured.
#[derive(Debug, Clone)]
pub struct VapiSecret {
    /// The private key.
    pub api_key: SecretString,
    /// What VAPI sends with every webhook, set by us on everything we create.
    pub webhook_secret: SecretString,
}

/// Telnyx's secret. An empty API key means that Telnyx is not configured.
#[derive(Debug, Clone)]
pub struct TelnyxSecret {
    /// The API key.
    pub api_key: SecretString,
    /// The account's public key, base64, that webhooks are signed with.
    pub public_key: String,
}

/// The id of the secret with the platform's own Twilio account.
#[must_use]
pub fn global_twilio_secret_id(prefix: &str) -> String {
    format!("{prefix}/twilio/global")
}

/// The id of the secret with an organization's own Twilio account. `prefix` is what the names of
/// the deployment's secrets begin with.
///
/// Secrets Manager takes letters, digits and `/_+=.@-` (API reference, `CreateSecret`, `Name`); an
/// organization's id may have more. Whatever is left, and `=` itself, is written as `=` and two
/// hexadecimal digits, so that no two organizations share a secret.
#[must_use]
pub fn twilio_secret_id(prefix: &str, organization: &OrganizationId) -> String {
    let start = format!("{prefix}/twilio/org/");
    organization.as_str().bytes().fold(start, |mut id, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'@' | b'-') {
            id.push(char::from(byte));
        } else {
            id.push_str(&format!("={byte:02x}"));
        }
        id
    })
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Wire {
    api_key: String,
    webhook_secret: String,
    public_key: String,
}

/// Secrets by id, kept for a while.
#[derive(Debug, Default)]
pub struct Secrets {
    kept: Mutex<BTreeMap<String, Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    read_at: Timestamp,
    text: Option<SecretString>,
}

impl Secrets {
    /// VAPI's secret, or `None` when there is none or its API key is empty.
    ///
    /// # Errors
    /// [`SecretError`] when the secret store does not answer or the secret is no JSON object.
    pub async fn vapi<S: SecretSource, C: Clock>(
        &self,
        source: &S,
        clock: &C,
        id: &str,
    ) -> Result<Option<VapiSecret>, SecretError> {
        let wire = self.wire(source, clock, id).await?;
        if wire.as_ref().is_some_and(|wire| wire.webhook_secret.trim().is_empty()) {
            // What is created without it would be answered 401 when it rings.
            return Err(SecretError("it has an api_key but no webhook_secret".to_owned()));
        }
        Ok(wire.map(|wire| VapiSecret {
            api_key: wire.api_key.into(),
            webhook_secret: wire.webhook_secret.into(),
        }))
    }

    /// Telnyx's secret, or `None` when there is none or its API key is empty.
    ///
    /// # Errors
    /// [`SecretError`] when the secret store does not answer or the secret is no JSON object.
    pub async fn telnyx<S: SecretSource, C: Clock>(
        &self,
        source: &S,
        clock: &C,
        id: &str,
    ) -> Result<Option<TelnyxSecret>, SecretError> {
        let wire = self.wire(source, clock, id).await?;
        Ok(wire
            .map(|wire| TelnyxSecret { api_key: wire.api_key.into(), public_key: wire.public_key }))
    }

    /// The secret of a Twilio account's owner, or `None` when there is none or it names no account.
    ///
    /// # Errors
    /// [`SecretError`] when the secret store does not answer or the secret cannot be used.
    pub async fn twilio<S: SecretSource, C: Clock>(
        &self,
        source: &S,
        clock: &C,
        id: &str,
    ) -> Result<Option<TwilioSecret>, SecretError> {
        let text = self.text(source, clock, id).await?;
        let read = text.map(|text| TwilioSecret::read(&text)).transpose();
        Ok(read.map_err(|invalid| SecretError(invalid.to_string()))?.flatten())
    }

    /// The `Authorization` a provider's key makes, or `None` when there is no key.
    ///
    /// # Errors
    /// [`SecretError`] when the secret store does not answer or the secret is no JSON object.
    pub(crate) async fn bearer<S: SecretSource, C: Clock>(
        &self,
        source: &S,
        clock: &C,
        id: &str,
    ) -> Result<Option<String>, SecretError> {
        let wire = self.wire(source, clock, id).await?;
        Ok(wire.map(|wire| format!("Bearer {}", wire.api_key)))
    }

    /// Forgets a secret, so that the next use reads it again: its key was rejected.
    pub fn forget(&self, id: &str) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.remove(id);
        }
    }

    /// Forgets a secret read longer than `age` ago, and says whether it did. Whoever sends wrong
    /// keys can so not make us read the secret at every call.
    pub fn forget_older(&self, id: &str, now: Timestamp, age: Duration) -> bool {
        self.kept.lock().is_ok_and(|mut kept| {
            let old = kept.get(id).is_some_and(|kept| now >= kept.read_at.after(age));
            old && kept.remove(id).is_some()
        })
    }

    async fn wire<S: SecretSource, C: Clock>(
        &self,
        source: &S,
        clock: &C,
        id: &str,
    ) -> Result<Option<Wire>, SecretError> {
        let Some(text) = self.text(source, clock, id).await? else { return Ok(None) };
        // The parser's own message could quote the secret.
        let wire: Wire = serde_json::from_str(text.expose_secret())
            .map_err(|_quoting| SecretError("it is no JSON object of texts".to_owned()))?;
        Ok((!wire.api_key.trim().is_empty()).then_some(wire))
    }

    /// The text of a secret, as it was kept or as it is now.
    async fn text<S: SecretSource, C: Clock>(
        &self,
        source: &S,
        clock: &C,
        id: &str,
    ) -> Result<Option<SecretString>, SecretError> {
        let now = clock.now();
        let kept = self.kept.lock().ok().and_then(|kept| kept.get(id).cloned());
        Ok(match kept {
            Some(kept) if now < kept.read_at.after(KEPT) => kept.text,
            older => match (source.fetch(id).await, older) {
                (Ok(text), _older) => {
                    if let Ok(mut kept) = self.kept.lock() {
                        kept.insert(id.to_owned(), Kept { read_at: now, text: text.clone() });
                    }
                    text
                }
                // A hiccup of the secret store must not silence a phone that rings.
                (Err(error), Some(older)) if now < older.read_at.after(KEPT_AT_MOST) => {
                    tracing::warn!(%error, "a secret cannot be read again; the last value serves");
                    older.text
                }
                (Err(error), _older) => return Err(error),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_organizations_share_a_secret() {
        let id = |organization: &str| twilio_secret_id("stack", &organization.parse().unwrap());
        assert_eq!(id("org-1"), "stack/twilio/org/org-1");
        assert_eq!(id("a:b=c"), "stack/twilio/org/a=3ab=3dc");
        assert_ne!(id("a=3ab"), id("a:b"));
    }
}
