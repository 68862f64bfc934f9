//! Batches of made-up events.

use incydr_core::batch::Batch;
use incydr_core::event::EventId;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;

const HOUR_MILLIS: i64 = 3_600_000;

/// The payload of event `number`.
pub(crate) fn payload(number: u32) -> String {
    format!(
        r#"{{"@timestamp":"2025-01-28T01:24:24.362Z","event":{{"id":"{number}"}},"file":{{"name":"é.txt"}}}}"#
    )
}

/// File events with these numbers. They happen eight hours apart from 2025-01-01 on, three on each day.
pub(crate) fn batch(numbers: impl IntoIterator<Item = u32>) -> Batch {
    let mut batch = Batch::new(Stream::FileEvents);
    for number in numbers {
        let payload = payload(number);
        let time = Timestamp::parse(b"2025-01-01T00:00:00Z").unwrap().as_millis();
        let time = Timestamp::from_millis(time + i64::from(number) * 8 * HOUR_MILLIS);
        batch.push(payload.as_bytes(), EventId::of_immutable(&number.to_le_bytes()), time);
    }
    batch
}
