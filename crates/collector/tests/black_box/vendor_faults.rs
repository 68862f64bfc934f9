//! The fault matrix at the vendor's side, F28 to F55: whatever Incydr or the way to it does, nothing is lost, nothing
//! arrives twice, the operator learns what is wrong, and it ends by itself where it can.
//!
//! Rules that take minutes are proven with simulated time, beside the supervisor and in `core`.

mod connections;
mod credentials;
mod lateness;
mod memory;
mod pages;
mod refusals;
mod searches;
mod tls;
mod walks;

use std::time::Duration;

use incydr_simulator::{Fault, FaultRule, GivenEvent, Moment, Target};

use crate::health_log::{assert_healed, assert_never_ill};
use crate::stage::{Collect, Stage};

/// A window of less than an hour is not counted first, so that the n-th search is for the n-th page.
const SINCE: &str = "50m";
/// All events of a test were inserted within this span before it.
const HISTORY: Duration = Duration::from_secs(30 * 60);
/// Events on a page.
const PAGE: u64 = 10_000;

/// A tenant with so many small events.
async fn tenant_of(events: u64) -> Stage {
    let stage = Stage::with_file_events(0).await;
    let now = stage.incydr.clock().now();
    stage.incydr.add_events(small_events(events, now), now);
    stage
}

/// Small events, evenly spread over the history that ends at `end`.
fn small_events(count: u64, end: Moment) -> impl Iterator<Item = GivenEvent> {
    let pause = HISTORY / u32::try_from(count).expect("a history of reasonable size");
    (1..=count).map(move |number| {
        let age = pause * u32::try_from(count + 1 - number).expect("not more than the history");
        GivenEvent::plain(&format!("event-{number:06}"), end.minus(age))
    })
}

/// A run over the whole history.
fn collect(stage: &Stage) -> Collect {
    stage.collect().since(SINCE).to_sumo()
}

/// The next `times` searches meet `fault`. Everything arrives once, and each failed search is made once more.
async fn outlive(fault: Fault, times: u64, args: &[&str]) -> Vec<String> {
    let stage = tenant_of(300).await;
    stage.incydr.faults().add(FaultRule::next(Target::FileEvents, times, fault));
    let log = collect(&stage).args(args.iter().copied()).succeed().await;
    stage.assert_complete(0);
    assert_eq!(searches::count(&stage), times + 1, "every failure is followed by one search");
    log
}
