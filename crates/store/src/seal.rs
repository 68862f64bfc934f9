//! The seal of a checkpoint: a digest that tells a damaged one from a true one.
//!
//! SQLite notices damage to the structure of its file, not to a number inside a row. A watermark with one bit turned
//! over would skip events without a word; so each checkpoint is committed with a digest over all of it, and read only
//! together with that. This is not a signature: who can write the file can also write the seal.

use incydr_core::checkpoint::{Checkpoint, Cursor, WalkRange};
use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;

/// The first 128 bits of BLAKE3.
pub(crate) type Seal = [u8; 16];

/// The seal of `checkpoint` at `place`.
pub(crate) fn seal(place: &Place, checkpoint: &Checkpoint) -> Seal {
    // Naming every field makes the compiler ask for each one that is added later.
    let Checkpoint { watermark, window, second_pass, ranges } = checkpoint;
    let mut digest = Digest(blake3::Hasher::new());
    digest.text(&place.source);
    digest.text(place.stream.as_str());
    digest.optional(watermark.map(nanos));
    digest.number(*window);
    digest.optional(second_pass.map(nanos));
    digest.number(ranges.len() as u64);
    for range in ranges {
        digest.range(range);
    }
    let mut seal = Seal::default();
    seal.copy_from_slice(&digest.0.finalize().as_bytes()[..size_of::<Seal>()]);
    seal
}

/// Every field has a fixed length or is led by it, so that no two checkpoints feed the same bytes.
struct Digest(blake3::Hasher);

impl Digest {
    fn number(&mut self, number: u64) {
        self.0.update(&number.to_le_bytes());
    }

    fn optional(&mut self, number: Option<u64>) {
        self.number(u64::from(number.is_some()));
        self.number(number.unwrap_or(0));
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn range(&mut self, range: &WalkRange) {
        let WalkRange {
            number,
            from,
            to,
            owns_end,
            cursor,
            position,
            page,
            unique,
            expected,
            rescans,
            closed,
        } = range;
        self.number(u64::from(*number));
        self.number(nanos(*from));
        self.number(nanos(*to));
        self.number(u64::from(*owns_end));
        self.cursor(cursor);
        self.number(nanos(*position));
        self.number(*page);
        self.number(*unique);
        self.optional(*expected);
        self.number(u64::from(*rescans));
        self.number(u64::from(*closed));
    }

    fn cursor(&mut self, cursor: &Cursor) {
        match cursor {
            Cursor::Start => self.number(0),
            Cursor::Token(token) => {
                self.number(1);
                self.text(token);
            }
            Cursor::At(instant) => {
                self.number(2);
                self.number(nanos(*instant));
            }
        }
    }
}

fn nanos(instant: Timestamp) -> u64 {
    instant.as_nanos().cast_unsigned()
}
