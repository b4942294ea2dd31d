//! Ids of events, made where a provider gives none.

use sha2::{Digest as _, Sha256};

/// Longest id of an event kept as it came, in characters.
const ID_LENGTH_MAX: usize = 128;

/// The id a provider gave its event, if it can stand in a key as it is.
pub(crate) fn given(id: &str) -> Option<String> {
    let plain = !id.is_empty()
        && id.len() <= ID_LENGTH_MAX
        && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    plain.then(|| id.to_owned())
}

/// The id of an event known by these parts. Their lengths are hashed too, so that no two lists of
/// parts run into the same bytes.
pub(crate) fn made_of(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_cannot_stand_in_a_key_is_not_taken() {
        assert_eq!(given("1111-2222"), Some("1111-2222".to_owned()));
        for id in ["", "a#b", "a b", "ä", &"x".repeat(129)] {
            assert_eq!(given(id), None, "{id}");
        }
    }

    #[test]
    fn parts_are_told_apart() {
        assert_eq!(made_of(&[b"ab", b"c"]), made_of(&[b"ab", b"c"]));
        assert_ne!(made_of(&[b"ab", b"c"]), made_of(&[b"a", b"bc"]));
        assert_eq!(made_of(&[b"ab"]).len(), 64);
    }
}
