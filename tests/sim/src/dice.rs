//! Chance: the same numbers for the same seed, whatever else happens.

/// A generator (`SplitMix64`): one per schedule.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The generator of a seed. Neighbouring seeds have nothing in common.
    pub fn new(seed: u64) -> Self {
        let mut dice = Self(seed ^ 0x6469_616c_746f_6e65);
        dice.0 = dice.roll();
        dice
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `sides`, which is not 0.
    pub fn below(&mut self, sides: u64) -> u64 {
        self.roll() % sides
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.below(most - least + 1)
    }

    /// True `in_1024` times of 1,024.
    pub fn chance(&mut self, in_1024: u16) -> bool {
        self.roll() & 1023 < u64::from(in_1024)
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(u64::try_from(from.len()).unwrap())).unwrap()]
    }
}

/// A mixture in which every bit depends on every bit.
pub fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
