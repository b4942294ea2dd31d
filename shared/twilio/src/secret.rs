//! The secret of an owner of a Twilio account, as it is stored: a JSON object with `account_sid`,
//! `auth_token` or `api_key_sid` and `api_key_secret`, and `phone_numbers`.

use crate::credentials::{Credentials, Key};
use domain::phone::E164;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use std::collections::BTreeSet;

/// What an owner gave us. `Debug` prints neither keys nor whole numbers.
#[derive(Debug, Clone)]
pub struct TwilioSecret {
    /// What calls are made with: the API key where there is one, else the auth token.
    pub credentials: Credentials,
    /// What Twilio signs its webhooks with: always the auth token, so that with an API key alone no
    /// webhook can be verified.
    pub auth_token: Option<SecretString>,
    /// The owned numbers that are to be imported whoever answers them now.
    pub phone_numbers: BTreeSet<E164>,
}

/// Why a secret cannot be used. Nothing of it is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSecret {
    /// No JSON object with these fields as texts and `phone_numbers` as a list of texts.
    #[error("it is no JSON object of texts with a list of phone_numbers")]
    Shape,
    /// The account's id is none.
    #[error("its account_sid is not 'AC' and 32 hexadecimal digits")]
    Account,
    /// Nothing opens the account.
    #[error("it has an account_sid but neither an auth_token nor an API key")]
    NoKey,
    /// One half of an API key.
    #[error("it has only one of api_key_sid and api_key_secret")]
    HalfKey,
    /// The API key's id is none.
    #[error("its api_key_sid is not 'SK' and 32 hexadecimal digits")]
    KeySid,
    /// A listed number is none.
    #[error("one of its phone_numbers is not written as '+' and 8 to 15 digits: number {place}")]
    Number {
        /// Its place in the list, from one.
        place: usize,
    },
}

/// `null` is the same as absent. Nothing here derives `Debug`.
#[derive(Deserialize)]
struct Wire {
    account_sid: Option<String>,
    auth_token: Option<String>,
    api_key_sid: Option<String>,
    api_key_secret: Option<String>,
    phone_numbers: Option<Vec<String>>,
}

impl TwilioSecret {
    /// Reads a stored secret; `None` when it names no account, which counts as not configured.
    ///
    /// # Errors
    /// [`InvalidSecret`] when it names an account and cannot be used.
    pub fn read(json: &SecretString) -> Result<Option<Self>, InvalidSecret> {
        // The parser's own message could quote the secret.
        let wire: Wire =
            serde_json::from_str(json.expose_secret()).map_err(|_quoting| InvalidSecret::Shape)?;
        let Some(account) = filled(wire.account_sid) else { return Ok(None) };
        let account = account.parse().map_err(|_invalid| InvalidSecret::Account)?;
        let auth_token = filled(wire.auth_token).map(SecretString::from);
        let key = match (filled(wire.api_key_sid), filled(wire.api_key_secret)) {
            (Some(sid), Some(secret)) => Key::ApiKey {
                sid: sid.parse().map_err(|_invalid| InvalidSecret::KeySid)?,
                secret: secret.into(),
            },
            (None, None) => Key::AuthToken(auth_token.clone().ok_or(InvalidSecret::NoKey)?),
            (Some(_), None) | (None, Some(_)) => return Err(InvalidSecret::HalfKey),
        };
        let phone_numbers = numbers(&wire.phone_numbers.unwrap_or_default())?;
        let credentials = Credentials { account, key };
        Ok(Some(Self { credentials, auth_token, phone_numbers }))
    }
}

/// The text without what surrounds a pasted one, unless nothing is left.
fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn numbers(listed: &[String]) -> Result<BTreeSet<E164>, InvalidSecret> {
    let read = |(index, text): (usize, &String)| {
        let place = index.saturating_add(1);
        text.trim().parse().map_err(|_invalid| InvalidSecret::Number { place })
    };
    listed.iter().enumerate().map(read).collect()
}

#[cfg(test)]
mod tests;
