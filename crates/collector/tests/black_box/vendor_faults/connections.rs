//! The way to the vendor: names, connections, and answers that come too slowly or not at all.

use futures_util::future::join_all;
use incydr_simulator::{BreakKind, BreakPoint, Fault, FaultRule, GivenEvent, Target, TrickleStart};
use serde_json::json;

use super::{assert_healed, assert_never_ill, collect, outlive, searches, tenant_of};
use crate::health_log::{health_events, parsed};

/// Patience that a test can wait for.
const IMPATIENT: [&str; 4] = ["--request-timeout", "4s", "--stall-timeout", "2s"];

// F28
#[tokio::test]
async fn a_host_name_that_does_not_resolve_is_asked_for_again_until_the_stop() {
    let stage = tenant_of(1).await;
    let unknown = "https://incydr.invalid";
    stage.write_source(&["fileEvents"], json!({ "baseURL": unknown }));
    let mut running = collect(&stage).args(["--allow-base-url", unknown]).start();
    let opened = parsed(&running.hear("health event opened").await).expect("JSON");
    assert_eq!((&opened["event"], &opened["tracker"]), (&json!("ThirdPartyGenericError"), &json!("Dns")));
    running.signal("TERM").await;
    let ended = running.end().await;
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(health_events(&ended.log), ["opened ThirdPartyGenericError/Dns"]);
    assert!(stage.incydr.requests().is_empty());
}

// F30
#[tokio::test]
async fn a_vendor_that_is_down_for_a_while_is_found_again() {
    let stage = tenant_of(300).await;
    let mut running = collect(&stage).following().start();
    running.hear("window closed").await;
    stage.incydr.go_down().await;
    let opened = running.hear("health event opened").await;
    assert!(opened.contains("Connect"), "{opened}");
    let now = stage.incydr.clock().now();
    stage.incydr.add_events([GivenEvent::plain("while-down", now)], now);
    stage.incydr.come_up().await.expect("the port is free");
    running.hear("health event closed").await;
    stage.sumo.wait_for_messages(301).await;
    running.signal("TERM").await;
    let ended = running.end().await;
    assert!(ended.status.success());
    stage.assert_complete(0);
}

// F30
#[tokio::test]
async fn connections_that_break_in_any_way_at_any_point_cost_one_more_search() {
    use BreakKind::{Close, Garbage, HalfClose, Reset};
    use BreakPoint::{AfterHead, BeforeHead, Body};
    let fault = |at, how| Fault::Break { at, how };
    // What ends early without a word counts as a damaged page, which is reported only when it comes three times.
    let unreported = [
        (BeforeHead, Garbage),
        (AfterHead, Close),
        (AfterHead, HalfClose),
        (Body(5_000), Close),
        (Body(5_000), HalfClose),
    ];
    let reported = [
        (BeforeHead, Close),
        (BeforeHead, HalfClose),
        (BeforeHead, Reset),
        (AfterHead, Reset),
        (Body(5_000), Reset),
    ];
    let quiet = join_all(unreported.map(|(at, how)| outlive(fault(at, how), 1, &[])));
    let loud = join_all(reported.map(|(at, how)| outlive(fault(at, how), 1, &[])));
    let (quiet, loud) = tokio::join!(quiet, loud);
    quiet.iter().for_each(|log| assert_never_ill(log));
    loud.iter().for_each(|log| assert_healed(log, "Connect"));
}

// F31
#[tokio::test]
async fn an_answer_that_crawls_from_its_first_byte_is_given_up_as_slow() {
    let crawl = Fault::Trickle { from: TrickleStart::Head, bytes: 20, every_millis: 50 };
    assert_healed(&outlive(crawl, 1, &IMPATIENT).await, "Slow");
}

// F31. The bytes of a head show only when it is complete, so one that crawls without end looks like one that is late;
// and a vendor that searches for long may be late.
#[tokio::test]
async fn headers_that_never_end_are_given_up_at_the_deadline() {
    let crawl = Fault::Trickle { from: TrickleStart::Head, bytes: 1, every_millis: 400 };
    assert_healed(&outlive(crawl, 1, &IMPATIENT).await, "Timeout");
}

// F31
#[tokio::test]
async fn a_body_below_one_kilobyte_a_second_is_given_up_as_slow() {
    let crawl = Fault::Trickle { from: TrickleStart::Body, bytes: 20, every_millis: 50 };
    assert_healed(&outlive(crawl, 1, &IMPATIENT).await, "Slow");
}

// F31
#[tokio::test]
async fn a_slow_stream_does_not_hold_up_the_others() {
    let stage = tenant_of(300).await;
    stage.write_source(&["fileEvents", "auditLogs"], json!({}));
    let hang = Fault::Hang { at: BreakPoint::BeforeHead };
    let hung = stage.incydr.faults().add(FaultRule::always(Target::Audit, hang));
    let running = collect(&stage).following().start();
    stage.incydr.faults().wait_until_struck(hung, 1).await;
    let now = stage.incydr.clock().now();
    stage.incydr.add_events([GivenEvent::plain("meanwhile", now)], now);
    stage.sumo.wait_for_messages(301).await;
    assert_eq!(searches::requests_to(&stage, "audit"), 1);
    running.signal("TERM").await;
    assert!(running.end().await.status.success());
    stage.assert_complete(0);
}

// F32
#[tokio::test]
async fn an_answer_that_hangs_anywhere_times_out_and_is_asked_for_again() {
    let points = [BreakPoint::BeforeHead, BreakPoint::AfterHead, BreakPoint::Body(5_000)];
    let logs = join_all(points.map(|at| outlive(Fault::Hang { at }, 1, &IMPATIENT))).await;
    logs.iter().for_each(|log| assert_healed(log, "Timeout"));
}

// F32
#[tokio::test]
async fn a_connection_that_is_accepted_and_then_silent_times_out() {
    let stage = tenant_of(300).await;
    let hang = Fault::Hang { at: BreakPoint::BeforeHead };
    stage.incydr.faults().add(FaultRule::next(Target::Connection, 1, hang));
    let log = collect(&stage).args(IMPATIENT).succeed().await;
    stage.assert_complete(0);
    assert_healed(&log, "Timeout");
}
