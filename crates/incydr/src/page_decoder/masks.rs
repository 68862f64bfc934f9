//! Sixty-four bytes at once, as bit masks: bit `i` speaks of byte `i`.
//!
//! The idea, to find out with vector compares where the structure of JSON is before looking at any single byte, is
//! that of Langdale and Lemire, "Parsing Gigabytes of JSON per Second" (2019).

use wide::{i8x32, u8x32};

/// How many bytes a block has.
pub(super) const BLOCK: usize = 64;

/// A block in vector registers.
#[derive(Clone, Copy)]
pub(super) struct Block([i8x32; 2]);

impl Block {
    #[inline(always)]
    pub(super) fn new(bytes: &[u8; BLOCK]) -> Self {
        let (halves, _) = bytes.as_chunks::<32>();
        Self([vector(&halves[0]), vector(&halves[1])])
    }

    /// The last bytes of a text, filled up with spaces.
    pub(super) fn padded(bytes: &[u8]) -> Self {
        let mut block = [b' '; BLOCK];
        block[..bytes.len()].copy_from_slice(bytes);
        Self::new(&block)
    }

    #[inline(always)]
    fn mask(self, test: impl Fn(i8x32) -> i8x32) -> u64 {
        u64::from(test(self.0[0]).to_bitmask()) | u64::from(test(self.0[1]).to_bitmask()) << 32
    }

    /// Where exactly this byte stands.
    #[inline(always)]
    pub(super) fn equal_to(self, byte: u8) -> u64 {
        let wanted = i8x32::splat(byte.cast_signed());
        self.mask(|bytes| bytes.simd_eq(wanted))
    }

    /// Where this byte stands, or the one that differs from it by lacking the bit 0x20: both opening brackets, or
    /// both closing ones.
    #[inline(always)]
    pub(super) fn either_case_of(self, byte: u8) -> u64 {
        let case = i8x32::splat(0x20);
        let wanted = i8x32::splat(byte.cast_signed());
        self.mask(|bytes| (bytes | case).simd_eq(wanted))
    }

    /// Whether a control character, a backslash or a byte beyond ASCII stands anywhere.
    #[inline(always)]
    pub(super) fn has_special_bytes(self) -> bool {
        let is_special =
            |bytes: i8x32| bytes.simd_lt(i8x32::splat(0x20)) | bytes.simd_eq(i8x32::splat(b'\\'.cast_signed()));
        (is_special(self.0[0]) | is_special(self.0[1])).any()
    }

    /// Where control characters stand, line breaks and tabs included.
    pub(super) fn control(self) -> u64 {
        self.mask(|bytes| bytes.simd_lt(i8x32::splat(0x20))) & !self.non_ascii()
    }

    /// Where bytes stand that are not ASCII.
    pub(super) fn non_ascii(self) -> u64 {
        self.mask(|bytes| bytes)
    }
}

#[inline(always)]
fn vector(bytes: &[u8; 32]) -> i8x32 {
    u8x32::new(*bytes).cast_signed()
}

/// Every bit becomes the parity of itself and all bits below: from quotes to what they enclose.
#[inline(always)]
pub(super) fn parity_below(mut bits: u64) -> u64 {
    for distance in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << distance;
    }
    bits
}

/// The lowest bit alone; 0 when there is none.
#[inline(always)]
pub(super) fn lowest(bits: u64) -> u64 {
    bits & bits.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn mask_of(bytes: &[u8; BLOCK], test: impl Fn(u8) -> bool) -> u64 {
        bytes.iter().enumerate().fold(0, |mask, (at, &byte)| mask | u64::from(test(byte)) << at)
    }

    proptest! {
        #[test]
        fn a_mask_says_of_each_byte_what_a_look_at_it_says(bytes in prop::array::uniform32(any::<[u8; 2]>())) {
            let bytes: [u8; BLOCK] = bytes.concat().try_into().unwrap();
            let block = Block::new(&bytes);
            prop_assert_eq!(block.equal_to(b'"'), mask_of(&bytes, |byte| byte == b'"'));
            prop_assert_eq!(block.either_case_of(b'{'), mask_of(&bytes, |byte| matches!(byte, b'{' | b'[')));
            prop_assert_eq!(block.either_case_of(b'}'), mask_of(&bytes, |byte| matches!(byte, b'}' | b']')));
            prop_assert_eq!(block.control(), mask_of(&bytes, |byte| byte < 0x20));
            prop_assert_eq!(block.non_ascii(), mask_of(&bytes, |byte| byte >= 0x80));
        }

        #[test]
        fn one_special_byte_among_others_is_noticed(at in 0..BLOCK, byte: u8) {
            let mut bytes = [b'x'; BLOCK];
            bytes[at] = byte;
            let is_special = byte < 0x20 || byte >= 0x80 || byte == b'\\';
            prop_assert_eq!(Block::new(&bytes).has_special_bytes(), is_special);
        }

        #[test]
        fn a_bit_is_inside_quotes_when_an_odd_number_stands_up_to_it(quotes: u64, at in 0..64_usize) {
            let inside = (quotes << (63 - at)).count_ones() % 2 == 1;
            prop_assert_eq!(parity_below(quotes) >> at & 1 == 1, inside);
        }
    }
}
