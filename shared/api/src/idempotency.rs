//! The idempotency key of a call.

use crate::{Problem, Request};
use domain::ids::{BusinessId, OrganizationId};
use runtime::World;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use store::{IdempotencyKey, keys};

/// Characters of an idempotency key.
const KEY_LENGTH_MAX: usize = 255;

/// The idempotency key of a call, scoped to business and route, with the digest of its body. What
/// is for no business has a scope of its own in the organization.
///
/// # Errors
/// A problem when it is empty, too long or not printable ASCII.
pub fn key<W: World, C>(
    request: &Request<'_, W, C>,
    organization: &OrganizationId,
    business: Option<&BusinessId>,
    route: &str,
    object: &Map<String, Value>,
) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(key) = request.call.header("idempotency-key") else { return Ok(None) };
    let valid = (1..=KEY_LENGTH_MAX).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if !valid {
        return Err(Problem::IdempotencyKeyInvalid);
    }
    let digest = |bytes: &[u8]| hex::encode(Sha256::digest(bytes));
    let at = keys::idempotency(organization, business, route, &digest(key.as_bytes()));
    // A JSON object keeps its members sorted, so equal requests have equal digests.
    let request_digest = digest(Value::Object(object.clone()).to_string().as_bytes());
    Ok(Some(IdempotencyKey { at, request_digest }))
}

/// What a key that leads to no work was used for before, if it was, and for the same request.
///
/// # Errors
/// A problem when it was used for another request, or the table does not answer.
pub async fn known_thing<W: World, C>(
    request: &Request<'_, W, C>,
    key: Option<&IdempotencyKey>,
) -> Result<Option<String>, Problem> {
    let Some(key) = key else { return Ok(None) };
    match request.deps.store.known_thing(key).await? {
        Some(known) if known.request_digest != key.request_digest => {
            Err(Problem::IdempotencyKeyReused)
        }
        Some(known) => Ok(Some(known.id)),
        None => Ok(None),
    }
}
