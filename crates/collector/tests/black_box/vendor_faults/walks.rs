//! How pages lead to each other: empty, in circles, twice, out of order, or to nowhere.

use std::time::Duration;

use futures_util::future::join_all;
use incydr_core::checkpoint::Cursor;
use incydr_simulator::{BreakPoint, Fault, FaultRule, GivenEvent, PageTwist, Target};
use incydr_store::Inspection;
use tokio::time::timeout;

use super::{PAGE, assert_healed, assert_never_ill, collect, outlive, searches, tenant_of};
use crate::health_log::health_events;
use crate::stage::Stage;

/// Nothing that a test waits for takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

async fn twist(stage: &Stage, nth: u64, twist: PageTwist) -> Vec<String> {
    stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, nth, Fault::Page(twist)));
    let log = collect(stage).succeed().await;
    stage.assert_complete(0);
    log
}

fn duplicates(stage: &Stage) -> u64 {
    stage.summary()["totals"]["duplicates"].as_u64().expect("a number")
}

// F38
#[tokio::test]
async fn an_empty_page_that_promises_more_is_followed() {
    assert_never_ill(&outlive(Fault::Page(PageTwist::EmptyWithToken), 3, &[]).await);
}

// F38
#[tokio::test]
async fn after_a_hundred_empty_pages_in_a_row_the_promise_is_no_longer_believed() {
    let log = outlive(Fault::Page(PageTwist::EmptyWithToken), 102, &[]).await;
    assert_healed(&log, "EmptyPages");
}

// F39
#[tokio::test]
async fn a_circle_of_page_tokens_is_left_and_what_was_read_is_not_repeated() {
    let circles = [1_u16, 2, 3].map(|length| async move {
        let stage = tenant_of(4 * PAGE + 1).await;
        let cycle = PageTwist::TokenCycle { length: usize::from(length) };
        let log = twist(&stage, u64::from(length) + 1, cycle).await;
        assert_healed(&log, "TokenLoop");
    });
    join_all(circles).await;
}

// F40
#[tokio::test]
async fn events_that_stand_on_two_pages_are_delivered_once_and_counted() {
    let stage = tenant_of(2 * PAGE + 1).await;
    assert_never_ill(&twist(&stage, 2, PageTwist::Overlap { events: 100 }).await);
    assert!(duplicates(&stage) >= 100);
}

// F40; the page spans more time than the look-back, and leads where it led before.
#[tokio::test]
async fn a_whole_page_that_comes_twice_is_delivered_once() {
    let stage = tenant_of(2 * PAGE + 1).await;
    let again = PageTwist::Overlap { events: usize::try_from(PAGE).expect("small") };
    assert_healed(&twist(&stage, 2, again).await, "TokenLoop");
    assert!(duplicates(&stage) >= PAGE);
}

// F41
#[tokio::test]
async fn events_out_of_order_on_their_pages_all_arrive() {
    let stage = tenant_of(2 * PAGE + 1).await;
    for nth in [1, 2] {
        let shuffle = Fault::Page(PageTwist::Shuffle { seed: nth });
        let overlap = Fault::Page(PageTwist::Overlap { events: 500 });
        stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, nth, shuffle).and(overlap));
    }
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
}

async fn tenant_of_one_instant(events: u64) -> Stage {
    let stage = Stage::with_file_events(0).await;
    let now = stage.incydr.clock().now();
    let event = |number| GivenEvent::plain(&format!("burst-{number:06}"), now);
    stage.incydr.add_events((0..events).map(event), now);
    stage
}

// F43
#[tokio::test]
async fn twenty_five_thousand_events_of_one_instant_arrive_over_the_edges_of_their_pages() {
    let stage = tenant_of_one_instant(25_000).await;
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
    assert_eq!(searches::count(&stage), 3);
}

// F43 with F44
#[tokio::test]
async fn events_of_one_instant_arrive_also_when_their_walk_is_taken_up_by_time() {
    let stage = tenant_of_one_instant(25_000).await;
    stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, 3, Fault::InvalidPageToken));
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
}

// F44
#[tokio::test]
async fn a_page_token_that_is_no_longer_valid_is_replaced_by_the_time_of_the_last_event() {
    for nth in [2, 3] {
        let stage = tenant_of(2 * PAGE + 1).await;
        stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, nth, Fault::InvalidPageToken));
        assert_never_ill(&collect(&stage).succeed().await);
        stage.assert_complete(0);
        let tokens = searches::asked_for(&stage, "pgToken");
        let nth = usize::try_from(nth).expect("small");
        assert!(tokens[nth - 1] != "" && tokens[nth] == "", "{tokens:?}");
    }
}

// F44
#[tokio::test]
async fn a_page_token_that_has_expired_between_two_runs_is_replaced_too() {
    let stage = tenant_of(2 * PAGE + 1).await;
    let hang = Fault::Hang { at: BreakPoint::BeforeHead };
    let hung = stage.incydr.faults().add(FaultRule::nth(Target::FileEvents, 2, hang));
    let running = collect(&stage).start();
    stage.incydr.faults().wait_until_struck(hung, 1).await;
    stage.sumo.wait_for_messages(PAGE).await;
    timeout(PATIENCE, until_a_token_is_committed(&stage)).await.expect("the first page is committed");
    running.signal("TERM").await;
    assert!(running.end().await.status.success());

    stage.incydr.faults().clear();
    let expired = FaultRule::next(Target::FileEvents, 1, Fault::InvalidPageToken);
    stage.incydr.faults().add(expired);
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
    let tokens = searches::asked_for(&stage, "pgToken");
    assert!(tokens[2] != "" && tokens[3] == "", "{tokens:?}");
}

async fn until_a_token_is_committed(stage: &Stage) {
    let inspection = Inspection::of(&stage.path("state.db"));
    loop {
        let places = inspection.places().await.expect("readable");
        let ranges = places.iter().flat_map(|place| &place.checkpoint.ranges);
        if ranges.into_iter().any(|range| matches!(range.cursor, Cursor::Token(_))) {
            return;
        }
    }
}

// F49
#[tokio::test]
async fn events_that_the_count_knows_but_the_page_lacks_are_found_by_walking_again() {
    let stage = tenant_of(300).await;
    assert_never_ill(&twist(&stage, 1, PageTwist::Omit { events: 3 }).await);
    assert_eq!(searches::count(&stage), 2);
}

// F49
#[tokio::test]
async fn a_count_that_stays_wrong_is_reported_after_one_more_walk_until_the_next_pass_proves_it() {
    let stage = tenant_of(300).await;
    let wrong = Fault::Page(PageTwist::TotalCount { by: 5 });
    stage.incydr.faults().add(FaultRule::next(Target::FileEvents, 2, wrong));
    let mut running = collect(&stage).following().start();
    running.hear("health event opened").await;
    running.hear("health event closed").await;
    running.signal("TERM").await;
    let ended = running.end().await;
    assert!(ended.status.success());
    let event = "ThirdPartyGenericError/CountMismatch";
    assert_eq!(health_events(&ended.log), [format!("opened {event}"), format!("closed {event}")]);
    stage.assert_complete(0);
}
