//! Runs through the plain part of a string, thirty-two bytes at a time.

use wide::{i8x32, u8x32};

/// How many bytes are looked at in one step.
const BLOCK: usize = 32;

/// The plain part of a string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Plain {
    /// Its bytes before the first quote, backslash or control character.
    pub(super) length: usize,
    /// Whether bytes that are not ASCII may stand in it; certain when `false`.
    pub(super) has_non_ascii: bool,
}

/// The plain part of the string in which `text` begins.
#[inline(always)]
pub(super) fn plain_length(text: &[u8]) -> Plain {
    let mut length = 0;
    let mut seen = i8x32::ZERO;
    while let Some(block) = text.get(length..).and_then(<[u8]>::first_chunk::<BLOCK>) {
        let bytes = u8x32::new(*block).cast_signed();
        seen |= bytes;
        let stops = stops(bytes);
        if stops != 0 {
            length += stops.trailing_zeros() as usize;
            return Plain { length, has_non_ascii: has_non_ascii(seen) };
        }
        length += BLOCK;
    }
    near_end(text, length, has_non_ascii(seen))
}

/// Where quotes, backslashes and control characters stand.
#[inline(always)]
fn stops(bytes: i8x32) -> u32 {
    let quote = bytes.simd_eq(i8x32::splat(b'"'.cast_signed()));
    let backslash = bytes.simd_eq(i8x32::splat(b'\\'.cast_signed()));
    let below_space = bytes.simd_lt(i8x32::splat(0x20));
    (quote | backslash | (below_space & !bytes)).to_bitmask()
}

#[inline(always)]
fn has_non_ascii(bytes: i8x32) -> bool {
    bytes.to_bitmask() != 0
}

/// The last bytes of a text, fewer than a block.
#[cold]
#[inline(never)]
fn near_end(text: &[u8], from: usize, has_non_ascii: bool) -> Plain {
    let rest = &text[from..];
    let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(rest.len());
    Plain { length: from + length, has_non_ascii: has_non_ascii || !rest[..length].is_ascii() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_plain_part_ends_where_a_look_at_each_byte_ends_it(
            plain in "[ -!#-\\[\\]-~é]{0,100}",
            rest in prop::collection::vec(any::<u8>(), 0..70),
        ) {
            let text = [plain.as_bytes(), &rest].concat();
            let expected = text.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20)).unwrap_or(text.len());
            let scanned = plain_length(&text);
            prop_assert_eq!(scanned.length, expected);
            prop_assert!(scanned.has_non_ascii || text[..expected].is_ascii());
        }
    }
}
