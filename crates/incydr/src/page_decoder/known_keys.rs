//! Tells whether an object may have the same key twice, by comparing its keys with those of objects met before.
//!
//! The objects of a stream have few different lists of keys. A "no" is certain; a "maybe" is for `inspection`, which
//! compares the keys themselves.

/// How many lists are remembered.
const SLOTS: usize = 128;

/// Longer lists are not remembered, so that memory stays small.
const LONGEST_LIST: usize = 512;

/// A number that stands for a key: equal keys have equal marks, and different keys nearly always different ones.
pub(super) type Mark = u32;

/// Lists of keys of which no two have the same mark.
pub(super) struct KnownKeys {
    lists: Box<[Vec<Mark>; SLOTS]>,
}

impl KnownKeys {
    pub(super) fn new() -> Self {
        Self { lists: Box::new([const { Vec::new() }; SLOTS]) }
    }

    /// Whether an object with these keys may have one of them twice.
    #[inline]
    pub(super) fn may_repeat(&mut self, keys: &[Mark]) -> bool {
        let [first, .., last] = keys else { return false };
        let slot = (first ^ last.rotate_left(9)) as usize ^ keys.len();
        let known = &mut self.lists[slot % SLOTS];
        *known != keys && learn(known, keys)
    }
}

/// Puts `keys` in the place of `known`, unless two are the same.
#[cold]
fn learn(known: &mut Vec<Mark>, keys: &[Mark]) -> bool {
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    let may_repeat = sorted.windows(2).any(|pair| pair[0] == pair[1]);
    if !may_repeat && keys.len() <= LONGEST_LIST {
        keys.clone_into(known);
    }
    may_repeat
}

/// The mark of the key at `text[start..end]`.
#[inline(always)]
pub(super) fn mark(text: &[u8], start: usize, end: usize) -> Mark {
    let length = end - start;
    let unused_bits = 64 - 8 * length.clamp(1, 8);
    let head = word_from(text, start) << unused_bits;
    let tail = end.checked_sub(8).map_or(head, |start| word_from(text, start) >> unused_bits << unused_bits);
    let mixed = (head ^ tail.rotate_left(23)).wrapping_add(length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}

/// Eight bytes from `start`; those past the end of the text count as zero.
#[inline(always)]
fn word_from(text: &[u8], start: usize) -> u64 {
    match text.get(start..).and_then(<[u8]>::first_chunk) {
        Some(word) => u64::from_le_bytes(*word),
        None => last_word(text.get(start..).unwrap_or_default()),
    }
}

#[cold]
fn last_word(text: &[u8]) -> u64 {
    text.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}
