//! Places, ranges and batches to test with.

use incydr_core::checkpoint::WalkRange;
use incydr_core::destination::Receipt;
use incydr_core::event::EventId;
use incydr_core::ledger::{AcknowledgedBatch, Commit, Counts, Step};
use incydr_core::stream::{Place, Stream};
use incydr_core::timestamp::Timestamp;

/// All of time.
pub(super) const ALWAYS: (Timestamp, Timestamp) =
    (Timestamp::from_nanos(i64::MIN), Timestamp::from_nanos(i64::MAX));

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

pub(super) fn place() -> Place {
    Place { source: "finance at api.us.code42.com".to_owned(), stream: Stream::FileEvents }
}

/// An untouched range of an hour.
pub(super) fn range(number: u32) -> WalkRange {
    let from = i64::from(number) * 3_600;
    WalkRange::new(number, at(from), at(from + 3_600), false)
}

pub(super) fn open_window(ranges: u32) -> Commit {
    step(Step::OpenWindow((0..ranges).map(range).collect()))
}

pub(super) fn close_window(watermark: i64, forget_before: i64) -> Commit {
    let (watermark, forget_before) = (at(watermark), at(forget_before));
    step(Step::CloseWindow { watermark, forget_before, second_pass: false })
}

pub(super) fn step(step: Step) -> Commit {
    Commit { step: Some(step), ..Commit::default() }
}

/// A batch of one event at each of these seconds.
pub(super) fn batch(seconds: &[i64]) -> AcknowledgedBatch {
    let ids = seconds
        .iter()
        .map(|&second| {
            (EventId { key: u128::MAX - u128::from(second.unsigned_abs()), version: 7 }, at(second))
        })
        .collect();
    AcknowledgedBatch { window: 1, range: 0, page: 3, ids, receipts: Vec::new() }
}

pub(super) fn acknowledge(batches: &[AcknowledgedBatch]) -> Commit {
    Commit { acknowledged: batches.to_vec(), ..Commit::default() }
}

pub(super) fn receipt(name: &str) -> Receipt {
    Receipt { destination: "archive".to_owned(), name: name.to_owned() }
}

pub(super) fn counts(acknowledged: u64, duplicate: u64) -> Counts {
    Counts { fetched: acknowledged + duplicate, acknowledged, duplicate, ..Counts::default() }
}
