//! VAPI's secret header.

use crate::fault::Rejection;
use crate::hook::Hook;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The header everything we create at VAPI is told to send.
const SECRET_HEADER: &str = "x-vapi-secret";
/// The header a bearer credential stored at VAPI sends.
const AUTHORIZATION_HEADER: &str = "authorization";

/// Whether the webhook carries our secret.
pub(crate) fn verify(hook: &Hook, secret: &str) -> Result<(), Rejection> {
    let own = hook.proof(SECRET_HEADER)?;
    let bearer = hook.proof(AUTHORIZATION_HEADER)?.and_then(bearer_token);
    let given = own.or(bearer).ok_or(Rejection::ProofMissing)?;
    if secret.is_empty() {
        return Err(Rejection::NotConfigured);
    }
    // Digests have one length: the time taken tells nothing of the secret, not even that.
    let equal = Sha256::digest(given).as_slice().ct_eq(Sha256::digest(secret).as_slice());
    if bool::from(equal) { Ok(()) } else { Err(Rejection::Wrong) }
}

fn bearer_token(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], secret: &str, expected: Result<(), Rejection>) {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let hook = Hook { headers: headers.iter().map(owned).collect(), ..Hook::default() };
        assert_eq!(verify(&hook, secret), expected);
    }

    #[test]
    fn either_header_carries_the_secret() {
        check(&[("x-vapi-secret", "s3cret")], "s3cret", Ok(()));
        check(&[("authorization", "Bearer s3cret")], "s3cret", Ok(()));
        check(&[("authorization", "bearer  s3cret")], "s3cret", Ok(()));
    }

    #[test]
    fn what_is_not_the_secret_is_rejected() {
        for wrong in ["", "s3cre", "s3cret1", "S3CRET", "s3cret,s3cret"] {
            check(&[("x-vapi-secret", wrong)], "s3cret", Err(Rejection::Wrong));
        }
        check(&[("authorization", "Bearer other")], "s3cret", Err(Rejection::Wrong));
        check(&[("authorization", "Basic s3cret")], "s3cret", Err(Rejection::ProofMissing));
        check(&[("authorization", "s3cret")], "s3cret", Err(Rejection::ProofMissing));
        check(&[], "s3cret", Err(Rejection::ProofMissing));
        let both = [("x-vapi-secret", "other"), ("authorization", "Bearer s3cret")];
        check(&both, "s3cret", Err(Rejection::Wrong));
    }

    #[test]
    fn an_empty_secret_never_matches() {
        check(&[("x-vapi-secret", "")], "", Err(Rejection::NotConfigured));
        check(&[("authorization", "Bearer ")], "", Err(Rejection::NotConfigured));
        check(&[("x-vapi-secret", "guess")], "", Err(Rejection::NotConfigured));
    }

    #[test]
    fn a_header_that_comes_twice_is_rejected() {
        let twice = [("x-vapi-secret", "s3cret"), ("x-vapi-secret", "s3cret")];
        check(&twice, "s3cret", Err(Rejection::ProofTwice));
        let twice = [("authorization", "Bearer s3cret"), ("authorization", "Bearer other")];
        check(&twice, "s3cret", Err(Rejection::ProofTwice));
    }
}
