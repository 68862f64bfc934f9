//! The supervisor's rules that take minutes, in simulated time: a vendor who answers by script, and a real ledger.

mod outage;

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use incydr_core::checkpoint::WalkRange;
use incydr_core::collection::Pace;
use incydr_core::delivery::Outlet;
use incydr_core::event::EventBlock;
use incydr_core::health::{ErrorType, SourceState};
use incydr_core::source::{Page, PageEnd, Source};
use incydr_core::stop::{StopSwitch, stop_switch};
use incydr_core::window::Reach;
use incydr_store::SqliteLedger;

use super::*;

const POLL: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);

/// Time that passes only while somebody waits.
struct SimulatedClock(Mutex<Timestamp>);

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no panic under the lock")
    }

    async fn sleep(&self, span: Duration) {
        {
            let mut now = self.0.lock().expect("no panic under the lock");
            *now = now.plus(span);
        }
        tokio::task::yield_now().await;
    }
}

/// What the vendor answers to one search.
#[derive(Clone, Copy)]
enum Answer {
    Good,
    Failed(SourceFault),
    ComeBackAfter(SourceFault, Duration),
}

/// What was seen when the vendor was asked.
struct Asked {
    at: Timestamp,
    page_size: u32,
    /// Trackers of the health events that were open.
    open: Vec<&'static str>,
}

/// Answers by script, and asks for the stop at its end.
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    clock: Arc<SimulatedClock>,
    health: Arc<SourceHealth>,
    end: StopSwitch,
}

#[async_trait]
impl Source for Script {
    fn stream(&self) -> Stream {
        Stream::FileEvents
    }

    async fn fetch_page(&self, _: &WalkRange, page_size: u32) -> Result<Box<dyn Page>, SourceError> {
        let Some(answer) = self.answers.lock().expect("no panic under the lock").pop_front() else {
            self.end.request();
            return std::future::pending().await;
        };
        let open = trackers(&self.health);
        let asked = Asked { at: self.clock.now(), page_size, open };
        self.asked.lock().expect("no panic under the lock").push(asked);
        let (fault, retry_after) = match answer {
            Answer::Good => return Ok(Box::new(EmptyPage)),
            Answer::Failed(fault) => (fault, None),
            Answer::ComeBackAfter(fault, wait) => (fault, Some(wait)),
        };
        let attempt = "searching".to_owned();
        Err(SourceError { attempt, fault, code: None, info: String::new(), retry_after })
    }

    async fn count(&self, _: Timestamp, _: Timestamp) -> Result<Option<u64>, SourceError> {
        Ok(None)
    }
}

struct EmptyPage;

#[async_trait]
impl Page for EmptyPage {
    async fn next_block(&mut self) -> Result<Option<EventBlock>, SourceError> {
        Ok(None)
    }

    fn end(&self) -> PageEnd {
        PageEnd { next: None, total_count: Some(0) }
    }
}

fn trackers(health: &SourceHealth) -> Vec<&'static str> {
    health.troubles().iter().map(|trouble| trouble.tracker).collect()
}

/// A supervision that has ended.
struct Ended {
    end: StreamEnd,
    asked: Vec<Asked>,
    health: Arc<SourceHealth>,
    /// How large it was while it waited.
    bytes: usize,
}

impl Ended {
    /// The time from each search to the next.
    fn pauses(&self) -> Vec<Duration> {
        self.asked.windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect()
    }
}

/// A source with a state of its own, ten minutes after the start of what is wanted.
struct Stage {
    _folder: tempfile::TempDir,
    ledger: Arc<SqliteLedger>,
    start: Timestamp,
    clock: Arc<SimulatedClock>,
    health: Arc<SourceHealth>,
}

