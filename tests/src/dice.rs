//! Numbers that look random and follow from a seed, or from the bytes that a fuzzer chose.

/// A generator (xorshift64*), good enough to cut bodies and to choose inputs.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
    /// Bytes that are thrown instead of random numbers, last one first; `None`: there never were any.
    bytes: Option<Vec<u8>>,
}

impl Dice {
    /// The generator of this seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            // Small seeds are spread, and zero would give zeros for ever.
            state: seed.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1,
            bytes: None,
        }
    }

    /// Dice that show what these bytes say, so that one byte changed is one choice changed. When they are used
    /// up, it is zero for ever: the first of all choices.
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self {
            bytes: Some(bytes.iter().rev().copied().collect()),
            ..Self::new(0)
        }
    }

    /// The generator for one of many things, apart from those of the others: what happens to one thing does not
    /// change what happens to the next.
    pub const fn apart(salt: u64, which: u64) -> Self {
        let mut mixed = salt ^ which.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        Self::new(mixed ^ (mixed >> 31))
    }

    /// A number below `most`, which is not zero.
    pub fn below(&mut self, most: usize) -> usize {
        if let Some(bytes) = &mut self.bytes {
            let wide = [0x100, 0x1_0000].iter().filter(|one| **one < most).count() + 1;
            return (0..wide).fold(0, |sum, _| {
                (sum << 8) | usize::from(bytes.pop().unwrap_or(0))
            }) % most;
        }
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let drawn = self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(drawn).unwrap_or(0) % most
    }

    /// Whether one of `of` came up.
    pub fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// One of these, of which there is one at least.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Whether the bytes are used up; numbers from a seed never are.
    pub fn is_spent(&self) -> bool {
        self.bytes.as_ref().is_some_and(Vec::is_empty)
    }
}
