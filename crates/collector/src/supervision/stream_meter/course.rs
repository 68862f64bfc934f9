//! How a stream did over time: the last hour by the minute, the last day by the quarter of an hour, the last week by two
//! hours.
//!
//! Most of thousands of streams idle, so it is held as it is stored: a span in which nothing happened takes one byte, and
//! one in which an idle stream polled takes about five.

mod ring;
mod span_code;

use std::time::Duration;

use incydr_core::timestamp::Timestamp;

use self::ring::Ring;
use self::span_code::{Reader, write_number};

/// How finely, and how far back.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Scale {
    /// The last hour in 60 minutes.
    Hour,
    /// The last day in 96 quarters of an hour.
    Day,
    /// The last week in 84 spans of two hours.
    Week,
}

/// What happened to a stream in one span of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SpanFigures {
    /// Events that were acknowledged.
    pub events: u64,
    /// Their bytes before compression.
    pub bytes: u64,
    /// Requests to the vendor that have ended, those for tokens included.
    pub requests: u64,
    /// How long these took together until their answers began, in microseconds.
    pub request_micros: u64,
}

/// The figures of one stream on all scales.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Course([Ring; Scale::ALL.len()]);

/// Changes whenever the form of what is stored does. What has another form is forgotten.
const FORM: u64 = 1;

impl Scale {
    /// All scales, the finest first.
    pub const ALL: [Self; 3] = [Self::Hour, Self::Day, Self::Week];

    /// Reads what [`Scale::as_str`] says.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scale| scale.as_str() == word)
    }

    /// One word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
        }
    }

    /// How many spans there are.
    pub const fn spans(self) -> usize {
        match self {
            Self::Hour => 60,
            Self::Day => 96,
            Self::Week => 84,
        }
    }

    /// How long one span is.
    pub const fn span(self) -> Duration {
        Duration::from_secs(60 * self.minutes().cast_unsigned())
    }

    /// When the span that `now` is in began.
    pub fn span_begin(self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(self.number_of(now) * 60_000 * self.minutes())
    }

    const fn minutes(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 15,
            Self::Week => 120,
        }
    }

    /// Spans since the epoch.
    fn number_of(self, now: Timestamp) -> i64 {
        now.as_millis().div_euclid(60_000 * self.minutes())
    }
}

impl SpanFigures {
    /// How long a request took on the average; `None` where there was none.
    pub fn mean_latency(&self) -> Option<Duration> {
        self.request_micros.checked_div(self.requests).map(Duration::from_micros)
    }

    fn add(&mut self, more: Self) {
        self.events = self.events.saturating_add(more.events);
        self.bytes = self.bytes.saturating_add(more.bytes);
        self.requests = self.requests.saturating_add(more.requests);
        self.request_micros = self.request_micros.saturating_add(more.request_micros);
    }
}

impl Course {
    /// The course of a stream of which nothing is known before `now`.
    pub fn beginning(now: Timestamp) -> Self {
        Self(Scale::ALL.map(|scale| Ring::new(scale.number_of(now))))
    }

    /// Adds what has happened now. A clock that goes back changes nothing: it counts for the last span met.
    pub fn count(&mut self, figures: SpanFigures, now: Timestamp) {
        for (ring, scale) in self.0.iter_mut().zip(Scale::ALL) {
            ring.advance(scale.number_of(now), scale.spans());
            ring.open.add(figures);
        }
    }

    /// The spans up to the one that `now` is in, oldest first.
    pub fn until(&self, now: Timestamp, scale: Scale) -> Vec<SpanFigures> {
        let ring = &self.0[scale as usize];
        ring.until(scale.number_of(now), scale.spans())
    }

    /// In the form in which it is stored.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_number(&mut bytes, FORM);
        self.0.iter().for_each(|ring| ring.write(&mut bytes));
        bytes
    }

    /// What was stored, read again at `now`; `None` for anything else, and for what would lie in the future.
    pub fn from_bytes(bytes: &[u8], now: Timestamp) -> Option<Self> {
        let mut reader = Reader(bytes);
        reader.number().filter(|form| *form == FORM)?;
        let mut rings = Self::beginning(now).0;
        for (ring, scale) in rings.iter_mut().zip(Scale::ALL) {
            *ring = Ring::read(&mut reader, scale.number_of(now), scale.spans())?;
        }
        reader.0.is_empty().then_some(Self(rings))
    }
}

#[cfg(test)]
mod tests;
