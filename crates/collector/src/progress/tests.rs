use super::*;
use async_trait::async_trait;
use incydr_core::health::{ErrorType, Trouble};
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A clock that stands until it is moved.
#[derive(Default)]
struct StandingClock(AtomicI64);

#[async_trait]
impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }

    async fn sleep(&self, _: Duration) {}
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("lines").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Gives each notice at its second, and returns the closing figures and the log.
fn collected(notices: &[(i64, Notice)]) -> (StreamTally, Vec<String>) {
    let (clock, lines) = (Arc::new(StandingClock::default()), Lines::default());
    let mut progress = Progress::new(&Screen::without_bars(), clock.clone());
    let notify = progress.add(Stream::FileEvents);
    let writer = lines.clone();
    let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
    tracing::subscriber::with_default(log, || {
        for (second, notice) in notices {
            clock.0.store(second * 1_000, Ordering::Relaxed);
            notify(notice.clone());
        }
    });
    progress.finish();
    let log = String::from_utf8(lines.0.lock().expect("lines").clone()).expect("text");
    (progress.tallies()[0].1.clone(), log.lines().map(str::to_owned).collect())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}

fn page(events: u64, second: i64) -> Notice {
    Notice::PageFetched { events, bytes: events * 100, position: Some(at(second)), total_count: Some(events) }
}

fn acknowledged(events: u64, second: i64) -> Notice {
    Notice::Acknowledged { events, bytes: events * 100, sent_bytes: events * 10, newest: at(second) }
}

fn trouble(tracker: &'static str) -> Notice {
    Notice::Trouble(Trouble {
        error_type: ErrorType::ThirdPartyGeneric,
        tracker,
        error_code: Some(429),
        error_info: String::new(),
        message: "searching file events: too many requests".to_owned(),
    })
}

#[test]
fn every_notice_is_counted_once() {
    let (tally, _) = collected(&[
        (0, Notice::WindowOpened { from: at(0), to: at(100), ranges: 1, resumed: false }),
        (1, page(13, 50)),
        (1, Notice::Duplicates { events: 2 }),
        (1, Notice::Excluded { events: 3 }),
        (1, Notice::DeadLettered { reason: "no id".to_owned() }),
        (1, Notice::Oversize { bytes: 70_000 }),
        (1, acknowledged(7, 50)),
        (2, trouble("RateLimited")),
        (2, Notice::RequestFailed),
        (3, Notice::Recovered),
        (3, Notice::WindowClosed { watermark: at(100), expected: Some(13), unique: 11 }),
    ]);
    let expected = StreamTally {
        fetched: 13,
        acknowledged: 7,
        duplicates: 2,
        excluded: 3,
        dead_letters: 1,
        oversize: 1,
        troubles: 2,
        windows: 1,
        bytes: 700,
        sent_bytes: 70,
        watermark: Some(at(100)),
    };
    assert_eq!(tally, expected);
    assert_eq!(tally.lag(at(160)), Some(Duration::from_secs(60)));
    assert_eq!(StreamTally::default().lag(at(160)), None);
}

#[test]
fn progress_is_logged_at_most_every_ten_seconds() {
    let notices: Vec<_> = (0..=30).map(|second| (second, acknowledged(1, second))).collect();
    let (_, lines) = collected(&notices);
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[3].contains("collecting") && lines[3].contains("delivered=31"), "{}", lines[3]);
}

#[test]
fn a_closed_window_is_always_logged() {
    let closed = Notice::WindowClosed { watermark: at(100), expected: Some(3), unique: 3 };
    let (_, lines) = collected(&[(0, acknowledged(1, 0)), (1, closed.clone()), (2, closed)]);
    assert_eq!(lines.iter().filter(|line| line.contains("window closed")).count(), 2, "{lines:#?}");
}

#[test]
fn the_same_trouble_is_logged_once_until_ten_seconds_passed_and_another_one_at_once() {
    let (tally, lines) = collected(&[
        (0, trouble("RateLimited")),
        (1, trouble("RateLimited")),
        (2, trouble("Upstream")),
        (3, trouble("Upstream")),
        (13, trouble("Upstream")),
        (14, Notice::Recovered),
        (15, Notice::Recovered),
        (16, trouble("Upstream")),
    ]);
    assert_eq!(tally.troubles, 6);
    let troubles = lines.iter().filter(|line| line.contains("too many requests")).count();
    let recoveries = lines.iter().filter(|line| line.contains("recovered")).count();
    assert_eq!((troubles, recoveries), (4, 1), "{lines:#?}");
}

#[test]
fn a_flood_of_dead_letters_is_one_line() {
    let dead = || Notice::DeadLettered { reason: "no id".to_owned() };
    let (tally, lines) = collected(&(0..1_000).map(|_| (0, dead())).collect::<Vec<_>>());
    assert_eq!((tally.dead_letters, lines.len()), (1_000, 1));
}
