//! Ids and drawn values, all derived from the seed: the same calls give the same ids.

/// A counter mixed with the seed. Not random: unique, and looking like what the providers give out.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    seed: u64,
    counter: u64,
}

impl Ids {
    pub(crate) const fn new(seed: u64) -> Self {
        Self { seed, counter: 0 }
    }

    /// The next UUID (version 4 in form).
    pub(crate) fn uuid(&mut self) -> String {
        self.counter += 1;
        let high = mix(self.seed ^ self.counter);
        let low = mix(high ^ self.seed.rotate_left(17) ^ self.counter);
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff,
        )
    }

    /// The next id of Twilio's kind: two letters and 32 hexadecimal digits.
    pub(crate) fn sid(&mut self, letters: &str) -> String {
        self.counter += 1;
        let high = mix(self.seed ^ self.counter);
        let low = mix(high ^ self.seed.rotate_left(17) ^ self.counter);
        format!("{letters}{high:016x}{low:016x}")
    }

    /// The next numeric id: 19 digits, beyond what a float holds exactly, growing with time.
    pub(crate) fn numeric(&mut self) -> u64 {
        self.counter += 1;
        1_293_384_261_000_000_001
            + self.counter * 75_731_499
            + self.seed % 1_000 * 1_000_000_000_000
    }
}

/// The finalizer of `SplitMix64`: spreads neighbouring inputs over all 64 bits.
pub(crate) const fn mix(input: u64) -> u64 {
    let step = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let first = (step ^ (step >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let second = (first ^ (first >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    second ^ (second >> 31)
}

/// Folds a text into a number, for choices that depend on what was asked for.
pub(crate) fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Whether a text has the form of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a text has the form of one of Twilio's ids: two letters, 32 hexadecimal digits.
pub(crate) fn is_sid(text: &str, letters: &str) -> bool {
    text.strip_prefix(letters)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a text is a telephone number in the E.164 form.
pub(crate) fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (8..=15).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}
