//! Twilio's signature on its webhooks, the header `X-Twilio-Signature`: HMAC-SHA1 with the
//! account's auth token, in base64.
//!
//! A form is signed as the URL followed by its parameters, each name with its values, ordered by
//! name; a value that comes twice counts once, and several are ordered. A body of JSON is signed by
//! the URL alone, in whose query `bodySHA256` is the body's digest. Which of the two it is, the URL
//! tells, for it is signed, while the `content-type` is not. Twilio signs some URLs with the
//! scheme's own port and some without, whatever was configured, so that both are tried.
//!
//! The signature holds no time: a webhook that is heard again must be known by its content.
//!
//! Source: Twilio's guide on webhook security, and the behaviour of its own validators.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use subtle::ConstantTimeEq as _;

/// The header with the signature, in lower case.
pub const HEADER: &str = "x-twilio-signature";

/// The query parameter with the digest of a body that is no form: SHA-256 in hexadecimal digits.
const BODY_DIGEST: &str = "bodySHA256";

/// Why a webhook is not taken for Twilio's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSignature {
    /// There is no auth token to verify with; an API key does not serve.
    #[error("there is no auth token to verify with")]
    NoToken,
    /// The signature is no base64.
    #[error("the signature is unreadable")]
    Unreadable,
    /// It is not what the token's holder would have signed, or the body is not the one signed.
    #[error("the signature is wrong")]
    Wrong,
}

/// Whether the holder of `token` sent this body, the raw bytes, to this URL.
///
/// `url` is the public one, exactly as Twilio was given it: scheme, host, path with the gateway's
/// stage, and query as it was received, not decoded. Comparing takes the same time whatever is
/// wrong.
///
/// # Errors
/// [`BadSignature`]: nothing of the webhook may be believed.
pub fn verify(
    token: &SecretString,
    signature: &str,
    url: &str,
    body: &[u8],
) -> Result<(), BadSignature> {
    if token.expose_secret().trim().is_empty() {
        return Err(BadSignature::NoToken);
    }
    let signature = STANDARD.decode(signature).map_err(|_invalid| BadSignature::Unreadable)?;
    let (parameters, whole) = match digest_named(url) {
        None => (parameters(body), true),
        Some(digest) => (String::new(), is_digest(&digest, body)),
    };
    let [given, otherwise] = [Some(url.to_owned()), with_other_port(url)]
        .map(|url| url.is_some_and(|url| signs(token, &signature, &url, &parameters)));
    if whole && (given || otherwise) { Ok(()) } else { Err(BadSignature::Wrong) }
}

fn signs(token: &SecretString, signature: &[u8], url: &str, parameters: &str) -> bool {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(token.expose_secret().as_bytes()) else {
        return false;
    };
    mac.update(url.as_bytes());
    mac.update(parameters.as_bytes());
    mac.verify_slice(signature).is_ok()
}

/// The parameters of a form as they are signed, behind one another without marks between them.
fn parameters(form: &[u8]) -> String {
    let mut ordered: BTreeMap<Cow<'_, str>, BTreeSet<Cow<'_, str>>> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        ordered.entry(name).or_default().insert(value);
    }
    let values = ordered
        .iter()
        .flat_map(|(name, values)| values.iter().flat_map(move |value| [name, value]));
    values.map(AsRef::<str>::as_ref).collect()
}

/// The digest of the body in hexadecimal digits, if the URL names one.
fn digest_named(url: &str) -> Option<String> {
    let (_before, query) = url.split_once('?')?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _value)| name == BODY_DIGEST).map(|(_name, value)| value.into_owned())
}

fn is_digest(named: &str, body: &[u8]) -> bool {
    let named = hex::decode(named);
    named.is_ok_and(|named| bool::from(Sha256::digest(body).as_slice().ct_eq(&named)))
}

/// The URL without its port, or with the port of its scheme if it has none. `None` for a text that
/// is no such URL.
fn with_other_port(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let default = match scheme {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (host, port) = match authority.rsplit_once(':') {
        // Neither a part of an address in brackets nor the password of a user.
        Some((host, port)) if !port.contains([']', '@']) => (host, ""),
        Some(_) | None => (authority, default),
    };
    Some(format!("{scheme}://{host}{port}{path}"))
}

#[cfg(test)]
mod tests;
