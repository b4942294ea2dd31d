//! `X-Twilio-Signature`, as the providers' documents on webhook security describe it.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Signs a form that Twilio posts: the exact URL, then each parameter's name and value, sorted
/// by name; the same pair counts once.
#[must_use]
pub fn sign(auth_token: &str, url: &str, parameters: &[(&str, &str)]) -> String {
    let sorted: BTreeSet<&(&str, &str)> = parameters.iter().collect();
    let mut mac =
        Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).expect("any key length will do");
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}