impl Stage {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state.db");
        let ledger = Arc::new(SqliteLedger::open(&state, "a test").await.expect("a new state"));
        let start = Timestamp::from_millis(1_768_000_000_000);
        let clock = Arc::new(SimulatedClock(Mutex::new(start.plus(10 * MINUTE))));
        let health = Arc::new(SourceHealth::new("Code42", clock.clone()));
        health.reach(SourceState::Authenticated);
        Self { _folder: folder, ledger, start, clock, health }
    }

    fn supervisor(
        &self,
        source: Box<dyn Source>,
        outlets: Vec<Outlet>,
        stop: Stop,
        retention: Duration,
    ) -> StreamSupervisor {
        let part = Part::Stream(Stream::FileEvents);
        let observers = Observers {
            part,
            health: self.health.clone(),
            meter: Arc::new(StreamMeter::new(Stream::FileEvents)),
            pulse: Arc::new(Pulse::new(part, retention, self.clock.now())),
        };
        let told: Arc<dyn Clock> = self.clock.clone();
        let collection = Collection {
            rules: Arc::default(),
            source,
            outlets,
            ledger: self.ledger.clone(),
            clock: self.clock.clone(),
            notify: observers.notify(&told, |_| ()),
            tap: None,
            stop,
            reach: Reach {
                start: self.start,
                earliest: None,
                look_back: MINUTE,
                second_pass: Duration::ZERO,
            },
            pace: Pace::new(1_000, 1, 1),
        };
        let schedule = Schedule { until: None, polling_interval: POLL, settle_time: Duration::ZERO };
        let place = Place { source: "Code42".to_owned(), stream: Stream::FileEvents };
        let (holder, nudge) = ("a test".to_owned(), Nudge::never());
        StreamSupervisor { place, holder, collection, schedule, nudge, observers }
    }
}

/// Supervises a stream whose vendor gives these answers one after the other, and then the stop.
async fn supervise(answers: impl IntoIterator<Item = Answer>) -> Ended {
    let stage = Stage::new().await;
    let (clock, health) = (stage.clock.clone(), stage.health.clone());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (end, stop) = stop_switch();
    let answers = Mutex::new(answers.into_iter().collect());
    let script = Script { answers, asked: asked.clone(), clock, health: health.clone(), end };
    let supervisor = stage.supervisor(Box::new(script), Vec::new(), stop, 90 * 24 * 60 * MINUTE);
    let supervision = supervisor.run();
    let bytes = std::mem::size_of_val(&supervision);
    let end = supervision.await;
    let asked = std::mem::take(&mut *asked.lock().expect("no panic under the lock"));
    Ended { end, asked, health, bytes }
}

// F51
#[tokio::test]
async fn credentials_that_worked_are_believed_to_be_wrong_after_three_refusals_over_a_minute() {
    let refusals = std::iter::repeat_n(Answer::Failed(SourceFault::InvalidClient), 10);
    let ended = supervise(std::iter::once(Answer::Good).chain(refusals)).await;
    assert!(matches!(&ended.end, StreamEnd::SourceFailed(trouble) if trouble.tracker == "InvalidClient"));
    assert_eq!(ended.asked.len(), 1 + 3, "nothing more is asked");
    assert!(ended.asked[3].at.since(ended.asked[1].at) >= MINUTE);
    assert!(ended.asked.iter().all(|asked| asked.open.is_empty()), "no alarm before it is certain");
    let open = ended.health.troubles();
    assert_eq!((open[0].error_type, ended.health.state()), (ErrorType::ThirdPartyConfig, SourceState::Error));
}

// F51
#[tokio::test]
async fn one_or_two_refusals_of_credentials_that_worked_are_not_enough() {
    for refusals in [1, 2] {
        let refusals = std::iter::repeat_n(Answer::Failed(SourceFault::InvalidClient), refusals);
        let good = [Answer::Good, Answer::Good];
        let ended = supervise(refusals.clone().chain(good).chain(refusals).chain(good)).await;
        assert_eq!(ended.end, StreamEnd::Stopped);
        assert!(trackers(&ended.health).is_empty());
        assert_eq!(ended.health.state(), SourceState::Collecting);
    }
}

// F51
#[tokio::test]
async fn tokens_that_are_refused_although_they_are_new_end_the_source_too() {
    let ended = supervise([Answer::Failed(SourceFault::Unauthorized); 5]).await;
    assert!(matches!(&ended.end, StreamEnd::SourceFailed(trouble) if trouble.tracker == "Unauthorized"));
    assert_eq!(ended.asked.len(), 3);
}

// F52
#[tokio::test]
async fn a_missing_permission_ends_the_stream_at_once() {
    let ended = supervise([Answer::Failed(SourceFault::Forbidden); 5]).await;
    assert!(matches!(&ended.end, StreamEnd::StreamFailed(trouble) if trouble.tracker == "Scope"));
    assert_eq!(ended.asked.len(), 1);
}

