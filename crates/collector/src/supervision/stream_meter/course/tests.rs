//! What a course shows after what was counted.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const START: i64 = 29_000_000;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000 + 59_999)
}

prop_compose! {
    /// Minutes from one count to the next, and what is counted.
    fn any_counts()(counts in proptest::collection::vec(
        (prop_oneof![8 => 0_i64..4, 3 => 0_i64..300, 1 => 0_i64..20_000],
         (0_u64..3, 0_u64..5_000_000_000, 0_u64..3, 0_u64..400_000_000)), 1..120)
    ) -> Vec<(i64, SpanFigures)> {
        let figures = |(events, bytes, requests, request_micros)| SpanFigures { events, bytes, requests, request_micros };
        let mut minute = START;
        let later = |gap: i64| { minute += gap; minute };
        counts.iter().map(|(gap, _)| *gap).map(later).zip(counts.iter().map(|(_, told)| figures(*told))).collect()
    }
}

fn course_of(counts: &[(i64, SpanFigures)]) -> Course {
    let mut course = Course::beginning(at(START));
    for (minute, figures) in counts {
        course.count(*figures, at(*minute));
    }
    course
}

proptest! {
    #[test]
    fn each_span_of_each_scale_has_what_happened_in_it(counts in any_counts(), quiet in 0_i64..20_000) {
        let course = course_of(&counts);
        let now = counts.last().expect("one at least").0 + quiet;
        for scale in Scale::ALL {
            let mut expected = BTreeMap::<i64, SpanFigures>::new();
            for (minute, figures) in &counts {
                expected.entry(minute.div_euclid(scale.minutes())).or_default().add(*figures);
            }
            let newest = now.div_euclid(scale.minutes());
            let numbers = newest - scale.spans() as i64 + 1..=newest;
            let spans: Vec<_> = numbers.map(|number| expected.get(&number).copied().unwrap_or_default()).collect();
            prop_assert_eq!(course.until(at(now), scale), spans, "{:?}", scale);
        }
    }

    #[test]
    fn what_was_stored_goes_on_as_if_nothing_had_been_between(
        before in any_counts(), after in any_counts(), pause in 0_i64..5_000,
    ) {
        let resume = before.last().expect("one at least").0 + pause;
        let mut uninterrupted = course_of(&before);
        let stored = uninterrupted.to_bytes();
        let mut resumed = Course::from_bytes(&stored, at(resume)).expect("it was written so");
        for (minute, figures) in &after {
            let now = at(resume + minute - START);
            uninterrupted.count(*figures, now);
            resumed.count(*figures, now);
        }
        prop_assert_eq!(resumed, uninterrupted);
    }

    #[test]
    fn what_nobody_wrote_is_read_as_nothing_or_as_something_harmless(
        counts in any_counts(), byte in any::<prop::sample::Index>(), bits in 1_u8.., cut in any::<bool>(),
    ) {
        let mut stored = course_of(&counts).to_bytes();
        let index = byte.index(stored.len());
        stored[index] ^= bits;
        stored.truncate(if cut { index } else { stored.len() });
        let now = at(counts.last().expect("one at least").0);
        if let Some(mut course) = Course::from_bytes(&stored, now) {
            course.count(SpanFigures { events: u64::MAX, ..SpanFigures::default() }, now);
            for scale in Scale::ALL {
                let spans = course.until(now, scale);
                prop_assert_eq!(spans.len(), scale.spans());
                prop_assert_eq!(spans.last().expect("the newest").events, u64::MAX);
            }
        }
    }
}

#[test]
fn what_lies_in_the_future_is_not_believed() {
    let stored = Course::beginning(at(START + 1)).to_bytes();
    assert_eq!(Course::from_bytes(&stored, at(START)), None);
    assert!(Course::from_bytes(&stored, at(START + 1)).is_some());
}

#[test]
fn the_week_of_an_idle_stream_fits_into_little_more_than_a_kilobyte() {
    let mut course = Course::beginning(at(START));
    for poll in 0..12 * 24 * 8 {
        let requests = SpanFigures { requests: 1, request_micros: 180_000, ..SpanFigures::default() };
        course.count(requests, at(START + 5 * poll));
    }
    let held: usize = course.0.iter().map(Ring::held_bytes).sum::<usize>() + size_of::<Course>();
    assert!(held < 1_500, "{held} bytes");
    assert!(course.to_bytes().len() < 1_200, "{} bytes", course.to_bytes().len());
}

#[test]
fn a_mean_is_of_the_requests_of_the_span() {
    let span = SpanFigures { requests: 4, request_micros: 1_000_000, ..SpanFigures::default() };
    assert_eq!(span.mean_latency(), Some(Duration::from_millis(250)));
    assert_eq!(SpanFigures::default().mean_latency(), None);
}

#[test]
fn every_scale_reads_back_from_its_word_and_covers_its_time() {
    for (scale, hours) in Scale::ALL.into_iter().zip([1, 24, 24 * 7]) {
        assert_eq!(Scale::parse(scale.as_str()), Some(scale));
        assert_eq!(
            scale.span() * u32::try_from(scale.spans()).expect("small"),
            Duration::from_secs(hours * 3_600)
        );
        let begin = scale.span_begin(at(START));
        assert!(begin <= at(START) && at(START).since(begin) < scale.span());
    }
    assert_eq!(Scale::parse("year"), None);
}
