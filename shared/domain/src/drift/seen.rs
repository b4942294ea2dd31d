//! Which ids a list has shown, in the same memory however many there are.
//!
//! A Bloom filter: what was shown is always remembered, and of what was not, a few in a hundred are
//! mistaken for it when there are a hundred thousand. Each sweep places ids by a salt of its own, so
//! that what one sweep misses the next one finds.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes of the filter. Written as text it fits an item of the table.
const BYTES: usize = 128 * 1024;
/// Places of an id.
const PLACES: u64 = 6;

/// Ids that were shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    salt: u64,
    bits: Vec<u8>,
}

impl Seen {
    /// None yet; `salt` is the sweep's own.
    #[must_use]
    pub fn new(salt: u64) -> Self {
        Self { salt, bits: vec![0; BYTES] }
    }

    /// This one was shown.
    pub fn insert(&mut self, id: &str) {
        for (byte, bit) in self.places(id) {
            if let Some(byte) = self.bits.get_mut(byte) {
                *byte |= bit;
            }
        }
    }

    /// Whether it was shown, or is mistaken for one that was.
    #[must_use]
    pub fn may_hold(&self, id: &str) -> bool {
        self.places(id)
            .into_iter()
            .all(|(byte, bit)| self.bits.get(byte).is_some_and(|bits| bits & bit != 0))
    }

    /// Where an id is noted: bytes, and the bit in each.
    fn places(&self, id: &str) -> Vec<(usize, u8)> {
        let first =
            mixed(id.bytes().fold(self.salt, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            }));
        let step = mixed(first) | 1;
        let count = u64::try_from(BYTES).unwrap_or(1) * 8;
        let place = |n: u64| first.wrapping_add(n.wrapping_mul(step)) % count;
        let of = |place: u64| (usize::try_from(place / 8).unwrap_or(0), 1_u8 << (place % 8));
        (0..PLACES).map(place).map(of).collect()
    }
}

/// `SplitMix64`'s mixing step.
const fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[derive(Serialize, Deserialize)]
struct Stored {
    salt: u64,
    /// Hexadecimal, each run of empty bytes as its length in dots: `ff.12.` is 255 and 12 zeros.
    bits: String,
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        let mut empty = 0_usize;
        for byte in &self.bits {
            if *byte == 0 {
                empty = empty.saturating_add(1);
                continue;
            }
            skip(&mut text, &mut empty);
            text.push_str(&format!("{byte:02x}"));
        }
        skip(&mut text, &mut empty);
        Stored { salt: self.salt, bits: text }.serialize(to)
    }
}

fn skip(text: &mut String, empty: &mut usize) {
    match *empty {
        0 => {}
        // As short as saying how many.
        1 => text.push_str("00"),
        many => text.push_str(&format!(".{many}.")),
    }
    *empty = 0;
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(from)?;
        let mut bits = Vec::with_capacity(BYTES);
        for (place, part) in stored.bits.split('.').enumerate() {
            if place % 2 == 1 {
                let empty: usize = part.parse().map_err(serde::de::Error::custom)?;
                bits.resize(bits.len().saturating_add(empty).min(BYTES), 0);
                continue;
            }
            for pair in part.as_bytes().chunks(2) {
                let text = std::str::from_utf8(pair).map_err(serde::de::Error::custom)?;
                bits.push(u8::from_str_radix(text, 16).map_err(serde::de::Error::custom)?);
            }
        }
        if bits.len() == BYTES {
            Ok(Self { salt: stored.salt, bits })
        } else {
            Err(serde::de::Error::custom("a filter of another size"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shown_is_remembered_and_survives_its_text() {
        let mut seen = Seen::new(7);
        let ids: Vec<String> = (0..5_000).map(|n| format!("record-{n}")).collect();
        ids.iter().for_each(|id| seen.insert(id));
        let text = serde_json::to_string(&seen).unwrap();
        assert!(text.len() < 300_000, "{}", text.len());
        let back: Seen = serde_json::from_str(&text).unwrap();
        assert_eq!(back, seen);
        assert!(ids.iter().all(|id| back.may_hold(id)));
        let empty: Seen =
            serde_json::from_str(&serde_json::to_string(&Seen::new(1)).unwrap()).unwrap();
        assert_eq!(empty, Seen::new(1));
    }

    #[test]
    fn few_are_mistaken_and_not_the_same_with_another_salt() {
        let mistaken = |salt: u64| -> Vec<u32> {
            let mut seen = Seen::new(salt);
            (0..100_000).for_each(|n| seen.insert(&format!("record-{n}")));
            (0..10_000).filter(|n| seen.may_hold(&format!("absent-{n}"))).collect()
        };
        let (first, second) = (mistaken(1), mistaken(2));
        assert!(first.len() < 200, "{}", first.len());
        let both = first.iter().filter(|n| second.contains(n)).count();
        assert!(both * 10 < first.len().max(10), "{both} of {}", first.len());
    }
}
