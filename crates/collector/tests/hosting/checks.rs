//! A check of a source that takes too long.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use incydr_client::client::Connections;
use incydr_client::rate_limit::RateBudget;
use incydr_collector::assembly::client_of;
use incydr_collector::collect_plan::RequestPace;
use incydr_collector::source_check::{Finding, Found, SourceCheck, Tried};
use incydr_collector::system_clock::SystemClock;
use incydr_core::clock::Clock;
use incydr_core::stream::Stream;
use incydr_core::timestamp::Timestamp;
use incydr_simulator::{Fault, FaultRule, Target};
use tokio::sync::Notify;

use crate::stage::Stage;

/// Every wait lasts until it is told to end.
#[derive(Default)]
struct HeldClock(Notify);

#[async_trait]
impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn sleep(&self, _span: Duration) {
        self.0.notified().await;
    }
}

#[tokio::test]
async fn a_stream_that_is_not_answered_in_time_has_failed_and_what_worked_before_is_told() {
    let stage = Stage::with_file_events(5).await;
    let silent =
        stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::Delay { millis: 600_000 }));
    let config = stage.source(1).config;
    let long = Duration::from_secs(600);
    let per_minute = NonZeroU32::new(60_000).expect("a number");
    let pace = RequestPace { per_minute, request_timeout: long, stall_timeout: long };
    let budget = Arc::new(RateBudget::in_memory(per_minute.get()));
    let client = client_of(&config, pace, &Connections::default(), budget).expect("a client");
    let clock = HeldClock::default();
    let check = SourceCheck::new(&config, Arc::new(client), &clock, Duration::from_secs(30));
    let time_runs_out = async {
        stage.incydr.faults().wait_until_struck(silent, 1).await;
        clock.0.notify_waiters();
    };
    let (findings, ()) = tokio::join!(check.run(), time_runs_out);
    assert_eq!(findings[0], Finding { tried: Tried::Authentication, outcome: Ok(Found::Accepted) });
    assert_eq!((findings.len(), &findings[1].tried), (2, &Tried::Stream(Stream::FileEvents)));
    let trouble = findings[1].outcome.as_ref().expect_err("nobody answered");
    assert_eq!(
        (trouble.tracker, trouble.message.as_str()),
        ("Timeout", "reading a record: no answer in time")
    );
}
