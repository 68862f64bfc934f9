use incydr_core::health::{ErrorType, Trouble};
use serde_json::Value as Json;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(1_768_000_000_000 + second * 1_000)
}

fn opened() -> Notice {
    Notice::WindowOpened { from: at(0), to: at(60), ranges: 1, resumed: false }
}

fn closed() -> Notice {
    Notice::WindowClosed { watermark: at(60), expected: Some(3), unique: 3 }
}

fn trouble() -> Notice {
    Notice::Trouble(Trouble {
        error_type: ErrorType::ThirdPartyGeneric,
        tracker: "Upstream",
        error_code: Some(503),
        error_info: String::new(),
        message: "searching file events: the service failed".to_owned(),
    })
}

/// The spans that come of these notices, told one a second.
fn spans_of(notices: &[Notice]) -> Vec<Json> {
    let (sender, mut spans) = mpsc::channel(16);
    let trace = Traces(Some(sender)).of("Code42", Stream::FileEvents).expect("traces are wanted");
    for (second, notice) in (100..).zip(notices) {
        trace.hear(notice, at(second));
    }
    std::iter::from_fn(|| spans.try_recv().ok()).map(|span| span.json()).collect()
}

fn event_names(span: &Json) -> Vec<&str> {
    span["events"].as_array().expect("a list").iter().filter_map(|event| event["name"].as_str()).collect()
}

#[test]
fn a_window_is_a_span_with_what_happened_in_it() {
    let page = Notice::PageFetched { events: 3, bytes: 900, position: None, total_count: Some(3) };
    let spans = spans_of(&[opened(), page, Notice::Duplicates { events: 1 }, closed()]);
    assert_eq!(spans.len(), 1);
    let span = &spans[0];
    assert_eq!(event_names(span), ["page", "duplicates"]);
    assert_eq!(span["status"]["code"], 1);
    assert_eq!(span["startTimeUnixNano"], "1768000100000000000");
    assert_eq!(span["endTimeUnixNano"], "1768000103000000000");
    assert_eq!(
        (span["traceId"].as_str().map(str::len), span["spanId"].as_str().map(str::len)),
        (Some(32), Some(16))
    );
    let stream = serde_json::json!({ "key": "stream", "value": { "stringValue": "fileEvents" } });
    assert!(span["attributes"].as_array().expect("a list").contains(&stream));
}

#[test]
fn a_window_that_was_interrupted_ends_with_its_trouble_and_one_that_was_mended_ends_well() {
    let spans = spans_of(&[opened(), trouble(), opened(), trouble(), closed()]);
    let codes: Vec<_> = spans.iter().map(|span| span["status"]["code"].clone()).collect();
    assert_eq!(codes, [2, 1]);
    assert_eq!(spans[0]["status"]["message"], "Upstream");
    assert!(!spans[0].to_string().contains("searching"), "a service may have put its words there");
}

#[test]
fn a_span_notes_so_many_events_and_counts_the_others() {
    let duplicates = (0..200).map(|_| Notice::Duplicates { events: 1 });
    let notices: Vec<_> = std::iter::once(opened()).chain(duplicates).chain([closed()]).collect();
    let spans = spans_of(&notices);
    assert_eq!(
        (event_names(&spans[0]).len(), &spans[0]["droppedEventsCount"]),
        (128, &serde_json::json!(72))
    );
}

#[test]
fn nobody_is_told_anything_when_traces_are_off() {
    assert!(Traces::off().of("Code42", Stream::Alerts).is_none());
}
