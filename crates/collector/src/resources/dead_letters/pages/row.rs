//! A dead letter without its payload, in words.

use incydr_core::stream::Place;
use incydr_core::timestamp::Timestamp;
use incydr_store::{DeadLetterSummary, KeptDeadLetter};

use crate::figures::bytes;
use crate::pages::Moment;
use crate::printable::printable;
use crate::resources::dead_letters::document::instant_of;
use crate::resources::streams::pages::title_of;

/// A dead letter as a row of a table.
pub(super) struct Row {
    /// Its number.
    pub(super) number: u64,
    /// The name of its stream for people.
    pub(super) stream: &'static str,
    /// When it became one.
    pub(super) recorded: Option<Moment>,
    /// The time of the event.
    pub(super) time: Moment,
    /// What is wrong with it.
    pub(super) reason: String,
    /// How large the event is.
    pub(super) size: String,
}

impl Row {
    /// `letter` as of `now`.
    pub(super) fn of(letter: &DeadLetterSummary, now: Timestamp) -> Self {
        Self {
            number: letter.number,
            stream: title_of(letter.place.stream),
            recorded: recorded(&letter.recorded_at, now),
            time: Moment::new(letter.time, now),
            reason: printable(&letter.reason).into_owned(),
            size: bytes(letter.bytes),
        }
    }

    /// The same of a letter that is there whole.
    pub(super) fn of_whole(place: &Place, kept: &KeptDeadLetter, now: Timestamp) -> Self {
        Self {
            number: kept.number,
            stream: title_of(place.stream),
            recorded: recorded(&kept.recorded_at, now),
            time: Moment::new(kept.letter.time, now),
            reason: printable(&kept.letter.reason).into_owned(),
            size: bytes(kept.letter.raw.len() as u64),
        }
    }
}

fn recorded(recorded_at: &str, now: Timestamp) -> Option<Moment> {
    Timestamp::parse(instant_of(recorded_at).as_bytes()).map(|at| Moment::new(at, now))
}
