//! Finds the tokens of an element, sixty-four bytes at a time, and sees which stand where they may not.
//!
//! First half of `screen`. Knows of each token what stands right before it, but not in which container it is.

use super::masks::{BLOCK, Block, lowest, parity_below};
use super::positions::{BATCH_BLOCKS, Positions};

/// What is known of an element so far.
pub(super) struct Lexer {
    /// How many bytes were looked at.
    scanned: usize,
    carry: Carry,
    /// Where the first token stands that may not stand there, or the first raw control character.
    first_fault: usize,
    has_backslashes: bool,
    has_non_ascii: bool,
    /// The tokens that somebody must look at: brackets, strings after a comma or bracket (so all keys), and literals
    /// and numbers that do not follow a colon at once.
    pub(super) tokens: Positions,
    /// The closing quotes of the strings among the tokens.
    pub(super) string_ends: Positions,
}

/// What one block leaves to the next: single bits at the place of its first byte, but `in_string`, which is all bits
/// or none.
#[derive(Clone, Copy)]
struct Carry {
    escaped: u64,
    in_string: u64,
    after_comma: u64,
    after_colon: u64,
    after_open: u64,
    right_after_colon: u64,
    right_after_key: u64,
    in_key: u64,
    in_scalar: u64,
}

/// Before an element, which stands where an array may have its first value.
const BEFORE_ELEMENT: Carry = Carry {
    escaped: 0,
    in_string: 0,
    after_comma: 0,
    after_colon: 0,
    after_open: 1,
    right_after_colon: 0,
    right_after_key: 0,
    in_key: 0,
    in_scalar: 0,
};

impl Lexer {
    pub(super) fn new() -> Self {
        Self {
            scanned: 0,
            carry: BEFORE_ELEMENT,
            first_fault: usize::MAX,
            has_backslashes: false,
            has_non_ascii: false,
            tokens: Positions::new(),
            string_ends: Positions::new(),
        }
    }

    /// Begins an element.
    pub(super) fn restart(&mut self) {
        self.scanned = 0;
        self.carry = BEFORE_ELEMENT;
        self.first_fault = usize::MAX;
        self.has_backslashes = false;
        self.has_non_ascii = false;
        self.tokens.clear();
        self.string_ends.clear();
    }

    pub(super) fn scanned(&self) -> usize {
        self.scanned
    }

    /// Whether a token before `end` stands where it may not.
    pub(super) fn has_fault_before(&self, end: usize) -> bool {
        self.first_fault < end
    }

    pub(super) fn has_backslashes(&self) -> bool {
        self.has_backslashes
    }

    pub(super) fn has_non_ascii(&self) -> bool {
        self.has_non_ascii
    }

    /// Appends the tokens of the next blocks of `text`, which begins with the element.
    pub(super) fn lex_batch(&mut self, text: &[u8]) {
        let unseen = text.get(self.scanned..).unwrap_or_default();
        let (blocks, rest) = unseen.as_chunks::<BLOCK>();
        for block in blocks.iter().take(BATCH_BLOCKS) {
            self.lex(Block::new(block), BLOCK);
        }
        if blocks.len() < BATCH_BLOCKS && !rest.is_empty() {
            self.lex(Block::padded(rest), rest.len());
        }
    }

    /// The next block of which only brackets matter, as masks of the opening and the closing ones, and where it
    /// begins; `None` at the end of `text`.
    pub(super) fn brackets(&mut self, text: &[u8]) -> Option<(u64, u64, usize)> {
        let unseen = text.get(self.scanned..).filter(|unseen| !unseen.is_empty())?;
        let (block, length) = match unseen.first_chunk() {
            Some(block) => (Block::new(block), BLOCK),
            None => (Block::padded(unseen), unseen.len()),
        };
        let (quotes, strings, _) = self.strings(block, length);
        let outside = !(quotes | strings);
        let begin = self.scanned;
        self.scanned += length;
        Some((block.either_case_of(b'{') & outside, block.either_case_of(b'}') & outside, begin))
    }

