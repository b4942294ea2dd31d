//! Telnyx's signature: Ed25519 over timestamp, `|` and the raw body.

use crate::fault::Rejection;
use crate::hook::Hook;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Timestamp;
use ed25519_dalek::{Signature, VerifyingKey};
use std::time::Duration;

/// Header with the signature: 64 bytes in base64.
const SIGNATURE_HEADER: &str = "telnyx-signature-ed25519";
/// Header with the time of signing, in seconds since 1970.
const TIMESTAMP_HEADER: &str = "telnyx-timestamp";

/// Whether the account with this public key (32 bytes in base64) signed this webhook, about now.
pub(crate) fn verify(
    hook: &Hook,
    public_key: &str,
    now: Timestamp,
    tolerance: Duration,
) -> Result<(), Rejection> {
    let signature = hook.proof(SIGNATURE_HEADER)?.ok_or(Rejection::ProofMissing)?;
    let timestamp = hook.proof(TIMESTAMP_HEADER)?.ok_or(Rejection::ProofMissing)?;
    let signature: [u8; 64] = bytes(signature).ok_or(Rejection::ProofUnreadable)?;
    let seconds: i64 = timestamp.parse().map_err(|_invalid| Rejection::ProofUnreadable)?;
    if now.as_seconds().abs_diff(seconds) > tolerance.as_secs() {
        return Err(Rejection::Stale);
    }
    if public_key.trim().is_empty() {
        return Err(Rejection::NotConfigured);
    }
    let key: [u8; 32] = bytes(public_key.trim()).ok_or(Rejection::KeyUnreadable)?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_invalid| Rejection::KeyUnreadable)?;
    let signed = [timestamp.as_bytes(), b"|", &hook.body].concat();
    key.verify_strict(&signed, &Signature::from_bytes(&signature))
        .map_err(|_invalid| Rejection::Wrong)
}

fn bytes<const LENGTH: usize>(base64: &str) -> Option<[u8; LENGTH]> {
    STANDARD.decode(base64).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{ORDER_BODY, ORDER_SIGNATURE, PUBLIC_KEY, SIGNED_AT};

    const TOLERANCE: Duration = Duration::from_secs(300);

    fn signed() -> Hook {
        Hook {
            headers: vec![
                (SIGNATURE_HEADER.to_owned(), ORDER_SIGNATURE.to_owned()),
                (TIMESTAMP_HEADER.to_owned(), SIGNED_AT.to_string()),
            ],
            body: ORDER_BODY.as_bytes().to_vec(),
            ..Hook::default()
        }
    }

    fn at(offset_seconds: i64) -> Timestamp {
        Timestamp::from_millis((SIGNED_AT + offset_seconds) * 1000)
    }

    #[track_caller]
    fn check(hook: &Hook, expected: Result<(), Rejection>) {
        assert_eq!(verify(hook, PUBLIC_KEY, at(0), TOLERANCE), expected);
    }

    #[test]
    fn a_signature_holds_for_the_tolerance_both_ways() {
        let hook = signed();
        for offset in [-300, -299, 0, 299, 300] {
            assert_eq!(verify(&hook, PUBLIC_KEY, at(offset), TOLERANCE), Ok(()), "{offset}");
        }
        for offset in [-1_767_225_600, -301, 301, 86_400] {
            let stale = Err(Rejection::Stale);
            assert_eq!(verify(&hook, PUBLIC_KEY, at(offset), TOLERANCE), stale, "{offset}");
        }
    }

    #[test]
    fn a_tampered_body_is_rejected() {
        let mut hook = signed();
        hook.body[10] ^= 1;
        check(&hook, Err(Rejection::Wrong));
        hook.body = format!("{ORDER_BODY}\n").into_bytes();
        check(&hook, Err(Rejection::Wrong));
        hook.body = Vec::new();
        check(&hook, Err(Rejection::Wrong));
    }

    #[test]
    fn a_signature_moved_to_a_fresh_time_is_rejected() {
        let mut hook = signed();
        hook.headers[1].1 = (SIGNED_AT + 1).to_string();
        check(&hook, Err(Rejection::Wrong));
        // The same number written otherwise is not what was signed.
        hook.headers[1].1 = format!("+{SIGNED_AT}");
        check(&hook, Err(Rejection::Wrong));
    }

    #[test]
    fn a_signature_on_another_body_is_rejected() {
        let mut hook = signed();
        hook.body = br#"{"data":{"event_type":"number_order.complete"}}"#.to_vec();
        check(&hook, Err(Rejection::Wrong));
    }

    #[test]
    fn another_key_and_an_unusable_key_are_told_apart() {
        let verify = |key: &str| verify(&signed(), key, at(0), TOLERANCE);
        let other = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        assert_eq!(verify(&format!(" {PUBLIC_KEY}\n")), Ok(()));
        assert_eq!(verify(other), Err(Rejection::Wrong));
        for missing in ["", "  "] {
            assert_eq!(verify(missing), Err(Rejection::NotConfigured));
        }
        for broken in ["no base64", "AAECAwQ="] {
            assert_eq!(verify(broken), Err(Rejection::KeyUnreadable), "{broken}");
        }
        // The neutral element verifies anything for who is not strict.
        let weak = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(verify(weak), Err(Rejection::Wrong));
    }

    #[test]
    fn headers_must_come_once_and_whole() {
        for place in [0, 1] {
            let mut hook = signed();
            hook.headers.push(hook.headers[place].clone());
            check(&hook, Err(Rejection::ProofTwice));
            let mut hook = signed();
            hook.headers.remove(place);
            check(&hook, Err(Rejection::ProofMissing));
            for broken in ["", "x", "1767225600.0", "99999999999999999999"] {
                let mut hook = signed();
                hook.headers[place].1 = broken.to_owned();
                check(&hook, Err(Rejection::ProofUnreadable));
            }
            // As the gateway joins a header that came twice.
            let mut hook = signed();
            hook.headers[place].1 = format!("{0},{0}", hook.headers[place].1);
            check(&hook, Err(Rejection::ProofUnreadable));
        }
    }
}
