//! The spans of one scale: the one that is under way, and those before it as bytes.

use super::SpanFigures;
use super::span_code::{Reader, write_number};

/// Room is made for so many bytes at a time.
const ROOM: usize = 64;

/// Consecutive spans, the last of which is under way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Ring {
    /// Spans from the epoch to the one under way.
    number: i64,
    /// The span under way.
    pub(super) open: SpanFigures,
    /// How many spans before it are known.
    count: usize,
    /// Those, oldest first.
    closed: Vec<u8>,
}

impl Ring {
    /// The span with this number is under way, and none is known before it.
    pub(super) const fn new(number: i64) -> Self {
        Self {
            number,
            open: SpanFigures { events: 0, bytes: 0, requests: 0, request_micros: 0 },
            count: 0,
            closed: Vec::new(),
        }
    }

    /// The span with this number is under way; of all spans `limit` are known.
    pub(super) fn advance(&mut self, number: i64, limit: usize) {
        let passed = usize::try_from(number.saturating_sub(self.number)).unwrap_or_default();
        if passed >= limit {
            *self = Self::new(number);
        }
        while self.number < number {
            self.close(limit);
        }
    }

    /// The `limit` spans up to the one with this number, oldest first.
    pub(super) fn until(&self, number: i64, limit: usize) -> Vec<SpanFigures> {
        let mut told = self.clone();
        told.advance(number, limit);
        let mut spans = vec![SpanFigures::default(); limit.saturating_sub(told.count + 1)];
        let mut reader = Reader(&told.closed);
        spans.extend((0..told.count).map(|_| reader.span().unwrap_or_default()));
        spans.push(told.open);
        spans
    }

    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        write_number(bytes, self.number.cast_unsigned());
        write_number(bytes, self.count as u64);
        bytes.extend_from_slice(&self.closed);
        self.open.write(bytes);
    }

    /// What [`Ring::write`] wrote, of which no more than `limit` spans and none after `newest` are believed.
    pub(super) fn read(reader: &mut Reader<'_>, newest: i64, limit: usize) -> Option<Self> {
        let number = reader.number()?.cast_signed();
        let count = usize::try_from(reader.number()?).ok()?;
        if number > newest || count >= limit {
            return None;
        }
        let before = reader.0;
        for _ in 0..count {
            reader.span()?;
        }
        let closed = before[..before.len() - reader.0.len()].to_vec();
        Some(Self { number, open: reader.span()?, count, closed })
    }

    /// How much memory the spans before the present one take.
    #[cfg(test)]
    pub(super) fn held_bytes(&self) -> usize {
        self.closed.capacity()
    }

    fn close(&mut self, limit: usize) {
        if self.closed.capacity() - self.closed.len() < SpanFigures::LONGEST {
            self.closed.reserve_exact(ROOM);
        }
        std::mem::take(&mut self.open).write(&mut self.closed);
        self.number += 1;
        self.count += 1;
        if self.count >= limit {
            let mut reader = Reader(&self.closed);
            reader.span();
            let rest = reader.0.len();
            self.closed.drain(..self.closed.len() - rest);
            self.count -= 1;
        }
    }
}
