//! What a meter shows after what it has heard.

use super::*;

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_768_000_020_000 + minutes * 60_000)
}

fn page(events: u64, position: Timestamp, total_count: u64) -> Notice {
    Notice::PageFetched {
        events,
        bytes: 10 * events,
        position: Some(position),
        total_count: Some(total_count),
    }
}

#[test]
fn an_open_window_shows_how_far_it_is_walked_and_what_is_still_to_come() {
    let meter = StreamMeter::new(Stream::FileEvents);
    meter.hear(&Notice::WindowOpened { from: at(-100), to: at(0), ranges: 1, resumed: false }, at(0));
    meter.hear(&page(300, at(-25), 400), at(0));
    let status = meter.status(at(5));
    assert_eq!((status.walked_permille, status.backlog), (Some(750), Some(100)));
    assert_eq!((status.watermark, status.lag), (None, Some(Duration::from_secs(30 * 60))));
    meter.hear(&Notice::WindowClosed { watermark: at(0), expected: Some(400), unique: 400 }, at(5));
    let status = meter.status(at(5));
    assert_eq!((status.walked_permille, status.backlog), (None, None));
    assert_eq!((status.watermark, status.lag), (Some(at(0)), Some(Duration::from_secs(5 * 60))));
}

#[test]
fn outcomes_add_to_those_of_the_place_s_whole_life() {
    let meter = StreamMeter::new(Stream::Alerts);
    let before = Counts { fetched: 9, acknowledged: 7, duplicate: 2, ..Counts::default() };
    meter.take_place(&Checkpoint { watermark: Some(at(-1)), ..Checkpoint::default() }, before);
    meter.hear(&Notice::Acknowledged { events: 5, bytes: 50, sent_bytes: 12, newest: at(0) }, at(0));
    meter.hear(&Notice::Duplicates { events: 3 }, at(0));
    meter.hear(&Notice::DeadLettered { reason: "no object".to_owned() }, at(0));
    let StreamStatus { totals, events_per_minute, watermark, .. } = meter.status(at(0));
    assert!(totals.counts.balance());
    assert_eq!((totals.counts.acknowledged, totals.counts.duplicate, totals.counts.dead), (12, 5, 1));
    assert_eq!((totals.bytes, totals.sent_bytes), (50, 12));
    assert_eq!((events_per_minute[58], events_per_minute[59]), (0, 5));
    assert_eq!(watermark, Some(at(-1)));
}