    /// The quotes that delimit strings, the strings from each opening quote up to, but without, the closing one, and
    /// the control characters.
    #[inline(always)]
    fn strings(&mut self, block: Block, length: usize) -> (u64, u64, u64) {
        let mut quotes = block.equal_to(b'"');
        let mut control = 0;
        if block.has_special_bytes() || self.carry.escaped != 0 {
            quotes &= !self.escaped(block.equal_to(b'\\'), length);
            control = block.control();
            self.has_non_ascii |= block.non_ascii() != 0;
        }
        let strings = parity_below(quotes) ^ self.carry.in_string;
        self.carry.in_string = 0_u64.wrapping_sub(strings >> 63);
        (quotes, strings, control)
    }

    /// The bytes that a backslash escapes.
    fn escaped(&mut self, backslashes: u64, length: usize) -> u64 {
        self.has_backslashes |= backslashes != 0;
        let mut escaped = self.carry.escaped;
        let mut rest = backslashes & !escaped;
        self.carry.escaped = 0;
        while rest != 0 {
            let backslash = lowest(rest);
            escaped |= backslash << 1;
            rest &= !(backslash | backslash << 1);
            self.carry.escaped = backslash >> (length - 1) & 1;
        }
        escaped
    }

    /// Looks at one block, of which `length` bytes are text.
    #[inline(always)]
    fn lex(&mut self, block: Block, length: usize) {
        let (quotes, strings, control) = self.strings(block, length);
        let begin = self.scanned;
        self.scanned += length;
        if quotes == 0 && strings == u64::MAX {
            self.note_faults(begin, control);
            return;
        }
        let outside = !(quotes | strings);
        let open = block.either_case_of(b'{') & outside;
        let close = block.either_case_of(b'}') & outside;
        let comma = block.equal_to(b',') & outside;
        let colon = block.equal_to(b':') & outside;
        let space = block.equal_to(b' ') & outside;
        let scalar = outside & !(open | close | comma | colon | space);

        let carry = &mut self.carry;
        let after_comma = follow(comma, space, &mut carry.after_comma);
        let after_colon = follow(colon, space, &mut carry.after_colon);
        let after_open = follow(open, space, &mut carry.after_open);
        let after_any = after_comma | after_colon | after_open;

        let string_open = quotes & strings;
        let scalar_begin = scalar & !(scalar << 1 | carry.in_scalar);
        let value = string_open | scalar_begin | open;
        carry.in_scalar = scalar >> (length - 1) & 1;

        let item = string_open & (after_comma | after_open);
        let item_end = ends(strings, item, &mut carry.in_key) & quotes & !strings;
        let right_after_key = item_end << 1 | carry.right_after_key;
        carry.right_after_key = item_end >> (length - 1) & 1;
        let right_after_colon = colon << 1 | carry.right_after_colon;
        carry.right_after_colon = colon >> (length - 1) & 1;

        let faults = control
            | value & !after_any
            | (comma | colon) & after_any
            | close & (after_comma | after_colon)
            | colon & !right_after_key;
        self.note_faults(begin, faults);
        self.tokens.append(begin, open | close | item | scalar_begin & !right_after_colon);
        self.string_ends.append(begin, item_end);
    }

    #[inline(always)]
    fn note_faults(&mut self, begin: usize, faults: u64) {
        if faults != 0 {
            self.first_fault = self.first_fault.min(begin + faults.trailing_zeros() as usize);
        }
    }
}

/// The places right after `tokens`, spaces skipped.
#[inline(always)]
fn follow(tokens: u64, spaces: u64, carry: &mut u64) -> u64 {
    let (sum, skipped) = spaces.overflowing_add(tokens << 1 | *carry);
    *carry = tokens >> 63 | u64::from(skipped);
    sum & !spaces
}

/// Holds the closing quotes of the strings that `begins` begin: added to a string, a bit at its begin is carried to
/// its end. Also holds bits of other strings, which are no closing quotes.
#[inline(always)]
fn ends(strings: u64, begins: u64, carry: &mut u64) -> u64 {
    let (sum, begun) = strings.overflowing_add(begins);
    let (sum, went_on) = sum.overflowing_add(*carry);
    *carry = u64::from(begun | went_on);
    sum
}