// F53
#[tokio::test]
async fn the_wait_that_the_vendor_asks_for_is_kept_and_reported_once_it_adds_up_to_a_minute() {
    let throttled = Answer::ComeBackAfter(SourceFault::RateLimited, Duration::from_secs(10));
    let ended = supervise(std::iter::repeat_n(throttled, 8).chain([Answer::Good, Answer::Good])).await;
    assert!(ended.pauses()[..8].iter().all(|pause| *pause == Duration::from_secs(10)));
    for asked in &ended.asked[..9] {
        let since = asked.at.since(ended.asked[0].at);
        let expected: &[&str] = if since >= MINUTE { &["RateLimited"] } else { &[] };
        assert_eq!(asked.open, expected, "after {since:?}");
    }
    assert!(ended.asked[9].open.is_empty(), "it closes by itself");
}

// F53
#[tokio::test]
async fn a_vendor_that_always_asks_to_come_back_at_once_is_never_asked_in_a_hot_loop() {
    for fault in [SourceFault::RateLimited, SourceFault::Upstream] {
        let ended = supervise([Answer::ComeBackAfter(fault, Duration::ZERO); 40]).await;
        assert!(ended.pauses().iter().all(|pause| *pause >= Duration::from_millis(50)));
        assert!(ended.asked[39].at.since(ended.asked[0].at) >= 10 * MINUTE);
    }
}

// F54, F55
#[tokio::test]
async fn a_drought_of_an_hour_is_backed_off_from_reported_and_over_with_the_first_success() {
    for (fault, tracker) in [(SourceFault::RateLimited, "RateLimited"), (SourceFault::Upstream, "Upstream")] {
        let drought = std::iter::repeat_n(Answer::Failed(fault), 130);
        let ended = supervise(drought.chain([Answer::Good, Answer::Good])).await;
        let pauses = &ended.pauses()[..130];
        assert!(pauses.iter().all(|pause| (Duration::from_millis(50)..=MINUTE).contains(pause)));
        assert!(pauses.iter().sum::<Duration>() >= 50 * MINUTE, "the waits grow");
        assert_eq!(ended.asked[130].open, [tracker]);
        assert!(ended.asked[131].open.is_empty());
        assert_eq!(ended.end, StreamEnd::Stopped);
    }
}

// F30, F32, F37, F39, F55
#[tokio::test]
async fn every_fault_of_the_service_is_retried_for_ever_and_over_with_the_first_success() {
    for (fault, tracker) in [
        (SourceFault::InvalidQuery, "InvalidQuery"),
        (SourceFault::ErrorIn200, "ErrorIn200"),
        (SourceFault::Upstream, "Upstream"),
        (SourceFault::Dns, "Dns"),
        (SourceFault::Tls, "Tls"),
        (SourceFault::Connect, "Connect"),
        (SourceFault::Proxy, "Proxy"),
        (SourceFault::Slow, "Slow"),
        (SourceFault::Timeout, "Timeout"),
        (SourceFault::TokenLoop, "TokenLoop"),
        (SourceFault::EmptyPages, "EmptyPages"),
        (SourceFault::BudgetUnavailable { tracker: "StorageFull" }, "StorageFull"),
    ] {
        let failures = std::iter::repeat_n(Answer::Failed(fault), 20);
        let ended = supervise(failures.chain([Answer::Good, Answer::Good])).await;
        assert_eq!((ended.end, ended.asked.len()), (StreamEnd::Stopped, 22), "{tracker}");
        assert!(ended.asked[1..21].iter().all(|asked| asked.open == [tracker]), "{tracker}");
        assert!(ended.asked[21].open.is_empty(), "{tracker}");
        assert_eq!(ended.health.state(), SourceState::Collecting);
    }
}

// F35
#[tokio::test]
async fn a_page_that_arrives_broken_is_reported_and_halved_after_every_third_time() {
    let ended = supervise([Answer::Failed(SourceFault::BadPayload); 8]).await;
    let sizes: Vec<_> = ended.asked.iter().map(|asked| asked.page_size).collect();
    assert_eq!(sizes, [1_000, 1_000, 1_000, 500, 500, 500, 250, 250]);
    let reported: Vec<_> = ended.asked.iter().map(|asked| !asked.open.is_empty()).collect();
    assert_eq!(reported, [false, false, false, true, true, true, true, true]);
}

#[tokio::test]
async fn a_stream_that_waits_for_its_next_poll_is_small() {
    let ended = supervise([Answer::Good]).await;
    assert!(ended.bytes <= 2_048, "{} bytes", ended.bytes);
}
