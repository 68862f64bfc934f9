//! Which stretch of time to walk next (hop 3), as pure functions.
//!
//! Windows tile time (I6): each begins a look-back before the watermark, so that events which became visible late
//! are met again, and ends at an instant that is fixed before the walk begins.

use std::time::Duration;

use crate::checkpoint::{Checkpoint, WalkRange};
use crate::timestamp::Timestamp;

/// What the checkpoint asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Plan {
    /// Everything up to the wanted instant has been walked.
    Nothing,
    /// A window is open: walk its ranges.
    Resume,
    /// Open a window over this stretch of time, both ends inclusive and in whole milliseconds.
    Open {
        /// First instant.
        from: Timestamp,
        /// Last instant.
        to: Timestamp,
    },
}

/// How far windows reach.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reach {
    /// Where a place without a checkpoint begins.
    pub start: Timestamp,
    /// What lies before this is never read, whatever looks back; `None` where `start` moves from run to run.
    pub earliest: Option<Timestamp>,
    /// How far before the watermark each window begins.
    pub look_back: Duration,
    /// How often the past is read once more for events that became visible later than the look-back; zero means
    /// never. Each such pass reaches a quarter farther back than this, see [`Reach::longest`].
    pub second_pass: Duration,
}

impl Reach {
    /// Where a window of `checkpoint` begins.
    fn begin(&self, checkpoint: &Checkpoint) -> Timestamp {
        let begin = match checkpoint.watermark {
            None => self.start,
            Some(watermark) if self.is_second_pass(checkpoint) => watermark.minus(self.longest()),
            Some(watermark) => watermark.minus(self.look_back),
        };
        self.earliest.map_or(begin, |earliest| begin.max(earliest))
    }

    /// Whether the next window of `checkpoint` is a second pass.
    pub fn is_second_pass(&self, checkpoint: &Checkpoint) -> bool {
        let is_due = |watermark: Timestamp, last: Timestamp| watermark.since(last) >= self.second_pass;
        match (checkpoint.watermark, checkpoint.second_pass) {
            _ if self.second_pass.is_zero() => false,
            (Some(watermark), Some(last)) => is_due(watermark, last),
            (Some(_) | None, None) | (None, Some(_)) => true,
        }
    }

    /// The longest way back of any window: ids must be remembered for as long.
    ///
    /// A second pass reaches farther than to the one before it, because what was inserted shortly before that one
    /// may have become visible only after it.
    pub fn longest(&self) -> Duration {
        self.look_back.max(self.second_pass + self.second_pass / 4)
    }
}

/// Plans the next window up to `until`.
pub fn plan(checkpoint: &Checkpoint, reach: &Reach, until: Timestamp) -> Plan {
    if !checkpoint.ranges.is_empty() {
        return Plan::Resume;
    }
    let to = until.floor_to_millis();
    if checkpoint.watermark.is_some_and(|watermark| to <= watermark) {
        return Plan::Nothing;
    }
    let from = reach.begin(checkpoint).floor_to_millis();
    if from > to { Plan::Nothing } else { Plan::Open { from, to } }
}

/// Splits a window into `parts` disjoint ranges of equal length, at whole milliseconds; fewer when it is too short.
pub fn split(from: Timestamp, to: Timestamp, parts: u32) -> Vec<WalkRange> {
    let millis = to.as_millis() - from.as_millis();
    let parts = i64::from(parts).clamp(1, millis.max(1));
    let edge = |part: i64| Timestamp::from_millis(from.as_millis() + millis * part / parts);
    (0..parts)
        .map(|part| {
            let number = u32::try_from(part).unwrap_or(u32::MAX);
            WalkRange::new(number, edge(part), edge(part + 1), part + 1 == parts)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    const REACH: Reach = Reach {
        start: Timestamp::from_millis(500),
        earliest: None,
        look_back: Duration::from_millis(100),
        second_pass: Duration::from_millis(5_000),
    };

    fn reached(watermark: i64, second_pass: i64) -> Checkpoint {
        let (watermark, second_pass) = (Some(at(watermark)), Some(at(second_pass)));
        Checkpoint { watermark, second_pass, ..Checkpoint::default() }
    }

    #[test]
    fn a_new_place_begins_at_its_start() {
        let plan = plan(&Checkpoint::default(), &REACH, at(1_000));
        assert_eq!(plan, Plan::Open { from: at(500), to: at(1_000) });
    }

    #[test]
    fn the_next_window_begins_a_look_back_before_the_watermark() {
        let checkpoint = reached(1_000, 0);
        assert_eq!(plan(&checkpoint, &REACH, at(2_000)), Plan::Open { from: at(900), to: at(2_000) });
        assert_eq!(plan(&checkpoint, &REACH, at(1_000)), Plan::Nothing);
    }

    #[test]
    fn a_second_pass_reads_the_longer_past_once_it_is_due() {
        let checkpoint = reached(9_000, 4_000);
        assert!(REACH.is_second_pass(&checkpoint));
        assert_eq!(plan(&checkpoint, &REACH, at(9_500)), Plan::Open { from: at(2_750), to: at(9_500) });
        assert!(!REACH.is_second_pass(&reached(8_999, 4_000)));
    }

    #[test]
    fn nothing_looks_back_behind_the_earliest_instant() {
        let reach = Reach { earliest: Some(at(950)), ..REACH };
        assert_eq!(plan(&reached(1_000, 0), &reach, at(2_000)), Plan::Open { from: at(950), to: at(2_000) });
        assert_eq!(
            plan(&reached(9_000, 4_000), &reach, at(9_500)),
            Plan::Open { from: at(2_750), to: at(9_500) }
        );
    }

    #[test]
    fn an_open_window_is_resumed_whatever_the_time() {
        let checkpoint = Checkpoint { ranges: split(at(0), at(10), 1), ..Checkpoint::default() };
        assert_eq!(plan(&checkpoint, &REACH, at(0)), Plan::Resume);
    }

    proptest! {
        #[test]
        fn ranges_tile_the_window_without_gap_or_overlap(from in 0_i64..1_000_000, length in 0_i64..1_000_000, parts in 0_u32..200) {
            let (from, to) = (at(from), at(from + length));
            let ranges = split(from, to, parts);
            prop_assert_eq!(ranges[0].from, from);
            prop_assert_eq!(ranges[ranges.len() - 1].to, to);
            for pair in ranges.windows(2) {
                prop_assert_eq!(pair[0].to, pair[1].from);
                prop_assert!(pair[0].from < pair[0].to);
            }
            prop_assert!(ranges.iter().rev().skip(1).all(|range| !range.owns_end));
            prop_assert!(ranges[ranges.len() - 1].owns_end);
        }
    }
}
