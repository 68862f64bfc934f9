//! Too many requests, and a service that fails.

use std::time::Duration;

use futures_util::future::join_all;
use incydr_simulator::{CannedAnswer, Fault, FaultRule, Target, When};

use super::{PAGE, assert_healed, assert_never_ill, collect, outlive, searches, tenant_of};
use crate::health_log::{health_events, parsed};

/// The moment at which the vendor says that it answers, where a test needs to know it.
const ANSWERED: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

/// Too many requests until `date`.
fn throttle_until(date: &str) -> Fault {
    let headers = [("date", ANSWERED), ("retry-after", date)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Fault::Answer(CannedAnswer { status: 429, headers, body: String::new() })
}

async fn come_back_after(throttled: Fault, wait: Duration) {
    let stage = tenant_of(300).await;
    stage.incydr.faults().add(FaultRule::next(Target::FileEvents, 1, throttled.clone()));
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
    let pauses = searches::pauses(&stage);
    assert!(pauses.len() == 1 && pauses[0] >= wait, "{throttled:?}: {pauses:?}");
}

// F53
#[tokio::test]
async fn the_vendor_is_asked_again_after_the_wait_it_asks_for_whatever_it_writes() {
    let waits = [("0", 0), ("1", 1), ("2", 2), ("-5", 0), ("soon", 0), ("", 0)];
    let texts = waits.map(|(text, seconds)| (Fault::throttle(text), seconds));
    let dates = [("Sun, 06 Nov 1994 08:49:39 GMT", 2), ("Sun, 06 Nov 1994 08:00:00 GMT", 0)]
        .map(|(date, seconds)| (throttle_until(date), seconds));
    let all = texts.into_iter().chain(dates);
    join_all(all.map(|(fault, seconds)| come_back_after(fault, Duration::from_secs(seconds)))).await;
}

// F53
#[tokio::test]
async fn a_wait_of_a_day_is_reported_at_once_and_ends_with_the_stop() {
    let stage = tenant_of(300).await;
    stage.incydr.faults().add(FaultRule::always(Target::FileEvents, Fault::throttle("86400")));
    let mut running = collect(&stage).start();
    let opened = parsed(&running.hear("health event opened").await).expect("JSON");
    assert_eq!((&opened["tracker"], &opened["error_code"]), (&"RateLimited".into(), &429.into()));
    running.signal("TERM").await;
    assert!(running.end().await.status.success());
    assert_eq!(searches::count(&stage), 1);
}

// F53
#[tokio::test]
async fn a_vendor_that_always_says_at_once_is_not_asked_in_a_hot_loop() {
    let stage = tenant_of(300).await;
    stage.incydr.faults().add(FaultRule::next(Target::FileEvents, 4, Fault::throttle("0")));
    assert_never_ill(&collect(&stage).succeed().await);
    stage.assert_complete(0);
    let pauses = searches::pauses(&stage);
    assert!(pauses.iter().all(|pause| *pause >= Duration::from_millis(50)), "{pauses:?}");
}

// F54; longer droughts are simulated beside the supervisor, the halved budget in the client.
#[tokio::test]
async fn too_many_requests_without_a_word_are_backed_off_from() {
    assert_never_ill(&outlive(Fault::status(429), 3, &[]).await);
}

// F55
#[tokio::test]
async fn a_service_that_fails_is_asked_again_until_it_answers() {
    let statuses = [500, 502, 503, 504];
    let logs = join_all(statuses.map(|status| outlive(Fault::status(status), 2, &[]))).await;
    logs.iter().for_each(|log| assert_healed(log, "Upstream"));
}

// F55
#[tokio::test]
async fn a_service_that_fails_while_it_proves_the_credentials_is_asked_again() {
    let stage = tenant_of(300).await;
    stage.incydr.faults().add(FaultRule::next(Target::Oauth, 2, Fault::status(503)));
    let log = collect(&stage).succeed().await;
    stage.assert_complete(0);
    assert_healed(&log, "Upstream");
    assert_eq!(searches::requests_to(&stage, "oauth"), 3);
}

// F55
#[tokio::test]
async fn a_service_that_fails_three_times_in_ten_still_gives_everything() {
    let stage = tenant_of(4 * PAGE + 1).await;
    let fails = FaultRule::always(Target::Any, Fault::status(503)).when(When::by_chance(0.3, 11));
    stage.incydr.faults().add(fails);
    let log = collect(&stage).succeed().await;
    stage.assert_complete(0);
    let events = health_events(&log);
    assert!(events.last().is_none_or(|last| last == "closed ThirdPartyGenericError/Upstream"), "{events:?}");
}
