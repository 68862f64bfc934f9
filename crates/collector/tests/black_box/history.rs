//! A long history is walked in several stretches at once, and what was walked stays walked.

use std::time::Duration;

use incydr_simulator::{
    BreakPoint, DataOptions, Fault, FaultRule, IncydrOptions, PageTwist, SumoOptions, Target, When,
};

use crate::stage::{Stage, tenant_with};

const EVENTS: u64 = 2_500;
const RANGES: u64 = 5;

#[tokio::test]
async fn a_backfill_of_days_is_split_and_goes_on_after_a_restart_with_what_is_left() {
    let tenant = tenant_with(EVENTS);
    let period = Duration::from_secs(4 * 24 * 3_600);
    let data = DataOptions { period, ..tenant.data.clone() };
    let stage = Stage::new(IncydrOptions { data, ..tenant }, SumoOptions::default()).await;
    // The count before the walk is made large enough for five stretches of eight full pages each.
    let many = Fault::Page(PageTwist::TotalCount { by: 400_000 });
    stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, 1, many));
    let stuck = When { from: Some(4), ..When::default() };
    let hang = Fault::Hang { at: BreakPoint::BeforeHead };
    let stuck = stage.incydr.faults().add(FaultRule::always(Target::FileEvents, hang).when(stuck));

    let mut running = stage.collect().since("5d").to_sumo().args(["--log-level", "debug"]).start();
    let opened = running.hear("window opened").await;
    assert!(
        opened.contains(&format!("\"ranges\":{RANGES}")) && opened.contains("\"resumed\":false"),
        "{opened}"
    );
    stage.incydr.faults().wait_until_struck(stuck, RANGES - 2).await;
    stage.sumo.wait_for_messages(1).await;
    running.signal("TERM").await;
    assert!(running.end().await.status.success());
    let walked = stage.place().await.checkpoint;
    let closed = walked.ranges.iter().filter(|range| range.closed).count();
    assert!(closed >= 1, "{walked:?}");

    stage.incydr.faults().clear();
    let asked = stage.incydr.traffic().endpoints["file-events"].requests;
    let log = stage.collect().to_sumo().args(["--log-level", "debug"]).succeed().await;
    let resumed = log.iter().find(|line| line.contains("window opened")).expect("a window");
    assert!(resumed.contains("\"resumed\":true"), "{resumed}");
    stage.assert_complete(0);
    let left = RANGES - u64::try_from(closed).expect("small");
    let asked = stage.incydr.traffic().endpoints["file-events"].requests - asked;
    // The end of the second run lies later, so that one short window follows.
    assert!((left..=left + 2).contains(&asked), "{asked} requests for {left} stretches");
}
