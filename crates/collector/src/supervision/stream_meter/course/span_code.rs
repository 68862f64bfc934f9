//! Spans as bytes: what happened in them in a byte, then the numbers of that, seven bits to a byte.

use super::SpanFigures;

const HAS_EVENTS: u8 = 1;
const HAS_REQUESTS: u8 = 2;

impl SpanFigures {
    /// No span has more bytes.
    pub(super) const LONGEST: usize = 1 + 4 * 10;

    pub(super) fn write(self, bytes: &mut Vec<u8>) {
        let Self { events, bytes: event_bytes, requests, request_micros } = self;
        let has = |numbers: [u64; 2], bit| if numbers == [0; 2] { 0 } else { bit };
        let happened = has([events, event_bytes], HAS_EVENTS) | has([requests, request_micros], HAS_REQUESTS);
        bytes.push(happened);
        if happened & HAS_EVENTS != 0 {
            write_number(bytes, events);
            write_number(bytes, event_bytes);
        }
        if happened & HAS_REQUESTS != 0 {
            write_number(bytes, requests);
            write_number(bytes, request_micros);
        }
    }
}

/// Appends a number, its lowest seven bits first; all bytes of it but the last have the highest bit.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Takes what was written from the front of these bytes; `None` for what nobody wrote.
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl Reader<'_> {
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn span(&mut self) -> Option<SpanFigures> {
        let happened = self.byte().filter(|happened| happened & !(HAS_EVENTS | HAS_REQUESTS) == 0)?;
        let mut span = SpanFigures::default();
        if happened & HAS_EVENTS != 0 {
            (span.events, span.bytes) = (self.number()?, self.number()?);
        }
        if happened & HAS_REQUESTS != 0 {
            (span.requests, span.request_micros) = (self.number()?, self.number()?);
        }
        Some(span)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}
