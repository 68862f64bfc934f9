//! The error types of the specification's table: who must act, what the state shows, and how it ends.

use incydr_collector::hosting::{Change, HealthEvent, SourceId};
use incydr_core::health::ErrorType;
use incydr_core::health::SourceState::{Collecting, Error};
use incydr_simulator::{Fault, FaultRule, Target};

use crate::stage::Stage;

/// Waits until a source is in error because of `fault`, and well again when the fault is gone.
async fn fail_and_recover(stage: &Stage, target: Target, fault: Fault) -> (HealthEvent, Option<u16>) {
    stage.collect(stage.source(1)).await;
    let position = stage.chronicle.position(1);
    let rule = FaultRule::always(target, fault);
    let faults = if target == Target::Sumo { stage.sumo.faults() } else { stage.incydr.faults() };
    let rule = faults.add(rule);
    let record = stage.chronicle.reach(1, position, Error).await;
    let event = stage.chronicle.opened(1, position).await;
    faults.remove(rule);
    let position = stage.chronicle.position(1);
    assert_eq!(stage.chronicle.closed(1, position).await, event);
    stage.chronicle.reach(1, position, Collecting).await;
    (event, record.error.and_then(|error| error.error_code))
}

// Error type: ThirdPartyGeneric.
#[tokio::test]
async fn a_failing_vendor_is_retried_and_the_event_closes_with_the_first_success() {
    let stage = Stage::with_file_events(10).await;
    let (event, code) = fail_and_recover(&stage, Target::FileEvents, Fault::status(500)).await;
    assert_eq!(event.error_type, ErrorType::ThirdPartyGeneric);
    assert_eq!(
        (event.error_type.event_name(), event.tracker.as_str()),
        ("ThirdPartyGenericError", "Upstream")
    );
    assert_eq!((event.error_code, code), (Some(500), Some(500)));
}

// Error type: FirstPartyGeneric.
#[tokio::test]
async fn a_failing_destination_is_retried_and_the_event_closes_with_the_first_success() {
    let stage = Stage::with_file_events(0).await;
    let growing = async {
        loop {
            stage.incydr.add_burst(1, stage.incydr.clock().now());
            stage.pass_requests(1).await;
        }
    };
    let (event, code) = tokio::select! {
        failed = fail_and_recover(&stage, Target::Sumo, Fault::status(503)) => failed,
        () = growing => unreachable!("it goes on for ever"),
    };
    assert_eq!(event.error_type, ErrorType::FirstPartyGeneric);
    assert_eq!(
        (event.error_type.event_name(), event.tracker.as_str()),
        ("FirstPartyGenericError", "SinkUnreachable")
    );
    assert_eq!((event.error_code, code), (Some(503), Some(503)));
}

// Error type: ThirdPartyConfig, of one stream; F52.
#[tokio::test]
async fn a_missing_permission_ends_one_stream_and_an_update_brings_it_back() {
    let stage = Stage::with_file_events(10).await;
    let rule = stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(403)));
    let source = stage.source_with(1, &["fileEvents", "auditLogs"]);
    stage.fleet.start(source.clone());
    let event = stage.chronicle.opened(1, 0).await;
    assert_eq!((event.error_type, event.tracker.as_str()), (ErrorType::ThirdPartyConfig, "Scope"));
    let audits = stage.requests_to("audit");
    stage.pass_requests(20).await;
    assert!(stage.requests_to("audit") >= audits + 10, "the other stream goes on");
    assert_eq!(stage.requests_to("file-events"), 1);

    stage.incydr.faults().remove(rule);
    let position = stage.chronicle.position(1);
    stage.fleet.update(source);
    stage.chronicle.closed(1, position).await;
    stage.receive_all().await;
}

#[tokio::test]
async fn a_source_whose_every_stream_is_refused_asks_nothing_more() {
    let stage = Stage::with_file_events(10).await;
    stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::status(403)));
    stage.fleet.start(stage.source(1));
    stage.chronicle.reach(1, 0, Error).await;
    stage.collect(stage.source_with(2, &["auditLogs"])).await;
    stage.pass_requests(20).await;
    assert_eq!(stage.requests_to("file-events"), 1);
}

// Error type: ThirdPartyConfig, of the configuration itself.
#[tokio::test]
async fn labels_that_fit_no_header_are_a_wrong_configuration_and_an_update_mends_it() {
    let stage = Stage::with_file_events(10).await;
    let source = stage.source(1);
    let mut too_long = source.clone();
    let long = |letter: char, length: usize| letter.to_string().repeat(length);
    for letter in 'a'..='j' {
        too_long.config.fields.pairs.push((long(letter, 250), long('v', 200)));
        too_long.collector.fields.pairs.push((long(letter, 249), long('v', 200)));
    }
    stage.fleet.start(too_long);
    let event = stage.chronicle.opened(1, 0).await;
    assert_eq!((event.error_type, event.tracker.as_str()), (ErrorType::ThirdPartyConfig, "BadConfiguration"));
    assert!(stage.incydr.requests().is_empty());
    stage.fleet.update(source);
    stage.receive_all().await;
    assert_eq!(stage.chronicle.closed(1, 0).await, event);
}

#[tokio::test]
async fn a_vendor_that_fails_from_the_beginning_is_retried_for_ever() {
    let stage = Stage::with_file_events(10).await;
    let rule = stage.incydr.faults().add(FaultRule::always(Target::Oauth, Fault::status(503)));
    stage.fleet.start(stage.source(1));
    let event = stage.chronicle.opened(1, 0).await;
    assert_eq!(event.error_type, ErrorType::ThirdPartyGeneric);
    stage.incydr.faults().wait_until_struck(rule, 4).await;
    stage.incydr.faults().remove(rule);
    stage.receive_all().await;
    let opened = |change: &&Change| matches!(change, Change::HealthOpened(_));
    assert_eq!(stage.chronicle.of(1).iter().filter(opened).count(), 1, "one event for all attempts");
    stage.fleet.remove(SourceId(1)).await;
}
