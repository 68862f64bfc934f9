//! Places in a text that wait to be looked at, in order.

use super::masks::BLOCK;

/// How many blocks are lexed before their tokens are looked at.
pub(super) const BATCH_BLOCKS: usize = 8;

/// Bits are turned into places so many at a time, wanted or not, because that is faster than counting first.
const STRIDE: usize = 8;

/// Room for a batch in which every byte is a token, for the one that may be left over from the batch before, and
/// for a stride.
const CAPACITY: usize = BATCH_BLOCKS * BLOCK + 1 + STRIDE;

/// A queue of places.
pub(super) struct Positions {
    places: Box<[u32; CAPACITY]>,
    count: usize,
}

impl Positions {
    pub(super) fn new() -> Self {
        Self { places: Box::new([0; CAPACITY]), count: 0 }
    }

    pub(super) fn clear(&mut self) {
        self.count = 0;
    }

    pub(super) fn as_slice(&self) -> &[u32] {
        &self.places[..self.count]
    }

    /// Forgets the first `count` places.
    pub(super) fn remove_first(&mut self, count: usize) {
        self.places.copy_within(count..self.count, 0);
        self.count -= count;
    }

    /// Appends the places of `bits`, of which bit 0 is at `base`.
    #[inline(always)]
    pub(super) fn append(&mut self, base: usize, mut bits: u64) {
        let end = self.count + bits.count_ones() as usize;
        let mut at = self.count;
        while let Some(room) = self.places.get_mut(at..).and_then(<[u32]>::first_chunk_mut::<STRIDE>) {
            for place in room {
                *place = base as u32 + bits.trailing_zeros();
                bits &= bits.wrapping_sub(1);
            }
            at += STRIDE;
            if at >= end {
                break;
            }
        }
        self.count = end;
    }
}
