//! A provider's own words, made fit to be kept and shown: short, without numbers and keys.

use secrecy::{ExposeSecret, SecretString};

/// Characters kept of a provider's message.
pub const WORDS_LENGTH_MAX: usize = 200;

/// A run of at least this many digits is taken for a phone number.
const NUMBER_DIGITS_MIN: usize = 7;

/// Digits of a number that stay visible.
const NUMBER_DIGITS_SHOWN: usize = 4;

/// A word with digits in it that is at least this long is taken for a key.
const KEY_LENGTH_MIN: usize = 32;

/// A provider's message on one line: our secrets and all that looks like a key removed, phone
/// numbers masked to the last four digits, cut to [`WORDS_LENGTH_MAX`] characters.
#[must_use]
pub fn presentable(message: &str, secrets: &[&SecretString]) -> String {
    let mut text = message.split_whitespace().collect::<Vec<_>>().join(" ");
    for secret in secrets {
        let secret = secret.expose_secret();
        if !secret.is_empty() {
            text = text.replace(secret, "…");
        }
    }
    // Masked before it is cut, so that no number is cut in half and missed.
    mask_numbers(&mask_keys(&text)).chars().take(WORDS_LENGTH_MAX).collect()
}

fn mask_keys(text: &str) -> String {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if part_of_word(first) {
            rest.find(|c| !part_of_word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (word, after) = rest.split_at(length);
        shown.push_str(if is_key(word) { "…" } else { word });
        rest = after;
    }
    shown
}

/// Long and with a digit, but no UUID: those are the providers' ids, which help to find a fault.
fn is_key(word: &str) -> bool {
    let uuid = word.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    word.len() >= KEY_LENGTH_MIN && word.bytes().any(|byte| byte.is_ascii_digit()) && !uuid
}

fn mask_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars() {
        let goes_on = c.is_ascii_digit()
            || (!run.is_empty() && matches!(c, ' ' | '-' | '.' | '(' | ')'))
            || (run.is_empty() && c == '+');
        if !goes_on {
            flush(&mut run, &mut shown);
        }
        if goes_on || c == '+' { run.push(c) } else { shown.push(c) }
    }
    flush(&mut run, &mut shown);
    shown
}

/// Moves a run of digits and the marks between them over, masked if it is a phone number.
fn flush(run: &mut String, shown: &mut String) {
    let digits: Vec<char> = run.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < NUMBER_DIGITS_MIN {
        shown.push_str(run);
    } else {
        let end = run.rfind(|c: char| c.is_ascii_digit()).map_or(run.len(), |last| last + 1);
        shown.push('…');
        shown.extend(digits.iter().skip(digits.len().saturating_sub(NUMBER_DIGITS_SHOWN)));
        shown.push_str(run.get(end..).unwrap_or_default());
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(message: &str, shown: &str) {
        let secret = SecretString::from("sesame-42");
        assert_eq!(presentable(message, &[&secret, &SecretString::from("")]), shown);
    }

    #[test]
    fn numbers_keep_their_last_four_digits() {
        check("+14155550123 is taken", "…0123 is taken");
        check("no (415) 555-0123, sorry", "no (…0123, sorry");
        check("to 14155550123+14155550199.", "to …0123…0199.");
        check("try 415.555.0123", "try …0123");
    }

    #[test]
    fn short_figures_stay() {
        check("Try one of 701, 279, 406", "Try one of 701, 279, 406");
        check("status code 404 (see 10015)", "status code 404 (see 10015)");
    }

    #[test]
    fn keys_are_removed_and_ids_stay() {
        check("key sesame-42 is wrong", "key … is wrong");
        check("KEY0123456789ABCDEF_abcdefghijklmnop fails", "… fails");
        check("no 3d6f0a2e-aaaa-bbbb-cccc-abcdefabcdef", "no 3d6f0a2e-aaaa-bbbb-cccc-abcdefabcdef");
        check("a_word_of_more_than_thirty_two_letters", "a_word_of_more_than_thirty_two_letters");
    }

    #[test]
    fn a_message_is_one_short_line() {
        check("first\n\tsecond ", "first second");
        assert_eq!(presentable(&"é".repeat(500), &[]).chars().count(), WORDS_LENGTH_MAX);
    }

    #[test]
    fn a_number_at_the_cut_is_masked_before_it_is_cut() {
        let shown = presentable(&format!("{} +14155550123", "x".repeat(193)), &[]);
        assert!(shown.ends_with(" …0123"), "{shown}");
    }
}
